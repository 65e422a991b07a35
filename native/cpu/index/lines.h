// How gather and the scatter kernels walk an index tensor. Place in the whole: shared by them. With axis the indexed
// dimension, the index tensor is seen as (tuple, length, columns): length is the axis, columns the last dimension (1
// where the axis is last), tuple all the others. Another tensor of the same rank may be larger in any dimension; each
// tuple has an offset in it, and steps along the axis and the columns have strides.
#pragma once
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {

struct Lines {
  int64_t tuples = 1, length = 1, columns = 1;

  Lines(const TensorRef& indices, int axis) : axis_(axis < 0 ? axis + indices.rank : axis), rank_(indices.rank) {
    for (int i = 0; i < rank_; i++) {
      dims_[i] = indices.dims[i];
      if (i == axis_)
        length = dims_[i];
      else if (i == rank_ - 1)
        columns = dims_[i];
      else
        tuples *= dims_[i];
    }
  }

  int64_t offset(int64_t tuple, const TensorRef& t) const {
    int64_t at = 0;
    for (int i = rank_ - 1; i >= 0; i--) {
      if (i == axis_ || i == rank_ - 1) continue;
      at += tuple % dims_[i] * t.strides[i];
      tuple /= dims_[i];
    }
    return at;
  }
  int64_t step(const TensorRef& t) const { return rank_ == 0 ? 1 : t.strides[axis_]; }

 private:
  int axis_, rank_;
  int64_t dims_[kMaxRank];
};

}  // namespace sinter::cpu::SINTER_ISA
