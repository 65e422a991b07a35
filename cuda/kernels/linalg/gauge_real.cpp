// gaugeReal on CUDA; contract as in native/cpu/linalg/eig.cpp. Place in the whole: host side of factors.cu.
#include "cuda/kernels/linalg/factors.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_factors;

namespace {

constinit Kernel single_kernel{image_factors, "gauge_real_c64"};
constinit Kernel double_kernel{image_factors, "gauge_real_c128"};

void report_phase(const ReportRecord& r, char* text, size_t size) {
  std::snprintf(text, size,
                "the gradient depends on the phase of eigenvector %lld of batch entry %lld, which is arbitrary: only "
                "functions that stay the same when a vector is multiplied by a number of length 1 have one",
                static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]));
}

}  // namespace

SINTER_CUDA_OP(gaugeReal) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  if (y.numel == 0) return;
  launch(call, x.dtype == DType::c64 ? single_kernel : double_kernel,
         Dim((y.numel + kFactorThreads - 1) / kFactorThreads), Dim(kFactorThreads), 0, static_cast<const void*>(x.data),
         y.data, x.dim(-1), y.numel, call.report(ErrorCode::linear_algebra, report_phase));
}

}  // namespace sinter::cuda
