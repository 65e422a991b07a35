// Weights of a convolution as pairs of source channels. Place in the whole: implicit_gemm_bf16.cpp and channels_last_bf16.cpp pack them.
#pragma once
#include <algorithm>

#include "cpu/gemm/pairs.h"

namespace sinter::cpu::SINTER_ISA {

// Where kernels lie: of group g, target channel i, source channel ch (z counts depths of the kernel, problem.h) and tap t at
//   data + g * group + i * row + ch / taps_z * channel + elements[ch % taps_z * ntaps + t],
// null elements being 0, 1, 2...
struct PairKernels {
  const bf16* data;
  int64_t group, row, channel;
  const int64_t* elements;
  int64_t channels, ntaps, taps_z;  // channels: of one group's source

  // The pairs [e0, e0 + k) of a target channel, counted as (pair of channels, tap); an odd last channel's have zeros.
  SINTER_INLINE void copy(int64_t g, int64_t i, int64_t e0, int64_t k, uint32_t* to) const {
    constexpr int lanes = kLanes<float>;
    const bf16* const from = data + g * group + i * row;
    if (ntaps == 1 && channel == 1) {  // pairs are what lies there
      to[k - 1] = 0;
      std::memcpy(to, from + 2 * e0, static_cast<size_t>(std::min(2 * k, channels - 2 * e0)) * sizeof(bf16));
      return;
    }
    for (int64_t pair = e0 / ntaps, tap = e0 % ntaps; k > 0; pair++, tap = 0) {
      const int64_t n = std::min(k, ntaps - tap);
      const int64_t low = 2 * pair, high = low + 1;
      const bf16* const low_from = from + low / taps_z * channel;
      const bf16* const high_from = high < channels ? from + high / taps_z * channel : nullptr;
      const int64_t low_first = low % taps_z * ntaps + tap, high_first = high % taps_z * ntaps + tap;
      if (elements) {
        for (int64_t t = 0; t < n; t++)
          to[t] = low_from[elements[low_first + t]].bits |
                  (high_from ? uint32_t(high_from[elements[high_first + t]].bits) << 16 : 0u);
      } else {
        for (int64_t t = 0; t < n; t += lanes) {
          const int count = lanes_of(n - t);
          const Vu v = load_halves(low_from + low_first + t, count);
          store_pairs(to + t, high_from ? v | load_halves(high_from + high_first + t, count) << 16 : v, count);
        }
      }
      to += n, k -= n;
    }
  }
};

}  // namespace sinter::cpu::SINTER_ISA
