// ldmatrix, stmatrix, movmatrix: lane 4g + t has elements 2t and 2t + 1 of row g, or, transposed, elements g of rows 2t and
// 2t + 1. Place in the whole: one of matrix.h's models.
#include <cstring>

#include "matrix.h"

namespace sinter::sim {
namespace {

uint16_t element(const std::byte* row, int column) {
  uint16_t value;
  std::memcpy(&value, row + 2 * column, 2);
  return value;
}

}  // namespace

void ldmatrix(int count, bool transpose, Registers d, const std::byte* const rows[32]) {
  for (int i = 0; i < count; ++i) {
    const std::byte* const* matrix = rows + 8 * i;
    for (int lane = 0; lane < 32; ++lane) {
      const int g = lane / 4, t = lane % 4;
      if (transpose)
        d[i][lane] = element(matrix[2 * t], g) | static_cast<uint32_t>(element(matrix[2 * t + 1], g)) << 16;
      else
        std::memcpy(&d[i][lane], matrix[g] + 4 * t, 4);
    }
  }
}

void stmatrix(int count, bool transpose, std::byte* const rows[32], ReadRegisters source) {
  for (int i = 0; i < count; ++i) {
    std::byte* const* matrix = rows + 8 * i;
    for (int lane = 0; lane < 32; ++lane) {
      const int g = lane / 4, t = lane % 4;
      if (transpose) {
        std::memcpy(matrix[2 * t] + 2 * g, &source[i][lane], 2);
        const uint16_t high = static_cast<uint16_t>(source[i][lane] >> 16);
        std::memcpy(matrix[2 * t + 1] + 2 * g, &high, 2);
      } else {
        std::memcpy(matrix[g] + 4 * t, &source[i][lane], 4);
      }
    }
  }
}

void movmatrix(uint32_t* d, const uint32_t* a) {
  uint16_t from[8][8];
  for (int lane = 0; lane < 32; ++lane) std::memcpy(&from[lane / 4][2 * (lane % 4)], &a[lane], 4);
  for (int lane = 0; lane < 32; ++lane) {
    const int g = lane / 4, t = lane % 4;
    d[lane] = from[2 * t][g] | static_cast<uint32_t>(from[2 * t + 1][g]) << 16;
  }
}

}  // namespace sinter::sim
