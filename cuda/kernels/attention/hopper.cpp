#include "cuda/kernels/attention/hopper.h"

#include <algorithm>

#include "cuda/kernels/attention/hopper_run.h"

namespace sinter::cuda {

extern const Image image_attention_hopper_bf16_sm90a;
extern const Image image_attention_hopper_f16_sm90a;

namespace {

// By half, then width 64 or 128.
constinit Kernel kernels[2][2] = {{{image_attention_hopper_bf16_sm90a, "attention_hopper_bf16_64"},
                                   {image_attention_hopper_bf16_sm90a, "attention_hopper_bf16_128"}},
                                  {{image_attention_hopper_f16_sm90a, "attention_hopper_f16_64"},
                                   {image_attention_hopper_f16_sm90a, "attention_hopper_f16_128"}}};

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

}  // namespace

bool run_hopper_attention(const Call& call, DType dtype, const AttentionArgs& args) {
  const int64_t width = std::max(args.d, args.e), heads = args.h / args.group;
  // Of fewer queries a warpgroup would have none; sequences and pages are found row by row.
  if (device_of(call).capability() != 90 || width > 128 || args.t <= kHopperQueries / 2 || args.s == 0 || args.d == 0 ||
      args.e == 0 || args.sequences >= 0 || args.table.data || args.lengths.data)
    return false;
  if (!is_mapped(args.q, args.b, args.h, args.t, args.d) || !is_mapped(args.k, args.b, heads, args.s, args.d) ||
      !is_mapped(args.v, args.b, heads, args.s, args.e))
    return false;
  HopperAttentionArgs all{};
  all.all = args;
  set_blocks(all.all, false, kHopperQueries, 1, 1);
  all.q = map_of(args.q, dtype, args.b, args.h, args.t, args.d, kHopperQueries);
  all.k = map_of(args.k, dtype, args.b, heads, args.s, args.d, kHopperKeys);
  all.v = map_of(args.v, dtype, args.b, heads, args.s, args.e, kHopperKeys);
  const int index = width <= 64 ? 0 : 1;
  launch(call, kernels[dtype == DType::bf16 ? 0 : 1][index], Dim(block_count(all.all, false)),
         Dim(kHopperAttentionThreads), static_cast<uint32_t>(hopper_attention_shared(index ? 128 : 64)), all);
  return true;
}

}  // namespace sinter::cuda
