// Products of few rows with weights of groups: decoding. Place in the whole: weightOnlyLinear's path where the time is the reading of
// the weight; groups.h describes it.
//
// y = (x . code - zero * sum of x) * scale, group by group: codes meet x unscaled, and the zero point meets the group's sum of x,
// which is made once a call. A code becomes a float by one AND and one conversion where it stands in its word: i places up it counts
// 2^(bits i) times, and x is divided by that beforehand. Where the processor's multiply-add takes subnormal operands at full speed
// (Zen 3 does, Intel's call microcode) the conversion is left out as well: the bits of a word's lower 24, alone in a register, are the
// subnormal number code * 2^(bits i - 149). Everything is scaled by powers of two, so both forms give the same bits.
//
// Rows of x are first divided by the power of two below their largest magnitude, which leaves room for those factors. What is less
// than 2^-80 of that magnitude may count as zero.
#include <algorithm>
#include <cmath>
#include <utility>

#include "cpu/quant/groups.h"
#include "cpu/simd/ask.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int kLaneCount = kLanes<float>;
constexpr int64_t kTaskElements = 128 << 10;  // of the weight: some 5 us
constexpr int64_t kAhead = 2048;              // words: 8 KB, the latency of memory while a core reads 15 GB/s
constexpr float kLift = 0x1p110f;             // of x in the subnormal form: products with codes * 2^-149 stay normal
constexpr float kUnit = 0x1p-39f;             // what those count in: 2^(110 - 149)

// Vectors of outputs at a time, and sums a vector: 8 chains of multiply-adds hide their latency.
template <int kRows>
constexpr int kWide = kPanelVectors < (kRows == 4 ? 2 : 4) ? kPanelVectors : (kRows == 4 ? 2 : 4);
template <int kRows>
constexpr int kChains = kRows * kWide<kRows> >= 8 ? 1 : 8 / (kRows * kWide<kRows>);

// ---- code i of each word as a float: code * kUnit * 2^place(i)
template <int kBits, bool kSubnormal, int i>
constexpr int kPlace = kBits * (i + 1) <= (kSubnormal ? 24 : 31) ? kBits * i : 0;

template <int kBits, bool kSubnormal, int i>
SINTER_INLINE Vf field(Vu words) {
  constexpr uint32_t mask = (1u << kBits) - 1;
  Vu code;
  if constexpr (kPlace<kBits, kSubnormal, i> > 0 || i == 0)
    code = words & (mask << kPlace<kBits, kSubnormal, i>);
  else if constexpr (kBits * (i + 1) == 32)
    code = words >> (32 - kBits);
  else
    code = (words >> (kBits * i)) & mask;
  if constexpr (kSubnormal)
    return (Vf)code;
  else
    return __builtin_convertvector((Vi)code, Vf);
}

// ---- x as the kernels read it

struct Rows {
  float* x;               // (words * codes a word, rows), zero beyond `in`
  float* sums;            // (groups, rows), in units of the products
  float low[4], high[4];  // a row's results are times low * high
};

template <class S>
SINTER_INLINE float widened(S x) {
  if constexpr (sizeof(S) == 4)
    return x;
  else
    return to_f32(x);
}

// The largest magnitude; infinite where something is NaN or infinite.
template <class S>
float largest(const S* x, int64_t n) {
  Vf most{}, odd{};
  int64_t i = 0;
  for (; i + kLaneCount <= n; i += kLaneCount) {
    const Vf v = load_f32(x + i), a = v < 0.f ? -v : v;
    most = vmax(a, most);
    odd += v - v;
  }
  float result = reduce_max<float>(most), wrong = reduce_add<float>(odd);
  for (; i < n; i++) {
    const float v = widened(x[i]);
    result = std::max(result, v < 0 ? -v : v);
    wrong += v - v;
  }
  return wrong == 0 ? result : HUGE_VALF;
}

// Row `row` of `rows`; false, and a row of zeros, where x is not finite. `places`: 2^-place of each code of a word, times the lift.
template <class S>
bool prepare_row(const GroupWeight& w, const S* x, int row, int rows, const float* places, float unit, Rows& to) {
  const float most = largest(x, w.in);
  const bool finite = most < HUGE_VALF;
  const int per = w.codes_a_word(), exponent = finite && most > 0 ? std::max(-126, std::ilogb(most)) : 0;
  const float down = std::ldexp(1.f, -exponent);
  to.low[row] = std::ldexp(1.f, exponent / 2);
  to.high[row] = std::ldexp(1.f, exponent - exponent / 2);
  for (int64_t k = finite ? w.in : 0; k < w.words * per; k++) to.x[k * rows + row] = 0;
  for (int64_t g = 0; !finite && g < w.groups; g++) to.sums[g * rows + row] = 0;
  for (int64_t g = 0; finite && g < w.groups; g++) {
    const int64_t begin = g * w.group, end = std::min(w.in, begin + w.group);
    double sum[4] = {};
    int64_t k = begin;
    for (; k + 4 <= end; k += 4) {
      for (int i = 0; i < 4; i++) {
        const float v = widened(x[k + i]) * down;
        sum[i] += v;
        to.x[(k + i) * rows + row] = v * places[(k + i) & (per - 1)];
      }
    }
    for (; k < end; k++) {
      const float v = widened(x[k]) * down;
      sum[0] += v;
      to.x[k * rows + row] = v * places[k & (per - 1)];
    }
    to.sums[g * rows + row] = static_cast<float>((sum[0] + sum[1]) + (sum[2] + sum[3])) * unit;
  }
  return finite;
}

// ---- one panel of 32 outputs times kRows rows

template <int kBits, bool kSubnormal, int kRows, int... i>
SINTER_INLINE void add_words(const uint32_t* codes, const float* x, Vf (&acc)[kChains<kRows>][kRows][kWide<kRows>],
                             std::integer_sequence<int, i...>) {
  constexpr int wide = kWide<kRows>;
  Vu words[wide];
#pragma GCC unroll 4
  for (int v = 0; v < wide; v++) words[v] = load_words(codes + v * kLaneCount);
  const auto add_code = [&](auto index) __attribute__((always_inline)) {
    constexpr int at = decltype(index)::value;
    if constexpr (kRows == 1) {
      const Vf xv = splat(x[at]);
#pragma GCC unroll 4
      for (int v = 0; v < wide; v++) acc[at % kChains<1>][0][v] += xv * field<kBits, kSubnormal, at>(words[v]);
    } else {
      Vf code[wide];
#pragma GCC unroll 4
      for (int v = 0; v < wide; v++) code[v] = field<kBits, kSubnormal, at>(words[v]);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; r++) {
        const Vf xv = splat(x[at * kRows + r]);
#pragma GCC unroll 4
        for (int v = 0; v < wide; v++) acc[at % kChains<kRows>][r][v] += xv * code[v];
      }
    }
  };
  (add_code(std::integral_constant<int, i>{}), ...);
}

// totals (kRows, 32)
template <int kBits, bool kSubnormal, int kRows, class Scale>
void panel_product(const GroupWeight& w, int64_t panel, const Rows& rows, float* totals) {
  constexpr int per = 32 / kBits, wide = kWide<kRows>, chains = kChains<kRows>;
  constexpr float up = kSubnormal ? 1 / kUnit : 1;
  for (int h = 0; h < kPanelVectors; h += wide) {
    const uint32_t* codes = w.codes + panel * w.words * kPanelOutputs + h * kLaneCount;
    const int64_t at = panel * w.groups * kPanelOutputs + h * kLaneCount;
    const Scale* scales = reinterpret_cast<const Scale*>(w.scales) + at;
    const uint8_t* zeros = w.zeros ? w.zeros + at : nullptr;
    const float *x = rows.x, *sums = rows.sums;
    Vf total[kRows][wide] = {};
    int64_t left = w.words;
    for (int64_t g = 0; g < w.groups; g++) {
      Vf acc[chains][kRows][wide] = {};
      if (zeros) {
#pragma GCC unroll 4
        for (int v = 0; v < wide; v++) {
          const Vf zero = __builtin_convertvector(load_zeros(zeros + v * kLaneCount), Vf);
#pragma GCC unroll 4
          for (int r = 0; r < kRows; r++) acc[0][r][v] = splat(-sums[r]) * zero;
        }
        zeros += kPanelOutputs;
      } else {
#pragma GCC unroll 4
        for (int r = 0; r < kRows; r++)
#pragma GCC unroll 4
          for (int v = 0; v < wide; v++) acc[0][r][v] = splat(sums[r] * -static_cast<float>(1 << (kBits - 1)));
      }
      const int64_t words = std::min(left, w.group / per);
      left -= words;
      const float* end = x + words * per * kRows;
      for (; x != end; x += per * kRows) {
        ask_for(codes + kAhead);
        if constexpr (wide * kVecBytes > 64) ask_for(codes + kAhead + 16);
        add_words<kBits, kSubnormal, kRows>(codes, x, acc, std::make_integer_sequence<int, per>{});
        codes += kPanelOutputs;
      }
#pragma GCC unroll 4
      for (int v = 0; v < wide; v++) {
        const Vf scale = load_f32(scales + v * kLaneCount);
#pragma GCC unroll 4
        for (int r = 0; r < kRows; r++) {
          Vf sum = acc[0][r][v];
#pragma GCC unroll 4
          for (int p = 1; p < chains; p++) sum += acc[p][r][v];
          total[r][v] += (sum * up) * scale;
        }
      }
      scales += kPanelOutputs;
      sums += kRows;
    }
#pragma GCC unroll 4
    for (int r = 0; r < kRows; r++)
#pragma GCC unroll 4
      for (int v = 0; v < wide; v++)
        store(totals + r * kPanelOutputs + (h + v) * kLaneCount,
              total[r][v] * splat(rows.low[r]) * splat(rows.high[r]));
  }
}

using PanelKernel = void (*)(const GroupWeight&, int64_t, const Rows&, float*);

template <bool kSubnormal, int kRows>
PanelKernel kernel_for(const GroupWeight& w) {
  if (w.bits == 4)
    return w.bf16_scales ? panel_product<4, kSubnormal, kRows, bf16> : panel_product<4, kSubnormal, kRows, f16>;
  return w.bf16_scales ? panel_product<8, kSubnormal, kRows, bf16> : panel_product<8, kSubnormal, kRows, f16>;
}

template <int kRows>
PanelKernel kernel_of(const GroupWeight& w, bool subnormal) {
#if defined(__AVX2__)
  if (subnormal) return kernel_for<true, kRows>(w);
#endif
  (void)subnormal;
  return kernel_for<false, kRows>(w);
}

// ---- which form

#if defined(__AVX2__)
// Cycles of some multiply-adds with this operand.
__attribute__((noinline)) uint64_t time_multiply_adds(Vf operand) {
  Vf acc[8] = {};
  const Vf x = splat(1.f);
  uint64_t least = ~uint64_t{0};
  for (int repeat = 0; repeat < 8; repeat++) {
    const uint64_t start = __rdtsc();
    for (int i = 0; i < 64; i++) {
#pragma GCC unroll 8
      for (Vf& a : acc) {
        a += x * operand;
        asm volatile("" : "+v"(a), "+v"(operand));
      }
    }
    const uint64_t cycles = __rdtsc() - start;
    least = std::min(least, cycles);
  }
  return least;
}

// Not where somebody's code lets this thread read them as zero (DAZ).
bool reads_subnormals() { return !(_mm_getcsr() & 0x40u); }

bool subnormals_are_fast() {
  static const bool fast = time_multiply_adds((Vf)(Vu{} + 15u)) < 3 * time_multiply_adds(splat(15.f));
  return fast;
}
#else
bool subnormals_are_fast() { return false; }
bool reads_subnormals() { return false; }
#endif

}  // namespace

template <class S>
unsigned few_rows_product(const Call& call, const GroupWeight& w, const S* x, int64_t m, S* y,
                          const GroupEpilogue& epilogue, int form) {
  const bool subnormal = reads_subnormals() && (form == 2 || (form == 0 && subnormals_are_fast()));
  const int per = w.codes_a_word();
  const float lift = subnormal ? kLift : 1.f, unit = subnormal ? kUnit : 1.f;
  float places[8];
  for (int i = 0; i < per; i++)
    places[i] = std::ldexp(lift, -(w.bits * (i + 1) <= (subnormal ? 24 : 31) ? w.bits * i : 0));

  // Blocks of 4, 2 and 1 rows.
  struct Block {
    int64_t first;
    int rows;
    Rows data;
    PanelKernel kernel;
  };
  Block blocks[kFewRowsOfGroups];
  int64_t count = 0;
  unsigned skipped = 0;
  for (int64_t first = 0; first < m; first += blocks[count++].rows) {
    Block& b = blocks[count];
    b.first = first;
    b.rows = m - first >= 4 ? 4 : m - first >= 2 ? 2 : 1;
    b.kernel = b.rows == 4   ? kernel_of<4>(w, subnormal)
               : b.rows == 2 ? kernel_of<2>(w, subnormal)
                             : kernel_of<1>(w, subnormal);
    b.data.x = call.scratch_of<float>(w.words * per * b.rows);
    b.data.sums = call.scratch_of<float>(w.groups * b.rows);
    for (int r = 0; r < b.rows; r++)
      if (!prepare_row(w, x + (first + r) * w.in, r, b.rows, places, unit, b.data)) skipped |= 1u << (first + r);
  }

  const int64_t work = kPanelOutputs * w.in * count;
  parallel_for(w.panels(), std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, work)),
               [&](int64_t begin, int64_t end) {
                 alignas(64) float totals[4 * kPanelOutputs];
                 for (int64_t p = begin; p < end; p++) {
                   const int64_t j = p * kPanelOutputs, n = std::min<int64_t>(kPanelOutputs, w.out - j);
                   for (int64_t i = 0; i < count; i++) {
                     const Block& b = blocks[i];
                     b.kernel(w, p, b.data, totals);
                     for (int r = 0; r < b.rows; r++)
                       if (!(skipped >> (b.first + r) & 1u))
                         finish_row(totals + r * kPanelOutputs, n, epilogue, j, y + (b.first + r) * w.out + j);
                   }
                 }
               });
  return skipped;
}

template unsigned few_rows_product(const Call&, const GroupWeight&, const float*, int64_t, float*, const GroupEpilogue&,
                                   int);
template unsigned few_rows_product(const Call&, const GroupWeight&, const bf16*, int64_t, bf16*, const GroupEpilogue&,
                                   int);

}  // namespace sinter::cpu::SINTER_ISA
