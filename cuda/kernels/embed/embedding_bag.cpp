// Host side of embedding_bag.cu; contract as in native/cpu/embed/embedding_bag.cpp.
#include "cuda/kernels/embed/embedding_bag.h"

#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_embedding_bag;

namespace {

constinit Kernel kernels[] = {{image_embedding_bag, "embedding_bag_f32"},
                              {image_embedding_bag, "embedding_bag_f64"},
                              {image_embedding_bag, "embedding_bag_bf16"},
                              {image_embedding_bag, "embedding_bag_f16"}};

ReportRecord* report_bag(const Call& call) {
  return call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
    std::snprintf(
        message, size,
        "embeddingBag: bag %lld takes entries %lld to %lld of %lld; offsets start with 0, grow and cover the indices",
        static_cast<long long>(r.kind), static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]),
        static_cast<long long>(r.value[2]));
  });
}

}  // namespace

SINTER_CUDA_OP(embeddingBag) {
  const TensorRef &weight = call.in[0], scale = call.opt(3);
  if (!is_floating(weight.dtype) || (scale.present() && scale.dtype != weight.dtype))
    fail(ErrorCode::unsupported, "embeddingBag: dtype %s is not supported on cuda",
         dtype_name(is_floating(weight.dtype) ? scale.dtype : weight.dtype));
  Bags bags{};
  bags.weight = weight.data;
  bags.indices = indices_of(call.in[1], "embeddingBag");
  bags.offsets = indices_of(call.in[2], "embeddingBag");
  bags.scale = scale.data;
  bags.y = call.out[0].data;
  bags.bag_of = call.out[1].as<int64_t>();
  bags.counts = call.out[2].as<int64_t>();
  bags.largest = call.out[3].as<int64_t>();
  bags.rows = weight.dim(0), bags.n = weight.dim(1), bags.k = call.in[1].numel, bags.bags = call.out[2].numel;
  bags.padding = call.int_attr(1);
  bags.mode = static_cast<int32_t>(call.int_attr(0));
  bags.last = call.attr[2] != 0;
  constexpr int64_t slice = 32 * kBagColumns;
  const int64_t slices =
      bags.n > slice ? (bags.n + slice - 1) / slice : 1;  // a row of no columns still counts its entries
  bags.slices = split_of(slices);
  launch(call, kernels[static_cast<int>(weight.dtype)], Dim((bags.bags * slices + kBagWarps - 1) / kBagWarps),
         Dim(kIndexThreads), 0, bags, report_index<"embeddingBag", "rows">(call), report_bag(call));
}

}  // namespace sinter::cuda
