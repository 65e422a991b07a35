// The pointwise engine. Place in the whole: see loops.h. No entry point of the operator table lives here.
//
// The output is contiguous, so its flat index is the order of work; parallel ranges are pieces of it. Operands'
// dimensions are collapsed together; where the inner dimension is long, each row is a run of its own (operands with
// inner stride 0 are single values); where it is short, blocks are gathered across rows. Operands of another dtype or
// stride, and outputs of another dtype, pass through blocks that stay in the first-level cache. Outputs too large for
// the caches take the same way and are then streamed to memory.
#include <algorithm>

#include "cpu/copy/runs.h"
#include "cpu/copy/strided.h"
#include "cpu/pointwise/loops.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kBlock = 1024;  // elements staged at once
// Elements between bursts of streaming stores: measured, short bursts let the memory read meanwhile (an addition of 64 MB
// takes half the time of bursts of 1024).
constexpr int64_t kStreamStep = 128;
constexpr int64_t kShortRow = 32;            // rows shorter than this are gathered across
constexpr int64_t kTransposeFrom = 1 << 14;  // from this many elements a permuted operand is made contiguous first

struct Operand {
  const char* data;
  DType dtype, compute;
  int64_t size;
  bool flat;  // its offset is the flat index
};

struct Plan {
  RunFn run;
  Params params;
  Nest<3> nest;
  int nin;
  unsigned steps;
  Operand in[3];
  char* out;
  DType out_dtype, result;  // result: what the run writes
  int64_t out_size;
  bool stream;
  bool staged;  // some block buffer is needed, so that runs are at most kBlock long
};

DType compute_type(DType d, bool truth) {
  if (truth) return DType::boolean;
  switch (d) {
    case DType::bf16:
    case DType::f16: return DType::f32;
    case DType::u8:
    case DType::i8:
    case DType::boolean: return DType::i32;
    default: return d;
  }
}

struct Buffers {
  alignas(64) char gathered[kBlock * 16];
  alignas(64) char in[3][kBlock * 16];
  alignas(64) char out[kBlock * 16];
};

// Operand k's values from `data` on with `stride`, in the compute type.
SINTER_INLINE void fetch(const Plan& plan, Run& r, int k, const char* data, int64_t stride, Buffers& buffers) {
  const Operand& x = plan.in[k];
  const bool same = x.dtype == x.compute;
  r.step[k] = stride == 0 && (plan.steps >> k & 1) ? 0 : 1;
  if (same && stride == r.step[k]) {
    r.in[k] = data;
    return;
  }
  r.in[k] = buffers.in[k];
  if (stride == 0) {
    alignas(16) char value[16];
    convert_run(x.dtype, data, x.compute, value, 1);
    fill_run(dtype_size(x.compute), value, buffers.in[k], r.step[k] ? r.n : 1);
    return;
  }
  if (stride != 1) {
    char* gathered = same ? buffers.in[k] : buffers.gathered;
    gather_run(static_cast<size_t>(x.size), data, stride, gathered, r.n);
    data = gathered;
  }
  if (!same) convert_run(x.dtype, data, x.compute, buffers.in[k], r.n);
}

SINTER_INLINE void compute(const Plan& plan, Run& r, int64_t flat, Buffers& buffers) {
  // A run takes one single value at most: spread the others.
  for (int k = 1; k < plan.nin; k++)
    for (int j = 0; j < k && !r.step[k]; j++)
      if (plan.steps >> j & 1 && !r.step[j]) {
        fill_run(dtype_size(plan.in[k].compute), r.in[k], buffers.gathered, 1);
        fill_run(dtype_size(plan.in[k].compute), buffers.gathered, buffers.in[k], r.n);
        r.in[k] = buffers.in[k];
        r.step[k] = 1;
      }
  char* out = plan.out + flat * plan.out_size;
  const bool direct = plan.result == plan.out_dtype && !plan.stream;
  r.out = direct ? out : buffers.out;
  plan.run(r);
  if (direct) return;
  const char* done = buffers.out;
  if (plan.result != plan.out_dtype) {
    convert_run(plan.result, done, plan.out_dtype, plan.stream ? buffers.gathered : out, r.n);
    done = buffers.gathered;
  }
  if (plan.stream) stream_copy(out, done, r.n * plan.out_size);
}

void run_rows(const Plan& plan, int64_t begin, int64_t end) {
  Buffers buffers;
  const Nest<3>& nest = plan.nest;
  const int64_t inner = nest.inner();
  Odometer<3> at(nest, begin / inner);
  int64_t column = begin % inner;
  Run r{{}, {1, 1, 1}, nullptr, 0, plan.params};
  for (int64_t i = begin; i < end; i += r.n) {
    r.n = std::min(end - i, inner - column);
    if (plan.staged) r.n = std::min(r.n, plan.stream ? kStreamStep : kBlock);
    for (int k = 0; k < plan.nin; k++) {
      int64_t stride = nest.inner_stride(k);
      fetch(plan, r, k, plan.in[k].data + (at.offset[k] + column * stride) * plan.in[k].size, stride, buffers);
    }
    compute(plan, r, i, buffers);
    column += r.n;
    if (column == inner) {
      column = 0;
      at.next();
    }
  }
}

// Gathers [begin, begin + n) of operand k in flat order.
void gather_across(const Plan& plan, int k, int64_t begin, int64_t n, char* dst) {
  const Nest<3>& nest = plan.nest;
  const Operand& x = plan.in[k];
  const int64_t inner = nest.inner(), stride = nest.inner_stride(k);
  Odometer<3> at(nest, begin / inner);
  int64_t column = begin % inner;
  for (int64_t i = 0; i < n;) {
    int64_t count = std::min(n - i, inner - column);
    gather_run(static_cast<size_t>(x.size), x.data + (at.offset[k] + column * stride) * x.size, stride,
               dst + i * x.size, count);
    i += count;
    column = 0;
    at.next();
  }
}

void run_across(const Plan& plan, int64_t begin, int64_t end) {
  Buffers buffers;
  Run r{{}, {1, 1, 1}, nullptr, 0, plan.params};
  alignas(64) char rows[kBlock * 16];
  for (int64_t i = begin; i < end; i += r.n) {
    r.n = std::min(end - i, kBlock);
    for (int k = 0; k < plan.nin; k++) {
      const Operand& x = plan.in[k];
      if (x.flat) {
        fetch(plan, r, k, x.data + i * x.size, 1, buffers);
      } else if (x.dtype == x.compute) {
        gather_across(plan, k, i, r.n, buffers.in[k]);
        r.in[k] = buffers.in[k];
        r.step[k] = 1;
      } else {
        gather_across(plan, k, i, r.n, rows);
        fetch(plan, r, k, rows, 1, buffers);
      }
    }
    compute(plan, r, i, buffers);
  }
}

void execute(Plan& plan, const Pointwise& op, const TensorRef* in, const TensorRef& out, const Call& c) {
  Nest<3>& nest = plan.nest;
  nest.rank = out.rank;
  for (int d = 0; d < out.rank; d++) nest.dims[d] = out.dims[d];
  bool aliases = false;
  plan.staged = plan.result != plan.out_dtype;
  for (int k = 0; k < 3; k++) {
    if (k >= plan.nin) {  // walks with operand 0, so that it never hinders collapsing
      for (int d = 0; d < out.rank; d++) nest.strides[k][d] = nest.strides[0][d];
      continue;
    }
    int64_t strides[kMaxRank];
    TensorRef x = prepared(in[k], c, strides);
    broadcast_strides(x, out.rank, nest.strides[k]);
    plan.in[k].data = x.as<const char>();
    plan.in[k].dtype = x.dtype;
    plan.in[k].size = static_cast<int64_t>(dtype_size(x.dtype));
    aliases |= x.data == out.data;
  }
  nest.collapse();
  int zeros = 0;
  for (int k = 0; k < plan.nin; k++) {
    Operand& x = plan.in[k];
    int64_t stride = nest.inner_stride(k);
    x.flat = nest.dense(k);
    bool single = stride == 0 && (plan.steps >> k & 1);
    zeros += single;
    plan.staged |= (!single && stride != 1) || x.dtype != x.compute;
  }
  plan.staged |= zeros > 1;
  plan.out = out.as<char>();
  plan.out_size = static_cast<int64_t>(dtype_size(out.dtype));
  plan.stream = !aliases && out.numel * plan.out_size >= kStreamBytes;
  plan.staged |= plan.stream;
  const bool across = nest.rank > 1 && nest.inner() < kShortRow;
  parallel_for(out.numel, streaming_grain(out.numel, op.grain), [&](int64_t begin, int64_t end) {
    across ? run_across(plan, begin, end) : run_rows(plan, begin, end);
    if (plan.stream) stream_fence();
  });
}

}  // namespace

TensorRef prepared(const TensorRef& x, const Call& c, int64_t* strides) {
  if (x.contiguous || x.numel < kTransposeFrom || x.rank < 2 || x.strides[x.rank - 1] <= 1) return x;
  Nest<2> nest;
  nest.rank = x.rank;
  TensorRef y = x;
  int64_t stride = 1;
  for (int d = x.rank - 1; d >= 0; d--) {
    if (x.strides[d] == 0 && x.dims[d] > 1) return x;  // broadcast: stays small as it is
    nest.dims[d] = x.dims[d];
    nest.strides[0][d] = strides[d] = stride;
    nest.strides[1][d] = x.strides[d];
    stride *= x.dims[d];
  }
  y.data = c.scratch(static_cast<size_t>(x.numel) * dtype_size(x.dtype));
  y.strides = strides;
  y.contiguous = true;
  strided_copy(nest, x.dtype, y.data, x.dtype, x.data);
  return y;
}

TensorRef scalar_operand(double value, DType dtype, bool truth, void* storage) {
  TensorRef x;
  x.dtype = compute_type(dtype, truth);
  x.data = storage;
  x.numel = 1;
  x.rank = 0;
  convert_run(DType::f64, &value, x.dtype, storage, 1);
  return x;
}

void pointwise(const Pointwise& op, const TensorRef* in, int nin, const TensorRef& out, Params params, const Call& c) {
  const bool truth = op.truth != nullptr;
  // The scalar operand of a binary operator already has the compute type, so the tensor among the operands decides.
  const DType dtype = nin > 1 && in[0].rank == 0 && in[0].dtype != in[1].dtype ? in[1].dtype : in[0].dtype;
  const DType compute = compute_type(dtype, truth);
  RunFn run = nullptr;
  switch (compute) {
    case DType::f32: run = op.f32; break;
    case DType::f64: run = op.f64; break;
    case DType::i32: run = op.i32; break;
    case DType::i64: run = op.i64; break;
    case DType::boolean: run = op.truth; break;
    default: break;
  }
  if (run == nullptr) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", op.name, dtype_name(dtype));
  if (out.numel == 0) return;
  Plan plan;
  plan.run = run;
  plan.params = params;
  plan.nin = nin;
  plan.steps = op.steps;
  for (int k = 0; k < nin; k++) plan.in[k].compute = compute;
  plan.out_dtype = out.dtype;
  plan.result = op.to_bool ? DType::boolean : compute;
  execute(plan, op, in, out, c);
}

void pointwise_raw(const Pointwise& op, RunFn run, const TensorRef* in, int nin, const TensorRef& out, const Call& c) {
  if (out.numel == 0) return;
  Plan plan;
  plan.run = run;
  plan.params = {};
  plan.nin = nin;
  plan.steps = op.steps;
  for (int k = 0; k < nin; k++) plan.in[k].compute = in[k].dtype;
  plan.out_dtype = plan.result = out.dtype;
  execute(plan, op, in, out, c);
}

}  // namespace sinter::cpu::SINTER_ISA
