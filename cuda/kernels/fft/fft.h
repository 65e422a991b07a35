// What the Fourier kernels and their host side agree on. Place in the whole: a pass is one launch of fft_lines: transforms of n elements,
// each along a line, loaded from and stored to wherever and as whatever the two sides say. All transforms are made of passes (plan.cpp).
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kFftThreadBits = 8, kFftThreads = 1 << kFftThreadBits;
constexpr int kFftLines = 64;   // of a block, at most; a power of two
constexpr int kFftStages = 12;  // of radices 2, 3, 4, 5, 7, 8, 11, 13

// Complex elements of the longest line of a block; two copies of its lines are in shared memory.
template <bool kWide>
constexpr int kFftLongest = kWide ? 2048 : 4096;
// A line in shared memory: an element is left out after every 16 (8 of f64), so that strides of powers of two meet few banks twice.
template <bool kWide>
constexpr int kFftPadBits = kWide ? 3 : 4;

struct FftStage {
  int32_t radix, before;  // before: product of the radices in front
  Divisor by_before;
};

// What a line is made of: kFromComplex x_j; kFromReal the same without imaginary parts; kFromPairs x_2j + i x_2j+1; kFromHalf the whole of
// what is Hermitian, kFromPackedHalf half as many elements whose transform holds the real result in pairs; kFromFrames and kFromFramePairs
// as real ones, of a signal that goes on beyond its ends, times a window.
enum FftLoad : int32_t {
  kFromComplex,
  kFromReal,
  kFromPairs,
  kFromHalf,
  kFromPackedHalf,
  kFromFrames,
  kFromFramePairs
};
// And what its transform becomes; kToHalf: the first half of that of twice as many real elements.
enum FftStore : int32_t { kToComplex, kToReal, kToPairs, kToHalf };
enum FftBeyond : int32_t { kReflected, kZeroBeyond, kLastBeyond, kCircular };

constexpr int kFftDims = 4;  // indices that a line's number is taken apart into, the last one fastest

// Element j of a line is number at = index + j step of `length`, beyond which there are zeros, and lies at base + at stride; of what lies
// in memory there are `count`.
struct FftSource {
  const void *x, *window, *factor;  // factor: a complex number for every `at`
  const void* roots;                // of kFromPackedHalf: exp(-2 pi i k / whole), k <= whole / 2
  int64_t base[kFftDims], index[kFftDims], start[kFftDims];  // start: of a frame in its signal
  int64_t stride, step, count, length;
  int64_t whole;        // length of the real transform
  int64_t signal, pad;  // length of the signals, what a frame begins before its start
  double weight, sign;  // of elements that stand for two; of imaginary parts
  int32_t kind, swapped, across, beyond;
};
// Element k is number at = index + k step and lies at base + k stride; those from `kept` on are left out.
struct FftTarget {
  void* y;
  const void *factor, *roots;  // as above; roots of kToHalf
  // Roots of a longer transform: element k is turned by `turn` k of them, the coarse ones 2^fine_bits apart.
  const void *fine, *coarse;
  int64_t base[kFftDims], index[kFftDims], turn[kFftDims];
  int64_t stride, step, kept, whole, pair;  // pair: of kToPairs, from an even element to the odd one behind it
  double scale, scale_im, weight, power;    // power > 0: |y|^power in place of y
  int32_t kind, fine_bits, across, half;    // half: of kToHalf, whole / 2
  int32_t swapped_first, swapped;           // parts exchanged before and after the factor
};

struct FftPass {
  FftSource from;
  FftTarget to;
  FftStage stages[kFftStages];
  const void* stage_roots;  // u k / (before radix) turns at before - 1 + (u - 1) before + k
  const void* middle;  // of a convolution: what the transform is multiplied by, before it is transformed back; or null
  Split dims[kFftDims - 1];  // the last three
  int64_t lines;
  int32_t n, rows_out, stage_count, pitch;  // pitch: elements of a line in shared memory
  int32_t lines_a_block, line_bits;         // a power of two, and which
};

// Tables made on the device, in double whatever they are stored in.
enum FftTableKind : int32_t { kStageRoots, kRoots, kChirp, kWrappedChirp };
struct FftTable {
  void* to;
  int64_t count;
  // kStageRoots: a radices in front, b the radix. kRoots: exp(-2 pi i k b / a). kChirp: exp(-pi i k^2 / a), and wrapped around b elements,
  // conjugate, over b.
  int64_t a, b;
  int32_t kind;
};
constexpr int kFftTables = 16;
struct FftTables {
  FftTable table[kFftTables];
  int32_t count;
  int64_t total;
};

}  // namespace sinter::cuda
