// recurrence: one layer of an LSTM, a GRU or a plain recurrent network, in one direction, over all steps. Place in the whole: entry point
// of the operator table on CUDA; native/ops.def has the operands. f32, f64.
//
// The input products of many steps are one product, with bih. A step is the product of the hidden state with whh and a kernel that adds it
// and applies the cell, and with a projection one product and one kernel more. Where steps differ in their sequences products are of all
// of them, and what a step does not have is left out by the kernel.
#include <algorithm>

#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/recurrent/steps.h"

namespace sinter::cuda {

extern const Image image_recurrent;

static constinit Kernel cells[3][2] = {
    {{image_recurrent, "lstm_f32"}, {image_recurrent, "lstm_f64"}},
    {{image_recurrent, "gru_f32"}, {image_recurrent, "gru_f64"}},
    {{image_recurrent, "plain_f32"}, {image_recurrent, "plain_f64"}},
};
static constinit Kernel projections[] = {{image_recurrent, "projection_f32"}, {image_recurrent, "projection_f64"}};

namespace {

// Of input products that are not kept: many tiles, and L2 may still have them when their steps come.
constexpr int64_t kChunkRows = 4096;

// Steps whose input products are made together.
int64_t chunk_of(const RecurrentLayer& layer, const Steps& steps, bool kept) {
  if (kept || steps.offsets) return steps.count;
  return std::clamp<int64_t>(kChunkRows / std::max<int64_t>(layer.batch, 1), 1, std::max<int64_t>(steps.count, 1));
}

}  // namespace

SINTER_CUDA_OP(recurrence) {
  const TensorRef &x = call.in[0], &wih = call.in[1], &whh = call.in[2], bih = call.opt(3), bhh = call.opt(4);
  const TensorRef h0 = call.opt(5), c0 = call.opt(6), whr = call.opt(7);
  const RecurrentLayer layer(call, "recurrence", whh);
  const int64_t n = x.dim(0), inputs = x.dim(1), b = layer.batch, width = layer.width, hidden = layer.hidden;
  const int64_t columns = layer.gates * hidden;
  const Steps steps = read_steps<true>(call, call.opt(8), n);
  const int results = layer.cell == Cell::lstm ? 3 : 2;
  const bool kept = layer.gates > 1 && call.nout > results;
  void *y = call.out[0].data, *h = call.out[1].data, *cell = results > 2 ? call.out[2].data : nullptr;
  begin_with(call, layer, h0, h, b * width);
  if (cell) begin_with(call, layer, c0, cell, b * hidden);
  if (n == 0 || columns == 0) return;

  const int64_t chunk = chunk_of(layer, steps, kept || layer.gates == 1);
  CellForward p{};
  p.hidden = split_of(hidden);
  p.bias = bhh.data;
  p.sums = layer.gates == 1 ? y
           : kept           ? call.out[results].data
                            : layer.scratch(call, (steps.offsets ? n : chunk * b) * columns);
  p.state = kept ? call.out[results + 1].data : nullptr;
  p.cell = cell, p.h = h, p.y = y;
  p.full = whr.present() ? layer.scratch(call, b * hidden) : nullptr;
  p.kept = kept;
  p.relu = layer.cell == Cell::relu;
  Projection q{};
  if (p.full) {
    // What a step does not have is multiplied too.
    if (steps.offsets) set_bytes(call, p.full, 0, layer.bytes(b * hidden));
    q.width = split_of(width);
    q.from = layer.scratch(call, b * width), q.h = h, q.y = y;
  }
  void* products = layer.scratch(call, b * columns);
  for (int64_t begin = 0; begin < steps.count; begin += chunk) {
    const int64_t end = std::min(begin + chunk, steps.count);
    const bool whole = chunk == steps.count;
    p.origin = whole ? 0 : std::min(steps.at(begin), steps.at(end - 1)) * b;
    multiply(call, layer.dtype, whole ? n : (end - begin) * b, columns, inputs,
             static_cast<const char*>(x.data) + layer.bytes(p.origin * inputs), inputs, wih.data, 1, inputs, p.sums,
             bih.data);
    for (int64_t s = begin; s < end; s++) {
      p.step = steps.step(s);
      p.products = s > 0 || h0.present() ? products : nullptr;
      if (p.products) multiply(call, layer.dtype, b, columns, width, h, width, whh.data, 1, width, products);
      launch(call, cells[layer.kind()][layer.type()], blocks_of_cells(b * hidden), Dim(kRecurrentThreads), 0, p);
      if (!p.full) continue;
      multiply(call, layer.dtype, b, width, hidden, p.full, hidden, whr.data, 1, hidden, q.from);
      q.step = p.step;
      launch(call, projections[layer.type()], blocks_of_cells(b * width), Dim(kRecurrentThreads), 0, q);
    }
  }
}

}  // namespace sinter::cuda
