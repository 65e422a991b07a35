// addInto and mulInto. Place in the whole: the in-place updates that gradient accumulation and running statistics use.
//
// dst (any view without overlap), src (broadcast to dst, same dtype) {alpha}: dst += alpha src; mulInto's src may be
// absent: dst *= scalar. f32, f64, bf16, f16, i32, i64, u8, i8, c64, c128. src may be dst itself, but no other view that overlaps
// it.
#include "cpu/complex/arithmetic.h"
#include "cpu/copy/strided.h"
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

SINTER_BINARY(AddScaled, true, plus(a, times(b, V{} + num<V>(p.p0))))
SINTER_BINARY(Multiply, true, times(a, b))

// A strided dst is computed densely and copied back.
template <class F>
void densely(const Call& c, F compute) {
  const TensorRef& dst = c.in[0];
  if (dst.contiguous) return compute(dst);
  int64_t strides[kMaxRank];
  TensorRef result = dst;
  Nest<2> nest;
  nest.rank = dst.rank;
  int64_t stride = 1;
  for (int d = dst.rank - 1; d >= 0; d--) {
    nest.dims[d] = dst.dims[d];
    nest.strides[0][d] = dst.strides[d];
    nest.strides[1][d] = strides[d] = stride;
    stride *= dst.dims[d];
  }
  result.data = c.scratch(static_cast<size_t>(dst.numel) * dtype_size(dst.dtype));
  result.strides = strides;
  result.contiguous = true;
  compute(result);
  strided_copy(nest, dst.dtype, dst.data, dst.dtype, result.data);
}

void update(const Call& c, const Pointwise& op, const TensorRef& src, Params params) {
  const TensorRef operands[2] = {c.in[0], src};
  densely(c, [&](const TensorRef& y) { pointwise(op, operands, 2, y, params, c); });
}

constexpr bool small_f32(const TensorRef& x) { return x.dtype == DType::f32 && x.contiguous && x.numel <= kCheap; }

}  // namespace

void addInto(const Call& c) {
  static constexpr Pointwise op{.name = "addInto",
                                .f32 = pair_run<AddScaled, float>,
                                .f64 = pair_run<AddScaled, double>,
                                .i32 = pair_run<AddScaled, int32_t>,
                                .i64 = pair_run<AddScaled, int64_t>};
  const TensorRef &dst = c.in[0], &src = c.in[1];
  if (is_complex(dst.dtype))
    return densely(c, [&](const TensorRef& y) { complex_add_scaled(c, dst, src, c.attr[0], y); });
  const Params params{c.attr[0]};
  if (small_f32(dst) && small_f32(src) && src.numel == dst.numel)
    return op.f32(Run{{dst.data, src.data}, {1, 1}, dst.data, dst.numel, params});
  update(c, op, src, params);
}

void mulInto(const Call& c) {
  static constexpr Pointwise op{.name = "mulInto",
                                .f32 = binary_run<Multiply, float>,
                                .f64 = binary_run<Multiply, double>,
                                .i32 = binary_run<Multiply, int32_t>,
                                .i64 = binary_run<Multiply, int64_t>,
                                .steps = 2};
  const TensorRef& dst = c.in[0];
  if (is_complex(dst.dtype)) {
    const TensorRef* src = c.nin > 1 && c.in[1].present() ? &c.in[1] : nullptr;
    return densely(c, [&](const TensorRef& y) { complex_scaled(c, dst, src, c.attr[0], y); });
  }
  if (c.nin > 1 && c.in[1].present()) return update(c, op, c.in[1], {});
  if (small_f32(dst)) {
    float scalar = static_cast<float>(c.attr[0]);
    return op.f32(Run{{dst.data, &scalar}, {1, 0}, dst.data, dst.numel, {}});
  }
  alignas(8) unsigned char storage[8];
  update(c, op, scalar_operand(c.attr[0], dst.dtype, false, storage), {});
}

}  // namespace sinter::cpu::SINTER_ISA
