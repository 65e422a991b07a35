// pagedWrite and pagedAttention. Place in the whole: entry points of the operator table on CUDA; a row's address is all that differs
// from attention over rows (scores.cuh's KeyRows).
#include <algorithm>
#include <cstdio>

#include "cuda/kernels/attention/operands.h"
#include "cuda/kernels/attention/parts.h"
#include "cuda/kernels/attention/run.h"
#include "cuda/kernels/index/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_attention_parts;

namespace {

// By words of 2 to 16 bytes: elements are no smaller.
constinit Kernel paged_writes[] = {{image_attention_parts, "paged_write_2"},
                                   {image_attention_parts, "paged_write_4"},
                                   {image_attention_parts, "paged_write_8"},
                                   {image_attention_parts, "paged_write_16"}};

// Words that rows of a pool and of what goes into it can be moved in, up to 16 bytes.
int64_t word_of(const TensorRef& pool, const TensorRef& x) {
  const auto size = static_cast<int64_t>(dtype_size(pool.dtype));
  if (pool.strides[3] != 1 || x.strides[3] != 1) return size;
  int64_t run = pool.dim(3);
  for (int i = 0; i < 3; i++) run |= pool.strides[i] | x.strides[i];
  return word_bytes(run * size, pool.data, x.data);
}

PagedSide side_of(const TensorRef& pool, const TensorRef& x, int64_t word) {
  const int64_t elements = word / static_cast<int64_t>(dtype_size(pool.dtype));
  PagedSide side{pool.data, x.data, {}, {}};
  for (int i = 0; i < 4; i++) {
    const bool inner = i == 3 && elements > 1;
    side.to[i] = inner ? 1 : pool.strides[i] / elements;
    side.from[i] = inner ? 1 : x.strides[i] / elements;
  }
  return side;
}

}  // namespace

SINTER_CUDA_OP(pagedWrite) {
  const TensorRef &keys = call.in[0], &values = call.in[1], &k = call.in[2], &v = call.in[3], &slots = call.in[4];
  const int64_t word = std::min(word_of(keys, k), word_of(values, v));
  const int64_t elements = word / static_cast<int64_t>(dtype_size(keys.dtype));
  PagedWriteArgs args{};
  args.k = side_of(keys, k, word), args.v = side_of(values, v, word);
  args.slots = indices_of(slots, "pagedWrite");
  std::copy_n(slots.strides, 2, args.slot_strides);
  args.hk = k.dim(1), args.t = k.dim(2), args.size = keys.dim(2), args.places = keys.dim(0) * args.size;
  args.all = k.dim(0) * args.t;
  args.key_words = keys.dim(3) / elements, args.words = args.key_words + values.dim(3) / elements;
  args.fault = reinterpret_cast<Fault*>(
      call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
        std::snprintf(message, size, "pagedWrite: slot %lld of a cache of %lld, expected -1 to %lld",
                      static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]),
                      static_cast<long long>(r.value[1] - 1));
      }));
  // Every block looks at all slots: few rows have a block each, many share.
  args.rows = args.all <= 512 ? 1 : 16;
  launch(call, paged_writes[word_index(static_cast<int>(word)) - 1], Dim((args.all + args.rows - 1) / args.rows),
         Dim(kDeltaThreads), 0, args);
}

SINTER_CUDA_OP(pagedAttention) {
  const TensorRef& y = call.out[0];
  AttentionArgs args = paged_args(call);
  if (y.numel == 0) return;
  run_forward(call, args, call.attr[4] != 0, false);
}

}  // namespace sinter::cuda
