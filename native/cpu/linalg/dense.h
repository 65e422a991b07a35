// Dense building blocks of the decompositions. Place in the whole: included by the files of this folder. Matrices are
// row-major, so every inner loop runs along a row.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/gemm/gemm.h"
#include "cpu/simd/vec.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

// Beyond this order a matrix is cut into blocks whose updates are products; its batch entries then run one by one.
constexpr int64_t kBlocked = 96;
constexpr int64_t kPanel = 48;

template <class T>
SINTER_INLINE T dot(const T* a, const T* b, int64_t n) {
  Vec<T> s0{}, s1{};
  int64_t i = 0;
  for (; i + 2 * kLanes<T> <= n; i += 2 * kLanes<T>) {
    s0 += load(a + i) * load(b + i);
    s1 += load(a + i + kLanes<T>) * load(b + i + kLanes<T>);
  }
  if (i + kLanes<T> <= n) {
    s0 += load(a + i) * load(b + i);
    i += kLanes<T>;
  }
  T rest = 0;
  for (; i < n; i++) rest += a[i] * b[i];
  return n < kLanes<T> ? rest : rest + reduce_add<T>(s0 + s1);
}

// y += alpha x
template <class T>
SINTER_INLINE void axpy(T alpha, const T* x, T* y, int64_t n) {
  const Vec<T> v = splat(alpha);
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(y + i, load(y + i) + v * load(x + i));
  for (; i < n; i++) y[i] += alpha * x[i];
}

template <class T>
SINTER_INLINE void scale(T alpha, T* x, int64_t n) {
  const Vec<T> v = splat(alpha);
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(x + i, v * load(x + i));
  for (; i < n; i++) x[i] *= alpha;
}

// The plane rotation (x, y) = (c x + s y, c y - s x).
template <class T>
SINTER_INLINE void rotate(T* x, T* y, int64_t n, T c, T s) {
  const Vec<T> vc = splat(c), vs = splat(s);
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) {
    const Vec<T> a = load(x + i), b = load(y + i);
    store(x + i, vc * a + vs * b);
    store(y + i, vc * b - vs * a);
  }
  for (; i < n; i++) {
    const T a = x[i], b = y[i];
    x[i] = c * a + s * b;
    y[i] = c * b - s * a;
  }
}

// The Euclidean length without overflow or harmful underflow.
template <class T>
T length_of(const T* x, int64_t n) {
  const T plain = dot(x, x, n);
  if (plain > std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon() &&
      plain < std::numeric_limits<T>::max())
    return std::sqrt(plain);
  T most = 0;
  for (int64_t i = 0; i < n; i++) most = std::max(most, std::abs(x[i]));
  if (!(most > 0) || std::isinf(most)) return std::isnan(plain) ? plain : most;
  T sum = 0;
  for (int64_t i = 0; i < n; i++) sum += (x[i] / most) * (x[i] / most);
  return most * std::sqrt(sum);
}

// A Householder reflector I - tau v v^T with v[0] = 1 that maps (alpha, x) to (beta, 0). x becomes v[1..], alpha beta.
// tau 0 where x is zero already: the identity. beta has the sign opposite to alpha's, as LAPACK has it.
template <class T>
T reflector(T* alpha, T* x, int64_t n) {
  const T rest = length_of(x, n);
  if (rest == 0) return 0;
  const T beta = -std::copysign(std::hypot(*alpha, rest), *alpha);
  const T tau = (beta - *alpha) / beta, head = *alpha - beta;
  if (std::abs(head) > std::numeric_limits<T>::min() * 4)
    scale(1 / head, x, n);
  else
    for (int64_t i = 0; i < n; i++) x[i] /= head;
  *alpha = beta;
  return tau;
}

// A rotation that maps (f, g) to (r, 0), with c >= 0.
template <class T>
struct Givens {
  T c, s, r;
};
template <class T>
SINTER_INLINE Givens<T> givens(T f, T g) {
  if (g == 0) return {T(1), T(0), f};
  if (f == 0) return {T(0), std::copysign(T(1), g), std::abs(g)};
  const T d = std::hypot(f, g), r = std::copysign(d, f);
  return {std::abs(f) / d, g / r, r};
}

// The rows of src (m, n) as columns: dst (n, m).
template <class T>
void transpose_to(const T* src, int64_t m, int64_t n, T* dst) {
  constexpr int64_t kTile = 16;
  for (int64_t i0 = 0; i0 < m; i0 += kTile)
    for (int64_t j0 = 0; j0 < n; j0 += kTile)
      for (int64_t i = i0; i < std::min(m, i0 + kTile); i++)
        for (int64_t j = j0; j < std::min(n, j0 + kTile); j++) dst[j * m + i] = src[i * n + j];
}

// The product of all dimensions but the last `inner`.
SINTER_INLINE int64_t batch_of(const TensorRef& t, int inner) {
  int64_t n = 1;
  for (int i = 0; i < t.rank - inner; i++) n *= t.dims[i];
  return n;
}

// f(T{}) for the dtypes that decompositions take.
template <class F>
SINTER_INLINE void with_real(DType d, const char* op, F f) {
  if (d == DType::f32) return f(float{});
  if (d == DType::f64) return f(double{});
  fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", op, dtype_name(d));
}

// Batch entries in parallel, a few thousand operations a unit of work at least.
SINTER_INLINE int64_t entries_at_once(int64_t work) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, work)); }

}  // namespace sinter::cpu::SINTER_ISA
