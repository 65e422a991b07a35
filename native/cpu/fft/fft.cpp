// fftComplex, fftReal, fftHermitian. Place in the whole: the entries; they choose between blocks of lines and long lines.
//
// x, y contiguous; transforms of length n along {axis}, of x's first elements there (zeros beyond them), to y's first
// elements there (zeros beyond the transform). {axis, n, sign, scale, weight}: y_k = scale sum_j x_j exp(sign 2 pi i j k / n).
//
// fftComplex    c64, c128 -> same
// fftReal       f32, f64 -> the n / 2 + 1 first of the transform; those that stand for two are multiplied by `weight`
// fftHermitian  x_k, k <= n / 2, stand for themselves and, conjugated and times `weight`, for n - k; -> real y. Where they
//               stand for one element only, their imaginary parts do not count. So each of the two is the other's adjoint,
//               with the other sign, and half or twice the weight.
#include <algorithm>

#include "cpu/fft/lines.h"
#include "cpu/fft/long.h"
#include "cpu/fft/real.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kLongBytes = 4 << 20;   // working memory of a block from which on lines go one by one
constexpr int64_t kLargeBytes = 1 << 20;  // operands from which on lines are called for ahead
constexpr int64_t kLongFrom = 512;        // shortest line that is worth all threads on its own

struct Problem {
  int64_t outer = 1, inner = 1, from, to;  // lengths of x and y along the axis
  int64_t n;
  bool inverse;
  double scale, weight;

  explicit Problem(const Call& c) {
    const TensorRef &x = c.in[0], &y = c.out[0];
    const int axis = static_cast<int>(c.int_attr(0));
    for (int d = 0; d < x.rank; d++)
      if (d != axis) (d < axis ? outer : inner) *= x.dims[d];
    from = x.dims[axis];
    to = y.dims[axis];
    n = c.int_attr(1);
    inverse = c.attr[2] > 0;
    scale = c.attr[3];
    weight = c.nattr > 4 ? c.attr[4] : 1;
  }
  int64_t lines() const { return outer * inner; }
  // Where line i begins, in elements of a tensor with `length` elements along the axis.
  int64_t offset(int64_t i, int64_t length) const { return i / inner * length * inner + i % inner; }

  template <class T>
  bool is_long(int64_t length) const {
    if (length < kLongFrom) return false;
    const int64_t rows = is_smooth(length) ? length : smooth_length(2 * length - 1);
    return 2 * lines() <= kLanes<T> || Block<T>::bytes(rows) > kLongBytes;
  }
};

// Calls for the memory of a block's lines, `length` elements of `unit` numbers each: lines lie side by side in short pieces, which
// the processor does not foresee.
template <bool Write, class T>
SINTER_INLINE void call_for(const Lines<T>& lines, int64_t length, int unit) {
  const auto run = [](const T* from, int64_t count) __attribute__((always_inline)) {
    const char *at = reinterpret_cast<const char*>(from), *end = reinterpret_cast<const char*>(from + count);
    for (; at < end; at += 64) __builtin_prefetch(at, Write);
  };
  if (lines.side_by_side) {
    for (int64_t j = 0; j < length; j++) run(lines.base + lines.offset[0] + j * lines.stride, lines.count * unit);
  } else if (lines.stride == unit) {
    for (int l = 0; l < lines.count; l++) run(lines.base + lines.offset[l], length * unit);
  }
}

// f(block, in, out) for all lines; UnitIn and UnitOut are the numbers of T in an element.
template <class T, int UnitIn, int UnitOut, class F>
void each_block(const Call& c, const Problem& p, int64_t rows, F f) {
  constexpr int64_t lanes = kLanes<T>;
  // Lines of one outer index lie side by side; where they are few, a block takes those of several.
  const bool together = p.inner >= lanes / 2 && p.inner > 1;
  const int64_t group = together ? p.inner : p.lines(), groups = together ? p.outer : 1;
  const int64_t blocks = (group + lanes - 1) / lanes;
  const Workplaces places(c, Block<T>::bytes(rows), blocks * groups);
  const int64_t grain = std::max<int64_t>(1, 32768 / (rows * lanes));
  const bool large =
      (c.in[0].numel * UnitIn + c.out[0].numel * UnitOut) * static_cast<int64_t>(sizeof(T)) >= kLargeBytes;
  parallel_for(blocks * groups, grain, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    const auto lines = [&](auto* base, int64_t i, int unit, int64_t length) {
      const int64_t first = i / blocks * group + i % blocks * lanes, left = group - i % blocks * lanes;
      Lines<std::remove_pointer_t<decltype(base)>> at{
          base, {}, unit * p.inner, static_cast<int>(std::min(lanes, left)), together};
      for (int64_t l = 0; l < at.count; l++) at.offset[l] = unit * p.offset(first + l, length);
      return at;
    };
    for (int64_t i = begin; i < end; i++) {
      const Lines<const T> in = lines(c.in[0].as<const T>(), i, UnitIn, p.from);
      const Lines<T> out = lines(c.out[0].as<T>(), i, UnitOut, p.to);
      if (large) {
        call_for<true>(out, p.to, UnitOut);
        if (i + 1 < end) call_for<false>(lines(c.in[0].as<const T>(), i + 1, UnitIn, p.from), p.from, UnitIn);
      }
      Block<T> block(places.memory(place), rows);
      f(block, in, out);
    }
    places.release(place);
  });
}

// A line of x as `length` elements of `Unit` numbers side by side, zeros beyond its own; and of y.
template <class T, int Unit>
void gather_line(const T* x, int64_t offset, int64_t stride, int64_t count, int64_t length, T* line) {
  parallel_for(length, 16384, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; j++)
      for (int u = 0; u < Unit; u++) line[j * Unit + u] = j < count ? x[(offset + j * stride) * Unit + u] : T(0);
  });
}
template <class T, int Unit>
void scatter_line(const T* line, int64_t count, T* y, int64_t offset, int64_t stride, int64_t length) {
  parallel_for(length, 16384, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; j++)
      for (int u = 0; u < Unit; u++) y[(offset + j * stride) * Unit + u] = j < count ? line[j * Unit + u] : T(0);
  });
}

// ---- complex lines

template <class T>
void complex_lines(const Call& c) {
  const Problem p(c);
  const T scale = static_cast<T>(p.scale);
  const int64_t n = p.n, count = std::min(p.from, n), kept = std::min(p.to, n);
  if (p.is_long<T>(n)) {
    const LongLine<T> line(c, n);
    T* buffer = c.scratch_of<T>(2 * n);
    for (int64_t i = 0; i < p.lines(); i++) {
      const T* x = c.in[0].as<const T>() + 2 * p.offset(i, p.from);
      T* y = c.out[0].as<T>() + 2 * p.offset(i, p.to);
      const bool direct_in = p.inner == 1 && p.from >= n, direct_out = p.inner == 1 && p.to == n;
      if (!direct_in) gather_line<T, 2>(x, 0, p.inner, count, n, buffer);
      line.run(direct_in ? x : buffer, direct_out ? y : buffer, p.inverse, scale);
      if (!direct_out) scatter_line<T, 2>(buffer, kept, y, 0, p.inner, p.to);
    }
    return;
  }
  const Tables<T> tables(FftKind::transform, n);
  each_block<T, 2, 2>(c, p, tables->rows(), [&](Block<T>& b, const Lines<const T>& in, const Lines<T>& out) {
    if (p.inverse)
      load_complex(in, count, n, b.im, b.re);
    else
      load_complex(in, count, n, b.re, b.im);
    fft_block(*tables, b);
    if (p.inverse) b.swap_parts();
    store_complex(out, kept, p.to, b.re, b.im, scale, scale);
  });
}

// ---- from real lines

// The elements that stand for two: 1 .. (n - 1) / 2.
template <class T>
void weigh_rows(Block<T>& b, int64_t n, double weight) {
  if (weight == 1) return;
  for (int64_t at = kLanes<T>; at <= (n - 1) / 2 * kLanes<T>; at += kLanes<T>) {
    store(b.re + at, Vec<T>(load(b.re + at) * static_cast<T>(weight)));
    store(b.im + at, Vec<T>(load(b.im + at) * static_cast<T>(weight)));
  }
}
template <class T>
void weigh_line(T* line, int64_t n, double weight) {
  if (weight == 1) return;
  for (int64_t k = 2; k < 2 * ((n - 1) / 2 + 1); k++) line[k] *= static_cast<T>(weight);
}

template <class T>
void long_real(const Call& c, const Problem& p) {
  const int64_t n = p.n, h = n / 2, count = std::min(p.from, n), kept = std::min(p.to, h + 1);
  const bool even = n % 2 == 0;
  const T scale = static_cast<T>(p.scale), scale_im = p.inverse ? -scale : scale;
  const LongLine<T> line(c, even ? h : n);
  const Tables<T> roots(FftKind::roots, even ? n : 1);
  // Pairs of neighbours, or (odd) of an element and 0.
  T *pairs = c.scratch_of<T>(2 * n + 2), *result = c.scratch_of<T>(2 * n + 2);
  for (int64_t i = 0; i < p.lines(); i++) {
    const T* x = c.in[0].as<const T>() + p.offset(i, p.from);
    T* y = c.out[0].as<T>() + 2 * p.offset(i, p.to);
    if (even) {
      const bool direct = p.inner == 1 && p.from >= n;
      if (!direct) gather_line<T, 1>(x, 0, p.inner, count, n, pairs);
      line.run(direct ? x : pairs, pairs, false, T(1));
    } else {
      for (int64_t j = 0; j < n; j++) {
        pairs[2 * j] = j < count ? x[j * p.inner] : T(0);
        pairs[2 * j + 1] = 0;
      }
      line.run(pairs, pairs, false, T(1));
    }
    parallel_for(h + 1, 8192, [&](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; k++) {
        T re = pairs[2 * k], im = pairs[2 * k + 1];
        if (even) {
          const T *z = pairs + 2 * (k == h ? 0 : k), *q = pairs + 2 * (k == 0 ? 0 : h - k);
          unpack(z[0], z[1], q[0], q[1], roots->roots[2 * k], roots->roots[2 * k + 1], re, im);
        }
        result[2 * k] = re * scale;
        result[2 * k + 1] = im * scale_im;
      }
    });
    weigh_line(result, n, p.weight);
    scatter_line<T, 2>(result, kept, y, 0, p.inner, p.to);
  }
}

template <class T>
void real_lines(const Call& c) {
  const Problem p(c);
  const int64_t n = p.n, h = n / 2, kept = std::min(p.to, h + 1), count = std::min(p.from, n);
  const bool even = n % 2 == 0;
  if (p.is_long<T>(even ? h : n)) return long_real<T>(c, p);
  const T scale = static_cast<T>(p.scale), scale_im = p.inverse ? -scale : scale;
  const Tables<T> tables(FftKind::transform, even ? h : n), roots(FftKind::roots, even ? n : 1);
  each_block<T, 1, 2>(c, p, tables->rows(), [&](Block<T>& b, const Lines<const T>& in, const Lines<T>& out) {
    if (!even) {
      load_real(in, 0, 1, count, n, b.re);
      zero_rows(b.im, 0, n);
    } else if (p.inner == 1 && in.count == kLanes<T> && count % 2 == 0) {
      Lines<const T> pairs = in;
      pairs.stride = 2;
      load_complex(pairs, count / 2, h, b.re, b.im);
    } else {
      load_real(in, 0, 2, count, h, b.re);
      load_real(in, 1, 2, count, h, b.im);
    }
    fft_block(*tables, b);
    if (even) unpack_rows(b, h, roots->roots);
    weigh_rows(b, n, p.weight);
    store_complex(out, kept, p.to, b.re, b.im, scale, scale_im);
  });
}

// ---- to real lines

template <class T>
void long_hermitian(const Call& c, const Problem& p) {
  const int64_t n = p.n, h = n / 2, count = std::min(p.from, h + 1), kept = std::min(p.to, n);
  const bool even = n % 2 == 0;
  const T sign = p.inverse ? T(1) : T(-1), scale = static_cast<T>(p.scale);
  const LongLine<T> line(c, even ? h : n);
  const Tables<T> roots(FftKind::roots, even ? n : 1);
  T *half = c.scratch_of<T>(2 * h + 2), *pairs = c.scratch_of<T>(2 * n + 2);
  for (int64_t i = 0; i < p.lines(); i++) {
    const T* x = c.in[0].as<const T>() + 2 * p.offset(i, p.from);
    T* y = c.out[0].as<T>() + p.offset(i, p.to);
    gather_line<T, 2>(x, 0, p.inner, count, h + 1, half);
    weigh_line(half, n, p.weight);
    half[1] = 0;
    if (even) half[2 * h + 1] = 0;
    parallel_for(even ? h : h + 1, 8192, [&](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; k++) {
        if (even) {
          const T *a = half + 2 * k, *b = half + 2 * (h - k);
          pack(a[0], sign * a[1], b[0], sign * b[1], roots->roots[2 * k], roots->roots[2 * k + 1], pairs[2 * k],
               pairs[2 * k + 1]);
        } else {
          pairs[2 * k] = half[2 * k];
          pairs[2 * k + 1] = sign * half[2 * k + 1];
          if (k == 0) continue;
          pairs[2 * (n - k)] = half[2 * k];
          pairs[2 * (n - k) + 1] = -sign * half[2 * k + 1];
        }
      }
    });
    line.run(pairs, pairs, true, scale);
    if (even)
      scatter_line<T, 1>(pairs, kept, y, 0, p.inner, p.to);
    else
      for (int64_t j = 0; j < p.to; j++) y[j * p.inner] = j < kept ? pairs[2 * j] : T(0);
  }
}

template <class T>
void hermitian_lines(const Call& c) {
  const Problem p(c);
  constexpr int64_t lanes = kLanes<T>;
  const int64_t n = p.n, h = n / 2, count = std::min(p.from, h + 1), kept = std::min(p.to, n);
  const bool even = n % 2 == 0;
  if (p.is_long<T>(even ? h : n)) return long_hermitian<T>(c, p);
  const T scale = static_cast<T>(p.scale);
  const Tables<T> tables(FftKind::transform, even ? h : n), roots(FftKind::roots, even ? n : 1);
  each_block<T, 2, 1>(c, p, tables->rows(), [&](Block<T>& b, const Lines<const T>& in, const Lines<T>& out) {
    load_complex(in, count, h + 1, b.re, b.im);
    weigh_rows(b, n, p.weight);
    if (!p.inverse)
      for (int64_t at = lanes; at < (h + 1) * lanes; at += lanes) store(b.im + at, Vec<T>(-load(b.im + at)));
    zero_rows(b.im, 0, 1);
    if (even) {
      zero_rows(b.im, h, h + 1);
      pack_rows(b, h, roots->roots);
    } else {
      for (int64_t k = 1; k <= h; k++) {
        store(b.re + (n - k) * lanes, load(b.re + k * lanes));
        store(b.im + (n - k) * lanes, Vec<T>(-load(b.im + k * lanes)));
      }
    }
    b.swap_parts();
    fft_block(*tables, b);
    b.swap_parts();
    if (!even) {
      store_real(out, 0, 1, kept, n, b.re, scale);
    } else if (p.inner == 1 && out.count == kLanes<T> && kept % 2 == 0) {
      Lines<T> pairs = out;
      pairs.stride = 2;
      store_complex(pairs, kept / 2, kept / 2, b.re, b.im, scale, scale);
    } else {
      store_real(out, 0, 2, kept, h, b.re, scale);
      store_real(out, 1, 2, kept, h, b.im, scale);
    }
    for (int64_t j = kept; j < p.to; j++)
      for (int l = 0; l < out.count; l++) out.base[out.offset[l] + j * out.stride] = 0;
  });
}

}  // namespace

void fftComplex(const Call& c) {
  if (c.out[0].numel == 0) return;
  c.out[0].dtype == DType::c64 ? complex_lines<float>(c) : complex_lines<double>(c);
}
void fftReal(const Call& c) {
  if (c.out[0].numel == 0) return;
  c.out[0].dtype == DType::c64 ? real_lines<float>(c) : real_lines<double>(c);
}
void fftHermitian(const Call& c) {
  if (c.out[0].numel == 0) return;
  c.out[0].dtype == DType::f32 ? hermitian_lines<float>(c) : hermitian_lines<double>(c);
}

}  // namespace sinter::cpu::SINTER_ISA
