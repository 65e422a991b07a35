// convChannelsLast of bf16 with vdpbf16ps. Place in the whole: channels_last.cpp's counterpart where the processor has the instruction.
//
// Pairs are two neighbouring channels of a pixel: 32 bits as they lie. So the tile broadcasts pairs from image rows in place, or from
// staged rows with their padding, where an odd number of channels becomes an even one; y (pixels, o) = patches (pixels, pairs) * weights
// (pairs, o), pairs in the order (kernel row, kernel column, pair of channels). A tile sums its whole depth at once, then is finished,
// rounded and stored.
#include "cpu/conv/channels_last.h"
#include "cpu/conv/conv_bf16.h"
#include "cpu/conv/pair_kernels.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr double kTaskFlops = 8e6;  // some 20 us

typedef uint32_t PairInPlace __attribute__((aligned(2), may_alias));

// sums (rows, kColumns) = the rows' runs times b: run r of row i lies at a + runs[r] + i * stride, `pairs` of them.
struct RunsTile {
  const bf16* a;
  int64_t stride;  // in pairs
  const int64_t* runs;
  int64_t nruns, pairs;
  const uint32_t* b;  // (nruns * pairs, kColumns)
  float* sums;
};

template <int kRows, int kVectors>
static void run_runs_tile(const RunsTile& t) {
  constexpr int lanes = kLanes<float>;
  // Three rows a pointer: the other two are reached by scaled-index addressing (gemm/micro.cpp).
  constexpr int kPerPointer = 3, kPointers = (kRows + kPerPointer - 1) / kPerPointer;
  Vf acc[kRows][kVectors] = {};
  const uint32_t* b = t.b;
  const int64_t stride = t.stride;
  for (int64_t r = 0; r < t.nruns; r++) {
    const PairInPlace* a[kPointers];
#pragma GCC unroll 4
    for (int g = 0; g < kPointers; g++)
      a[g] = reinterpret_cast<const PairInPlace*>(t.a + t.runs[r]) + kPerPointer * g * stride;
    for (int64_t left = t.pairs; left > 0; left--, b += kColumns) {
      Vu bv[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) std::memcpy(&bv[v], b + v * lanes, sizeof(Vu));
#pragma GCC unroll 12
      for (int i = 0; i < kRows; i++) {
        const Vu x = a[i / kPerPointer][i % kPerPointer * stride] + Vu{};
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; v++) acc[i][v] = dot_pairs(acc[i][v], x, bv[v]);
      }
#pragma GCC unroll 4
      for (int g = 0; g < kPointers; g++) a[g]++;
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) store(t.sums + i * kColumns + v * lanes, acc[i][v]);
}

// Kernels by rows - 1 and vectors - 1.
template <int... kRow>
constexpr auto runs_tiles(std::integer_sequence<int, kRow...>) {
  struct Table {
    void (*kernels[kMR][2])(const RunsTile&);
  };
  return Table{{{run_runs_tile<kRow + 1, 1>, run_runs_tile<kRow + 1, 2>}...}};
}
constexpr auto kRunsTiles = runs_tiles(std::make_integer_sequence<int, kMR>());

class ChannelsLastPairs {
 public:
  explicit ChannelsLastPairs(const Call& c)
      : g_(c, c.in[0].dim(3) % 2 == 0), pairs_(pairs_of(g_.channels)), taps_(g_.kernel_h * g_.kernel_w),
        residual_(c.opt(3).present() ? c.in[3].as<bf16>() : nullptr) {
    g_.cut(kTaskFlops, kMR, kColumns, pairs_ * 4);
    // Without dilation a kernel row is one run.
    const int64_t across = g_.a.x.dilation == 1 ? 1 : g_.kernel_w;
    nruns_ = g_.kernel_h * across, run_ = g_.kernel_w * pairs_ / across;
    int64_t* runs = c.scratch_of<int64_t>(nruns_);
    for (int64_t i = 0; i < nruns_; i++)
      runs[i] = (i / across * g_.a.y.dilation * g_.staged_w + i % across * g_.a.x.dilation) * 2 * pairs_;
    runs_ = runs;
    const TensorRef& bias = c.opt(2);
    float* wide = c.scratch_of<float>(round_up(g_.outputs, kColumns));
    for (int64_t i = 0; i < round_up(g_.outputs, kColumns); i++)
      wide[i] = bias.present() && i < g_.outputs ? to_f32(bias.as<bf16>()[i]) : 0.f;
    bias_ = wide;
  }

  void run(const Call& c) {
    const int64_t depth = taps_ * pairs_, panels = ceil_div(g_.outputs, kColumns);
    uint32_t* packed = c.scratch_of<uint32_t>(panels * kColumns * depth);
    parallel_for(panels, ceil_div(1 << 13, depth * kColumns), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) pack(i, packed + i * kColumns * depth);
    });
    packed_ = packed;
    const int64_t blocks = g_.blocks(), splits = g_.splits();
    const Workplaces places(c, g_.in_place ? 0 : g_.staged_rows(g_.rows) * g_.staged_w * pairs_ * 4, blocks * splits);
    parallel_for(blocks * splits, 1, [&](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      for (int64_t i = begin; i < end; i++)
        block(g_.block(i / splits), i % splits * g_.split, reinterpret_cast<bf16*>(places.memory(place)));
      places.release(place);
    });
  }

 private:
  // A panel (depth, kColumns) of the weights: rows of pairs as they follow one another in a kernel are turned over, some at a time.
  void pack(int64_t panel, uint32_t* to) const {
    constexpr int lanes = kLanes<float>;
    constexpr int64_t kSome = 4 * lanes;
    const int64_t depth = taps_ * pairs_;
    const PairKernels kernels{g_.w.as<bf16>(), 0, g_.channels * taps_, taps_, nullptr, g_.channels, taps_, 1};
    uint32_t words[lanes][kSome];
    for (int64_t v = 0; v < kColumns; v += lanes) {
      const int64_t o0 = panel * kColumns + v, count = std::min<int64_t>(lanes, g_.outputs - o0);
      if (count <= 0) break;
      for (int64_t e0 = 0; e0 < depth; e0 += kSome) {
        const int64_t k = std::min(kSome, depth - e0);
        for (int64_t i = 0; i < count; i++) kernels.copy(0, o0 + i, e0, k, words[i]);
        for (int64_t e = 0; e < k; e += lanes) {
          Vf square[lanes];  // of pairs: shuffles move any bits
#pragma GCC unroll 16
          for (int i = 0; i < lanes; i++) square[i] = i < count ? load(reinterpret_cast<float*>(words[i]) + e) : Vf{};
          transpose<float>(square);
          for (int64_t i = e; i < std::min(e + lanes, k); i++) {
            const int64_t pair = (e0 + i) / taps_, tap = (e0 + i) % taps_;
            store_pairs(to + (tap * pairs_ + pair) * kColumns + v, (Vu)square[i - e], lanes);
          }
        }
      }
    }
  }

  void block(const ChannelsLastProblem::Block& b, int64_t o0, bf16* staged) const {
    const bf16* source = staged;
    if (g_.in_place)
      source = g_.x.as<bf16>() + g_.first_pixel(b) * g_.channels;
    else
      stage(b, staged);
    const int64_t outputs = std::min(g_.split, g_.outputs - o0), row_stride = g_.a.y.stride * g_.staged_w * 2 * pairs_;
    alignas(64) float sums[kMR * kColumns];
    RunsTile tile{nullptr, g_.a.x.stride * pairs_, runs_, nruns_, run_, nullptr, sums};
    const RowTiles tiles(b.nx);
    for (int64_t j = 0; j < outputs; j += kColumns) {
      const int cols = static_cast<int>(std::min<int64_t>(kColumns, outputs - j));
      tile.b = packed_ + (o0 + j) * taps_ * pairs_;
      for (int64_t y = 0; y < b.ny; y++)
        for (int64_t t = 0; t < tiles.count; t++) {
          const RowTile r = tiles[t];
          tile.a = source + y * row_stride + r.first * tile.stride * 2;
          kRunsTiles.kernels[r.rows - 1][cols > kLanes<float>](tile);
          deliver(sums, r.rows, cols, (g_.first_result(b) + y * g_.out_w + r.first) * g_.outputs + o0 + j, o0 + j);
        }
    }
  }

  // Finishes, rounds and stores a tile's sums from element `at` of the result on; its columns are outputs from o0 on.
  void deliver(const float* sums, int rows, int cols, int64_t at, int64_t o0) const {
    constexpr int lanes = kLanes<float>;
    with_activation(g_.a.activation, [&](auto is) {
      for (int i = 0; i < rows; i++, sums += kColumns, at += g_.outputs)
        for (int j = 0; j < cols; j += lanes) {
          const int n = lanes_of(cols - j);
          Vf v = load(sums + j) + load(bias_ + o0 + j);
          if (residual_) v += (Vf)(load_halves(residual_ + at + j, n) << 16);
          store_rounded(g_.y.as<bf16>() + at + j, activated<decltype(is)::value>(v), n);
        }
    });
  }

  void stage(const ChannelsLastProblem::Block& b, bf16* staged) const {
    const int64_t channels = g_.channels, pixel = 2 * pairs_;
    g_.each_staged_row(b, [=, this](int64_t r, int64_t lo, int64_t hi, int64_t first) {
      bf16* const to = staged + r * g_.staged_w * pixel;
      const bf16* from = g_.x.as<bf16>() + first * channels;
      std::fill(to, to + lo * pixel, bf16{});
      if (pixel == channels) {
        if (lo < hi) std::memcpy(to + lo * pixel, from, static_cast<size_t>((hi - lo) * pixel) * sizeof(bf16));
      } else {
        for (int64_t i = lo; i < hi; i++, from += channels) {
          std::copy(from, from + channels, to + i * pixel);
          to[i * pixel + channels] = bf16{};
        }
      }
      std::fill(to + hi * pixel, to + g_.staged_w * pixel, bf16{});
    });
  }

  ChannelsLastProblem g_;
  int64_t pairs_, taps_;
  const bf16* residual_;
  int64_t nruns_, run_;  // of a patch, and the pairs of each
  const int64_t* runs_;  // where they begin
  const float* bias_;
  const uint32_t* packed_ = nullptr;
};

}  // namespace

void conv_channels_last_pairs(const Call& c) { ChannelsLastPairs(c).run(c); }

}  // namespace sinter::cpu::SINTER_ISA
