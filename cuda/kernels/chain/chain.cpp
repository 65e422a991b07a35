// Programs of pointwise operators. Place in the whole: entry point pointwiseChain of the operator table on CUDA; native/engine/chain.h has
// the program.
//
// x0, x1, ... (any views, broadcast) -> y0, y1, ... (one shape, contiguous). A program becomes a kernel (generator.h) for each layout of
// operands that it meets, of 16 bytes an access where all of them allow it; every operand is read once. Programs of
// much text have a kernel of one element a thread; those with a step that the generator has no function for, with complex numbers, or with
// more operands or elements than a kernel takes, run step by step.
#include <vector>

#include "cuda/kernels/chain/cache.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"
#include "engine/error.h"

namespace sinter::cuda {

namespace {

// Every step by its own operator, over memory that later steps use again. For programs that are no kernel.
void run_steps(const Call& call, const Chain& chain) {
  struct Room {
    void* data;
    size_t bytes;
  };
  std::vector<Room> free;
  std::vector<TensorRef> values(call.in, call.in + call.nin);
  for (int s = 0; s < chain.count; s++) {
    const ChainStep& step = chain.steps[s];
    TensorRef y = call.out[0];
    y.dtype = step.dtype;
    const size_t bytes = static_cast<size_t>(y.numel) * dtype_size(y.dtype);
    if (step.result >= 0) {
      y.data = call.out[step.result].data;
    } else {
      y.data = nullptr;
      for (Room& room : free)
        if (room.bytes == bytes && !y.data) {
          y.data = room.data;
          room = free.back();
          free.pop_back();
          break;
        }
      if (!y.data) y.data = call.scratch(bytes);
    }
    TensorRef in[kMaxChainOperands];
    for (int k = 0; k < step.nin; k++) in[k] = values[static_cast<size_t>(step.value(k))];
    const sinter::Kernel kernel = registered_kernels()[step.opcode];
    if (!kernel) fail(ErrorCode::unsupported_on_device, "a step has no kernel on cuda (operator %d)", step.opcode);
    kernel({in, &y, step.attr, step.nin, 1, step.nattr, call.workspace, call.queue});
    values.push_back(y);
    for (int t = 0; t <= s; t++) {
      const ChainStep& before = chain.steps[t];
      if (before.last == s && before.result < 0)
        free.push_back({values[static_cast<size_t>(chain.inputs + t)].data,
                        static_cast<size_t>(y.numel) * dtype_size(before.dtype)});
    }
  }
}

void launch_elements(const Call& call, const CompiledChain& chain, const ChainLayout& layout, int64_t begin,
                     int64_t count) {
  const int64_t block = int64_t{kChainThreads} * layout.elements;
  launch(call, chain.kernel(), Dim((count + block - 1) / block), Dim(kChainThreads), 0, words_of(layout, begin, count));
}

}  // namespace

SINTER_CUDA_OP(pointwiseChain) {
  const Chain chain = chain_of(call);
  const int64_t n = call.out[0].numel;
  if (n == 0) return;
  ChainLayout layout;
  if (!layout_of(call, layout)) return run_steps(call, chain);
  std::shared_ptr<CompiledChain> whole = compiled(call, chain, layout);
  if (!*whole && layout.elements > 1) {
    layout = one_by_one(layout);
    whole = compiled(call, chain, layout);
  }
  if (!*whole) return run_steps(call, chain);
  // What is no whole pack at the end: by strides there is none.
  const int64_t rest = n % layout.elements;
  if (n > rest) launch_elements(call, *whole, layout, 0, n - rest);
  if (rest == 0) return;
  const ChainLayout ends = one_by_one(layout);
  const std::shared_ptr<CompiledChain> last = compiled(call, chain, ends);
  if (!*last) fail(ErrorCode::internal, "a chain has a kernel of packs and none of elements");
  launch_elements(call, *last, ends, n - rest, rest);
}

}  // namespace sinter::cuda
