// embedding, indexSelect, gather. Place in the whole: host side of gather.cu; contracts as in native/cpu/embed/embedding.cpp and
// native/cpu/index/gather.cpp.
#include "cuda/kernels/index/combine.h"
#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_gather;

namespace {

SINTER_CUDA_WORDS(select_kernels, image_gather, "select")
SINTER_CUDA_WORDS(gather_kernels, image_gather, "gather")

// x (outer, n, inner), indices (k) -> y (outer, k, inner)
void select(const Call& call, const char* op, const Axis& a, ReportRecord* (*report)(const Call&)) {
  const TensorRef &x = call.in[0], &indices = call.in[1], &y = call.out[0];
  const Indices at = indices_of(indices, op);
  if (indices.numel == 0) return;
  if (a.inner == 0 || a.outer == 0) {  // nothing is moved, yet indices may be wrong
    slice_keys(call, op, indices, a.n, -1, report(call));
    return;
  }
  const int64_t run = a.inner * static_cast<int64_t>(dtype_size(x.dtype));
  const int bytes = word_bytes(run, x.data, y.data);
  const int64_t width = run / bytes, total = a.outer * indices.numel * width;
  launch(call, select_kernels[word_index(bytes)], blocks_of(total), Dim(kIndexThreads), 0, x.data, at, y.data, a.n,
         split_of(indices.numel), split_of(width), total, report(call));
}

}  // namespace

SINTER_CUDA_OP(embedding) {
  const TensorRef& weight = call.in[0];
  Axis a;
  a.n = weight.dim(0), a.inner = weight.dim(1);
  select(call, "embedding", a, report_index<"embedding", "rows">);
}

SINTER_CUDA_OP(indexSelect) {
  select(call, "indexSelect", Axis(call.in[0], call.int_attr(0)), report_index<"indexSelect", "entries of the axis">);
}

SINTER_CUDA_OP(gather) {
  const TensorRef &x = call.in[0], &indices = call.in[1], &y = call.out[0];
  const Indices at = indices_of(indices, "gather");
  if (indices.numel == 0) return;
  const int64_t axis = call.int_attr(0) < 0 ? call.int_attr(0) + x.rank : call.int_attr(0);
  const int64_t n = x.rank == 0 ? 1 : x.dims[axis], step = x.rank == 0 ? 1 : x.strides[axis];
  // x in the shape of the indices, standing still along the axis.
  int64_t strides[kMaxRank];
  for (int d = 0; d < x.rank; d++) strides[d] = d == axis ? 0 : x.strides[d];
  TensorRef still = x;
  still.dims = indices.dims;
  still.strides = strides;
  Walk walk(indices);
  walk.add(y);
  walk.add(indices);
  walk.add(still);
  const Kernel& kernel = gather_kernels[word_index(static_cast<int>(dtype_size(x.dtype)))];
  ReportRecord* report = report_index<"gather", "entries of the axis">(call);
  walk.for_each_piece<3>(1, [&](const Views<3>& views) {
    launch(call, kernel, blocks_of(views.numel), Dim(kIndexThreads), 0, views, at.wide, n, step, report);
  });
}

}  // namespace sinter::cuda
