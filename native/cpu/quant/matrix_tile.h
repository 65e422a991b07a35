// The register tile of products of bytes for a matrix unit: 16 or 32 rows of activations by a panel of weights. Place in the whole:
// tile.h's on processors that have one. Operands lie as for the others, since the unit too takes groups of four bytes of k.
//
// It reads 16 or 32 rows, also where fewer exist: rows are padded to whole steps of kUnitBytes, and kReadBeyond more have memory.
#pragma once
#include "cpu/quant/tile.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int kReadBeyond = kMatrixUnit ? kMatrixRows - 1 : 0;  // rows
constexpr int kFewUnitRows = 4;                                 // up to here tile.h's takes no longer
constexpr int kStepTurns = kUnitBytes / kDepth;                 // of a panel, in one step of the unit

#if defined(__AMX_INT8__)
// One step: four tiles of sums, two of activations, two of weights.
template <int RowTiles>
SINTER_INLINE void unit_step(const uint8_t* a, int64_t stride, const int8_t* panel) {
  _tile_loadd(6, panel, kGroupBytes);
  _tile_loadd(4, a, stride);
  _tile_dpbusd(0, 4, 6);
  _tile_loadd(7, panel + kUnitBytes, kGroupBytes);
  _tile_dpbusd(1, 4, 7);
  if (RowTiles > 1) {
    _tile_loadd(5, a + kUnitRows * stride, stride);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
}

template <int RowTiles>
void unit_tile(int64_t turns, const uint8_t* a, int64_t stride, const int8_t* panel, int32_t* sums) {
  finish_stores();
  _tile_zero(0);
  _tile_zero(1);
  if (RowTiles > 1) _tile_zero(2);
  if (RowTiles > 1) _tile_zero(3);
  const int64_t rest = turns % kStepTurns;
  for (int64_t left = turns / kStepTurns; left > 0; left--, a += kUnitBytes, panel += kStepTurns * kTurnBytes)
    unit_step<RowTiles>(a, stride, panel);
  if (rest) {
    alignas(64) int8_t last[kStepTurns * kTurnBytes] = {};
    std::memcpy(last, panel, static_cast<size_t>(rest * kTurnBytes));
    finish_stores();
    unit_step<RowTiles>(a, stride, last);
  }
  constexpr int row_bytes = kTileCols * 4, vector = kUnitBytes / 4;
  _tile_stored(0, sums, row_bytes);
  _tile_stored(1, sums + vector, row_bytes);
  if (RowTiles > 1) _tile_stored(2, sums + kUnitRows * kTileCols, row_bytes);
  if (RowTiles > 1) _tile_stored(3, sums + kUnitRows * kTileCols + vector, row_bytes);
}
#else
template <int RowTiles>
void unit_tile(int64_t turns, const uint8_t* a, int64_t stride, const int8_t* panel, int32_t* sums) {
  for (int row = 0; row < RowTiles * kUnitRows; row++)
    QuantTiles::bytes[0](turns, a + row * stride, stride, panel, sums + row * kTileCols);
}
#endif

// Of up to 16 rows, and more.
constexpr Tile<uint8_t> kUnitTiles[] = {unit_tile<1>, unit_tile<2>};

}  // namespace sinter::cpu::SINTER_ISA
