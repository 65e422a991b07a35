// overlapAdd: windows of signals, added up where they overlap. Place in the whole: short-time Fourier transforms.
//
// x (b, count, size), y (b, n), both contiguous, f32 or f64, {hop}: y[t] = sum over f of x[f, t - f hop]. Each element adds its
// windows in order, whoever computes it.
#include <algorithm>

#include "cpu/simd/vec.h"
#include "cpu/threads/pool.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kChunk = 4096;

template <class T>
void overlap_add(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  const int64_t count = x.dims[1], size = x.dims[2], n = y.dims[1], hop = c.int_attr(0);
  const int64_t chunks = (n + kChunk - 1) / kChunk;
  parallel_for(y.dims[0] * chunks, 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t from = i % chunks * kChunk, to = std::min(n, from + kChunk);
      T* out = y.as<T>() + i / chunks * n;
      const T* windows = x.as<const T>() + i / chunks * count * size;
      std::memset(out + from, 0, static_cast<size_t>(to - from) * sizeof(T));
      const int64_t first = from < size ? 0 : (from - size) / hop + 1, last = std::min(count - 1, (to - 1) / hop);
      for (int64_t f = first; f <= last; f++) {
        const int64_t a = std::max(from, f * hop), b = std::min(to, f * hop + size);
        const T* __restrict w = windows + f * size - f * hop;
        T* __restrict sum = out;
        for (int64_t t = a; t < b; t++) sum[t] += w[t];
      }
    }
  });
}

}  // namespace

void overlapAdd(const Call& c) {
  if (c.out[0].numel == 0) return;
  switch (c.in[0].dtype) {
    case DType::f32: return overlap_add<float>(c);
    case DType::f64: return overlap_add<double>(c);
    default: fail(ErrorCode::unsupported, "overlapAdd: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
