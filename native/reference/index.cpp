// Reference backend: embeddings, gather, and positions. Indices count from 0 unless said otherwise.
#include "reference/indexed.h"

namespace sinter::reference {

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

// i0, i1, ... -> y {n0, n1, ...}; negative indices count from the end
void linearIndex(const Call& c) {
  std::vector<int64_t> y(c.out[0].numel, 0);
  for (int k = 0; k < c.nin; k++) {
    int64_t size = c.int_attr(k);
    std::vector<int64_t> index = read<int64_t>(c.in[k]);
    for (size_t i = 0; i < y.size(); i++) {
      int64_t at = index[i] < 0 ? index[i] + size : index[i];
      check_index("linearIndex", at, size);
      y[i] = y[i] * size + at;
    }
  }
  write(c.out[0], y);
}

// indices -> y0, y1, ... {n0, n1, ...}
void unravelIndex(const Call& c) {
  std::vector<int64_t> rest = read<int64_t>(c.in[0]);
  int64_t total = 1;
  for (int k = 0; k < c.nout; k++) total *= c.int_attr(k);
  for (int64_t index : rest) check_index("unravelIndex", index, total);
  for (int k = c.nout - 1; k >= 0; k--) {
    std::vector<int64_t> y;
    for (int64_t& index : rest) {
      y.push_back(index % c.int_attr(k));
      index /= c.int_attr(k);
    }
    write(c.out[k], y);
  }
}

// x -> y (k, rank) {fill, exact}
void nonzero(const Call& c) {
  const TensorRef& x = c.in[0];
  int64_t rows = c.out[0].dim(0), found = 0;
  std::vector<int64_t> y(c.out[0].numel, c.int_attr(0));
  with_element_type(x.dtype, [&](auto zero) {
    auto values = read<decltype(zero)>(x);
    for (int64_t i = 0; i < x.numel; i++) {
      if (values[i] == 0 || found++ >= rows) continue;
      int64_t rest = i;
      for (int d = x.rank - 1; d >= 0; d--) {
        y[(found - 1) * x.rank + d] = rest % x.dims[d];
        rest /= x.dims[d];
      }
    }
  });
  if (c.attr[1] != 0 && found != rows)
    fail(ErrorCode::index_out_of_range, "the mask selects %lld elements, where %lld values are given",
         static_cast<long long>(found), static_cast<long long>(rows));
  write(c.out[0], y);
}

// x, mask -> y (k)
void maskedSelect(const Call& c) {
  std::vector<int64_t> mask = read<int64_t>(c.in[1]);
  with_any_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> x = read<T>(c.in[0]), y;
    for (size_t i = 0; i < x.size(); i++)
      if (mask[i]) y.push_back(x[i]);
    y.resize(c.out[0].numel, T(0));
    write(c.out[0], y);
  });
}

// x, mask, src -> y
void maskedScatter(const Call& c) {
  std::vector<int64_t> mask = read<int64_t>(c.in[1]);
  with_any_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> y = read<T>(c.in[0]), src = read<T>(c.in[2]);
    size_t next = 0;
    for (size_t i = 0; i < y.size(); i++) {
      if (!mask[i]) continue;
      if (next == src.size()) fail(ErrorCode::index_out_of_range, "maskedScatter: src has too few elements");
      y[i] = src[next++];
    }
    write(c.out[0], y);
  });
}

}  // namespace sinter::reference
