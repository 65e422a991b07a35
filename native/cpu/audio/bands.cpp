// bandProduct: rows mixed by short bands of coefficients, as mel filters mix frequencies. Place in the whole: kernel of
// native/ops.def, compiled once per instruction set.
//   x (b, k, t), a (k, m) -> y (b, m, t), contiguous, f32 f64: y[b, j] = sum over i of a[i, j] x[b, i]
// A column's coefficients count from the first to the last that is not zero; a filter bank of 80 bands over 201 frequencies
// has 2.4 % of a dense product's work. The bands are found anew in each call, which costs a reading of a.
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kColumns = 256;  // of x, whose rows stay in the second-level cache between the bands that share them

struct Band {
  int64_t first, count;  // rows of x
  int64_t at;            // of the first coefficient among all of them
};

template <class T>
void band_product(const Call& c) {
  constexpr int64_t lanes = kLanes<T>;
  const TensorRef &x = c.in[0], &a = c.in[1];
  const int64_t k = a.dims[0], m = a.dims[1], t = x.dims[2], blocks = (t + kColumns - 1) / kColumns;
  const T* matrix = a.as<const T>();
  Band* bands = c.scratch_of<Band>(m);
  T* coefficients = c.scratch_of<T>(k * m);
  int64_t total = 0;
  for (int64_t j = 0; j < m; j++) {
    int64_t first = 0, end = k;
    while (first < k && matrix[first * m + j] == T(0)) first++;
    while (end > first && matrix[(end - 1) * m + j] == T(0)) end--;
    bands[j] = {first, end - first, total};
    for (int64_t i = first; i < end; i++) coefficients[total++] = matrix[i * m + j];
  }
  const int64_t work = std::min(t, kColumns) * (m + total);
  parallel_for(x.dims[0] * blocks, grain_of(work), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++) {
      const int64_t b = item / blocks, first = item % blocks * kColumns, n = std::min(kColumns, t - first);
      const T* from = x.as<const T>() + b * k * t + first;
      T* to = c.out[0].as<T>() + b * m * t + first;
      for (int64_t j = 0; j < m; j++) {
        const Band band = bands[j];
        const T *w = coefficients + band.at, *rows = from + band.first * t;
        T* y = to + j * t;
        int64_t i = 0;
        for (; i + 4 * lanes <= n; i += 4 * lanes) {
          Vec<T> sum[4] = {};
          for (int64_t r = 0; r < band.count; r++)
            for (int u = 0; u < 4; u++) sum[u] += w[r] * load(rows + r * t + i + u * lanes);
          for (int u = 0; u < 4; u++) store(y + i + u * lanes, sum[u]);
        }
        each_step<T>(n - i, [&](int64_t more, auto part) {
          Vec<T> sum = {};
          for (int64_t r = 0; r < band.count; r++) sum += w[r] * get(part, rows + r * t + i + more);
          put(part, y + i + more, sum);
        });
      }
    }
  });
}

}  // namespace

void bandProduct(const Call& c) {
  if (c.out[0].numel == 0) return;
  switch (c.in[0].dtype) {
    case DType::f32: return band_product<float>(c);
    case DType::f64: return band_product<double>(c);
    default: fail(ErrorCode::unsupported, "bandProduct: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
