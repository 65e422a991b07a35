// What using a vendor's library takes beside its own interface: handles, a word to the user. Place in the whole: what cublaslt.cpp and
// cudnn.cpp share.
#pragma once
#include <array>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// One handle a device, which its threads share. Under a mutex of the owner's.
template <class Handle, class Status>
class Handles {
 public:
  // The device's handle; null where the library could not make one, which is not tried again.
  template <class Library>
  Handle of(const Library& library, int device, Status* why) {
    const auto i = static_cast<size_t>(device);
    if (!handles_[i] && status_[i] == Status::success) status_[i] = library.create(&handles_[i]);
    *why = status_[i];
    return status_[i] == Status::success ? handles_[i] : nullptr;
  }

 private:
  std::array<Handle, kMaxDevices> handles_{};
  std::array<Status, kMaxDevices> status_{};
};

// To standard error, the first time only.
class SaysOnce {
 public:
  void operator()(const std::string& what) {
    std::call_once(said_, [&] { std::fprintf(stderr, "sinter: %s\n", what.c_str()); });
  }

 private:
  std::once_flag said_;
};

}  // namespace sinter::cuda
