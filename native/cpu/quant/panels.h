// Weights as panels of bytes. Place in the whole: the right operand of multiply (product.h); tile.h says what a panel holds.
//
// A packed weight (n, k), as packInt8 makes it, is ceil(n / kTileCols) panels and behind them two bytes a panel, its limits:
// the largest unsigned activation with which no sum of two (dot4), or of four (dot8), of its products leaves 16 bits.
// The form never leaves the process: it depends on the instruction set.
#pragma once
#include <algorithm>

#include "cpu/quant/matrix_tile.h"
#include "cpu/rounding.h"

namespace sinter::cpu::SINTER_ISA {

SINTER_INLINE int64_t turns_of(int64_t k) { return ceil_div(k, kDepth); }
SINTER_INLINE int64_t panels_of(int64_t n) { return ceil_div(n, kTileCols); }
SINTER_INLINE int64_t panel_bytes(int64_t k) { return turns_of(k) * kTurnBytes; }

// Columns 0 .. cols-1 of the (k, cols) matrix b into one panel, zero beyond.
static inline void pack_bytes(const int8_t* b, int64_t rsb, int64_t csb, int64_t k, int64_t cols, int8_t* panel) {
  const int64_t whole = k / 4, groups = turns_of(k) * (kDepth / 4);
  if (k % 4 || cols < kTileCols)
    std::memset(panel, 0, static_cast<size_t>(panel_bytes(k)));
  else
    std::memset(panel + whole * kGroupBytes, 0, static_cast<size_t>((groups - whole) * kGroupBytes));
  if (rsb == 1) {
    for (int64_t j = 0; j < cols; j++) {
      const int8_t* from = b + j * csb;
      int8_t* to = panel + 4 * j;
      for (int64_t g = 0; g < whole; g++) std::memcpy(to + g * kGroupBytes, from + 4 * g, 4);
    }
  } else if (csb == 1 && cols == kTileCols) {
    for (int64_t g = 0; g < whole; g++) {
      const int8_t* from = b + 4 * g * rsb;
      int8_t* to = panel + g * kGroupBytes;
      for (int j = 0; j < kTileCols; j++) {
        to[4 * j] = from[j];
        to[4 * j + 1] = from[rsb + j];
        to[4 * j + 2] = from[2 * rsb + j];
        to[4 * j + 3] = from[3 * rsb + j];
      }
    }
  } else {
    for (int64_t kk = 0; kk < 4 * whole; kk++)
      for (int64_t j = 0; j < cols; j++) panel[kk / 4 * kGroupBytes + 4 * j + kk % 4] = b[kk * rsb + j * csb];
  }
  for (int64_t kk = 4 * whole; kk < k; kk++)
    for (int64_t j = 0; j < cols; j++) panel[kk / 4 * kGroupBytes + 4 * j + kk % 4] = b[kk * rsb + j * csb];
}

// Sums over k of a panel's columns.
static inline void sum_columns(const int8_t* panel, int64_t k, int32_t* sums) {
  Vi acc[2] = {};
  const Vs ones = Vs{} + int16_t(1);
  const Vi units = Vi{} + 0x01010101;
  for (int64_t g = 0; g < turns_of(k) * (kDepth / 4); g++, panel += kGroupBytes)
    for (int v = 0; v < 2; v++) acc[v] = dot4(acc[v], units, load_bytes(panel + v * kVecBytes), ones);
  for (int v = 0; v < 2; v++) store(sums + v * kLanes<int32_t>, acc[v]);
}

}  // namespace sinter::cpu::SINTER_ISA
