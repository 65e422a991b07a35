// From a call's tensors to views that kernels walk. Place in the whole: the host side of views.h.
#pragma once
#include "cuda/kernels/views.h"
#include "engine/call.h"

namespace sinter::cuda {

// Dimensions of the result and strides of kOperands operands, outermost first, in elements.
struct Walk {
  static constexpr int kMaxOperands = 16;
  int operands = 0;
  int rank = 0;
  int64_t dims[kMaxRank];
  int64_t strides[kMaxOperands][kMaxRank];
  char* data[kMaxOperands];
  int64_t sizes[kMaxOperands];  // of an element, in bytes

  // Over the shape of `shape`, to which the operands are broadcast; an absent operand is a number.
  explicit Walk(const TensorRef& shape);
  void add(const TensorRef& operand);
  void add_number();
  // Drops dimensions of size 1 and merges neighbours that every operand walks as one.
  void collapse();
  int64_t numel() const;

  // f(views) for pieces of fewer than 2^31 elements. `elements`: of the kernel's packs.
  template <int kOperands, class F>
  void for_each_piece(int elements, F f) {
    collapse();
    pieces<kOperands>(elements, f);
  }

 private:
  static constexpr int64_t kMostElements = int64_t{1} << 30;

  // Cuts the outermost dimension.
  template <int kOperands, class F>
  void pieces(int elements, F& f) {
    const int64_t n = numel();
    if (n == 0) return;
    if (n <= kMostElements) {
      Views<kOperands> views;
      fill(elements, views.data, views.strides, views.numel, views.rank, views.flat, views.packed, views.constant,
           views.dims);
      return f(views);
    }
    Walk piece = *this;
    const int64_t outer = dims[0], row = n / outer;
    const int64_t count = row >= kMostElements ? 1 : kMostElements / row;
    for (int64_t begin = 0; begin < outer; begin += count) {
      piece.dims[0] = begin + count < outer ? count : outer - begin;
      for (int k = 0; k < operands; k++) piece.data[k] = data[k] ? data[k] + begin * strides[k][0] * sizes[k] : nullptr;
      // A dimension of one element is none.
      if (piece.dims[0] == 1)
        piece.without_outermost().template pieces<kOperands>(elements, f);
      else
        piece.pieces<kOperands>(elements, f);
    }
  }
  Walk without_outermost() const;
  void fill(int elements, void** data, int64_t (*strides)[kMaxViewRank], uint32_t& numel, int32_t& rank, uint32_t& flat,
            uint32_t& packed, uint32_t& constant, Divisor* dims) const;
};

Divisor divisor_of(uint32_t value);

}  // namespace sinter::cuda
