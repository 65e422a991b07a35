// How rows of a product are dealt out to register tiles. Place in the whole: block.h, and kernels that call the register tile
// themselves.
#pragma once
#include "cpu/gemm/gemm.h"

namespace sinter::cpu::SINTER_ISA {

// m rows cut into as few tiles of at most kMR rows as possible, of nearly equal height: a tile of 4 rows costs more than a third of
// one of 12.
struct RowTile {
  int64_t first;
  int rows;
};
struct RowTiles {
  const int64_t count, low, high;  // the first `high` tiles have low + 1 rows, the others low
  SINTER_INLINE explicit RowTiles(int64_t m)
      : count((m + kMR - 1) / kMR), low(count ? m / count : 0), high(m - low * count) {}
  SINTER_INLINE RowTile operator[](int64_t tile) const {
    return {tile * low + (tile < high ? tile : high), static_cast<int>(low + (tile < high))};
  }
};

}  // namespace sinter::cpu::SINTER_ISA
