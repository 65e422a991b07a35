// pivotsToPermutation on CUDA; contract as in native/cpu/linalg/lu.cpp. Place in the whole: host side of factors.cu.
#include "cuda/kernels/linalg/factors.h"
#include "cuda/kernels/linalg/solve.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_factors;

namespace {

constinit Kernel permutation_kernel{image_factors, "pivots_to_permutation"};

}  // namespace

SINTER_CUDA_OP(pivotsToPermutation) {
  const TensorRef &pivots = call.in[0], &y = call.out[0];
  if (y.numel == 0) return;
  const int64_t m = y.dim(-1);
  const bool shared = m <= kMostSharedRows;
  ReportRecord* fault = call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* text, size_t size) {
    std::snprintf(text, size, "pivotsToPermutation: pivot %lld is out of range: 1 to %lld",
                  static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]));
  });
  launch(call, permutation_kernel, Dim(batch_of(y, 1)), Dim(32),
         shared ? static_cast<uint32_t>(m) * sizeof(int32_t) : 0, static_cast<const void*>(pivots.data), y.data,
         pivots.dim(-1), m, static_cast<int32_t>(shared), fault);
}

}  // namespace sinter::cuda
