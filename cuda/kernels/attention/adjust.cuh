// What a warp does to its tile of scores in fragments. Place in the whole: the tensor cores' counterpart of scalar.cuh's `adjust`, for
// forward.cuh and backward.cuh.
//
// Fragment [i][n][m] of lane 4 g + t is own row 16 i + g + 8 (m / 2) and other row 8 n + 2 t + m % 2.
#pragma once
#include "cuda/kernels/attention/tensor.cuh"

namespace sinter::cuda {

// By (1 - e) / (1 + e), which is off by less than 2^-22: what scores of halves cannot show.
SINTER_DEVICE float tanh_flushed(float x) {
  const float e = exp2_flushed(-2.885390082f * fabsf(x));
  return copysignf(__fdividef(1 - e, 1 + e), x);
}

// What gradients take weights from. A query that saw nothing has only scores of -inf.
SINTER_DEVICE float base_of(float lse) { return lse == minus_infinity<float>() ? 0.f : lse * unit_of<float>(); }

template <class T, int kDown, int kTile, bool kKeys>
struct FragmentScores {
  using Fragments = float[kDown][kTile / 8][4];
  const Scoring<T>& scoring;
  const Sight& sight;
  int32_t own0, other0;  // the lane's own row of i = m = 0, and other row of n = m = 0

  SINTER_DEVICE FragmentScores(const Scoring<T>& scoring, const Sight& sight, int32_t own, int32_t other)
      : scoring(scoring), sight(sight), own0(own + static_cast<int>(threadIdx.x) % 32 / 4),
        other0(other + static_cast<int>(threadIdx.x) % 4 * 2) {}
  static SINTER_DEVICE int own_step(int i, int m) { return 16 * i + 8 * (m / 2); }
  static SINTER_DEVICE int other_step(int n, int m) { return 8 * n + m % 2; }
  SINTER_DEVICE int32_t query(int i, int n, int m) const {
    return kKeys ? other0 + other_step(n, m) : own0 + own_step(i, m);
  }
  SINTER_DEVICE int32_t key(int i, int n, int m) const {
    return kKeys ? own0 + own_step(i, m) : other0 + other_step(n, m);
  }
  template <class F>
  static SINTER_DEVICE void each(F f) {
#pragma unroll
    for (int i = 0; i < kDown; i++)
#pragma unroll
      for (int n = 0; n < kTile / 8; n++)
#pragma unroll
        for (int m = 0; m < 4; m++) f(i, n, m);
  }
  SINTER_DEVICE void scale(Fragments& x) const {
    each([&](int i, int n, int m) { x[i][n][m] *= scoring.unit; });
  }
  // Cap, ALiBi and mask, of products times the unit; a gradient is multiplied by the cap's derivative. Where a row is not there the score is anything: `hide` follows.
  SINTER_DEVICE void add(Fragments& x, Fragments* gradient = nullptr) const {
    const AttentionArgs& args = scoring.args;
    if (args.cap != 0)
      each([&](int i, int n, int m) {
        const float y = tanh_flushed(x[i][n][m]);
        if (gradient) (*gradient)[i][n][m] *= 1 - y * y;
        x[i][n][m] = y * scoring.cap;
      });
    if (args.slopes)
      each([&](int i, int n, int m) {
        x[i][n][m] -= scoring.slope * static_cast<float>(abs(query(i, n, m) + sight.ahead - key(i, n, m)));
      });
    if (args.mask_kind == kBooleanMask)
      add_mask(x, scoring.mask, [](char sees) { return sees ? 0.f : minus_infinity<float>(); });
    else if (args.mask_kind == kAddedMask)
      add_mask(x, reinterpret_cast<const T*>(scoring.mask), [](T term) { return widen(term) * unit_of<float>(); });
  }
  // -inf where a query does not see a key; the scores are those of own rows [own, own + 16 kDown).
  SINTER_DEVICE void hide(Fragments& x, int32_t own, int32_t other) const {
    if (kKeys ? sight.all(other, kTile, own, 16 * kDown) : sight.all(own, 16 * kDown, other, kTile)) return;
#pragma unroll
    for (int i = 0; i < kDown; i++)
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int32_t row = own0 + own_step(i, 2 * half);
        const int32_t low = kKeys ? sight.first_query(row) : sight.first(row);
        int32_t high = kKeys ? sight.end_query(row + 1) : sight.end(row);
        if (row >= (kKeys ? sight.s : sight.t)) high = 0;
#pragma unroll
        for (int n = 0; n < kTile / 8; n++)
#pragma unroll
          for (int m = 2 * half; m < 2 * half + 2; m++) {
            const int32_t column = other0 + other_step(n, m);
            if (column < low || column >= high) x[i][n][m] = minus_infinity<float>();
          }
      }
  }
  // Dropout: bit 4 (kTile / 8 i + n) + m of the lane's weights stays. A random block is for eight neighbouring keys of a query: a row of a
  // fragment, or where own rows are keys a column. For two fragments of a row that is 4 or 16 blocks; the lanes make one or two each, and
  // exchange words, two at a time, as registers are short.
  SINTER_DEVICE uint32_t drawn() const {
    static_assert(kDown * kTile / 8 * 4 <= 32);
    const int lane = static_cast<int>(threadIdx.x) % 32, g = lane / 4, t = lane % 4;
    const uint32_t threshold = scoring.args.threshold;
    const int64_t draws = scoring.args.draws;
    uint32_t bits = 0;
#pragma unroll 1
    for (int at = 0; at < kDown * kTile / 16; at++) {
      const int i = at / (kTile / 16), n = at % (kTile / 16) * 2;
      if constexpr (kKeys) {
        // Lane g of the eight that have the same columns makes block g: 4 half + 2 (second fragment) + m % 2.
        const int64_t query = scoring.row + other0 + 8 * (n + (g >> 1 & 1)) + (g & 1);
        const int64_t keys = (own0 - g + 16 * i) / 8 + (g >> 2);
        const PhiloxWords words = philox(scoring.args.stream, static_cast<uint64_t>(query * draws + keys));
#pragma unroll 2
        for (int turn = 0; turn < 8; turn++) {
          const int u = g ^ turn;  // whose block comes, of which this lane wants half a word
          const uint32_t word = __shfl_xor_sync(kAllLanes, words.word(u >> 1), turn << 2);
          const uint32_t stay = (word >> (16 * (g & 1)) & 0xffff) >= threshold;
          bits |= stay << (4 * (kTile / 8 * i + n + (u >> 1 & 1)) + 2 * (u >> 2) + (u & 1));
        }
      } else {
        // Lane t of the four that have the same rows makes block t: 2 half + (second fragment).
        const int64_t query = scoring.row + own0 + 16 * i + 8 * (t >> 1);
        const int64_t keys = (other0 - 2 * t) / 8 + n + (t & 1);
        const PhiloxWords words = philox(scoring.args.stream, static_cast<uint64_t>(query * draws + keys));
#pragma unroll 2
        for (int turn = 0; turn < 4; turn++) {
          const int u = t ^ turn;
          const uint32_t word = __shfl_xor_sync(kAllLanes, words.word(u), turn);
          const uint32_t stay = ((word & 0xffff) >= threshold ? 1 : 0) | ((word >> 16) >= threshold ? 2 : 0);
          bits |= stay << (4 * (kTile / 8 * i + n + (u & 1)) + 2 * (u >> 1));
        }
      }
    }
    return bits;
  }
  static SINTER_DEVICE bool stays(uint32_t bits, int i, int n, int m) {
    return bits >> (4 * (kTile / 8 * i + n) + m) & 1;
  }

 private:
  template <class M, class F>
  SINTER_DEVICE void add_mask(Fragments& x, const M* mask, F term) const {
    const int64_t own_step_of = scoring.args.mask_strides[kKeys ? 3 : 2];
    const int64_t other_step_of = scoring.args.mask_strides[kKeys ? 2 : 3];
    const int32_t own_last = (kKeys ? sight.s : sight.t) - 1, other_last = (kKeys ? sight.t : sight.s) - 1;
    // A quarter of the fragments at a time, as registers are short: they take turns at being the first.
#pragma unroll 1
    for (int n = 0; n < kTile / 8; n++) {
#pragma unroll
      for (int i = 0; i < kDown; i++)
#pragma unroll
        for (int m = 0; m < 4; m++)
          x[i][0][m] += term(mask[min(own0 + own_step(i, m), own_last) * own_step_of +
                                  min(other0 + other_step(n, m), other_last) * other_step_of]);
#pragma unroll
      for (int i = 0; i < kDown; i++)
#pragma unroll
        for (int m = 0; m < 4; m++) {
          const float first = x[i][0][m];
#pragma unroll
          for (int k = 1; k < kTile / 8; k++) x[i][k - 1][m] = x[i][k][m];
          x[i][kTile / 8 - 1][m] = first;
        }
    }
  }
};

}  // namespace sinter::cuda
