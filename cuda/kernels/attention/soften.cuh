// The online softmax of a warp's tiles of scores in fragments. Place in the whole: between the two products of forward.cuh and of
// hopper_forward.cuh.
#pragma once
#include "cuda/kernels/attention/adjust.cuh"

namespace sinter::cuda {

// Products -> weights, exponentials below the running maximum; what was summed below another maximum fades.
template <class T, int kDown, int kTile, int kWidth, bool kGeneral>
SINTER_DEVICE void soften(const Scoring<T>& scoring, const Sight& sight, int32_t own, int32_t other,
                          float (&x)[kDown][kTile / 8][4], float (&y)[kDown][kWidth / 8][4], float (&top)[kDown][2],
                          float (&sum)[kDown][2]) {
  using Scores = FragmentScores<T, kDown, kTile, false>;
  const Scores scores(scoring, sight, own, other);
  scores.scale(x);
  if constexpr (kGeneral) scores.add(x);
  scores.hide(x, own, other);
  float fade[kDown][2];
  bool same = true;
#pragma unroll
  for (int i = 0; i < kDown; i++)
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float most = top[i][half];
#pragma unroll
      for (int n = 0; n < kTile / 8; n++) most = fmaxf(most, fmaxf(x[i][n][2 * half], x[i][n][2 * half + 1]));
      most = warp_reduce<4>(most, [](float a, float b) { return fmaxf(a, b); });
      const float from = most == minus_infinity<float>() ? 0.f : most;  // nothing seen yet: exponentials are zero
      fade[i][half] = exp2_flushed(top[i][half] - from);
      top[i][half] = most;
      float total = 0;
#pragma unroll
      for (int n = 0; n < kTile / 8; n++)
#pragma unroll
        for (int m = 2 * half; m < 2 * half + 2; m++) total += x[i][n][m] = exp2_flushed(x[i][n][m] - from);
      sum[i][half] = sum[i][half] * fade[i][half] + total;
      same = same && fade[i][half] == 1;
    }
  if constexpr (kGeneral)
    if (scoring.args.threshold) {
      const uint32_t bits = scores.drawn();
      const float kept = static_cast<float>(scoring.args.kept);
      Scores::each([&](int i, int n, int m) { x[i][n][m] *= Scores::stays(bits, i, n, m) ? kept : 0.f; });
    }
  // Seldom after the first tiles.
  if (__all_sync(kAllLanes, same)) return;
#pragma unroll
  for (int i = 0; i < kDown; i++)
#pragma unroll
    for (int n = 0; n < kWidth / 8; n++)
#pragma unroll
      for (int m = 0; m < 4; m++) y[i][n][m] *= fade[i][m / 2];
}

// What rows of y are multiplied by in the end; and their lse, that of query 0 at `row`, if somebody asks.
template <int kDown>
SINTER_DEVICE void close_rows(const AttentionArgs& args, int64_t row, int32_t own, int32_t rows,
                              const float (&top)[kDown][2], const float (&sum)[kDown][2], float (&factor)[kDown][2]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int i = 0; i < kDown; i++)
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const float all = warp_reduce<4>(sum[i][half], Plus());
      const int32_t query = own + 16 * i + 8 * half + lane / 4;
      if (args.lse && lane % 4 == 0 && query < rows)
        static_cast<float*>(args.lse)[row + query] =
            all == 0 ? minus_infinity<float>() : (top[i][half] + log_unit(all)) * one_over_unit<float>();
      factor[i][half] = all == 0 ? 0.f : 1 / all;
    }
}

}  // namespace sinter::cuda
