// bernoulliOf, poisson, binomial, multinomial. Place in the whole: host side of weighted.cu; contracts as in
// native/cpu/random/weighted.cpp.
#include "cuda/kernels/random/weighted.h"

#include "cuda/kernels/index/radix_pairs.h"
#include "cuda/kernels/random/stream_of.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_weighted;

namespace {

constinit Kernel poisson_kernels[] = {{image_weighted, "poisson_f32"},
                                      {image_weighted, "poisson_f64"},
                                      {image_weighted, "poisson_bf16"},
                                      {image_weighted, "poisson_f16"}};
constinit Kernel binomial_kernels[] = {{image_weighted, "binomial_f32"},
                                       {image_weighted, "binomial_f64"},
                                       {image_weighted, "binomial_bf16"},
                                       {image_weighted, "binomial_f16"}};
constinit Kernel bernoulli_kernels[] = {{image_weighted, "bernoulli_of_f32"},    {image_weighted, "bernoulli_of_f64"},
                                        {image_weighted, "bernoulli_of_bf16"},   {image_weighted, "bernoulli_of_f16"},
                                        {image_weighted, "bernoulli_of_i32"},    {image_weighted, "bernoulli_of_i64"},
                                        {image_weighted, "bernoulli_of_u8"},     {image_weighted, "bernoulli_of_i8"},
                                        {image_weighted, "bernoulli_of_boolean"}};
constinit Kernel weigh_kernel{image_weighted, "weigh"};
constinit Kernel replaced_kernel{image_weighted, "draw_replaced"};
constinit Kernel smallest_kernel{image_weighted, "draw_smallest"};
constinit Kernel widen_kernel{image_weighted, "widen_places"};

void require_floating(DType d, const char* op) {
  if (!is_floating(d)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(d));
}

Dim blocks_of(int64_t n) { return Dim((n + kWeightedThreads - 1) / kWeightedThreads); }

// A text with the number that the report gives.
template <Text kText>
ReportRecord* report_position(const Call& call) {
  return call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
    std::snprintf(message, size, kText.chars, static_cast<long long>(r.value[0]));
  });
}

}  // namespace

SINTER_CUDA_OP(bernoulliOf) {
  const TensorRef &p = call.in[0], &y = call.out[0];
  require_floating(p.dtype, "bernoulli");
  if (y.dtype > DType::boolean)
    fail(ErrorCode::unsupported, "bernoulli: dtype %s is not supported on cuda", dtype_name(y.dtype));
  launch(call, bernoulli_kernels[static_cast<int>(y.dtype)], blocks_of(y.numel), Dim(kWeightedThreads), 0, p.data,
         static_cast<int32_t>(p.dtype), y.data, y.numel, stream_of(call));
}

SINTER_CUDA_OP(poisson) {
  const TensorRef &rates = call.in[0], &y = call.out[0];
  require_floating(rates.dtype, "poisson");
  if (y.numel == 0) return;
  launch(call, poisson_kernels[static_cast<int>(rates.dtype)], blocks_of(y.numel), Dim(kWeightedThreads), 0, rates.data,
         y.data, y.numel, stream_of(call),
         report_position<"poisson: the rate at position %lld is negative, NaN or above 2^52">(call));
}

SINTER_CUDA_OP(binomial) {
  const TensorRef &counts = call.in[0], &chances = call.in[1], &y = call.out[0];
  require_floating(counts.dtype, "binomial");
  if (y.numel == 0) return;
  launch(call, binomial_kernels[static_cast<int>(counts.dtype)], blocks_of(y.numel), Dim(kWeightedThreads), 0,
         counts.data, chances.data, y.data, y.numel, stream_of(call),
         report_position<
             "binomial: the count at position %lld is negative, NaN or above 2^52, or its probability is not in [0, "
             "1]">(call));
}

SINTER_CUDA_OP(multinomial) {
  const TensorRef &weights = call.in[0], &y = call.out[0];  // (rows, n), (rows, k)
  require_floating(weights.dtype, "multinomial");
  const int64_t rows = y.dim(0), n = weights.dim(1), k = y.dim(1);
  if (y.numel == 0) return;
  const bool replacement = call.attr[3] != 0;
  const Stream stream = stream_of(call);
  double* sums = replacement ? call.scratch_of<double>(rows * n) : nullptr;
  uint64_t* tickets = replacement ? nullptr : call.scratch_of<uint64_t>(rows * n);
  launch(
      call, weigh_kernel, Dim(rows), Dim(kWeightedThreads), 0, weights.data, static_cast<int32_t>(weights.dtype), n,
      replacement ? int64_t{1} : k, stream, sums, tickets,
      report_position<"multinomial: row %lld has weights that are negative or not finite, or too few above 0">(call));
  if (replacement) {
    launch(call, replaced_kernel, blocks_of(y.numel), Dim(kWeightedThreads), 0, sums, n, k, y.numel, stream, y.data);
  } else if (k <= kFewDraws) {
    launch(call, smallest_kernel, Dim(rows), Dim(kWeightedThreads), 0, tickets, n, k, y.data);
  } else {
    const PairSorter sorter(call, true, n);
    for (int64_t row = 0; row < rows; row++) {
      const SortedPairs sorted = sorter.sort(call, tickets + row * n, 64);
      launch(call, widen_kernel, blocks_of(k), Dim(kWeightedThreads), 0, sorted.places, k, y.as<int64_t>() + row * k);
    }
  }
}

}  // namespace sinter::cuda
