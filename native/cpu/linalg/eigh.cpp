// eigh: x (..., n, n) symmetric -> w (..., n) ascending, v (..., n, n) with eigenvectors as columns, absent where only
// eigenvalues are wanted {upper}: the triangle that is read. Place in the whole: kernel of native/ops.def, compiled once
// per instruction set.
//
// Householder tridiagonalisation, then implicit QL or QR steps, whichever starts at the larger end (Golub and Van Loan,
// Matrix Computations, section 8.3; LAPACK's steqr has the conventions that decide signs). Eigenvectors are kept as rows,
// so that rotations and reflections run along memory. Batch entries in parallel.
#include <cstring>

#include "cpu/linalg/dense.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int kSweeps = 30;  // QL steps an eigenvalue, beyond which it is given up

// A rotation that maps (g, f) to (r, 0). Of the two, LAPACK's classic choice: c > 0 where g is the larger, else r > 0.
template <class T>
Givens<T> classic_givens(T g, T f) {
  if (f == 0) return {T(1), T(0), g};
  if (g == 0) return {T(0), T(1), f};
  const T r = std::hypot(g, f), sign = std::abs(g) > std::abs(f) && g < 0 ? T(-1) : T(1);
  return {sign * g / r, sign * f / r, sign * r};
}

// The eigenvalues of ((a, b), (b, c)), the one of larger absolute value first, and its eigenvector (cs, sn).
template <class T>
struct Pair {
  T first, second, cs, sn;
};
template <class T>
Pair<T> symmetric_pair(T a, T b, T c) {
  const T sum = a + c, difference = a - c, twice = b + b, root = std::hypot(difference, twice);
  const T larger = std::abs(a) > std::abs(c) ? a : c, smaller = std::abs(a) > std::abs(c) ? c : a;
  Pair<T> p;
  bool negative = sum < 0;
  p.first = (sum + (negative ? -root : root)) / 2;
  p.second = sum == 0 ? -root / 2 : larger / p.first * smaller - b / p.first * b;
  const bool flip = difference < 0;
  const T cs = difference + (flip ? -root : root);
  if (std::abs(cs) > std::abs(twice)) {
    const T ct = -twice / cs;
    p.sn = 1 / std::sqrt(1 + ct * ct);
    p.cs = ct * p.sn;
  } else if (twice == 0) {
    p.cs = 1;
    p.sn = 0;
  } else {
    const T tn = -cs / twice;
    p.cs = 1 / std::sqrt(1 + tn * tn);
    p.sn = tn * p.cs;
  }
  if (negative == flip) {
    const T t = p.cs;
    p.cs = -p.sn;
    p.sn = t;
  }
  return p;
}

// A symmetric tridiagonal matrix (diagonal d, beside it e) to its eigenvalues, ascending; rows of z (n, n) take part in
// every rotation. z null: eigenvalues only. False: no convergence.
template <class T>
bool diagonalise(T* d, T* e, int64_t n, T* z) {
  const T eps = std::numeric_limits<T>::epsilon() / 2, eps2 = eps * eps, tiny = std::numeric_limits<T>::min();
  const auto turn = [&](int64_t i, T c, T s) {
    if (z) rotate(z + i * n, z + (i + 1) * n, n, c, s);
  };
  int64_t budget = n * kSweeps;
  for (int64_t start = 0; start < n;) {
    // The next block that does not fall apart.
    int64_t stop = start;
    for (; stop < n - 1; stop++) {
      const T t = std::abs(e[stop]);
      if (t == 0) break;
      if (t <= std::sqrt(std::abs(d[stop])) * std::sqrt(std::abs(d[stop + 1])) * eps) {
        e[stop] = 0;
        break;
      }
    }
    int64_t l = start, end = stop;
    start = stop + 1;
    if (l == end) continue;
    if (std::abs(d[end]) < std::abs(d[l])) std::swap(l, end);
    if (end > l) {  // QL: eigenvalues appear at the top
      while (l <= end) {
        int64_t m = l;
        for (; m < end; m++)
          if (e[m] * e[m] <= eps2 * std::abs(d[m]) * std::abs(d[m + 1]) + tiny) break;
        if (m < end) e[m] = 0;
        T p = d[l];
        if (m == l) {
          l++;
          continue;
        }
        if (m == l + 1) {
          const Pair<T> r = symmetric_pair(d[l], e[l], d[l + 1]);
          turn(l, r.cs, r.sn);
          d[l] = r.first;
          d[l + 1] = r.second;
          e[l] = 0;
          l += 2;
          continue;
        }
        if (budget-- == 0) return false;
        T g = (d[l + 1] - p) / (2 * e[l]);
        g = d[m] - p + e[l] / (g + std::copysign(std::hypot(g, T(1)), g));
        T s = 1, c = 1;
        p = 0;
        for (int64_t i = m - 1; i >= l; i--) {
          const T f = s * e[i], b = c * e[i];
          const Givens<T> r = classic_givens(g, f);
          c = r.c;
          s = r.s;
          if (i != m - 1) e[i + 1] = r.r;
          g = d[i + 1] - p;
          const T q = (d[i] - g) * s + 2 * c * b;
          p = s * q;
          d[i + 1] = g + p;
          g = c * q - b;
          turn(i, c, -s);
        }
        d[l] -= p;
        e[l] = g;
      }
    } else {  // QR: at the bottom
      while (l >= end) {
        int64_t m = l;
        for (; m > end; m--)
          if (e[m - 1] * e[m - 1] <= eps2 * std::abs(d[m]) * std::abs(d[m - 1]) + tiny) break;
        if (m > end) e[m - 1] = 0;
        T p = d[l];
        if (m == l) {
          l--;
          continue;
        }
        if (m == l - 1) {
          const Pair<T> r = symmetric_pair(d[l - 1], e[l - 1], d[l]);
          turn(l - 1, r.cs, r.sn);
          d[l - 1] = r.first;
          d[l] = r.second;
          e[l - 1] = 0;
          l -= 2;
          continue;
        }
        if (budget-- == 0) return false;
        T g = (d[l - 1] - p) / (2 * e[l - 1]);
        g = d[m] - p + e[l - 1] / (g + std::copysign(std::hypot(g, T(1)), g));
        T s = 1, c = 1;
        p = 0;
        for (int64_t i = m; i < l; i++) {
          const T f = s * e[i], b = c * e[i];
          const Givens<T> r = classic_givens(g, f);
          c = r.c;
          s = r.s;
          if (i != m) e[i - 1] = r.r;
          g = d[i] - p;
          const T q = (d[i + 1] - g) * s + 2 * c * b;
          p = s * q;
          d[i] = g + p;
          g = c * q - b;
          turn(i, c, s);
        }
        d[l] -= p;
        e[l - 1] = g;
      }
    }
  }
  for (int64_t i = 0; i < n - 1; i++) {
    int64_t least = i;
    for (int64_t j = i + 1; j < n; j++)
      if (d[j] < d[least]) least = j;
    if (least == i) continue;
    std::swap(d[i], d[least]);
    if (z) std::swap_ranges(z + i * n, z + (i + 1) * n, z + least * n);
  }
  return true;
}

// a (n, n), both triangles, to tridiagonal form; row i of `v` keeps reflector i (elements i + 1 .. n - 1).
template <class T>
void tridiagonalise(T* a, int64_t n, T* d, T* e, T* tau, T* v, T* work) {
  for (int64_t i = 0; i < n - 1; i++) {
    const int64_t k = n - 1 - i;
    T* u = v + i * n + i + 1;
    std::memcpy(u, a + i * n + i + 1, static_cast<size_t>(k) * sizeof(T));
    d[i] = a[i * n + i];
    tau[i] = reflector(u, u + 1, k - 1);
    e[i] = u[0];
    u[0] = 1;
    if (tau[i] == 0) continue;
    // A -= u w^T + w u^T with w = tau A u - (tau^2 / 2) (u^T A u) u
    T* block = a + (i + 1) * n + i + 1;
    for (int64_t r = 0; r < k; r++) work[r] = tau[i] * dot(block + r * n, u, k);
    axpy(-tau[i] / 2 * dot(work, u, k), u, work, k);
    for (int64_t r = 0; r < k; r++) {
      axpy(-u[r], work, block + r * n, k);
      axpy(-work[r], u, block + r * n, k);
    }
  }
  if (n > 0) d[n - 1] = a[n * n - 1];
}

// work: 3 n n + 4 n elements.
template <class T>
bool decompose(const T* x, int64_t n, bool upper, T* w, T* vectors, T* work) {
  T *a = work, *v = a + n * n, *z = v + n * n, *d = z + n * n, *e = d + n, *tau = e + n, *extra = tau + n;
  // The upper triangle is reduced from its last column: the same as the lower one with rows and columns reversed.
  T most = 0;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) {
      const T value = upper ? x[(n - 1 - i) * n + n - 1 - j] : x[i * n + j];
      a[i * n + j] = a[j * n + i] = value;
      if (!(std::abs(value) <= std::numeric_limits<T>::max())) return false;
      most = std::max(most, std::abs(value));
    }
  // Extreme scales are brought to where squares neither overflow nor vanish.
  const T low = std::sqrt(std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon()), high = 1 / low;
  const T factor = most > 0 && most < low ? low / most : most > high ? high / most : T(1);
  if (factor != 1) scale(factor, a, n * n);
  tridiagonalise(a, n, d, e, tau, v, extra);
  if (vectors) {
    std::fill(z, z + n * n, T(0));
    for (int64_t i = 0; i < n; i++) z[i * n + i] = 1;
  }
  if (upper) {
    std::reverse(d, d + n);
    if (n > 1) std::reverse(e, e + n - 1);
  }
  if (!diagonalise(d, e, n, vectors ? z : nullptr)) return false;
  for (int64_t i = 0; i < n; i++) w[i] = d[i] / factor;
  if (!vectors) return true;
  for (int64_t r = 0; r < n; r++) {
    T* row = z + r * n;
    if (upper) std::reverse(row, row + n);
    for (int64_t i = n - 2; i >= 0; i--) {
      const T* u = v + i * n + i + 1;
      axpy(-tau[i] * dot(u, row + i + 1, n - 1 - i), u, row + i + 1, n - 1 - i);
    }
    if (upper) std::reverse(row, row + n);
  }
  transpose_to(z, n, n, vectors);
  return true;
}

template <class T>
void run(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t n = x.dim(-1), batch = batch_of(x, 2), each = 3 * n * n + 4 * n;
  T *w = c.out[0].as<T>(), *v = c.nout > 1 ? c.out[1].as<T>() : nullptr;
  if (x.numel == 0) return;
  T* work = c.scratch_of<T>(batch * each);
  bool* good = c.scratch_of<bool>(batch);
  parallel_for(batch, entries_at_once(8 * n * n * n), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++)
      good[b] =
          decompose(x.as<T>() + b * n * n, n, c.attr[0] != 0, w + b * n, v ? v + b * n * n : nullptr, work + b * each);
  });
  for (int64_t b = 0; b < batch; b++)
    if (!good[b])
      fail(ErrorCode::linear_algebra,
           "the eigenvalues of batch entry %lld did not converge: its elements are not finite, or too many are equal",
           static_cast<long long>(b));
}

}  // namespace

void eigh(const Call& c) {
  with_real(c.in[0].dtype, "eigh", [&](auto t) { run<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
