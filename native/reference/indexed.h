// Walks over index tensors. Place in the whole: shared by index.cpp and scatter.cpp of the reference backend.
#pragma once
#include "reference/elements.h"

namespace sinter::reference {

// visit(element of the tensor seen as x, element of indices) for every element of `indices`, whose value replaces the
// coordinate along the axis; the other coordinates are the same in both, and x may be larger there.
template <class Visit>
void for_each_indexed(const char* op, const TensorRef& x, const TensorRef& indices, int64_t axis, Visit visit) {
  std::vector<int64_t> index = read<int64_t>(indices);
  int rank = indices.rank;
  if (axis < 0) axis += rank;
  for (int64_t k = 0; k < indices.numel; k++) {
    int64_t rest = k, at = 0, stride = 1;
    for (int d = rank - 1; d >= 0; d--) {
      int64_t coordinate = rest % indices.dims[d];
      rest /= indices.dims[d];
      if (d == axis) {
        check_index(op, index[k], x.dims[d]);
        coordinate = index[k];
      }
      at += coordinate * stride;
      stride *= x.dims[d];
    }
    if (rank == 0) check_index(op, index[k], 1);
    visit(at, k);
  }
}

}  // namespace sinter::reference
