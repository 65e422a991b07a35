#include "cuda/kernels/attention/scalar.h"

#include <algorithm>
#include <utility>

#include "cuda/kernels/attention/split.h"

namespace sinter::cuda {

extern const Image image_attention_f32;
extern const Image image_attention_f64;

namespace {

// f32, f64
constinit Kernel forward[] = {{image_attention_f32, "attention_f32"}, {image_attention_f64, "attention_f64"}};
constinit Kernel queries[] = {{image_attention_f32, "attention_queries_f32"},
                              {image_attention_f64, "attention_queries_f64"}};
constinit Kernel keys[] = {{image_attention_f32, "attention_keys_f32"}, {image_attention_f64, "attention_keys_f64"}};

void prepare(DType dtype, AttentionArgs& args, bool own_keys, int64_t width) {
  const bool wide = dtype == DType::f64;
  set_blocks(args, own_keys, wide ? kScalarRows<double> : kScalarRows<float>, width, kScalarChunks * kScalarColumns);
  const auto aligned = [&](const HeadRows& x, int64_t h, int64_t rows, int32_t bit) {
    if (x.data && is_aligned(x, args.b, h, rows, dtype)) args.aligned |= bit;
  };
  args.aligned = 0;
  aligned(args.q, args.h, args.t, kAlignedQ);
  aligned(args.g, args.h, args.t, kAlignedG);
  // Blocks of a pool are its batches.
  const int64_t batches = args.table.data ? args.blocks : args.b;
  for (const auto& [x, bit] : {std::pair{&args.k, kAlignedK}, std::pair{&args.v, kAlignedV}})
    if (is_aligned(*x, batches, args.h / args.group, args.s, dtype)) args.aligned |= bit;
}
void run(const Call& call, const Kernel& kernel, DType dtype, AttentionArgs& args, bool own_keys, int64_t width) {
  prepare(dtype, args, own_keys, width);
  launch(call, kernel, Dim(block_count(args, own_keys)), Dim(kScalarThreads), 0, args);
}

}  // namespace

void run_scalar(const Call& call, DType dtype, AttentionArgs args) {
  join_heads(args);
  prepare(dtype, args, false, args.e);
  const SplitKeys split(call, dtype, args);
  launch(call, forward[dtype == DType::f64], Dim(block_count(args, false)), Dim(kScalarThreads), 0, args);
  split.combine();
}
void run_scalar_queries(const Call& call, DType dtype, AttentionArgs args) {
  run(call, queries[dtype == DType::f64], dtype, args, false, args.d);
}
void run_scalar_keys(const Call& call, DType dtype, AttentionArgs args) {
  run(call, keys[dtype == DType::f64], dtype, args, true, std::max(args.d, args.e));
}

}  // namespace sinter::cuda
