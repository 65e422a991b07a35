// maxPool2d: x (n, c, h, w) -> y (n, c, oh, ow), indices i64 (n, c, oh, ow) into h * w {kh, kw, sh, sw, ph, pw, dh,
// dw}. Place in the whole: its gradient is max_pool_backward.cpp. As in PyTorch the padding is minus infinity, the
// first of equal elements wins, a NaN wins over numbers and over earlier NaNs, and a window of minus infinities points
// at its first element. f32, f64, bf16, f16, and the integers by a plain loop.
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
    for (int i = 0; i < kL; i++) lanes[i] = static_cast<I>(i * k.sw);
    lane = load(lanes);
  }
  const T lowest = -std::numeric_limits<T>::infinity();
  sweep<S>(c, p, lowest, [&](int64_t plane, int64_t oy, const T* staged, const int64_t* offsets) {
    int64_t out = (plane * p.grid_h + oy) * p.grid_w, y0 = oy * k.sh - k.ph;
    int64_t first_row = y0;
    while (first_row < 0) first_row += k.dh;
    for (int64_t ox = 0; ox < p.grid_w; ox += kL) {
      int64_t x0 = ox * k.sw - k.pw;
      const T* from = staged + ox;
      Vec<I> first_column = lane + splat(static_cast<I>(x0));
      if (x0 < 0)
        for (int64_t j = 1; j < k.kw; j++)
          first_column = first_column < Vec<I>{} ? first_column + splat(static_cast<I>(k.dw)) : first_column;
      Vec<T> best = splat(lowest);
      Vec<I> at = first_column + splat(static_cast<I>(first_row * p.source_w));
      const int64_t* offset = offsets;
      for (int64_t i = 0; i < k.kh; i++) {
        Vec<I> index = lane + splat(static_cast<I>((y0 + i * k.dh) * p.source_w + x0));
        for (int64_t j = 0; j < k.kw; j++) {
          Vec<T> v = load(from + *offset++);
          auto wins = (v > best) | (v != v);  // no number is greater than a NaN
          best = wins ? v : best;
          at = wins ? index : at;
          index += splat(static_cast<I>(k.dw));
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
  int64_t h = x.dim(-2), w = x.dim(-1), oh = y.dim(-2), ow = y.dim(-1);
  int64_t work = ow * k.kh * k.kw;
  parallel_for(y.numel / ow, std::max<int64_t>(1, 20000 / work), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const S* plane = x.as<S>() + r / oh * h * w;
      for (int64_t ox = 0; ox < ow; ox++) {
        int64_t at = -1;
        for (int64_t i = 0; i < k.kh; i++)
          for (int64_t j = 0; j < k.kw; j++) {
            int64_t iy = r % oh * k.sh - k.ph + i * k.dh, ix = ox * k.sw - k.pw + j * k.dw;
            if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
            if (at < 0 || plane[iy * w + ix] > plane[at]) at = iy * w + ix;
          }
        y.as<S>()[r * ow + ox] = at < 0 ? std::numeric_limits<S>::lowest() : plane[at];
        c.out[1].as<int64_t>()[r * ow + ox] = at;
      }
    }
  });
}

}  // namespace

void maxPool2d(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  PoolGeometry k{c.int_attr(0), c.int_attr(1), c.int_attr(2), c.int_attr(3),
                 c.int_attr(4), c.int_attr(5), c.int_attr(6), c.int_attr(7)};
  if (y.numel == 0) return;
  if (x.dim(-2) * x.dim(-1) > std::numeric_limits<int32_t>::max())
    fail(ErrorCode::unsupported, "maxPool2d: a plane of more than 2^31 elements is not supported on cpu");
  if (with_float_type(x.dtype, [&](auto zero) { max_pool<decltype(zero)>(c, k); })) return;
  switch (x.dtype) {
    case DType::i32: return max_pool_integer<int32_t>(c, k);
    case DType::i64: return max_pool_integer<int64_t>(c, k);
    case DType::u8: return max_pool_integer<uint8_t>(c, k);
    case DType::i8: return max_pool_integer<int8_t>(c, k);
    default: fail(ErrorCode::unsupported, "maxPool2d: dtype %s is not supported on cpu", dtype_name(x.dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
