// A command's stream of random numbers, of its attributes {seedLo, seedHi, offset} from `first` on. Place in the whole: what the host sides
// of kernels that draw share.
#pragma once
#include "cuda/kernels/random/stream.h"
#include "engine/late.h"

namespace sinter::cuda {

inline Stream stream_of(const Call& call, int first = 0) {
  const double* a = call.attr + first;
  return {static_cast<uint32_t>(a[0]), static_cast<uint32_t>(a[1]), static_cast<uint64_t>(a[2]), late_of(call).stream};
}

}  // namespace sinter::cuda
