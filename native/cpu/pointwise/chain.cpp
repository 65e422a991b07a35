// Programs of pointwise operators in one pass over memory. Place in the whole: entry point pointwiseChain of the operator table;
// native/engine/chain.h has the program.
//
// x0, x1, ... (any views, broadcast) -> y0, y1, ... (one shape, contiguous). A thread takes a block of elements through all steps before
// the next one; each step is the operator's own kernel on blocks that stay in the first-level cache, so that every operator, dtype and
// bit is that of the operators called one after the other. Blocks whose last reader has run are used again. Operands that lie as the
// results do are read in place, and results are written in place, or streamed where they are too large for the caches.
#include "engine/chain.h"

#include "cpu/copy/runs.h"
#include "cpu/copy/view.h"
#include "cpu/pointwise/loops.h"
#include "cpu/threads/pool.h"
#include "engine/backend.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kInCache = 24 << 10;              // bytes that a thread's blocks should have together
constexpr int64_t kOnStack = 128 << 10;             // and may have
constexpr int64_t kShortest = 64, kLongest = 2048;  // elements of a block

enum class Way : uint8_t { in_place, one_value, gathered };

struct Input {
  Way way;
  const char* data;
  DType dtype;
  int64_t size;
  int64_t block;  // bytes of an element in front of its block
  Nest<1> nest;
};

struct Plan {
  const Call* call;
  const Kernel* kernels;
  Chain chain;
  Input* inputs;
  int64_t* blocks;   // of the steps' values
  int64_t elements;  // of a block
  bool stream;
};

// Gives out blocks, as bytes an element in front of each.
class Blocks {
 public:
  Blocks(int64_t* free, const int most) : free_(free), most_(most) {}

  int64_t take(int64_t size) {
    for (int i = 0; i < count_; i++)
      if (free_[2 * i + 1] == size) {
        const int64_t at = free_[2 * i];
        count_--;
        free_[2 * i] = free_[2 * count_];
        free_[2 * i + 1] = free_[2 * count_ + 1];
        return at;
      }
    const int64_t at = bytes_;
    bytes_ += size;
    return at;
  }
  void give(int64_t at, int64_t size) {
    if (count_ == most_) return;
    free_[2 * count_] = at;
    free_[2 * count_ + 1] = size;
    count_++;
  }
  int64_t bytes() const { return bytes_; }

 private:
  int64_t* free_;  // pairs of place and size
  const int most_;
  int count_ = 0;
  int64_t bytes_ = 0;
};

void gather(const Input& x, int64_t begin, int64_t n, char* dst) {
  const int64_t inner = x.nest.inner(), stride = x.nest.inner_stride(0);
  Odometer<1> at(x.nest, begin / inner);
  int64_t column = begin % inner;
  for (int64_t i = 0; i < n;) {
    const int64_t count = std::min(n - i, inner - column);
    const char* from = x.data + (at.offset[0] + column * stride) * x.size;
    if (stride == 0)
      fill_run(static_cast<size_t>(x.size), from, dst + i * x.size, count);
    else
      gather_run(static_cast<size_t>(x.size), from, stride, dst + i * x.size, count);
    i += count;
    column = 0;
    at.next();
  }
}

void run_step(const Plan& plan, const ChainStep& step, const TensorRef* values, const TensorRef& y) {
  TensorRef in[kMaxChainOperands];
  for (int k = 0; k < step.nin; k++) in[k] = values[step.value(k)];
  plan.kernels[step.opcode]({in, &y, step.attr, step.nin, 1, step.nattr, plan.call->workspace});
}

void run(const Plan& plan, int64_t begin, int64_t end) {
  alignas(64) char memory[kOnStack];
  alignas(TensorRef) char room[sizeof(TensorRef) * kMaxChainValues];  // of which few are ever touched
  auto* const values = reinterpret_cast<TensorRef*>(room);
  const int nin = plan.chain.inputs, all = nin + plan.chain.count;
  int64_t n = 0;
  const int64_t one = 1;
  for (int v = 0; v < all; v++) {
    values[v] = {};
    values[v].dims = &n;
    values[v].strides = &one;
    values[v].rank = 1;
    values[v].dtype = v < nin ? plan.inputs[v].dtype : plan.chain.steps[v - nin].dtype;
    values[v].data = memory + (v < nin ? plan.inputs[v].block : plan.blocks[v - nin]) * plan.elements;
  }
  for (int k = 0; k < nin; k++)
    if (const Input& x = plan.inputs[k]; x.way == Way::one_value)
      fill_run(static_cast<size_t>(x.size), x.data, values[k].as<char>(), std::min(plan.elements, end - begin));
  for (int64_t i = begin; i < end; i += n) {
    n = std::min(plan.elements, end - i);
    for (int v = 0; v < all; v++) values[v].numel = n;
    for (int k = 0; k < nin; k++) {
      const Input& x = plan.inputs[k];
      if (x.way == Way::in_place) values[k].data = const_cast<char*>(x.data) + i * x.size;
      if (x.way == Way::gathered) gather(x, i, n, values[k].as<char>());
    }
    for (int s = 0; s < plan.chain.count; s++) {
      const ChainStep& step = plan.chain.steps[s];
      TensorRef& y = values[nin + s];
      if (step.result >= 0 && !plan.stream)
        y.data = plan.call->out[step.result].as<char>() + i * static_cast<int64_t>(dtype_size(y.dtype));
      run_step(plan, step, values, y);
      if (step.result < 0 || !plan.stream) continue;
      const int64_t size = static_cast<int64_t>(dtype_size(y.dtype));
      stream_copy(plan.call->out[step.result].as<char>() + i * size, y.data, n * size);
    }
  }
  if (plan.stream) stream_fence();
}

// What a kernel refuses it refuses of no elements too; behind this nothing throws where no thread may.
void try_steps(const Plan& plan) {
  alignas(16) char nothing[16] = {};
  const int64_t dims = 0, one = 1;
  alignas(TensorRef) char room[sizeof(TensorRef) * kMaxChainValues];
  auto* const values = reinterpret_cast<TensorRef*>(room);
  for (int v = 0; v < plan.chain.inputs + plan.chain.count; v++) {
    const int s = v - plan.chain.inputs;
    values[v] = {};
    values[v].data = nothing;
    values[v].dims = &dims;
    values[v].strides = &one;
    values[v].rank = 1;
    values[v].dtype = s < 0 ? plan.inputs[v].dtype : plan.chain.steps[s].dtype;
    if (s >= 0) run_step(plan, plan.chain.steps[s], values, values[v]);
  }
}

void look_at(const TensorRef& operand, const TensorRef& y, const Call& c, Input& x) {
  int64_t strides[kMaxRank];
  const TensorRef from = prepared(operand, c, strides);
  x.data = from.as<const char>();
  x.dtype = from.dtype;
  x.size = static_cast<int64_t>(dtype_size(from.dtype));
  x.nest.rank = y.rank;
  for (int d = 0; d < y.rank; d++) x.nest.dims[d] = y.dims[d];
  broadcast_strides(from, y.rank, x.nest.strides[0]);
  x.nest.collapse();
  const bool repeated = x.nest.rank == 1 && x.nest.inner_stride(0) == 0;
  x.way = x.nest.dense(0) && x.nest.rank > 0 ? Way::in_place
          : repeated || x.nest.rank == 0     ? Way::one_value
                                             : Way::gathered;
}

}  // namespace

void pointwiseChain(const Call& c) {
  const TensorRef& y = c.out[0];
  Plan plan{&c, cpu_backend().kernels, chain_of(c), nullptr, nullptr, 0, false};
  const Chain& chain = plan.chain;
  const auto count = static_cast<size_t>(chain.count), values = count + static_cast<size_t>(c.nin);
  plan.inputs = static_cast<Input*>(c.host_scratch(sizeof(Input) * static_cast<size_t>(c.nin + 1)));
  plan.blocks = static_cast<int64_t*>(c.host_scratch(sizeof(int64_t) * (count + 1)));
  for (int k = 0; k < c.nin; k++) look_at(c.in[k], y, c, plan.inputs[k] = {});
  try_steps(plan);
  if (y.numel == 0) return;

  // As in the pointwise engine.
  for (int r = 0; r < c.nout; r++)
    plan.stream |= y.numel * static_cast<int64_t>(dtype_size(c.out[r].dtype)) >= kStreamBytes;
  Blocks blocks(static_cast<int64_t*>(c.host_scratch(sizeof(int64_t) * 2 * values)), static_cast<int>(values));
  for (int k = 0; k < c.nin; k++)
    plan.inputs[k].block = plan.inputs[k].way == Way::in_place ? 0 : blocks.take(plan.inputs[k].size);
  for (int s = 0; s < chain.count; s++) {
    const ChainStep& step = chain.steps[s];
    const bool direct = step.result >= 0 && !plan.stream;
    plan.blocks[s] = direct ? 0 : blocks.take(static_cast<int64_t>(dtype_size(step.dtype)));
    for (int t = 0; t <= s; t++) {  // those that this step was the last to read
      const ChainStep& before = chain.steps[t];
      if (before.last == s && (before.result < 0 || plan.stream))
        blocks.give(plan.blocks[t], static_cast<int64_t>(dtype_size(before.dtype)));
    }
  }
  const int64_t bytes = std::max<int64_t>(blocks.bytes(), 1);
  plan.elements = std::clamp(kInCache / bytes, kShortest, kLongest) / kShortest * kShortest;
  if (plan.elements * bytes > kOnStack)
    fail(
        ErrorCode::unsupported,
        "pointwiseChain: %d steps keep %lld bytes an element at a time, and %lld are possible; cut the function in two",
        chain.count, static_cast<long long>(bytes), static_cast<long long>(kOnStack / kShortest));
  const int64_t grain = std::max(kCheap / std::max(chain.count / 2, 1), kLongest);
  parallel_for(y.numel, streaming_grain(y.numel, grain), [&](int64_t begin, int64_t end) { run(plan, begin, end); });
}

}  // namespace sinter::cpu::SINTER_ISA
