// sinter: cubins 80 90
// Roots of unity and chirps. Place in the whole: device code of plan.cpp; tables are made when they are needed, which costs less than
// sending them. An angle is brought to an eighth of a turn in whole numbers, so that roots are right to the last bits at any length.
#include "cuda/kernels/fft/fft.h"
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/math.cuh"

namespace sinter::cuda {

// exp(-2 pi i a / b), 0 <= a < b < 2^60.
SINTER_DEVICE c128 root_of_unity(int64_t a, int64_t b) {
  const int64_t eighths = 8 * a / b, rest = 8 * a - eighths * b;
  const bool back = (eighths & 1) != 0;
  // In half turns, and in radians with what rounding lost.
  const lanes::Vd angle = 0.25 * static_cast<double>(back ? b - rest : rest) / static_cast<double>(b);
  const lanes::Twofold r = lanes::exact_product(angle, lanes::kPiHigh);
  const lanes::Vd lost = r.low + angle * lanes::kPiLow, q = r.high * r.high;
  double c = lanes::cosine_of(r.high, lost, q).v, s = lanes::sine_of(r.high, lost, q).v;
  // Odd eighths are measured back from the next axis.
  const int quarter = static_cast<int>((eighths + 1) >> 1) & 3;
  if (back) s = -s;
  switch (quarter) {
    case 0: return {c, -s};
    case 1: return {-s, -c};
    case 2: return {-c, s};
    default: return {s, c};
  }
}

SINTER_DEVICE c128 entry_of(const FftTable& t, int64_t i) {
  int64_t a, b;
  if (t.kind == kStageRoots) {
    const int64_t u = i / t.a, k = i - u * t.a;
    a = (u + 1) * k, b = t.a * t.b;
  } else if (t.kind == kRoots) {
    a = i * t.b % t.a, b = t.a;
  } else {
    // A chirp's k^2 / 2n of a turn, k < n < 2^31.
    const int64_t k = t.kind == kChirp || i < t.a ? i : t.b - i;
    if (k >= t.a) return {0, 0};
    b = 2 * t.a, a = k * k % b;
  }
  const c128 z = root_of_unity(a, b);
  if (t.kind != kWrappedChirp) return z;
  const double over = 1 / static_cast<double>(t.b);
  return {z.re * over, -z.im * over};
}

template <class Z>
SINTER_DEVICE void make_tables(const FftTables& tables) {
  int64_t i = static_cast<int64_t>(blockIdx.x) * kFftThreads + threadIdx.x;
  if (i >= tables.total) return;
  int t = 0;
#pragma unroll 1
  while (i >= tables.table[t].count) i -= tables.table[t++].count;
  static_cast<Z*>(tables.table[t].to)[i] = narrow<Z>(entry_of(tables.table[t], i));
}

extern "C" __global__ void __launch_bounds__(kFftThreads) fft_tables_c64(const __grid_constant__ FftTables tables) {
  make_tables<c64>(tables);
}
extern "C" __global__ void __launch_bounds__(kFftThreads) fft_tables_c128(const __grid_constant__ FftTables tables) {
  make_tables<c128>(tables);
}

}  // namespace sinter::cuda
