#include "cuda/runtime/device.h"

#include <memory>

#include "cuda/runtime/probe.h"

namespace sinter::cuda {

namespace {

// After these the context is of no more use (CUDA Driver API, CUresult).
bool sticky(CUresult status) {
  switch (status) {
    case CUresult::deinitialized:
    case CUresult::device_unavailable:
    case CUresult::ecc_uncorrectable:
    case CUresult::nvlink_uncorrectable:
    case CUresult::contained:
    case CUresult::illegal_address:
    case CUresult::launch_timeout:
    case CUresult::context_is_destroyed:
    case CUresult::assertion:
    case CUresult::hardware_stack_error:
    case CUresult::illegal_instruction:
    case CUresult::misaligned_address:
    case CUresult::invalid_address_space:
    case CUresult::invalid_pc:
    case CUresult::launch_failed:
    case CUresult::tensor_memory_leak:
    case CUresult::mps_client_terminated:
    case CUresult::external_device:
    case CUresult::unknown: return true;
    default: return false;
  }
}

std::mutex opening;
std::atomic<Device*> devices[kMaxDevices];

}  // namespace

std::string device_name(int ordinal) { return "cuda:" + std::to_string(ordinal); }

Device* Device::opened(int ordinal) {
  return ordinal >= 0 && ordinal < kMaxDevices ? devices[ordinal].load(std::memory_order_acquire) : nullptr;
}

Device& Device::open(int ordinal) {
  if (Device* d = opened(ordinal)) return *d;
  const Probe& found = probe();
  if (found.devices == 0)
    fail(ErrorCode::unsupported, "%s is not available: %s", device_name(ordinal).c_str(), found.reason.c_str());
  if (ordinal < 0 || ordinal >= found.devices)
    fail(ErrorCode::unsupported, "%s is not available: devices are cuda:0 to cuda:%d", device_name(ordinal).c_str(),
         found.devices - 1);
  std::lock_guard lock(opening);
  if (Device* d = opened(ordinal)) return *d;
  auto* d = new Device(ordinal);  // leaked: storages may be released after all else
  devices[ordinal].store(d, std::memory_order_release);
  return *d;
}

Device::Device(int ordinal) : memory_(*this), modules_(*this) {
  info_.ordinal = ordinal;
  const Driver& f = driver();
  check(f.device_get(&device_, ordinal), "finding the device");
  const auto attribute = [&](DeviceAttribute a) {
    int value = 0;
    check(f.device_attribute(&value, a, device_), "reading the device's attributes");
    return value;
  };
  info_.major = attribute(DeviceAttribute::capability_major);
  info_.minor = attribute(DeviceAttribute::capability_minor);
  if (info_.capability() < kOldestCapability)
    fail(ErrorCode::unsupported, "%s is of compute capability %d.%d; 8.0 (Ampere) or newer is needed",
         device_name(ordinal).c_str(), info_.major, info_.minor);
  char name[256] = "";
  check(f.device_name(name, sizeof name, device_), "reading the device's name");
  info_.name = name;
  info_.multiprocessors = attribute(DeviceAttribute::multiprocessors);
  info_.threads_per_multiprocessor = attribute(DeviceAttribute::threads_per_multiprocessor);
  info_.registers_per_multiprocessor = attribute(DeviceAttribute::registers_per_multiprocessor);
  info_.shared_per_multiprocessor = static_cast<size_t>(attribute(DeviceAttribute::shared_per_multiprocessor));
  info_.shared_per_block = static_cast<size_t>(attribute(DeviceAttribute::shared_per_block_optin));
  info_.l2_bytes = static_cast<size_t>(attribute(DeviceAttribute::l2_size));
  info_.clock_khz = attribute(DeviceAttribute::clock_rate);
  info_.memory_clock_khz = attribute(DeviceAttribute::memory_clock_rate);
  info_.memory_bus_bits = attribute(DeviceAttribute::memory_bus_width);
  check(f.device_memory(&info_.memory_bytes, device_), "reading the device's memory");
  check(f.driver_version(&info_.driver_version), "reading the driver's version");
  check(f.primary_context_retain(&context_, device_), "creating the context");
  memory_.set_limit(0);
}

void Device::make_current() {
  if (lost()) raise_lost();
  const Driver& f = driver();
  CUcontext current = nullptr;
  if (f.context_get_current(&current) == CUresult::success && current == context_) return;
  check(f.context_set_current(context_), "using the context");
}

void Device::raise_lost() {
  std::lock_guard lock(mutex_);
  fail(ErrorCode::device_lost, "%s is lost: %s; start the process again to use it", device_name(info_.ordinal).c_str(),
       lost_by_.c_str());
}

void Device::raise(CUresult status, const std::string& doing) {
  const std::string said = doing + ": " + describe(status);
  if (sticky(status)) {
    {
      std::lock_guard lock(mutex_);
      if (!lost()) lost_by_ = said;
      lost_.store(true, std::memory_order_release);
    }
    raise_lost();
  }
  fail(status == CUresult::out_of_memory ? ErrorCode::out_of_memory : ErrorCode::internal, "%s: %s",
       device_name(info_.ordinal).c_str(), said.c_str());
}

void Device::enable_peer(Device& other) {
  {
    std::lock_guard lock(mutex_);
    bool& tried = peers_[static_cast<size_t>(other.info_.ordinal)];
    if (tried) return;
    tried = true;
  }
  make_current();
  const Driver& f = driver();
  int can = 0;
  check(f.device_can_access_peer(&can, device_, other.device_), "asking for access to another device");
  // Refused, or too many of them: copies between the two then go through the host, which the driver sees to.
  if (can) f.context_enable_peer(other.context_, 0);
}

}  // namespace sinter::cuda
