// How Adafactor cuts a tensor whose last two dimensions are matrices. Place in the whole: beside pieces.h. A large
// matrix is cut into blocks of rows, each with column sums of its own; of small ones several make a piece; a vector is
// cut evenly and has no rows.
#pragma once
#include "cpu/optim/pieces.h"

namespace sinter::cpu::SINTER_ISA {

// Rows of a matrix, from element `at` on; row: its first one, counted over all matrices.
struct Block {
  int64_t at, rows, width, matrix, row;
  int64_t elements() const { return rows * width; }
};

struct Factored {
  int64_t n, width, matrices;  // rows and columns of a matrix
  int64_t height, blocks;      // rows of a block, blocks of a matrix
  int64_t stack;               // matrices of a piece, where they are not cut
  bool vector;

  Factored(const TensorRef& p, bool is_vector) : vector(is_vector) {
    if (vector) {
      n = p.numel > 0, width = p.numel, matrices = n;
      height = stack = 1, blocks = (p.numel + kPiece - 1) / kPiece;
      return;
    }
    n = p.dim(-2), width = p.dim(-1), matrices = p.numel > 0 ? p.numel / (n * width) : 0;
    // No fewer rows, or the column sums would be as long as what they are made of; no more, or they would lose digits.
    constexpr int64_t fewest = 8, most = 256;
    height = std::clamp((kPiece + width - 1) / std::max<int64_t>(width, 1), fewest, most);
    blocks = (n + height - 1) / height;
    stack = std::max<int64_t>(1, kPiece / std::max<int64_t>(n * width, 1));
  }

  // Whether a piece holds all of a matrix, or of what there is to know about a vector.
  bool whole() const { return vector || blocks <= 1; }
  int64_t pieces() const {
    if (vector) return blocks;
    return whole() ? (matrices + stack - 1) / stack : matrices * blocks;
  }

  // f(block) over a piece.
  template <class F>
  SINTER_INLINE void each_block(int64_t place, F f) const {
    if (vector) {
      const int64_t at = place * kPiece;
      f(Block{at, 1, std::min(kPiece, width - at), 0, 0});
    } else if (whole()) {
      for (int64_t m = place * stack; m < std::min(matrices, (place + 1) * stack); m++)
        f(Block{m * n * width, n, width, m, m * n});
    } else {
      const int64_t matrix = place / blocks, first = place % blocks * height;
      f(Block{(matrix * n + first) * width, std::min(height, n - first), width, matrix, matrix * n + first});
    }
  }
};

}  // namespace sinter::cpu::SINTER_ISA
