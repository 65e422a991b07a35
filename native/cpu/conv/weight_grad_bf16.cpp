// convWeightGrad of bf16 by pairs of positions. Place in the whole: weight_grad.cpp's counterpart where the processor has AVX512-BF16;
// weight_grad_gemm.h says how.
//
// A pair is two neighbours on the grid: in a staged row they are neighbours too, as they are in a channel of g. So a tile broadcasts 32
// bits of a row from any element on. An odd row's last position stands alone: what follows it in the source may be infinite, and is not
// read.
#include "cpu/conv/conv_bf16.h"
#include "cpu/conv/weight_grad_gemm.h"
#include "cpu/gemm/pairs.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

typedef uint32_t PairInPlace __attribute__((aligned(2), may_alias));

// weight_tile of pairs: g (panel rows, ldg) has ceil(columns / 2) rows for each row of the piece.
template <int kRows, int kVectors>
static void weight_pair_tile(const Piece& piece, const bf16* const* x, const uint32_t* g, int64_t ldg, float* sums,
                             int64_t lds, bool accumulate) {
  constexpr int lanes = kLanes<float>;
  Vf acc[kRows][kVectors] = {};
  const bf16* from[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; r++) from[r] = x[r];
  const auto step = [&](auto word) __attribute__((always_inline)) {
    Vu gv[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; v++) std::memcpy(&gv[v], g + v * lanes, sizeof(Vu));
#pragma GCC unroll 8
    for (int r = 0; r < kRows; r++) {
      const Vu xv = word(from[r]) + Vu{};
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; v++) acc[r][v] = dot_pairs(acc[r][v], xv, gv[v]);
    }
    g += ldg;
  };
  for (int64_t n = 0; n < piece.images; n++)
    for (int64_t y = 0; y < piece.rows; y++) {
      const int64_t begin = n * piece.image_stride + y * piece.row_stride, end = begin + piece.columns;
      int64_t i = begin;
      for (; i + 2 <= end; i += 2)
        step([i](const bf16* row)
                 __attribute__((always_inline)) { return *reinterpret_cast<const PairInPlace*>(row + i); });
      if (i < end) step([i](const bf16* row) __attribute__((always_inline)) { return uint32_t{row[i].bits}; });
    }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; r++)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; v++) {
      float* s = sums + r * lds + v * lanes;
      store(s, accumulate ? load(s) + acc[r][v] : acc[r][v]);
    }
}

using WeightPairTile = void (*)(const Piece&, const bf16* const*, const uint32_t*, int64_t, float*, int64_t, bool);

// By rows - 1 and vectors - 1.
template <int... kRow>
constexpr auto weight_pair_tiles(std::integer_sequence<int, kRow...>) {
  struct Table {
    WeightPairTile kernels[kWeightRows][kWeightVectors];
  };
  if constexpr (kWeightVectors == 4)
    return Table{{{weight_pair_tile<kRow + 1, 1>, weight_pair_tile<kRow + 1, 2>, weight_pair_tile<kRow + 1, 3>,
                   weight_pair_tile<kRow + 1, 4>}...}};
  else
    return Table{{{weight_pair_tile<kRow + 1, 1>, weight_pair_tile<kRow + 1, 2>}...}};
}
constexpr auto kWeightPairTiles = weight_pair_tiles(std::make_integer_sequence<int, kWeightRows>());

struct Paired {
  using S = bf16;
  using X = bf16;
  using G = uint32_t;
  static constexpr bool kInPlace = true;
  static constexpr int64_t kPositions = 2;

  static SINTER_INLINE void stage(const Problem& p, const Window& w, int64_t image, int64_t g, int64_t channel,
                                  int64_t y, int64_t ny, int64_t x, bf16* to) {
    const int64_t plane = p.plane(image, g, channel);
    if (plane < 0) return zero(to, w.rows(ny) * w.row_len);
    const bf16* source = static_cast<const bf16*>(p.source) + plane * p.source_h * p.source_w;
    const int64_t step = p.step_x;
    each_stored_row(p, w, y, ny, x, [=](int64_t at, int64_t n, int64_t lo, int64_t hi, int64_t first) {
      bf16* const row = to + at;
      zero(row, lo);
      const bf16* from = source + first;
      if (step == 1 && lo < hi)
        std::memcpy(row + lo, from, static_cast<size_t>(hi - lo) * sizeof(bf16));
      else
        for (int64_t i = lo; i < hi; i++, from += step) row[i] = *from;
      zero(row + hi, n - hi);
    });
  }

  static SINTER_INLINE uint32_t* transpose(const bf16* from, int64_t channel_stride, int64_t channels, int64_t length,
                                           uint32_t* to, int64_t ld, Vf* sum) {
    constexpr int lanes = kLanes<float>;
    for (int64_t i = 0; i < length; i += 2 * lanes) {
      const int count = static_cast<int>(std::min<int64_t>(2 * lanes, length - i));
      Vf square[lanes];  // of pairs: shuffles move any bits
#pragma GCC unroll 16
      for (int j = 0; j < lanes; j++)
        square[j] = j < channels ? (Vf)load_pairs(from + j * channel_stride + i, count) : Vf{};
      cpu::SINTER_ISA::transpose<float>(square);
      for (int j = 0; j < (count + 1) / 2; j++, to += ld) {
        store_pairs(to, (Vu)square[j], lanes);
        if (sum) *sum += (Vf)((Vu)square[j] << 16) + (Vf)((Vu)square[j] & 0xffff0000u);
      }
    }
    return to;
  }

  static SINTER_INLINE WeightPairTile tile(int rows, int vectors) {
    return kWeightPairTiles.kernels[rows - 1][vectors - 1];
  }

 private:
  static SINTER_INLINE void zero(bf16* to, int64_t n) { std::memset(to, 0, static_cast<size_t>(n) * sizeof(bf16)); }
};

}  // namespace

void gemm_weight_grad_pairs(const Call& c, const Problem& p, const WeightGrad& out) {
  GemmWeightGrad<Paired>(c, p, out).run(c);
}

}  // namespace sinter::cpu::SINTER_ISA
