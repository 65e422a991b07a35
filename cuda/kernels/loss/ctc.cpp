// ctcLoss and its gradient. Place in the whole: entry points of the operator table on CUDA; native/ops.def has the operands. logProbs f32,
// f64, bf16, f16. Lengths and targets that do not fit are reported when the device has come to them.
#include "cuda/kernels/loss/ctc.h"

#include <algorithm>

#include "cuda/kernels/reports.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_ctc;

static constinit Kernel ctc_loss{image_ctc, "ctc_loss"};
static constinit Kernel ctc_backward{image_ctc, "ctc_backward"};
static constinit Kernel ctc_gradient{image_ctc, "ctc_gradient"};

namespace {

template <Text kOp>
void write_fault(const ReportRecord& r, char* message, size_t size) {
  constexpr const char* texts[] = {"%s: input length %lld of %lld frames",
                                   "%s: target length %lld where targets hold %lld",
                                   "%s: index %lld is out of range for %lld classes"};
  std::snprintf(message, size, texts[r.kind], kOp.chars, static_cast<long long>(r.value[0]),
                static_cast<long long>(r.value[1]));
}

// Operands from `first` on.
template <Text kOp>
CtcProblem read_problem(const Call& call, int first) {
  const TensorRef &x = call.in[first], &targets = call.in[first + 1];
  if (!is_floating(x.dtype))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", kOp.chars, dtype_name(x.dtype));
  CtcProblem p{};
  p.log_probs = x.data;
  p.dtype = static_cast<int32_t>(x.dtype);
  p.frames = x.dims[0], p.n = x.dims[1], p.classes = x.dims[2];
  p.targets = targets.as<const int64_t>();
  p.targets_numel = targets.numel;
  p.row = targets.rank == 2 ? targets.dims[1] : -1;
  p.input_lengths = call.in[first + 2].as<const int64_t>();
  p.target_lengths = call.in[first + 3].as<const int64_t>();
  p.blank = call.int_attr(0);
  p.zero_infinity = call.attr[1] != 0;
  // Two rows of the longest sample that there may be; what does not fit is read from memory.
  const int64_t most = 2 * (2 * (p.row < 0 ? p.targets_numel : p.row) + 1);
  p.room = static_cast<int32_t>(std::min<int64_t>(most, kCtcShared / static_cast<int64_t>(sizeof(double))));
  p.fault = reinterpret_cast<Fault*>(call.report(ErrorCode::index_out_of_range, write_fault<kOp>));
  return p;
}
uint32_t shared_of(const CtcProblem& p) { return static_cast<uint32_t>(p.room) * sizeof(double); }

}  // namespace

SINTER_CUDA_OP(ctcLoss) {
  CtcProblem p = read_problem<"ctcLoss">(call, 0);
  p.losses = call.out[0].data;
  p.alpha = call.out[1].as<double>();
  launch(call, ctc_loss, Dim(p.n), Dim(kCtcThreads), shared_of(p), p);
}

SINTER_CUDA_OP(ctcLossBackward) {
  CtcProblem p = read_problem<"ctcLossBackward">(call, 1);
  const int64_t targets = std::max<int64_t>(p.targets_numel, 1);
  p.g = call.in[0].data, p.g_dtype = static_cast<int32_t>(call.in[0].dtype);
  p.alpha = call.in[5].as<double>();
  p.beta = call.scratch_of<double>(std::max<int64_t>(call.in[5].numel, 1));
  p.loss = call.scratch_of<double>(std::max<int64_t>(p.n, 1));
  p.begins = call.scratch_of<int64_t>(std::max<int64_t>(p.n, 1));
  p.next = call.scratch_of<int32_t>(targets);
  p.leads = call.scratch_of<int32_t>(targets);
  p.gx = call.out[0].data;
  launch(call, ctc_backward, Dim(p.n), Dim(kCtcThreads), shared_of(p), p);
  launch(call, ctc_gradient, Dim(p.frames * p.n), Dim(kCtcThreads), 0, p);
}

}  // namespace sinter::cuda
