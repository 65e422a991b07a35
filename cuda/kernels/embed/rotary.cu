// rotary: positions as rotations. Place in the whole: device code of rotary.cpp; contract as in native/cpu/attention/rotary.cpp. A thread
// turns a pair, or copies an element beyond the turned ones. Bound: x is read once, y written once; a table's rows serve all heads.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/embed/rotary.h"
#include "cuda/kernels/index/index.cuh"

namespace sinter::cuda {

template <class T>
SINTER_DEVICE void rotate(const Rotary& r, Fault* fault) {
  using C = Compute<T>;
#pragma unroll
  for (int u = 0; u < kIndexItems; u++) {
    const int64_t i = item_of(u);
    if (i >= r.total) continue;
    const int64_t line = quotient(i, r.pairs), pair = i - line * r.pairs.size;
    const int64_t above = quotient(line, r.rows), row = line - above * r.rows.size;
    const int64_t batch = quotient(above, r.heads), head = above - batch * r.heads.size;
    const T* x = static_cast<const T*>(r.x) + batch * r.x_strides[0] + head * r.x_strides[1] + row * r.x_strides[2];
    T* y = static_cast<T*>(r.y) + batch * r.y_strides[0] + head * r.y_strides[1] + row * r.y_strides[2];
    if (pair >= r.half) {
      y[r.half + pair] = x[r.half + pair];
      continue;
    }
    const int64_t position = r.positions.data
                                 ? index_at(r.positions, batch * r.position_strides[0] + row * r.position_strides[1])
                                 : r.first + row;
    if (!in_range(position, r.count)) {
      report(fault, 0, position, r.count);
      continue;
    }
    const C cosine = __ldg(static_cast<const C*>(r.cosines) + position * r.half + pair);
    C sine = __ldg(static_cast<const C*>(r.sines) + position * r.half + pair);
    sine = r.inverse ? -sine : sine;
    const int64_t at_a = r.interleaved ? 2 * pair : pair, at_b = r.interleaved ? 2 * pair + 1 : r.half + pair;
    const C a = widen(x[at_a]), b = widen(x[at_b]);
    y[at_a] = narrow<T>(a * cosine - b * sine);
    y[at_b] = narrow<T>(b * cosine + a * sine);
  }
}

#define SINTER_ROTARY(T)                                           \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)      \
      rotary_##T(const __grid_constant__ Rotary r, Fault* fault) { \
    rotate<T>(r, fault);                                           \
  }

SINTER_ROTARY(f32)
SINTER_ROTARY(f64)
SINTER_ROTARY(bf16)
SINTER_ROTARY(f16)

}  // namespace sinter::cuda
