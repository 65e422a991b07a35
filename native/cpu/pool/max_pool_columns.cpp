// maxPool of floating-point images. Place in the whole: max_pool.cpp's way for f32, f64, bf16, f16, with indices or without. A
// window's maximum is the maximum along its columns' maxima, so each row of windows is first reduced to one row of column
// maxima, in vectors, with the padding at both ends; rows that lie in the padding are left out.
//
// With indices a column keeps the row that its maximum came from. The order that decides between equals is the image's, row by row:
// of equal columns the one of the smaller row wins, of NaNs the one of the larger row, as the last NaN of all does.
#include "cpu/pool/max_pool.h"
#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T>
using Index = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

// Values, and the first element of the row that each came from.
template <class T>
struct Maxima {
  Vec<T> best;
  Vec<Index<T>> row;
};

template <class S>
SINTER_INLINE Vec<Compute<S>> widened(const S* from) {
  if constexpr (sizeof(S) == 8)
    return load(from);
  else
    return load_f32(from);
}

// A row of column maxima: values at `best`, rows at `row` (not where kIndices is false).
template <class T>
struct Line {
  T* best;
  Index<T>* row;
};

// The rows of the source that a row of windows meets, and the first element of each in the volume.
template <class S>
struct Rows {
  const S** rows;
  Index<Compute<S>>* first;
  int64_t count;
};

// Column maxima over all of the (at least one) rows.
template <class S, bool kIndices>
SINTER_INLINE void column_maxima(const Rows<S>& rows, int64_t width, Line<Compute<S>> to) {
  using T = Compute<S>;
  constexpr int kL = kLanes<T>;
  const auto at = [&](int64_t i) __attribute__((always_inline)) {
    Vec<T> best = widened(rows.rows[0] + i);
    Vec<Index<T>> row = splat(rows.first[0]);
    for (int64_t r = 1; r < rows.count; r++) {
      const Vec<T> v = widened(rows.rows[r] + i);
      const auto wins = takes_over(best, v);
      best = wins ? v : best;
      if (kIndices) row = wins ? splat(rows.first[r]) : row;
    }
    store(to.best + i, best);
    if (kIndices) store(to.row + i, row);
  };
  if (width >= kL) {
    for (int64_t i = 0; i + kL <= width; i += kL) at(i);
    if (width % kL) at(width - kL);  // the last vector ends with the row
    return;
  }
  for (int64_t i = 0; i < width; i++) {
    to.best[i] = to_compute(rows.rows[0][i]);
    if (kIndices) to.row[i] = rows.first[0];
    for (int64_t r = 1; r < rows.count; r++) {
      const T v = to_compute(rows.rows[r][i]);
      if (!takes_over(to.best[i], v)) continue;
      to.best[i] = v;
      if (kIndices) to.row[i] = rows.first[r];
    }
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

// A row of results; To: the indices' type, or void. `first_row`: where the windows' first row inside of the image begins.
template <int kStride, class S, class To>
SINTER_INLINE void row_maxima(const Line<Compute<S>>& line, const PoolAxis& k, int64_t count,
                              Index<Compute<S>> first_row, S* to, To* indices) {
  using T = Compute<S>;
  using I = Index<T>;
  constexpr int kL = kLanes<T>;
  constexpr bool with_indices = !std::is_void_v<To>;
  Vec<I> lane;  // i * stride
  {
    I lanes[kL];
    for (int i = 0; i < kL; i++) lanes[i] = static_cast<I>(i * k.stride);
    lane = load(lanes);
  }
  for (int64_t x = 0; x < count; x += kL) {
    const int64_t first = count >= kL ? std::min(x, count - kL) : 0;  // the last vector ends with the row
    const int64_t at = first * k.stride;
    Vec<T> best;
    if constexpr (with_indices) {
      // A window of minus infinities keeps this start, its first element that is not in the leading padding.
      best = splat(-std::numeric_limits<T>::infinity());
      Vec<I> here = lane + splat(static_cast<I>(at - k.padding)), row = splat(first_row), column = here;
      if (at < k.padding)
        for (int64_t j = 1; j < k.kernel; j++)
          column = column < Vec<I>{} ? column + splat(static_cast<I>(k.dilation)) : column;
      for (int64_t j = 0; j < k.kernel; j++) {
        const Vec<T> v = strided<kStride>(line.best + at + j * k.dilation, k.stride);
        const Vec<I> r = strided<kStride>(line.row + at + j * k.dilation, k.stride);
        const auto earlier = r < row;
        const auto wins = (v > best) | ((v == best) & earlier) | ((v != v) & ((best == best) | ~earlier));
        best = wins ? v : best;
        row = wins ? r : row;
        column = wins ? here : column;
        here += splat(static_cast<I>(k.dilation));
      }
      store_indices(indices + first, row + column, static_cast<int>(std::min<int64_t>(kL, count)));
    } else {
      best = strided<kStride>(line.best + at, k.stride);
      for (int64_t j = 1; j < k.kernel; j++) {
        const Vec<T> v = strided<kStride>(line.best + at + j * k.dilation, k.stride);
        best = takes_over(best, v) ? v : best;
      }
    }
    if (count < kL)
      store_narrowed<S>(to, best, static_cast<int>(count));
    else if constexpr (sizeof(S) == 8)
      store(to + first, best);
    else
      store_f32(to + first, best);
  }
}

template <class S, class To>
void planes(const Call& c, const PoolGeometry& k) {
  using T = Compute<S>;
  using I = Index<T>;
  constexpr int kL = kLanes<T>;
  constexpr bool with_indices = !std::is_void_v<To>;
  const TensorRef &x = c.in[0], &y = c.out[0];
  const Extent in(x, k.r), out(y, k.r);
  const int64_t slices = y.numel / (out.h * out.w), taps = k.z.kernel * k.y.kernel;
  // Of columns: what the padding and the windows cover, and what the last vectors read beyond.
  const int64_t covered = std::max(k.x.padding + in.w, (out.w - 1) * k.x.stride + (k.x.kernel - 1) * k.x.dilation + 1);
  const int64_t line_len = covered + (kL + 1) * k.x.stride;
  const int64_t line_bytes = round_up(line_len * static_cast<int64_t>(sizeof(T)), 64);
  const int64_t rows_bytes = round_up(taps * static_cast<int64_t>(sizeof(S*)), 64);
  const int64_t work = out.h * (in.w * taps + out.w * k.x.kernel * (k.x.stride > 2 ? kL : 1));
  const int64_t grain = std::max<int64_t>(1, 60000 / work);
  Workplaces places(c, 2 * line_bytes + rows_bytes + taps * static_cast<int64_t>(sizeof(I)), ceil_div(slices, grain));
  const T lowest = -std::numeric_limits<T>::infinity();
  parallel_for(slices, grain, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    char* memory = places.memory(place);
    const Line<T> line{reinterpret_cast<T*>(memory), reinterpret_cast<I*>(memory + line_bytes)};
    const Line<T> inside{line.best + k.x.padding, line.row + k.x.padding};
    Rows<S> rows{reinterpret_cast<const S**>(memory + 2 * line_bytes),
                 reinterpret_cast<I*>(memory + 2 * line_bytes + rows_bytes), 0};
    fill_run(line.best, line_len, lowest);
    if (with_indices) fill_run(line.row, line_len, std::numeric_limits<I>::max());
    for (int64_t i = begin; i < end; i++) {
      const S* volume = x.as<S>() + i / out.d * in.size();
      const int64_t z0 = i % out.d * k.z.stride - k.z.padding;
      for (int64_t oy = 0; oy < out.h; oy++) {
        const int64_t y0 = oy * k.y.stride - k.y.padding;
        rows.count = 0;
        for (int64_t kz = 0; kz < k.z.kernel; kz++)
          for (int64_t ky = 0; ky < k.y.kernel; ky++) {
            const int64_t z = z0 + kz * k.z.dilation, row = y0 + ky * k.y.dilation;
            if (z < 0 || z >= in.d || row < 0 || row >= in.h) continue;
            rows.first[rows.count] = static_cast<I>((z * in.h + row) * in.w);
            rows.rows[rows.count++] = volume + (z * in.h + row) * in.w;
          }
        const I first_row = static_cast<I>((first_inside(z0, k.z) * in.h + first_inside(y0, k.y)) * in.w);
        if (rows.count > 0)
          column_maxima<S, with_indices>(rows, in.w, inside);
        else
          fill_run(inside.best, in.w, lowest), fill_run(inside.row, in.w, first_row);
        const int64_t at = (i * out.h + oy) * out.w;
        S* to = y.as<S>() + at;
        To* indices = nullptr;
        if constexpr (with_indices) indices = c.out[1].as<To>() + at;
        if (k.x.stride == 1)
          row_maxima<1, S, To>(line, k.x, out.w, first_row, to, indices);
        else if (k.x.stride == 2)
          row_maxima<2, S, To>(line, k.x, out.w, first_row, to, indices);
        else
          row_maxima<0, S, To>(line, k.x, out.w, first_row, to, indices);
      }
    }
    places.release(place);
  });
}

template <class To>
bool with_floats(const Call& c, const PoolGeometry& k) {
  return with_float_type(c.in[0].dtype, [&](auto zero) { planes<decltype(zero), To>(c, k); });
}

}  // namespace

bool max_pool_columns(const Call& c, const PoolGeometry& k) {
  if (c.out[1].numel == 0) return with_floats<void>(c, k);
  return c.out[1].dtype == DType::i32 ? with_floats<int32_t>(c, k) : with_floats<int64_t>(c, k);
}

}  // namespace sinter::cpu::SINTER_ISA
