// cdist: a (..., m, d), b (..., n, d) -> y (..., m, n) {p}: the p-norm of the difference of every row of a and every row
// of b. Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   p 0 counts the differences, infinity takes the largest. 1, 2 and infinity run on vectors; other p take a power an
//   element.
#include "cpu/linalg/dense.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// Folds the absolute differences of two rows, `lanes` at a time and then one by one.
template <class T, class F>
SINTER_INLINE T fold_sum(const T* a, const T* b, int64_t d, F f) {
  Vec<T> sum{};
  int64_t i = 0;
  for (; i + kLanes<T> <= d; i += kLanes<T>) sum += f(load(a + i) - load(b + i));
  T rest = 0;
  if (i < d) {
    const int left = static_cast<int>(d - i);
    sum += f(load_n(a + i, left) - load_n(b + i, left));
  }
  return rest + reduce_add<T>(sum);
}

template <class T>
SINTER_INLINE Vec<T> magnitude(Vec<T> x) {
  return x < Vec<T>{} ? -x : x;
}

template <class T>
T distance(const T* a, const T* b, int64_t d, T p) {
  if (p == 2) return std::sqrt(fold_sum(a, b, d, [](Vec<T> x) __attribute__((always_inline)) { return x * x; }));
  if (p == 1) return fold_sum(a, b, d, [](Vec<T> x) __attribute__((always_inline)) { return magnitude<T>(x); });
  if (p == 0) {
    T count = 0;
    for (int64_t i = 0; i < d; i++) count += a[i] != b[i];
    return count;
  }
  if (std::isinf(p)) {
    T most = 0;
    for (int64_t i = 0; i < d; i++) {
      const T x = std::abs(a[i] - b[i]);
      if (!(x <= most)) most = x;
      if (std::isnan(most)) break;
    }
    return most;
  }
  T sum = 0;
  for (int64_t i = 0; i < d; i++) sum += std::pow(std::abs(a[i] - b[i]), p);
  return std::pow(sum, 1 / p);
}

template <class T>
void run(const Call& c) {
  const TensorRef &a = c.in[0], &b = c.in[1];
  const int64_t m = a.dim(-2), n = b.dim(-2), d = a.dim(-1);
  const T p = static_cast<T>(c.attr[0]);
  T* y = c.out[0].as<T>();
  if (c.out[0].numel == 0) return;
  parallel_for(c.out[0].numel / n, entries_at_once(n * std::max<int64_t>(1, d)), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++)
      for (int64_t j = 0; j < n; j++)
        y[row * n + j] = distance(a.as<T>() + row * d, b.as<T>() + (row / m * n + j) * d, d, p);
  });
}

}  // namespace

void cdist(const Call& c) {
  with_real(c.in[0].dtype, "cdist", [&](auto t) { run<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
