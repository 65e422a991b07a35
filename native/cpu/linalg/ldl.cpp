// ldlFactor: x (..., n, n) symmetric, lower triangle read -> ld (..., n, n), pivots (..., n) i32, info (...) i32 {check};
// ldlSolve: ld, pivots, b (..., n, k) -> x (..., n, k). Place in the whole: kernels of native/ops.def, compiled once per
// instruction set.
//
// Bunch and Kaufman's (1977) diagonal pivoting: P x P^T = L D L^T, D with blocks of order 1 and 2, packed as LAPACK's sytrf
// packs the lower form. pivots[k] = p > 0: rows k and p - 1 were exchanged and D has a block of order 1 there;
// pivots[k] = pivots[k + 1] = -p: one of order 2, and rows k + 1 and p - 1 were exchanged. info is the first zero block.
#include <cstring>

#include "cpu/linalg/dense.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// Rows and columns p and q (p < q) of the part of the symmetric matrix from column `from` on, both triangles stored.
template <class T>
void exchange(T* a, int64_t n, int64_t from, int64_t p, int64_t q) {
  std::swap_ranges(a + p * n + from, a + (p + 1) * n, a + q * n + from);
  for (int64_t i = from; i < n; i++) std::swap(a[i * n + p], a[i * n + q]);
}

template <class T>
int32_t factor(T* a, int64_t n, int32_t* pivots, T* work) {
  const T alpha = (1 + std::sqrt(T(17))) / 8;
  int32_t bad = 0;
  const auto largest_beside = [&](int64_t row, int64_t from, int64_t skip, int64_t* at) {
    T most = 0;
    for (int64_t j = from; j < n; j++)
      if (j != skip && std::abs(a[row * n + j]) > most) {
        most = std::abs(a[row * n + j]);
        *at = j;
      }
    return most;
  };
  for (int64_t k = 0; k < n;) {
    int64_t other = k, ignored = k, step = 1, pivot = k;
    const T own = std::abs(a[k * n + k]), most = largest_beside(k, k + 1, k, &other);
    if (std::max(own, most) == 0 || std::isnan(own)) {
      if (bad == 0) bad = static_cast<int32_t>(k + 1);
      pivots[k] = static_cast<int32_t>(k + 1);
      k++;
      continue;
    }
    if (own < alpha * most) {
      const T beside = largest_beside(other, k, other, &ignored);
      if (own >= alpha * most * (most / beside)) {
        pivot = k;
      } else if (std::abs(a[other * n + other]) >= alpha * beside) {
        pivot = other;
      } else {
        pivot = other;
        step = 2;
      }
    }
    const int64_t row = k + step - 1;
    if (pivot != row) exchange(a, n, k, row, pivot);
    const int64_t rest = n - k - step;
    T *first = a + k * n + k + step, *second = a + (k + 1) * n + k + step;
    if (step == 1) {
      // A -= v v^T / d, then the column of L is v / d.
      const T d = a[k * n + k];
      for (int64_t i = 0; i < rest; i++) axpy(-first[i] / d, first, a + (k + 1 + i) * n + k + 1, rest);
      for (int64_t i = 0; i < rest; i++) a[(k + 1 + i) * n + k] = first[i] / d;
      pivots[k] = static_cast<int32_t>(pivot + 1);
    } else {
      // The block ((d11, d21), (d21, d22)) is inverted in units of d21, which is its largest element.
      const T d21 = a[(k + 1) * n + k], d11 = a[(k + 1) * n + k + 1] / d21, d22 = a[k * n + k] / d21;
      const T t = 1 / (d11 * d22 - 1) / d21;
      T *l1 = work, *l2 = work + n;
      for (int64_t i = 0; i < rest; i++) {
        l1[i] = t * (d11 * first[i] - second[i]);
        l2[i] = t * (d22 * second[i] - first[i]);
      }
      for (int64_t i = 0; i < rest; i++) {
        axpy(-l1[i], first, a + (k + 2 + i) * n + k + 2, rest);
        axpy(-l2[i], second, a + (k + 2 + i) * n + k + 2, rest);
      }
      for (int64_t i = 0; i < rest; i++) {
        a[(k + 2 + i) * n + k] = l1[i];
        a[(k + 2 + i) * n + k + 1] = l2[i];
      }
      pivots[k] = pivots[k + 1] = static_cast<int32_t>(-(pivot + 1));
    }
    k += step;
  }
  return bad;
}

template <class T>
void run_factor(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t n = x.dim(-1), batch = batch_of(x, 2);
  T* ld = c.out[0].as<T>();
  int32_t *pivots = c.out[1].as<int32_t>(), *info = c.out[2].as<int32_t>();
  T* work = c.scratch_of<T>(std::max<int64_t>(1, batch * 2 * n));
  parallel_for(batch, entries_at_once(n * n * n), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      const T* from = x.as<T>() + b * n * n;
      T* a = ld + b * n * n;
      for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = from[i * n + j];
      info[b] = factor(a, n, pivots + b * n, work + b * 2 * n);
      for (int64_t i = 0; i < n; i++) std::fill(a + i * n + i + 1, a + (i + 1) * n, T(0));
    }
  });
  if (c.attr[0] == 0) return;
  for (int64_t b = 0; b < batch; b++)
    if (info[b] != 0)
      fail(ErrorCode::linear_algebra,
           "the matrix of batch entry %lld is singular: block %d of its LDL factorization is zero",
           static_cast<long long>(b), info[b]);
}

// x (n, k): P^T L D L^T P x = b, in place.
template <class T>
void solve(const T* ld, const int32_t* pivots, int64_t n, T* x, int64_t k) {
  const auto swap_rows = [&](int64_t i, int64_t j) {
    if (i != j) std::swap_ranges(x + i * k, x + (i + 1) * k, x + j * k);
  };
  for (int64_t i = 0; i < n;) {
    const bool pair = pivots[i] < 0 && i + 1 < n;
    const int64_t step = pair ? 2 : 1, row = i + step - 1;
    swap_rows(row, std::min<int64_t>(n, std::abs(pivots[i])) - 1);
    for (int64_t r = i + step; r < n; r++)
      for (int64_t j = i; j < i + step; j++) axpy(-ld[r * n + j], x + j * k, x + r * k, k);
    if (pair) {
      const T d21 = ld[(i + 1) * n + i], d11 = ld[i * n + i] / d21, d22 = ld[(i + 1) * n + i + 1] / d21;
      const T t = 1 / (d11 * d22 - 1) / d21;
      T *first = x + i * k, *second = first + k;
      for (int64_t j = 0; j < k; j++) {
        const T p = first[j], q = second[j];
        first[j] = t * (d22 * p - q);
        second[j] = t * (d11 * q - p);
      }
    } else {
      for (int64_t j = 0; j < k; j++) x[i * k + j] /= ld[i * n + i];
    }
    i += step;
  }
  for (int64_t i = n - 1; i >= 0;) {
    const bool pair = pivots[i] < 0 && i > 0;
    const int64_t top = pair ? i - 1 : i;
    for (int64_t j = top; j <= i; j++)
      for (int64_t r = i + 1; r < n; r++) axpy(-ld[r * n + j], x + r * k, x + j * k, k);
    swap_rows(i, std::min<int64_t>(n, std::abs(pivots[i])) - 1);
    i = top - 1;
  }
}

template <class T>
void run_solve(const Call& c) {
  const TensorRef &ld = c.in[0], &b = c.in[2];
  const int64_t n = b.dim(-2), k = b.dim(-1), batch = batch_of(b, 2);
  if (b.numel == 0) return;
  const int32_t* pivots = c.in[1].as<int32_t>();
  for (int64_t i = 0; i < batch * n; i++)
    if (pivots[i] == 0 || std::abs(static_cast<int64_t>(pivots[i])) > n)
      fail(ErrorCode::index_out_of_range, "ldlSolve: pivot %d is out of range: 1 to %lld", pivots[i],
           static_cast<long long>(n));
  std::memcpy(c.out[0].data, b.data, static_cast<size_t>(b.numel) * sizeof(T));
  parallel_for(batch, entries_at_once(n * n * k), [&](int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; e++)
      solve(ld.as<T>() + e * n * n, pivots + e * n, n, c.out[0].as<T>() + e * n * k, k);
  });
}

}  // namespace

void ldlFactor(const Call& c) {
  with_real(c.in[0].dtype, "ldlFactor", [&](auto t) { run_factor<decltype(t)>(c); });
}

void ldlSolve(const Call& c) {
  with_real(c.in[2].dtype, "ldlSolve", [&](auto t) { run_solve<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
