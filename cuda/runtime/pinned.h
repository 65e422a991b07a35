// Page-locked host memory. Place in the whole: what the device copies from and to in its own time (staging.h, graph.h), and what both
// sides see (Queue::mapped). Taking 64 KB costs about a millisecond, so it is taken seldom and kept.
#pragma once
#include <utility>

#include "cuda/runtime/device.h"

namespace sinter::cuda {

class Pinned {
 public:
  Pinned() = default;
  Pinned(Device& device, size_t bytes) {
    device.make_current();
    device.check(driver().host_allocate(&data_, bytes, kHostAllocPortable | kHostAllocDeviceMap),
                 "taking page-locked memory");
  }
  Pinned(Pinned&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Pinned& operator=(Pinned&& other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~Pinned() {
    if (data_) driver().host_free(data_);
  }
  char* data() const { return static_cast<char*>(data_); }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  void* data_ = nullptr;
};

}  // namespace sinter::cuda
