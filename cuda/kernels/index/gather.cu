// embedding, indexSelect, gather: elements of x at places that indices name. Place in the whole: device code of gather.cpp.
//
// Elements are moved, never interpreted, as words as wide as rows and their beginnings allow. Bound: a word is read and written once;
// rows of 32 bytes and more use whole sectors.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/index.cuh"

namespace sinter::cuda {

// x (outer, n, width), indices (k) -> y (outer, k, width), in words. total: words of y.
template <class W>
SINTER_DEVICE void select_rows(const W* x, const Indices& indices, W* y, int64_t n, const Split& k, const Split& width,
                               int64_t total, Fault* fault) {
  int64_t from[kIndexItems];
#pragma unroll
  for (int u = 0; u < kIndexItems; u++) {
    const int64_t i = item_of(u);
    from[u] = -1;
    if (i >= total) continue;
    const int64_t row = quotient(i, width), outer = quotient(row, k);
    const int64_t index = index_at(indices, row - outer * k.size);
    if (in_range(index, n))
      from[u] = (outer * n + index) * width.size + (i - row * width.size);
    else
      report(fault, 0, index, n);
  }
  W word[kIndexItems];
#pragma unroll
  for (int u = 0; u < kIndexItems; u++)
    if (from[u] >= 0) word[u] = load_constant(x + from[u]);
#pragma unroll
  for (int u = 0; u < kIndexItems; u++)
    if (from[u] >= 0) y[item_of(u)] = word[u];
}

// views: y, indices (both walked as they lie) and x without its axis, along which the index steps. numel of them are below 2^31.
template <class W>
SINTER_DEVICE void gather_elements(const Views<3>& views, int32_t wide, int64_t n, int64_t step, Fault* fault) {
  const Indices indices{views.data[1], wide};
  const W* x = static_cast<const W*>(views.data[2]);
  W* y = static_cast<W*>(views.data[0]);
  int64_t from[kIndexItems];
#pragma unroll
  for (int u = 0; u < kIndexItems; u++) {
    const int64_t i = item_of(u);
    from[u] = -1;
    if (i >= views.numel) continue;
    const int64_t index = index_at(indices, i);
    if (!in_range(index, n)) {
      report(fault, 0, index, n);
      continue;
    }
    int64_t base[1];
    offsets_of<2>(views, static_cast<uint32_t>(i), base);
    from[u] = base[0] + index * step;
  }
  W word[kIndexItems];
#pragma unroll
  for (int u = 0; u < kIndexItems; u++)
    if (from[u] >= 0) word[u] = load_constant(x + from[u]);
#pragma unroll
  for (int u = 0; u < kIndexItems; u++)
    if (from[u] >= 0) y[item_of(u)] = word[u];
}

#define SINTER_GATHER(bytes)                                                                                        \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                       \
      select_##bytes(const raw##bytes* __restrict__ x, Indices indices, raw##bytes* __restrict__ y, int64_t n,      \
                     Split k, Split width, int64_t total, Fault* fault) {                                           \
    select_rows(x, indices, y, n, k, width, total, fault);                                                          \
  }                                                                                                                 \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                       \
      gather_##bytes(const __grid_constant__ Views<3> views, int32_t wide, int64_t n, int64_t step, Fault* fault) { \
    gather_elements<raw##bytes>(views, wide, n, step, fault);                                                       \
  }

SINTER_GATHER(1)
SINTER_GATHER(2)
SINTER_GATHER(4)
SINTER_GATHER(8)
SINTER_GATHER(16)

}  // namespace sinter::cuda
