// Activations as rows of bytes. Place in the whole: the left operand of multiply (product.h): copied from a tensor of bytes, or
// quantized from one of numbers, row by row.
#pragma once
#include <cmath>

#include "cpu/quant/product.h"
#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

// Buffers of a call for `items` times m rows.
struct RowBuffers {
  uint8_t* bytes = nullptr;
  int16_t* shorts = nullptr;
  int64_t stride;
  int32_t *zeros, *sums;
};
static inline RowBuffers row_buffers(const Call& c, int64_t rows, int64_t k, bool as_bytes) {
  RowBuffers b;
  b.stride = row_stride(k);
  if (as_bytes)
    b.bytes = c.scratch_of<uint8_t>((rows + kReadBeyond) * b.stride);
  else
    b.shorts = c.scratch_of<int16_t>(rows * b.stride);
  b.zeros = c.scratch_of<int32_t>(rows);
  b.sums = c.scratch_of<int32_t>(rows);
  return b;
}
SINTER_INLINE Activations activations_of(const RowBuffers& b, int64_t m, int64_t k, int top) {
  return {m, k, b.bytes, b.shorts, b.stride, b.zeros, b.sums, top};
}

// ---- rows that are bytes already. What is stored is the value less kStored: signed bytes become unsigned ones.
template <class T>
constexpr int kStored = kByteOffset - (std::is_signed_v<T> ? 128 : 0);

template <class T>  // uint8_t or int8_t
static void copy_row(const T* x, int64_t step, int64_t k, const RowBuffers& to, int64_t row, int32_t zero) {
  const int64_t padded = padded_row(k);
  int32_t sum = 0;
  const auto copy = [&](auto* out, int offset) __attribute__((always_inline)) {
    using Out = std::remove_pointer_t<decltype(out)>;
    if (step == 1)
      for (int64_t i = 0; i < k; i++) sum += x[i], out[i] = static_cast<Out>(x[i] - offset);
    else
      for (int64_t i = 0; i < k; i++) sum += x[i * step], out[i] = static_cast<Out>(x[i * step] - offset);
    std::memset(out + k, 0, static_cast<size_t>(padded - k) * sizeof(Out));
    to.zeros[row] = zero - offset;
    to.sums[row] =
        static_cast<int32_t>(static_cast<uint32_t>(sum) - static_cast<uint32_t>(k) * static_cast<uint32_t>(offset));
  };
  if (to.bytes)
    copy(to.bytes + row * to.stride, kStored<T>);
  else
    copy(to.shorts + row * to.stride, 0);
}

// ---- rows of numbers: x = scale (q - zero), 0 <= q <= top, by the row's range, which always holds 0
struct RowRange {
  float scale;
  int32_t zero;
};
// As ONNX's DynamicQuantizeLinear has it, for each row. A row with a NaN or an infinity gets the scale NaN.
template <class T>
static RowRange range_of(const T* x, int64_t k, int top) {
  constexpr int64_t lanes = kLanes<float>;
  Vf low{}, high{}, bad{};
  int64_t i = 0;
  for (; i + lanes <= k; i += lanes) {
    const Vf v = load_f32(x + i);
    low = vmin(v, low);
    high = vmax(v, high);
    bad += v * 0.0f;  // NaN for NaN and infinity
  }
  float lo = -reduce_max<float>(-low), hi = reduce_max<float>(high), rest = reduce_add<float>(bad);
  for (; i < k; i++) {
    float v;
    if constexpr (std::is_same_v<T, float>)
      v = x[i];
    else
      v = to_f32(x[i]);
    lo = v < lo ? v : lo;
    hi = v > hi ? v : hi;
    rest += v * 0.0f;
  }
  if (rest != 0.0f) return {rest, 0};
  const float t = static_cast<float>(top), scale = hi / t - lo / t;  // hi - lo could overflow
  // Subnormal scales have no reciprocal.
  if (!(scale >= 0x1p-126f)) return {1.0f, 0};
  return {scale, static_cast<int32_t>(std::nearbyint(std::min(t, -lo / scale)))};
}

template <class T>
static void quantize_row(const T* x, int64_t k, int top, const RowBuffers& to, int64_t row, float* scales) {
  constexpr int64_t lanes = kLanes<float>;
  const RowRange range = range_of(x, k, top);
  scales[row] = range.scale;
  const float inverse = range.scale == range.scale ? 1.0f / range.scale : 0.0f;
  const int offset = to.bytes ? kByteOffset : 0;
  const Vi zero = Vi{} + range.zero, most = Vi{} + top;
  Vi sum{};
  const int64_t padded = padded_row(k);
  const auto quantize = [&](Vf v) __attribute__((always_inline)) {
    const Vi q = round_to_int(v * inverse) + zero;
    return vmin(vmax(q, Vi{}), most) - offset;
  };
  const auto put = [&](int64_t i, Vi q) __attribute__((always_inline)) {
    sum += q;
    if (to.bytes)
      store_bytes(to.bytes + row * to.stride + i, q);
    else
      store_halves(to.shorts + row * to.stride + i, q);
  };
  int64_t i = 0;
  for (; i + lanes <= k; i += lanes) put(i, quantize(load_f32(x + i)));
  if (i < k) {
    T tail[lanes] = {};
    std::memcpy(tail, x + i, static_cast<size_t>(k - i) * sizeof(T));
    Vi q = quantize(load_f32(tail));
    for (int64_t j = k - i; j < lanes; j++) q[j] = 0;
    put(i, q);  // rows are padded to kDepth, which is a whole number of vectors
    i += lanes;
  }
  for (; i < padded; i += lanes) put(i, Vi{});
  to.zeros[row] = range.zero - offset;
  to.sums[row] = reduce_add<int32_t>(sum);
}

}  // namespace sinter::cpu::SINTER_ISA
