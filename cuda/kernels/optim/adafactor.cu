// adafactorStep. Place in the whole: device code of adafactor.cpp; formulas as in native/cpu/optim/adafactor.cpp.
//
// Launches: sums of squares of columns, in parts; the columns' moments; the rows'; the rows' factors; squares of parameters and steps in
// pieces (vectors update their moments here); a rate for each tensor; the step. Bound in f32: g is read four times, p twice, p written
// once: 28 bytes an element where a matrix is larger than the caches.
// sinter: cubins 80 90
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/optim/adafactor.h"
#include "cuda/kernels/optim/rounding.cuh"
#include "cuda/kernels/optim/tensors.cuh"

namespace sinter::cuda {

template <class T>
SINTER_DEVICE T* at(const FactoredTensors::Entry& t, int k) {
  return static_cast<T*>(t.data[k]);
}
SINTER_DEVICE int64_t unit_of(const FactoredTensors::Entry& t) {
  return static_cast<int64_t>(blockIdx.x) - t.first_block;
}

// Exact where the weight is one, as in the first step.
template <class C>
SINTER_DEVICE C moved(const Adafactor& a, C from, C to) {
  const C w = static_cast<C>(a.weight);
  return (C(1) - w) * from + w * to;
}

// A block: kOptimThreads columns of kFactorRows rows.
template <class T, class G>
SINTER_DEVICE void sum_columns(const FactoredTensors& tensors, const LateStep& late) {
  if (late.leaves_out()) return;
  using C = Compute<T>;
  const auto& t = tensors.at[entry_of_block(tensors)];
  const int64_t part = quotient(unit_of(t), t.tiles);  // (matrix, chunk)
  const int64_t column = (unit_of(t) - part * t.tiles.size) * kOptimThreads + threadIdx.x, width = t.width.size;
  if (column >= width) return;
  const int64_t matrix = quotient(part, t.parts), first = (part - matrix * t.parts.size) * kFactorRows;
  const int64_t rows = min(kFactorRows, t.height.size - first);
  const G* g = at<const G>(t, kGradient) + (matrix * t.height.size + first) * width + column;
  C sum = 0;
#pragma unroll 8
  for (int64_t r = 0; r < rows; r++) {
    const C v = widen(g[r * width]);
    sum += v * v;
  }
  at<C>(t, kColumnSums)[part * width + column] = sum;
}

// A thread a column of a matrix.
template <class T>
SINTER_DEVICE void move_columns(const FactoredTensors& tensors, const LateStep& late, const Adafactor& rule) {
  if (late.leaves_out()) return;
  const Adafactor a = late.of(rule);
  using C = Compute<T>;
  const auto& t = tensors.at[entry_of_block(tensors)];
  const int64_t i = unit_of(t) * kOptimThreads + threadIdx.x, width = t.width.size;
  const int64_t matrix = quotient(i, t.width), column = i - matrix * width;
  if (matrix * t.height.size * width >= t.numel) return;
  const C* sums = at<C>(t, kColumnSums) + matrix * t.parts.size * width + column;
  C sum = 0;
#pragma unroll 4
  for (int64_t c = 0; c < t.parts.size; c++) sum += sums[c * width];
  T* state = at<T>(t, kColumns) + i;
  *state = narrow<T>(moved(a, widen(*state), sum * static_cast<C>(1 / static_cast<double>(t.height.size))));
}

// A warp a row.
template <class T, class G>
SINTER_DEVICE void move_rows(const FactoredTensors& tensors, const LateStep& late, const Adafactor& rule) {
  if (late.leaves_out()) return;
  const Adafactor a = late.of(rule);
  using C = Compute<T>;
  const auto& t = tensors.at[entry_of_block(tensors)];
  const int64_t row = unit_of(t) * kFactorWarps + threadIdx.x / 32, width = t.width.size;
  if (row * width >= t.numel) return;
  const G* g = at<const G>(t, kGradient) + row * width;
  C sum = 0;
#pragma unroll 4
  for (int64_t i = threadIdx.x & 31; i < width; i += 32) {
    const C v = widen(g[i]);
    sum += v * v;
  }
  double total = static_cast<double>(sum);
#pragma unroll
  for (int d = 16; d > 0; d /= 2) total += __shfl_xor_sync(0xffffffffu, total, d);
  if ((threadIdx.x & 31) != 0) return;
  T* state = at<T>(t, kRows) + row;
  *state = narrow<T>(moved(a, widen(*state), static_cast<C>(total / static_cast<double>(width))));
}

// A block a matrix: rows / max(their mean, eps1).
template <class T>
SINTER_DEVICE void make_factors(const FactoredTensors& tensors, const LateStep& late, const Adafactor& rule) {
  if (late.leaves_out()) return;
  const Adafactor a = late.of(rule);
  using C = Compute<T>;
  __shared__ double sums[kOptimThreads / 32];
  const auto& t = tensors.at[entry_of_block(tensors)];
  const int64_t n = t.height.size;
  const T* rows = at<T>(t, kRows) + unit_of(t) * n;
  double sum = 0;
  for (int64_t i = threadIdx.x; i < n; i += kOptimThreads) sum += static_cast<double>(widen(rows[i]));
  const double mean = block_sum(sum, sums) / static_cast<double>(n);
  const C scale = static_cast<C>(1 / (mean < a.eps1 ? a.eps1 : mean));
  C* factors = at<C>(t, kFactors) + unit_of(t) * n;
  for (int64_t i = threadIdx.x; i < n; i += kOptimThreads) factors[i] = widen(rows[i]) * scale;
}

// The second moment of element i, least or more. Vectors keep theirs.
template <class T>
SINTER_DEVICE Compute<T> variance(const FactoredTensors::Entry& t, const Adafactor& a, int64_t i) {
  using C = Compute<T>;
  const C least = static_cast<C>(a.eps1 * a.eps1);
  C v;
  if (t.data[kVariance]) {
    v = widen(at<T>(t, kVariance)[i]);
  } else {
    const int64_t row = quotient(i, t.width), matrix = quotient(row, t.height);
    v = at<C>(t, kFactors)[row] * widen(at<T>(t, kColumns)[matrix * t.width.size + (i - row * t.width.size)]);
  }
  return v < least ? least : v;
}

template <class T, class G>
SINTER_DEVICE void sum_squares(const FactoredTensors& tensors, const LateStep& late, const Adafactor& rule,
                               double* parts) {
  if (late.leaves_out()) return;
  const Adafactor a = late.of(rule);
  using C = Compute<T>;
  __shared__ double sums[2][kOptimThreads / 32];
  const auto& t = tensors.at[entry_of_block(tensors)];
  const int64_t begin = unit_of(t) * kOptimPiece, end = min(t.numel, begin + kOptimPiece);
  C p = 0, u = 0;
#pragma unroll 1
  for (int64_t i = begin + threadIdx.x; i < end; i += kOptimThreads) {
    const C x = widen(at<T>(t, kParameter)[i]), g = widen(at<const G>(t, kGradient)[i]);
    if (t.data[kVariance]) {
      T* state = at<T>(t, kVariance) + i;
      *state = narrow<T>(moved(a, widen(*state), g * g));
    }
    p += x * x;
    u += g * g / variance<T>(t, a, i);
  }
  const double squares[2] = {block_sum(static_cast<double>(p), sums[0]), block_sum(static_cast<double>(u), sums[1])};
  if (threadIdx.x != 0) return;
  double* part = parts + 2 * (tensors.first_block + blockIdx.x);
  part[0] = squares[0];
  part[1] = squares[1];
}

// A block an entry; blocks: of the launch that made the parts.
extern "C" __global__ void __launch_bounds__(kOptimThreads)
    adafactor_rates(const __grid_constant__ FactoredTensors tensors, const __grid_constant__ LateStep late,
                    const __grid_constant__ Adafactor rule, int64_t blocks, const double* __restrict__ parts,
                    double* __restrict__ rates) {
  if (late.leaves_out()) return;
  const Adafactor a = late.of(rule);
  __shared__ double sums[2][kOptimThreads / 32];
  const int i = static_cast<int>(blockIdx.x);
  const auto& t = tensors.at[i];
  const int64_t begin = t.first_block, end = i + 1 < tensors.count ? tensors.at[i + 1].first_block : blocks;
  double squares[2] = {0, 0};
  for (int64_t b = tensors.first_block + begin + threadIdx.x; b < tensors.first_block + end; b += kOptimThreads) {
    squares[0] += parts[2 * b];
    squares[1] += parts[2 * b + 1];
  }
  const double p = block_sum(squares[0], sums[0]), u = block_sum(squares[1], sums[1]);
  if (threadIdx.x != 0) return;
  const double size = sqrt(p * t.share), excess = sqrt(u * t.share) * a.per_d;
  const double relative = (size > a.eps2 ? size : a.eps2) * a.most;
  rates[tensors.first + i] = a.sign * relative / (excess > 1 ? excess : 1);
}

template <class T, class G>
SINTER_DEVICE void apply(const FactoredTensors& tensors, const LateStep& late, const Adafactor& a,
                         const Rounding& rounding, const double* rates) {
  if (late.leaves_out()) return;
  using C = Compute<T>;
  const int entry = entry_of_block(tensors);
  const auto& t = tensors.at[entry];
  const C rate = static_cast<C>(rates[tensors.first + entry]), keep = static_cast<C>(a.keep);
  const int64_t begin = unit_of(t) * kOptimPiece, end = min(t.numel, begin + kOptimPiece);
#pragma unroll 1
  for (int64_t i = begin + threadIdx.x; i < end; i += kOptimThreads) {
    T* p = at<T>(t, kParameter) + i;
    const C g = widen(at<const G>(t, kGradient)[i]);
    C y[1] = {keep * widen(*p) - rate * g / static_cast<C>(sqrt(variance<T>(t, a, i)))};
    if (t.data[kLow]) at<G>(t, kLow)[i] = narrow<G>(y[0]);
    round_pack<T, 1>(rounding, t.element + i, y);
    *p = narrow<T>(y[0]);
  }
}

#define SINTER_ADAFACTOR_KERNEL(name) extern "C" __global__ void __launch_bounds__(kOptimThreads) adafactor_##name
#define SINTER_ADAFACTOR_COMMON const __grid_constant__ FactoredTensors tensors, const __grid_constant__ LateStep late
#define SINTER_ADAFACTOR_RULE SINTER_ADAFACTOR_COMMON, const __grid_constant__ Adafactor rule

#define SINTER_ADAFACTOR(name, T, G)                                                                         \
  SINTER_ADAFACTOR_KERNEL(sum_columns_##name)(SINTER_ADAFACTOR_COMMON) { sum_columns<T, G>(tensors, late); } \
  SINTER_ADAFACTOR_KERNEL(rows_##name)(SINTER_ADAFACTOR_RULE) { move_rows<T, G>(tensors, late, rule); }      \
  SINTER_ADAFACTOR_KERNEL(squares_##name)(SINTER_ADAFACTOR_RULE, double* __restrict__ parts) {               \
    sum_squares<T, G>(tensors, late, rule, parts);                                                           \
  }                                                                                                          \
  SINTER_ADAFACTOR_KERNEL(apply_##name)                                                                      \
  (SINTER_ADAFACTOR_RULE, const __grid_constant__ Rounding rounding, const double* __restrict__ rates) {     \
    apply<T, G>(tensors, late, rule, rounding, rates);                                                       \
  }
#define SINTER_ADAFACTOR_STATE(T)                                                                       \
  SINTER_ADAFACTOR_KERNEL(columns_##T)(SINTER_ADAFACTOR_RULE) { move_columns<T>(tensors, late, rule); } \
  SINTER_ADAFACTOR_KERNEL(factors_##T)(SINTER_ADAFACTOR_RULE) { make_factors<T>(tensors, late, rule); }

SINTER_ADAFACTOR(f32, f32, f32)
SINTER_ADAFACTOR(f64, f64, f64)
SINTER_ADAFACTOR(bf16, bf16, bf16)
SINTER_ADAFACTOR(f16, f16, f16)
SINTER_ADAFACTOR(f32_bf16, f32, bf16)
SINTER_ADAFACTOR(f32_f16, f32, f16)

SINTER_ADAFACTOR_STATE(f32)
SINTER_ADAFACTOR_STATE(f64)
SINTER_ADAFACTOR_STATE(bf16)
SINTER_ADAFACTOR_STATE(f16)

}  // namespace sinter::cuda
