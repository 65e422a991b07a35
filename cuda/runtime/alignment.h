// How addresses lie. Place in the whole: host sides of kernels choose the width of their loads by it, vendors' libraries ask for it.
#pragma once
#include <cstdint>

namespace sinter::cuda {

// The largest power of two, up to `most` (one itself), that divides the address, and `steps` bytes from it.
inline int64_t alignment_of(const void* data, int64_t most, int64_t steps = 0) {
  const uint64_t bits = reinterpret_cast<uintptr_t>(data) | static_cast<uint64_t>(steps) | static_cast<uint64_t>(most);
  return static_cast<int64_t>(bits & (~bits + 1));
}

}  // namespace sinter::cuda
