// A device's memory, cached. Place in the whole: tensors and scratch memory of every queue on the device come from here.
//
// cuMemAlloc costs 30 to 100 us and cuMemFree waits for the device, so segments are taken from the driver and kept: 2 MB for blocks up
// to 1 MB, 32 MB or more for larger ones. Blocks are cut from them best-fit and joined with free neighbours when they return.
//
// A pool belongs to one stream. Its blocks are reused at once, since what the stream was given before runs first. What another stream
// also uses has to be named (share): when it is given back, the pool's stream waits for the others before the block is used again.
//
// Under SINTER_DEBUG=guard nothing is cached: every block is an allocation of the driver's, of exactly its bytes, and is given back to it
// when it is freed, for which its stream is waited for. So compute-sanitizer, and the checker of cuda/sim, know each tensor's bounds.
#pragma once
#include <atomic>
#include <mutex>
#include <set>
#include <unordered_set>
#include <vector>

#include "cuda/runtime/abi.h"
#include "engine/allocator.h"
#include "engine/device.h"

namespace sinter::cuda {

class Device;

class Memory final : public DeviceMemory {
 public:
  class Pool;

  explicit Memory(Device& device);
  Device& device() { return device_; }

  // A pool for work on `stream`; what closed pools left behind comes into it.
  Pool* open_pool(CUstream stream);
  // One that keeps its memory until it is closed: addresses in it have been recorded.
  Pool* open_keeping_pool(CUstream stream);
  // Moves all that the pool has, and what will be given back to it, into another one of the same stream; null: to whoever opens the next.
  // The stream has been waited for.
  void close_pool(Pool* pool, Pool* heir);
  // While a stream records a graph it can neither be waited for nor be made to wait.
  void begin_capture(CUstream stream);
  void end_capture(CUstream stream);

  // Throws Error: out_of_memory when the limit is reached or the device has no more, even after unused segments were given back;
  // device_lost. bytes > 0; 512-byte aligned.
  DeviceBlock allocate(Pool& pool, size_t bytes);
  void free(const DeviceBlock& block) noexcept override;
  // Work on `stream` uses the block, which may be another's.
  void share(const DeviceBlock& block, CUstream stream);
  bool is_of(const DeviceBlock& block, const Pool* pool);

  // Makes work that `stream` of another device is given from now on wait for all that streams of this device have been given, or
  // (`they_wait`) the other way round. The contexts of both are used.
  void order(Device& other, CUstream stream, bool they_wait);

  MemoryStats stats();
  void reset_peak();
  void set_limit(uint64_t bytes);  // 0: the device's memory
  uint64_t empty_cache();  // gives unused segments back, for which it waits; returns their bytes. Throws device_lost

 private:
  struct Block;
  struct BySize {
    bool operator()(const Block* a, const Block* b) const;
  };

  Block* take(Pool& pool, bool small, size_t size);
  Block* cut(Block* block, size_t size);
  Block* grow(Pool& pool, bool small, size_t size);
  Block* add_segment(Pool& pool, bool small, size_t bytes);
  void release(Block* whole);
  void release_from(Pool& pool);
  uint64_t release_free_segments();
  void put_back(Block* block) noexcept;
  void release_guarded(Block* block) noexcept;
  void wait_for_others(Pool& pool) noexcept;
  void merge(Pool& from, Pool& into);
  std::vector<CUstream> streams() const;
  bool captures(CUstream stream) const;
  [[noreturn]] void exhausted(size_t bytes, bool at_limit);

  Device& device_;
  const bool guard_;
  std::mutex mutex_;
  std::unordered_set<Pool*> pools_;
  Pool* const idle_;                  // what closed pools had
  std::vector<CUevent> idle_events_;  // what the next owner of `idle_` has to wait for
  std::vector<CUstream> capturing_;
  std::vector<Block*> deferred_;  // shared blocks given back while some stream records
  uint64_t live_ = 0, cached_ = 0, peak_ = 0, reserved_ = 0, limit_ = 0, allocations_ = 0, live_blocks_ = 0;
};

}  // namespace sinter::cuda
