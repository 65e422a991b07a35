// adaptiveMaxPool: x (..., spatial) -> y, indices {r}, window i covering floor(i * size / windows) .. ceil((i + 1) * size /
// windows); fractionalMaxPool: x (n, c, spatial), samples (n, c, r) -> y, indices {kernel*r} (Graham 2014, as PyTorch draws
// the windows). Place in the whole: maxima over windows that no stride describes. The rows that a row of windows covers are
// first reduced to one row of column maxima, in vectors; then each window looks through its columns. Ties and NaNs as in
// max_pool.cpp. f32, f64, bf16, f16.
#include <limits>

#include "cpu/pool/sweep.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T>
using Index = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

// Windows along one axis: window i covers begin[i] .. end[i].
struct Windows {
  int64_t count;
  int64_t *begin, *end;
};

SINTER_INLINE void adaptive_windows(const Windows& w, int64_t size) {
  for (int64_t i = 0; i < w.count; i++) w.begin[i] = i * size / w.count, w.end[i] = ceil_div((i + 1) * size, w.count);
}

template <class T>
SINTER_INLINE void fractional_windows(const Windows& w, int64_t size, int64_t kernel, T sample) {
  T alpha = w.count > 1 ? static_cast<T>(size - kernel) / static_cast<T>(w.count - 1) : T(0);
  int64_t shift = static_cast<int64_t>(sample * alpha);
  for (int64_t i = 0; i < w.count; i++) {
    int64_t at = static_cast<int64_t>((static_cast<T>(i) + sample) * alpha) - shift;
    // Samples outside of [0, 1) must not lead out of the plane.
    w.begin[i] = i + 1 == w.count ? size - kernel : std::clamp<int64_t>(at, 0, size - kernel);
    w.end[i] = w.begin[i] + kernel;
  }
}

// A row of column maxima and the element of the volume that each is.
template <class T>
struct Columns {
  T* best;
  Index<T>* at;
};

// Takes one source row into the columns; `first` starts anew.
template <class S>
SINTER_INLINE void take_row(const S* row, int64_t width, int64_t index, bool first, Columns<Compute<S>> columns,
                            Compute<S>* wide) {
  using T = Compute<S>;
  using I = Index<T>;
  constexpr int kL = kLanes<T>;
  const T* from;
  if constexpr (std::is_same_v<S, T>) {
    from = row;
  } else {
    for (int64_t i = 0; i < width; i++) wide[i] = to_compute(row[i]);
    from = wide;
  }
  I lanes[kL];
  for (int i = 0; i < kL; i++) lanes[i] = static_cast<I>(index + i);
  Vec<I> place = load(lanes);
  for (int64_t i = 0; i < width; i += kL, place += splat(static_cast<I>(kL))) {
    Vec<T> v = i + kL <= width ? load(from + i) : load_n(from + i, static_cast<int>(width - i));
    Vec<T> best = first ? v : load(columns.best + i);
    Vec<I> at = first ? place : load(columns.at + i);
    auto wins = (v > best) | (v != v);
    store(columns.best + i, wins ? v : best);
    store(columns.at + i, wins ? place : at);
  }
}

// The window over columns [x0, x1): of equal maxima the one that lies first in the volume, of NaNs the last.
template <class T>
SINTER_INLINE int64_t best_column(const Columns<T>& columns, int64_t x0, int64_t x1) {
  int64_t best = x0;
  for (int64_t j = x0 + 1; j < x1; j++) {
    T v = columns.best[j], b = columns.best[best];
    bool earlier = columns.at[j] < columns.at[best];
    if (v != v ? b == b || !earlier : v > b || (v == b && earlier)) best = j;
  }
  return best;
}

// `place(plane, axes)` sets the windows of a plane along z, y and x.
template <class S, class F>
void pool_irregular(const Call& c, int r, const F& place_windows) {
  using T = Compute<S>;
  using I = Index<T>;
  constexpr int kL = kLanes<T>;
  const TensorRef &x = c.in[0], &y = c.out[0];
  Extent in(x, r), out(y, r);
  int64_t planes = y.numel / out.size(), width = round_up(in.w, kL);
  int64_t windows = out.d + out.h + out.w;
  int64_t row_bytes = round_up(width * sizeof(T), 64);
  int64_t grain = std::max<int64_t>(1, 50000 / (2 * in.size() + out.size() * 4));
  Workplaces places(c, 2 * windows * sizeof(int64_t) + 64 + 2 * row_bytes + width * sizeof(I), ceil_div(planes, grain));
  parallel_for(planes, grain, [&](int64_t begin, int64_t end) {
    int64_t place = places.claim();
    char* memory = places.memory(place);
    Columns<T> columns{reinterpret_cast<T*>(memory), reinterpret_cast<I*>(memory + 2 * row_bytes)};
    T* wide = reinterpret_cast<T*>(memory + row_bytes);
    int64_t* bounds = reinterpret_cast<int64_t*>(memory + 2 * row_bytes + round_up(width * sizeof(I), 64));
    Windows axes[3];
    for (int64_t a = 0, at = 0; a < 3; a++) {
      int64_t n = a == 0 ? out.d : a == 1 ? out.h : out.w;
      axes[a] = {n, bounds + at, bounds + windows + at};
      at += n;
    }
    for (int64_t i = begin; i < end; i++) {
      place_windows(i, axes);
      const S* volume = x.as<S>() + i * in.size();
      int64_t to = i * out.size();
      for (int64_t oz = 0; oz < out.d; oz++)
        for (int64_t oy = 0; oy < out.h; oy++, to += out.w) {
          bool first = true;
          for (int64_t iz = axes[0].begin[oz]; iz < axes[0].end[oz]; iz++)
            for (int64_t iy = axes[1].begin[oy]; iy < axes[1].end[oy]; iy++, first = false)
              take_row<S>(volume + (iz * in.h + iy) * in.w, in.w, (iz * in.h + iy) * in.w, first, columns, wide);
          for (int64_t ox = 0; ox < out.w; ox++) {
            int64_t j = best_column(columns, axes[2].begin[ox], axes[2].end[ox]);
            y.as<S>()[to + ox] = narrow<S>(columns.best[j]);
            c.out[1].as<int64_t>()[to + ox] = columns.at[j];
          }
        }
    }
    places.release(place);
  });
}

// Runs f(zero) with a zero of x's dtype unless there is nothing to do.
template <class F>
SINTER_INLINE void irregular(const Call& c, const char* op, int r, F&& f) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  if (y.numel == 0) return;
  if (Extent(x, r).size() > std::numeric_limits<int32_t>::max())
    fail(ErrorCode::unsupported, "%s: windows over more than 2^31 elements are not supported on cpu", op);
  if (!with_float_type(x.dtype, f))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", op, dtype_name(x.dtype));
}

}  // namespace

void adaptiveMaxPool(const Call& c) {
  int r = static_cast<int>(c.int_attr(0));
  irregular(c, "adaptiveMaxPool", r, [&](auto zero) {
    Extent in(c.in[0], r);
    pool_irregular<decltype(zero)>(c, r, [in](int64_t, const Windows* axes) {
      adaptive_windows(axes[0], in.d), adaptive_windows(axes[1], in.h), adaptive_windows(axes[2], in.w);
    });
  });
}

void fractionalMaxPool(const Call& c) {
  int r = c.nattr;
  irregular(c, "fractionalMaxPool", r, [&](auto zero) {
    using S = decltype(zero);
    const S* samples = c.in[1].as<S>();
    const double* kernel = c.attr;
    Extent in(c.in[0], r);
    pool_irregular<S>(c, r, [=](int64_t plane, const Windows* axes) {
      const S* sample = samples + plane * r;
      int64_t kw = static_cast<int64_t>(kernel[r - 1]), kh = static_cast<int64_t>(kernel[r - 2]);
      fractional_windows(axes[0], in.d, r > 2 ? static_cast<int64_t>(kernel[0]) : 1, r > 2 ? to_compute(sample[0]) : 0);
      fractional_windows(axes[1], in.h, kh, to_compute(sample[1]));
      fractional_windows(axes[2], in.w, kw, to_compute(sample[r > 2 ? 2 : 0]));
    });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
