// recurrenceBackward: from the gradients of a layer's results to those of its gates' sums, step by step, last step first. Place in the
// whole: see native/ops.def for the operands, forward.cpp for the layer; the gradients of weights and input are products of what comes
// out, which lib/ops/recurrence.ts makes.
//   gy? (n, p), ghn? (b, p), gcn? (b, h), whh (G h, p), h0? (b, p), c0? (b, h), whr? (p, h), y (n, p), gates? (n, G h), state? (n, h), sizes?
//   -> d (n, D h), gh0 (b, p), for an LSTM gc0 (b, h), and with whr gprojected (n, p), full (n, h): gradients and values of what
//      whr multiplies, D gradients a unit as cell.h orders them
// f32, f64. gh0 and gc0 carry the gradients from step to step; without `wanted` gh0 is left as it is before its last product.
//
// A task multiplies the gradients of one step by its columns of whh and has all that the cells of these units need at the step before,
// so the threads meet once a step (twice with a projection).
#include "cpu/recurrent/cell.h"
#include "cpu/recurrent/steps.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T, Cell kCell>
class Backward {
  static constexpr int kGates = gates_of(kCell), kGradients = gradients_of(kCell);

 public:
  explicit Backward(const Call& call)
      : c(call), gy(c.in[0].as<T>()), whh(c.in[3].as<T>()), h0(c.in[4].as<T>()), c0(c.in[5].as<T>()),
        whr(c.in[6].as<T>()), y(c.in[7].as<T>()), gates(kGates == 1 ? y : c.in[8].as<T>()), state(c.in[9].as<T>()),
        d(c.out[0].as<T>()), gh(c.out[1].as<T>()), gc(kCell == Cell::lstm ? c.out[2].as<T>() : nullptr),
        hidden(c.in[3].dim(0) / kGates), width(c.in[3].dim(1)), depth(kGates * hidden),
        steps(read_steps(c, "recurrenceBackward", c.in[7].dim(0), c.opt(10), c.int_attr(2), c.attr[1] != 0)) {}

  void run() {
    const int64_t b = steps.batch;
    copy_rows_of(b, width, c.in[1].as<T>(), width, gh, width);
    if (gc) copy_rows_of(b, hidden, c.in[2].as<T>(), hidden, gc, hidden);
    if (steps.count > 1) pack_weights();
    if (whr) take_projection();
    for (int64_t s = steps.count - 1; s >= 0; s--) {
      if (whr)
        projected_step(s);
      else
        plain_step(s);
    }
    if (c.attr[3] != 0 && steps.count > 0) first_product();
  }

 private:
  const Call& c;
  const T *gy, *whh, *h0, *c0, *whr, *y, *gates, *state;
  T *d, *gh, *gc;
  const int64_t hidden, width, depth;
  const Steps steps;
  const T *packed_whh, *packed_whr;
  T *projected, *full, *gfull;
  int64_t ldf;

  // Rows in the order of cell.h's gradients: the GRU's b comes first.
  void pack_weights() {
    T* packed = c.scratch_of<T>(blocks_of<T>(width) * depth * kNR<T>);
    parallel_for(blocks_of<T>(width), 1, [=, this](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++)
        for (int g = 0; g < kGates; g++) {
          const int from = kCell == Cell::gru ? (g + 2) % 3 : g;
          pack_panel(whh + from * hidden * width + block * kNR<T>, width, 1, hidden, block_width<T>(block, width),
                     packed + (block * depth + g * hidden) * kNR<T>);
        }
    });
    packed_whh = packed;
  }

  void take_projection() {
    projected = c.out[3].as<T>();
    full = c.out[4].as<T>();
    ldf = padded<T>(hidden);
    gfull = c.scratch_of<T>(steps.batch * ldf);
    T* packed = c.scratch_of<T>(blocks_of<T>(hidden) * width * kNR<T>);
    parallel_for(blocks_of<T>(hidden), 1, [=, this](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++)
        pack_panel(whr + block * kNR<T>, hidden, 1, width, block_width<T>(block, hidden),
                   packed + block * width * kNR<T>);
    });
    packed_whr = packed;
  }

  // The s-th step's cells, after the product of the gradients of the step behind it.
  void plain_step(int64_t s) {
    const int64_t rows = steps.rows(steps.at(s));
    parallel_for(blocks_of<T>(width), step_grain<T>(rows, depth, 1), [=, this](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++) {
        Ahead<T> ahead = of_cells(s, block);
        hidden_product(s, block, &ahead);
        cells(s, block, gh, width, gy);
      }
    });
  }

  void projected_step(int64_t s) {
    const int64_t t = steps.at(s), row = steps.first(t), rows = steps.rows(t);
    parallel_for(blocks_of<T>(width), step_grain<T>(rows, depth, 1), [=, this](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++) {
        hidden_product(s, block);
        const int64_t first = block * kNR<T>, last = first + block_width<T>(block, width);
        for (int64_t r = 0; r < rows; r++)
          for (int64_t i = first; i < last; i++) {
            const int64_t at = (row + r) * width + i;
            projected[at] = gh[r * width + i] + (gy ? gy[at] : T(0));
          }
      }
    });
    parallel_for(blocks_of<T>(hidden), step_grain<T>(rows, width, 1), [=, this](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++) {
        panel_product<T>(rows, width, projected + row * width, width, packed_whr + block * width * kNR<T>,
                         gfull + block * kNR<T>, ldf, block_width<T>(block, hidden), false, nullptr);
        cells(s, block, gfull, ldf, nullptr);
      }
    });
  }

  // A row's gradients, of which the first ones, one a gate, go through the hidden product, which reads them here: see forward.cpp on
  // buffers that steps would fill by turns.
  T* gradients_at(int64_t row) const { return d + row * kGradients * hidden; }

  // What the cells of a block want, of which a step of the batch is in no cache of this core.
  Ahead<T> of_cells(int64_t s, int64_t block) const {
    const int64_t t = steps.at(s), row = steps.first(t), first = block * kNR<T>;
    const int64_t turns = s + 1 < steps.count ? panel_tiles<T>(steps.rows(steps.at(s + 1)), depth) : 1;
    Ahead<T> ahead(steps.rows(t), block_width<T>(block, hidden), turns);
    for (int g = 0; g < kGates; g++) ahead.add(gates + row * depth + g * hidden + first, depth);
    for (int j = 0; j < kGradients; j++) ahead.add(gradients_at(row) + j * hidden + first, kGradients * hidden);
    if (gy && !whr) ahead.add(gy + row * hidden + first, hidden);
    if (kGates > 1) ahead.add(state + row * hidden + first, hidden);
    if (kGates > 1 && s > 0)
      ahead.add((kCell == Cell::lstm ? state : y) + steps.first(steps.at(s - 1)) * hidden + first, hidden);
    return ahead;
  }

  void hidden_product(int64_t s, int64_t block, Ahead<T>* ahead = nullptr) {
    if (s + 1 >= steps.count) return;
    const int64_t first = block * kNR<T>, t = steps.at(s + 1);
    panel_product<T>(steps.rows(t), depth, gradients_at(steps.first(t)), kGradients * hidden,
                     packed_whh + first * depth, gh + first, width, block_width<T>(block, width), kCell == Cell::gru,
                     nullptr, ahead);
  }

  // What the first step's product gives is h0's gradient.
  void first_product() {
    if (steps.count > 1)
      return parallel_for(blocks_of<T>(width), step_grain<T>(steps.batch, depth, 1),
                          [=, this](int64_t begin, int64_t end) {
                            for (int64_t block = begin; block < end; block++) hidden_product(-1, block);
                          });
    // One step: not worth packing.
    const int64_t b = steps.batch, ld = kGradients * hidden;
    const T* a = d;
    if constexpr (kCell == Cell::gru) {
      T* parts = c.scratch_of<T>(2 * b * width);
      multiply<T>(c, {b, width, hidden, a, ld, 1, whh + 2 * hidden * width, width, 1, parts, width, 0});
      multiply<T>(c, {b, width, 2 * hidden, a + hidden, ld, 1, whh, width, 1, parts + b * width, width, 0});
      for (int64_t i = 0; i < b * width; i++) gh[i] += parts[i] + parts[b * width + i];
    } else {
      multiply<T>(c, {b, width, depth, a, ld, 1, whh, width, 1, gh, width, 0});
    }
  }

  // Gradients of h: `of_h` with rows ldg apart, and the step's part of `more`, if any.
  void cells(int64_t s, int64_t block, T* of_h, int64_t ldg, const T* more) {
    const int64_t t = steps.at(s), row = steps.first(t), rows = steps.rows(t);
    // Sequences that the step computed before this one has; the others begin here.
    const int64_t before = s > 0 ? steps.rows(steps.at(s - 1)) : 0;
    const int64_t row_before = s > 0 ? steps.first(steps.at(s - 1)) : 0;
    const T* memories = kCell == Cell::lstm ? state : y;
    const T* begin = kCell == Cell::lstm ? c0 : h0;
    const int64_t first = block * kNR<T>, last = first + block_width<T>(block, hidden);
    for (int64_t r = 0; r < rows; r++) {
      const T* memory = r < before ? memories + (row_before + r) * hidden : begin ? begin + r * hidden : nullptr;
      const int64_t at = row + r;
      for (int64_t u = first; u < last; u += kLanes<T>) {
        const int lanes = static_cast<int>(last - u < kLanes<T> ? last - u : kLanes<T>);
        Vec<T> gate[kGates], grads[kGradients], carry{}, of_state{};
#pragma GCC unroll 4
        for (int g = 0; g < kGates; g++) gate[g] = get(gates + at * depth + g * hidden + u, lanes);
        Vec<T> g = get(of_h + r * ldg + u, lanes);
        if (more) g += get(more + at * hidden + u, lanes);
        if (kCell == Cell::lstm) carry = get(gc + r * hidden + u, lanes);
        if (kGates > 1) of_state = get(state + at * hidden + u, lanes);
        const Vec<T> past = kGates > 1 && memory ? get(memory + u, lanes) : Vec<T>{};
        unstep_cell<kCell>(g, gate, of_state, past, carry, grads);
        if (kCell == Cell::lstm) put(gc + r * hidden + u, carry, lanes);
        if (kCell == Cell::gru) put(gh + r * width + u, carry, lanes);
        if (kCell == Cell::lstm && whr) put(full + at * hidden + u, gate[kGates - 1] * vtanh(of_state), lanes);
#pragma GCC unroll 4
        for (int j = 0; j < kGradients; j++) put(gradients_at(at) + j * hidden + u, grads[j], lanes);
      }
    }
  }
};

template <class T>
void backward(const Call& c) {
  with_cell(static_cast<Cell>(c.int_attr(0)), [&](auto cell) { Backward<T, decltype(cell)::value>(c).run(); });
}

}  // namespace

void recurrenceBackward(const Call& c) {
  switch (c.out[0].dtype) {
    case DType::f32: return backward<float>(c);
    case DType::f64: return backward<double>(c);
    default:
      fail(ErrorCode::unsupported, "recurrenceBackward: dtype %s is not supported on cpu", dtype_name(c.out[0].dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
