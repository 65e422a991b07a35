// Reference-counted bytes. Place in the whole: slots (tensors and views) hold storages; nothing above the engine sees them.
#pragma once
#include <atomic>
#include <vector>

#include "engine/allocator.h"
#include "engine/device.h"
#include "engine/error.h"
#include "engine/report.h"

namespace sinter {

class Storage {
 public:
  static Storage* create(size_t bytes);                      // throws out_of_memory
  static Storage* create(size_t bytes, DeviceQueue& queue);  // on its device; throws
  static Storage* poisoned(ErrorInfo* error);                // no bytes; retains the error
  static Storage* map_file(const char* path, size_t* size);  // private (copy-on-write) mapping; throws

  Storage* retain() {
    refs_.fetch_add(1, std::memory_order_relaxed);
    return this;
  }
  void release() {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }
  char* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  // Where the bytes are; null: in host memory.
  DeviceMemory* memory() const { return memory_; }
  const DeviceBlock& device_block() const { return device_block_; }
  ErrorInfo* error() {
    if (!pending_.empty()) settle();
    return error_;
  }
  void poison(ErrorInfo* error) {
    if (!error_) error_ = error->retain();
  }

  // Reports (report.h) that may yet poison it. Only the thread that executes its stream's commands asks.
  const std::vector<Report*>& pending() const { return pending_; }
  void await(Report* report);

 private:
  Storage() = default;
  ~Storage() = default;
  void destroy();
  void settle();

  std::atomic<int32_t> refs_{1};
  bool mapped_ = false;
  char* data_ = nullptr;
  size_t bytes_ = 0;
  Allocator::Block block_;
  DeviceMemory* memory_ = nullptr;
  DeviceBlock device_block_;
  ErrorInfo* error_ = nullptr;
  std::vector<Report*> pending_;
};

}  // namespace sinter
