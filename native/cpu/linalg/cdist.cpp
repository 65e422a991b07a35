// cdist: a (..., m, d), b (..., n, d) -> y (..., m, n) {p}: the p-norm of the difference of every row of a and every row
// of b. Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   p 0 counts the differences, infinity takes the largest.
//
// Lanes are rows of b, transposed into panels of kWidth vectors: a tile of kHeight rows of a adds up kHeight x kWidth
// vectors in registers. Where b has too few rows for that, lanes run along d.
#include "cpu/linalg/dense.h"
#include "cpu/simd/math.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int kWidth = 2;
constexpr int64_t kRows = 64;             // rows of a that one range takes
constexpr int64_t kPanelBytes = 1 << 15;  // panels that it takes them against
constexpr int64_t kDepth = 128;           // terms that are added up at a time, so that long rows keep their digits

// What a norm adds up, in vectors: term of two elements, merge of two sums (or largest), finish of the whole.
template <class T>
struct Ones {
  static constexpr int kHeight = 4;
  T p;
  SINTER_INLINE Vec<T> term(Vec<T> a, Vec<T> b) const { return a != b ? splat(T(1)) : Vec<T>{}; }
  SINTER_INLINE Vec<T> merge(Vec<T> x, Vec<T> y) const { return x + y; }
  SINTER_INLINE Vec<T> finish(Vec<T> x) const { return x; }
};
template <class T>
struct Absolute : Ones<T> {
  SINTER_INLINE Vec<T> term(Vec<T> a, Vec<T> b) const { return vabs(a - b); }
};
template <class T>
struct Squares : Ones<T> {
  SINTER_INLINE Vec<T> term(Vec<T> a, Vec<T> b) const {
    const Vec<T> x = a - b;
    return x * x;
  }
  SINTER_INLINE Vec<T> finish(Vec<T> x) const { return vsqrt(x); }
};
template <class T>
struct Largest : Absolute<T> {
  SINTER_INLINE Vec<T> merge(Vec<T> x, Vec<T> y) const { return (y > x) | (y != y) ? y : x; }  // NaN stays
};
template <class T>
struct Powers : Ones<T> {
  static constexpr int kHeight = 1;  // a power is long enough
  SINTER_INLINE Vec<T> term(Vec<T> a, Vec<T> b) const { return vpow(vabs(a - b), splat(this->p)); }
  SINTER_INLINE Vec<T> finish(Vec<T> x) const { return vpow(x, splat(1 / this->p)); }
};
template <class T>
struct Cubes : Powers<T> {
  static constexpr int kHeight = 4;
  SINTER_INLINE Vec<T> term(Vec<T> a, Vec<T> b) const {
    const Vec<T> x = vabs(a - b);
    return x * x * x;
  }
};

// Rows a[0 .. H-1] of stride d against a panel (d, W lanes); y has `columns` columns in use.
template <int H, int W, class T, class Norm>
void tile(const Norm& norm, const T* a, const T* panel, int64_t d, T* y, int64_t ldy, int64_t columns) {
  constexpr int64_t L = kLanes<T>;
  Vec<T> total[H][W] = {};
  for (int64_t from = 0; from < d; from += kDepth) {
    const int64_t to = std::min(d, from + kDepth);
    Vec<T> sum[H][W] = {};
    for (int64_t k = from; k < to; k++) {
#pragma GCC unroll 4
      for (int h = 0; h < H; h++)
#pragma GCC unroll 2
        for (int w = 0; w < W; w++)
          sum[h][w] = norm.merge(sum[h][w], norm.term(splat(a[h * d + k]), load(panel + (k * W + w) * L)));
    }
#pragma GCC unroll 4
    for (int h = 0; h < H; h++)
#pragma GCC unroll 2
      for (int w = 0; w < W; w++) total[h][w] = norm.merge(total[h][w], sum[h][w]);
  }
  for (int h = 0; h < H; h++)
    for (int w = 0; w < W; w++) {
      const int64_t left = columns - w * L;
      if (left <= 0) break;
      const Vec<T> v = norm.finish(total[h][w]);
      T* to = y + h * ldy + w * L;
      left >= L ? store(to, v) : store_n(to, v, static_cast<int>(left));
    }
}

// Rows of b, count of them, as a panel (d, kWidth lanes); the lanes beyond repeat the last row.
template <class T>
void fill_panel(const T* b, int64_t count, int64_t d, T* panel) {
  constexpr int64_t width = kWidth * kLanes<T>;
  for (int64_t j = 0; j < width; j++) {
    const T* row = b + std::min(j, count - 1) * d;
    for (int64_t k = 0; k < d; k++) panel[k * width + j] = row[k];
  }
}

template <class T, class Norm>
void across(const Call& c, const Norm& norm, int64_t m, int64_t n, int64_t d) {
  constexpr int64_t width = kWidth * kLanes<T>;
  const T *a = c.in[0].as<T>(), *b = c.in[1].as<T>();
  T* y = c.out[0].as<T>();
  const int64_t batch = c.out[0].numel / (m * n), panels = (n + width - 1) / width, size = width * d;
  T* packed = c.scratch_of<T>(batch * panels * size);
  parallel_for(batch * panels, entries_at_once(size), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t first = i % panels * width;
      fill_panel(b + (i / panels * n + first) * d, std::min(width, n - first), d, packed + i * size);
    }
  });
  const int64_t together = std::clamp<int64_t>(kPanelBytes / (size * static_cast<int64_t>(sizeof(T)) + 1), 1, panels);
  const int64_t groups = (panels + together - 1) / together, blocks = (m + kRows - 1) / kRows;
  const int64_t work = std::min(m, kRows) * together * width * (d + 4);
  parallel_for(batch * groups * blocks, entries_at_once(work), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t entry = i / (groups * blocks), first = i / blocks % groups * together, from = i % blocks * kRows;
      const int64_t last = std::min(panels, first + together), to = std::min(m, from + kRows);
      for (int64_t row = from; row < to;) {
        const T* x = a + (entry * m + row) * d;
        const bool whole = row + Norm::kHeight <= to;
        for (int64_t at = first; at < last; at++) {
          const T* panel = packed + (entry * panels + at) * size;
          T* out = y + (entry * m + row) * n + at * width;
          whole ? tile<Norm::kHeight, kWidth>(norm, x, panel, d, out, n, n - at * width)
                : tile<1, kWidth>(norm, x, panel, d, out, n, n - at * width);
        }
        row += whole ? Norm::kHeight : 1;
      }
    }
  });
}

// The norm of one row's difference from another.
template <class T, class Norm>
T distance(const Norm& norm, const T* a, const T* b, int64_t d) {
  constexpr int64_t L = kLanes<T>;
  Vec<T> total{};
  for (int64_t from = 0; from < d; from += kDepth * L) {
    const int64_t to = std::min(d, from + kDepth * L);
    Vec<T> sum{};
    int64_t k = from;
    for (; k + L <= to; k += L) sum = norm.merge(sum, norm.term(load(a + k), load(b + k)));
    if (k < to) {
      const int left = static_cast<int>(to - k);
      sum = norm.merge(sum, norm.term(load_n(a + k, left), load_n(b + k, left)));
    }
    total = norm.merge(total, sum);
  }
  const T whole = fold_lanes<T>(total, [&](Vec<T> x, Vec<T> y) { return norm.merge(x, y); });
  return norm.finish(splat(whole))[0];
}

template <class T, class Norm>
void along(const Call& c, const Norm& norm, int64_t m, int64_t n, int64_t d) {
  const T *a = c.in[0].as<T>(), *b = c.in[1].as<T>();
  T* y = c.out[0].as<T>();
  parallel_for(c.out[0].numel, entries_at_once(d + 8), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t row = i / n;
      y[i] = distance(norm, a + row * d, b + (row / m * n + i % n) * d, d);
    }
  });
}

template <class T, class Norm>
void run(const Call& c, const Norm& norm) {
  if (c.out[0].numel == 0) return;
  constexpr int64_t L = kLanes<T>, width = kWidth * L;
  const int64_t m = c.in[0].dim(-2), n = c.in[1].dim(-2), d = c.in[0].dim(-1);
  // Steps for all pairs of a row of b: lanes in use, and the panel, against the sums across lanes.
  const double lanes = static_cast<double>((n + width - 1) / width * kWidth) / static_cast<double>(n);
  const double across_steps = static_cast<double>(d) * (1.5 + static_cast<double>(m) * lanes);
  const double along_steps = static_cast<double>(m * ((d + L - 1) / L + 6));
  across_steps < along_steps ? across<T>(c, norm, m, n, d) : along<T>(c, norm, m, n, d);
}

template <class T>
void by_order(const Call& c) {
  const T p = static_cast<T>(c.attr[0]);
  if (p == 2) return run<T>(c, Squares<T>{{p}});
  if (p == 1) return run<T>(c, Absolute<T>{{p}});
  if (p == 0) return run<T>(c, Ones<T>{p});
  if (p == 3) return run<T>(c, Cubes<T>{{{p}}});
  if (std::isinf(p)) return run<T>(c, Largest<T>{{{p}}});
  run<T>(c, Powers<T>{{p}});
}

}  // namespace

void cdist(const Call& c) {
  with_real(c.in[0].dtype, "cdist", [&](auto t) { by_order<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
