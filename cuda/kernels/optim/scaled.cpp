// lambStep, larsStep. Place in the whole: host side of scaled.cu; contracts as in native/cpu/optim/lamb.cpp and lars.cpp.
#include "cuda/kernels/optim/scaled.h"

#include "cuda/kernels/optim/launch.h"

namespace sinter::cuda {

extern const Image image_scaled, image_late;

namespace {

constexpr int64_t kNumberedPiece = 32768;  // a tensor's random words begin at multiples of it, as on the CPU

struct ScaledKernels {
  const Kernel (&gather)[kStepKernels];
  const Kernel& rates;
  const Kernel (&apply)[kStepKernels];
  const Kernel* count;
};

SINTER_CUDA_STEP(lamb_gather, image_scaled, "lamb_gather")
SINTER_CUDA_STEP(lamb_apply, image_scaled, "lamb_apply")
SINTER_CUDA_STEP(lars_gather, image_scaled, "lars_gather")
SINTER_CUDA_STEP(lars_apply, image_scaled, "lars_apply")
constinit Kernel lamb_rates{image_scaled, "lamb_rates"};
constinit Kernel lars_rates{image_scaled, "lars_rates"};
constinit Kernel count_moments{image_late, "count_moments"};
constexpr ScaledKernels kLamb{lamb_gather, lamb_rates, lamb_apply, &count_moments},
    kLars{lars_gather, lars_rates, lars_apply, nullptr};

template <class Rule>
void run(const Call& call, const ScaledKernels& kernels, int dtypes) {
  constexpr int size = kState + Rule::kStates;
  const Rule rule = Rule::of(call.attr);
  const Rates rates = Rule::rates(call.attr);
  const Rounding rounding = rounding_of(call);
  const LateStep late = late_step(call, kernels.count);
  const int elements = call.in[kParameter].dtype == DType::f64 ? 2 : 4;
  int64_t pieces = 0, numbered = 0;
  for (int i = 0; i < call.nin; i += size) pieces += pieces_of(call.in[i].numel);
  double *parts = call.scratch_of<double>(2 * pieces), *results = call.scratch_of<double>(Tensors<size>::kMost);
  each_table<Tensors<size>>(
      call.nin / size,
      [&](int i, auto& entry, int64_t& blocks) {
        const TensorRef* t = call.in + i * size;
        entry.numel = t[kParameter].numel;
        entry.element = numbered * kNumberedPiece;
        numbered += pieces_of(entry.numel, kNumberedPiece);
        entry.packed = 1;
        for (int k = 0; k < size; k++) {
          entry.data[k] = t[k].data;
          if (t[k].present()) entry.packed &= is_aligned(t[k], elements);
        }
        blocks = pieces_of(entry.numel);
        return true;
      },
      [&](const Tensors<size>& tensors, int64_t blocks) {
        launch(call, kernels.gather[dtypes], Dim(blocks), Dim(kOptimThreads), 0, tensors, rule, late, parts);
        launch(call, kernels.rates, Dim(tensors.count), Dim(kOptimThreads), 0, tensors, rates, late, parts, blocks,
               results);
        launch(call, kernels.apply[dtypes], Dim(blocks), Dim(kOptimThreads), 0, tensors, rule, rounding, late, results);
      });
}

template <template <class> class Rule>
void run_rule(const Call& call, const char* op, const ScaledKernels& kernels) {
  if (call.nin == 0) return;
  constexpr int kStates = Rule<float>::kStates;
  const int dtypes = step_kernel(call, op, kState + kStates, kStates);
  if (call.in[kParameter].dtype == DType::f64)
    run<Rule<double>>(call, kernels, dtypes);
  else
    run<Rule<float>>(call, kernels, dtypes);
}

}  // namespace

SINTER_CUDA_LATE_OP(lambStep) { run_rule<Lamb>(call, "lambStep", kLamb); }
SINTER_CUDA_LATE_OP(larsStep) { run_rule<Lars>(call, "larsStep", kLars); }

}  // namespace sinter::cuda
