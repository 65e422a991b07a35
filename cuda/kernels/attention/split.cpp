#include "cuda/kernels/attention/split.h"

#include <algorithm>

#include "cuda/kernels/attention/parts.h"

namespace sinter::cuda {

extern const Image image_attention_parts;

namespace {

constinit Kernel combines[] = {{image_attention_parts, "attention_combine_f32"},
                               {image_attention_parts, "attention_combine_f64"},
                               {image_attention_parts, "attention_combine_bf16"},
                               {image_attention_parts, "attention_combine_f16"}};

constexpr int64_t kPartKeys = 64;        // parts are of multiples of this: of every kernel's tile
constexpr int64_t kLeastPartKeys = 256;  // fewer are not worth a part's start, and what it writes
constexpr int64_t kBlocksWanted = 2;     // for each multiprocessor: what it holds at a time

}  // namespace

void join_heads(AttentionArgs& args) {
  // The only query stands at the last key, and so sees all of them.
  const bool sees_all = args.left < 0 && (args.right < 0 || !args.first_place);
  if (args.group == 1 || args.t != 1 || !sees_all || args.slopes || args.sequences >= 0) return;
  const int32_t group = args.group;
  for (HeadRows* x : {&args.q, &args.y}) {
    x->row = x->head;
    x->head *= group;
  }
  args.mask_strides[2] = args.mask_strides[1];
  args.mask_strides[1] *= group;
  args.h /= group, args.t = group, args.group = 1;
  args.right = -1;
}

SplitKeys::SplitKeys(const Call& call, DType dtype, AttentionArgs& args)
    : call_(call), dtype_(dtype), args_(args), y_(args.y), lse_(args.lse) {
  const int64_t blocks = block_count(args, false);
  const int64_t wanted = kBlocksWanted * std::max(1, device_of(call).multiprocessors);
  if (args.sequences >= 0 || blocks == 0 || args.e == 0) return;
  const int64_t most = std::min<int64_t>({args.s / kLeastPartKeys, wanted / blocks, kMostParts});
  if (most < 2) return;
  const int64_t keys = ((args.s + most - 1) / most + kPartKeys - 1) / kPartKeys * kPartKeys;
  args.part_keys = static_cast<int32_t>(keys);
  args.parts = static_cast<uint32_t>((args.s + keys - 1) / keys);
  const int64_t rows = int64_t{args.b} * args.h * args.t;
  args.part_lse = rows, args.part_y = rows * args.e;
  const size_t size = dtype == DType::f64 ? 8 : 4;
  args.lse = call.scratch(static_cast<size_t>(args.parts * args.part_lse) * size);
  args.y =
      result_rows(call.scratch(static_cast<size_t>(args.parts * args.part_y) * size), args.h, args.t, args.e, false);
}

void SplitKeys::combine() const {
  if (args_.parts == 1) return;
  const CombineArgs all{
      y_, lse_, args_.y.data, args_.lse, args_.part_lse, args_.h, args_.t, args_.e, static_cast<int32_t>(args_.parts)};
  launch(call_, combines[static_cast<int>(dtype_)], Dim((all.rows + kDeltaThreads / 32 - 1) / (kDeltaThreads / 32)),
         Dim(kDeltaThreads), 0, all);
}

}  // namespace sinter::cuda
