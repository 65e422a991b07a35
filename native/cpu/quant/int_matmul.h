// intMatmul: a (..., m, k) u8 or i8, b (..., k, n) i8, aZero? i32 () or (m), bZero? i32 () or (n) -> y (..., m, n) i32
// {flags, aZero, bZero}: (a - aZero) times (b - bZero); numbers count where a tensor is absent. Flags and batch dimensions are
// matmul's; operands of any strides. Place in the whole: the operator's entry.
#pragma once
#include "cpu/gemm/shape.h"
#include "cpu/quant/rows.h"

namespace sinter::cpu::SINTER_ISA {

// n zero points, or null where there are none.
static inline const int32_t* zero_points(const Call& c, int operand, int attribute, int64_t n) {
  const TensorRef t = c.opt(operand);
  if (!t.present() && c.attr[attribute] == 0) return nullptr;
  int32_t* zeros = c.scratch_of<int32_t>(n);
  for (int64_t i = 0; i < n; i++) {
    if (t.present())
      zeros[i] = t.as<int32_t>()[t.rank == 0 ? 0 : i * t.strides[0]];
    else
      zeros[i] = static_cast<int32_t>(c.attr[attribute]);
  }
  return zeros;
}

template <class T>
static void int_product(const Call& c) {
  const int64_t rows_of_item = c.out[0].dim(-2), n = c.out[0].dim(-1);
  const int32_t *a_zeros = zero_points(c, 2, 1, rows_of_item), *b_zeros = zero_points(c, 3, 2, n);
  const Shape s = read_shape(c);
  const int64_t items = s.batch.count, panels = panels_of(n);

  bool shared = true;
  for (int i = 0; i < s.batch.rank; i++) shared &= s.batch.b_strides[i] == 0 || s.batch.dims[i] == 1;
  const int64_t b_items = shared ? std::min<int64_t>(items, 1) : items;
  int8_t* packed = c.scratch_of<int8_t>(b_items * panels * panel_bytes(s.k));
  int32_t* column_sums = c.scratch_of<int32_t>(b_items * panels * kTileCols);
  parallel_for(b_items * panels, 1 + 32768 / panel_bytes(s.k), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t j = t % panels * kTileCols;
      const int8_t* b = c.in[1].as<int8_t>() + s.batch.offsets(t / panels).b + j * s.csb;
      int8_t* panel = packed + t * panel_bytes(s.k);
      pack_bytes(b, s.rsb, s.csb, s.k, std::min<int64_t>(kTileCols, n - j), panel);
      sum_columns(panel, s.k, column_sums + t * kTileCols);
    }
  });

  const RowBuffers rows = row_buffers(c, items * s.m, s.k, takes_bytes(nullptr, n, 255));
  parallel_for(items * s.m, 1 + 32768 / s.k, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const T* a = c.in[0].as<T>() + s.batch.offsets(row / s.m).a + row % s.m * s.rsa;
      copy_row(a, s.csa, s.k, rows, row, a_zeros ? a_zeros[row % rows_of_item] : 0);
    }
  });
  int32_t* y = c.out[0].as<int32_t>();
  multiply(activations_of(rows, s.m, s.k, 255), {n, packed, nullptr, column_sums, b_zeros, shared}, items,
           [&](int64_t item, int64_t row, int64_t j, int64_t lanes, Vi x) __attribute__((always_inline)) {
             int32_t* to = y + (item * s.m + row) * n + j;
             if (lanes >= kLanes<int32_t>)
               store(to, x);
             else
               store_n(to, x, static_cast<int>(lanes));
           });
}

void intMatmul(const Call& c) {
  if (c.out[0].numel == 0) return;
  if (read_shape(c).k == 0) {
    std::memset(c.out[0].data, 0, static_cast<size_t>(c.out[0].numel) * sizeof(int32_t));
    return;
  }
  if (c.in[0].dtype == DType::u8)
    int_product<uint8_t>(c);
  else
    int_product<int8_t>(c);
}

}  // namespace sinter::cpu::SINTER_ISA
