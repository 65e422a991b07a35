#include "cuda/kernels/attention/tensor.h"

#include <algorithm>

#include "cuda/kernels/attention/hopper_run.h"
#include "cuda/kernels/attention/split.h"
#include "cuda/kernels/pointwise/move.h"

namespace sinter::cuda {

extern const Image image_attention_bf16;
extern const Image image_attention_f16;
extern const Image image_attention_wide_bf16;
extern const Image image_attention_wide_f16;
extern const Image image_attention_backward_bf16;
extern const Image image_attention_backward_f16;

namespace {

// By half, then width 64, 128, 256; then whether scores are changed by more than visibility, or keys in parts: only of width 128 the
// kernels differ.
#define SINTER_FORWARD(image, name) {image_attention_##image, "attention_" name}
constinit Kernel narrow_forward[] = {SINTER_FORWARD(bf16, "bf16_64"), SINTER_FORWARD(f16, "f16_64")};
constinit Kernel plain_forward[] = {SINTER_FORWARD(bf16, "bf16_128"), SINTER_FORWARD(f16, "f16_128")};
constinit Kernel general_forward[] = {SINTER_FORWARD(bf16, "bf16_128_general"), SINTER_FORWARD(f16, "f16_128_general")};
constinit Kernel wide_forward[] = {SINTER_FORWARD(wide_bf16, "bf16_256"), SINTER_FORWARD(wide_f16, "f16_256")};
#undef SINTER_FORWARD
const Kernel& forward_kernel(DType dtype, int width, bool general) {
  const auto& kernels = width == 64    ? narrow_forward
                        : width == 256 ? wide_forward
                        : general      ? general_forward
                                       : plain_forward;
  return kernels[dtype == DType::bf16 ? 0 : 1];
}

// The first of these is of width 64 where scores are not changed.
#define SINTER_BACKWARD_KERNELS(owner, type)                                      \
  {{image_attention_backward_##type, "attention_" owner "_" #type "_64"},         \
   {image_attention_backward_##type, "attention_" owner "_" #type "_64_general"}, \
   {image_attention_backward_##type, "attention_" owner "_" #type "_128"},        \
   {image_attention_wide_##type, "attention_" owner "_" #type "_256"}}
constinit Kernel queries[2][4] = {SINTER_BACKWARD_KERNELS("queries", bf16), SINTER_BACKWARD_KERNELS("queries", f16)};
constinit Kernel keys[2][4] = {SINTER_BACKWARD_KERNELS("keys", bf16), SINTER_BACKWARD_KERNELS("keys", f16)};
#undef SINTER_BACKWARD_KERNELS

constexpr int kWidths[] = {64, 128, 256};
// Which of them.
int width_index(int64_t width) { return width <= 64 ? 0 : width <= 128 ? 1 : 2; }

// Whether scores are changed by more than visibility, or weights left out.
bool changes_scores(const AttentionArgs& args) { return args.adjusted || args.cap != 0 || args.threshold; }

void run_backward(const Call& call, const Kernel (&kernels)[2][4], DType dtype, AttentionArgs& args, bool own_keys) {
  const int index = width_index(std::max(args.d, args.e)), width = kWidths[index];
  if (!changes_scores(args) && run_hopper_backward(call, dtype, args, own_keys)) return;
  const bool general = width > 64 || changes_scores(args);
  // Of width 256 gv and gk come from blocks of their own.
  set_blocks(args, own_keys, backward_rows(width, own_keys), own_keys && width == 256 ? 2 : 1, 1);
  launch(call, kernels[dtype == DType::bf16 ? 0 : 1][index + general], Dim(block_count(args, own_keys)),
         Dim(kTensorThreads), static_cast<uint32_t>(backward_shared(width, own_keys)), args);
}

}  // namespace

HeadRows aligned_rows(const Call& call, const TensorRef& x) {
  const HeadRows rows = head_rows(x);
  if (is_aligned(rows, x.dim(0), x.dim(1), x.dim(2), x.dtype)) return rows;
  // Rows at multiples of 16 bytes; what is the same for several batches or heads stays so.
  int64_t dims[4], strides[4];
  int64_t step = (x.dim(3) + 7) / 8 * 8;
  strides[3] = 1;
  dims[3] = x.dim(3);
  for (int i = 2; i >= 0; i--) {
    const bool same = x.strides[i] == 0;
    dims[i] = same ? std::min<int64_t>(x.dim(i), 1) : x.dim(i);
    strides[i] = same ? 0 : step;
    step *= dims[i];
  }
  TensorRef from = x, to = x;
  from.dims = to.dims = dims;
  from.numel = to.numel = dims[0] * dims[1] * dims[2] * dims[3];
  from.contiguous = to.contiguous = false;
  to.strides = strides;
  to.data = call.scratch(static_cast<size_t>(std::max<int64_t>(step, 8)) * dtype_size(x.dtype));
  if (from.numel) copy_to(call, to, from);
  return head_rows(to);
}

void align_operands(const Call& call, AttentionArgs& args, int first) {
  args.q = aligned_rows(call, call.in[first]);
  args.k = aligned_rows(call, call.in[first + 1]);
  args.v = aligned_rows(call, call.in[first + 2]);
}

void run_tensor(const Call& call, DType dtype, AttentionArgs args) {
  const int width = kWidths[width_index(std::max(args.d, args.e))];
  join_heads(args);
  set_blocks(args, false, forward_rows(width), 1, 1);
  const SplitKeys split(call, dtype, args);
  const bool general = args.parts > 1 || changes_scores(args);
  if (!general && run_hopper_attention(call, dtype, args)) return;
  launch(call, forward_kernel(dtype, width, general), Dim(block_count(args, false)), Dim(kTensorThreads),
         static_cast<uint32_t>(forward_shared(width)), args);
  split.combine();
}

void run_tensor_queries(const Call& call, DType dtype, AttentionArgs args) {
  run_backward(call, queries, dtype, args, false);
}
void run_tensor_keys(const Call& call, DType dtype, AttentionArgs args) { run_backward(call, keys, dtype, args, true); }

}  // namespace sinter::cuda
