// Executes command words. Place in the whole: called by the stream, on whichever thread executes it at the moment.
//
// Words are doubles, so ids, sizes up to 2^53 and attributes share one buffer. An operator's command is
//   opcode, nOut, nIn, nAttr, (id, dtype, rank, dims...) a result, (id or 0 = absent) an operand, attributes...
// and an engine command (backend.h) is opcode, number of words that follow, those words.
#pragma once
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/backend.h"
#include "engine/late.h"
#include "engine/profile.h"
#include "engine/recorded.h"
#include "engine/slots.h"

namespace sinter {

inline uint32_t word_id(double word) { return static_cast<uint32_t>(word); }

class Decoder {
 public:
  explicit Decoder(const Backend& backend);  // throws Error when the backend's device does not open
  ~Decoder();

  // Executes all commands of words[0, n). Never throws: failures poison results.
  void execute(const double* words, size_t n);

  // Takes over what bind commands in words[0, n) hand over, and executes nothing: for a stream that closes.
  void discard(const double* words, size_t n);

  // Whether results are somewhere that a read waits for.
  bool on_device() const { return queue_ != nullptr; }
  // Waits until the device has done what was executed; nothing to wait for on the host.
  void wait();
  // Copies a tensor, cast to `dtype`, into `target` (room for its numel). Returns null, or the error that poisons it (retained).
  ErrorInfo* read(uint32_t id, DType dtype, void* target, size_t target_bytes);
  // Publishes a contiguous tensor under a key for all environments (shared.h). Returns null, or an error (retained).
  ErrorInfo* share(uint32_t id, const std::string& key);

  // What was recorded while profiled; only while the stream is idle.
  std::vector<double> take_profile() { return profile_.take(); }

  // Errors that no read has reported since the last call, each retained.
  std::vector<ErrorInfo*> take_unobserved();

 private:
  size_t execute_op(const double* w);
  size_t execute_profiled(const double* w);
  void mark(const double* w);
  void run_kernel(int opcode, const OpInfo& info, Call& call, TensorRef* in, uint32_t origin, const Late& late,
                  bool takes_late);
  bool needs_stand_in(const OpInfo& info, int i, bool guarded) const;
  bool can_stand_in(const OpInfo& info, int nin) const;
  void view(const double* w);
  void bind(const double* w);
  void skip(const double* w);
  void less(const double* w);
  void graph(const double* w);
  void end_graph(Recorded& recorded);
  void drop_graph(uint32_t id);
  void settle_reports();
  Reports* reports();
  const Slot* scalar_slot(uint32_t id);
  float read_scalar(const Slot& slot, uint32_t id);
  bool left_out();
  void drop_condition();
  Storage* create(size_t bytes);
  Storage* here(Storage* storage);
  void depend(int nout, int nin, const OpInfo& info, const std::vector<Report*>& reports);
  void synchronize();
  ErrorInfo* new_error(const Error& error, const char* op, uint32_t origin);

  static constexpr int kStandIns = 16;  // of one command

  const Backend& backend_;
  std::unique_ptr<DeviceQueue> queue_;  // null: host memory
  std::unique_ptr<Reports> reports_;
  std::unordered_map<uint32_t, std::unique_ptr<Recorded>> graphs_;
  Recorded* recording_ = nullptr;                        // of graphs_
  std::vector<std::unique_ptr<Reports>> spare_reports_;  // of graphs that are gone
  SlotTable slots_;
  std::vector<TensorRef> in_, out_;
  std::vector<Slot*> in_slots_, out_slots_;
  Profile profile_;
  bool profiling_ = false;
  bool skipping_ = false;  // commands without results do not run,
  Slot condition_;         // or, with a storage, do not if the device's flag, of which this is a copy, is not zero
  struct Less {
    int attribute;
    uint32_t by;
  };
  std::vector<Less> less_;  // of the next operator's attributes
  std::vector<double> attributes_;
  std::mutex errors_mutex_;
  std::vector<ErrorInfo*> errors_;
};

}  // namespace sinter
