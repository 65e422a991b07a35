// Host side of positions.cu; contracts as in native/cpu/index/linear_index.cpp and (repeatInterleave) native/cpu/copy/fill.cpp.
#include "cuda/kernels/index/positions.h"

#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_positions;

namespace {

constinit Kernel linear_kernel{image_positions, "linear_index"};
constinit Kernel unravel_kernel{image_positions, "unravel_index"};
constinit Kernel ends_kernel{image_positions, "repeat_ends"};
constinit Kernel repeat_kernel{image_positions, "repeat_interleave"};

CoordinateList list_of(const Call& call, const char* op, int count) {
  if (count > kMostCoordinates)
    fail(ErrorCode::unsupported, "%s: %d dimensions; there may be %d", op, count, kMostCoordinates);
  CoordinateList list{};
  list.rank = count;
  for (int k = 0; k < count; k++) list.at[k].size = split_of(call.int_attr(k));
  return list;
}

void report_repeats(const ReportRecord& r, char* message, size_t size) {
  if (r.kind == 0)
    std::snprintf(message, size, "repeatInterleave: repeats are negative or add to more than %lld",
                  static_cast<long long>(r.value[0]));
  else
    std::snprintf(message, size, "repeatInterleave: repeats add to %lld, not %lld", static_cast<long long>(r.value[0]),
                  static_cast<long long>(r.value[1]));
}

}  // namespace

SINTER_CUDA_OP(linearIndex) {
  CoordinateList list = list_of(call, "linearIndex", call.nin);
  for (int k = 0; k < call.nin; k++) list.at[k].indices = indices_of(call.in[k], "linearIndex");
  const TensorRef& y = call.out[0];
  if (y.numel == 0) return;
  launch(call, linear_kernel, blocks_of(y.numel, 1), Dim(kIndexThreads), 0, list, y.data, y.numel,
         report_index<"linearIndex", "entries of the indexed dimension">(call));
}

SINTER_CUDA_OP(unravelIndex) {
  CoordinateList list = list_of(call, "unravelIndex", call.nout);
  int64_t total = 1;
  for (int k = 0; k < call.nout; k++) {
    list.at[k].y = call.out[k].as<int64_t>();
    total *= call.int_attr(k);
  }
  const Indices indices = indices_of(call.in[0], "unravelIndex");
  const int64_t n = call.in[0].numel;
  if (n == 0) return;
  launch(call, unravel_kernel, blocks_of(n, 1), Dim(kIndexThreads), 0, indices, list, n, total,
         report_index<"unravelIndex", "elements of the shape">(call));
}

SINTER_CUDA_OP(repeatInterleave) {
  const TensorRef &repeats = call.in[0], &y = call.out[0];
  if (repeats.dtype != DType::i64 && repeats.dtype != DType::i32)
    fail(ErrorCode::unsupported, "repeatInterleave: repeats must be i64 or i32, not %s", dtype_name(repeats.dtype));
  const int64_t k = repeats.numel;
  int64_t* ends = call.scratch_of<int64_t>(k);
  launch(call, ends_kernel, Dim(1), Dim(1024), 0, indices_of(repeats, "repeatInterleave"), k, y.numel, ends,
         call.report(ErrorCode::index_out_of_range, report_repeats));
  launch(call, repeat_kernel, blocks_of(y.numel, 1), Dim(kIndexThreads), 0, ends, k, y.data, y.numel);
}

}  // namespace sinter::cuda
