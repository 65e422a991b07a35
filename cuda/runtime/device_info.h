// What a CUDA device is. Place in the whole: read once when a device opens; the host sides of kernels choose tiles and grids by it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace sinter::cuda {

struct DeviceInfo {
  int ordinal = 0;
  std::string name;          // as the driver says it
  int major = 0, minor = 0;  // compute capability
  int multiprocessors = 0;
  int threads_per_multiprocessor = 0;
  int registers_per_multiprocessor = 0;
  size_t shared_per_multiprocessor = 0;
  size_t shared_per_block = 0;  // most that a block may have, by opt-in
  size_t l2_bytes = 0;
  size_t memory_bytes = 0;
  int memory_clock_khz = 0, memory_bus_bits = 0, clock_khz = 0;  // for rooflines
  int driver_version = 0;                                        // 13000: CUDA 13.0

  int capability() const { return major * 10 + minor; }  // 80, 90, ...
};

}  // namespace sinter::cuda
