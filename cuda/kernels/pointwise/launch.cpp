#include "cuda/kernels/pointwise/launch.h"

#include <algorithm>
#include <cmath>

#include "cuda/kernels/walk.h"

namespace sinter::cuda {

namespace {

// Truncated and saturated; NaN gives 0.
int64_t whole_of(double x, bool narrow) {
  if (std::isnan(x)) return 0;
  const double limit = narrow ? 0x1p31 : 0x1p63;
  if (x >= limit) return narrow ? INT32_MAX : INT64_MAX;
  if (x < -limit) return narrow ? INT32_MIN : INT64_MIN;
  return static_cast<int64_t>(x);
}

template <int kOperands>
void launch_pieces(const Call& call, const Kernel& kernel, bool costly, Walk& walk, const Numbers& numbers) {
  const int64_t widest = *std::max_element(walk.sizes, walk.sizes + kOperands);
  const int elements = pointwise_elements(costly, static_cast<int>(widest));
  walk.for_each_piece<kOperands>(elements, [&](const Views<kOperands>& views) {
    const int64_t block = int64_t{kPointwiseThreads} * elements;
    launch(call, kernel, Dim((views.numel + block - 1) / block), Dim(kPointwiseThreads), 0, views, numbers);
  });
}

}  // namespace

const Kernel& kernel_of(const Operation& op, DType dtype) {
  const int i = static_cast<int>(dtype) - static_cast<int>(op.first);
  if (i < 0 || i >= op.count)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op.name, dtype_name(dtype));
  return op.kernels[i];
}

Numbers numbers_of(DType dtype, const double* attributes, int count, double number) {
  Numbers numbers{};
  for (int k = 0; k < std::min(count, kNumbers); k++) numbers.f64[k] = attributes[k];
  if (count <= kNumber) numbers.f64[kNumber] = number;
  for (int k = 0; k < kNumbers; k++) {
    numbers.f32[k] = static_cast<float>(numbers.f64[k]);
    numbers.whole[k] = whole_of(numbers.f64[k], dtype != DType::i64);
  }
  return numbers;
}

void run(const Call& call, const Kernel& kernel, bool costly, const TensorRef& y, const TensorRef* in, int nin,
         const Numbers& numbers) {
  Walk walk(y);
  walk.add(y);
  for (int k = 0; k < nin; k++) in[k].present() ? walk.add(in[k]) : walk.add_number();
  switch (nin) {
    case 0: return launch_pieces<1>(call, kernel, costly, walk, numbers);
    case 1: return launch_pieces<2>(call, kernel, costly, walk, numbers);
    case 2: return launch_pieces<3>(call, kernel, costly, walk, numbers);
    default: return launch_pieces<4>(call, kernel, costly, walk, numbers);
  }
}

void plain(const Call& call, const Operation& op) {
  const DType dtype = call.in[0].dtype;
  run(call, kernel_of(op, dtype), op.costly, call.out[0], call.in, call.nin, numbers_of(dtype, call.attr, call.nattr));
}

void update(const Call& call, const Operation& op) {
  const TensorRef& dst = call.in[0];
  const TensorRef operands[2] = {dst, call.opt(1)};
  run(call, kernel_of(op, dst.dtype), op.costly, dst, operands, 2,
      numbers_of(dst.dtype, call.attr, call.nattr, call.nattr > 0 ? call.attr[0] : 0));
}

void binary(const Call& call, const Operation& op) {
  const DType dtype = call.in[0].dtype;
  const Kernel& kernel = kernel_of(op, dtype);
  const int mode = static_cast<int>(call.int_attr(0)), more = std::max(0, call.nattr - 2);
  const Numbers numbers = numbers_of(dtype, call.attr + 2, more, mode == 0 ? 0 : call.attr[1]);
  if (mode == 0) return run(call, kernel, op.costly, call.out[0], call.in, 2, numbers);
  const TensorRef number;
  const TensorRef operands[2] = {mode == 1 ? call.in[0] : number, mode == 1 ? number : call.in[0]};
  run(call, kernel, op.costly, call.out[0], operands, 2, numbers);
}

}  // namespace sinter::cuda
