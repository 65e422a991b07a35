// Cells of recurrent layers and their gradients. Place in the whole: device code of recurrence.cpp and recurrence_backward.cpp: what is
// between the products of one step and those of the next.
//
// A thread has a unit of a sequence; neighbours are neighbours in memory. What a step reads was written by the launch before, so it comes
// from L2; a step is bound by the time of its launches until b h is some 100,000.
// sinter: cubins 80 90
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/recurrent/recurrent.h"
#include "cuda/kernels/reduce.cuh"

namespace sinter::cuda {

namespace {

SINTER_DEVICE int64_t first_of(const LayerStep& s, int64_t t) { return s.offsets ? s.offsets[t] : t * s.batch; }
SINTER_DEVICE int64_t rows_of(const LayerStep& s, int64_t t) {
  return s.offsets ? s.offsets[t + 1] - s.offsets[t] : s.batch;
}

SINTER_DEVICE int64_t thread_of_grid() { return int64_t{blockIdx.x} * kRecurrentThreads + threadIdx.x; }

template <class V>
SINTER_DEVICE V at_or_zero(const void* x, int64_t i) {
  return x ? static_cast<const V*>(x)[i] : V(0);
}

}  // namespace

// One block. An inclusive sum over tiles of the sizes.
extern "C" __global__ void __launch_bounds__(kRecurrentThreads) recurrence_steps(const __grid_constant__ StepSizes p) {
  constexpr int kWarps = kRecurrentThreads / kWarp;
  __shared__ int64_t sums[kWarps];
  __shared__ unsigned long long wrong;
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  if (threadIdx.x == 0) wrong = static_cast<unsigned long long>(p.count);
  int64_t total = 0;
#pragma unroll 1
  for (int64_t tile = 0; tile < p.count; tile += kRecurrentThreads) {
    __syncthreads();
    const int64_t t = tile + threadIdx.x, rows = t < p.count ? p.sizes[t] : 0;
    const int64_t before = t < p.count && t > 0 ? p.sizes[t - 1] : p.batch;
    if (t < p.count && (rows < 1 || rows > before || (t == 0 && rows != p.batch)))
      atomicMin(&wrong, static_cast<unsigned long long>(t));
    int64_t sum = rows;
#pragma unroll
    for (int distance = 1; distance < kWarp; distance *= 2) {
      const int64_t other = __shfl_up_sync(kAllLanes, sum, distance);
      if (lane >= distance) sum += other;
    }
    if (lane == kWarp - 1) sums[warp] = sum;
    __syncthreads();
    int64_t ahead = total;
#pragma unroll
    for (int w = 0; w < kWarps; w++) {
      if (w < warp) ahead += sums[w];
      total += sums[w];
    }
    if (t < p.count) p.offsets[t + 1] = ahead + sum;
  }
  __syncthreads();
  if (threadIdx.x == 0) p.offsets[0] = 0;
  const int64_t t = static_cast<int64_t>(wrong);
  if (t == p.count && total == p.n) return;
  if (threadIdx.x == 0) {
    if (t < p.count)
      report(p.fault, 0, t, p.sizes[t], t > 0 ? p.sizes[t - 1] : p.batch);
    else
      report(p.fault, 1, total, p.n);
  }
#pragma unroll 1
  for (int64_t i = threadIdx.x; i < p.count; i += kRecurrentThreads) p.offsets[i + 1] = 0;
}

template <class V, int kGates>
SINTER_DEVICE void step_cells(const CellForward& p) {
  const int64_t i = thread_of_grid(), r = quotient(i, p.hidden), h = p.hidden.size, u = i - r * h;
  if (r >= rows_of(p.step, p.step.at)) return;
  const int64_t row = first_of(p.step, p.step.at) + r;
  V* sums = static_cast<V*>(p.sums) + (row - p.origin) * kGates * h + u;
  V gate[kGates], hidden[kGates];
#pragma unroll
  for (int g = 0; g < kGates; g++) {
    gate[g] = sums[g * h];
    hidden[g] = at_or_zero<V>(p.products, (r * kGates + g) * h + u) + at_or_zero<V>(p.bias, g * h + u);
  }
  V value;
  if constexpr (kGates == 4) {
    V* cell = static_cast<V*>(p.cell) + i;
    gate[0] = sigmoid_of(gate[0] + hidden[0]);
    gate[1] = sigmoid_of(gate[1] + hidden[1]);
    gate[2] = tanh_of(gate[2] + hidden[2]);
    gate[3] = sigmoid_of(gate[3] + hidden[3]);
    const V c = gate[1] * *cell + gate[0] * gate[2];
    *cell = c;
    if (p.kept) static_cast<V*>(p.state)[row * h + u] = c;
    value = gate[3] * tanh_of(c);
  } else if constexpr (kGates == 3) {
    gate[0] = sigmoid_of(gate[0] + hidden[0]);
    gate[1] = sigmoid_of(gate[1] + hidden[1]);
    gate[2] = tanh_of(gate[2] + gate[0] * hidden[2]);
    if (p.kept) static_cast<V*>(p.state)[row * h + u] = hidden[2];
    value = gate[2] + gate[1] * (static_cast<const V*>(p.h)[i] - gate[2]);
  } else {
    const V sum = gate[0] + hidden[0];
    value = p.relu ? (sum < V(0) ? V(0) : sum) : tanh_of(sum);
  }
  if (p.kept) {
#pragma unroll
    for (int g = 0; g < kGates; g++) sums[g * h] = gate[g];
  }
  if (p.full) {
    static_cast<V*>(p.full)[i] = value;
  } else {
    static_cast<V*>(p.h)[i] = value;
    static_cast<V*>(p.y)[row * h + u] = value;
  }
}

template <class V, int kGates>
SINTER_DEVICE void unstep_cells(const CellBackward& p) {
  constexpr int kGradients = kGates == 1 ? 1 : 4;
  const int64_t i = thread_of_grid(), r = quotient(i, p.hidden), h = p.hidden.size, u = i - r * h;
  if (r >= p.step.batch) return;
  V* a = p.a ? static_cast<V*>(p.a) + r * kGates * h + u : nullptr;
  V d[kGradients] = {};
  if (r < rows_of(p.step, p.step.at)) {
    const int64_t row = first_of(p.step, p.step.at) + r, at = row * h + u;
    const V* gates = static_cast<const V*>(p.gates) + row * kGates * h + u;
    V gate[kGates];
#pragma unroll
    for (int g = 0; g < kGates; g++) gate[g] = gates[g * h];
    const V gh = static_cast<const V*>(p.of_h)[i] + at_or_zero<V>(p.gy, at);
    V past = 0, carry = 0;
    if constexpr (kGates > 1) {
      const bool inside = p.step.before >= 0 && r < rows_of(p.step, p.step.before);
      past = inside ? static_cast<const V*>(p.memory)[(first_of(p.step, p.step.before) + r) * h + u]
                    : at_or_zero<V>(p.begin, i);
    }
    if constexpr (kGates == 4) {
      V* gc = static_cast<V*>(p.gc) + i;
      const V t = tanh_of(static_cast<const V*>(p.state)[at]), of_c = *gc + gh * gate[3] * (V(1) - t * t);
      d[0] = of_c * gate[2] * gate[0] * (V(1) - gate[0]);
      d[1] = of_c * past * gate[1] * (V(1) - gate[1]);
      d[2] = of_c * gate[0] * (V(1) - gate[2] * gate[2]);
      d[3] = gh * t * gate[3] * (V(1) - gate[3]);
      *gc = of_c * gate[1];
      if (p.full) static_cast<V*>(p.full)[at] = gate[3] * t;
    } else if constexpr (kGates == 3) {
      d[3] = gh * (V(1) - gate[1]) * (V(1) - gate[2] * gate[2]);
      d[2] = gh * (past - gate[2]) * gate[1] * (V(1) - gate[1]);
      d[1] = d[3] * static_cast<const V*>(p.state)[at] * gate[0] * (V(1) - gate[0]);
      d[0] = d[3] * gate[0];
      carry = gh * gate[1];
    } else {
      d[0] = p.relu ? (gate[0] > V(0) ? gh : V(0)) : gh * (V(1) - gate[0] * gate[0]);
    }
    if (p.gh) static_cast<V*>(p.gh)[i] = carry;
#pragma unroll
    for (int j = 0; j < kGradients; j++) static_cast<V*>(p.d)[(row * kGradients + j) * h + u] = d[j];
  }
  if (a) {
#pragma unroll
    for (int g = 0; g < kGates; g++) a[g * h] = d[g];
  }
}

template <class V, bool kForward>
SINTER_DEVICE void project(const Projection& p) {
  const int64_t i = thread_of_grid(), r = quotient(i, p.width);
  if (r >= p.step.batch) return;
  V *from = static_cast<V*>(p.from) + i, *h = static_cast<V*>(p.h) + i;
  const bool present = r < rows_of(p.step, p.step.at);
  const int64_t at = first_of(p.step, p.step.at) * p.width.size + i;
  if constexpr (kForward) {
    if (present) *h = static_cast<V*>(p.y)[at] = *from;
  } else {
    *from = present ? *h + at_or_zero<V>(p.gy, at) : V(0);
    if (!present) return;
    static_cast<V*>(p.y)[at] = *from;
    *h = 0;
  }
}

#define SINTER_RECURRENT_KERNEL(name, Parameters, ...)                                                         \
  extern "C" __global__ void __launch_bounds__(kRecurrentThreads) name(const __grid_constant__ Parameters p) { \
    __VA_ARGS__(p);                                                                                            \
  }
#define SINTER_RECURRENT(V)                                                     \
  SINTER_RECURRENT_KERNEL(lstm_##V, CellForward, step_cells<V, 4>)              \
  SINTER_RECURRENT_KERNEL(gru_##V, CellForward, step_cells<V, 3>)               \
  SINTER_RECURRENT_KERNEL(plain_##V, CellForward, step_cells<V, 1>)             \
  SINTER_RECURRENT_KERNEL(lstm_backward_##V, CellBackward, unstep_cells<V, 4>)  \
  SINTER_RECURRENT_KERNEL(gru_backward_##V, CellBackward, unstep_cells<V, 3>)   \
  SINTER_RECURRENT_KERNEL(plain_backward_##V, CellBackward, unstep_cells<V, 1>) \
  SINTER_RECURRENT_KERNEL(projection_##V, Projection, project<V, true>)         \
  SINTER_RECURRENT_KERNEL(projection_backward_##V, Projection, project<V, false>)
SINTER_RECURRENT(f32)
SINTER_RECURRENT(f64)

}  // namespace sinter::cuda
