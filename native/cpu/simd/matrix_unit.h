// The matrix unit of Intel's AMX: tiles of 16 rows of 64 bytes. Place in the whole: the tiles of gemm/matrix_tile.h and
// quant/matrix_tile.h are computed by it; dispatch.cpp asks the system for it.
//
// Test builds compile the users of this over AVX2 too (SINTER_ISA=avx2amx), with the unit's products spelled out.
// Source: Intel, Architecture Instruction Set Extensions Programming Reference (319433), chapter 3.
#pragma once
#include "cpu/simd/tile_config.h"
#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

#if defined(__AMX_TILE__) || defined(SINTER_PORTABLE_AMX)
constexpr bool kMatrixUnit = true;
#else
constexpr bool kMatrixUnit = false;
#endif
constexpr int kUnitRows = 16;   // of a tile
constexpr int kUnitBytes = 64;  // of a row
// Of sums: two tiles by two and two of either operand are all that there are.
constexpr int kMatrixRows = 2 * kUnitRows;

#if defined(__AMX_TILE__)
// The unit is in use for as long as this lives. Not long: the system saves tiles in use when it switches threads.
class MatrixUnit {
 public:
  MatrixUnit() { _tile_loadconfig(&kFullTiles); }
  ~MatrixUnit() { _tile_release(); }
  MatrixUnit(const MatrixUnit&) = delete;
  MatrixUnit& operator=(const MatrixUnit&) = delete;
};
// Between ordinary stores and loads of tiles: GCC does not see that those read memory.
SINTER_INLINE void finish_stores() { asm volatile("" ::: "memory"); }
#else
struct MatrixUnit {
  MatrixUnit() {}
  ~MatrixUnit() {}  // so that an unused one is no warning
};
#endif

}  // namespace sinter::cpu::SINTER_ISA
