// What the decompositions need of complex numbers. Place in the whole: beside dense.h, for the kernels of real and complex
// matrices.
#pragma once
#include "cpu/complex/number.h"
#include "cpu/linalg/dense.h"

namespace sinter::cpu::SINTER_ISA {

// y += alpha x, and the sum of a[i] b[i], nothing conjugated.
template <class T>
SINTER_INLINE void axpy(Cx<T> alpha, const Cx<T>* x, Cx<T>* y, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] += alpha * x[i];
}
template <class T>
SINTER_INLINE Cx<T> dot(const Cx<T>* a, const Cx<T>* b, int64_t n) {
  Cx<T> sum;
  for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

// f(T{}) for the dtypes that decompositions of real and complex matrices take.
template <class F>
SINTER_INLINE void with_real_or_complex(DType d, const char* op, F f) {
  if (d == DType::c64) return f(Cx<float>{});
  if (d == DType::c128) return f(Cx<double>{});
  with_real(d, op, f);
}

}  // namespace sinter::cpu::SINTER_ISA
