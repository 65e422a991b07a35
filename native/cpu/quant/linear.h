// Linear layers with weights of bytes. Place in the whole: the operators' entries: dynamicQuantizedLinear quantizes its rows
// itself, quantizedLinear takes bytes. packed, sums: of packInt8; scales (n) or (1), zeros? (n), bias? (n).
#pragma once
#include "cpu/quant/epilogue.h"
#include "cpu/quant/rows.h"

namespace sinter::cpu::SINTER_ISA {

static inline Weights weights_of(const Call& c, int64_t n, int64_t k) {
  const int8_t* packed = c.in[1].as<int8_t>();
  const uint8_t* limits = reinterpret_cast<const uint8_t*>(packed + panels_of(n) * panel_bytes(k));
  return {n, packed, limits, c.in[2].as<int32_t>(), c.opt(4).present() ? c.in[4].as<int32_t>() : nullptr, true};
}
static inline const float* bias_of(const Call& c, int64_t n) {
  const TensorRef bias = c.opt(5);
  if (!bias.present()) return nullptr;
  if (bias.dtype == DType::f32) return bias.as<float>();
  float* wide = c.scratch_of<float>(n);
  for (int64_t j = 0; j < n; j++) wide[j] = to_f32(bias.as<bf16>()[j]);
  return wide;
}
static inline Dequantized dequantized(const Call& c, int64_t n) {
  return {nullptr,
          1,
          c.in[3].as<float>(),
          c.in[3].numel == 1 ? 0 : 1,
          bias_of(c, n),
          static_cast<Activation>(c.int_attr(0))};
}

// ---- x (m, k), packed, sums, scales, zeros?, bias? -> y (m, n) {activation, top}; x, bias and y f32, or all bf16
template <class T>
static void dynamic_linear(const Call& c) {
  const int64_t m = c.out[0].dims[0], n = c.out[0].dims[1], k = c.in[0].dims[1];
  const int top = static_cast<int>(c.int_attr(1));
  const Weights w = weights_of(c, n, k);
  const RowBuffers rows = row_buffers(c, m, k, takes_bytes(w.limits, n, top));
  float* scales = c.scratch_of<float>(m);
  parallel_for(m, 1 + 16384 / std::max<int64_t>(1, k), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) quantize_row(c.in[0].as<T>() + row * k, k, top, rows, row, scales);
  });
  Dequantized epilogue = dequantized(c, n);
  epilogue.row_scales = scales;
  T* y = c.out[0].as<T>();
  multiply(activations_of(rows, m, k, top), w, 1,
           [&](int64_t, int64_t row, int64_t j, int64_t lanes, Vi x)
               __attribute__((always_inline)) { store_some(y + row * n + j, epilogue(row, j, lanes, x), lanes); });
}

void dynamicQuantizedLinear(const Call& c) {
  if (c.out[0].numel == 0) return;
  if (c.in[0].dtype == DType::f32)
    dynamic_linear<float>(c);
  else
    dynamic_linear<bf16>(c);
}

// ---- x (m, k) u8 or i8, packed, sums, scales, zeros?, bias? f32 -> y (m, n) u8, i8, f32 or bf16
//      {activation, scale, zero, outScale, outZero}
template <class T>
static void static_linear(const Call& c) {
  const int64_t m = c.out[0].dims[0], n = c.out[0].dims[1], k = c.in[0].dims[1];
  const Weights w = weights_of(c, n, k);
  const RowBuffers rows = row_buffers(c, m, k, takes_bytes(w.limits, n, 255));
  parallel_for(m, 1 + 32768 / std::max<int64_t>(1, k), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++)
      copy_row(c.in[0].as<T>() + row * k, 1, k, rows, row, static_cast<int32_t>(c.attr[2]));
  });
  Dequantized epilogue = dequantized(c, n);
  epilogue.row_scale = static_cast<float>(c.attr[1]);
  const auto run = [&](auto* y, auto last) __attribute__((always_inline)) {
    multiply(activations_of(rows, m, k, 255), w, 1,
             [&](int64_t, int64_t row, int64_t j, int64_t lanes, Vi x) __attribute__((always_inline)) {
               store_some(y + row * n + j, last(epilogue(row, j, lanes, x)), lanes);
             });
  };
  switch (c.out[0].dtype) {
    case DType::u8: return run(c.out[0].as<uint8_t>(), Requantized<uint8_t>(c.attr[3], c.attr[4]));
    case DType::i8: return run(c.out[0].as<uint8_t>(), Requantized<int8_t>(c.attr[3], c.attr[4]));
    case DType::bf16: return run(c.out[0].as<bf16>(), [](Vf x) { return x; });
    default: return run(c.out[0].as<float>(), [](Vf x) { return x; });
  }
}

void quantizedLinear(const Call& c) {
  if (c.out[0].numel == 0) return;
  if (c.in[0].dtype == DType::u8)
    static_linear<uint8_t>(c);
  else
    static_linear<int8_t>(c);
}

}  // namespace sinter::cpu::SINTER_ISA
