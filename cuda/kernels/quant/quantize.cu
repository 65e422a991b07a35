// quantizeLinear, dequantizeLinear. Place in the whole: device code of quantize.cpp. Bound: 5 bytes an element of f32, 3 of a half.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/quant/quantize.h"

namespace sinter::cuda {

constexpr int kQuantizeElements = 4;  // a thread: 4 bytes of codes

SINTER_DEVICE int64_t channel_of(const Quantizing& q, int64_t i) {
  const int64_t run = quotient(i, q.inner);
  return run - quotient(run, q.channels) * q.channels.size;
}

// round(x * (1 / scale)) + zero, ties to even, saturated; NaN gives the zero point.
template <class T>
SINTER_DEVICE void quantize(const Quantizing& q) {
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x) * kQuantizeElements;
  if (begin >= q.total) return;
  constexpr int kHalf = sizeof(T) == 8 ? 2 : 4;
  T x[kQuantizeElements];
#pragma unroll
  for (int k = 0; k < kQuantizeElements; k += kHalf) {
    const Pack<T, kHalf> pack = load_pack_ragged<kHalf>(static_cast<const T*>(q.x), begin + k, q.total, T{});
#pragma unroll
    for (int e = 0; e < kHalf; e++) x[k + e] = pack.at[e];
  }
  Pack<u8, kQuantizeElements> codes;
#pragma unroll
  for (int e = 0; e < kQuantizeElements; e++) {
    const int64_t channel = q.scales || q.zeros ? channel_of(q, min(begin + e, q.total - 1)) : 0;
    const float scale = q.scales ? __ldg(q.scales + channel) : q.scale;
    const int zero = q.zeros ? __ldg(q.zeros + channel) : q.zero;
    const float low = static_cast<float>((q.is_signed ? -128 : 0) - zero),
                high = static_cast<float>((q.is_signed ? 127 : 255) - zero);
    float v = static_cast<float>(widen(x[e])) * __fdiv_rn(1.0f, scale);
    v = v == v ? v : 0.0f;
    codes.at[e] = static_cast<u8>(__float2int_rn(fmaxf(fminf(v, high), low)) + zero);
  }
  store_pack_ragged<kQuantizeElements>(static_cast<u8*>(q.y), begin, q.total, codes);
}

// (q - zero) * scale
template <class T>
SINTER_DEVICE void dequantize(const Quantizing& q) {
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x) * kQuantizeElements;
  if (begin >= q.total) return;
  const Pack<u8, kQuantizeElements> codes =
      load_pack_ragged<kQuantizeElements>(static_cast<const u8*>(q.x), begin, q.total, u8{0});
  Pack<T, kQuantizeElements> y;
#pragma unroll
  for (int e = 0; e < kQuantizeElements; e++) {
    const int64_t channel = q.scales || q.zeros ? channel_of(q, min(begin + e, q.total - 1)) : 0;
    const float scale = q.scales ? __ldg(q.scales + channel) : q.scale;
    const int zero = q.zeros ? __ldg(q.zeros + channel) : q.zero;
    const int code = q.is_signed ? static_cast<int>(static_cast<i8>(codes.at[e])) : static_cast<int>(codes.at[e]);
    y.at[e] = narrow<T>(static_cast<float>(code - zero) * scale);
  }
  store_pack_ragged<kQuantizeElements>(static_cast<T*>(q.y), begin, q.total, y);
}

#define SINTER_QUANTIZE(name, T)                                                                                 \
  extern "C" __global__ void __launch_bounds__(kIndexThreads) name##_##T(const __grid_constant__ Quantizing q) { \
    name<T>(q);                                                                                                  \
  }

SINTER_QUANTIZE(quantize, f32)
SINTER_QUANTIZE(quantize, f64)
SINTER_QUANTIZE(quantize, bf16)
SINTER_QUANTIZE(quantize, f16)
SINTER_QUANTIZE(dequantize, f32)
SINTER_QUANTIZE(dequantize, bf16)
SINTER_QUANTIZE(dequantize, f16)

}  // namespace sinter::cuda
