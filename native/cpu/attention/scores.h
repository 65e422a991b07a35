// What happens to scores between the two products. Place in the whole: forward, decode and backward compute the same numbers
// with it. Scores are kept in units of the exponential that is cheap: base 2 in f32, e in f64.
#pragma once
#include "cpu/attention/problem.h"
#include "cpu/random/words.h"

namespace sinter::cpu::SINTER_ISA {

// Scores are multiplied by this before the softmax.
template <class C>
constexpr C kUnit = std::is_same_v<C, float> ? C(1.442695040888963407) : C(1);

// 2^x for x <= 0; 0 below -126.5; NaN passes. With f = x - round(x), 2^f by a polynomial (relative error 2^-28.9).
SINTER_INLINE Vf exp_unit(Vf x) {
  constexpr float magic =
      0x1.8p23f + 127;  // leaves round(x) + 127 in the low bits, which are then the bits of 2^round(x)
#if defined(__AVX512F__)
  x = (Vf)_mm512_maskz_max_ps(0xffff, (__m512)(Vf{} - 127.f), (__m512)x);  // this order keeps a NaN
#elif defined(__AVX2__)
  x = (Vf)_mm256_max_ps((__m256)(Vf{} - 127.f), (__m256)x);
#elif defined(__x86_64__)
  x = (Vf)_mm_max_ps((__m128)(Vf{} - 127.f), (__m128)x);
#else
  x = x < -127.f ? Vf{} - 127.f : x;
#endif
  const Vf t = x + magic, f = x - (t - magic);
  constexpr float c[] = {1.f,           0.693147182f,   0.240226477f,   0.0555033237f,
                         0.0096184369f, 0.00133988750f, 0.000153533620f};
  return polynomial(f, c) * (Vf)((Vu)t << 23);
}
SINTER_INLINE Vd exp_unit(Vd x) { return exp_nonpositive(x); }
SINTER_INLINE double log_unit(float, double x) { return std::log2(x); }
SINTER_INLINE double log_unit(double, double x) { return std::log(x); }
SINTER_INLINE Vd log_unit(float, Vd x) { return vlog2(x); }
SINTER_INLINE Vd log_unit(double, Vd x) { return vlog(x); }

// Dropout. Element (row of the result, key) has half key % 8, low before high, of the words of the random block with counter
// offset + row * ceil(s / 8) + key / 8; it stays when that is at least the share of what is dropped, in units of 2^-16.
constexpr int64_t kKeysPerDraw = 8;
SINTER_INLINE uint64_t drop_threshold(double share) {
  return std::min<uint64_t>(65535, static_cast<uint64_t>(share * 65536 + 0.5));
}
SINTER_INLINE double kept_factor(uint64_t threshold) { return 65536. / static_cast<double>(65536 - threshold); }

// Rows of a panel of scores that are needed: [low, high), of which the first vector of queries sees none from `half` on.
struct Span {
  int64_t low, half, high;
};

// One head of one sequence, scores as panels: keys down the rows, kWidth queries across the lanes.
template <class T>
struct Scores {
  using C = Compute<T>;
  static constexpr int L = kLanes<C>, W = kWidth<C>;
  using Int = LaneInt<C>;

  const Problem& p;
  Sequence sequence;
  Sight sight;
  int64_t head;
  C slope;  // ALiBi's, in units
  const char* mask = nullptr;

  Scores(const Problem& problem, const Sequence& q, int64_t h)
      : p(problem), sequence(q), sight(problem, q), head(h),
        slope(static_cast<C>(problem.slope(q.batch, h)) * kUnit<C>) {
    if (p.mask.present())
      mask = p.mask.template as<char>() +
             (q.batch * p.mask.strides[0] + h * p.mask.strides[1]) * static_cast<int64_t>(dtype_size(p.mask.dtype));
  }

  // The rows of the panel of queries [i, i + n) that are needed of keys [j0, j0 + keys). Sums that begin or end between the terms
  // of `term` keys take them whole: what is not seen gets no weight.
  Span rows(int64_t i, int64_t n, int64_t j0, int64_t keys, int64_t term) const {
    const int64_t first = std::clamp<int64_t>(sight.first(i) - j0, 0, keys);
    const int64_t high = std::clamp<int64_t>(sight.end(i + n - 1) - j0, first, keys);
    const int64_t low = first < high ? first - first % term : first;
    // What adjusts scores goes over whole rows.
    const int64_t half = p.adjusted() ? high : std::clamp(round_up(sight.end(i + L - 1) - j0, term), low, high);
    return {low, half, high};
  }

  // Rows of keys from j0 on: cap, ALiBi, mask; then -inf where a query does not see a key. derivative, if given, receives that of
  // the cap.
  void adjust(C* panel, int64_t i, int64_t n, int64_t j0, const Span& span, C* derivative = nullptr) const {
    const auto [low, half, high] = span;
    if (p.cap != 0) {
      const C outer = static_cast<C>(p.cap) * kUnit<C>, inner = C(1) / outer;
      for (int64_t at = low * W; at < high * W; at += L) {
        const Vec<C> bent = vtanh(load(panel + at) * inner);
        store(panel + at, bent * outer);
        if (derivative) store(derivative + at, C(1) - bent * bent);
      }
    }
    if (p.slopes.present()) {
      for (int64_t j = low; j < high; j++)
        for (int lane = 0; lane < W; lane += L) {
          C* x = panel + j * W + lane;
          const Vec<Int> distance = iota<C>() + static_cast<Int>(i + lane + sight.ahead - j0 - j);
          store(x, load(x) - slope * __builtin_convertvector(distance < 0 ? -distance : distance, Vec<C>));
        }
    }
    if (mask) add_mask(panel, i, n, j0, low, high);
    hide(panel, i, n, j0, span);
  }

  // Factors of dropout for the rows [low, high): 0, or what keeps the mean.
  void draw(C* factors, int64_t i, int64_t j0, int64_t low, int64_t high) const {
    constexpr int N = kLanes<int64_t>, kVecs = W / N;
    const auto threshold = drop_threshold(p.dropout);
    const C kept = static_cast<C>(kept_factor(threshold));
    const PhiloxKeys keys(p.seed_low, p.seed_high);
    const auto per_row = static_cast<uint64_t>(ceil_div(p.s, kKeysPerDraw));
    const uint64_t first =
        p.offset + static_cast<uint64_t>((sequence.batch * p.h + head) * p.t + sequence.q0 + i) * per_row;
    for (int64_t draw = (j0 + low) / kKeysPerDraw; draw * kKeysPerDraw < j0 + high; draw++) {
      Vul words[4][kVecs];
      for (int v = 0; v < kVecs; v++) {
        Vul counter;
        for (int lane = 0; lane < N; lane++) counter[lane] = first + static_cast<uint64_t>(v * N + lane) * per_row;
        philox_lanes(counter + static_cast<uint64_t>(draw), keys, words[0][v], words[1][v], words[2][v], words[3][v]);
      }
      for (int64_t k = 0; k < kKeysPerDraw; k++) {
        const int64_t row = draw * kKeysPerDraw + k - j0;
        if (row < low || row >= high) continue;
        for (int v = 0; v < 2; v++) {
          constexpr int kParts = kVecs / 2;
          Vul bits[kParts];
          for (int part = 0; part < kParts; part++)
            bits[part] = (words[k / 2][v * kParts + part] >> (k % 2 * 16)) & 0xffff;
          store(factors + row * W + v * L, keeps(bits, threshold) ? splat(kept) : Vec<C>{});
        }
      }
    }
  }

 private:
  // Bits of the lanes of one vector, 64 bits a lane -> the lanes that stay.
  static SINTER_INLINE auto keeps(const Vul (&bits)[sizeof(Int) == 4 ? 2 : 1], uint64_t threshold) {
    if constexpr (sizeof(Int) == 4)
      return low_halves(bits[0], bits[1], std::make_integer_sequence<int, L>()) >= static_cast<int32_t>(threshold);
    else
      return (Vl)bits[0] >= static_cast<int64_t>(threshold);
  }
  template <int... I>
  static SINTER_INLINE Vi low_halves(Vul a, Vul b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector((Vi)a, (Vi)b, (2 * I)...);
  }

  void add_mask(C* panel, int64_t i, int64_t n, int64_t j0, int64_t low, int64_t high) const {
    if (p.mask.dtype == DType::boolean)
      add_mask_of(panel, i, n, j0, low, high, reinterpret_cast<const uint8_t*>(mask));
    else
      add_mask_of(panel, i, n, j0, low, high, reinterpret_cast<const T*>(mask));
  }
  template <class M>
  void add_mask_of(C* panel, int64_t i, int64_t n, int64_t j0, int64_t low, int64_t high, const M* from) const {
    const int64_t row = p.mask.strides[2], col = p.mask.strides[3];
    from += i * row + j0 * col;
    if (row == 0) {  // the same for every query
      for (int64_t j = low; j < high; j++) {
        const C x = term(from[j * col]);
        for (int lane = 0; lane < W; lane += L) store(panel + j * W + lane, load(panel + j * W + lane) + x);
      }
      return;
    }
    if (col != 1) {
      for (int64_t lane = 0; lane < n; lane++)
        for (int64_t j = low; j < high; j++) panel[j * W + lane] += term(from[lane * row + j * col]);
      return;
    }
    for (int64_t lane = 0; lane < n; lane += L)
      each_step<C>(high - low, [&](int64_t at, auto part) {
        const int64_t j = low + at, lines = std::min<int64_t>(L, high - j);
        Vec<C> square[L];
#pragma GCC unroll 16
        for (int r = 0; r < L; r++) square[r] = lane + r < n ? terms(part, from + (lane + r) * row + j) : Vec<C>{};
        transpose_square<C>(square);
#pragma GCC unroll 16
        for (int r = 0; r < L; r++)
          if (r < lines) store(panel + (j + r) * W + lane, load(panel + (j + r) * W + lane) + square[r]);
      });
  }
  // What an element of the mask adds.
  static SINTER_INLINE C term(uint8_t sees) { return sees ? C(0) : -kInf<C>; }
  static SINTER_INLINE C term(T x) { return to_compute(x) * kUnit<C>; }
  template <class P>
  static SINTER_INLINE Vec<C> terms(P part, const T* x) {
    return get(part, x) * kUnit<C>;
  }
  template <class P>
  static SINTER_INLINE Vec<C> terms(P part, const uint8_t* sees) {
    int n = L;
    if constexpr (std::is_same_v<P, Part>) n = part.n;
    C lanes[L];
    for (int r = 0; r < L; r++) lanes[r] = r < n ? term(sees[r]) : C(0);
    return load(lanes);
  }

  void hide(C* panel, int64_t i, int64_t n, int64_t j0, const Span& span) const {
    // Every query sees the rows [all, none); outside, each lane is asked.
    const int64_t all = std::clamp<int64_t>(sight.first(i + n - 1) - j0, span.low, span.high);
    const int64_t none = std::clamp<int64_t>(sight.end(i) - j0, all, span.high);
    using Limits = std::numeric_limits<Int>;
    const Int least = sight.left < 0 ? Limits::min() : static_cast<Int>(-sight.left);
    const Int most = sight.right < 0 ? Limits::max() : static_cast<Int>(sight.right);
    const auto ask = [&](int64_t from, int64_t to) {
      for (int64_t j = from; j < to; j++)
        for (int lane = j < span.half ? 0 : L; lane < W; lane += L) {
          const Vec<Int> place =
              static_cast<Int>(j0 + j - i - lane - sight.ahead) - iota<C>();  // of the key, seen from the query
          C* x = panel + j * W + lane;
          store(x, (place <= most) & (place >= least) ? load(x) : splat(-kInf<C>));
        }
    };
    ask(span.low, all);
    ask(none, span.high);
  }
};

}  // namespace sinter::cpu::SINTER_ISA
