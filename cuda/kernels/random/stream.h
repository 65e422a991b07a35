// The stream of one command's random numbers (native/engine/philox.h). Place in the whole: known to kernels and their host sides.
#pragma once
#include <cstdint>

#include "engine/late_stream.h"

namespace sinter::cuda {

struct Stream {
  uint32_t key0, key1;
  uint64_t offset;
  const LateStream* late;  // null: what stands here holds
};

}  // namespace sinter::cuda
