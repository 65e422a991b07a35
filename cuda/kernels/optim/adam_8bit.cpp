// adam8bitStep. Place in the whole: host side of adam_8bit.cu.
#include "cuda/kernels/optim/adam_8bit.h"

#include <cmath>

#include "cuda/kernels/optim/launch.h"

namespace sinter::cuda {

extern const Image image_adam_8bit, image_late;

namespace {

constexpr int64_t kNumberedPiece = 32768;  // a tensor's random words begin at multiples of it, as on the CPU

// As kStepKernels has them, without f64.
constinit Kernel kernels[] = {{image_adam_8bit, "adam_8bit_f32"},
                              {image_adam_8bit, "adam_8bit_bf16"},
                              {image_adam_8bit, "adam_8bit_f16"},
                              {image_adam_8bit, "adam_8bit_f32_bf16"},
                              {image_adam_8bit, "adam_8bit_f32_f16"}};

constinit Kernel count{image_late, "count_moments"};

// The dynamic map of Dettmers et al. (native/cpu/optim/dynamic_map.h): decades 10^-6 .. 1, each divided evenly into twice as many parts
// as the one below; a value lies in the middle of its part.
void fill_map(bool is_signed, float* values, NearestCode& nearest) {
  const auto parts = [is_signed](int k) { return static_cast<double>(1 << (is_signed ? k : k + 1)); };
  const auto value = [&](int k, double j) {
    return std::pow(10.0, static_cast<double>(k - 6)) * (0.1 + 0.9 * (j + 0.5) / parts(k));
  };
  const int zero = is_signed ? 127 : 0;
  values[zero] = 0;
  values[255] = 1;
  int first = 1;  // the decade's first number, counted from zero upwards
  double below = 0;
  for (int k = 0; k < kDecades; k++) {
    const int n = static_cast<int>(parts(k));
    for (int j = 0; j < n; j++) {
      const float v = static_cast<float>(value(k, j));
      values[zero + first + j] = v;
      if (is_signed) values[zero - first - j] = -v;
    }
    nearest.threshold[k] = static_cast<float>((below + value(k, 0)) / 2);
    nearest.scale[k] = static_cast<float>(n / 0.9 * std::pow(10.0, static_cast<double>(6 - k)));
    nearest.offset[k] = static_cast<float>(first - n / 9.0);
    nearest.last[k] = static_cast<float>(first + n - 1);
    below = value(k, n - 1);
    first += n;
  }
  nearest.threshold[kDecades] = static_cast<float>((below + 1) / 2);
}

struct Maps {
  float values[512];
  NearestCode nearest[2];
  Maps() {
    fill_map(true, values, nearest[0]);
    fill_map(false, values + 256, nearest[1]);
  }
  static const Maps& get() {
    static const Maps maps;
    return maps;
  }
};

}  // namespace

SINTER_CUDA_LATE_OP(adam8bitStep) {
  if (call.nin == 0) return;
  const int dtypes = step_kernel(call, "adam8bitStep", kCodeOperands, 0);
  if (call.in[kParameter].dtype == DType::f64)
    fail(ErrorCode::unsupported, "adam8bitStep: dtype f64 is not supported on cuda");
  const Kernel& kernel = kernels[dtypes == 0 ? 0 : dtypes - 1];
  const Maps& maps = Maps::get();
  float* values = call.scratch_of<float>(512);
  call.queue->upload(values, maps.values, sizeof maps.values);
  const Codes codes{maps.nearest[0], maps.nearest[1], values};
  const Adam8bitRule rule = Adam8bitRule::of(call.attr);
  const LateStep late = late_step(call, &count);
  const Rounding rounding = rounding_of(call);
  int64_t numbered = 0;
  each_table<Tensors<kCodeOperands>>(
      call.nin / kCodeOperands,
      [&](int i, auto& entry, int64_t& blocks) {
        const TensorRef* t = call.in + i * kCodeOperands;
        entry.numel = t[kParameter].numel;
        entry.element = numbered * kNumberedPiece;
        numbered += pieces_of(entry.numel, kNumberedPiece);
        entry.packed = 1;
        for (int k = 0; k < kCodeOperands; k++) {
          entry.data[k] = t[k].data;
          if (t[k].present() && k < kScales) entry.packed &= is_aligned(t[k], 4);
        }
        blocks = pieces_of(entry.numel, int64_t{kCodeBlock} * kCodeWarps);
        return true;
      },
      [&](const Tensors<kCodeOperands>& tensors, int64_t blocks) {
        launch(call, kernel, Dim(blocks), Dim(kOptimThreads), 0, tensors, rule, codes, rounding, late);
      });
}

}  // namespace sinter::cuda
