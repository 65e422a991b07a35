// Plans of Fourier transforms. Place in the whole: see plan.h.
//
// A length of small primes that fits a block is one pass. A longer one is two or three factors, a pass each, whose results lie in scratch
// memory in between: Bailey, "FFTs in external or hierarchical memory", 1990. Other lengths are convolutions with a chirp, of a length of
// small primes: Bluestein, "A linear filtering approach to the computation of discrete Fourier transform", 1970.
#include "cuda/kernels/fft/plan.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "cpu/fft_plan.h"
#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_fft_tables;
extern const Image image_fft_lines;
extern const Image image_fft_lines_f64;

namespace {

constinit Kernel table_kernels[] = {{image_fft_tables, "fft_tables_c64"}, {image_fft_tables, "fft_tables_c128"}};
constinit Kernel line_kernels[] = {{image_fft_lines, "fft_lines_c64"}, {image_fft_lines_f64, "fft_lines_c128"}};

constexpr int64_t kMostShared = 96 << 10;  // bytes of both copies of a block's lines

constexpr int64_t kPartOfLong = 1024;  // of which a block takes four lines (two of f64), whole sectors of memory

int64_t longest(bool wide) { return wide ? kFftLongest<true> : kFftLongest<false>; }

// The smallest length of at least n with few odd factors.
int64_t convolution_length(int64_t n) {
  int64_t best = INT64_MAX;
  for (const int64_t odd : {1, 3, 5, 9, 15}) {
    int64_t m = odd;
    while (m < n) m *= 2;
    best = std::min(best, m);
  }
  return best;
}

// The divisor of n that is nearest to `at` from below, and no more than `most`.
int64_t divisor_near(int64_t n, double at, int64_t most) {
  int64_t d = std::min(most, static_cast<int64_t>(at + 0.5));
  while (d > 1 && n % d != 0) d--;
  return std::max<int64_t>(d, 1);
}

// n as two or three factors, as even as may be; 0: there are none. Blocks that take neighbouring lines want more than one of them.
int factors_of(int64_t n, bool wide, int64_t (&factors)[3]) {
  for (const int64_t most : {kPartOfLong, longest(wide)}) {
    const int64_t two = divisor_near(n, std::sqrt(static_cast<double>(n)), most);
    if (n / two <= most) {
      factors[0] = n / two, factors[1] = two;
      return 2;
    }
    const int64_t first = divisor_near(n, std::cbrt(static_cast<double>(n)), most), rest = n / first;
    const int64_t second = divisor_near(rest, std::sqrt(static_cast<double>(rest)), most);
    if (rest / second <= most) {
      factors[0] = rest / second, factors[1] = second, factors[2] = first;
      return 3;
    }
  }
  return 0;
}

class Planner {
 public:
  Planner(const Call& call, bool wide) : call_(call), wide_(wide) {}

  void run(const FftProblem& problem) {
    const int64_t n = problem.n;
    int64_t factors[3];
    if (is_smooth(n)) {
      if (n <= longest(wide_)) return block(problem);
      if (const int count = factors_of(n, wide_, factors)) return in_parts(problem, factors, count);
    }
    convolution(problem);
  }

  // Half the roots of n, as kFromPackedHalf and kToHalf read them.
  const void* half_roots(int64_t n) { return table(kRoots, n / 2 + 1, n, 1); }

 private:
  int64_t bytes() const { return wide_ ? 16 : 8; }
  void* scratch(int64_t elements) const { return call_.scratch(static_cast<size_t>(elements * bytes())); }

  void* table(FftTableKind kind, int64_t count, int64_t a, int64_t b) {
    void* to = scratch(count);
    add({to, count, a, b, kind});
    return to;
  }
  void add(const FftTable& t) {
    if (t.count == 0) return;
    if (tables_.count == kFftTables) make_tables();
    tables_.table[tables_.count++] = t;
    tables_.total += t.count;
  }
  void make_tables() {
    if (tables_.count == 0) return;
    launch(call_, table_kernels[wide_], Dim((tables_.total + kFftThreads - 1) / kFftThreads), Dim(kFftThreads), 0,
           tables_);
    tables_ = {};
  }

  // Stages of p.n, and the roots that they turn by.
  void set_stages(FftPass& p) {
    int64_t left = p.n;
    p.stage_count = 0;
    int32_t before = 1;
    char* roots = static_cast<char*>(scratch(std::max(1, p.n - 1)));
    p.stage_roots = roots;
    const auto add_stage = [&](int32_t radix) {
      p.stages[p.stage_count++] = {radix, before, divisor_of(static_cast<uint32_t>(before))};
      add({roots + (before - 1) * bytes(), static_cast<int64_t>(before) * (radix - 1), before, radix, kStageRoots});
      before *= radix;
      left /= radix;
    };
    // Powers of two in as few stages as may be, the larger ones first: then strides of odd numbers are long, and meet all banks.
    int bits = std::countr_zero(static_cast<uint64_t>(p.n));
    for (int stages = (bits + 2) / 3; stages > 0; stages--) {
      const int own = (bits + stages - 1) / stages;
      add_stage(1 << own);
      bits -= own;
    }
    for (const int32_t prime : {3, 5, 7, 11, 13})
      while (left % prime == 0) add_stage(prime);
  }

  // A launch. p.n, both sides and sizes of the four dimensions are set.
  void pass(FftPass& p, const int64_t (&sizes)[kFftDims]) {
    p.lines = sizes[0];
    for (int d = 1; d < kFftDims; d++) {
      p.dims[d - 1] = split_of(sizes[d]);
      p.lines *= sizes[d];
    }
    if (p.lines == 0) return;
    set_stages(p);
    make_tables();
    p.rows_out = p.to.kind == kToHalf ? p.to.half + 1 : p.n;
    p.pitch = p.n + (p.n >> (wide_ ? kFftPadBits<true> : kFftPadBits<false>)) + 1;
    const bool across = p.from.across || p.to.across;
    // Up to as many elements as there are banks more for the pitch below.
    const int64_t banks = 128 / bytes(), line = 2 * (p.pitch + banks) * bytes();
    // Whole sectors of memory across lines, and something to do for every thread.
    const int64_t wanted = (across ? 2 : 1) * longest(wide_) / 2,
                  fewest = std::max<int64_t>(across ? 32 / bytes() : 1, 2 * kFftThreads / p.n);
    int64_t lines = std::max(wanted / p.n, fewest);
    // Rather more blocks, two a multiprocessor, than large ones.
    while (lines > fewest && (p.lines + lines - 1) / lines < 2 * device_of(call_).multiprocessors) lines /= 2;
    lines = std::min({lines, kMostShared / line, p.lines, static_cast<int64_t>(kFftLines)});
    lines = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(lines)));
    p.lines_a_block = static_cast<int32_t>(lines);
    p.line_bits = std::countr_zero(static_cast<uint64_t>(lines));
    // Neighbouring threads that go through several lines, or through short ones, meet all banks.
    const int64_t rows = across ? std::max<int64_t>(1, banks / lines) : std::min(banks, kFftThreads / lines);
    p.pitch += static_cast<int32_t>((rows - p.pitch % banks + banks) % banks);
    launch(call_, line_kernels[wide_], Dim((p.lines + lines - 1) / lines), Dim(kFftThreads),
           static_cast<uint32_t>(2 * lines * p.pitch * bytes()), p);
  }

  static bool is_frames(const FftSource& from) { return from.kind == kFromFrames || from.kind == kFromFramePairs; }

  void block(const FftProblem& problem) {
    FftPass p{};
    p.from = problem.from, p.to = problem.to;
    p.n = static_cast<int32_t>(problem.n);
    p.from.step = p.to.step = 1;
    p.from.across = problem.inner > 1 && !is_frames(p.from), p.to.across = problem.inner > 1;
    pass(p, {problem.outer, 1, 1, problem.inner});
  }

  // x_j, j = j1 n / n1 + j2 (and so on in j2), y_k, k = k1 + n1 k2: transforms of n1 elements n / n1 apart, turned by j2 k1, then those of
  // j2. Scratch holds (outer, k1, j2, inner).
  void in_parts(const FftProblem& problem, const int64_t (&factors)[3], int count) {
    const int64_t n = problem.n, inner = problem.inner, outer = problem.outer;
    void* middle = scratch(outer * n * inner);
    int64_t done = 1, rest = n;  // products of the factors in front and behind
    for (int f = 0; f < count; f++) {
      const bool first = f == 0, last = f == count - 1;
      const int64_t all = rest;  // what this pass and those behind it transform
      rest /= factors[f];
      FftPass p{};
      p.n = static_cast<int32_t>(factors[f]);
      if (first) {
        p.from = problem.from;
      } else {
        p.from.kind = kFromComplex, p.from.x = middle;
        p.from.stride = inner, p.from.count = p.from.length = n;
        p.from.base[3] = 1;
      }
      p.from.step = rest, p.from.index[2] = 1;
      p.from.across = !last || inner > 1;
      if (last) {
        // Lines (outer, k2, k1, inner), so that neighbours are neighbours in y; k2 where there are three factors.
        const int64_t n1 = factors[0], n2 = count == 3 ? factors[1] : 1;
        p.from.index[2] = 0;
        p.from.base[0] = n * inner, p.from.base[1] = factors[f] * inner, p.from.base[2] = n / n1 * inner;
        p.to = problem.to;
        p.to.index[1] = n1, p.to.index[2] = 1, p.to.step = done;
        const int64_t apart = p.to.kind == kToPairs ? 2 * p.to.stride : p.to.stride;
        p.to.base[1] = n1 * apart, p.to.base[2] = apart, p.to.stride *= done;
        p.to.across = 1;
        pass(p, {outer, n2, n1, inner});
        return;
      }
      if (!first) p.from.base[0] = all * inner;
      p.to.kind = kToComplex, p.to.y = middle;
      p.to.scale = p.to.scale_im = p.to.weight = 1;
      p.to.kept = n, p.to.step = 1, p.to.stride = rest * inner, p.to.across = 1;
      p.to.base[0] = all * inner, p.to.base[2] = inner, p.to.base[3] = 1;
      p.to.turn[2] = 1;
      set_turns(p.to, all);
      if (is_frames(p.from)) {
        // Neighbours within a frame are neighbours in memory; those in frames are not.
        for (auto* of : {&p.from.base, &p.from.index, &p.from.start, &p.to.base, &p.to.turn})
          std::swap((*of)[2], (*of)[3]);
        pass(p, {outer, 1, inner, rest});
      } else {
        pass(p, {outer * done, 1, rest, inner});
      }
      done *= factors[f];
    }
  }

  void set_turns(FftTarget& to, int64_t n) {
    to.fine_bits = (std::bit_width(static_cast<uint64_t>(n)) + 1) / 2;
    to.fine = table(kRoots, int64_t{1} << to.fine_bits, n, 1);
    to.coarse = table(kRoots, (n >> to.fine_bits) + 1, n, int64_t{1} << to.fine_bits);
  }

  // exp(-2 pi i j k / n) = chirp_j chirp_k conj chirp_{k - j}, chirp_j = exp(-pi i j^2 / n).
  void convolution(const FftProblem& problem) {
    const int64_t n = problem.n, m = convolution_length(2 * n - 1), inner = problem.inner, outer = problem.outer;
    int64_t factors[3];
    if (n > INT32_MAX || (m > longest(wide_) && !factors_of(m, wide_, factors)))
      fail(ErrorCode::unsupported,
           "fft: length %lld is not supported on cuda; lengths of primes up to 13 may be longer",
           static_cast<long long>(n));
    const void* chirp = table(kChirp, n, n, 0);
    void *wrapped = table(kWrappedChirp, m, n, m), *spectrum = scratch(m);
    FftProblem once = fft_problem(wide_, m, 1, 1);
    once.from.x = wrapped, once.from.stride = 1, once.from.count = m;
    once.to.y = spectrum, once.to.stride = 1, once.to.kept = m;
    run(once);

    FftProblem forward = problem;
    forward.n = m;
    forward.from.factor = chirp;
    FftTarget back = problem.to;
    back.swapped_first = 1, back.factor = chirp;
    if (m <= longest(wide_)) {
      forward.to = back;
      FftPass p{};
      p.from = forward.from, p.to = back;
      p.middle = spectrum;
      p.n = static_cast<int32_t>(m);
      p.from.step = p.to.step = 1;
      p.from.across = inner > 1 && !is_frames(p.from), p.to.across = inner > 1;
      return pass(p, {outer, 1, 1, inner});
    }
    // Through memory: times the spectrum as it is stored, exchanged for the way back.
    void* product = scratch(outer * m * inner);
    forward.to = {};
    forward.to.kind = kToComplex, forward.to.y = product, forward.to.stride = inner, forward.to.kept = m;
    forward.to.base[0] = m * inner, forward.to.base[3] = 1;
    forward.to.scale = forward.to.scale_im = forward.to.weight = 1;
    forward.to.factor = spectrum, forward.to.swapped = 1;
    run(forward);
    FftProblem backward = fft_problem(wide_, m, outer, inner);
    backward.from.x = product, backward.from.stride = inner, backward.from.count = m;
    backward.from.base[0] = m * inner, backward.from.base[3] = 1;
    backward.to = back;
    run(backward);
  }

  const Call& call_;
  const bool wide_;
  FftTables tables_{};
};

}  // namespace

FftProblem fft_problem(bool wide, int64_t n, int64_t outer, int64_t inner) {
  FftProblem p{};
  p.wide = wide, p.n = n, p.outer = outer, p.inner = inner;
  p.from.kind = kFromComplex, p.from.length = n, p.from.weight = p.from.sign = 1;
  p.to.kind = kToComplex, p.to.scale = p.to.scale_im = p.to.weight = 1;
  return p;
}

bool fits_block(int64_t n, bool wide) { return (is_smooth(n) ? n : convolution_length(2 * n - 1)) <= longest(wide); }

void transform(const Call& call, const FftProblem& problem) {
  Planner planner(call, problem.wide);
  FftProblem p = problem;
  p.to.pair = p.to.stride;
  if (p.from.kind == kFromPackedHalf) p.from.roots = planner.half_roots(p.from.whole);
  if (p.to.kind == kToHalf) {
    p.to.roots = planner.half_roots(p.to.whole);
    p.to.half = static_cast<int32_t>(p.to.whole / 2);
  }
  planner.run(p);
}

}  // namespace sinter::cuda
