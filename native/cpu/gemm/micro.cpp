// The register tile: C (rows, cols) = [C +] A (rows, k) * panel (k, cols) [+ bias], rows <= kMR, cols <= kNR.
// Place in the whole: the one inner loop of every floating-point product; see gemm.h for the operands.
//
// A is broadcast straight from its strided rows: row-major, transposed and packed A differ in addresses only. One
// instance per number of rows and vectors keeps a ragged edge at full speed. On a core whose other thread is busy the
// instructions a multiply-add takes decide (docs/performance.md), hence the unrolling and the fixed strides. An element is one serial chain of FMAs
// over k, whatever the tile: its value depends neither on the tile it falls in nor on the threads.
#include "cpu/gemm/gemm.h"
#include "cpu/simd/fma.h"

namespace sinter::cpu::SINTER_ISA {

// Adds the biases and the old C as asked, and stores; kTail: only `tail` lanes of the last vector exist.
template <class T, int kRows, int kVectors, bool kTail>
SINTER_INLINE void finish(const MicroTile<T>& t, Vec<T> (&acc)[kRows][kVectors], int tail) {
  constexpr int lanes = kLanes<T>;
  T* const c = t.c;
  const int64_t ldc = t.ldc;
  const auto get = [=](const T* p, int v) __attribute__((always_inline)) {
    return kTail && v == kVectors - 1 ? load_n(p + v * lanes, tail) : load(p + v * lanes);
  };
  if (t.row_bias) {
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
      const Vec<T> bias = splat(t.row_bias[i]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[i][v] += bias;
    }
  }
  if (t.col_bias) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) {
      const Vec<T> bias = get(t.col_bias, v);
#pragma GCC unroll 12
      for (int i = 0; i < kRows; i++) acc[i][v] += bias;
    }
  }
  if (t.accumulate) {
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[i][v] += get(c + i * ldc, v);
  }
#pragma GCC unroll 12
  for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) {
      if (kTail && v == kVectors - 1)
        store_n(c + i * ldc + v * lanes, acc[i][v], tail);
      else
        store(c + i * ldc + v * lanes, acc[i][v]);
    }
}

// How the operands lie, as far as the inner loop's addresses depend on it; the streaming ones ask for what is `wanted`.
enum class Lie {
  unit,  // rows of A contiguous, packed B
  unit_streaming,
  packed,  // A as (k, kMR), packed B
  packed_streaming,
  packed_copying,      // A as (k, kMR), rows of B apart, which become a packed panel
  transposed_copying,  // columns of A contiguous, which become a packed A, packed B
  unit_rows,           // rows of A contiguous, B row-major anywhere
  any,
};
constexpr int kLies = 8;

// Steps of k in one turn of the loop: pointers and counter cost instructions, and dispatch is what limits 16 registers.
constexpr int kSteps = kMR > 6 ? 2 : 4;
constexpr int64_t kPrefetchDepth = 64;
// Columns of a transposed A to be asked for ahead: more would meet in one set of L1 where they lie a power of two apart.
constexpr int64_t kColumnsAhead = 8;

template <class T, int kRows, int kVectors, Lie kLie>
static void run_tile(const MicroTile<T>& t) {
  constexpr int lanes = kLanes<T>;
  // Three rows a pointer: the other two are reached by scaled-index addressing, which keeps 12 rows within the
  // registers.
  constexpr bool copying = kLie == Lie::packed_copying;
  constexpr bool transposed = kLie == Lie::transposed_copying;
  constexpr bool packed = kLie == Lie::packed || kLie == Lie::packed_streaming || copying;
  constexpr bool streaming = kLie == Lie::unit_streaming || kLie == Lie::packed_streaming;
  constexpr int kPerPointer = packed || transposed ? kRows : 3, kPointers = (kRows + kPerPointer - 1) / kPerPointer;
  constexpr int steps = kLie == Lie::any ? 1 : kSteps;
  Vec<T> acc[kRows][kVectors] = {};
  const int64_t rsa = packed || transposed ? 1 : t.rsa;
  const int64_t csa = packed ? kMR : transposed || kLie == Lie::any ? t.csa : 1;
  const int64_t ldb = kLie == Lie::any || kLie == Lie::unit_rows ? t.ldb : kNR<T>;
  const char* wanted = reinterpret_cast<const char*>(t.wanted);
  const int64_t pace = t.pace, column_bytes = t.column_bytes;
  const T* a[kPointers];
#pragma GCC unroll 4
  for (int g = 0; g < kPointers; g++) a[g] = t.a + kPerPointer * g * rsa;
  const T* b = t.b;
  const int64_t* places = t.places;
  T *copy = t.copy, *copy_a = t.copy_a;
  const auto step = [&](int64_t at, const T* row) __attribute__((always_inline)) {
    Vec<T> bv[kVectors];
    if (streaming) {
      constexpr int row_bytes = kNR<T> * static_cast<int>(sizeof(T));
      for (int q = 0; q < row_bytes; q += 64) {
        __builtin_prefetch(wanted);
        wanted += row_bytes < 64 ? pace * row_bytes / 64 : pace;
      }
    }
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) {
      bv[v] = load(row + v * lanes);
      if (copying) store(copy + v * lanes, bv[v]);
    }
    if (copying) {
      copy += kNR<T>;
      constexpr int row_bytes = kNR<T> * static_cast<int>(sizeof(T));
      for (int q = 0; q < row_bytes; q += 64) __builtin_prefetch(reinterpret_cast<const char*>(row) + pace + q, 0, 2);
    }
    if (transposed) {
      const T* column = a[0] + at;
      const char* next = reinterpret_cast<const char*>(column + kColumnsAhead * csa);
      __builtin_prefetch(next);
      for (int64_t q = 64; q < column_bytes; q += 64) __builtin_prefetch(next + q, 0, 2);
#pragma GCC unroll 2
      for (int i = 0; i < kRows; i += lanes)
        store(copy_a + i, kRows - i < lanes ? load_n(column + i, kRows - i) : load(column + i));
      copy_a += kMR;
    }
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
      const Vec<T> x = splat(a[i / kPerPointer][i % kPerPointer * rsa + at]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) fma_into(acc[i][v], x, bv[v]);
    }
  };
  const auto advance = [&](int64_t by) __attribute__((always_inline)) {
#pragma GCC unroll 4
    for (int g = 0; g < kPointers; g++) a[g] += by * csa;
    if (copying)
      places += by;
    else
      b += by * ldb;
  };
  const auto row_at = [&](int64_t u) __attribute__((always_inline)) { return copying ? b + places[u] : b + u * ldb; };
  const uint64_t k = static_cast<uint64_t>(t.k);
#pragma GCC unroll 1
  for (uint64_t left = k % steps; left > 0; left--) {
    step(0, row_at(0));
    advance(1);
  }
  // C is needed at the end: what is not in cache comes meanwhile, a row a turn, so that A and B do not wait behind all of it. A small
  // product's results are there, and its tiles are short.
  const int64_t down = t.k >= kPrefetchDepth ? t.ldc : 0;
  const T *awaited = t.c, *const bottom = t.c + (kRows - 1) * down;
  for (uint64_t left = k / steps; left > 0; left--) {
    __builtin_prefetch(awaited);
    if (kVectors > 1) __builtin_prefetch(awaited + kVectors * lanes - 1);
    awaited = awaited == bottom ? awaited : awaited + down;
#pragma GCC unroll 4
    for (int u = 0; u < steps; u++) step(u * csa, row_at(u));
    advance(steps);
  }
  const int tail = t.cols % lanes;
  if (tail)
    finish<T, kRows, kVectors, true>(t, acc, tail);
  else
    finish<T, kRows, kVectors, false>(t, acc, 0);
}

template <class T>
using TileKernel = void (*)(const MicroTile<T>&);

// Kernels by rows - 1, vectors - 1 and lie.
template <class T, int... kRow>
struct TileTable {
  template <int kRows, int kVectors>
  static constexpr TileKernel<T> lies[kLies] = {
      run_tile<T, kRows, kVectors, Lie::unit>,      run_tile<T, kRows, kVectors, Lie::unit_streaming>,
      run_tile<T, kRows, kVectors, Lie::packed>,    run_tile<T, kRows, kVectors, Lie::packed_streaming>,
      run_tile<T, kRows, 2, Lie::packed_copying>,   run_tile<T, kRows, kVectors, Lie::transposed_copying>,
      run_tile<T, kRows, kVectors, Lie::unit_rows>, run_tile<T, kRows, kVectors, Lie::any>};
  static constexpr const TileKernel<T>* kernels[][2] = {{lies<kRow + 1, 1>, lies<kRow + 1, 2>}...};
};
#if defined(__AVX512F__) || defined(__aarch64__)
template <class T>
using Tiles = TileTable<T, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11>;
#else
template <class T>
using Tiles = TileTable<T, 0, 1, 2, 3, 4, 5>;
#endif

template <class T>
void micro_kernel(const MicroTile<T>& tile) {
  const bool panel = tile.ldb == kNR<T>;
  const Lie lie = tile.places != nullptr                      ? Lie::packed_copying
                  : tile.copy_a != nullptr                    ? Lie::transposed_copying
                  : tile.csa == 1                             ? (panel ? Lie::unit : Lie::unit_rows)
                  : panel && tile.rsa == 1 && tile.csa == kMR ? Lie::packed
                                                              : Lie::any;
  const int streaming = tile.wanted && lie < Lie::packed_copying;
  Tiles<T>::kernels[tile.rows - 1][tile.cols > kLanes<T>][static_cast<int>(lie) + streaming](tile);
}

template void micro_kernel<float>(const MicroTile<float>&);
template void micro_kernel<double>(const MicroTile<double>&);

}  // namespace sinter::cpu::SINTER_ISA
