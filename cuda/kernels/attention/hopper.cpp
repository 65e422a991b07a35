#include "cuda/kernels/attention/hopper.h"

#include <algorithm>

#include "cuda/kernels/attention/hopper_run.h"

namespace sinter::cuda {

extern const Image image_attention_hopper_bf16_sm90a;
extern const Image image_attention_hopper_f16_sm90a;
extern const Image image_attention_hopper_backward_bf16_sm90a;
extern const Image image_attention_hopper_backward_f16_sm90a;

namespace {

// By half, then width 64 or 128.
using Kernels = Kernel[2][2];
#define SINTER_KERNELS(image, name)                                          \
  {{image_attention_hopper_##image##_sm90a, "attention_hopper_" name "_64"}, \
   {image_attention_hopper_##image##_sm90a, "attention_hopper_" name "_128"}}
constinit Kernels forward = {SINTER_KERNELS(bf16, "bf16"), SINTER_KERNELS(f16, "f16")};
constinit Kernels queries = {SINTER_KERNELS(backward_bf16, "queries_bf16"),
                             SINTER_KERNELS(backward_f16, "queries_f16")};
constinit Kernels keys = {SINTER_KERNELS(backward_bf16, "keys_bf16"), SINTER_KERNELS(backward_f16, "keys_f16")};
#undef SINTER_KERNELS

// Whether a tensor map can be made of an operand: dimensions of more than one do not repeat, rows do not overlap.
bool is_mapped(const HeadRows& x, int64_t b, int64_t h, int64_t rows, int64_t width) {
  const auto fits = [](int64_t n, int64_t stride, int64_t least) {
    return n == 1 || (stride >= least && stride * 2 < static_cast<int64_t>(kMostTensorStride));
  };
  return fits(b, x.batch, 1) && fits(h, x.head, 1) && fits(rows, x.row, width);
}

// Boxes of `box` rows; x is aligned to 16 bytes (align_operands).
TensorMap map_of(const HeadRows& x, DType dtype, int64_t b, int64_t h, int64_t rows, int64_t width, int box) {
  TensorBoxes boxes;
  boxes.data = x.data;
  boxes.bf16 = dtype == DType::bf16;
  const int64_t dims[4] = {width, rows, h, b}, strides[3] = {x.row, x.head, x.batch};
  for (int i = 0; i < 4; i++) boxes.dims[i] = static_cast<uint64_t>(dims[i]);
  for (int i = 0; i < 3; i++)
    if (dims[i + 1] > 1) boxes.strides[i] = static_cast<uint64_t>(strides[i]) * 2;
  boxes.rows = static_cast<uint32_t>(box);
  return make_tensor_map(boxes);
}

// Whether the kernels can; of no more own rows than half a block's a warpgroup would have none, and sequences and pages are found row by row.
bool takes_hopper(const Call& call, const AttentionArgs& args, int64_t own) {
  if (device_of(call).capability() != 90 || std::max(args.d, args.e) > 128 || own <= kHopperOwnRows / 2 ||
      args.t == 0 || args.s == 0 || args.d == 0 || args.e == 0 || args.sequences >= 0 || args.table.data ||
      args.lengths.data)
    return false;
  const int64_t heads = args.h / args.group;
  return is_mapped(args.q, args.b, args.h, args.t, args.d) && is_mapped(args.k, args.b, heads, args.s, args.d) &&
         is_mapped(args.v, args.b, heads, args.s, args.e);
}
int width_index(const AttentionArgs& args) { return std::max(args.d, args.e) <= 64 ? 0 : 1; }

}  // namespace

bool run_hopper_attention(const Call& call, DType dtype, const AttentionArgs& args) {
  if (!takes_hopper(call, args, args.t)) return false;
  const int64_t heads = args.h / args.group;
  HopperAttentionArgs all{};
  all.all = args;
  set_blocks(all.all, false, kHopperOwnRows, 1, 1);
  all.q = map_of(args.q, dtype, args.b, args.h, args.t, args.d, kHopperOwnRows);
  all.k = map_of(args.k, dtype, args.b, heads, args.s, args.d, kHopperKeys);
  all.v = map_of(args.v, dtype, args.b, heads, args.s, args.e, kHopperKeys);
  const int index = width_index(args);
  launch(call, forward[dtype == DType::bf16 ? 0 : 1][index], Dim(block_count(all.all, false)),
         Dim(kHopperAttentionThreads), static_cast<uint32_t>(hopper_attention_shared(index ? 128 : 64)), all);
  return true;
}

bool run_hopper_backward(const Call& call, DType dtype, const AttentionArgs& args, bool own_keys) {
  if (!takes_hopper(call, args, own_keys ? args.s : args.t) || !is_mapped(args.g, args.b, args.h, args.t, args.e))
    return false;
  const int index = width_index(args), width = index ? 128 : 64;
  HopperBackwardArgs all{};
  all.all = args;
  set_blocks(all.all, own_keys, kHopperOwnRows, 1, 1);
  const int64_t heads = args.h / args.group;
  const int of_queries = own_keys ? hopper_backward_tile(width) : kHopperOwnRows;
  const int of_keys = own_keys ? kHopperOwnRows : hopper_backward_tile(width);
  TensorMap(&by_queries)[2] = own_keys ? all.other : all.own;
  TensorMap(&by_keys)[2] = own_keys ? all.own : all.other;
  by_queries[0] = map_of(args.q, dtype, args.b, args.h, args.t, args.d, of_queries);
  by_queries[1] = map_of(args.g, dtype, args.b, args.h, args.t, args.e, of_queries);
  by_keys[0] = map_of(args.k, dtype, args.b, heads, args.s, args.d, of_keys);
  by_keys[1] = map_of(args.v, dtype, args.b, heads, args.s, args.e, of_keys);
  launch(call, (own_keys ? keys : queries)[dtype == DType::bf16 ? 0 : 1][index], Dim(block_count(all.all, own_keys)),
         Dim(kHopperAttentionThreads), static_cast<uint32_t>(hopper_backward_shared(width)), all);
  return true;
}

}  // namespace sinter::cuda
