// softmax, logSoftmax: x -> y {axis}. Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   x, y (outer, n, inner) contiguous, n the axis; f32 f64 bf16 f16; y does not alias x.
// Along the last axis a row is read from memory once: its maximum, its exponentials and its result are passes over the
// first-level cache. Along another axis the vectors run across inner.
#include "cpu/softmax/logsumexp.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kRowBuffer = 8192;  // exponentials of one row kept between the passes, on the thread's stack

template <class T, bool kLog>
void softmax_row(const T* x, T* y, int64_t n, bool stream) {
  using C = Compute<T>;
  if constexpr (kLog) {
    const MaxSum<C> r = max_sum_exp(x, n);
    const C top = r.max, log_sum = static_cast<C>(std::log(r.sum));
    write_row(y, n, stream, [&](int64_t i, auto part) { return (get(part, x + i) - top) - log_sum; });
  } else if (n <= kRowBuffer) {
    alignas(kVecBytes) C e[kRowBuffer];
    const C top = row_max(x, n);
    const double sum = row_sum<T>(n, [&](int64_t i, auto part) {
      prefetch_step(x + n + i);
      Vec<C> v = exp_nonpositive(get(part, x + i) - top);
      put(part, e + i, v);
      return v;
    });
    const C scale = static_cast<C>(1 / sum);
    write_row(y, n, stream, [&](int64_t i, auto part) { return get(part, e + i) * scale; });
  } else {
    const MaxSum<C> r = max_sum_exp(x, n);
    const C top = r.max, scale = static_cast<C>(1 / r.sum);
    write_row(y, n, stream, [&](int64_t i, auto part) { return exp_nonpositive(get(part, x + i) - top) * scale; });
  }
}

// NV vectors of columns; x, y at their first column.
template <class T, bool kLog, int NV, class P>
SINTER_INLINE void softmax_columns(P part, const T* x, T* y, int64_t n, int64_t inner) {
  using C = Compute<T>;
  constexpr int64_t kFlush = 128;  // rows summed before their totals go to the long sum
  Vec<C> top[NV], sum[NV] = {}, recent[NV] = {};
  for (auto& v : top) v = splat<C>(-kInf<C>);
  for (int64_t i = 0; i < n; i++)
    for (int j = 0; j < NV; j++) top[j] = vmax(top[j], get(part, x + i * inner + j * kStep<T>));
  for (int64_t i = 0; i < n; i++) {
    for (int j = 0; j < NV; j++) recent[j] += exp_nonpositive(get(part, x + i * inner + j * kStep<T>) - top[j]);
    if (i % kFlush == kFlush - 1)
      for (int j = 0; j < NV; j++) {
        sum[j] += recent[j];
        recent[j] = Vec<C>{};
      }
  }
  for (int j = 0; j < NV; j++) {
    sum[j] += recent[j];
    if constexpr (kLog)
      for (int lane = 0; lane < kStep<T>; lane++) sum[j][lane] = std::log(sum[j][lane]);
    else
      sum[j] = C(1) / sum[j];
  }
  for (int64_t i = 0; i < n; i++)
    for (int j = 0; j < NV; j++) {
      Vec<C> v = get(part, x + i * inner + j * kStep<T>) - top[j];
      put(part, y + i * inner + j * kStep<T>, kLog ? v - sum[j] : exp_nonpositive(v) * sum[j]);
    }
}

template <class T, bool kLog>
void softmax_column_range(const T* x, T* y, int64_t n, int64_t inner, int64_t begin, int64_t end) {
  constexpr int64_t L = kStep<T>;
  int64_t j = begin;
  for (; j + 4 * L <= end; j += 4 * L) softmax_columns<T, kLog, 4>(Whole{}, x + j, y + j, n, inner);
  for (; j + L <= end; j += L) softmax_columns<T, kLog, 1>(Whole{}, x + j, y + j, n, inner);
  if (j < end) softmax_columns<T, kLog, 1>(Part{static_cast<int>(end - j)}, x + j, y + j, n, inner);
}

template <class T, bool kLog>
void softmax_forward(const TensorRef& x, const TensorRef& y, int axis) {
  const Axis a = axis_of(x, axis);
  const T* xs = x.as<T>();
  T* ys = y.as<T>();
  if (a.inner == 1) {
    const bool stream = streams(ys, x.numel);
    parallel_for(a.outer, grain_of(a.n), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) softmax_row<T, kLog>(xs + i * a.n, ys + i * a.n, a.n, stream);
      end_streaming(stream);
    });
    return;
  }
  const ColumnBlocks blocks(a.inner);
  parallel_for(a.outer * blocks.count, grain_of(a.n * blocks.width), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t at = i / blocks.count * a.n * a.inner, first = i % blocks.count * blocks.width;
      softmax_column_range<T, kLog>(xs + at, ys + at, a.n, a.inner, first, std::min(a.inner, first + blocks.width));
    }
  });
}

}  // namespace

void softmax(const Call& c) {
  if (c.in[0].numel == 0) return;
  with_floating(c.in[0].dtype, "softmax",
                [&](auto t) { softmax_forward<decltype(t), false>(c.in[0], c.out[0], static_cast<int>(c.attr[0])); });
}

void logSoftmax(const Call& c) {
  if (c.in[0].numel == 0) return;
  with_floating(c.in[0].dtype, "logSoftmax",
                [&](auto t) { softmax_forward<decltype(t), true>(c.in[0], c.out[0], static_cast<int>(c.attr[0])); });
}

}  // namespace sinter::cpu::SINTER_ISA
