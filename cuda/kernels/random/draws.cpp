// uniform, normal, bernoulli, randint, randperm, dropout, exponential, cauchy, geometric, logNormal. Place in the whole: host side of
// draws.cu; contracts as in native/cpu/random.
#include "cuda/kernels/random/draws.h"

#include <algorithm>
#include <cmath>

#include "cuda/kernels/pointwise/move.h"
#include "cuda/kernels/random/stream_of.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"
#include "engine/philox.h"

namespace sinter::cuda {

extern const Image image_draws;

namespace {

#define SINTER_CUDA_DRAW_FLOATING(variable, name)             \
  constinit Kernel variable[] = {{image_draws, name "_f32"},  \
                                 {image_draws, name "_f64"},  \
                                 {image_draws, name "_bf16"}, \
                                 {image_draws, name "_f16"}};
#define SINTER_CUDA_DRAW_REAL(variable, name)                                              \
  constinit Kernel variable[] = {                                                          \
      {image_draws, name "_f32"}, {image_draws, name "_f64"}, {image_draws, name "_bf16"}, \
      {image_draws, name "_f16"}, {image_draws, name "_i32"}, {image_draws, name "_i64"},  \
      {image_draws, name "_u8"},  {image_draws, name "_i8"},  {image_draws, name "_boolean"}};
SINTER_CUDA_DRAW_FLOATING(uniform_kernels, "uniform")
SINTER_CUDA_DRAW_FLOATING(normal_kernels, "normal")
SINTER_CUDA_DRAW_FLOATING(log_normal_kernels, "log_normal")
SINTER_CUDA_DRAW_FLOATING(logarithm_kernels, "logarithm")
SINTER_CUDA_DRAW_FLOATING(cauchy_kernels, "cauchy")
SINTER_CUDA_DRAW_FLOATING(dropout_kernels, "dropout")
SINTER_CUDA_DRAW_REAL(bernoulli_kernels, "bernoulli")
SINTER_CUDA_DRAW_REAL(integer_kernels, "integers")
SINTER_CUDA_DRAW_REAL(geometric_kernels, "geometric")

// What a command draws: its result, or the operand that it fills.
const TensorRef& drawn(const Call& call) { return call.nout > 0 ? call.out[0] : call.in[0]; }

template <size_t N>
const Kernel& kernel_for(const Kernel (&kernels)[N], DType d, const char* op) {
  if (static_cast<size_t>(d) >= N)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(d));
  return kernels[static_cast<size_t>(d)];
}

// A thread draws `elements`.
template <class... Args>
void draw(const Call& call, const Kernel& kernel, int64_t elements, Args... args) {
  const TensorRef& y = drawn(call);
  const int64_t block = kDrawThreads * elements;
  launch(call, kernel, Dim((y.numel + block - 1) / block), Dim(kDrawThreads), 0, y.data, y.numel, stream_of(call),
         args...);
}

// Words below it are below p 2^32.
uint64_t limit_of(double p) { return static_cast<uint64_t>(std::ceil(std::clamp(p, 0.0, 1.0) * 0x1p32)); }

}  // namespace

SINTER_CUDA_OP(uniform) {
  const DType d = drawn(call).dtype;
  draw(call, kernel_for(uniform_kernels, d, "uniform"), d == DType::f64 ? 2 : 4, call.attr[3], call.attr[4]);
}

SINTER_CUDA_OP(normal) {
  const DType d = drawn(call).dtype;
  draw(call, kernel_for(normal_kernels, d, "normal"), d == DType::f64 ? 2 : 4, call.attr[3], call.attr[4]);
}

SINTER_CUDA_OP(logNormal) {
  draw(call, kernel_for(log_normal_kernels, drawn(call).dtype, "logNormal"), 2, call.attr[3], call.attr[4]);
}

SINTER_CUDA_OP(bernoulli) {
  const DType d = drawn(call).dtype;
  draw(call, kernel_for(bernoulli_kernels, d, "bernoulli"), dtype_size(d) == 8 ? 2 : 4, limit_of(call.attr[3]));
}

SINTER_CUDA_OP(randint) {
  const int64_t low = call.int_attr(3);
  const uint64_t span = static_cast<uint64_t>(call.int_attr(4)) - static_cast<uint64_t>(low);
  if (drawn(call).numel > 0 && span == 0) fail(ErrorCode::internal, "randint: the range is empty");
  draw(call, kernel_for(integer_kernels, drawn(call).dtype, "randint"), 2, low, span);
}

SINTER_CUDA_OP(exponential) {
  draw(call, kernel_for(logarithm_kernels, drawn(call).dtype, "exponential"), 2, -1 / call.attr[3]);
}

SINTER_CUDA_OP(geometric) {
  draw(call, kernel_for(geometric_kernels, drawn(call).dtype, "geometric"), 2, 1 / std::log1p(-call.attr[3]));
}

SINTER_CUDA_OP(cauchy) {
  draw(call, kernel_for(cauchy_kernels, drawn(call).dtype, "cauchy"), 2, call.attr[3], call.attr[4]);
}

SINTER_CUDA_OP(dropout) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  constexpr int64_t block = kDrawThreads * 4;
  launch(call, kernel_for(dropout_kernels, x.dtype, "dropout"), Dim((y.numel + block - 1) / block), Dim(kDrawThreads),
         0, x.data, y.data, y.numel, stream_of(call), limit_of(call.attr[3]), 1 - call.attr[3]);
}

// Fisher and Yates's shuffle takes one step after the other, and reads nothing: the host makes it, and sends the numbers.
SINTER_CUDA_OP(randperm) {
  const TensorRef& y = call.out[0];
  const int64_t n = y.numel;
  if (y.dtype > DType::boolean)
    fail(ErrorCode::unsupported, "randperm: dtype %s is not supported on cuda", dtype_name(y.dtype));
  if (n == 0) return;
  const Stream stream = stream_of(call);
  if (stream.late)
    fail(ErrorCode::unsupported,
         "randperm: the host makes it, so that a recorded graph would have the same one every time");
  int64_t* order = static_cast<int64_t*>(call.host_scratch(static_cast<size_t>(n) * sizeof(int64_t)));
  for (int64_t i = 0; i < n; i++) order[i] = i;
  PhiloxBlock block{};
  for (int64_t k = 0; k < n - 1; k++) {
    if (k % 2 == 0) block = philox(stream.key0, stream.key1, stream.offset + static_cast<uint64_t>(k / 2));
    const uint32_t* w = block.w + k % 2 * 2;
    const int64_t i = n - 1 - k;
    std::swap(order[i], order[(uint64_t{w[0]} << 32 | w[1]) % static_cast<uint64_t>(i + 1)]);
  }
  if (y.dtype == DType::i64) return call.queue->upload(y.data, order, static_cast<size_t>(n) * sizeof(int64_t));
  int64_t* whole = call.scratch_of<int64_t>(n);
  call.queue->upload(whole, order, static_cast<size_t>(n) * sizeof(int64_t));
  TensorRef numbers = y;
  numbers.data = whole;
  numbers.dtype = DType::i64;
  copy_to(call, y, numbers);
}

}  // namespace sinter::cuda
