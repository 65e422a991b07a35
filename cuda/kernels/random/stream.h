// The stream of one command's random numbers (native/engine/philox.h). Place in the whole: known to kernels and their host sides.
#pragma once
#include <cstdint>

namespace sinter::cuda {

struct Stream {
  uint32_t key0, key1;
  uint64_t offset;
};

// Of the attributes {seedLo, seedHi, offset}.
inline Stream stream_of(const double* attributes) {
  return {static_cast<uint32_t>(attributes[0]), static_cast<uint32_t>(attributes[1]),
          static_cast<uint64_t>(attributes[2])};
}

}  // namespace sinter::cuda
