// Attention of f32 and f64 on the ordinary units, forward and backward. Place in the whole: device code of attention_f32.cu and
// attention_f64.cu.
//
// A block has kRows own rows and goes over the others in tiles of kRows, 16 x 16 threads, each with kEach x kEach scores and, for its
// kEach own rows, 4 columns of every 64 of the result. What it multiplies comes in steps of 16 KiB, by cp.async one step ahead: 32 of
// the width of own and other rows for scores ("deep"), 64 columns of other rows for the result ("wide"). Weights pass from one product to
// the other through shared memory, within a warp.
//
//   own      first product           second product      result
//   queries  q k                     weights v           y (online softmax; Dao 2023)
//   queries  q k, g v                dscores k           gq
//   keys     k q, v g                weights g, dscores q    gv, gk
#pragma once
#include "cuda/kernels/attention/scalar_source.cuh"

namespace sinter::cuda {

template <class C, Pass kPass>
struct ScalarAttention : ScalarTile<C> {
  using Tile = ScalarTile<C>;
  using Source = ScalarSource<C, kPass>;
  using Tile::down, Tile::across;
  using Tile::kRows, Tile::kEach, Tile::kPack, Tile::kDepth, Tile::kDeepBytes, Tile::kStageBytes;
  static constexpr int kChunks = kScalarChunks;
  static constexpr int kSharedBytes = 2 * kStageBytes + kRows * kRows * static_cast<int>(sizeof(C));
  static_assert(kSharedBytes <= 48 * 1024);
  static constexpr bool kKeys = kPass == Pass::keys, kForward = kPass == Pass::forward;
  static constexpr int kPacks = kScalarColumns / 16 / kPack;  // of a chunk's columns, a thread
  using Weights = C[kEach][kEach];
  using Result = C[kChunks][kEach][kPacks][kPack];

  static SINTER_DEVICE Pack<C, kPack> chunk_of(const uint8_t* from) {
    return load_pack<kPack>(reinterpret_cast<const C*>(from));
  }
  static SINTER_DEVICE void clear(Weights& x) {
#pragma unroll
    for (int i = 0; i < kEach; i++)
#pragma unroll
      for (int j = 0; j < kEach; j++) x[i][j] = 0;
  }

  // x[i][j] += own row down + 16 i times other row across + 16 j, along a deep step.
  static SINTER_DEVICE void multiply_rows(const uint8_t* stage, Weights& x) {
    constexpr int kPerRow = kDepth / kPack;
    const uint8_t* own = stage + down() * kPerRow * 16;
    const uint8_t* other = stage + kDeepBytes + across() * kPerRow * 16;
#pragma unroll 2
    for (int c = 0; c < kPerRow; c++) {
      Pack<C, kPack> a[kEach], b[kEach];
#pragma unroll
      for (int i = 0; i < kEach; i++) a[i] = chunk_of(own + i * 16 * kPerRow * 16 + ((c ^ (down() & 7)) << 4));
#pragma unroll
      for (int j = 0; j < kEach; j++) b[j] = chunk_of(other + j * 16 * kPerRow * 16 + ((c ^ (across() & 7)) << 4));
#pragma unroll
      for (int p = 0; p < kPack; p++)
#pragma unroll
        for (int i = 0; i < kEach; i++)
#pragma unroll
          for (int j = 0; j < kEach; j++) x[i][j] += a[i].at[p] * b[j].at[p];
    }
  }
  // Weights lie (own, other), the rows of a warp with it alone; rows of neighbouring `down` are apart by half of the banks.
  static SINTER_DEVICE int flip() { return kRows == 64 ? (down() & 1) * 16 : 0; }
  // The step's barrier is behind those who read the ones before.
  static SINTER_DEVICE void keep_weights(C* memory, const Weights& weights) {
    C* mine = memory + down() * kRows;
#pragma unroll
    for (int i = 0; i < kEach; i++)
#pragma unroll
      for (int j = 0; j < kEach; j++) mine[i * 16 * kRows + ((across() + 16 * j) ^ flip())] = weights[i][j];
    __syncwarp();
  }
  // y += weights times the columns of a wide step.
  static SINTER_DEVICE void multiply_weights(const C* memory, const uint8_t* stage, C (&y)[kEach][kPacks][kPack]) {
    const C* mine = memory + down() * kRows;
    const C* rows = reinterpret_cast<const C*>(stage) + across() * kPack;
#pragma unroll 1
    for (int r = 0; r < kRows; r += kPack) {
      Pack<C, kPack> w[kEach];
#pragma unroll
      for (int i = 0; i < kEach; i++) w[i] = load_pack<kPack>(mine + i * 16 * kRows + (r ^ flip()));
#pragma unroll
      for (int p = 0; p < kPack; p++)
#pragma unroll
        for (int n = 0; n < kPacks; n++) {
          const Pack<C, kPack> x = load_pack<kPack>(rows + (r + p) * kScalarColumns + n * 16 * kPack);
#pragma unroll
          for (int i = 0; i < kEach; i++)
#pragma unroll
            for (int e = 0; e < kPack; e++) y[i][n][e] += w[i].at[p] * x.at[e];
        }
    }
  }
  // A chunk of the result, as registers have no index.
  static SINTER_DEVICE void multiply_chunk(const C* memory, const uint8_t* stage, int32_t column, Result& y) {
    if (kChunks == 1 || column == 0)
      multiply_weights(memory, stage, y[0]);
    else
      multiply_weights(memory, stage, y[kChunks - 1]);
  }
  static SINTER_DEVICE void clear(Result& y) {
#pragma unroll
    for (int i = 0; i < kEach; i++)
#pragma unroll
      for (int c = 0; c < kChunks; c++)
#pragma unroll
        for (int n = 0; n < kPacks; n++)
#pragma unroll
          for (int e = 0; e < kPack; e++) y[c][i][n][e] = 0;
  }
  // To rows of a result (b, h, rows, width), each multiplied by its factor.
  static SINTER_DEVICE void store(const HeadRows& to, const Item& item, int32_t row0, int32_t rows, int32_t width,
                                  const Result& y, const C (&factor)[kEach], int64_t part = 0) {
    const int32_t column = item.slice * kChunks * kScalarColumns + across() * kPack;
    RowsOf<C> all(to, item.sequence.batch, item.head, row0);
    if (kForward) all.first += item.part * part;
#pragma unroll
    for (int i = 0; i < kEach; i++) {
      const int32_t r = item.first + down() + 16 * i;
      if (r >= rows) continue;
      C* row = const_cast<C*>(all.at(r));
#pragma unroll
      for (int c = 0; c < kChunks; c++)
#pragma unroll
        for (int n = 0; n < kPacks; n++) {
          const int32_t at = column + c * kScalarColumns + n * 16 * kPack;
          if (at >= width) continue;
          Pack<C, kPack> pack;
#pragma unroll
          for (int e = 0; e < kPack; e++) pack.at[e] = y[c][i][n][e] * factor[i];
          store_pack_ragged(row, at, width, pack);
        }
    }
  }
  static SINTER_DEVICE int place_of(int n) { return n / kEach * 16 * kRows + n % kEach * 16; }
  // Products -> scores in units: cap, ALiBi, mask; -inf where a query does not see a key. What is rare is a loop over the thread's
  // numbers in shared memory, not code for each of them. `bent`: tanh of the cap.
  static SINTER_DEVICE void adjust(const Scoring<C>& scoring, const Sight& sight, C* memory, int32_t own0,
                                   int32_t other0, Weights& x, Weights* bent = nullptr) {
    const AttentionArgs& args = scoring.args;
#pragma unroll
    for (int i = 0; i < kEach; i++)
#pragma unroll
      for (int j = 0; j < kEach; j++) x[i][j] *= scoring.unit;
    if (args.cap != 0 || args.adjusted) {
      C* mine = memory + down() * kRows + across();
      __syncwarp();
#pragma unroll
      for (int n = 0; n < kEach * kEach; n++) mine[place_of(n)] = x[n / kEach][n % kEach];
      if (args.cap != 0) {
#pragma unroll 1
        for (int n = 0; n < kEach * kEach; n++) mine[place_of(n)] = tanh_of(mine[place_of(n)]);
        if (bent)
#pragma unroll
          for (int n = 0; n < kEach * kEach; n++) (*bent)[n / kEach][n % kEach] = mine[place_of(n)];
      }
      // Several loads of the mask are under way together.
#pragma unroll 4
      for (int n = 0; n < kEach * kEach; n++) {
        const int32_t own = own0 + down() + 16 * (n / kEach), other = other0 + across() + 16 * (n % kEach);
        const int32_t query = kKeys ? other : own, key = kKeys ? own : other;
        C y = mine[place_of(n)];
        if (args.cap != 0) y *= scoring.cap;
        if (args.adjusted && query < sight.t && key < sight.s) y += scoring.added(query, key);
        mine[place_of(n)] = y;
      }
#pragma unroll
      for (int n = 0; n < kEach * kEach; n++) x[n / kEach][n % kEach] = mine[place_of(n)];
    }
    if (kKeys ? sight.all(other0, kRows, own0, kRows) : sight.all(own0, kRows, other0, kRows)) return;
#pragma unroll
    for (int i = 0; i < kEach; i++)
#pragma unroll
      for (int j = 0; j < kEach; j++) {
        const int32_t own = own0 + down() + 16 * i, other = other0 + across() + 16 * j;
        if (!sight.sees(kKeys ? other : own, kKeys ? own : other)) x[i][j] = minus_infinity<C>();
      }
  }
  // Bit kEach i + j: dropout leaves that weight.
  static SINTER_DEVICE uint32_t drawn(const Scoring<C>& scoring, int32_t own0, int32_t other0) {
    uint32_t bits = 0;
#pragma unroll 1
    for (int n = 0; n < kEach * kEach; n++) {
      const int32_t own = own0 + down() + 16 * (n / kEach), other = other0 + across() + 16 * (n % kEach);
      bits |= static_cast<uint32_t>(scoring.stays(kKeys ? other : own, kKeys ? own : other)) << n;
    }
    return bits;
  }
  // f over the sixteen threads of a row.
  template <class F>
  static SINTER_DEVICE C across_row(C x, F f) {
    return warp_reduce<16>(x, f);
  }

  // ---- y and lse
  // Scores -> weights, exponentials below the running maximum; what was summed below another maximum fades.
  static SINTER_DEVICE void soften(const Scoring<C>& scoring, int32_t other0, int32_t own0, Weights& x, Result& y,
                                   C (&top)[kEach], C (&sum)[kEach]) {
    const AttentionArgs& args = scoring.args;
    const uint32_t left = args.threshold ? drawn(scoring, own0, other0) : 0;
#pragma unroll
    for (int i = 0; i < kEach; i++) {
      C most = top[i];
#pragma unroll
      for (int j = 0; j < kEach; j++) most = max(most, x[i][j]);
      most = across_row(most, [](C a, C b) { return max(a, b); });
      const C from = most == minus_infinity<C>() ? C(0) : most;  // nothing seen yet: exponentials of -inf are zero
      const C fade = exp_unit(top[i] - from);
      top[i] = most;
      C total = 0;
#pragma unroll
      for (int j = 0; j < kEach; j++) {
        const C weight = exp_unit(x[i][j] - from);
        total += weight;
        x[i][j] = weight;
        if (args.threshold) x[i][j] *= left >> (kEach * i + j) & 1 ? static_cast<C>(args.kept) : C(0);
      }
      sum[i] = sum[i] * fade + total;
      if (fade == C(1)) continue;
#pragma unroll
      for (int c = 0; c < kChunks; c++)
#pragma unroll
        for (int n = 0; n < kPacks; n++)
#pragma unroll
          for (int e = 0; e < kPack; e++) y[c][i][n][e] *= fade;
    }
  }

  static SINTER_DEVICE void forward(const AttentionArgs& args, uint8_t* memory) {
    Item item;
    if (!find_item<false, kRows, Layout::pages>(args, item)) return;
    const Sequence& sequence = item.sequence;
    const Sight sight(args, sequence);
    const KeyRange range = keys_of<kRows, kForward>(args, item, sight, kRows);
    Scoring<C> scoring(args, sequence, sight);
    scoring.set_head(sequence, item.head);
    Source source(args, item, range.begin, range.end);
    C* weights = reinterpret_cast<C*>(memory + 2 * kStageBytes);

    Weights x;
    Result y;
    clear(x);
    clear(y);
    C top[kEach], sum[kEach];
#pragma unroll
    for (int i = 0; i < kEach; i++) top[i] = minus_infinity<C>(), sum[i] = 0;
    source.each_step(memory, [&](const ScalarStep& step, const uint8_t* stage) {
      if (step.phase == 2) return multiply_chunk(weights, stage, step.at - source.column(), y);
      multiply_rows(stage, x);
      if (step.at + kDepth < args.d) return;
      adjust(scoring, sight, weights, item.first, step.other, x);
      soften(scoring, step.other, item.first, x, y, top, sum);
      keep_weights(weights, x);
      clear(x);
    });
    C factor[kEach];
#pragma unroll
    for (int i = 0; i < kEach; i++) {
      const C all = across_row(sum[i], Plus());
      const int32_t query = item.first + down() + 16 * i;
      if (args.lse && item.slice == 0 && across() == 0 && query < sequence.t)
        static_cast<C*>(args.lse)[item.part * args.part_lse + scoring.row + query] =
            all == C(0) ? minus_infinity<C>() : (top[i] + log_unit(all)) * one_over_unit<C>();
      factor[i] = all == C(0) ? C(0) : C(1) / all;
    }
    store(args.y, item, sequence.q0, sequence.t, args.e, y, factor, args.part_y);
  }

  // ---- gradients. Products -> weights with dropout's factors, g v -> gradients of products.
  static SINTER_DEVICE void differentiate(const Scoring<C>& scoring, const Sight& sight, C* memory, int32_t own0,
                                          int32_t other0, Weights& x, Weights& pull) {
    const AttentionArgs& args = scoring.args;
    const C* lse = static_cast<const C*>(args.lse) + scoring.row;
    const C* delta = static_cast<const C*>(args.delta) + scoring.row;
    Weights bent;
    adjust(scoring, sight, memory, own0, other0, x, &bent);
    const uint32_t left = args.threshold ? drawn(scoring, own0, other0) : 0;
#pragma unroll
    for (int i = 0; i < kEach; i++)
#pragma unroll
      for (int j = 0; j < kEach; j++) {
        const int32_t query = kKeys ? other0 + across() + 16 * j : own0 + down() + 16 * i;
        const bool there = query < sight.t;
        const C total = there ? lse[query] : minus_infinity<C>();
        // A query that saw nothing has no weights.
        C weight = total == minus_infinity<C>() ? C(0) : exp_unit(x[i][j] - total * unit_of<C>());
        C kept = 1;
        if (args.threshold) kept = left >> (kEach * i + j) & 1 ? static_cast<C>(args.kept) : C(0);
        C slope = weight * (pull[i][j] * kept - (there ? delta[query] : C(0)));
        if (args.cap != 0) slope *= C(1) - bent[i][j] * bent[i][j];
        x[i][j] = weight * kept;
        pull[i][j] = slope;
      }
  }

  static SINTER_DEVICE void queries(const AttentionArgs& args, uint8_t* memory) {
    Item item;
    if (!find_item<false, kRows, Layout::packed>(args, item)) return;
    const Sequence& sequence = item.sequence;
    const Sight sight(args, sequence);
    const KeyRange range = keys_of<kRows, kForward>(args, item, sight, kRows);
    Scoring<C> scoring(args, sequence, sight);
    scoring.set_head(sequence, item.head);
    Source source(args, item, range.begin, range.end);
    C* weights = reinterpret_cast<C*>(memory + 2 * kStageBytes);
    Weights x, pull;
    Result gq;
    clear(x);
    clear(pull);
    clear(gq);
    source.each_step(memory, [&](const ScalarStep& step, const uint8_t* stage) {
      if (step.phase == 2) {
        if (step.at == source.column()) {
          differentiate(scoring, sight, weights, item.first, step.other, x, pull);
          keep_weights(weights, pull);
          clear(x);
          clear(pull);
        }
        multiply_chunk(weights, stage, step.at - source.column(), gq);
      } else if (step.phase == 0) {
        multiply_rows(stage, x);
      } else {
        multiply_rows(stage, pull);
      }
    });
    C factor[kEach];
#pragma unroll
    for (int i = 0; i < kEach; i++) factor[i] = static_cast<C>(args.scale);
    store(args.y, item, sequence.q0, sequence.t, args.d, gq, factor);
  }

  static SINTER_DEVICE void keys(const AttentionArgs& args, uint8_t* memory) {
    Item item;
    if (!find_item<true, kRows, Layout::packed>(args, item)) return;
    const Sequence& sequence = item.sequence;
    const Sight sight(args, sequence);
    const int32_t begin = sight.first_query(item.first) / kRows * kRows;
    const int32_t end = sight.end_query(min(item.first + kRows, sequence.s));
    Scoring<C> scoring(args, sequence, sight);
    Source source(args, item, begin, end);
    C* weights = reinterpret_cast<C*>(memory + 2 * kStageBytes);
    Weights x, pull;
    Result gk, gv;
    clear(x);
    clear(pull);
    clear(gk);
    clear(gv);
    const int32_t own = source.column();
    bool fresh = true;  // x and pull are products
    source.each_step(memory, [&](const ScalarStep& step, const uint8_t* stage) {
      if (step.phase == 0) {
        if (!fresh) {
          fresh = true;
          clear(x);
          clear(pull);
        }
        return multiply_rows(stage, x);
      }
      if (step.phase == 1) return multiply_rows(stage, pull);
      if (fresh) {
        fresh = false;
        scoring.set_head(sequence, step.head);
        differentiate(scoring, sight, weights, item.first, step.other, x, pull);
      }
      if (step.phase == 2) {
        if (step.at == own) keep_weights(weights, x);
        multiply_chunk(weights, stage, step.at - own, gv);
      } else {
        if (step.at == own) keep_weights(weights, pull);
        multiply_chunk(weights, stage, step.at - own, gk);
      }
    });
    C factor[kEach];
#pragma unroll
    for (int i = 0; i < kEach; i++) factor[i] = static_cast<C>(args.scale);
    store(args.y, item, sequence.k0, sequence.s, args.d, gk, factor);
#pragma unroll
    for (int i = 0; i < kEach; i++) factor[i] = C(1);
    store(args.gv, item, sequence.k0, sequence.s, args.e, gv, factor);
  }

  static SINTER_DEVICE void run(const AttentionArgs& args) {
    __shared__ __align__(1024) uint8_t memory[kSharedBytes];
    if constexpr (kForward)
      forward(args, memory);
    else if constexpr (kKeys)
      keys(args, memory);
    else
      queries(args, memory);
  }
};

}  // namespace sinter::cuda

#define SINTER_SCALAR_ATTENTION(S, name, pass)                                                 \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kScalarThreads, 1)              \
      name##_##S(const __grid_constant__ ::sinter::cuda::AttentionArgs args) {                 \
    ::sinter::cuda::ScalarAttention<::sinter::cuda::S, ::sinter::cuda::Pass::pass>::run(args); \
  }
