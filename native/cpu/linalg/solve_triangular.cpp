// solveTriangular: a (..., n, n), b (..., n, k) -> x (..., n, k) {upper, unit, transposed}: op(a) x = b, where only the
// triangle (and not the diagonal, where it is unit) is read. Place in the whole: kernel of native/ops.def, compiled once
// per instruction set. `upper` says which triangle of the stored a holds the matrix; op transposes it.
// f32, f64, and c64 and c128 without blocks; nothing is conjugated.
#include <cstring>

#include "cpu/linalg/complex.h"
#include "cpu/linalg/triangle.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// One right side. Rows of a are contiguous, so op(a) = a takes inner products and its transpose multiples of rows.
template <class T>
void solve_vector(const T* a, int64_t n, bool upper, bool unit, bool transposed, T* x) {
  for (int64_t step = 0; step < n; step++) {
    const int64_t i = upper == transposed ? step : n - 1 - step;
    const T* row = a + i * n;
    const int64_t from = upper ? i + 1 : 0, count = upper ? n - 1 - i : i;
    if (!transposed) x[i] -= dot(row + from, x + from, count);
    if (!unit) x[i] /= row[i];
    if (transposed) axpy(-x[i], row + from, x + from, count);
  }
}

template <class T>
void solve_complex(const Call& c) {
  const TensorRef& b = c.in[1];
  const int64_t n = b.dim(-2), k = b.dim(-1), batch = batch_of(b, 2);
  const bool upper = c.attr[0] != 0, unit = c.attr[1] != 0, transposed = c.attr[2] != 0;
  if (b.numel == 0) return;
  T* x = c.out[0].as<T>();
  std::memcpy(x, b.data, static_cast<size_t>(b.numel) * sizeof(T));
  parallel_for(batch, entries_at_once(4 * n * n * k), [&](int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; e++) {
      const T* a = c.in[0].as<T>() + e * n * n;
      solve_rows<T>({a, transposed ? 1 : n, transposed ? n : 1, n, upper != transposed, unit}, x + e * n * k, k, k);
    }
  });
}

template <class T>
void solve(const Call& c) {
  const TensorRef &a = c.in[0], &b = c.in[1];
  const int64_t n = b.dim(-2), k = b.dim(-1), batch = batch_of(b, 2);
  const bool upper = c.attr[0] != 0, unit = c.attr[1] != 0, transposed = c.attr[2] != 0;
  if (b.numel == 0) return;
  const T* as = a.as<T>();
  T* x = c.out[0].as<T>();
  std::memcpy(x, b.data, static_cast<size_t>(b.numel) * sizeof(T));
  const int64_t rs = transposed ? 1 : n, cs = transposed ? n : 1;
  const bool backward = upper != transposed;
  if (n > kBlocked && k >= kLanes<T>) {
    T* negative = c.scratch_of<T>(n * kPanel);
    for (int64_t e = 0; e < batch; e++) {
      const T* entry = as + e * n * n;
      T* y = x + e * n * k;
      for (int64_t done = 0; done < n; done += kPanel) {
        const int64_t nb = std::min(kPanel, n - done), i0 = backward ? n - done - nb : done;
        // Columns of the right side are independent of each other.
        parallel_for(k, 64, [&](int64_t begin, int64_t end) {
          solve_rows<T>({entry + i0 * rs + i0 * cs, rs, cs, nb, backward, unit}, y + i0 * k + begin, k, end - begin);
        });
        const int64_t rest = n - done - nb, r0 = backward ? 0 : i0 + nb;
        if (rest == 0) continue;
        for (int64_t i = 0; i < rest; i++)
          for (int64_t j = 0; j < nb; j++) negative[i * nb + j] = -entry[(r0 + i) * rs + (i0 + j) * cs];
        gemm<T>(c, {rest, k, nb, negative, nb, 1, y + i0 * k, k, 1, y + r0 * k, k, true});
      }
    }
    return;
  }
  if (k >= kLanes<T>) {
    parallel_for(batch, entries_at_once(n * n * k), [&](int64_t begin, int64_t end) {
      for (int64_t e = begin; e < end; e++)
        solve_rows<T>({as + e * n * n, rs, cs, n, backward, unit}, x + e * n * k, k, k);
    });
    return;
  }
  T* columns = k > 1 ? c.scratch_of<T>(batch * n * k) : x;
  parallel_for(batch, entries_at_once(n * n * k), [&](int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; e++) {
      T *y = x + e * n * k, *column = columns + e * n * k;
      if (k > 1) transpose_to(y, n, k, column);
      for (int64_t j = 0; j < k; j++) solve_vector(as + e * n * n, n, upper, unit, transposed, column + j * n);
      if (k > 1) transpose_to(column, k, n, y);
    }
  });
}

}  // namespace

void solveTriangular(const Call& c) {
  if (c.in[1].dtype == DType::c64) return solve_complex<Cx<float>>(c);
  if (c.in[1].dtype == DType::c128) return solve_complex<Cx<double>>(c);
  with_real(c.in[1].dtype, "solveTriangular", [&](auto t) { solve<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
