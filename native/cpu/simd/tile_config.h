// What AMX is told about its tiles. Place in the whole: simd/matrix_unit.h and the peak loops configure the unit with it. A constant, no
// class with functions: this text is compiled for several instruction sets.
#pragma once
#include <cstdint>

namespace sinter {

struct alignas(64) TileConfig {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};
static_assert(sizeof(TileConfig) == 64);
// All eight tiles at their full size.
constexpr TileConfig kFullTiles{1, 0, {}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};

}  // namespace sinter
