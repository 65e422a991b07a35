// The register tiles of products of bytes. Place in the whole: multiply (product.h) calls one for every kTileRows rows of activations
// and every panel of weights.
//
// A panel holds kCols columns of the (k, n) matrix as (k / 4, kCols, 4) signed bytes, k rounded up to kDepth and padded with
// zeros: a vector is four k of kCols / 2 columns. Activations are rows of bytes (or of 16-bit numbers), padded likewise. So one
// vector of weights meets one repeated group of four activations, whatever the instruction, and operands are read as they lie.
#pragma once
#include "cpu/quant/dot.h"
#include "cpu/simd/matrix_unit.h"

namespace sinter::cpu::SINTER_ISA {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kDotRows = 12;  // 24 accumulators of 32 registers
#else
constexpr int kDotRows = 6;  // 12 of 16
#endif
constexpr int kTileRows = kMatrixUnit ? kMatrixRows : kDotRows;
constexpr int kTileCols = 2 * kLanes<int32_t>;
constexpr int kDepth = 16;                      // bytes of k in one turn of the loop
constexpr int kGroupBytes = 4 * kTileCols;      // of a panel: four k of all columns
constexpr int kTurnBytes = kDepth * kTileCols;  // of a panel: one turn

// sums (rows, kTileCols) = activations (rows, k) * panel, row r of the activations at a + r * stride.
template <class A>
using Tile = void (*)(int64_t turns, const A* a, int64_t stride, const int8_t* panel, int32_t* sums);

template <int Rows>
SINTER_INLINE void store_tile(const Vi (&acc)[Rows][2], int32_t* sums) {
#pragma GCC unroll 12
  for (int r = 0; r < Rows; r++)
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) store(sums + r * kTileCols + v * kLanes<int32_t>, acc[r][v]);
}

// Ends a row's turn. The compiler would otherwise begin the next rows before it adds this one's products, or keep
// weights that can be operands in memory, and spill accumulators for it.
template <int N>
SINTER_INLINE void end_row([[maybe_unused]] Vi (&acc)[N], [[maybe_unused]] const int8_t*& panel,
                           [[maybe_unused]] int64_t& at) {
#if defined(__x86_64__)
  for (int v = 0; v < N; v += 2) asm volatile("" : "+v"(acc[v]), "+v"(acc[v + 1]), "+r"(panel), "+r"(at));
#endif
}

// Bytes by bytes where one instruction makes four products: a row costs one load, and the weights stay in registers for all rows.
template <int Rows>
void exact_tile(int64_t turns, const uint8_t* a, int64_t stride, const int8_t* panel, int32_t* sums) {
  constexpr int kPerPointer = 3;  // further rows are reached by scaled-index addressing
  Vi acc[Rows][2] = {};
  const uint8_t* rows[(Rows + kPerPointer - 1) / kPerPointer];
  for (int r = 0; r < Rows; r += kPerPointer) rows[r / kPerPointer] = a + r * stride;
  for (int64_t turn = 0; turn < turns; turn++, panel += kTurnBytes) {
#pragma GCC unroll 4
    for (int u = 0; u < kDepth; u += 4) {
      const Vi first = load_bytes(panel + u * kTileCols), second = load_bytes(panel + u * kTileCols + kVecBytes);
#pragma GCC unroll 12
      for (int r = 0; r < Rows; r++) {
        const Vi x = repeat4(rows[r / kPerPointer] + r % kPerPointer * stride + u);
        acc[r][0] = dot4(acc[r][0], x, first, Vs{});
        acc[r][1] = dot4(acc[r][1], x, second, Vs{});
      }
    }
#pragma GCC unroll 4
    for (int r = 0; r < Rows; r += kPerPointer) rows[r / kPerPointer] += kDepth;
  }
  store_tile<Rows>(acc, sums);
}

// Bytes by bytes by vpmaddubsw. Wide: dot8, else dot4.
template <int Rows, bool Wide>
void byte_tile(int64_t turns, const uint8_t* a, int64_t stride, const int8_t* panel, int32_t* sums) {
  Vi acc[Rows][2] = {};
  Vs ones = Vs{} + int16_t(1);
#if defined(__x86_64__)
  asm("" : "+x"(ones));  // stays in a register
#endif
  const uint8_t* rows[Rows];
  for (int r = 0; r < Rows; r++) rows[r] = a + r * stride;
  for (int64_t at = 0; at < turns * kDepth; at += kDepth, panel += kTurnBytes) {
#pragma GCC unroll 4
    for (int u = 0; u < kDepth; u += Wide ? 8 : 4) {
#pragma GCC unroll 12
      for (int r = 0; r < Rows; r++) {
        const int8_t* b = panel + u * kTileCols;
        const Vi first = repeat4(rows[r] + at + u);
        [[maybe_unused]] const Vi second = Wide ? repeat4(rows[r] + at + u + 4) : Vi{};
#pragma GCC unroll 2
        for (int v = 0; v < 2; v++) {
          const Vi low = load_bytes(b + v * kVecBytes);
          if constexpr (Wide)
            acc[r][v] = dot8(acc[r][v], first, low, second, load_bytes(b + kGroupBytes + v * kVecBytes), ones);
          else
            acc[r][v] = dot4(acc[r][v], first, low, ones);
        }
        end_row(acc[r], panel, at);
      }
    }
  }
  store_tile<Rows>(acc, sums);
}

template <int... I>
SINTER_INLINE Vi add_neighbours(Vi a, Vi b, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(a, b, 2 * I...) + __builtin_shufflevector(a, b, (2 * I + 1)...);
}

// 16-bit numbers by bytes, which are widened as they are read. A lane has two sums, so the panel's columns take four vectors a row:
// all at once where there are registers for it, else two and two.
template <int Rows>
void pair_tile(int64_t turns, const int16_t* a, int64_t stride, const int8_t* panel, int32_t* sums) {
  constexpr int vectors = Rows <= kDotRows / 2 ? 4 : 2;
  const int16_t* rows[Rows];
  for (int r = 0; r < Rows; r++) rows[r] = a + r * stride;
  for (int first = 0; first < 4; first += vectors) {
    const int8_t* b = panel + first * (kVecBytes / 2);
    Vi acc[Rows][vectors] = {};
    for (int64_t at = 0; at < turns * kDepth; at += kDepth, b += kTurnBytes) {
#pragma GCC unroll 4
      for (int u = 0; u < kDepth; u += 4) {
        Vs w[vectors];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) w[v] = widen_bytes(b + u * kTileCols + v * (kVecBytes / 2));
#pragma GCC unroll 12
        for (int r = 0; r < Rows; r++) {
          const Vs x = repeat4(rows[r] + at + u);
#pragma GCC unroll 4
          for (int v = 0; v < vectors; v++) acc[r][v] = pair_dot(acc[r][v], x, w[v]);
          end_row(acc[r], b, at);
        }
      }
    }
    constexpr auto lanes = std::make_integer_sequence<int, kLanes<int32_t>>();
#pragma GCC unroll 12
    for (int r = 0; r < Rows; r++)
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v += 2)
        store(sums + r * kTileCols + (first + v) / 2 * kLanes<int32_t>,
              add_neighbours(acc[r][v], acc[r][v + 1], lanes));
  }
}

// By number of rows less one.
template <class Rows>
struct Tiles;
template <int... I>
struct Tiles<std::integer_sequence<int, I...>> {
  static constexpr Tile<uint8_t> bytes[] = {kExactDot ? exact_tile<I + 1> : byte_tile<I + 1, false>...};
  static constexpr Tile<uint8_t> wide[] = {byte_tile<I + 1, true>...};
  static constexpr Tile<int16_t> pairs[] = {pair_tile<I + 1>...};
};
using QuantTiles = Tiles<std::make_integer_sequence<int, kDotRows>>;

}  // namespace sinter::cpu::SINTER_ISA
