// Element-wise optimizer steps. Place in the whole: host side of steps_*.cu; contracts as in native/cpu/optim, a file each.
#include "cuda/kernels/optim/launch.h"
#include "cuda/kernels/optim/rules.h"

namespace sinter::cuda {

extern const Image image_steps_one, image_steps_two, image_steps_three, image_late;

namespace {

SINTER_CUDA_STEP(sgd_kernels, image_steps_one, "step_sgd")
SINTER_CUDA_STEP(adagrad_kernels, image_steps_one, "step_adagrad")
SINTER_CUDA_STEP(lion_kernels, image_steps_one, "step_lion")
SINTER_CUDA_STEP(nadam_kernels, image_steps_two, "step_nadam")
SINTER_CUDA_STEP(radam_kernels, image_steps_two, "step_radam")
SINTER_CUDA_STEP(adadelta_kernels, image_steps_two, "step_adadelta")
SINTER_CUDA_STEP(adamax_kernels, image_steps_two, "step_adamax")
SINTER_CUDA_STEP(adam_kernels, image_steps_three, "step_adam")
SINTER_CUDA_STEP(rmsprop_kernels, image_steps_three, "step_rmsprop")
constinit Kernel count_sgd{image_late, "count_sgd"};
constinit Kernel count_adagrad{image_late, "count_adagrad"};
constinit Kernel count_moments{image_late, "count_moments"};
constinit Kernel count_radam{image_late, "count_radam"};
constinit Kernel count_adamax{image_late, "count_adamax"};

template <int kStates, class Rule>
void step_all(const Call& call, const Kernel& kernel, const Rule& rule, const Kernel* count) {
  constexpr int size = kState + kStates;
  const LateStep late = late_step(call, count);
  const Rounding rounding = rounding_of(call);
  const int elements = call.in[kParameter].dtype == DType::f64 ? 2 : 4;
  int64_t element = 0;
  each_table<Tensors<size>>(
      call.nin / size,
      [&](int i, auto& entry, int64_t& blocks) {
        const TensorRef* t = call.in + i * size;
        entry.numel = t[kParameter].numel;
        entry.element = element;
        element += entry.numel;
        entry.packed = !rounding.stochastic || entry.element % 4 == 0;
        for (int k = 0; k < size; k++) {
          entry.data[k] = t[k].data;
          if (t[k].present()) entry.packed &= is_aligned(t[k], elements);
        }
        blocks = pieces_of(entry.numel);
        return true;
      },
      [&](const Tensors<size>& tensors, int64_t blocks) {
        launch(call, kernel, Dim(blocks), Dim(kOptimThreads), 0, tensors, rule, rounding, late);
      });
}

// `count`: null for rules that count no steps.
template <template <class> class Rule>
void run_rule(const Call& call, const char* op, const Kernel (&kernels)[kStepKernels], const Kernel* count = nullptr) {
  if (call.nin == 0) return;
  constexpr int kStates = Rule<float>::kStates;
  const Kernel& kernel = kernels[step_kernel(call, op, kState + kStates, kStates)];
  if (call.in[kParameter].dtype == DType::f64)
    step_all<kStates>(call, kernel, Rule<double>::of(call.attr), count);
  else
    step_all<kStates>(call, kernel, Rule<float>::of(call.attr), count);
}

}  // namespace

SINTER_CUDA_LATE_OP(sgdStep) { run_rule<Sgd>(call, "sgdStep", sgd_kernels, &count_sgd); }
SINTER_CUDA_LATE_OP(adagradStep) { run_rule<Adagrad>(call, "adagradStep", adagrad_kernels, &count_adagrad); }
SINTER_CUDA_LATE_OP(lionStep) { run_rule<Lion>(call, "lionStep", lion_kernels); }
SINTER_CUDA_LATE_OP(nadamStep) { run_rule<NAdam>(call, "nadamStep", nadam_kernels); }
SINTER_CUDA_LATE_OP(radamStep) { run_rule<RAdam>(call, "radamStep", radam_kernels, &count_radam); }
SINTER_CUDA_LATE_OP(adadeltaStep) { run_rule<Adadelta>(call, "adadeltaStep", adadelta_kernels); }
SINTER_CUDA_LATE_OP(adamaxStep) { run_rule<Adamax>(call, "adamaxStep", adamax_kernels, &count_adamax); }
SINTER_CUDA_LATE_OP(adamwStep) { run_rule<Adam>(call, "adamwStep", adam_kernels, &count_moments); }
SINTER_CUDA_LATE_OP(rmspropStep) { run_rule<RmsProp>(call, "rmspropStep", rmsprop_kernels); }

}  // namespace sinter::cuda
