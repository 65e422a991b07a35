// The pointwise engine's interface. Place in the whole: every file of this family states its operators as functors; the
// loops here turn a functor into runs over contiguous data, engine.cpp feeds the runs from tensors of any strides and
// dtype.
//
// A run computes in one of five types: f32 (also for bf16 and f16, converted block by block), f64, i32 (also for u8,
// i8 and bool), i64, and u8 holding truth values. So an operator costs a handful of small loops, however many dtypes
// it serves.
#pragma once
#include "cpu/simd/math.h"
#include "cpu/simd/number.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// What an operator's attributes amount to.
struct Params {
  double p0 = 0, p1 = 0, p2 = 0, p3 = 0;
};

// out[i] = f(in0[i], in1[i], in2[i]), all in the compute type; step 0: the operand is one value.
struct Run {
  const void* in[3];
  int step[3];
  void* out;
  int64_t n;
  Params params;
};
using RunFn = void (*)(const Run&);

constexpr int64_t kCheap = 32768;  // elements a parallel range: memory-bound operators and vectorised functions
constexpr int64_t kCostly = 4096;  // libm, a lane at a time

struct Pointwise {
  const char* name;
  RunFn f32 = nullptr, f64 = nullptr, i32 = nullptr, i64 = nullptr, truth = nullptr;  // null: not supported
  bool to_bool = false;  // the run writes truth values (u8)
  unsigned steps = 0;    // bit k: the run takes step 0 for operand k (for at most one of them at a time)
  int64_t grain = kCheap;
};

// The general case: any strides, broadcasting, dtypes, sizes. Operands have out's rank or less; their dtype is the
// run's compute type or converts to it.
void pointwise(const Pointwise& op, const TensorRef* in, int nin, const TensorRef& out, Params params, const Call& c);
// The same for operators that only move elements: every operand already has the type that `run` works on.
void pointwise_raw(const Pointwise& op, RunFn run, const TensorRef* in, int nin, const TensorRef& out, const Call& c);

// A large operand that is neither contiguous nor broadcast along the inner dimension is transposed once, block-wise,
// rather than gathered a cache line an element: into scratch memory, with strides that stay the caller's. Others come back.
TensorRef prepared(const TensorRef& x, const Call& c, int64_t* strides);

// A rank-0 operand that holds `value` in the compute type of `dtype` (see engine.cpp); storage stays the caller's.
TensorRef scalar_operand(double value, DType dtype, bool truth, void* storage);

// ---- functors: Op::apply(x, params) or Op::apply(a, b, params), a template over vectors and scalars. kVector true:
// f32 and f64 come as vectors; else every type comes as a scalar and the compiler vectorises the loop (sqrt, floor,
// comparisons).

#define SINTER_UNARY(Name, is_vector, expression)    \
  struct Name {                                      \
    static constexpr bool kVector = is_vector;       \
    template <class V>                               \
    static SINTER_INLINE auto apply(V x, Params p) { \
      (void)p;                                       \
      return expression;                             \
    }                                                \
  };
#define SINTER_BINARY(Name, is_vector, expression)        \
  struct Name {                                           \
    static constexpr bool kVector = is_vector;            \
    template <class V>                                    \
    static SINTER_INLINE auto apply(V a, V b, Params p) { \
      (void)p;                                            \
      return expression;                                  \
    }                                                     \
  };

template <class T>
constexpr bool kIsInt = __is_same(T, int32_t) || __is_same(T, int64_t);

// Arithmetic that wraps on integers instead of overflowing.
template <class T>
struct UnsignedOf {
  using type = T;
};
template <>
struct UnsignedOf<int32_t> {
  using type = uint32_t;
};
template <>
struct UnsignedOf<int64_t> {
  using type = uint64_t;
};
template <class V>
SINTER_INLINE V plus(V a, V b) {
  using U = typename UnsignedOf<V>::type;
  return (V)((U)a + (U)b);
}
template <class V>
SINTER_INLINE V minus(V a, V b) {
  using U = typename UnsignedOf<V>::type;
  return (V)((U)a - (U)b);
}
template <class V>
SINTER_INLINE V times(V a, V b) {
  using U = typename UnsignedOf<V>::type;
  return (V)((U)a * (U)b);
}

// ---- loops over functors

template <class Op, class T>
void unary_run(const Run& r) {
  const T* x = static_cast<const T*>(r.in[0]);
  T* y = static_cast<T*>(r.out);
  const Params p = r.params;
  const int64_t n = r.n;
  if constexpr (Op::kVector && !kIsInt<T>) {
    int64_t i = 0;
    for (; i + kLanes<T> <= n; i += kLanes<T>) store(y + i, Vec<T>(Op::apply(load(x + i), p)));
    if (i < n) {
      int rest = static_cast<int>(n - i);
      store_n(y + i, Vec<T>(Op::apply(load_n(x + i, rest), p)), rest);
    }
  } else {
    const T* __restrict xs = x;
    T* __restrict ys = y;
    for (int64_t i = 0; i < n; i++) ys[i] = Op::apply(xs[i], p);
  }
}

// Truth values of T.
template <class Op, class T>
void unary_truth_run(const Run& r) {
  const T* __restrict x = static_cast<const T*>(r.in[0]);
  uint8_t* __restrict y = static_cast<uint8_t*>(r.out);
  for (int64_t i = 0; i < r.n; i++) y[i] = Op::apply(x[i], r.params);
}

// One instance of a binary loop; a step of 0 is resolved at compile time.
template <class Op, class T, int StepA, int StepB>
SINTER_INLINE void binary_loop(const T* a, const T* b, T* y, int64_t n, Params p) {
  if constexpr (Op::kVector && !kIsInt<T>) {
    Vec<T> va = splat(*a), vb = splat(*b);
    int64_t i = 0;
    for (; i + kLanes<T> <= n; i += kLanes<T>) {
      if constexpr (StepA) va = load(a + i);
      if constexpr (StepB) vb = load(b + i);
      store(y + i, Vec<T>(Op::apply(va, vb, p)));
    }
    if (i < n) {
      int rest = static_cast<int>(n - i);
      if constexpr (StepA) va = load_n(a + i, rest);
      if constexpr (StepB) vb = load_n(b + i, rest);
      store_n(y + i, Vec<T>(Op::apply(va, vb, p)), rest);
    }
  } else {
    T va = *a, vb = *b;
    for (int64_t i = 0; i < n; i++) {
      if constexpr (StepA) va = a[i];
      if constexpr (StepB) vb = b[i];
      y[i] = Op::apply(va, vb, p);
    }
  }
}

// With the scalar forms (Pointwise::steps 3), for operators that users call with numbers.
template <class Op, class T>
void binary_run(const Run& r) {
  const T *a = static_cast<const T*>(r.in[0]), *b = static_cast<const T*>(r.in[1]);
  T* y = static_cast<T*>(r.out);
  if (r.n == 0) return;
  if (r.step[0] && r.step[1]) return binary_loop<Op, T, 1, 1>(a, b, y, r.n, r.params);
  if (r.step[0]) return binary_loop<Op, T, 1, 0>(a, b, y, r.n, r.params);
  binary_loop<Op, T, 0, 1>(a, b, y, r.n, r.params);
}

template <class Op, class T>
void compare_run(const Run& r) {
  const T* __restrict a = static_cast<const T*>(r.in[0]), * __restrict b = static_cast<const T*>(r.in[1]);
  uint8_t* __restrict y = static_cast<uint8_t*>(r.out);
  const int64_t n = r.n;
  if (n == 0) return;
  const T a0 = *a, b0 = *b;
  if (r.step[0] && r.step[1]) {
    for (int64_t i = 0; i < n; i++) y[i] = Op::apply(a[i], b[i], r.params);
  } else if (r.step[0]) {
    for (int64_t i = 0; i < n; i++) y[i] = Op::apply(a[i], b0, r.params);
  } else {
    for (int64_t i = 0; i < n; i++) y[i] = Op::apply(a0, b[i], r.params);
  }
}

// Without them, for gradients and updates.
template <class Op, class T>
void pair_run(const Run& r) {
  if (r.n == 0) return;
  binary_loop<Op, T, 1, 1>(static_cast<const T*>(r.in[0]), static_cast<const T*>(r.in[1]), static_cast<T*>(r.out), r.n,
                           r.params);
}

// ---- the usual tables of runs

template <class Op>
constexpr Pointwise floating(const char* name) {
  return {.name = name, .f32 = unary_run<Op, float>, .f64 = unary_run<Op, double>};
}
template <class Op>
constexpr Pointwise numeric(const char* name) {
  Pointwise op = floating<Op>(name);
  op.i32 = unary_run<Op, int32_t>;
  op.i64 = unary_run<Op, int64_t>;
  return op;
}
template <class Op>
constexpr Pointwise test(const char* name) {
  return {.name = name,
          .f32 = unary_truth_run<Op, float>,
          .f64 = unary_truth_run<Op, double>,
          .i32 = unary_truth_run<Op, int32_t>,
          .i64 = unary_truth_run<Op, int64_t>,
          .to_bool = true};
}
// Of two operands, with the scalar forms; gradients come without.
template <class Op>
constexpr Pointwise floating_pair(const char* name, int64_t grain = kCheap) {
  return {.name = name, .f32 = binary_run<Op, float>, .f64 = binary_run<Op, double>, .steps = 3, .grain = grain};
}
template <class Op>
constexpr Pointwise numeric_pair(const char* name, int64_t grain = kCheap) {
  Pointwise op = floating_pair<Op>(name, grain);
  op.i32 = binary_run<Op, int32_t>;
  op.i64 = binary_run<Op, int64_t>;
  return op;
}
template <class Op>
constexpr Pointwise gradient(const char* name) {
  return {.name = name, .f32 = pair_run<Op, float>, .f64 = pair_run<Op, double>};
}

// ---- entry paths: small contiguous f32 straight into the run, everything else through the engine

SINTER_INLINE void unary(const Call& c, const Pointwise& op, Params params = {}) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  if (x.dtype == DType::f32 && x.contiguous && x.numel <= op.grain && op.f32)
    return op.f32(Run{{x.data}, {1}, y.data, x.numel, params});
  pointwise(op, c.in, 1, y, params, c);
}

// One value for every element: a scalar, or an expanded one.
SINTER_INLINE bool single(const TensorRef& x) { return x.numel == 1 || (x.rank == 1 && x.strides[0] == 0); }

SINTER_INLINE void pair(const Call& c, const Pointwise& op, Params params = {}) {
  const TensorRef &a = c.in[0], &b = c.in[1], &y = c.out[0];
  if (op.f32 && a.dtype == DType::f32 && b.dtype == DType::f32 && y.numel <= op.grain) {
    const bool flat_a = a.contiguous && a.numel == y.numel, flat_b = b.contiguous && b.numel == y.numel;
    if (flat_a && flat_b) return op.f32(Run{{a.data, b.data}, {1, 1}, y.data, y.numel, params});
    if (op.steps && flat_a && single(b)) return op.f32(Run{{a.data, b.data}, {1, 0}, y.data, y.numel, params});
    if (op.steps && flat_b && single(a)) return op.f32(Run{{a.data, b.data}, {0, 1}, y.data, y.numel, params});
  }
  pointwise(op, c.in, 2, y, params, c);
}

// {mode, scalar}: see ops.def.
SINTER_INLINE void binary(const Call& c, const Pointwise& op, Params params = {}) {
  const int mode = static_cast<int>(c.attr[0]);
  if (mode == 0) return pair(c, op, params);
  const TensorRef &x = c.in[0], &y = c.out[0];
  alignas(8) unsigned char storage[8];
  if (x.dtype == DType::f32 && x.contiguous && x.numel <= op.grain && op.f32) {
    float value = static_cast<float>(c.attr[1]);
    if (mode == 1) return op.f32(Run{{x.data, &value}, {1, 0}, y.data, x.numel, params});
    return op.f32(Run{{&value, x.data}, {0, 1}, y.data, x.numel, params});
  }
  TensorRef number = scalar_operand(c.attr[1], x.dtype, op.truth != nullptr, storage);
  const TensorRef operands[2] = {mode == 1 ? x : number, mode == 1 ? number : x};
  pointwise(op, operands, 2, y, params, c);
}

}  // namespace sinter::cpu::SINTER_ISA
