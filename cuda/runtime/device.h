// One CUDA device of this process. Place in the whole: holds what its queues share: the primary context (which other libraries in the
// process use as well), the memory, the loaded modules; and knows whether the device still answers.
//
// A fault on the device (an illegal address, a lost bus) makes its context useless until the process ends: CUDA offers no way back.
// The first such error is kept, and everything after it throws device_lost with the same words, without calling the driver again.
#pragma once
#include <atomic>
#include <mutex>
#include <string>

#include "cuda/runtime/device_info.h"
#include "cuda/runtime/driver.h"
#include "cuda/runtime/memory.h"
#include "cuda/runtime/module.h"
#include "engine/error.h"

namespace sinter::cuda {

class Device {
 public:
  // Opened on first use, at most once a process; never closed. Throws Error{unsupported} with the reason (probe.h), or what it died of.
  static Device& open(int ordinal);
  // The device if somebody opened it, else null.
  static Device* opened(int ordinal);

  const DeviceInfo& info() const { return info_; }
  CUcontext context() const { return context_; }
  Memory& memory() { return memory_; }
  Modules& modules() { return modules_; }

  // Makes the context the calling thread's. Throws device_lost. Asks the driver, which keeps it a thread, each time: other libraries
  // set theirs.
  void make_current();
  bool lost() const { return lost_.load(std::memory_order_acquire); }

  void check(CUresult status, const char* doing) {
    if (status != CUresult::success) [[unlikely]]
      raise(status, doing);
  }
  // Throws: out_of_memory, device_lost, or internal.
  [[noreturn]] void raise(CUresult status, const std::string& doing);

  // Lets kernels and copies of this device reach the other's memory directly, where the two can.
  void enable_peer(Device& other);

 private:
  explicit Device(int ordinal);
  [[noreturn]] void raise_lost();

  DeviceInfo info_;
  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  std::atomic<bool> lost_{false};
  std::mutex mutex_;  // of what follows
  std::string lost_by_;
  std::array<bool, kMaxDevices> peers_{};
  Memory memory_;
  Modules modules_;
};

// A device as device('...') names it: "cuda:0".
std::string device_name(int ordinal);

}  // namespace sinter::cuda
