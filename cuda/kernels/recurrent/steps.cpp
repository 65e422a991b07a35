// Steps, products and first states of recurrent layers. Place in the whole: see steps.h.
#include "cuda/kernels/recurrent/steps.h"

#include <algorithm>

#include "cuda/kernels/gemm/product.h"
#include "cuda/kernels/reports.h"

namespace sinter::cuda {

extern const Image image_recurrent;

static constinit Kernel recurrence_steps{image_recurrent, "recurrence_steps"};

namespace {

constexpr char kRowsOfSteps[] = "%s: steps of %lld rows in all for %lld rows";

template <bool kForward>
void write_fault(const ReportRecord& r, char* message, size_t size) {
  const char* op = kForward ? "recurrence" : "recurrenceBackward";
  const auto value = [&r](int k) { return static_cast<long long>(r.value[k]); };
  if (r.kind == 0)
    std::snprintf(message, size, "%s: step %lld has %lld sequences, the step before %lld", op, value(0), value(1),
                  value(2));
  else
    std::snprintf(message, size, kRowsOfSteps, op, value(0), value(1));
}

}  // namespace

template <bool kForward>
Steps read_steps(const Call& call, const TensorRef& sizes, int64_t n) {
  const int64_t batch = call.int_attr(2);
  const bool reverse = call.attr[1] != 0;
  if (!sizes.present()) {
    const int64_t rows = batch ? n / batch * batch : 0;
    if (rows != n)
      fail(ErrorCode::index_out_of_range, kRowsOfSteps, kForward ? "recurrence" : "recurrenceBackward",
           static_cast<long long>(rows), static_cast<long long>(n));
    return {nullptr, batch ? n / batch : 0, batch, reverse};
  }
  int64_t* offsets = call.scratch_of<int64_t>(sizes.numel + 1);
  launch(call, recurrence_steps, Dim(1), Dim(kRecurrentThreads), 0,
         StepSizes{sizes.as<const int64_t>(), offsets, sizes.numel, batch, n,
                   reinterpret_cast<Fault*>(call.report(ErrorCode::index_out_of_range, write_fault<kForward>))});
  return {offsets, sizes.numel, batch, reverse};
}
template Steps read_steps<true>(const Call&, const TensorRef&, int64_t);
template Steps read_steps<false>(const Call&, const TensorRef&, int64_t);

RecurrentLayer::RecurrentLayer(const Call& call, const char* op, const TensorRef& whh)
    : cell(static_cast<Cell>(call.int_attr(0))), dtype(call.out[0].dtype), gates(gates_of(cell)),
      hidden(whh.dim(0) / gates), width(whh.dim(1)), batch(call.int_attr(2)) {
  if (dtype != DType::f32 && dtype != DType::f64)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(dtype));
}

void* RecurrentLayer::scratch(const Call& call, int64_t elements) const {
  return call.scratch(bytes(std::max<int64_t>(elements, 1)));
}

void begin_with(const Call& call, const RecurrentLayer& layer, const TensorRef& from, void* to, int64_t elements) {
  if (elements == 0) return;
  if (from.present())
    copy_bytes(call, to, from.data, layer.bytes(elements));
  else
    set_bytes(call, to, 0, layer.bytes(elements));
}

void multiply(const Call& call, DType dtype, int64_t m, int64_t n, int64_t k, const void* a, int64_t lda, const void* b,
              int64_t rsb, int64_t csb, void* y, const void* bias, bool add) {
  if (m == 0 || n == 0) return;
  Product p{};
  p.dtype = dtype;
  p.m = m, p.n = n, p.k = k;
  p.a = a, p.rsa = lda, p.csa = 1;
  p.b = b, p.rsb = rsb, p.csb = csb;
  p.y = y;
  p.then.bias = bias;
  p.then.bias_stride = 1;
  if (add) p.then.residual = y;
  run_product(call, p);
}

}  // namespace sinter::cuda
