// maxPool: x (..., spatial) -> y, indices i64 into the spatial dimensions as one {kernel*r, stride*r, padding*r,
// dilation*r}. Place in the whole: its gradient is max_pool_backward.cpp. As in PyTorch the padding is minus infinity, the
// first of equal elements wins, a NaN wins over numbers and over earlier NaNs, and a window of minus infinities points at
// its first element, even where a dilated one has none in the image. f32, f64, bf16, f16, and the integers by a plain loop.
#include <limits>

#include "cpu/pool/sweep.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T>
using Index = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

template <class V>
SINTER_INLINE void store_indices(int64_t* to, V at, int n) {
  constexpr int kWide = kLanes<int64_t>;
  int64_t wide[sizeof(V) / sizeof(at[0])];
  for (int i = 0; i < static_cast<int>(sizeof(V) / sizeof(at[0])); i++) wide[i] = at[i];
  int i = 0;
  for (; i + kWide <= n; i += kWide) store(to + i, load(wide + i));
  if (i < n) store_n(to + i, load(wide + i), n - i);
}

// The first place of a window that is no padding.
SINTER_INLINE int64_t first_inside(int64_t at, const PoolAxis& k) {
  return at < 0 ? at + ceil_div(-at, k.dilation) * k.dilation : at;
}

template <class S>
void max_pool(const Call& c, const PoolGeometry& k) {
  using T = Compute<S>;
  using I = Index<T>;
  constexpr int kL = kLanes<T>;
  const TensorRef &x = c.in[0], &y = c.out[0];
  Problem p = pool_problem(c, k, x, y);
  S* values = y.as<S>();
  int64_t* indices = c.out[1].as<int64_t>();
  Vec<I> lane;
  {
    I lanes[kL];
    for (int i = 0; i < kL; i++) lanes[i] = static_cast<I>(i * k.x.stride);
    lane = load(lanes);
  }
  const T lowest = -std::numeric_limits<T>::infinity();
  sweep<S>(c, p, lowest, [&](int64_t plane, int64_t oy, const T* staged, const int64_t* offsets) {
    int64_t out = (plane * p.grid_h + oy) * p.grid_w, y0 = oy * k.y.stride - k.y.padding;
    int64_t z0 = plane % p.grid_d * k.z.stride - k.z.padding;
    int64_t first_row = first_inside(z0, k.z) * p.source_h + first_inside(y0, k.y);
    for (int64_t ox = 0; ox < p.grid_w; ox += kL) {
      int64_t x0 = ox * k.x.stride - k.x.padding;
      const T* from = staged + ox;
      Vec<I> first_column = lane + splat(static_cast<I>(x0));
      if (x0 < 0)
        for (int64_t j = 1; j < k.x.kernel; j++)
          first_column = first_column < Vec<I>{} ? first_column + splat(static_cast<I>(k.x.dilation)) : first_column;
      Vec<T> best = splat(lowest);
      Vec<I> at = first_column + splat(static_cast<I>(first_row * p.source_w));
      const int64_t* offset = offsets;
      for (int64_t z = 0; z < k.z.kernel; z++)
        for (int64_t i = 0; i < k.y.kernel; i++) {
          int64_t row = (z0 + z * k.z.dilation) * p.source_h + y0 + i * k.y.dilation;
          Vec<I> index = lane + splat(static_cast<I>(row * p.source_w + x0));
          for (int64_t j = 0; j < k.x.kernel; j++) {
            Vec<T> v = load(from + *offset++);
            auto wins = (v > best) | (v != v);  // no number is greater than a NaN
            best = wins ? v : best;
            at = wins ? index : at;
            index += splat(static_cast<I>(k.x.dilation));
          }
        }
      int n = static_cast<int>(std::min<int64_t>(kL, p.grid_w - ox));
      store_narrowed<S>(values + out + ox, best, n);
      store_indices(indices + out + ox, at, n);
    }
  });
}

template <class S>
void max_pool_integer(const Call& c, const PoolGeometry& k) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  Extent in(x, k.r), out(y, k.r);
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
        c.out[1].as<int64_t>()[r * out.w + ox] = at;
      }
    }
  });
}

}  // namespace

void maxPool(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  PoolGeometry k(c, 4, 0);
  if (y.numel == 0) return;
  if (Extent(x, k.r).size() > std::numeric_limits<int32_t>::max())
    fail(ErrorCode::unsupported, "maxPool: windows over more than 2^31 elements are not supported on cpu");
  if (with_float_type(x.dtype, [&](auto zero) { max_pool<decltype(zero)>(c, k); })) return;
  switch (x.dtype) {
    case DType::i32: return max_pool_integer<int32_t>(c, k);
    case DType::i64: return max_pool_integer<int64_t>(c, k);
    case DType::u8: return max_pool_integer<uint8_t>(c, k);
    case DType::i8: return max_pool_integer<int8_t>(c, k);
    default: fail(ErrorCode::unsupported, "maxPool: dtype %s is not supported on cpu", dtype_name(x.dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
