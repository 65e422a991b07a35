// maxPool: x (..., spatial) -> y, indices into the spatial dimensions as one (i64, i32, or an empty tensor where nobody asks
// for them) {kernel*r, stride*r, padding*r, dilation*r}. Place in the whole: its gradient is max_pool_backward.cpp. As in
// PyTorch the padding is minus infinity, the first of equal elements wins, a NaN wins over numbers and over earlier NaNs, and a
// window of minus infinities points at its first element, even where a dilated one has none in the image. f32, f64, bf16 and f16
// in max_pool_columns.cpp, the integers here by a plain loop.
#include "cpu/pool/max_pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class S, class To>
void max_pool_integer(const Call& c, const PoolGeometry& k) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  Extent in(x, k.r), out(y, k.r);
  To* indices = c.out[1].numel ? c.out[1].as<To>() : nullptr;
  int64_t work = out.w * k.z.kernel * k.y.kernel * k.x.kernel;
  parallel_for(y.numel / out.w, std::max<int64_t>(1, 20000 / work), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const S* volume = x.as<S>() + r / (out.d * out.h) * in.size();
      int64_t z0 = r / out.h % out.d * k.z.stride - k.z.padding, y0 = r % out.h * k.y.stride - k.y.padding;
      for (int64_t ox = 0; ox < out.w; ox++) {
        bool any = false;
        int64_t x0 = ox * k.x.stride - k.x.padding;
        int64_t at = (first_inside(z0, k.z) * in.h + first_inside(y0, k.y)) * in.w + first_inside(x0, k.x);
        for (int64_t z = z0; z < std::min(in.d, z0 + k.z.kernel * k.z.dilation); z += k.z.dilation)
          for (int64_t i = y0; i < std::min(in.h, y0 + k.y.kernel * k.y.dilation); i += k.y.dilation)
            for (int64_t j = x0; j < std::min(in.w, x0 + k.x.kernel * k.x.dilation); j += k.x.dilation) {
              if (z < 0 || i < 0 || j < 0) continue;
              int64_t index = (z * in.h + i) * in.w + j;
              if (!any || volume[index] > volume[at]) at = index;
              any = true;
            }
        y.as<S>()[r * out.w + ox] = any ? volume[at] : std::numeric_limits<S>::lowest();
        if (indices) indices[r * out.w + ox] = static_cast<To>(at);
      }
    }
  });
}

template <class To>
void integers(const Call& c, const PoolGeometry& k) {
  switch (c.in[0].dtype) {
    case DType::i32: return max_pool_integer<int32_t, To>(c, k);
    case DType::i64: return max_pool_integer<int64_t, To>(c, k);
    case DType::u8: return max_pool_integer<uint8_t, To>(c, k);
    case DType::i8: return max_pool_integer<int8_t, To>(c, k);
    default: fail(ErrorCode::unsupported, "maxPool: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

}  // namespace

void maxPool(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  PoolGeometry k(c, 4, 0);
  if (y.numel == 0) return;
  if (Extent(x, k.r).size() > std::numeric_limits<int32_t>::max())
    fail(ErrorCode::unsupported, "maxPool: windows over more than 2^31 elements are not supported on cpu");
  if (max_pool_columns(c, k)) return;
  if (c.out[1].dtype == DType::i32)
    integers<int32_t>(c, k);
  else
    integers<int64_t>(c, k);
}

}  // namespace sinter::cpu::SINTER_ISA
