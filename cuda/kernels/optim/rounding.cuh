// Stochastic rounding of parameters, bit for bit as native/cpu/optim/stochastic.h. Place in the whole: optimizer steps write parameters
// through it.
#pragma once
#include "cuda/kernels/optim/rounding.h"
#include "cuda/kernels/random/philox.cuh"

namespace sinter::cuda {

// A number of T beside v, chosen by 32 random bits; infinities and NaNs stay.
template <class T>
SINTER_DEVICE float beside(float v, uint32_t random) {
  const uint32_t u = __float_as_uint(v);
  if (!(v - v == 0)) return v;
  if constexpr (kSame<T, bf16>) {
    return __uint_as_float((u + (random >> 16)) & 0xffff0000u);
  } else {
    const float magnitude = fabsf(v);
    if (magnitude >= 0x1p-14f) return __uint_as_float((u + (random >> 19)) & 0xffffe000u);
    // Below, the spacing is 2^-24; 20 bits of the fraction decide.
    const int steps = (static_cast<int>(magnitude * 0x1p44f) + static_cast<int>(random >> 12)) >> 20;
    return __uint_as_float(__float_as_uint(static_cast<float>(steps) * 0x1p-24f) | (u & 0x80000000u));
  }
}

// Rounds E neighbours, the first of which has the number `element` in the command, a multiple of 4 where E is more than 1.
template <class T, int E>
SINTER_DEVICE void round_pack(const Rounding& rounding, int64_t element, Compute<T> (&v)[E]) {
  if constexpr (kIsHalf<T>) {
    if (!rounding.stochastic) return;
    if constexpr (E == 1) {
      v[0] = beside<T>(v[0], philox(rounding.stream, element / 4).word(static_cast<int>(element & 3)));
    } else {
      static_assert(E % 4 == 0);
#pragma unroll
      for (int e = 0; e < E; e += 4) {
        const PhiloxWords words = philox(rounding.stream, (element + e) / 4);
#pragma unroll
        for (int k = 0; k < 4; k++) v[e + k] = beside<T>(v[e + k], words.word(k));
      }
    }
  }
}

}  // namespace sinter::cuda
