// choleskyFactor: x (..., n, n) -> l (..., n, n), info (...) i32 {check}: x = L L^H, of which only the lower triangle is
// read. f32, f64, c64, c128. Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   info is the order of the first leading minor that is not positive (0: none), at which the factorization stops; with
//   check it is an error.
#include <cstring>

#include "cpu/linalg/complex.h"
#include "cpu/linalg/triangle.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// Rows j0 .. j1-1 of columns j0 .. j1-1. The first bad row from 1, or 0.
template <class T>
int32_t factor_block(T* a, int64_t n, int64_t j0, int64_t j1) {
  for (int64_t i = j0; i < j1; i++) {
    T* row = a + i * n;
    for (int64_t j = j0; j < i; j++) row[j] = (row[j] - dot(row + j0, a + j * n + j0, j - j0)) / a[j * n + j];
    const T pivot = row[i] - dot(row + j0, row + j0, i - j0);
    if (!(pivot > 0)) return static_cast<int32_t>(i + 1);
    row[i] = std::sqrt(pivot);
  }
  return 0;
}

// A Hermitian matrix, whose diagonal counts with its real part.
template <class T>
int32_t factor_block(Cx<T>* a, int64_t n, int64_t j0, int64_t j1) {
  for (int64_t i = j0; i < j1; i++) {
    Cx<T>* row = a + i * n;
    for (int64_t j = j0; j < i; j++) {
      Cx<T> rest = row[j];
      for (int64_t k = j0; k < j; k++) rest -= row[k] * conj_of(a[j * n + k]);
      row[j] = rest / a[j * n + j].re;
    }
    T pivot = row[i].re;
    for (int64_t k = j0; k < i; k++) pivot -= row[k].re * row[k].re + row[k].im * row[k].im;
    if (!(pivot > 0)) return static_cast<int32_t>(i + 1);
    row[i] = std::sqrt(pivot);
  }
  return 0;
}

template <class T>
int32_t factor_blocked(const Call& c, T* a, int64_t n, T* negative) {
  for (int64_t j0 = 0; j0 < n; j0 += kPanel) {
    const int64_t j1 = std::min(n, j0 + kPanel), nb = j1 - j0, below = n - j1;
    if (const int32_t bad = factor_block(a, n, j0, j1)) return bad;
    // L21 = A21 L11^-T, row by row; then A22 -= L21 L21^T (both triangles: one product).
    parallel_for(below, entries_at_once(nb * nb), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        T* row = a + (j1 + i) * n + j0;
        for (int64_t j = 0; j < nb; j++) {
          const T* other = a + (j0 + j) * n + j0;
          row[j] = (row[j] - dot(row, other, j)) / other[j];
        }
        for (int64_t j = 0; j < nb; j++) negative[i * nb + j] = -row[j];
      }
    });
    // In strips of rows, so that little beyond the lower triangle is computed.
    constexpr int64_t kStrip = 4 * kPanel;
    for (int64_t i0 = 0; i0 < below; i0 += kStrip) {
      const int64_t i1 = std::min(below, i0 + kStrip);
      gemm<T>(c, {i1 - i0, i1, nb, negative + i0 * nb, nb, 1, a + j1 * n + j0, 1, n, a + (j1 + i0) * n + j1, n, true});
    }
  }
  return 0;
}

template <class T>
void factor(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t n = x.dim(-1), batch = batch_of(x, 2);
  T* l = c.out[0].as<T>();
  int32_t* info = c.out[1].as<int32_t>();
  if (x.numel > 0) std::memcpy(l, x.data, static_cast<size_t>(x.numel) * sizeof(T));
  const auto clear_upper = [&](T* a) {
    for (int64_t i = 0; i < n; i++) std::fill(a + i * n + i + 1, a + (i + 1) * n, T(0));
  };
  const bool blocked = n > kBlocked && !RealOf<T>::kComplex;
  if constexpr (!RealOf<T>::kComplex) {
    T* negative = blocked ? c.scratch_of<T>(n * kPanel) : nullptr;
    for (int64_t b = 0; blocked && b < batch; b++) {
      info[b] = factor_blocked(c, l + b * n * n, n, negative);
      clear_upper(l + b * n * n);
    }
  }
  if (!blocked) {
    parallel_for(batch, entries_at_once(n * n * n), [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; b++) {
        info[b] = factor_block(l + b * n * n, n, 0, n);
        clear_upper(l + b * n * n);
      }
    });
  }
  if (c.attr[0] == 0) return;
  for (int64_t b = 0; b < batch; b++)
    if (info[b] != 0)
      fail(ErrorCode::linear_algebra,
           "the matrix of batch entry %lld is not positive definite: its leading minor of order %d is not positive",
           static_cast<long long>(b), info[b]);
}

}  // namespace

void choleskyFactor(const Call& c) {
  with_real_or_complex(c.in[0].dtype, "choleskyFactor", [&](auto t) { factor<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
