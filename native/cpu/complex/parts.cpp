// complex, polar, angle, conj, sgn. Place in the whole: what makes complex numbers of real ones and takes them apart.
//
// complex  re?, im? (f32 or f64, any view, one shape) -> z (c64 or c128); an absent part is zero
// polar    length, angle (same) -> z = length (cos angle, sin angle)
// angle    x (c64, c128, f32, f64) -> y (f32 or f64) in [-pi, pi], as atan2 has it
// conj     z -> (re, -im);  sgn  z -> z / |z|, 0 for 0
#include "cpu/complex/pairs.h"
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// z = (a, b) after `Op`, lane by lane.
template <class Op, class T>
void weave_run(const Run& r) {
  const T *a = static_cast<const T*>(r.in[0]), *b = static_cast<const T*>(r.in[1]);
  T* z = static_cast<T*>(r.out);
  constexpr int lanes = kLanes<T>;
  int64_t i = 0;
  Vec<T> re, im;
  for (; i + lanes <= r.n; i += lanes) {
    Op::template apply<T>(load(a + i), load(b + i), re, im);
    store(z + 2 * i, woven<T, 0>(re, im));
    store(z + 2 * i + lanes, woven<T, 1>(re, im));
  }
  const int rest = static_cast<int>(r.n - i);
  if (rest == 0) return;
  Op::template apply<T>(load_n(a + i, rest), load_n(b + i, rest), re, im);
  T pairs[2 * lanes];
  store(pairs, woven<T, 0>(re, im));
  store(pairs + lanes, woven<T, 1>(re, im));
  std::memcpy(z + 2 * i, pairs, static_cast<size_t>(rest) * 2 * sizeof(T));
}
struct Both {
  template <class T>
  static SINTER_INLINE void apply(Vec<T> a, Vec<T> b, Vec<T>& re, Vec<T>& im) {
    re = a;
    im = b;
  }
};
struct Polar {
  template <class T>
  static SINTER_INLINE void apply(Vec<T> length, Vec<T> angle, Vec<T>& re, Vec<T>& im) {
    re = length * vcos(angle);
    im = length * vsin(angle);
  }
};
template <class T, int Part>
void part_run(const Run& r) {
  const T* __restrict x = static_cast<const T*>(r.in[0]);
  T* __restrict z = static_cast<T*>(r.out);
  for (int64_t i = 0; i < r.n; i++) {
    z[2 * i + Part] = x[i];
    z[2 * i + 1 - Part] = 0;
  }
}

// atan2: the quotient of the smaller by the larger part, from there to its octant. Coefficients: Cephes' atanf
// (S. Moshier), good to 2 units of the last place.
SINTER_INLINE Vf argument(Vf re, Vf im) {
  const Vf x = vabs(re), y = vabs(im);
  const Vf large = x > y ? x : y, small = x > y ? y : x;
  const Vf same = Vf{} + 1.f;
  Vf t = (large == 0.f) | (large == __builtin_inff()) ? (small == large && large != 0.f ? same : Vf{}) : small / large;
  const Vi steep = t > 0.41421356f;  // tan(pi / 8)
  const Vf s = steep ? (t - 1.f) / (t + 1.f) : t, q = s * s;
  Vf a = s + s * q * (((8.05374449538e-2f * q - 1.38776856032e-1f) * q + 1.99777106478e-1f) * q - 3.33329491539e-1f);
  a = steep ? a + 0.78539816f : a;
  a = x >= y ? a : 1.57079633f - a;
  a = (Vi)re < 0 ? 3.14159265f - a : a;
  a = (re != re) | (im != im) ? re + im : a;
  return with_sign(a, im);
}
SINTER_INLINE Vd argument(Vd re, Vd im) {
  Vd a;
  for (int i = 0; i < kLanes<double>; i++) a[i] = ::atan2(im[i], re[i]);
  return a;
}
template <class T>
void angle_run(const Run& r) {
  const T* z = static_cast<const T*>(r.in[0]);
  T* y = static_cast<T*>(r.out);
  constexpr int lanes = kLanes<T>;
  int64_t i = 0;
  for (; i + lanes <= r.n; i += lanes) {
    const Vec<T> low = load(z + 2 * i), high = load(z + 2 * i + lanes);
    store(y + i, argument(part_of<T, 0>(low, high), part_of<T, 1>(low, high)));
  }
  const int rest = static_cast<int>(r.n - i);
  if (rest == 0) return;
  T pairs[2 * lanes] = {};
  std::memcpy(pairs, z + 2 * i, static_cast<size_t>(rest) * 2 * sizeof(T));
  const Vec<T> low = load(pairs), high = load(pairs + lanes);
  store_n(y + i, argument(part_of<T, 0>(low, high), part_of<T, 1>(low, high)), rest);
}
template <class T>
void real_angle_run(const Run& r) {
  const T* __restrict x = static_cast<const T*>(r.in[0]);
  T* __restrict y = static_cast<T*>(r.out);
  for (int64_t i = 0; i < r.n; i++) y[i] = x[i] != x[i] ? x[i] : x[i] < 0 ? static_cast<T>(M_PI) : T(0);
}

struct Conj {
  template <class T>
  static SINTER_INLINE Vec<T> apply(Vec<T> z) {
    return z * splat_pair<T>(1, -1);
  }
};
// Divided by the larger part first: its length then lies between 1 and sqrt(2).
template <class T>
void sgn_run(const Run& r) {
  const T* __restrict x = static_cast<const T*>(r.in[0]);
  T* __restrict y = static_cast<T*>(r.out);
  for (int64_t i = 0; i < r.n; i++) {
    const T re = std::fabs(x[2 * i]), im = std::fabs(x[2 * i + 1]), large = re > im ? re : im;
    const T scale = large == 0 ? T(1) : large, a = x[2 * i] / scale, b = x[2 * i + 1] / scale;
    const T length = large == 0 ? T(1) : std::sqrt(a * a + b * b);
    y[2 * i] = a / length;
    y[2 * i + 1] = b / length;
  }
}
template <class T>
void conj_run(const Run& r) {
  const T* x = static_cast<const T*>(r.in[0]);
  T* y = static_cast<T*>(r.out);
  const int64_t n = 2 * r.n;
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(y + i, Conj::apply<T>(load(x + i)));
  if (i < n) store_n(y + i, Conj::apply<T>(load_n(x + i, static_cast<int>(n - i))), static_cast<int>(n - i));
}

void raw(const Call& c, const char* name, RunFn run, const TensorRef* in, int nin) {
  const TensorRef& y = c.out[0];
  bool flat = y.numel <= kCheap;
  for (int k = 0; k < nin; k++) flat = flat && in[k].contiguous;
  if (flat) return run(Run{{in[0].data, nin > 1 ? in[1].data : nullptr}, {1, 1}, y.data, y.numel, {}});
  pointwise_raw(Pointwise{.name = name}, run, in, nin, y, c);
}

}  // namespace

void complex(const Call& c) {
  const bool narrow = c.out[0].dtype == DType::c64;
  const TensorRef &re = c.in[0], &im = c.opt(1);
  if (re.present() && im.present())
    return raw(c, "complex", narrow ? weave_run<Both, float> : weave_run<Both, double>, c.in, 2);
  if (re.present()) return raw(c, "complex", narrow ? part_run<float, 0> : part_run<double, 0>, &re, 1);
  raw(c, "complex", narrow ? part_run<float, 1> : part_run<double, 1>, &im, 1);
}

void polar(const Call& c) {
  raw(c, "polar", c.out[0].dtype == DType::c64 ? weave_run<Polar, float> : weave_run<Polar, double>, c.in, 2);
}

void angle(const Call& c) {
  RunFn run;
  switch (c.in[0].dtype) {
    case DType::f32: run = real_angle_run<float>; break;
    case DType::f64: run = real_angle_run<double>; break;
    case DType::c64: run = angle_run<float>; break;
    case DType::c128: run = angle_run<double>; break;
    default: fail(ErrorCode::unsupported, "angle: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
  raw(c, "angle", run, c.in, 1);
}

void conj(const Call& c) { raw(c, "conj", c.out[0].dtype == DType::c64 ? conj_run<float> : conj_run<double>, c.in, 1); }
void sgn(const Call& c) { raw(c, "sgn", c.out[0].dtype == DType::c64 ? sgn_run<float> : sgn_run<double>, c.in, 1); }

}  // namespace sinter::cpu::SINTER_ISA
