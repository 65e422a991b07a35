// Products of bytes on CUDA. Place in the whole: entry points intMatmul, packInt8, unpackInt8, dynamicQuantizedLinear and
// quantizedLinear of the operator table; native/ops.def says what they take. Exact in i32 on tensor cores, whose operands must lie along
// k: what does not is copied first.
//
// packInt8's form here: (n, k), rows at multiples of 16 bytes.
#include "cuda/kernels/gemm/bytes.h"

#include <algorithm>
#include <limits>

#include "cuda/kernels/gemm/product.h"
#include "cuda/kernels/gemm/tiles.h"
#include "cuda/kernels/pointwise/move.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_gemm_bytes;

namespace {

constinit Kernel sums_u8{image_gemm_bytes, "byte_sums_u8"};
constinit Kernel sums_i8{image_gemm_bytes, "byte_sums_i8"};
constinit Kernel quantize_f32{image_gemm_bytes, "quantize_rows_f32"};
constinit Kernel quantize_bf16{image_gemm_bytes, "quantize_rows_bf16"};

const ProductBatch kNoBatch{};

int64_t packed_row(int64_t k) { return (k + 15) / 16 * 16; }

// The sums along k of an operand's rows, of every item of the batch.
int32_t* row_sums(const Call& call, DType dtype, const Operand& operand, int64_t rows, int64_t k,
                  const ProductBatch& batch, int32_t* to = nullptr) {
  const int64_t items = batch.count();
  if (!to) to = call.scratch_of<int32_t>(items * rows);
  ByteSumArgs args{};
  args.data = operand.data;
  args.sums = to;
  args.rows = rows, args.k = k, args.ld = operand.ld;
  args.items = static_cast<uint32_t>(items);
  args.batch_rank = batch.rank;
  for (int i = 0; i < batch.rank; i++) {
    args.batch_dims[i] = static_cast<uint32_t>(batch.dims[batch.rank - 1 - i]);
    args.strides[i] = operand.strides[batch.rank - 1 - i];
  }
  constexpr int64_t kRows = kByteSumThreads / 32;
  launch(call, dtype == DType::u8 ? sums_u8 : sums_i8, Dim((items * rows + kRows - 1) / kRows), Dim(kByteSumThreads), 0,
         args);
  return to;
}

void multiply(const Call& call, DType dtype, const Operand& a, const Operand& b, const ProductBatch& batch, int64_t m,
              int64_t n, int64_t k, void* y, const ByteEpilogue& then) {
  if (k > INT32_MAX)
    fail(ErrorCode::unsupported, "a sum of %lld products of bytes, at most 2^31 - 1 on cuda",
         static_cast<long long>(k));
  const TileDemand::Size size{m, n, k, batch.count()};
  const TileKernel tile = choose_tile(call, {dtype, true, true, true, &size, 1, false}).tile;
  ByteArgs args;
  args.product.one = {a.data, b.data, y, m, n, k, a.ld, b.ld, 0};
  args.product.tiles = static_cast<uint32_t>(tile.tiles(m, n));
  set_batch(args.product, batch, a, b);
  args.then = then;
  args.then.k = static_cast<int32_t>(k);
  launch(call, *tile.kernel, Dim(tile.tiles(m, n) * size.count), Dim(tile.threads), 0, args);
}

// Of intMatmul: a tensor () or one value a row, or a number.
ByteZeros read_zeros(const TensorRef& zeros, double otherwise) {
  ByteZeros z{};
  if (zeros.present()) {
    z.values = zeros.as<int32_t>();
    z.step = zeros.rank == 0 || zeros.dims[0] == 1 ? 0 : zeros.strides[0];
  } else {
    z.value = static_cast<int32_t>(otherwise);
  }
  return z;
}
bool any(const ByteZeros& z) { return z.values || z.value != 0; }

// packed, sums, scales, zeros?, bias? -> the layer's part of an epilogue.
ByteEpilogue read_layer(const Call& call) {
  const TensorRef &scales = call.in[3], &zeros = call.opt(4), &bias = call.opt(5);
  ByteEpilogue then{};
  then.b.sums = call.in[2].as<int32_t>();
  if (zeros.present()) {
    then.b.values = zeros.as<int32_t>();
    then.b.step = 1;
  }
  then.column_scales = scales.as<float>();
  then.column_step = scales.numel == 1 ? 0 : 1;
  if (bias.present()) {
    then.bias = bias.data;
    then.bias_is_bf16 = bias.dtype == DType::bf16;
  }
  then.activation = static_cast<int32_t>(call.int_attr(0));
  switch (call.out[0].dtype) {
    case DType::u8: then.result = ByteResult::u8; break;
    case DType::i8: then.result = ByteResult::i8; break;
    case DType::bf16: then.result = ByteResult::bf16; break;
    case DType::f32: then.result = ByteResult::f32; break;
    default:
      fail(ErrorCode::unsupported, "a linear layer of bytes with results of %s is not supported on cuda",
           dtype_name(call.out[0].dtype));
  }
  return then;
}
Operand packed_operand(const Call& call, int64_t k) { return {call.in[1].data, true, packed_row(k), 16, {}}; }

}  // namespace

// a (..., m, k), b (..., k, n), aZero?, bZero? -> y {flags, aZero, bZero}
SINTER_CUDA_OP(intMatmul) {
  const TensorRef &a = call.in[0], &b = call.in[1], &y = call.out[0];
  if (y.numel == 0) return;
  ByteEpilogue then{};
  then.a = read_zeros(call.opt(2), call.attr[1]);
  then.b = read_zeros(call.opt(3), call.attr[2]);
  // Zero points are by row of an item, so items stay what they are.
  const Product p = read_product(a, b, y, call.int_attr(0), !then.a.values);
  const Operand left = read_operand(call, a.dtype, p.a, p.m, p.k, p.rsa, p.csa, p.batch, p.batch.a_strides, true);
  const Operand right = read_operand(call, b.dtype, p.b, p.n, p.k, p.csb, p.rsb, p.batch, p.batch.b_strides, true);
  if (any(then.a)) {
    then.b.sums = row_sums(call, b.dtype, right, p.n, p.k, p.batch);
    then.b.sums_of_an_item = p.n;
  }
  if (any(then.b)) {
    then.a.sums = row_sums(call, a.dtype, left, p.m, p.k, p.batch);
    then.a.sums_of_an_item = p.m;
  }
  then.result = ByteResult::i32;
  multiply(call, a.dtype, left, right, p.batch, p.m, p.n, p.k, y.data, then);
}

// w (n, k) -> packed, sums
SINTER_CUDA_OP(packInt8) {
  const TensorRef &w = call.in[0], &packed = call.out[0], &sums = call.out[1];
  const int64_t n = w.dim(0), k = w.dim(1);
  if (n * packed_row(k) > packed.numel || n > sums.numel)
    fail(ErrorCode::internal, "packInt8: no room for %lld x %lld", static_cast<long long>(n),
         static_cast<long long>(k));
  if (packed.numel > 0) set_bytes(call, packed.data, 0, static_cast<size_t>(packed.numel));
  if (sums.numel > 0) set_bytes(call, sums.data, 0, static_cast<size_t>(sums.numel) * sizeof(int32_t));
  if (w.numel == 0) return;
  const int64_t strides[2] = {packed_row(k), 1};
  TensorRef rows = packed;
  rows.dims = w.dims, rows.strides = strides, rows.rank = 2, rows.numel = w.numel, rows.contiguous = false;
  copy_to(call, rows, w);
  row_sums(call, DType::i8, {packed.data, true, strides[0], 16, {}}, n, k, kNoBatch, sums.as<int32_t>());
}

// packed -> w (n, k)
SINTER_CUDA_OP(unpackInt8) {
  const TensorRef &packed = call.in[0], &w = call.out[0];
  if (w.numel == 0) return;
  const int64_t strides[2] = {packed_row(w.dim(1)), 1};
  TensorRef rows = packed;
  rows.dims = w.dims, rows.strides = strides, rows.rank = 2, rows.numel = w.numel, rows.contiguous = false;
  copy_to(call, w, rows);
}

// x (m, k), packed, sums, scales, zeros?, bias? -> y (m, n) {activation, top}
SINTER_CUDA_OP(dynamicQuantizedLinear) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  if (y.numel == 0) return;
  if (x.dtype != DType::f32 && x.dtype != DType::bf16)
    fail(ErrorCode::unsupported, "dynamicQuantizedLinear: dtype %s is not supported on cuda", dtype_name(x.dtype));
  const int64_t m = x.dim(0), k = x.dim(1), ld = packed_row(k);
  uint8_t* q = call.scratch_of<uint8_t>(std::max<int64_t>(1, m * ld));
  float* scales = call.scratch_of<float>(m);
  int32_t* zeros = call.scratch_of<int32_t>(m);
  int32_t* sums = call.scratch_of<int32_t>(m);
  launch(call, x.dtype == DType::f32 ? quantize_f32 : quantize_bf16, Dim(m), Dim(kQuantizeThreads), 0,
         static_cast<const void*>(x.data), q, scales, zeros, sums, k, ld, static_cast<float>(call.attr[1]));
  ByteEpilogue then = read_layer(call);
  then.a.values = zeros;
  then.a.step = 1;
  then.a.sums = then.b.values ? sums : nullptr;
  then.row_scales = scales;
  multiply(call, DType::u8, {q, true, ld, 16, {}}, packed_operand(call, k), kNoBatch, m, y.dim(1), k, y.data, then);
}

// x (m, k), packed, sums, scales, zeros?, bias? -> y (m, n) {activation, scale, zero, outScale, outZero}
SINTER_CUDA_OP(quantizedLinear) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  if (y.numel == 0) return;
  const int64_t m = x.dim(0), k = x.dim(1);
  const Operand rows = read_operand(call, x.dtype, x.data, m, k, x.strides[0], x.strides[1], kNoBatch, nullptr, true);
  ByteEpilogue then = read_layer(call);
  then.a.value = static_cast<int32_t>(call.attr[2]);
  if (then.b.values) then.a.sums = row_sums(call, x.dtype, rows, m, k, kNoBatch);
  then.row_scale = static_cast<float>(call.attr[1]);
  if (y.dtype == DType::u8 || y.dtype == DType::i8) {
    const int least = y.dtype == DType::u8 ? 0 : -128, most = least + 255;
    then.inverse = 1.0f / static_cast<float>(call.attr[3]);
    then.low = static_cast<float>(least - call.attr[4]);
    then.high = static_cast<float>(most - call.attr[4]);
    then.zero = static_cast<int32_t>(call.attr[4]);
  }
  multiply(call, x.dtype, rows, packed_operand(call, k), kNoBatch, m, y.dim(1), k, y.data, then);
}

}  // namespace sinter::cuda
