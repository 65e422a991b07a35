// unfold: x (n, c, h, w) -> y (n, c * kh * kw, columns), every window as a column; fold: the way back, which adds every
// column where unfold takes it from {kh, kw, dh, dw, ph, pw, sh, sw}. Place in the whole: each is the other's gradient; the
// convolutions themselves never form columns. f32, f64, bf16, f16; fold sums the latter two in f32.
#include <algorithm>

#include "cpu/conv/problem.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

struct Sliding {
  int64_t kh, kw, dh, dw, ph, pw, sh, sw, h, w, oh, ow;

  Sliding(const Call& c, const TensorRef& image)
      : kh(c.int_attr(0)), kw(c.int_attr(1)), dh(c.int_attr(2)), dw(c.int_attr(3)), ph(c.int_attr(4)),
        pw(c.int_attr(5)), sh(c.int_attr(6)), sw(c.int_attr(7)), h(image.dim(2)), w(image.dim(3)),
        oh((h + 2 * ph - dh * (kh - 1) - 1) / sh + 1), ow((w + 2 * pw - dw * (kw - 1) - 1) / sw + 1) {}

  // Calls row(first element of the row of columns, columns [lo, hi) that lie inside of the image, their first element in the
  // plane) for each row of windows of one tap; lo == hi where nothing does.
  template <class F>
  SINTER_INLINE void rows(int64_t tap, F&& row) const {
    int64_t x0 = tap % kw * dw - pw;
    int64_t lo = x0 >= 0 ? 0 : std::min(ow, ceil_div(-x0, sw));
    int64_t hi = x0 >= w ? lo : std::max(lo, std::min(ow, ceil_div(w - x0, sw)));
    for (int64_t oy = 0; oy < oh; oy++) {
      int64_t y = oy * sh - ph + tap / kw * dh;
      bool inside = y >= 0 && y < h;
      row((tap * oh + oy) * ow, lo, inside ? hi : lo, y * w + x0 + lo * sw);
    }
  }
  int64_t taps() const { return kh * kw; }
  int64_t columns() const { return kh * kw * oh * ow; }
};

// Elements are only moved, so their size is all that matters.
template <class E>
void unfold_planes(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  Sliding s(c, x);
  int64_t tasks = x.dim(0) * x.dim(1) * s.taps();
  parallel_for(tasks, std::max<int64_t>(1, 60000 / (s.oh * s.ow + 1)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const E* plane = x.as<E>() + i / s.taps() * s.h * s.w;
      E* columns = y.as<E>() + i / s.taps() * s.columns();
      s.rows(i % s.taps(), [&](int64_t at, int64_t lo, int64_t hi, int64_t from) {
        E* to = columns + at;
        std::memset(to, 0, lo * sizeof(E));
        std::memset(to + hi, 0, (s.ow - hi) * sizeof(E));
        if (s.sw == 1) {
          if (hi > lo) std::memcpy(to + lo, plane + from, (hi - lo) * sizeof(E));
        } else {
          for (int64_t j = lo; j < hi; j++) to[j] = plane[from + (j - lo) * s.sw];
        }
      });
    }
  });
}

template <class S>
void fold_planes(const Call& c) {
  using T = Compute<S>;
  const TensorRef &x = c.in[0], &y = c.out[0];
  Sliding s(c, y);
  int64_t size = s.h * s.w, planes = y.dim(0) * y.dim(1);
  int64_t grain = std::max<int64_t>(1, 60000 / (s.columns() + size + 1));
  Workplaces places(c, std::is_same_v<S, T> ? 0 : size * sizeof(T), ceil_div(planes, grain));
  parallel_for(planes, grain, [&](int64_t begin, int64_t end) {
    int64_t place = places.claim();
    for (int64_t i = begin; i < end; i++) {
      const S* columns = x.as<S>() + i * s.columns();
      S* out = y.as<S>() + i * size;
      T* sums = std::is_same_v<S, T> ? reinterpret_cast<T*>(out) : reinterpret_cast<T*>(places.memory(place));
      std::memset(sums, 0, size * sizeof(T));
      for (int64_t tap = 0; tap < s.taps(); tap++)
        s.rows(tap, [&](int64_t at, int64_t lo, int64_t hi, int64_t to) {
          const S* from = columns + at + lo;
          T* sum = sums + to;
          if (s.sw == 1)
            for (int64_t j = 0; j < hi - lo; j++) sum[j] += to_compute(from[j]);
          else
            for (int64_t j = 0; j < hi - lo; j++) sum[j * s.sw] += to_compute(from[j]);
        });
      if constexpr (!std::is_same_v<S, T>)
        for (int64_t j = 0; j < size; j++) out[j] = narrow<S>(sums[j]);
    }
    places.release(place);
  });
}

}  // namespace

void unfold(const Call& c) {
  const TensorRef& y = c.out[0];
  if (y.numel == 0) return;
  switch (dtype_size(y.dtype)) {
    case 2: return unfold_planes<uint16_t>(c);
    case 4: return unfold_planes<uint32_t>(c);
    case 8: return unfold_planes<uint64_t>(c);
    default: fail(ErrorCode::unsupported, "unfold: dtype %s is not supported on cpu", dtype_name(y.dtype));
  }
}

void fold(const Call& c) {
  const TensorRef& y = c.out[0];
  if (y.numel == 0) return;
  if (!with_float_type(y.dtype, [&](auto zero) { fold_planes<decltype(zero)>(c); }))
    fail(ErrorCode::unsupported, "fold: dtype %s is not supported on cpu", dtype_name(y.dtype));
}

}  // namespace sinter::cpu::SINTER_ISA
