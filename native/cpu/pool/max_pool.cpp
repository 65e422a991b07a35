// maxPool: x (..., spatial) -> y, indices into the spatial dimensions as one (i64, i32, or an empty tensor where nobody asks
// for them) {kernel*r, stride*r, padding*r, dilation*r}. Place in the whole: its gradient is max_pool_backward.cpp,
// max_pool_values.cpp its way without indices. As in PyTorch the padding is minus infinity, the first of equal elements wins,
// a NaN wins over numbers and over earlier NaNs, and a window of minus infinities points at its first element, even where a
// dilated one has none in the image. f32, f64, bf16, f16, and the integers by a plain loop.
#include "cpu/pool/max_pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T>
using Index = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

template <class V, class To>
SINTER_INLINE void store_indices(To* to, V at, int n) {
  constexpr int kN = sizeof(V) / sizeof(at[0]);
  typedef To As __attribute__((vector_size(kN * sizeof(To))));
  const As lanes = __builtin_convertvector(at, As);
  if (n == kN)
    std::memcpy(to, &lanes, sizeof lanes);
  else
    std::memcpy(to, &lanes, n * sizeof(To));
}

// The first place of a window that is no padding.
SINTER_INLINE int64_t first_inside(int64_t at, const PoolAxis& k) {
  return at < 0 ? at + ceil_div(-at, k.dilation) * k.dilation : at;
}

template <class S, class To>
void max_pool(const Call& c, const PoolGeometry& k) {
  using T = Compute<S>;
  using I = Index<T>;
  constexpr int kL = kLanes<T>;
  const TensorRef &x = c.in[0], &y = c.out[0];
  Problem p = pool_problem(c, k, x, y);
  S* values = y.as<S>();
  To* indices = c.out[1].as<To>();
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
            const auto wins = takes_over(best, v);
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
void with_indices(const Call& c, const PoolGeometry& k) {
  const DType dtype = c.in[0].dtype;
  if (with_float_type(dtype, [&](auto zero) { max_pool<decltype(zero), To>(c, k); })) return;
  switch (dtype) {
    case DType::i32: return max_pool_integer<int32_t, To>(c, k);
    case DType::i64: return max_pool_integer<int64_t, To>(c, k);
    case DType::u8: return max_pool_integer<uint8_t, To>(c, k);
    case DType::i8: return max_pool_integer<int8_t, To>(c, k);
    default: fail(ErrorCode::unsupported, "maxPool: dtype %s is not supported on cpu", dtype_name(dtype));
  }
}

}  // namespace

void maxPool(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  PoolGeometry k(c, 4, 0);
  if (y.numel == 0) return;
  if (Extent(x, k.r).size() > std::numeric_limits<int32_t>::max())
    fail(ErrorCode::unsupported, "maxPool: windows over more than 2^31 elements are not supported on cpu");
  if (c.out[1].numel == 0 && is_floating(x.dtype)) return max_pool_values(c, k);
  if (c.out[1].dtype == DType::i32)
    with_indices<int32_t>(c, k);
  else
    with_indices<int64_t>(c, k);
}

}  // namespace sinter::cpu::SINTER_ISA
