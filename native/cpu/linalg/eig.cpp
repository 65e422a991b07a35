// eig: x (..., n, n) f32, f64, c64 or c128 -> w (..., n) complex, v (..., n, n) complex with eigenvectors as columns, absent
// where only eigenvalues are wanted; and gaugeReal, a step of its gradient. Place in the whole: kernels of native/ops.def,
// compiled once per instruction set.
//
// Balancing (Parlett and Reinsch 1969, with the norms of James, Langou and Lowery 2014), the Schur form of schur.h, vectors by
// back substitution. All in double, f32 and c64 too: eigenvalues of matrices that are not normal lose more digits than others.
// Of a real matrix complex eigenvalues come in exactly conjugate pairs, the one above the real axis first, and real ones have
// real vectors. Vectors have length 1, complex ones a real largest element, as LAPACK's. Batch entries in parallel.
#include "cpu/linalg/schur.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

using Z = Cx<double>;

// What balancing did to each row and column: exchanged it with another, outside lo .. hi, or scaled it.
struct Balance {
  int64_t lo, hi;
  double* scale;  // (n)
};

template <class S>
void exchange(S* a, int64_t n, int64_t i, int64_t j) {
  if (i == j) return;
  std::swap_ranges(a + i * n, a + (i + 1) * n, a + j * n);
  for (int64_t r = 0; r < n; r++) std::swap(a[r * n + i], a[r * n + j]);
}

// Rows and columns that isolate an eigenvalue go to the ends, so that triangular matrices in disguise keep their exact
// eigenvalues; what remains is scaled by powers of two until rows and columns are equally long.
template <class S>
Balance balance(S* a, int64_t n, double* scale) {
  int64_t lo = 0, hi = n - 1;
  const auto alone = [&](int64_t k, bool row) {
    for (int64_t i = lo; i <= hi; i++)
      if (i != k && size_of(row ? a[k * n + i] : a[i * n + k]) != 0) return false;
    return true;
  };
  for (int64_t k = hi; k >= 0 && hi > 0; k--) {
    if (!alone(k, true)) continue;
    scale[hi] = static_cast<double>(k);
    exchange(a, n, k, hi);
    k = hi--;
  }
  for (int64_t k = lo; k <= hi && lo < hi; k++) {
    if (!alone(k, false)) continue;
    scale[lo] = static_cast<double>(k);
    exchange(a, n, k, lo);
    k = lo++;
  }
  for (int64_t i = lo; i <= hi; i++) scale[i] = 1;
  for (bool changed = true; changed;) {
    changed = false;
    for (int64_t i = lo; i <= hi; i++) {
      double column = 0, row = 0, f = 1;
      for (int64_t j = lo; j <= hi; j++) {
        column = std::hypot(column, length_of(a[j * n + i]));
        row = std::hypot(row, length_of(a[i * n + j]));
      }
      if (column == 0 || row == 0) continue;
      const double before = column + row;
      for (; column < row / 2 && f < 0x1p300; f *= 2, column *= 2) row /= 2;
      for (; row <= column / 2 && f > 0x1p-300; f /= 2, column /= 2) row *= 2;
      if (f == 1 || column + row >= 0.95 * before) continue;
      changed = true;
      scale[i] *= f;
      for (int64_t j = 0; j < n; j++) {
        a[i * n + j] = a[i * n + j] / f;
        a[j * n + i] = f * a[j * n + i];
      }
    }
  }
  return {lo, hi, scale};
}

// Rows that hold a block of order 2 of a real Schur form: i - 1 and i.
SINTER_INLINE bool pair_ends_at(const double* t, int64_t n, int64_t i) { return i > 0 && t[i * n + i - 1] != 0; }
SINTER_INLINE bool pair_ends_at(const Z*, int64_t, int64_t) { return false; }

template <class S>
Z row_times(const S* row, const Z* x, int64_t n) {
  Z sum;
  for (int64_t j = 0; j < n; j++) sum += row[j] * x[j];
  return sum;
}

// x (0 .. last) with T x = w x, where the block of w ends at `last`. A vanishing pivot becomes `small`: of a defective matrix
// the vectors of one eigenvalue are the same but for rounding.
template <class S>
void triangle_vector(const S* t, int64_t n, int64_t last, Z w, double small, Z* x) {
  const auto at = [&](int64_t i, int64_t j) { return Z(t[i * n + j]); };
  int64_t i = last;
  x[last] = 1;
  if (pair_ends_at(t, n, last)) {
    const Z b = at(last - 1, last), c = at(last, last - 1);
    x[last - 1] = 1;
    if (size_of(b) >= size_of(c))
      x[last] = (w - at(last - 1, last - 1)) / b;
    else
      x[last - 1] = (w - at(last, last)) / c, x[last] = 1;
    i--;
  }
  for (i--; i >= 0; i--) {
    const Z r = -row_times(t + i * n + i + 1, x + i + 1, last - i);
    Z pivot = at(i, i) - w;
    if (pair_ends_at(t, n, i)) {
      const Z above = -row_times(t + (i - 1) * n + i + 1, x + i + 1, last - i), first = at(i - 1, i - 1) - w;
      Z determinant = first * pivot - at(i - 1, i) * at(i, i - 1);
      if (size_of(determinant) < small * small) determinant = small * small;
      x[i - 1] = (above * pivot - at(i - 1, i) * r) / determinant;
      x[i] = (first * r - at(i, i - 1) * above) / determinant;
      i--;
    } else {
      if (size_of(pivot) < small) pivot = small;
      x[i] = r / pivot;
    }
    const double size = std::max(size_of(x[i]), size_of(x[i + 1]));
    if (size > 0x1p300)
      for (int64_t j = i; j <= last; j++) x[j] = x[j] / size;
  }
}

// A vector in the coordinates before balancing, of length 1; complex ones with a real largest element.
void finish_vector(Z* v, int64_t n, const Balance& b, bool is_real) {
  for (int64_t i = b.lo; i <= b.hi; i++) v[i] = b.scale[i] * v[i];
  for (int64_t i = b.lo - 1; i >= 0; i--) std::swap(v[i], v[static_cast<int64_t>(b.scale[i])]);
  for (int64_t i = b.hi + 1; i < n; i++) std::swap(v[i], v[static_cast<int64_t>(b.scale[i])]);
  double length = 0, most = 0;
  for (int64_t i = 0; i < n; i++) most = std::max(most, size_of(v[i]));
  int64_t largest = 0;
  for (int64_t i = 0; i < n; i++) {
    v[i] = v[i] / most;
    length = std::hypot(length, length_of(v[i]));
    if (length_of(v[i]) > length_of(v[largest])) largest = i;
  }
  const Z turn = is_real ? Z(1) : conj_of(v[largest]) / length_of(v[largest]);
  for (int64_t i = 0; i < n; i++) v[i] = turn * (v[i] / length);
  if (!is_real) v[largest].im = 0;
}

// a (n, n) is used up. work: 2 n n + 3 n numbers; vectors (n, n) with eigenvectors as rows, or null. False: not finite, or no
// convergence.
template <class S>
bool decompose(S* a, int64_t n, Z* w, Z* vectors, S* work) {
  double most = 0;
  for (int64_t i = 0; i < n * n; i++) {
    const double size = size_of(a[i]);
    if (!(size <= std::numeric_limits<double>::max())) return false;
    most = std::max(most, size);
  }
  // Extreme scales are brought to where products neither overflow nor vanish.
  const double factor = most > 0 && (most < 0x1p-300 || most > 0x1p300) ? std::exp2(-std::ilogb(most)) : 1;
  if (factor != 1)
    for (int64_t i = 0; i < n * n; i++) a[i] = factor * a[i];
  S *qt = vectors ? work : nullptr, *rest = work + n * n;
  Z* x = reinterpret_cast<Z*>(rest);
  double* scales = reinterpret_cast<double*>(x + n);
  if (qt) {
    std::fill(qt, qt + n * n, S(0));
    for (int64_t i = 0; i < n; i++) qt[i * n + i] = S(1);
  }
  const Balance balanced = balance(a, n, scales);
  S* v = reinterpret_cast<S*>(scales + n);
  to_hessenberg(a, n, qt, v, v + n);
  double norm = 0;
  for (int64_t i = 0; i < n * n; i++) norm = std::max(norm, size_of(a[i]));
  if (!hessenberg_to_schur(a, n, qt, norm, w)) return false;
  for (int64_t k = n - 1; vectors && k >= 0; k--) {
    const bool pair = pair_ends_at(a, n, k);
    const int64_t own = pair ? k - 1 : k;
    Z* y = vectors + own * n;
    triangle_vector(a, n, k, w[own], std::max(kEpsilon * size_of(w[own]), norm == 0 ? 1 : 0x1p-300 * norm), x);
    std::fill(y, y + n, Z());
    for (int64_t j = 0; j <= k; j++)
      for (int64_t i = 0; i < n; i++) y[i] += qt[j * n + i] * x[j];
    finish_vector(y, n, balanced, !RealOf<S>::kComplex && !pair);
    if (!pair) continue;
    for (int64_t i = 0; i < n; i++) y[n + i] = conj_of(y[i]);
    k--;
  }
  for (int64_t i = 0; i < n; i++) w[i] = w[i] / factor;
  return true;
}

// Elements T of the matrices are computed as S, results R are c64 or c128.
template <class T, class S, class R>
void run(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t n = x.dim(-1), batch = batch_of(x, 2);
  const int64_t numbers = 2 * n * n + 6 * n, each = numbers * static_cast<int64_t>(sizeof(S) / sizeof(double));
  if (x.numel == 0) return;
  const bool wanted = c.nout > 1;
  R *w = c.out[0].as<R>(), *v = wanted ? c.out[1].as<R>() : nullptr;
  double* work = c.scratch_of<double>(batch * each);
  Z* found = c.scratch_of<Z>(batch * n * (wanted ? n + 1 : 1));
  bool* good = c.scratch_of<bool>(batch);
  parallel_for(batch, entries_at_once(25 * n * n * n), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      S* a = reinterpret_cast<S*>(work + b * each);
      Z *values = found + b * n * (wanted ? n + 1 : 1), *vectors = wanted ? values + n : nullptr;
      for (int64_t i = 0; i < n * n; i++) {
        const T value = x.as<T>()[b * n * n + i];
        if constexpr (RealOf<T>::kComplex)
          a[i] = S(value.re, value.im);
        else
          a[i] = value;
      }
      good[b] = decompose(a, n, values, vectors, a + n * n);
      using Part = typename RealOf<R>::type;
      const auto rounded = [](Z z) { return R(static_cast<Part>(z.re), static_cast<Part>(z.im)); };
      for (int64_t i = 0; i < n; i++) w[b * n + i] = rounded(values[i]);
      for (int64_t i = 0; wanted && i < n * n; i++) v[b * n * n + i] = rounded(vectors[(i % n) * n + i / n]);
    }
  });
  for (int64_t b = 0; b < batch; b++)
    if (!good[b])
      fail(ErrorCode::linear_algebra,
           "the eigenvalues of batch entry %lld did not converge: its elements are not finite, or too many are equal",
           static_cast<long long>(b));
}

template <class T>
void real_diagonal(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t n = x.dim(-1), batch = batch_of(x, 2);
  T* y = c.out[0].as<T>();
  for (int64_t i = 0; i < batch * n; i++) {
    const Cx<T> z = x.as<Cx<T>>()[i / n * n * n + i % n * (n + 1)];
    if (std::abs(z.im) > T(0.01))
      fail(ErrorCode::linear_algebra,
           "the gradient depends on the phase of eigenvector %lld of batch entry %lld, which is arbitrary: only "
           "functions "
           "that stay the same when a vector is multiplied by a number of length 1 have one",
           static_cast<long long>(i % n), static_cast<long long>(i / n));
    y[i] = z.re;
  }
}

}  // namespace

void eig(const Call& c) {
  switch (c.in[0].dtype) {
    case DType::f32: return run<float, double, Cx<float>>(c);
    case DType::f64: return run<double, double, Z>(c);
    case DType::c64: return run<Cx<float>, Z, Cx<float>>(c);
    case DType::c128: return run<Z, Z, Z>(c);
    default: fail(ErrorCode::unsupported, "eig: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

// The real diagonal of V^H gV (..., n, n) complex -> (..., n); an imaginary part beyond 0.01 says that the function is none of
// the matrix, as eigenvectors are determined up to their phase.
void gaugeReal(const Call& c) { c.in[0].dtype == DType::c64 ? real_diagonal<float>(c) : real_diagonal<double>(c); }

}  // namespace sinter::cpu::SINTER_ISA
