// One stream of work on a device. Place in the whole: the engine's DeviceQueue for streams on cuda:N, and what kernels are launched on.
// One thread at a time uses a queue; memory may be given back by any.
#pragma once
#include <array>

#include "cuda/runtime/staging.h"

namespace sinter::cuda {

class Queue final : public DeviceQueue {
 public:
  explicit Queue(Device& device);
  ~Queue() override;

  Device& device() { return device_; }
  CUstream stream() const { return stream_; }

  DeviceMemory& memory() override { return device_.memory(); }
  DeviceBlock allocate(size_t bytes) override;
  void adopt(const DeviceBlock& block) override { device_.memory().share(block, stream_); }
  void upload(void* to, const void* from, size_t bytes) override;
  void download(void* to, const void* from, size_t bytes) override;
  // What the source's queues are given later comes after it. Directly where the devices reach each other, else by way of the host.
  void fetch(void* to, DeviceMemory& memory, const void* from, size_t bytes) override;
  void wait() override;
  std::unique_ptr<DeviceGraph> record() override;
  Mapped mapped(size_t bytes) override;

  // On the device, in the queue's order.
  void copy(void* to, const void* from, size_t bytes);
  void fill(void* to, uint8_t value, size_t bytes);

  void launch(const Kernel& kernel, const Shape& shape, void** arguments, const uint32_t* sizes, uint32_t count);
  int resident_blocks(const Kernel& kernel, uint32_t threads, uint32_t dynamic_shared);

  // How often the process has waited to read from a device.
  static uint64_t reads();

  bool recording() const { return recording_ != nullptr; }
  // Throws Error where a graph is being recorded: `doing` waits, or may.
  void not_while_recording(const char* doing);

 private:
  friend class Graph;

  // What uploads go through while a graph is recorded: page-locked memory that lives as long as the graph.
  struct Recording {
    Memory::Pool* pool;
    std::vector<Pinned>* uploads;
    size_t used;  // of the last of `uploads`
  };
  static constexpr size_t kRecordedChunk = 64 << 10;

  char* recorded_room(size_t bytes);
  void check(CUresult status, const char* doing);
  [[noreturn]] void launch_failed(CUresult status, const Function& function, const Shape& shape);

  Device& device_;
  CUstream stream_ = nullptr;
  Memory::Pool* pool_ = nullptr;
  Staging staging_;
  std::vector<Pinned> mapped_;
  Recording* recording_ = nullptr;
  // The last launches, for the message of an error that shows up later.
  std::array<const char*, 4> launched_{};
  size_t launches_ = 0;
  const bool poison_;  // SINTER_DEBUG: blocks are filled with NaN when they come
};

}  // namespace sinter::cuda
