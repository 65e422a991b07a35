// matrixExp: x (..., n, n) -> y (..., n, n), the exponential. Place in the whole: kernel of native/ops.def, compiled once
// per instruction set.
//
// Scaling and squaring with diagonal Pade approximants (Higham 2005): of degree 7 for float and 13 for double, the matrix
// halved until its 1-norm is where the approximant is exact to rounding. Large matrices use the blocked product.
#include <cstring>

#include "cpu/linalg/triangle.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
struct Pade;
template <>
struct Pade<float> {
  static constexpr int kDegree = 7;
  static constexpr double kRadius = 3.925724783138660;
  static constexpr double kCoefficients[] = {17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1};
};
template <>
struct Pade<double> {
  static constexpr int kDegree = 13;
  static constexpr double kRadius = 5.371920351148152;
  static constexpr double kCoefficients[] = {64764752532480000.0,
                                             32382376266240000.0,
                                             7771770303897600.0,
                                             1187353796428800.0,
                                             129060195264000.0,
                                             10559470521600.0,
                                             670442572800.0,
                                             33522128640.0,
                                             1323241920.0,
                                             40840800.0,
                                             960960.0,
                                             16380.0,
                                             182.0,
                                             1.0};
};

// a becomes its exponential. `work` holds 5 n n elements, multiply(p, q, r) sets r = p q.
template <class T, class Multiply>
void exponential(T* a, int64_t n, T* work, Multiply multiply) {
  const int64_t size = n * n;
  double norm = 0;
  for (int64_t j = 0; j < n; j++) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += std::abs(static_cast<double>(a[i * n + j]));
    norm = std::max(norm, sum);
    if (!(sum <= std::numeric_limits<double>::max())) {
      std::fill(a, a + size, std::numeric_limits<T>::quiet_NaN());
      return;
    }
  }
  int halvings = 0;
  if (norm > Pade<T>::kRadius) halvings = std::max(0, std::ilogb(norm / Pade<T>::kRadius) + 1);
  if (halvings > 0) scale(static_cast<T>(std::ldexp(1.0, -halvings)), a, size);
  // Even and odd part of the numerator, by Horner's rule in a^2: v = sum b_2i a^2i, u = a sum b_2i+1 a^2i.
  T *square = work, *even = square + size, *odd = even + size, *next = odd + size, *sum = next + size;
  multiply(a, a, square);
  const auto horner = [&](T* out, int top) {
    std::fill(out, out + size, T(0));
    for (int64_t i = 0; i < n; i++) out[i * n + i] = static_cast<T>(Pade<T>::kCoefficients[top]);
    for (int degree = top - 2; degree >= 0; degree -= 2) {
      multiply(square, out, next);
      std::memcpy(out, next, static_cast<size_t>(size) * sizeof(T));
      for (int64_t i = 0; i < n; i++) out[i * n + i] += static_cast<T>(Pade<T>::kCoefficients[degree]);
    }
  };
  horner(even, Pade<T>::kDegree - 1);
  horner(sum, Pade<T>::kDegree);
  multiply(a, sum, odd);
  // (v - u) y = v + u by Gaussian elimination with partial pivoting.
  for (int64_t i = 0; i < size; i++) {
    a[i] = even[i] + odd[i];
    even[i] -= odd[i];
  }
  for (int64_t j = 0; j < n; j++) {
    int64_t best = j;
    for (int64_t i = j + 1; i < n; i++)
      if (std::abs(even[i * n + j]) > std::abs(even[best * n + j])) best = i;
    if (best != j) {
      std::swap_ranges(even + j * n, even + (j + 1) * n, even + best * n);
      std::swap_ranges(a + j * n, a + (j + 1) * n, a + best * n);
    }
    for (int64_t i = j + 1; i < n; i++) {
      const T factor = even[i * n + j] / even[j * n + j];
      if (factor == 0) continue;
      axpy(-factor, even + j * n + j, even + i * n + j, n - j);
      axpy(-factor, a + j * n, a + i * n, n);
    }
  }
  solve_rows<T>({even, n, 1, n, true, false}, a, n, n);
  for (int i = 0; i < halvings; i++) {
    multiply(a, a, next);
    std::memcpy(a, next, static_cast<size_t>(size) * sizeof(T));
  }
}

template <class T>
void run(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t n = x.dim(-1), batch = batch_of(x, 2);
  if (x.numel == 0) return;
  T* y = c.out[0].as<T>();
  std::memcpy(y, x.data, static_cast<size_t>(x.numel) * sizeof(T));
  if (n > kBlocked) {
    T* work = c.scratch_of<T>(5 * n * n);
    for (int64_t b = 0; b < batch; b++)
      exponential(y + b * n * n, n, work,
                  [&](const T* p, const T* q, T* r) { gemm<T>(c, {n, n, n, p, n, 1, q, n, 1, r, n, false}); });
    return;
  }
  T* work = c.scratch_of<T>(batch * 5 * n * n);
  parallel_for(batch, entries_at_once(20 * n * n * n), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++)
      exponential(y + b * n * n, n, work + b * 5 * n * n, [&](const T* p, const T* q, T* r) {
        for (int64_t i = 0; i < n; i++) {
          std::fill(r + i * n, r + (i + 1) * n, T(0));
          for (int64_t l = 0; l < n; l++) axpy(p[i * n + l], q + l * n, r + i * n, n);
        }
      });
  });
}

}  // namespace

void matrixExp(const Call& c) {
  with_real(c.in[0].dtype, "matrixExp", [&](auto t) { run<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
