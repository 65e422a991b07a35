// Complex arithmetic: see arithmetic.h. Place in the whole: loops over interleaved pairs; the pointwise engine feeds them.
#include "cpu/complex/arithmetic.h"

#include "cpu/complex/pairs.h"
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

struct PairAdd {
  template <class T>
  static SINTER_INLINE Vec<T> apply(Vec<T> a, Vec<T> b, Vec<T>) {
    return a + b;
  }
};
struct PairSub {
  template <class T>
  static SINTER_INLINE Vec<T> apply(Vec<T> a, Vec<T> b, Vec<T>) {
    return a - b;
  }
};
struct PairMul {
  template <class T>
  static SINTER_INLINE Vec<T> apply(Vec<T> a, Vec<T> b, Vec<T>) {
    return pair_product<T>(a, b);
  }
};
struct PairDiv {
  template <class T>
  static SINTER_INLINE Vec<T> apply(Vec<T> a, Vec<T> b, Vec<T>) {
    return pair_quotient<T>(a, b);
  }
};
// The third operand is the one factor of all.
struct PairAddScaled {
  template <class T>
  static SINTER_INLINE Vec<T> apply(Vec<T> a, Vec<T> b, Vec<T> alpha) {
    return a + alpha * b;
  }
};
struct PairNeg {
  template <class T>
  static SINTER_INLINE Vec<T> apply(Vec<T> a) {
    return -a;
  }
};
struct PairSquare {
  template <class T>
  static SINTER_INLINE Vec<T> apply(Vec<T> a) {
    return pair_product<T>(a, a);
  }
};
struct PairReciprocal {
  template <class T>
  static SINTER_INLINE Vec<T> apply(Vec<T> a) {
    return pair_quotient<T>(splat_pair<T>(1, 0), a);
  }
};

template <class Op, class T, int StepA, int StepB>
SINTER_INLINE void pairs_loop(const Run& r, Vec<T> third) {
  const T *a = static_cast<const T*>(r.in[0]), *b = static_cast<const T*>(r.in[1]);
  T* y = static_cast<T*>(r.out);
  const int64_t n = 2 * r.n;
  Vec<T> va = splat_pair(a[0], a[1]), vb = splat_pair(b[0], b[1]);
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) {
    if constexpr (StepA) va = load(a + i);
    if constexpr (StepB) vb = load(b + i);
    store(y + i, Vec<T>(Op::template apply<T>(va, vb, third)));
  }
  if (i < n) {
    const int rest = static_cast<int>(n - i);
    if constexpr (StepA) va = load_n(a + i, rest);
    if constexpr (StepB) vb = load_n(b + i, rest);
    store_n(y + i, Vec<T>(Op::template apply<T>(va, vb, third)), rest);
  }
}
template <class Op, class T>
void pairs_run(const Run& r) {
  if (r.n == 0) return;
  if (r.step[0] && r.step[1]) return pairs_loop<Op, T, 1, 1>(r, Vec<T>{});
  if (r.step[0]) return pairs_loop<Op, T, 1, 0>(r, Vec<T>{});
  pairs_loop<Op, T, 0, 1>(r, Vec<T>{});
}
template <class T>
void add_scaled_run(const Run& r) {
  if (r.n > 0) pairs_loop<PairAddScaled, T, 1, 1>(r, splat(*static_cast<const T*>(r.in[2])));
}
template <class Op, class T>
void each_run(const Run& r) {
  const T* x = static_cast<const T*>(r.in[0]);
  T* y = static_cast<T*>(r.out);
  const int64_t n = 2 * r.n;
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(y + i, Vec<T>(Op::template apply<T>(load(x + i))));
  if (i < n) {
    const int rest = static_cast<int>(n - i);
    store_n(y + i, Vec<T>(Op::template apply<T>(load_n(x + i, rest))), rest);
  }
}

template <class T, bool Equal>
void compare_pairs_run(const Run& r) {
  const T *a = static_cast<const T*>(r.in[0]), *b = static_cast<const T*>(r.in[1]);
  uint8_t* __restrict y = static_cast<uint8_t*>(r.out);
  if (r.n == 0) return;
  if (r.step[0] && r.step[1]) {
    for (int64_t i = 0; i < r.n; i++) y[i] = ((a[2 * i] == b[2 * i]) & (a[2 * i + 1] == b[2 * i + 1])) == Equal;
    return;
  }
  // One number against many.
  const T* many = r.step[0] ? a : b;
  const T *number = r.step[0] ? b : a, re = number[0], im = number[1];
  for (int64_t i = 0; i < r.n; i++) y[i] = ((many[2 * i] == re) & (many[2 * i + 1] == im)) == Equal;
}

// |z| without overflow on the way; infinite where a part is.
template <class T>
void abs_run(const Run& r) {
  const T* __restrict x = static_cast<const T*>(r.in[0]);
  T* __restrict y = static_cast<T*>(r.out);
  const T infinity = static_cast<T>(__builtin_inf());
  for (int64_t i = 0; i < r.n; i++) {
    const T re = std::fabs(x[2 * i]), im = std::fabs(x[2 * i + 1]);
    const T large = re > im ? re : im, small = re > im ? im : re, divisor = large == 0 ? T(1) : large;
    const T ratio = small / divisor, length = divisor * std::sqrt(ratio * ratio + T(1));
    const T finite = large == 0 ? large + small : length;
    y[i] = (re == infinity) | (im == infinity) ? infinity : finite;
  }
}

bool flat(const TensorRef& x, const TensorRef& y) { return x.contiguous && x.numel == y.numel; }

template <class Op>
void two(const Call& c, const char* name) {
  const int mode = c.nattr ? static_cast<int>(c.attr[0]) : 0;
  const TensorRef& y = c.out[0];
  const bool narrow = c.in[0].dtype == DType::c64;
  const RunFn run = narrow ? pairs_run<Op, float> : pairs_run<Op, double>;
  float narrow_number[2] = {0, 0};
  double number[2] = {0, 0};
  TensorRef scalar;
  if (mode) {
    number[0] = c.attr[1];
    narrow_number[0] = static_cast<float>(c.attr[1]);
    scalar.data = narrow ? static_cast<void*>(narrow_number) : number;
    scalar.numel = 1;
    scalar.rank = 0;
    scalar.dtype = c.in[0].dtype;
  }
  const TensorRef operands[2] = {mode == 2 ? scalar : c.in[0], mode == 0 ? c.in[1] : mode == 1 ? scalar : c.in[0]};
  if (y.numel <= kCheap) {
    const bool flat_a = flat(operands[0], y), flat_b = flat(operands[1], y);
    if ((flat_a && (flat_b || operands[1].numel == 1)) || (flat_b && operands[0].numel == 1))
      return run(Run{{operands[0].data, operands[1].data}, {flat_a, flat_b}, y.data, y.numel, {}});
  }
  pointwise_raw(Pointwise{.name = name, .steps = 3}, run, operands, 2, y, c);
}

void one(const Call& c, const char* name, RunFn narrow, RunFn wide) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  const RunFn run = x.dtype == DType::c64 ? narrow : wide;
  if (y.numel <= kCheap && flat(x, y)) return run(Run{{x.data}, {1}, y.data, y.numel, {}});
  pointwise_raw(Pointwise{.name = name}, run, &x, 1, y, c);
}
template <class Op>
void one(const Call& c, const char* name) {
  one(c, name, each_run<Op, float>, each_run<Op, double>);
}

template <bool Equal>
void compare(const Call& c, const char* name) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  const bool narrow = x.dtype == DType::c64;
  const RunFn run = narrow ? compare_pairs_run<float, Equal> : compare_pairs_run<double, Equal>;
  const c64 narrow_number{static_cast<float>(c.attr[1]), 0};
  const c128 number{c.attr[1], 0};
  TensorRef other = c.attr[0] == 0 ? c.in[1] : TensorRef{};
  if (!other.present()) {
    other.data = narrow ? const_cast<c64*>(&narrow_number) : static_cast<void*>(const_cast<c128*>(&number));
    other.numel = 1;
    other.rank = 0;
    other.dtype = x.dtype;
  }
  const TensorRef operands[2] = {x, other};
  pointwise_raw(Pointwise{.name = name, .steps = 3}, run, operands, 2, y, c);
}

}  // namespace

void complex_add(const Call& c) { two<PairAdd>(c, "add"); }
void complex_sub(const Call& c) { two<PairSub>(c, "sub"); }
void complex_mul(const Call& c) { two<PairMul>(c, "mul"); }
void complex_div(const Call& c) { two<PairDiv>(c, "div"); }
void complex_eq(const Call& c) { compare<true>(c, "eq"); }
void complex_ne(const Call& c) { compare<false>(c, "ne"); }
void complex_neg(const Call& c) { one<PairNeg>(c, "neg"); }
void complex_square(const Call& c) { one<PairSquare>(c, "square"); }
void complex_reciprocal(const Call& c) { one<PairReciprocal>(c, "reciprocal"); }
void complex_abs(const Call& c) { one(c, "abs", abs_run<float>, abs_run<double>); }

void complex_add_scaled(const Call& c, const TensorRef& a, const TensorRef& b, double alpha, const TensorRef& y) {
  const bool narrow = y.dtype == DType::c64;
  c64 narrow_factor{static_cast<float>(alpha), 0};
  c128 factor{alpha, 0};
  TensorRef scale;
  scale.data = narrow ? static_cast<void*>(&narrow_factor) : &factor;
  scale.numel = 1;
  scale.rank = 0;
  scale.dtype = y.dtype;
  const TensorRef operands[3] = {a, b, scale};
  pointwise_raw(Pointwise{.name = "addInto", .steps = 4}, narrow ? add_scaled_run<float> : add_scaled_run<double>,
                operands, 3, y, c);
}

void complex_scaled(const Call& c, const TensorRef& a, const TensorRef* b, double scalar, const TensorRef& y) {
  const double attributes[2] = {b ? 0. : 1., scalar};
  const TensorRef operands[2] = {a, b ? *b : TensorRef{}};
  Call product = c;
  product.in = operands;
  product.nin = b ? 2 : 1;
  product.out = &y;
  product.nout = 1;
  product.attr = attributes;
  product.nattr = 2;
  complex_mul(product);
}

}  // namespace sinter::cpu::SINTER_ISA
