// Pieces of tensors that are summed. Place in the whole: optimizer steps that need a norm of a whole tensor (LAMB,
// Adafactor), blocks of their own (8-bit Adam), and the norm of gradients. Pieces are cut within each tensor, so that a
// piece's sum has a place of its own and totals do not depend on the number of threads.
#pragma once
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kPiece = 32768;  // elements

// Tensor i's pieces are starts[i] .. starts[i + 1] of all of them.
struct Pieces {
  const int64_t* starts;
  int64_t tensors;

  int64_t count() const { return starts[tensors]; }
  // The tensor that a piece belongs to.
  int64_t tensor(int64_t piece) const { return last_at_or_below(starts, tensors, piece); }
};

// count(i): pieces of tensor i.
template <class F>
Pieces cut_pieces(const Call& c, int64_t tensors, F count) {
  int64_t* starts = c.scratch_of<int64_t>(tensors + 1);
  starts[0] = 0;
  for (int64_t i = 0; i < tensors; i++) starts[i + 1] = starts[i] + count(i);
  return {starts, tensors};
}
// Of kPiece elements, of the first operand of each group of `size`.
SINTER_INLINE Pieces even_pieces(const Call& c, int size) {
  return cut_pieces(c, c.nin / size, [&](int64_t i) { return (c.in[i * size].numel + kPiece - 1) / kPiece; });
}

// f(piece, tensor, place of the piece among the tensor's), in parallel.
template <class F>
void each_piece(const Pieces& pieces, F f) {
  parallel_for(pieces.count(), 1, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t tensor = pieces.tensor(i);
      f(i, tensor, i - pieces.starts[tensor]);
    }
  });
}

}  // namespace sinter::cpu::SINTER_ISA
