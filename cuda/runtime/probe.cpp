#include "probe.h"

#include <dlfcn.h>

#include <cstdlib>

namespace sinter::cuda {

// The three driver-API functions used here have had this C ABI since CUDA 2.2 (CUDA Driver API reference).
using Init = int (*)(unsigned);
using DriverGetVersion = int (*)(int*);
using DeviceGetCount = int (*)(int*);

Probe probe() {
  const char* override = std::getenv("SINTER_CUDA_DRIVER");
  const char* library = override && *override ? override : "libcuda.so.1";
  void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return {0, std::string("no CUDA driver: ") + library + " could not be loaded"};
  const auto init = reinterpret_cast<Init>(dlsym(handle, "cuInit"));
  const auto version = reinterpret_cast<DriverGetVersion>(dlsym(handle, "cuDriverGetVersion"));
  const auto count = reinterpret_cast<DeviceGetCount>(dlsym(handle, "cuDeviceGetCount"));
  if (!init || !version || !count) return {0, std::string(library) + " is not a CUDA driver: cuInit is missing"};
  const int status = init(0);
  // CUDA_ERROR_NO_DEVICE: what cuInit itself returns when no device is visible, also for an empty CUDA_VISIBLE_DEVICES.
  if (status == 100) return {0, "the CUDA driver is there but no device is visible (is CUDA_VISIBLE_DEVICES empty?)"};
  if (status) return {0, "the CUDA driver does not start: cuInit returned " + std::to_string(status)};
  int v = 0, n = 0;
  version(&v);
  if (count(&n) || n == 0) return {0, "the CUDA driver is there but no device is visible"};
  const std::string numbered = std::to_string(v / 1000) + "." + std::to_string(v % 1000 / 10);
  return {n, "CUDA driver " + numbered + " with " + std::to_string(n) +
                 " device(s); this version of Sinter has no CUDA backend yet"};
}

}  // namespace sinter::cuda
