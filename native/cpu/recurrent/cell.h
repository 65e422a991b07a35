// The formulas of recurrent cells, on vectors of units. Place in the whole: forward.cpp and backward.cpp apply them to what their
// products leave in cache.
//
//   LSTM (Hochreiter and Schmidhuber 1997; Gers et al. 2000)  c' = f c + i g,  h = o tanh(c')
//   GRU (Cho et al. 2014; the reset gate after the product)   n = tanh(a_n + r b),  h = (1 - z) n + z h'
//   plain (Elman 1990)                                        h = tanh(a) or relu(a)
//
// a: the sums of input and hidden products and of both biases, gate by gate in PyTorch's order: i f g o; r z n; one. Of a GRU's n
// the hidden side, b = W_hn h' + b_hn, is apart.
#pragma once
#include "cpu/simd/activation.h"

namespace sinter::cpu::SINTER_ISA {

enum class Cell : int { lstm, gru, tanh, relu };

constexpr int gates_of(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }
// Gradients of a unit: one a gate, and a GRU's b.
constexpr int gradients_of(Cell cell) { return cell == Cell::lstm || cell == Cell::gru ? 4 : 1; }

// f(std::integral_constant of `cell`).
template <class F>
SINTER_INLINE void with_cell(Cell cell, F f) {
  switch (cell) {
    case Cell::lstm: return f(std::integral_constant<Cell, Cell::lstm>{});
    case Cell::gru: return f(std::integral_constant<Cell, Cell::gru>{});
    case Cell::tanh: return f(std::integral_constant<Cell, Cell::tanh>{});
    case Cell::relu: return f(std::integral_constant<Cell, Cell::relu>{});
  }
}

// One step. gate: a, becomes the gates' values. b: the GRU's. memory: the LSTM's c', becomes c; the GRU's h'. Returns h.
template <Cell kCell, class V>
SINTER_INLINE V step_cell(V (&gate)[gates_of(kCell)], V b, V& memory) {
  if constexpr (kCell == Cell::lstm) {
    gate[0] = vsigmoid(gate[0]);
    gate[1] = vsigmoid(gate[1]);
    gate[2] = vtanh(gate[2]);
    gate[3] = vsigmoid(gate[3]);
    memory = gate[1] * memory + gate[0] * gate[2];
    return gate[3] * vtanh(memory);
  } else if constexpr (kCell == Cell::gru) {
    gate[0] = vsigmoid(gate[0]);
    gate[1] = vsigmoid(gate[1]);
    gate[2] = vtanh(gate[2] + gate[0] * b);
    return gate[2] + gate[1] * (memory - gate[2]);
  } else if constexpr (kCell == Cell::tanh) {
    return gate[0] = vtanh(gate[0]);
  } else {
    return gate[0] = vrelu(gate[0]);
  }
}

// Its gradient. gh: of h. gate: values. state: the LSTM's c, the GRU's b. before: the LSTM's c' or the GRU's h'. carry: of c, becomes
// that of c' (LSTM); becomes the part of h' that does not go through the product (GRU).
// d: of a, gate by gate; the GRU's as b, r, z, n: the first three go through the hidden product, the last three through the input's.
template <Cell kCell, class V>
SINTER_INLINE void unstep_cell(V gh, const V (&gate)[gates_of(kCell)], V state, V before, V& carry,
                               V (&d)[gradients_of(kCell)]) {
  if constexpr (kCell == Cell::lstm) {
    const V t = vtanh(state);
    const V gc = carry + gh * gate[3] * (1 - t * t);
    d[0] = gc * gate[2] * gate[0] * (1 - gate[0]);
    d[1] = gc * before * gate[1] * (1 - gate[1]);
    d[2] = gc * gate[0] * (1 - gate[2] * gate[2]);
    d[3] = gh * t * gate[3] * (1 - gate[3]);
    carry = gc * gate[1];
  } else if constexpr (kCell == Cell::gru) {
    d[3] = gh * (1 - gate[1]) * (1 - gate[2] * gate[2]);
    d[2] = gh * (before - gate[2]) * gate[1] * (1 - gate[1]);
    d[1] = d[3] * state * gate[0] * (1 - gate[0]);
    d[0] = d[3] * gate[0];
    carry = gh * gate[1];
  } else if constexpr (kCell == Cell::tanh) {
    d[0] = gh * (1 - gate[0] * gate[0]);
  } else {
    d[0] = gate[0] > 0 ? gh : V{};
  }
}

}  // namespace sinter::cpu::SINTER_ISA
