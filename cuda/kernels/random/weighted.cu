// bernoulliOf, poisson, binomial, multinomial: a parameter an element. Place in the whole: device code of weighted.cpp; the streams are
// those of native/engine/philox.h, the formulas those of native/cpu/random/weighted.cpp, where their sources stand. In f64, so that the
// same numbers are drawn but where a logarithm's last bit decides.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/index/block.cuh"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/random/philox.cuh"
#include "cuda/kernels/random/weighted.h"

namespace sinter::cuda {

constexpr double kMostRate = 0x1p52;

SINTER_DEVICE double unit(uint64_t pair) { return (static_cast<double>(pair >> 12) + 0.5) * 0x1p-52; }

// An element of a floating dtype, numbered as DType is.
SINTER_DEVICE double element(const void* x, int dtype, int64_t i) {
  switch (dtype) {
    case 0: return static_cast<const f32*>(x)[i];
    case 1: return static_cast<const f64*>(x)[i];
    case 2: return widen(static_cast<const bf16*>(x)[i]);
    default: return widen(static_cast<const f16*>(x)[i]);
  }
}

// ln k! of a whole number: of the product where it is exact, else by Stirling's series, whose first term left out is below 10^-14.
SINTER_DEVICE double log_factorial(double k) {
  if (k < 10) {
    double product = 1;
    for (int i = 2; i <= k; i++) product *= i;
    return log_of(product);
  }
  const double n = k + 1, square = 1 / (n * n);
  const double rest =
      (1. / 12 - (1. / 360 - (1. / 1260 - (1. / 1680 - 1. / 1188 * square) * square) * square) * square) / n;
  return (k + 0.5) * log_of(n) - n + 0.91893853320467274178 + rest;
}

// ---- poisson

SINTER_DEVICE double poisson_by_inversion(double rate, double u) {
  double p = exp_of(-rate), sum = p;
  int k = 0;
  // The sum stops growing before it reaches a u next to 1: 1000 is far beyond any rate below 10.
  while (u >= sum && k < 1000) {
    k++;
    p *= rate / k;
    sum += p;
  }
  return k;
}

SINTER_DEVICE double poisson_by_rejection(double rate, const Stream& stream, int64_t i) {
  const double log_rate = log_of(rate), b = 0.931 + 2.53 * sqrt(rate), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
#pragma unroll 1
  for (uint32_t attempt = 0;; attempt++) {
    const PhiloxWords words = philox(stream, static_cast<uint64_t>(i), attempt);
    const double u = unit(words.first_low(0)) - 0.5, v = unit(words.first_low(1));
    const double us = 0.5 - fabs(u), k = floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (log_of(v * inverse_alpha / (a / (us * us) + b)) <= k * log_rate - rate - log_factorial(k)) return k;
  }
}

SINTER_DEVICE double poisson_of(double rate, const Stream& stream, int64_t i) {
  if (rate == 0) return 0;
  if (rate >= 10) return poisson_by_rejection(rate, stream, i);
  return poisson_by_inversion(rate, unit(philox(stream, static_cast<uint64_t>(i)).first_low(0)));
}

// ---- binomial

// ln k! - (k + 1/2) ln(k + 1) + (k + 1) - ln sqrt(2 pi): what Stirling's formula leaves.
SINTER_DEVICE double stirling_rest_of_large(double k) {
  const double n = k + 1, square = n * n;
  return (1. / 12 - (1. / 360 - 1. / 1260 / square) / square) / n;
}
SINTER_DEVICE double stirling_rest(double k) {
  if (k < 10) return log_factorial(k) - (k + 0.5) * log_of(k + 1) + (k + 1) - 0.91893853320467274178;
  return stirling_rest_of_large(k);
}

// p of at most 1/2, n p below 10.
SINTER_DEVICE double successes_by_inversion(double n, double p, double u) {
  const double odds = p / (1 - p);
  double mass = exp_of(n * log1p_of(-p)), sum = mass;
  int k = 0;
  while (u >= sum && k < n && k < 1000) {
    mass *= (n - k) / (k + 1) * odds;
    k++;
    sum += mass;
  }
  return k;
}

// p of at most 1/2, n p of at least 10: so are the mode and what it leaves of n.
SINTER_DEVICE double successes_by_rejection(double n, double p, const Stream& stream, int64_t i) {
  const double deviation = sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double alpha = (2.83 + 5.1 / b) * deviation, v_r = 0.92 - 4.2 / b, odds = p / (1 - p);
  const double mode = floor((n + 1) * p);
  const double of_mode = stirling_rest_of_large(mode) + stirling_rest_of_large(n - mode);
#pragma unroll 1
  for (uint32_t attempt = 0;; attempt++) {
    const PhiloxWords words = philox(stream, static_cast<uint64_t>(i), attempt);
    const double u = unit(words.first_low(0)) - 0.5, v = unit(words.first_low(1));
    const double us = 0.5 - fabs(u), k = floor((2 * a / us + b) * u + n * p + 0.5);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || k > n) continue;
    // ln of k's probability over the mode's.
    const double ratio =
        (mode + 0.5) * log_of((mode + 1) / (odds * (n - mode + 1))) + (n + 1) * log_of((n - mode + 1) / (n - k + 1)) +
        (k + 0.5) * log_of(odds * (n - k + 1) / (k + 1)) + of_mode - stirling_rest(k) - stirling_rest(n - k);
    if (log_of(v * alpha / (a / (us * us) + b)) <= ratio) return k;
  }
}

SINTER_DEVICE double binomial_of(double n, double p, const Stream& stream, int64_t i) {
  const bool failures = p > 0.5;
  const double q = failures ? 1 - p : p;
  const double k = n * q >= 10
                       ? successes_by_rejection(n, q, stream, i)
                       : successes_by_inversion(n, q, unit(philox(stream, static_cast<uint64_t>(i)).first_low(0)));
  return failures ? n - k : k;
}

SINTER_DEVICE int64_t thread_number() { return static_cast<int64_t>(blockIdx.x) * kWeightedThreads + threadIdx.x; }

template <class T>
SINTER_DEVICE void draw_poisson(const T* rates, T* y, int64_t n, const Stream& stream, Fault* fault) {
  const int64_t i = thread_number();
  if (i >= n) return;
  const double rate = widen(rates[i]);
  if (rate >= 0 && rate < kMostRate)
    y[i] = narrow<T>(poisson_of(rate, stream, i));
  else
    report(fault, 0, i);
}

template <class T>
SINTER_DEVICE void draw_binomial(const T* counts, const T* chances, T* y, int64_t n, const Stream& stream,
                                 Fault* fault) {
  const int64_t i = thread_number();
  if (i >= n) return;
  const double count = widen(counts[i]), p = widen(chances[i]);
  if (count >= 0 && count < kMostRate && p >= 0 && p <= 1)
    y[i] = narrow<T>(binomial_of(floor(count), p, stream, i));
  else
    report(fault, 0, i);
}

template <class T>
SINTER_DEVICE void draw_bernoulli_of(const void* p, int dtype, T* y, int64_t n, const Stream& stream) {
  const int64_t i = thread_number();
  if (i >= n) return;
  const uint32_t word = philox(stream, static_cast<uint64_t>(i / 4)).word(static_cast<int>(i & 3));
  y[i] = narrow<T>(static_cast<int>(static_cast<double>(word) < element(p, dtype, i) * 0x1p32));
}

// ---- multinomial

// Number k of a stream.
SINTER_DEVICE uint64_t number_of(const Stream& stream, int64_t k) {
  return philox(stream, static_cast<uint64_t>(k / 2)).first_low(static_cast<int>(k & 1));
}

// A block a row: `sums` (rows, n) become sums of the weights up to each; or, `tickets`, the keys of categories, smallest first. Reports
// rows with weights that are no weights, or with fewer than `needs` above 0, and marks them by a NaN, or all ones, in their first place.
extern "C" __global__ void __launch_bounds__(kWeightedThreads)
    weigh(const void* weights, int32_t dtype, int64_t n, int64_t needs, Stream stream, double* __restrict__ sums,
          uint64_t* __restrict__ tickets, Fault* fault) {
  __shared__ double totals[kWeightedThreads / 32];
  __shared__ int64_t counts[kWeightedThreads / 32];
  const int64_t row = blockIdx.x, first = row * n;
  // Threads have neighbours of their own, so that a weight of 0 adds nothing to what is beside it.
  const int64_t each = (n + kWeightedThreads - 1) / kWeightedThreads;
  const int64_t begin = min(n, threadIdx.x * each), end = min(n, begin + each);
  double sum = 0;
  int64_t possible = 0;
  bool good = true;
  for (int64_t i = begin; i < end; i++) {
    const double w = element(weights, dtype, first + i);
    good &= w >= 0 && w - w == 0;
    possible += w > 0;
    sum += w;
  }
  double total;
  int64_t all;
  double before = block_sum_below<kWeightedThreads>(sum, totals, total);
  block_sum_below<kWeightedThreads>(possible, counts, all);
  good = __syncthreads_and(good) && all >= needs;
  if (!good && threadIdx.x == 0) report(fault, 0, row);
  for (int64_t i = begin; i < end; i++) {
    const double w = element(weights, dtype, first + i);
    if (sums) {
      before += w;
      sums[first + i] = good ? before : __longlong_as_double(0x7ff8000000000000ll);
    } else {
      // Keys are not negative: their bits have their order.
      const double key =
          w > 0 ? -log_of(unit(number_of(stream, first + i))) / w : __longlong_as_double(0x7ff0000000000000ll);
      tickets[first + i] = static_cast<uint64_t>(__double_as_longlong(key));
    }
  }
}

// Draw j of every row: the first category whose sum exceeds u times the total.
extern "C" __global__ void __launch_bounds__(kWeightedThreads)
    draw_replaced(const double* __restrict__ sums, int64_t n, int64_t k, int64_t draws, Stream stream,
                  int64_t* __restrict__ y) {
  const int64_t i = thread_number();
  if (i >= draws) return;
  const double* row = sums + i / k * n;
  const double at = unit(number_of(stream, i)) * row[n - 1];
  int64_t low = 0, high = n - 1;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (row[middle] > at)
      high = middle;
    else
      low = middle + 1;
  }
  y[i] = low;
}

// A block a row: the k smallest tickets in order, of equal ones the first. Each round finds the next after the last.
extern "C" __global__ void __launch_bounds__(kWeightedThreads)
    draw_smallest(const uint64_t* __restrict__ tickets, int64_t n, int64_t k, int64_t* __restrict__ y) {
  __shared__ uint64_t keys[kWeightedThreads / 32];
  __shared__ int64_t places[kWeightedThreads / 32];
  const uint64_t* row = tickets + static_cast<int64_t>(blockIdx.x) * n;
  uint64_t last_key = 0;
  int64_t last = -1;
#pragma unroll 1
  for (int64_t j = 0; j < k; j++) {
    uint64_t best = ~uint64_t{0};
    int64_t place = n;
    for (int64_t i = threadIdx.x; i < n; i += kWeightedThreads) {
      const uint64_t key = row[i];
      const bool later = key > last_key || (key == last_key && i > last);
      if (later && key < best) best = key, place = i;
    }
#pragma unroll
    for (int d = 16; d > 0; d /= 2) {
      const uint64_t key = __shfl_xor_sync(kWholeWarp, best, d);
      const int64_t other = __shfl_xor_sync(kWholeWarp, place, d);
      if (key < best || (key == best && other < place)) best = key, place = other;
    }
    if ((threadIdx.x & 31) == 0) keys[threadIdx.x / 32] = best, places[threadIdx.x / 32] = place;
    __syncthreads();
#pragma unroll
    for (int w = 0; w < kWeightedThreads / 32; w++)
      if (keys[w] < best || (keys[w] == best && places[w] < place)) best = keys[w], place = places[w];
    __syncthreads();
    if (threadIdx.x == 0) y[static_cast<int64_t>(blockIdx.x) * k + j] = place;
    last_key = best;
    last = place;
  }
}

extern "C" __global__ void __launch_bounds__(kWeightedThreads)
    widen_places(const uint32_t* __restrict__ places, int64_t k, int64_t* __restrict__ y) {
  const int64_t i = thread_number();
  if (i < k) y[i] = places[i];
}

#define SINTER_WEIGHTED(T)                                                                                    \
  extern "C" __global__ void __launch_bounds__(kWeightedThreads)                                              \
      poisson_##T(const T* __restrict__ rates, T* __restrict__ y, int64_t n, Stream stream, Fault* fault) {   \
    draw_poisson(rates, y, n, stream, fault);                                                                 \
  }                                                                                                           \
  extern "C" __global__ void __launch_bounds__(kWeightedThreads)                                              \
      binomial_##T(const T* __restrict__ counts, const T* __restrict__ chances, T* __restrict__ y, int64_t n, \
                   Stream stream, Fault* fault) {                                                             \
    draw_binomial(counts, chances, y, n, stream, fault);                                                      \
  }
#define SINTER_BERNOULLI_OF(T)                                                                      \
  extern "C" __global__ void __launch_bounds__(kWeightedThreads)                                    \
      bernoulli_of_##T(const void* p, int32_t dtype, T* __restrict__ y, int64_t n, Stream stream) { \
    draw_bernoulli_of(p, dtype, y, n, stream);                                                      \
  }

SINTER_WEIGHTED(f32)
SINTER_WEIGHTED(f64)
SINTER_WEIGHTED(bf16)
SINTER_WEIGHTED(f16)

SINTER_BERNOULLI_OF(f32)
SINTER_BERNOULLI_OF(f64)
SINTER_BERNOULLI_OF(bf16)
SINTER_BERNOULLI_OF(f16)
SINTER_BERNOULLI_OF(i32)
SINTER_BERNOULLI_OF(i64)
SINTER_BERNOULLI_OF(u8)
SINTER_BERNOULLI_OF(i8)
SINTER_BERNOULLI_OF(boolean)

}  // namespace sinter::cuda
