// geqrf: x (..., m, n) -> a (..., m, n), tau (..., min(m, n)): x = Q R by Householder reflectors, packed as LAPACK packs
// them: R on and above the diagonal, below it the reflectors v_j without their leading one; Q = H_1 H_2 ... with
// H_j = I - tau_j v_j v_j^T. Place in the whole: kernel of native/ops.def, compiled once per instruction set.
// Large matrices are reduced in panels; the rest takes a panel at once as I - V T V^T (Schreiber and Van Loan 1989).
#include <cstring>

#include "cpu/linalg/dense.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// Columns j0 .. j1-1 of rows j0 .. m-1; the reflectors are applied to columns up to j1. `work` holds m + n elements.
template <class T>
void reduce_panel(T* a, int64_t m, int64_t n, int64_t j0, int64_t j1, T* tau, T* work) {
  T *v = work, *w = work + m;
  for (int64_t j = j0; j < std::min(m, j1); j++) {
    const int64_t below = m - j - 1, beside = j1 - j - 1;
    for (int64_t i = 0; i < below; i++) v[i] = a[(j + 1 + i) * n + j];
    tau[j] = reflector(a + j * n + j, v, below);
    for (int64_t i = 0; i < below; i++) a[(j + 1 + i) * n + j] = v[i];
    if (tau[j] == 0 || beside == 0) continue;
    T* top = a + j * n + j + 1;
    std::memcpy(w, top, static_cast<size_t>(beside) * sizeof(T));
    for (int64_t i = 0; i < below; i++) axpy(v[i], top + (i + 1) * n, w, beside);
    axpy(-tau[j], w, top, beside);
    for (int64_t i = 0; i < below; i++) axpy(-tau[j] * v[i], w, top + (i + 1) * n, beside);
  }
}

template <class T>
void reduce_blocked(const Call& c, T* a, int64_t m, int64_t n, T* tau, T* work) {
  const int64_t k = std::min(m, n);
  T *v = c.scratch_of<T>(m * kPanel), *w = c.scratch_of<T>(kPanel * n), *tw = c.scratch_of<T>(kPanel * n);
  T t[kPanel * kPanel], s[kPanel * kPanel];
  for (int64_t j0 = 0; j0 < k; j0 += kPanel) {
    const int64_t j1 = std::min(k, j0 + kPanel), nb = j1 - j0, rows = m - j0, rest = n - j1;
    reduce_panel(a, m, n, j0, j1, tau, work);
    if (rest == 0) continue;
    for (int64_t i = 0; i < rows; i++)
      for (int64_t l = 0; l < nb; l++) v[i * nb + l] = i < l ? T(0) : i == l ? T(1) : a[(j0 + i) * n + j0 + l];
    // T is upper triangular: column l is -tau_l T (V^T v_l) above the diagonal, tau_l on it.
    gemm<T>(c, {nb, nb, rows, v, 1, nb, v, nb, 1, s, nb, false});
    for (int64_t l = 0; l < nb; l++) {
      for (int64_t i = 0; i < nb; i++) t[i * nb + l] = 0;
      for (int64_t i = 0; i < l; i++) {
        T sum = 0;
        for (int64_t q = i; q < l; q++) sum += t[i * nb + q] * s[q * nb + l];
        t[i * nb + l] = -tau[j0 + l] * sum;
      }
      t[l * nb + l] = tau[j0 + l];
    }
    // C -= V T^T (V^T C)
    T* trailing = a + j0 * n + j1;
    gemm<T>(c, {nb, rest, rows, v, 1, nb, trailing, n, 1, w, rest, false});
    for (int64_t i = 0; i < nb * nb; i++) t[i] = -t[i];
    gemm<T>(c, {nb, rest, nb, t, 1, nb, w, rest, 1, tw, rest, false});
    gemm<T>(c, {rows, rest, nb, v, nb, 1, tw, rest, 1, trailing, n, true});
  }
}

template <class T>
void reduce(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t m = x.dim(-2), n = x.dim(-1), k = std::min(m, n), batch = batch_of(x, 2);
  T *a = c.out[0].as<T>(), *tau = c.out[1].as<T>();
  if (x.numel == 0) return;
  std::memcpy(a, x.data, static_cast<size_t>(x.numel) * sizeof(T));
  if (k > kBlocked) {
    T* work = c.scratch_of<T>(m + n);
    for (int64_t b = 0; b < batch; b++) reduce_blocked(c, a + b * m * n, m, n, tau + b * k, work);
    return;
  }
  T* work = c.scratch_of<T>(batch * (m + n));
  parallel_for(batch, entries_at_once(m * n * k), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) reduce_panel(a + b * m * n, m, n, 0, n, tau + b * k, work + b * (m + n));
  });
}

}  // namespace

void geqrf(const Call& c) {
  with_real(c.in[0].dtype, "geqrf", [&](auto t) { reduce<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
