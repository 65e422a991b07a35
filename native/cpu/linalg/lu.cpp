// luFactor: x (..., m, n) -> lu (..., m, n), pivots (..., min(m, n)) i32 from 1, info (...) i32 {pivot, check}; and
// pivotsToPermutation. Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   P x = L U with the factors packed: U on and above the diagonal, the unit lower L below it. Row i was exchanged with
//   row pivots[i] - 1, in order. info is the first zero pivot's number, 0 for none; with check it is an error.
// Small matrices are factored row by row, batch entries in parallel; large ones in panels whose updates are products.
// f32, f64, and c64 and c128 without panels.
#include <cstring>

#include "cpu/linalg/complex.h"
#include "cpu/linalg/triangle.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// Columns j0 .. j1-1 of rows j0 .. m-1. Rows are exchanged whole. The first zero pivot's number, or 0.
template <class T>
int32_t factor_panel(T* a, int64_t m, int64_t n, int64_t j0, int64_t j1, int32_t* pivots, bool exchange) {
  int32_t bad = 0;
  for (int64_t j = j0; j < std::min(m, j1); j++) {
    int64_t best = j;
    if (exchange) {
      auto most = size_of(a[j * n + j]);
      for (int64_t i = j + 1; i < m; i++)
        if (const auto v = size_of(a[i * n + j]); v > most) {
          most = v;
          best = i;
        }
    }
    pivots[j] = static_cast<int32_t>(best + 1);
    if (best != j) std::swap_ranges(a + j * n, a + (j + 1) * n, a + best * n);
    const T* row = a + j * n;
    if (row[j] == T(0)) {
      if (bad == 0) bad = static_cast<int32_t>(j + 1);
      continue;
    }
    for (int64_t i = j + 1; i < m; i++) {
      T* other = a + i * n;
      if (other[j] == T(0)) continue;
      other[j] /= row[j];
      axpy(-other[j], row + j + 1, other + j + 1, j1 - j - 1);
    }
  }
  return bad;
}

template <class T>
int32_t factor_blocked(const Call& c, T* a, int64_t m, int64_t n, int32_t* pivots, bool exchange, T* negative) {
  const int64_t k = std::min(m, n);
  int32_t bad = 0;
  for (int64_t j0 = 0; j0 < k; j0 += kPanel) {
    const int64_t j1 = std::min(k, j0 + kPanel), nb = j1 - j0, rest = n - j1, below = m - j1;
    const int32_t zero = factor_panel(a, m, n, j0, j1, pivots, exchange);
    if (bad == 0) bad = zero;
    if (rest == 0) continue;
    // U12 = L11^-1 A12, then A22 -= L21 U12.
    solve_rows<T>({a + j0 * n + j0, n, 1, nb, false, true}, a + j0 * n + j1, n, rest);
    if (below == 0) continue;
    for (int64_t i = 0; i < below; i++)
      for (int64_t l = 0; l < nb; l++) negative[i * nb + l] = -a[(j1 + i) * n + j0 + l];
    gemm<T>(c, {below, rest, nb, negative, nb, 1, a + j0 * n + j1, n, 1, a + j1 * n + j1, n, true});
  }
  return bad;
}

template <class T>
void factor(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t m = x.dim(-2), n = x.dim(-1), k = std::min(m, n), batch = batch_of(x, 2);
  const bool exchange = c.attr[0] != 0;
  T* a = c.out[0].as<T>();
  int32_t *pivots = c.out[1].as<int32_t>(), *info = c.out[2].as<int32_t>();
  if (x.numel > 0) std::memcpy(a, x.data, static_cast<size_t>(x.numel) * sizeof(T));
  const bool blocked = k > kBlocked && !RealOf<T>::kComplex;
  if constexpr (!RealOf<T>::kComplex) {
    T* negative = blocked ? c.scratch_of<T>(m * kPanel) : nullptr;
    for (int64_t b = 0; blocked && b < batch; b++)
      info[b] = factor_blocked(c, a + b * m * n, m, n, pivots + b * k, exchange, negative);
  }
  if (!blocked) {
    parallel_for(batch, entries_at_once(m * n * k), [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; b++) {
        T* entry = a + b * m * n;
        info[b] = factor_panel(entry, m, n, 0, k, pivots + b * k, exchange);
        // Columns beyond the square: U12 = L11^-1 A12.
        if (n > k) solve_rows<T>({entry, n, 1, k, false, true}, entry + k, n, n - k);
      }
    });
  }
  if (c.attr[1] == 0) return;
  for (int64_t b = 0; b < batch; b++)
    if (info[b] != 0)
      fail(ErrorCode::linear_algebra,
           "the matrix of batch entry %lld is singular: pivot %d of its LU factorization is zero",
           static_cast<long long>(b), info[b]);
}

}  // namespace

void luFactor(const Call& c) {
  with_real_or_complex(c.in[0].dtype, "luFactor", [&](auto t) { factor<decltype(t)>(c); });
}

// pivots (..., k) i32 from 1 -> permutation (..., m) i64: row i of P^T x is row permutation[i] of x.
void pivotsToPermutation(const Call& c) {
  const int64_t k = c.in[0].dim(-1), m = c.out[0].dim(-1), batch = batch_of(c.out[0], 1);
  for (int64_t b = 0; b < batch; b++) {
    int64_t* order = c.out[0].as<int64_t>() + b * m;
    for (int64_t i = 0; i < m; i++) order[i] = i;
    for (int64_t i = 0; i < k; i++) {
      const int64_t other = c.in[0].as<int32_t>()[b * k + i] - 1;
      if (other < 0 || other >= m)
        fail(ErrorCode::index_out_of_range, "pivotsToPermutation: pivot %lld is out of range: 1 to %lld",
             static_cast<long long>(other + 1), static_cast<long long>(m));
      std::swap(order[i], order[other]);
    }
  }
}

}  // namespace sinter::cpu::SINTER_ISA
