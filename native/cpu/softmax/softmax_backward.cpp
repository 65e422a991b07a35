// softmaxBackward: gx = y (g - sum(g y)); logSoftmaxBackward: gx = g - exp(y) sum(g). Sums along {axis}.
// Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   g, y, gx (outer, n, inner) contiguous, n the axis; f32 f64 bf16 f16; gx aliases neither.
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T, bool kLog>
void backward_row(const T* g, const T* y, T* gx, int64_t n, bool stream) {
  using C = Compute<T>;
  const C sum = static_cast<C>(row_sum<T>(n, [&](int64_t i, auto part) {
    if constexpr (kLog)
      return get(part, g + i);
    else
      return get(part, g + i) * get(part, y + i);
  }));
  write_row(gx, n, stream, [&](int64_t i, auto part) {
    prefetch_step(g + n + i);
    prefetch_step(y + n + i);
    if constexpr (kLog)
      return get(part, g + i) - exp_nonpositive(get(part, y + i)) * sum;
    else
      return get(part, y + i) * (get(part, g + i) - sum);
  });
}

// NV vectors of columns; g, y, gx at their first column.
template <class T, bool kLog, int NV, class P>
SINTER_INLINE void backward_columns(P part, const T* g, const T* y, T* gx, int64_t n, int64_t inner) {
  using C = Compute<T>;
  constexpr int64_t kFlush = 128;
  Vec<C> sum[NV] = {}, recent[NV] = {};
  for (int64_t i = 0; i < n; i++) {
    for (int j = 0; j < NV; j++) {
      const int64_t at = i * inner + j * kStep<T>;
      recent[j] += kLog ? get(part, g + at) : get(part, g + at) * get(part, y + at);
    }
    if (i % kFlush == kFlush - 1)
      for (int j = 0; j < NV; j++) {
        sum[j] += recent[j];
        recent[j] = Vec<C>{};
      }
  }
  for (int j = 0; j < NV; j++) sum[j] += recent[j];
  for (int64_t i = 0; i < n; i++)
    for (int j = 0; j < NV; j++) {
      const int64_t at = i * inner + j * kStep<T>;
      Vec<C> gv = get(part, g + at), yv = get(part, y + at);
      put(part, gx + at, kLog ? gv - exp_nonpositive(yv) * sum[j] : yv * (gv - sum[j]));
    }
}

template <class T, bool kLog>
void backward(const TensorRef& g, const TensorRef& y, const TensorRef& gx, int axis) {
  constexpr int64_t L = kStep<T>;
  const Axis a = axis_of(y, axis);
  const T *gs = g.as<T>(), *ys = y.as<T>();
  T* gxs = gx.as<T>();
  if (a.inner == 1) {
    const bool stream = streams(gxs, y.numel);
    parallel_for(a.outer, grain_of(a.n), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin * a.n; i < end * a.n; i += a.n)
        backward_row<T, kLog>(gs + i, ys + i, gxs + i, a.n, stream);
      end_streaming(stream);
    });
    return;
  }
  const ColumnBlocks blocks(a.inner);
  parallel_for(a.outer * blocks.count, grain_of(a.n * blocks.width), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t at = i / blocks.count * a.n * a.inner, first = i % blocks.count * blocks.width;
      const int64_t last = at + std::min(a.inner, first + blocks.width);
      int64_t j = at + first;
      for (; j + 4 * L <= last; j += 4 * L)
        backward_columns<T, kLog, 4>(Whole{}, gs + j, ys + j, gxs + j, a.n, a.inner);
      for (; j + L <= last; j += L) backward_columns<T, kLog, 1>(Whole{}, gs + j, ys + j, gxs + j, a.n, a.inner);
      if (j < last)
        backward_columns<T, kLog, 1>(Part{static_cast<int>(last - j)}, gs + j, ys + j, gxs + j, a.n, a.inner);
    }
  });
}

}  // namespace

void softmaxBackward(const Call& c) {
  if (c.in[1].numel == 0) return;
  with_floating(c.in[1].dtype, "softmaxBackward",
                [&](auto t) { backward<decltype(t), false>(c.in[0], c.in[1], c.out[0], static_cast<int>(c.attr[0])); });
}

void logSoftmaxBackward(const Call& c) {
  if (c.in[1].numel == 0) return;
  with_floating(c.in[1].dtype, "logSoftmaxBackward",
                [&](auto t) { backward<decltype(t), true>(c.in[0], c.in[1], c.out[0], static_cast<int>(c.attr[0])); });
}

}  // namespace sinter::cpu::SINTER_ISA
