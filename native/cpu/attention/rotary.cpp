// rotary: positions as rotations (Su et al., "RoFormer", 2021). Place in the whole: kernel of native/ops.def, compiled once per
// instruction set; queries and keys pass through it once between their projection and attention.
//   x (b, h, t, d), any strides but 1 within a row -> y, row r of the first r elements turned pairwise: (a, b) becomes
//   (a cos - b sin, b cos + a sin), where pair i is (i, i + r / 2), or (2 i, 2 i + 1) interleaved; the rest is copied. The
//   gradient turns back: inverse negates the sines.
#include "cpu/attention/problem.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
struct Rotation {
  using C = Compute<T>;
  static constexpr int L = kLanes<C>;

  const C *cosines, *sines;
  int64_t half, d;
  C sign;
  bool interleaved;

  SINTER_INLINE void row(const T* x, int64_t position, T* y) const {
    const C *c = cosines + position * half, *s = sines + position * half;
    if (interleaved) {
      for (int64_t i = 0; i < half; i++) {
        const C a = to_compute(x[2 * i]), b = to_compute(x[2 * i + 1]), sine = sign * s[i];
        y[2 * i] = from_compute<T>(a * c[i] - b * sine);
        y[2 * i + 1] = from_compute<T>(b * c[i] + a * sine);
      }
    } else {
      each_step<T>(half, [&](int64_t i, auto part) {
        const Vec<C> a = get(part, x + i), b = get(part, x + half + i);
        const Vec<C> cosine = get(part, c + i), sine = get(part, s + i) * sign;
        put(part, y + i, a * cosine - b * sine);
        put(part, y + half + i, b * cosine + a * sine);
      });
    }
    if (d > 2 * half) std::memcpy(y + 2 * half, x + 2 * half, static_cast<size_t>(d - 2 * half) * sizeof(T));
  }
};

}  // namespace

void rotary(const Call& c) {
  const TensorRef &x = c.in[0], &cosines = c.in[1], &sines = c.in[2];
  const TensorRef places = c.opt(3);
  const TensorRef& y = c.out[0];
  if (x.numel == 0) return;
  const int64_t h = x.dim(1), t = x.dim(2), d = x.dim(3), first = c.int_attr(0), count = cosines.dim(0);
  if (places.present() && places.dim(0) != 1 && places.dim(0) != x.dim(0))
    fail(ErrorCode::internal, "rotary: positions of %lld batches for %lld", static_cast<long long>(places.dim(0)),
         static_cast<long long>(x.dim(0)));
  // Positions of all rows, checked before anything is read.
  const int64_t lines = places.present() ? places.dim(0) : 1;
  int64_t* positions = c.scratch_of<int64_t>(lines * t);
  for (int64_t b = 0; b < lines; b++)
    for (int64_t i = 0; i < t; i++) {
      const int64_t at = places.present() ? index_at(places, b * places.strides[0] + i * places.strides[1]) : first + i;
      if (at < 0 || at >= count)
        fail(ErrorCode::index_out_of_range, "rotary: position %lld of a table of %lld", static_cast<long long>(at),
             static_cast<long long>(count));
      positions[b * t + i] = at;
    }
  with_floating(x.dtype, "rotary", [&](auto zero) {
    using T = decltype(zero);
    using C = Compute<T>;
    const Rotation<T> turn{cosines.as<C>(), sines.as<C>(), cosines.dim(1), d, c.attr[2] != 0 ? C(-1) : C(1),
                           c.attr[1] != 0};
    const HeadRows from(x), to(y.data, h, t, d, c.attr[3] != 0);
    parallel_for(x.numel / d, grain_of(d), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t row = i % t, head = i / t % h, batch = i / t / h;
        turn.row(from.at<T>(batch, head, row), positions[(lines == 1 ? 0 : batch) * t + row],
                 to.at<T>(batch, head, row));
      }
    });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
