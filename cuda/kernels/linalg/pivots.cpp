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

void order_rows(const Call& call, const int32_t* pivots, int64_t* order, int64_t batch, int64_t k, int64_t m) {
  const bool shared = m <= kMostSharedRows;
  ReportRecord* fault = call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* text, size_t size) {
    std::snprintf(text, size, "pivotsToPermutation: pivot %lld is out of range: 1 to %lld",
                  static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]));
  });
  launch(call, permutation_kernel, Dim(batch), Dim(32), shared ? static_cast<uint32_t>(m) * sizeof(int32_t) : 0, pivots,
         order, k, m, static_cast<int32_t>(shared), fault);
}

SINTER_CUDA_OP(pivotsToPermutation) {
  const TensorRef &pivots = call.in[0], &y = call.out[0];
  if (y.numel == 0) return;
  order_rows(call, pivots.as<const int32_t>(), y.as<int64_t>(), batch_of(y, 1), pivots.dim(-1), y.dim(-1));
}

}  // namespace sinter::cuda
