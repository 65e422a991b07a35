// Reference backend: embeddings, gather and scatter. Indices count from 0 and are never negative.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

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

}  // namespace

// weight (rows, n), indices (...) -> y (..., n)
void embedding(const Call& c) {
  const TensorRef& weight = c.in[0];
  int64_t rows = weight.dim(0), n = weight.dim(1);
  std::vector<int64_t> indices = read<int64_t>(c.in[1]);
  with_any_element_type(weight.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> table = read<T>(weight), y;
    for (int64_t row : indices) {
      check_index("embedding", row, rows);
      y.insert(y.end(), table.begin() + row * n, table.begin() + (row + 1) * n);
    }
    write(c.out[0], y);
  });
}

// g (..., n), indices -> gweight (rows, n) {paddingIdx}
void embeddingBackward(const Call& c) {
  int64_t rows = c.out[0].dim(0), n = c.out[0].dim(1), padding = c.int_attr(0);
  std::vector<double> g = read(c.in[0]), gweight(rows * n, 0);
  std::vector<int64_t> indices = read<int64_t>(c.in[1]);
  for (size_t k = 0; k < indices.size(); k++) {
    check_index("embeddingBackward", indices[k], rows);
    if (indices[k] == padding) continue;
    for (int64_t j = 0; j < n; j++) gweight[indices[k] * n + j] += g[k * n + j];
  }
  write(c.out[0], gweight);
}

// x, indices -> y (shape of indices) {axis}
void gather(const Call& c) {
  with_any_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> x = read<T>(c.in[0]), y(c.out[0].numel);
    for_each_indexed("gather", c.in[0], c.in[1], c.int_attr(0), [&](int64_t at, int64_t k) { y[k] = x[at]; });
    write(c.out[0], y);
  });
}

// x, indices, src -> y {axis}; src may be larger than indices, whose coordinates then pick its elements.
void scatterAdd(const Call& c) {
  const TensorRef &x = c.in[0], &indices = c.in[1];
  TensorRef src = c.in[2];
  src.dims = indices.dims;  // the corner of src that indices covers, with src's strides
  src.rank = indices.rank;
  with_element_type(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> y = read<T>(x), added = read<T>(src);
    for_each_indexed("scatterAdd", x, indices, c.int_attr(0),
                     [&](int64_t at, int64_t k) { y[at] = plus(y[at], added[k]); });
    write(c.out[0], y);
  });
}

// x, indices (k) -> y {axis}
void indexSelect(const Call& c) {
  const TensorRef& x = c.in[0];
  AxisView from(x, c.int_attr(0)), to(c.out[0], c.int_attr(0));
  std::vector<int64_t> indices = read<int64_t>(c.in[1]);
  with_any_element_type(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values = read<T>(x), y(c.out[0].numel);
    for (size_t j = 0; j < indices.size(); j++) {
      check_index("indexSelect", indices[j], from.length);
      for (int64_t o = 0; o < from.outer; o++) {
        for (int64_t i = 0; i < from.inner; i++) y[to.at(o, j, i)] = values[from.at(o, indices[j], i)];
      }
    }
    write(c.out[0], y);
  });
}

// x, indices (k), src (k along the axis) -> y {axis}
void indexAdd(const Call& c) {
  const TensorRef &x = c.in[0], &src = c.in[2];
  AxisView to(x, c.int_attr(0)), from(src, c.int_attr(0));
  std::vector<int64_t> indices = read<int64_t>(c.in[1]);
  with_element_type(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> y = read<T>(x), added = read<T>(src);
    for (size_t j = 0; j < indices.size(); j++) {
      check_index("indexAdd", indices[j], to.length);
      for (int64_t o = 0; o < to.outer; o++) {
        for (int64_t i = 0; i < to.inner; i++) {
          T& element = y[to.at(o, indices[j], i)];
          element = plus(element, added[from.at(o, j, i)]);
        }
      }
    }
    write(c.out[0], y);
  });
}

}  // namespace sinter::reference
