// weightOnlyLinear and weightOnlyLinearBackward. Place in the whole: host side of weight_only.cu; contracts as in
// native/cpu/quant/groups_linear.cpp.
#include "cuda/kernels/quant/weight_only.h"

#include <algorithm>

#include "cpu/rounding.h"
#include "cuda/kernels/gemm/product.h"
#include "cuda/kernels/pointwise/move.h"
#include "cuda/kernels/quant/grouped.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_weight_only;

namespace {

// [8 bits][bf16]
constinit Kernel few[][2] = {{{image_weight_only, "weight_few_4_f32"}, {image_weight_only, "weight_few_4_bf16"}},
                             {{image_weight_only, "weight_few_8_f32"}, {image_weight_only, "weight_few_8_bf16"}}};
constinit Kernel many[][2] = {{{image_weight_only, "weight_many_4_f32"}, {image_weight_only, "weight_many_4_bf16"}},
                              {{image_weight_only, "weight_many_8_f32"}, {image_weight_only, "weight_many_8_bf16"}}};

int type_index(const char* op, DType dtype) {
  if (dtype != DType::f32 && dtype != DType::bf16)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda; convert with .to('f32')", op,
         dtype_name(dtype));
  return dtype == DType::bf16;
}

}  // namespace

SINTER_CUDA_OP(weightOnlyLinear) {
  const TensorRef &x = call.in[0], &y = call.out[0], bias = call.opt(4);
  if (y.numel == 0) return;
  const int type = type_index("weightOnlyLinear", y.dtype), wide = call.int_attr(0) == 8;
  WeightOnly args{};
  args.w = read_groups(call, 1, y.dims[1], x.dims[1]);
  args.x = x.data, args.y = y.data, args.bias = bias.present() ? bias.data : nullptr;
  args.m = y.dims[0];
  args.activation = static_cast<int32_t>(call.int_attr(2));
  const bool is_few = args.m <= kWeightFewRows;
  args.row_blocks = is_few ? 1 : static_cast<uint32_t>(ceil_div(args.m, kWeightRows[type]));
  args.column_blocks = static_cast<uint32_t>(ceil_div(args.w.out, is_few ? kGroupPanel : kGroupPanel * kWeightPanels));

  // The inputs are cut where there are fewer blocks than a device runs at a time, as long as a part is some rounds of its block.
  const int64_t blocks = int64_t{args.row_blocks} * args.column_blocks;
  const int64_t least = is_few ? kWeightFewThreads / 32 * kWeightChunk : 4 * kWeightChunk;
  int64_t parts = std::clamp<int64_t>(2 * std::max(1, device_of(call).multiprocessors) / blocks, 1,
                                      std::max<int64_t>(1, args.w.in / least));
  const int64_t depth = ceil_div(ceil_div(args.w.in, parts), kWeightChunk) * kWeightChunk;
  parts = ceil_div(args.w.in, depth);
  args.part_depth = static_cast<int32_t>(depth);
  if (parts > 1) args.partial = call.scratch_of<float>(parts * y.numel);
  const Dim threads(is_few ? kWeightFewThreads : kWeightThreads);
  launch(call, is_few ? few[wide][type] : many[wide][type], Dim(blocks * parts), threads, 0, args);
  if (parts == 1) return;
  GemmEpilogue then;
  then.bias = args.bias, then.bias_stride = 1;
  then.activation = args.activation;
  finish_parts(call, y.dtype, args.partial, y.data, args.m, args.w.out, parts, then);
}

// gx = g W, by decoding W. bf16 has too few digits for a weight: W is the sum of two matrices, one below the other, and g stands beside
// itself.
SINTER_CUDA_OP(weightOnlyLinearBackward) {
  const TensorRef &g = call.in[0], &gx = call.out[0];
  if (gx.numel == 0) return;
  const bool is_bf16 = type_index("weightOnlyLinearBackward", g.dtype);
  const int64_t m = g.dims[0], out = g.dims[1], in = gx.dims[1], size = static_cast<int64_t>(dtype_size(g.dtype));
  const GroupedWeight w = read_groups(call, 1, out, in);
  const int64_t copies = is_bf16 ? 2 : 1;
  char* matrix = call.scratch_of<char>(copies * out * in * size);
  dequantize(call, w, g.dtype, matrix, is_bf16 ? matrix + out * in * size : nullptr);
  Product p{};
  p.dtype = g.dtype;
  p.m = m, p.n = in, p.k = copies * out;
  p.a = g.data, p.rsa = out, p.csa = 1;
  p.b = matrix, p.rsb = in, p.csb = 1;
  p.y = gx.data;
  if (is_bf16) {
    // (m, 2, out), rows at multiples of 16 bytes
    const int64_t row = ceil_div(2 * out, 8) * 8;
    const int64_t dims[3] = {m, 2, out}, from[3] = {out, 0, 1}, to[3] = {row, out, 1};
    TensorRef source = g, twice = g;
    source.dims = twice.dims = dims;
    source.strides = from, twice.strides = to;
    source.rank = twice.rank = 3;
    source.numel = twice.numel = 2 * m * out;
    source.contiguous = twice.contiguous = false;
    twice.data = call.scratch(static_cast<size_t>(m * row * size));
    copy_to(call, twice, source);
    p.a = twice.data, p.rsa = row;
  }
  p.ieee = true;
  run_product(call, p);
}

}  // namespace sinter::cuda
