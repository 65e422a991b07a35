// Products of bytes, exact in i32, with what linear layers make of them. Place in the whole: device code of bytes.cpp.
#include "cuda/kernels/gemm/bytes.h"
#include "cuda/kernels/gemm/mma.cuh"

namespace sinter::cuda {

// What is put where the sums are of bytes. A thread takes four neighbours' loads from the slab, and stores them one by one where results
// do not begin at multiples of four.
template <class S>
struct FinishBytes {
  static constexpr int kPack = 4;
  const ByteEpilogue& then;
  const Target<S>& to;

  SINTER_DEVICE bool packs() const { return to.n % kPack == 0; }

  SINTER_DEVICE int32_t exact(int32_t sum, int64_t row, int64_t column, int64_t item) const {
    const ByteZeros &a = then.a, &b = then.b;
    const uint32_t za = a.values ? a.values[row * a.step] : a.value,
                   zb = b.values ? b.values[column * b.step] : b.value;
    uint32_t x = sum;
    if (b.sums) x -= za * b.sums[item * b.sums_of_an_item + column];
    if (a.sums) x -= zb * a.sums[item * a.sums_of_an_item + row];
    return static_cast<int32_t>(x + za * zb * static_cast<uint32_t>(then.k));
  }
  SINTER_DEVICE float number(int32_t sum, int64_t row, int64_t column) const {
    const float scale = then.column_scales[column * then.column_step];
    float x = static_cast<float>(sum) * (scale * (then.row_scales ? then.row_scales[row] : then.row_scale));
    if (then.bias)
      x += then.bias_is_bf16 ? widen(static_cast<const bf16*>(then.bias)[column])
                             : static_cast<const float*>(then.bias)[column];
    return then.activation ? activation_of(then.activation, x) : x;
  }
  SINTER_DEVICE int32_t byte(float x) const {
    const float q = x * then.inverse;
    return __float2int_rn(fmaxf(fminf(q == q ? q : 0.f, then.high), then.low)) + then.zero;
  }

  template <int N>
  SINTER_DEVICE void operator()(Pack<int32_t, N>& x, int64_t row, int64_t column) const {
    const int64_t item = to.item_row / to.m, at = (to.item_row + row) * to.n + column;
#pragma unroll
    for (int i = 0; i < N; i++) x.at[i] = exact(x.at[i], row, column + i, item);
    void* y = to.y;  // of the result's type, whatever S is
    if (then.result == ByteResult::i32) return put<N>(static_cast<int32_t*>(y) + at, [&](int i) { return x.at[i]; });
    float numbers[N];
#pragma unroll
    for (int i = 0; i < N; i++) numbers[i] = number(x.at[i], row, column + i);
    if (then.result == ByteResult::f32) return put<N>(static_cast<float*>(y) + at, [&](int i) { return numbers[i]; });
    if (then.result == ByteResult::bf16)
      return put<N>(static_cast<bf16*>(y) + at, [&](int i) { return narrow<bf16>(numbers[i]); });
    put<N>(static_cast<u8*>(y) + at, [&](int i) { return static_cast<u8>(byte(numbers[i])); });
  }

  template <int N, class T, class Element>
  static SINTER_DEVICE void put(T* y, Element element) {
    Pack<T, N> pack;
#pragma unroll
    for (int i = 0; i < N; i++) pack.at[i] = element(i);
    if constexpr (sizeof(pack.word) == 1)
      store_pack(y, pack);
    else
      store_global(y, pack.word);
  }
};

template <class S>
SINTER_DEVICE void byte_sums(const ByteSumArgs& args) {
  const int lane = threadIdx.x % 32;
  const int64_t index = (int64_t{blockIdx.x} * kByteSumThreads + threadIdx.x) / 32;
  const int64_t item = index / args.rows;
  if (item >= args.items) return;
  const S* row = static_cast<const S*>(args.data) + (index - item * args.rows) * args.ld;
  uint32_t rest = static_cast<uint32_t>(item);
#pragma unroll 1
  for (int d = 0; d < args.batch_rank; d++) {
    const uint32_t next = rest / args.batch_dims[d];
    row += (rest - next * args.batch_dims[d]) * args.strides[d];
    rest = next;
  }
  int32_t sum = 0;
#pragma unroll 1
  for (int64_t k = lane * 16; k < args.k; k += 32 * 16) {
    if (k + 16 <= args.k) {
      const Pack<S, 16> pack = load_pack_constant<16>(row + k);
#pragma unroll
      for (int e = 0; e < 16; e++) sum += pack.at[e];
    } else {
#pragma unroll 1
      for (int64_t e = k; e < args.k; e++) sum += row[e];
    }
  }
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, distance);
  if (lane == 0) args.sums[index] = sum;
}

// A row of numbers as bytes q, x = scale (q - zero), 0 <= q <= top, as ONNX's DynamicQuantizeLinear has it; a block a row. A row with a
// NaN or an infinity gets the scale NaN and zeros.
template <class S>
SINTER_DEVICE void quantize_rows(const S* x, u8* q, float* scales, int32_t* zeros, int32_t* sums, int64_t k, int64_t ld,
                                 float top) {
  __shared__ float lows[kQuantizeThreads / 32], highs[kQuantizeThreads / 32];
  __shared__ int32_t odd[kQuantizeThreads / 32];
  const S* row = x + int64_t{blockIdx.x} * k;
  u8* out = q + int64_t{blockIdx.x} * ld;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  float low = 0, high = 0;
  int32_t bad = 0;
#pragma unroll 4
  for (int64_t i = threadIdx.x; i < k; i += kQuantizeThreads) {
    const float v = widen(row[i]);
    bad |= !(fabsf(v) <= 3.402823466e38f);
    low = fminf(low, v);
    high = fmaxf(high, v);
  }
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    low = fminf(low, __shfl_xor_sync(0xffffffffu, low, distance));
    high = fmaxf(high, __shfl_xor_sync(0xffffffffu, high, distance));
    bad |= __shfl_xor_sync(0xffffffffu, bad, distance);
  }
  if (lane == 0) {
    lows[warp] = low;
    highs[warp] = high;
    odd[warp] = bad;
  }
  __syncthreads();
#pragma unroll
  for (int w = 0; w < kQuantizeThreads / 32; w++) {
    low = fminf(low, lows[w]);
    high = fmaxf(high, highs[w]);
    bad |= odd[w];
  }
  __syncthreads();
  float scale = high / top - low / top;
  if (!(scale >= 1.17549435e-38f)) {
    scale = 1;
    low = 0;
  }
  const float zero = bad ? 0.f : rintf(fminf(top, -low / scale)), inverse = 1.0f / scale;
  int32_t sum = 0;
#pragma unroll 4
  for (int64_t i = threadIdx.x; i < ld; i += kQuantizeThreads) {
    float byte = 0;
    if (i < k && !bad) byte = fminf(fmaxf(rintf(widen(row[i]) * inverse) + zero, 0.f), top);
    out[i] = static_cast<u8>(byte);
    sum += static_cast<int32_t>(byte);
  }
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, distance);
  if (lane == 0) odd[warp] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    int32_t total = 0;
#pragma unroll
    for (int w = 0; w < kQuantizeThreads / 32; w++) total += odd[w];
    sums[blockIdx.x] = total;
    scales[blockIdx.x] = bad ? __int_as_float(0x7fffffff) : scale;
    zeros[blockIdx.x] = static_cast<int32_t>(zero);
  }
}

}  // namespace sinter::cuda

#define SINTER_BYTE_PRODUCT(S, tile, rows, columns, warp_rows, warp_columns, stages, blocks)                       \
  extern "C" __global__ void __launch_bounds__(                                                                    \
      ::sinter::cuda::TensorProduct<::sinter::cuda::S, rows, columns, warp_rows, warp_columns, stages, true, true, \
                                    false>::kThreads,                                                              \
      blocks) gemm_##S##_##tile(const __grid_constant__ ::sinter::cuda::ByteArgs args) {                           \
    ::sinter::cuda::TensorProduct<::sinter::cuda::S, rows, columns, warp_rows, warp_columns, stages, true, true,   \
                                  false>::run<::sinter::cuda::FinishBytes<::sinter::cuda::S>>(args.product,        \
                                                                                              args.then);          \
  }
#define SINTER_BYTE_KERNELS(S)                                                  \
  SINTER_BYTE_PRODUCT(S, large, 128, 128, 64, 64, 3, 2)                         \
  SINTER_BYTE_PRODUCT(S, small, 64, 64, 64, 32, 4, 6)                           \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kByteSumThreads) \
      byte_sums_##S(const __grid_constant__ ::sinter::cuda::ByteSumArgs args) { \
    ::sinter::cuda::byte_sums<::sinter::cuda::S>(args);                         \
  }
SINTER_BYTE_KERNELS(u8)
SINTER_BYTE_KERNELS(i8)

#define SINTER_QUANTIZE_ROWS(S)                                                                           \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kQuantizeThreads)                          \
      quantize_rows_##S(const ::sinter::cuda::S* x, ::sinter::cuda::u8* q, float* scales, int32_t* zeros, \
                        int32_t* sums, int64_t k, int64_t ld, float top) {                                \
    ::sinter::cuda::quantize_rows<::sinter::cuda::S>(x, q, scales, zeros, sums, k, ld, top);              \
  }
SINTER_QUANTIZE_ROWS(f32)
SINTER_QUANTIZE_ROWS(bf16)
