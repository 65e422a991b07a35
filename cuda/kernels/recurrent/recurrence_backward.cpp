// recurrenceBackward: from the gradients of a layer's results to those of its gates' sums, step by step, last step first. Place in the
// whole: entry point of the operator table on CUDA; native/ops.def has the operands. f32, f64. The gradients of weights and input are
// products of what comes out, which lib/ops/recurrence.ts makes.
//
// A step is a kernel that has the cells' gradients, and a product with whh that adds what goes to the hidden state before; with a
// projection a kernel and a product in front. Where steps differ in their sequences products are of all of them, from a copy that has
// zeros for those that a step does not have.
#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/recurrent/steps.h"

namespace sinter::cuda {

extern const Image image_recurrent;

static constinit Kernel cells_backward[3][2] = {
    {{image_recurrent, "lstm_backward_f32"}, {image_recurrent, "lstm_backward_f64"}},
    {{image_recurrent, "gru_backward_f32"}, {image_recurrent, "gru_backward_f64"}},
    {{image_recurrent, "plain_backward_f32"}, {image_recurrent, "plain_backward_f64"}},
};
static constinit Kernel projections_backward[] = {{image_recurrent, "projection_backward_f32"},
                                                  {image_recurrent, "projection_backward_f64"}};

namespace {

// whh in the order of the gradients that it is multiplied by: a GRU's n comes first.
const void* weights_of(const Call& call, const RecurrentLayer& layer, const TensorRef& whh) {
  if (layer.cell != Cell::gru || whh.numel == 0) return whh.data;
  void* turned = layer.scratch(call, whh.numel);
  const int64_t third = layer.hidden * layer.width;
  copy_bytes(call, turned, static_cast<const char*>(whh.data) + layer.bytes(2 * third), layer.bytes(third));
  copy_bytes(call, layer.row(turned, third), whh.data, layer.bytes(2 * third));
  return turned;
}

}  // namespace

SINTER_CUDA_OP(recurrenceBackward) {
  const TensorRef &gy = call.in[0], &ghn = call.in[1], &gcn = call.in[2], &whh = call.in[3], &h0 = call.in[4];
  const TensorRef &c0 = call.in[5], &whr = call.in[6], &y = call.in[7], gates = call.opt(8), state = call.opt(9);
  const RecurrentLayer layer(call, "recurrenceBackward", whh);
  const int64_t b = layer.batch, width = layer.width, hidden = layer.hidden, columns = layer.gates * hidden;
  const Steps steps = read_steps<false>(call, call.opt(10), y.dim(0));
  const bool lstm = layer.cell == Cell::lstm, wanted = call.attr[3] != 0;
  void *gh = call.out[1].data, *gc = lstm ? call.out[2].data : nullptr;
  begin_with(call, layer, ghn, gh, b * width);
  if (gc) begin_with(call, layer, gcn, gc, b * hidden);
  if (y.dim(0) == 0 || columns == 0) return;

  const int64_t gradients = gradients_of(layer.cell) * hidden;
  CellBackward p{};
  p.hidden = split_of(hidden);
  p.gates = layer.gates == 1 ? y.data : gates.data;
  p.state = state.data;
  p.memory = lstm ? state.data : y.data;
  p.begin = lstm ? c0.data : h0.data;
  p.of_h = gh, p.gy = gy.data, p.gh = gh;
  p.gc = gc;
  p.d = call.out[0].data;
  p.a = steps.offsets ? layer.scratch(call, b * columns) : nullptr;
  p.relu = layer.cell == Cell::relu;
  Projection q{};
  if (whr.present()) {
    void* of_full = layer.scratch(call, b * hidden);
    q.width = split_of(width);
    q.from = layer.scratch(call, b * width), q.h = gh, q.y = call.out[3].data, q.gy = gy.data;
    p.of_h = of_full, p.gy = nullptr, p.gh = nullptr;
    p.full = call.out[4].data;
  }
  const void* weights = weights_of(call, layer, whh);
  for (int64_t s = steps.count - 1; s >= 0; s--) {
    p.step = q.step = steps.step(s);
    if (whr.present()) {
      launch(call, projections_backward[layer.type()], blocks_of_cells(b * width), Dim(kRecurrentThreads), 0, q);
      multiply(call, layer.dtype, b, hidden, width, q.from, width, whr.data, hidden, 1, const_cast<void*>(p.of_h));
    }
    launch(call, cells_backward[layer.kind()][layer.type()], blocks_of_cells(b * hidden), Dim(kRecurrentThreads), 0, p);
    if (s == 0 && !wanted) break;
    const void* a = p.a ? p.a : layer.row(p.d, p.step.at * b * gradients);
    multiply(call, layer.dtype, b, width, columns, a, p.a ? columns : gradients, weights, width, 1, gh, nullptr, true);
  }
}

}  // namespace sinter::cuda
