// What becomes of a product's sums. Place in the whole: the epilogues of dynamicQuantizedLinear and quantizedLinear.
#pragma once
#include <limits>

#include "cpu/quant/product.h"
#include "cpu/simd/activation.h"
#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

// activation(sum * (row scale * column scale) + bias), all in f32.
struct Dequantized {
  const float* row_scales;  // (m), or null: row_scale
  float row_scale;
  const float* column_scales;  // (n), or (1) with column_step 0
  int64_t column_step;
  const float* bias;  // (n) or null
  Activation activation;

  SINTER_INLINE Vf operator()(int64_t row, int64_t column, int64_t n, Vi sums) const {
    const Vf scale = column_step ? load_some(column_scales + column, n) : Vf{} + column_scales[0];
    Vf x = __builtin_convertvector(sums, Vf) * (scale * (row_scales ? row_scales[row] : row_scale));
    if (bias) x += load_some(bias + column, n);
    return activated(activation, x);
  }
};

// n of kLanes numbers to y.
template <class T>
SINTER_INLINE void store_some(T* y, Vf x, int64_t n) {
  if (n >= kLanes<float>) {
    store_f32(y, x);
  } else {
    T all[kLanes<float>];
    store_f32(all, x);
    std::memcpy(y, all, static_cast<size_t>(n) * sizeof(T));
  }
}

// As bytes: round(x / scale) + zero, saturated; NaN gives the zero point. T is uint8_t or int8_t.
template <class T>
struct Requantized {
  float inverse;  // of the scale
  float low, high;
  int32_t zero;

  Requantized(double scale, double zero_point)
      : inverse(1.0f / static_cast<float>(scale)), low(static_cast<float>(std::numeric_limits<T>::min() - zero_point)),
        high(static_cast<float>(std::numeric_limits<T>::max() - zero_point)), zero(static_cast<int32_t>(zero_point)) {}

  SINTER_INLINE Vi operator()(Vf x) const {
    Vf q = x * inverse;
    q = q == q ? q : Vf{};
    return round_to_int(vmax(vmin(q, Vf{} + high), Vf{} + low)) + zero;
  }
};
SINTER_INLINE void store_some(uint8_t* y, Vi x, int64_t n) {
  if (n >= kLanes<int32_t>) {
    store_bytes(y, x);
  } else {
    for (int64_t i = 0; i < n; i++) y[i] = static_cast<uint8_t>(x[i]);
  }
}

}  // namespace sinter::cpu::SINTER_ISA
