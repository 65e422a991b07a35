// bernoulliOf, poisson, binomial, multinomial: a parameter an element. Place in the whole: entry points; engine/philox.h defines the
// streams.
//
// Operands contiguous, floating. bernoulliOf: y of any real dtype; poisson and binomial: y of the parameters' dtype; multinomial: y i64.
#include "cpu/random/generate.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// The first position whose parameter is bad, noted on any thread and reported after the loop.
class FirstBad {
 public:
  void note(int64_t position) {
    int64_t seen = __atomic_load_n(&position_, __ATOMIC_RELAXED);
    while (position < seen &&
           !__atomic_compare_exchange_n(&position_, &seen, position, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
  }
  bool found() const { return position_ != INT64_MAX; }
  long long position() const { return position_; }

 private:
  int64_t position_ = INT64_MAX;
};

double unit(uint64_t pair) { return (static_cast<double>(pair >> 12) + 0.5) * 0x1p-52; }
double unit(uint32_t w0, uint32_t w1) { return unit(uint64_t{w1} << 32 | w0); }

// ---- poisson

double by_inversion(double rate, double u) {
  double p = ::exp(-rate), sum = p;
  int64_t k = 0;
  // The sum stops growing before it reaches a u next to 1: 1000 is far beyond any rate below 10.
  while (u >= sum && k < 1000) {
    k++;
    p *= rate / static_cast<double>(k);
    sum += p;
  }
  return static_cast<double>(k);
}

double log_factorial(double k) {
  int sign;
  return ::lgamma_r(k + 1, &sign);
}

double by_rejection(double rate, const Stream& s, int64_t i) {
  const double log_rate = ::log(rate), b = 0.931 + 2.53 * ::sqrt(rate), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
  for (uint32_t attempt = 0;; attempt++) {
    const PhiloxBlock block = philox(s.key0, s.key1, s.offset + static_cast<uint64_t>(i), attempt);
    const double u = unit(block.w[0], block.w[1]) - 0.5, v = unit(block.w[2], block.w[3]);
    const double us = 0.5 - __builtin_fabs(u), k = __builtin_floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (::log(v * inverse_alpha / (a / (us * us) + b)) <= k * log_rate - rate - log_factorial(k)) return k;
  }
}

double poisson_of(double rate, const Stream& s, int64_t i) {
  if (rate == 0) return 0;
  if (rate >= 10) return by_rejection(rate, s, i);
  const PhiloxBlock block = philox(s.key0, s.key1, s.offset + static_cast<uint64_t>(i), 0);
  return by_inversion(rate, unit(block.w[0], block.w[1]));
}

// ---- binomial

// ln k! - (k + 1/2) ln(k + 1) + (k + 1) - ln sqrt(2 pi): what Stirling's formula leaves.
double stirling_rest(double k) {
  if (k < 10) return log_factorial(k) - (k + 0.5) * ::log(k + 1) + (k + 1) - 0.91893853320467274178;
  const double n = k + 1, square = n * n;
  return (1. / 12 - (1. / 360 - 1. / 1260 / square) / square) / n;
}

// p of at most 1/2, n p below 10.
double successes_by_inversion(double n, double p, double u) {
  const double odds = p / (1 - p);
  double mass = ::exp(n * ::log1p(-p)), sum = mass;
  int64_t k = 0;
  while (u >= sum && static_cast<double>(k) < n && k < 1000) {
    mass *= (n - static_cast<double>(k)) / static_cast<double>(k + 1) * odds;
    k++;
    sum += mass;
  }
  return static_cast<double>(k);
}

// p of at most 1/2, n p of at least 10: transformed rejection (Hormann 1993, BTRS).
double successes_by_rejection(double n, double p, const Stream& s, int64_t i) {
  const double deviation = ::sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double alpha = (2.83 + 5.1 / b) * deviation, v_r = 0.92 - 4.2 / b, odds = p / (1 - p);
  const double mode = __builtin_floor((n + 1) * p);
  for (uint32_t attempt = 0;; attempt++) {
    const PhiloxBlock block = philox(s.key0, s.key1, s.offset + static_cast<uint64_t>(i), attempt);
    const double u = unit(block.w[0], block.w[1]) - 0.5, v = unit(block.w[2], block.w[3]);
    const double us = 0.5 - __builtin_fabs(u), k = __builtin_floor((2 * a / us + b) * u + n * p + 0.5);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || k > n) continue;
    // ln of k's probability over the mode's.
    const double ratio = (mode + 0.5) * ::log((mode + 1) / (odds * (n - mode + 1))) +
                         (n + 1) * ::log((n - mode + 1) / (n - k + 1)) +
                         (k + 0.5) * ::log(odds * (n - k + 1) / (k + 1)) + stirling_rest(mode) +
                         stirling_rest(n - mode) - stirling_rest(k) - stirling_rest(n - k);
    if (::log(v * alpha / (a / (us * us) + b)) <= ratio) return k;
  }
}

double binomial_of(double n, double p, const Stream& s, int64_t i) {
  if (p > 0.5) return n - binomial_of(n, 1 - p, s, i);
  if (n * p >= 10) return successes_by_rejection(n, p, s, i);
  const PhiloxBlock block = philox(s.key0, s.key1, s.offset + static_cast<uint64_t>(i), 0);
  return successes_by_inversion(n, p, unit(block.w[0], block.w[1]));
}

// ---- multinomial

// The category of a row by its cumulative weights.
int64_t category(const double* sums, int64_t n, double u) {
  const double at = u * sums[n - 1];
  int64_t low = 0, high = n - 1;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (sums[middle] > at)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

struct Ticket {
  double key;
  int64_t index;
};
bool before(const Ticket& a, const Ticket& b) { return a.key < b.key || (a.key == b.key && a.index < b.index); }

// The heap's largest ticket lies at its root.
void sift_down(Ticket* heap, int64_t n, int64_t i) {
  const Ticket moved = heap[i];
  for (int64_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && before(heap[child], heap[child + 1])) child++;
    if (!before(moved, heap[child])) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = moved;
}

// The k smallest of the tickets that `next` gives, sorted.
template <class F>
void smallest(int64_t n, int64_t k, Ticket* heap, F next) {
  for (int64_t i = 0; i < k; i++) heap[i] = next(i);
  for (int64_t i = k / 2 - 1; i >= 0; i--) sift_down(heap, k, i);
  for (int64_t i = k; i < n; i++) {
    const Ticket t = next(i);
    if (!before(t, heap[0])) continue;
    heap[0] = t;
    sift_down(heap, k, 0);
  }
  for (int64_t last = k - 1; last > 0; last--) {
    const Ticket t = heap[0];
    heap[0] = heap[last];
    heap[last] = t;
    sift_down(heap, last, 0);
  }
}

uint64_t number(const Stream& s, int64_t k) {
  const PhiloxBlock block = philox(s.key0, s.key1, s.offset + static_cast<uint64_t>(k / 2));
  const uint32_t* w = block.w + k % 2 * 2;
  return uint64_t{w[1]} << 32 | w[0];
}

}  // namespace

void bernoulliOf(const Call& c) {
  const TensorRef& p = c.in[0];
  require_floating(p.dtype, "bernoulli");
  generate<uint8_t>(c, c.out[0], DType::boolean, 1, [&](const uint32_t* words, int64_t begin, int64_t n, uint8_t* y) {
    double chance[kRandomBlock];
    convert_run(p.dtype, p.as<char>() + begin * static_cast<int64_t>(dtype_size(p.dtype)), DType::f64, chance, n);
    for (int64_t i = 0; i < n; i++) y[i] = static_cast<double>(words[i]) < chance[i] * 0x1p32;
  });
}

void poisson(const Call& c) {
  const TensorRef &rates = c.in[0], &y = c.out[0];
  require_floating(rates.dtype, "poisson");
  const Stream stream(c);
  const int64_t from_size = static_cast<int64_t>(dtype_size(rates.dtype)),
                size = static_cast<int64_t>(dtype_size(y.dtype));
  FirstBad bad;
  parallel_for(y.numel, kRandomBlock, [&](int64_t begin, int64_t end) {
    double rate[kRandomBlock], value[kRandomBlock];
    convert_run(rates.dtype, rates.as<char>() + begin * from_size, DType::f64, rate, end - begin);
    for (int64_t i = 0; i < end - begin; i++) {
      const bool good = rate[i] >= 0 && rate[i] < 0x1p52;
      if (!good) bad.note(begin + i);
      value[i] = good ? poisson_of(rate[i], stream, begin + i) : 0;
    }
    convert_run(DType::f64, value, y.dtype, y.as<char>() + begin * size, end - begin);
  });
  if (bad.found())
    fail(ErrorCode::index_out_of_range, "poisson: the rate at position %lld is negative, NaN or above 2^52",
         bad.position());
}

void binomial(const Call& c) {
  const TensorRef &counts = c.in[0], &chances = c.in[1], &y = c.out[0];
  require_floating(counts.dtype, "binomial");
  const Stream stream(c);
  const int64_t size = static_cast<int64_t>(dtype_size(counts.dtype));
  FirstBad bad;
  parallel_for(y.numel, kRandomBlock, [&](int64_t begin, int64_t end) {
    double n[kRandomBlock], p[kRandomBlock], value[kRandomBlock];
    convert_run(counts.dtype, counts.as<char>() + begin * size, DType::f64, n, end - begin);
    convert_run(counts.dtype, chances.as<char>() + begin * size, DType::f64, p, end - begin);
    for (int64_t i = 0; i < end - begin; i++) {
      const bool good = n[i] >= 0 && n[i] < 0x1p52 && p[i] >= 0 && p[i] <= 1;
      if (!good) bad.note(begin + i);
      value[i] = good ? binomial_of(__builtin_floor(n[i]), p[i], stream, begin + i) : 0;
    }
    convert_run(DType::f64, value, y.dtype, y.as<char>() + begin * size, end - begin);
  });
  if (bad.found())
    fail(ErrorCode::index_out_of_range,
         "binomial: the count at position %lld is negative, NaN or above 2^52, or its probability is not in [0, 1]",
         bad.position());
}

void multinomial(const Call& c) {
  const TensorRef &weights = c.in[0], &y = c.out[0];  // (rows, n), (rows, k)
  require_floating(weights.dtype, "multinomial");
  const int64_t rows = y.dim(0), n = weights.dim(1), k = y.dim(1);
  if (y.numel == 0) return;
  const Stream stream(c);
  const bool replacement = c.attr[3] != 0;
  const int64_t size = static_cast<int64_t>(dtype_size(weights.dtype));
  double* values = c.scratch_of<double>(rows * n);
  Ticket* heaps = replacement ? nullptr : c.scratch_of<Ticket>(rows * k);
  FirstBad bad;
  parallel_for(rows, std::max<int64_t>(1, kRandomGrain / n), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      double *w = values + row * n, sum = 0;
      convert_run(weights.dtype, weights.as<char>() + row * n * size, DType::f64, w, n);
      int64_t possible = 0;
      bool good = true;
      for (int64_t i = 0; i < n; i++) {
        good &= w[i] >= 0 && w[i] < __builtin_inf();
        possible += w[i] > 0;
      }
      if (!good || possible < (replacement ? 1 : k)) {
        bad.note(row);
        continue;
      }
      int64_t* drawn = y.as<int64_t>() + row * k;
      if (replacement) {
        for (int64_t i = 0; i < n; i++) w[i] = sum += w[i];
        for (int64_t j = 0; j < k; j++) drawn[j] = category(w, n, unit(number(stream, row * k + j)));
      } else {
        Ticket* heap = heaps + row * k;
        smallest(n, k, heap, [&](int64_t i) {
          return Ticket{w[i] > 0 ? -::log(unit(number(stream, row * n + i))) / w[i] : __builtin_inf(), i};
        });
        for (int64_t j = 0; j < k; j++) drawn[j] = heap[j].index;
      }
    }
  });
  if (bad.found())
    fail(ErrorCode::index_out_of_range,
         "multinomial: row %lld has weights that are negative or not finite, or too few above 0", bad.position());
}

}  // namespace sinter::cpu::SINTER_ISA
