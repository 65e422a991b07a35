// maxPool where nobody asks for indices. Place in the whole: max_pool.cpp's way without gradients. A window's maximum is the
// maximum along its columns' maxima, so each row of windows is first reduced to one row of column maxima, in vectors, with
// minus infinity at both ends for the padding; rows that lie in the padding are left out. f32, f64, bf16, f16.
#include "cpu/pool/max_pool.h"
#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class V>
SINTER_INLINE V greater(V best, V v) {
  return takes_over(best, v) ? v : best;
}

template <class S>
SINTER_INLINE Vec<Compute<S>> widened(const S* from) {
  if constexpr (sizeof(S) == 8)
    return load(from);
  else
    return load_f32(from);
}

// to[i] = the maximum of rows[r][i] over all of the (at least one) rows.
template <class S>
SINTER_INLINE void column_maxima(const S* const* rows, int64_t count, int64_t width, Compute<S>* to) {
  using T = Compute<S>;
  constexpr int kL = kLanes<T>;
  const auto at = [&](int64_t i) __attribute__((always_inline)) {
    Vec<T> best = widened(rows[0] + i);
    for (int64_t r = 1; r < count; r++) best = greater(best, widened(rows[r] + i));
    store(to + i, best);
  };
  if (width >= kL) {
    for (int64_t i = 0; i + kL <= width; i += kL) at(i);
    if (width % kL) at(width - kL);  // the last vector ends with the row
    return;
  }
  for (int64_t i = 0; i < width; i++) {
    T best = widen(rows[0][i]);
    for (int64_t r = 1; r < count; r++) {
      const T v = widen(rows[r][i]);
      if (takes_over(best, v)) best = v;
    }
    to[i] = best;
  }
}

// Lanes from, from + stride, ...; two vectors are readable from any place that a lane may have.
template <int kStride, class T>
SINTER_INLINE Vec<T> strided(const T* from, int64_t stride) {
  constexpr int kL = kLanes<T>;
  if constexpr (kStride == 1) return load(from);
  if constexpr (kStride == 2) return deal<0>(load(from), load(from + kL));
  T lanes[kL];
  for (int i = 0; i < kL; i++) lanes[i] = from[i * stride];
  return load(lanes);
}

template <int kStride, class S>
SINTER_INLINE void row_maxima(const Compute<S>* line, const PoolAxis& k, int64_t count, S* to) {
  using T = Compute<S>;
  constexpr int kL = kLanes<T>;
  for (int64_t x = 0; x < count; x += kL) {
    const int64_t first = count >= kL ? std::min(x, count - kL) : 0;  // the last vector ends with the row
    const T* from = line + first * k.stride;
    Vec<T> best = strided<kStride>(from, k.stride);
    for (int64_t j = 1; j < k.kernel; j++) best = greater(best, strided<kStride>(from + j * k.dilation, k.stride));
    if (count < kL)
      store_narrowed<S>(to, best, static_cast<int>(count));
    else if constexpr (sizeof(S) == 8)
      store(to + first, best);
    else
      store_f32(to + first, best);
  }
}

template <class S>
void planes(const Call& c, const PoolGeometry& k) {
  using T = Compute<S>;
  constexpr int kL = kLanes<T>;
  const TensorRef &x = c.in[0], &y = c.out[0];
  const Extent in(x, k.r), out(y, k.r);
  const int64_t slices = y.numel / (out.h * out.w), taps = k.z.kernel * k.y.kernel;
  // Of columns: what the padding and the windows cover, and what the last vectors read beyond.
  const int64_t covered = std::max(k.x.padding + in.w, (out.w - 1) * k.x.stride + (k.x.kernel - 1) * k.x.dilation + 1);
  const int64_t line_len = covered + (kL + 1) * k.x.stride;
  const int64_t line_bytes = round_up(line_len * static_cast<int64_t>(sizeof(T)), 64);
  const int64_t work = out.h * (in.w * taps + out.w * k.x.kernel * (k.x.stride > 2 ? kL : 1));
  const int64_t grain = std::max<int64_t>(1, 60000 / work);
  Workplaces places(c, line_bytes + taps * static_cast<int64_t>(sizeof(S*)), ceil_div(slices, grain));
  const T lowest = -std::numeric_limits<T>::infinity();
  parallel_for(slices, grain, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    T* line = reinterpret_cast<T*>(places.memory(place));
    const S** rows = reinterpret_cast<const S**>(places.memory(place) + line_bytes);
    fill_run(line, line_len, lowest);
    for (int64_t i = begin; i < end; i++) {
      const S* volume = x.as<S>() + i / out.d * in.size();
      for (int64_t oy = 0; oy < out.h; oy++) {
        int64_t count = 0;
        for (int64_t kz = 0; kz < k.z.kernel; kz++)
          for (int64_t ky = 0; ky < k.y.kernel; ky++) {
            const int64_t z = i % out.d * k.z.stride - k.z.padding + kz * k.z.dilation;
            const int64_t row = oy * k.y.stride - k.y.padding + ky * k.y.dilation;
            if (z >= 0 && z < in.d && row >= 0 && row < in.h) rows[count++] = volume + (z * in.h + row) * in.w;
          }
        if (count > 0)
          column_maxima(rows, count, in.w, line + k.x.padding);
        else
          fill_run(line + k.x.padding, in.w, lowest);
        S* to = y.as<S>() + (i * out.h + oy) * out.w;
        if (k.x.stride == 1)
          row_maxima<1, S>(line, k.x, out.w, to);
        else if (k.x.stride == 2)
          row_maxima<2, S>(line, k.x, out.w, to);
        else
          row_maxima<0, S>(line, k.x, out.w, to);
      }
    }
    places.release(place);
  });
}

}  // namespace

void max_pool_values(const Call& c, const PoolGeometry& k) {
  with_float_type(c.in[0].dtype, [&](auto zero) { planes<decltype(zero)>(c, k); });
}

}  // namespace sinter::cpu::SINTER_ISA
