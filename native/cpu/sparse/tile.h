// One tile of a sparse matrix times one strip of the dense operand. Place in the whole: the inner loops of product.cpp.
//
// strip (tile_depth, NV vectors): rows of the dense operand, side by side; sums (tile_rows + 1, NV vectors) is added to.
#pragma once
#include "cpu/sparse/plan.h"

namespace sinter::cpu::SINTER_ISA {

// Vectors a strip of lines of kind 1 is wide at most: a row's sums stay in registers, each product is one instruction
// with an operand in memory, and index and value are loaded once for all of them.
constexpr int kRowVectors = kVecBytes <= 32 ? 8 : 4;
// Of kind 4: 4 x 3 sums, three vectors of the strip and a value.
constexpr int kQuadVectors = 3;

// Calls for the part of the strip that the next tile needs, some of it with each line: a tile reads its part in no order that
// the hardware would foresee.
struct Ahead {
  const char* at;
  int64_t lines;  // cache lines with each line of the tile

  SINTER_INLINE Ahead(const void* from, int64_t bytes, int64_t tile_lines)
      : at(static_cast<const char*>(from)), lines((bytes / 64 + tile_lines - 1) / (tile_lines > 0 ? tile_lines : 1)) {}
  SINTER_INLINE void step() {
    for (int64_t i = 0; i < lines; i++, at += 64) __builtin_prefetch(at, 0, 2);
  }
};

template <class C, int NV>
SINTER_INLINE void multiply_rows(PlanTile t, const C* values, const C* strip, int64_t depth, C* sums) {
  constexpr int L = kLanes<C>, W = NV * L;
  const C* v = values + t.slot;
  const uint16_t* offset = t.offset;
  Ahead ahead(strip + depth * W, depth * W * static_cast<int64_t>(sizeof(C)), t.lines_end - t.line);
  for (const uint32_t* line = t.line; line < t.lines_end; line++) {
    ahead.step();
    C* s = sums + static_cast<int64_t>(*line & 0xffffu) * W;
    const uint16_t* end = offset + (*line >> 16);
    Vec<C> a[NV];
#pragma GCC unroll 8
    for (int u = 0; u < NV; u++) a[u] = load(s + u * L);
    do {  // a line has at least one run: a loop that may be empty would copy the sums around
      const C* b = strip + static_cast<size_t>(*offset++) * W;
      const Vec<C> x = splat(*v++);
#pragma GCC unroll 8
      for (int u = 0; u < NV; u++) a[u] += x * load(b + u * L);
    } while (offset != end);
#pragma GCC unroll 8
    for (int u = 0; u < NV; u++) store(s + u * L, a[u]);
  }
}

template <class C, int NV, int Run>
SINTER_INLINE void multiply_quads(PlanTile t, const C* values, const C* strip, int64_t depth, C* sums) {
  constexpr int L = kLanes<C>, W = NV * L;
  const C* v = values + t.slot;
  const uint16_t* offset = t.offset;
  Ahead ahead(strip + depth * W, depth * W * static_cast<int64_t>(sizeof(C)), (t.lines_end - t.line) / 3);
  for (const uint32_t* line = t.line; line < t.lines_end; line += 3) {
    ahead.step();
    C* s[4] = {sums + static_cast<int64_t>(line[0] & 0xffffu) * W, sums + static_cast<int64_t>(line[0] >> 16) * W,
               sums + static_cast<int64_t>(line[1] & 0xffffu) * W, sums + static_cast<int64_t>(line[1] >> 16) * W};
    const uint16_t* end = offset + line[2];
    Vec<C> a[4][NV];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
#pragma GCC unroll 4
      for (int u = 0; u < NV; u++) a[i][u] = load(s[i] + u * L);
    do {
      const C* b = strip + static_cast<size_t>(*offset++) * W;
#pragma GCC unroll 4
      for (int k = 0; k < Run; k++) {
        Vec<C> x[NV];
#pragma GCC unroll 4
        for (int u = 0; u < NV; u++) x[u] = load(b + k * W + u * L);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
          const Vec<C> y = splat(v[4 * k + i]);
#pragma GCC unroll 4
          for (int u = 0; u < NV; u++) a[i][u] += y * x[u];
        }
      }
      v += 4 * Run;
    } while (offset != end);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
#pragma GCC unroll 4
      for (int u = 0; u < NV; u++) store(s[i] + u * L, a[i][u]);
  }
}

}  // namespace sinter::cpu::SINTER_ISA
