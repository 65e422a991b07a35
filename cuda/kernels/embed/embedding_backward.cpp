// embeddingBackward: gweight[r] is the sum of the rows of g whose index is r. Place in the whole: host side over the kernels of
// cuda/kernels/index/combine.cu; contract as in native/cpu/embed/embedding_backward.cpp. Positions are sorted by row, stably, so the
// sums do not depend on the launch. Bound: g is read once, gweight written once (rows that have positions, twice); sorting moves 20 bytes
// a position and pass of 8 bits.
#include "cuda/kernels/index/combine.h"
#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

SINTER_CUDA_OP(embeddingBackward) {
  const TensorRef &g = call.in[0], &indices = call.in[1], &gw = call.out[0];
  if (!is_floating(g.dtype))
    fail(ErrorCode::unsupported, "embeddingBackward: dtype %s is not supported on cuda", dtype_name(g.dtype));
  if (gw.numel > 0) set_bytes(call, gw.data, 0, static_cast<size_t>(gw.numel) * dtype_size(gw.dtype));
  const int64_t rows = gw.dim(0), n = gw.dim(1), count = indices.numel;
  const Keys keys = slice_keys(call, "embeddingBackward", indices, rows, call.int_attr(0),
                               report_index<"embeddingBackward", "rows">(call));
  combine(call, "embeddingBackward", sorted(call, keys), gw, g, {1, rows, n, count, kSum, false, 1, false});
}

}  // namespace sinter::cuda
