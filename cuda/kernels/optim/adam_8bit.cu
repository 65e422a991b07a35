// adam8bitStep: Adam with moments in one byte and a scale for each 256 of them. Place in the whole: device code of adam_8bit.cpp; contract
// as in native/cpu/optim/adam_8bit.cpp. A warp has a block of 256 elements, 8 a lane, so scales are found by shuffles. Bound in f32: 14
// bytes an element.
// sinter: cubins 80 90
#include "cuda/kernels/optim/adam_8bit.h"
#include "cuda/kernels/optim/rounding.cuh"
#include "cuda/kernels/optim/tensors.cuh"

namespace sinter::cuda {

// The larger of two, or a NaN.
SINTER_DEVICE float larger(float a, float b) { return a >= b || a != a ? a : b; }

SINTER_DEVICE float warp_largest(float v) {
#pragma unroll
  for (int d = 16; d > 0; d /= 2) v = larger(v, __shfl_xor_sync(0xffffffffu, v, d));
  return v;
}

template <bool kSigned>
SINTER_DEVICE uint8_t encode(const NearestCode& c, float v) {
  const float x = kSigned ? fabsf(v) : v;
  float scale = 0, offset = 0, top = 0;
#pragma unroll
  for (int k = 0; k < kDecades; k++) {
    const bool above = x >= c.threshold[k];
    scale = above ? c.scale[k] : scale;
    offset = above ? c.offset[k] : offset;
    top = above ? c.last[k] : top;
  }
  float number = fminf(x * scale + offset, top);
  // No negative value has the magnitude one.
  if (x >= c.threshold[kDecades]) number = kSigned ? 128.0f : 255.0f;
  const int n = static_cast<int>(number);
  if (!kSigned) return static_cast<uint8_t>(n);
  return static_cast<uint8_t>(v < 0 ? 127 - min(n, 127) : 127 + n);
}

template <class T, class G, int E>
SINTER_DEVICE void step_block(const Tensors<kCodeOperands>::Entry& t, const Adam8bitRule& a, const Codes& codes,
                              const Rounding& rounding, const float* first_values, const float* second_values,
                              int64_t block) {
  constexpr int kPasses = kCodeBlock / (32 * E);  // packs a lane
  const int lane = threadIdx.x & 31;
  const int64_t begin = block * kCodeBlock, end = min(t.numel, begin + kCodeBlock);
  float* scales[2] = {static_cast<float*>(t.data[kScales]) + block, static_cast<float*>(t.data[kScales + 1]) + block};
  const float m_scale = *scales[0], v_scale = *scales[1];
  float m[kPasses][E], v[kPasses][E], most_m = 0, most_v = 0;
#pragma unroll
  for (int k = 0; k < kPasses; k++) {
    const int64_t i = begin + (k * 32 + lane) * E;
    if (i >= end) continue;
    T* p = static_cast<T*>(t.data[kParameter]) + i;
    Pack<T, E> parameters = load_pack<E>(p);
    const Pack<G, E> gradients = load_pack_constant<E>(static_cast<const G*>(t.data[kGradient]) + i);
    const Pack<u8, E> m_codes = load_pack<E>(static_cast<const u8*>(t.data[kCodes]) + i);
    const Pack<u8, E> v_codes = load_pack<E>(static_cast<const u8*>(t.data[kCodes + 1]) + i);
    float x[E];
#pragma unroll
    for (int e = 0; e < E; e++) {
      x[e] = widen(parameters.at[e]);
      m[k][e] = first_values[m_codes.at[e]] * m_scale;
      v[k][e] = second_values[v_codes.at[e]] * v_scale;
      a.moments.update(a.sign * widen(gradients.at[e]) + a.decay.added * x[e], m[k][e], v[k][e]);
      // A NaN must reach the scale, else it would be forgotten.
      most_m = larger(most_m, fabsf(m[k][e]));
      most_v = larger(most_v, v[k][e]);
      x[e] = a.decay.keep * x[e] - a.lr * a.moments.direction(m[k][e], v[k][e]);
    }
    if (G* low = static_cast<G*>(t.data[kLow])) {
      Pack<G, E> lows;
#pragma unroll
      for (int e = 0; e < E; e++) lows.at[e] = narrow<G>(x[e]);
      store_pack(low + i, lows);
    }
    round_pack<T, E>(rounding, t.element + i, x);
#pragma unroll
    for (int e = 0; e < E; e++) parameters.at[e] = narrow<T>(x[e]);
    store_pack(p, parameters);
  }
  most_m = warp_largest(most_m);
  most_v = warp_largest(most_v);
  const float m_inverse = most_m > 0 ? 1 / most_m : 0, v_inverse = most_v > 0 ? 1 / most_v : 0;
#pragma unroll
  for (int k = 0; k < kPasses; k++) {
    const int64_t i = begin + (k * 32 + lane) * E;
    if (i >= end) continue;
    Pack<u8, E> m_codes, v_codes;
#pragma unroll
    for (int e = 0; e < E; e++) {
      m_codes.at[e] = encode<true>(codes.signed_codes, m[k][e] * m_inverse);
      v_codes.at[e] = encode<false>(codes.unsigned_codes, v[k][e] * v_inverse);
    }
    store_pack(static_cast<u8*>(t.data[kCodes]) + i, m_codes);
    store_pack(static_cast<u8*>(t.data[kCodes + 1]) + i, v_codes);
  }
  __syncwarp();  // all lanes have read the scales
  if (lane == 0) *scales[0] = most_m, *scales[1] = most_v;
}

template <class T, class G>
SINTER_DEVICE void step_all(const Tensors<kCodeOperands>& tensors, const Adam8bitRule& rule, const Codes& codes,
                            const Rounding& rounding, const LateStep& late) {
  if (late.leaves_out()) return;
  __shared__ float values[2][256];
  values[0][threadIdx.x] = codes.values[threadIdx.x];
  values[1][threadIdx.x] = codes.values[256 + threadIdx.x];
  __syncthreads();
  const auto& t = tensors.at[entry_of_block(tensors)];
  const int64_t block = (static_cast<int64_t>(blockIdx.x) - t.first_block) * kCodeWarps + threadIdx.x / 32;
  if (block * kCodeBlock >= t.numel) return;
  const Adam8bitRule a = late.of(rule);
  if (t.packed && (block + 1) * kCodeBlock <= t.numel)
    step_block<T, G, 4>(t, a, codes, rounding, values[0], values[1], block);
  else
    step_block<T, G, 1>(t, a, codes, rounding, values[0], values[1], block);
}

#define SINTER_ADAM_8BIT(name, T, G)                                                                       \
  extern "C" __global__ void __launch_bounds__(kOptimThreads)                                              \
      adam_8bit_##name(const __grid_constant__ Tensors<kCodeOperands> tensors,                             \
                       const __grid_constant__ Adam8bitRule rule, const __grid_constant__ Codes codes,     \
                       const __grid_constant__ Rounding rounding, const __grid_constant__ LateStep late) { \
    step_all<T, G>(tensors, rule, codes, rounding, late);                                                  \
  }

SINTER_ADAM_8BIT(f32, f32, f32)
SINTER_ADAM_8BIT(bf16, bf16, bf16)
SINTER_ADAM_8BIT(f16, f16, f16)
SINTER_ADAM_8BIT(f32_bf16, f32, bf16)
SINTER_ADAM_8BIT(f32_f16, f32, f16)

}  // namespace sinter::cuda
