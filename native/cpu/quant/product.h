// C = A B of bytes with an epilogue. Place in the whole: the driver of native/cpu/quant: intMatmul, dynamicQuantizedLinear and
// quantizedLinear fill in operands and an epilogue.
//
// Sums of products are exact: in 32 bits and modulo 2^32, which k up to 33,025 cannot reach (255 * 255 * k < 2^31), nor up to
// 65,793 where one operand is signed and has no zero point. So neither the order of sums nor the threads change a bit.
#pragma once
#include "cpu/quant/panels.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

// (items, m, k). Rows are bytes or, for pair_dot, 16-bit numbers; padded with zeros to whole turns. What a row holds is its values
// less an offset, and so are its zero point and its sum.
struct Activations {
  int64_t m, k;
  const uint8_t* bytes;   // or null
  const int16_t* shorts;  // or null
  int64_t stride;         // between rows, in elements
  const int32_t* zeros;   // (items, m)
  const int32_t* sums;    // (items, m) of the stored values; where weights have zero points
  int top;                // the largest byte
};
// (items or one, n, k)
struct Weights {
  int64_t n;
  const int8_t* panels;
  const uint8_t* limits;  // null: unknown
  const int32_t* sums;    // (panels * kTileCols)
  const int32_t* zeros;   // (n) or null
  bool shared;            // one for all items
};

// The rows as bytes, or as 16-bit numbers. One weight that could saturate is met often enough to decide for all.
SINTER_INLINE bool takes_bytes(const uint8_t* limits, int64_t n, int top) {
  if (kExactDot) return true;
  if (!kSaturatingDot || !limits) return false;
  for (int64_t p = 0; p < panels_of(n); p++)
    if (limits[2 * p] < top) return false;
  return true;
}
// Bytes of a row with its padding.
SINTER_INLINE int64_t padded_row(int64_t k) { return kMatrixUnit ? round_up(k, kUnitBytes) : turns_of(k) * kDepth; }
SINTER_INLINE int64_t row_stride(int64_t k) {
  const int64_t padded = padded_row(k);
  return padded % 4096 == 0 ? padded + 64 : padded;  // rows of a tile must not compete for one place in the cache
}

SINTER_INLINE Tile<uint8_t> byte_tile_of(int64_t rows, bool wide) {
  if constexpr (kMatrixUnit)
    if (rows > kFewUnitRows) return kUnitTiles[rows > kUnitRows];
  return (wide ? QuantTiles::wide : QuantTiles::bytes)[rows - 1];
}

// The first n of kLanes elements.
template <class T>
SINTER_INLINE Vec<T> load_some(const T* p, int64_t n) {
  return n >= kLanes<T> ? load(p) : load_n(p, static_cast<int>(n));
}

constexpr int64_t kPanelCache =
    192 << 10;                         // bytes of panels that a task goes through for every tile of rows: part of L2
constexpr int64_t kRowBlock = 96;      // of a task
constexpr double kTaskProducts = 1e6;  // a task below this (some 10 us) is not worth a hand-over

struct TaskShape {
  int64_t row_tiles, panels;  // of a task
};
static inline TaskShape task_shape(const Activations& a, const Weights& w, int64_t items) {
  const int64_t tiles = ceil_div(a.m, kTileRows), panels = panels_of(w.n);
  TaskShape s{std::min(tiles, kRowBlock / kTileRows),
              std::clamp<int64_t>(kPanelCache / std::max<int64_t>(1, panel_bytes(a.k)), 1, panels)};
  const double tile = static_cast<double>(std::min<int64_t>(kTileRows, a.m) * kTileCols) * static_cast<double>(a.k);
  for (;;) {
    const int64_t tasks = items * ceil_div(tiles, s.row_tiles) * ceil_div(panels, s.panels);
    const double products = tile * static_cast<double>(s.row_tiles * s.panels);
    if (pool_threads() == 1 || tasks >= 6 * pool_threads() || products < 2 * kTaskProducts) return s;
    if (s.row_tiles > 1 && s.row_tiles * kTileRows >= s.panels * kTileCols)
      s.row_tiles = ceil_div(s.row_tiles, 2);
    else if (s.panels > 1)
      s.panels = ceil_div(s.panels, 2);
    else
      return s;
  }
}

// epilogue(item, row, column, n, x): x holds the exact sums of n (at most kLanes) elements of a row.
template <class Epilogue>
void multiply(const Activations& a, const Weights& w, int64_t items, const Epilogue& epilogue) {
  const int64_t tiles = ceil_div(a.m, kTileRows), panels = panels_of(w.n), turns = turns_of(a.k);
  const TaskShape shape = task_shape(a, w, items);
  const int64_t row_blocks = ceil_div(tiles, shape.row_tiles), col_blocks = ceil_div(panels, shape.panels);
  const double products = static_cast<double>(kTileRows * kTileCols) * static_cast<double>(a.k) *
                          static_cast<double>(std::min(shape.row_tiles, tiles) * shape.panels);
  const int64_t grain = static_cast<int64_t>(kTaskProducts / std::max(products, 1.0)) + 1;
  parallel_for(items * row_blocks * col_blocks, grain, [&](int64_t begin, int64_t end) {
    alignas(64) int32_t sums[kTileRows * kTileCols];
    const MatrixUnit unit;
    // Rows spread evenly over the tiles, or fill a matrix unit's.
    const auto rows_before = [&](int64_t tile) __attribute__((always_inline)) {
      return kMatrixUnit ? std::min(a.m, tile * kTileRows) : a.m * tile / tiles;
    };
    for (int64_t task = begin; task < end; task++) {
      const int64_t item = task / (row_blocks * col_blocks), block = task % (row_blocks * col_blocks);
      const int64_t first_tile = block / col_blocks * shape.row_tiles, first_panel = block % col_blocks * shape.panels;
      const int64_t last_tile = std::min(tiles, first_tile + shape.row_tiles);
      const int64_t last_panel = std::min(panels, first_panel + shape.panels);
      const int64_t wi = w.shared ? 0 : item;
      for (int64_t t = first_tile; t < last_tile; t++) {
        const int64_t row = rows_before(t), rows = rows_before(t + 1) - row, at = item * a.m + row;
        for (int64_t p = first_panel; p < last_panel; p++) {
          const int8_t* panel = w.panels + (wi * panels + p) * panel_bytes(a.k);
          if (a.bytes) {
            const bool wide = kSaturatingDot && w.limits[2 * p + 1] >= a.top;
            byte_tile_of(rows, wide)(turns, a.bytes + at * a.stride, a.stride, panel, sums);
          } else {
            QuantTiles::pairs[rows - 1](turns, a.shorts + at * a.stride, a.stride, panel, sums);
          }
          for (int v = 0; v < 2; v++) {
            const int64_t j = p * kTileCols + v * kLanes<int32_t>, n = std::min<int64_t>(kLanes<int32_t>, w.n - j);
            if (n <= 0) break;
            const Vu column_sums = (Vu)load(w.sums + wi * panels * kTileCols + j);
            const Vu column_zeros = w.zeros ? (Vu)load_some(w.zeros + j, n) : Vu{};
            for (int64_t r = 0; r < rows; r++) {
              const uint32_t zero = static_cast<uint32_t>(a.zeros[at + r]);
              Vu x = (Vu)load(sums + r * kTileCols + v * kLanes<int32_t>) - zero * column_sums;
              if (w.zeros)
                x -= column_zeros * (static_cast<uint32_t>(a.sums[at + r]) - static_cast<uint32_t>(a.k) * zero);
              epilogue(item, row + r, j, n, (Vi)x);
            }
          }
        }
      }
    }
  });
}

}  // namespace sinter::cpu::SINTER_ISA
