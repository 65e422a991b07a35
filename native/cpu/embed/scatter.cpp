// scatterAdd: y = x with y[.., indices[.., i, ..], ..] += src[.., i, ..] along an axis; indexAdd: y = x with slices of
// src added. Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   scatterAdd  x, indices, src of one rank; indices no larger than src, nor than x except along the axis
//   indexAdd    x (outer, n, inner), indices (k), src (outer, k, inner)
// Any type but bool and complex; integers wrap. Lines along the axis never share an element of y: ranges own lines, and
// a line adds in order, so the result is reproducible.
#include "cpu/embed/lines.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
void copy_all(const TensorRef& x, const TensorRef& y) {
  const T* from = x.as<T>();
  T* to = y.as<T>();
  parallel_for(x.numel, kRangeElements, [=](int64_t begin, int64_t end) {
    std::memcpy(to + begin, from + begin, static_cast<size_t>(end - begin) * sizeof(T));
  });
}

template <class T, class I>
void scatter_add(const Call& c) {
  const TensorRef &x = c.in[0], &indices = c.in[1], &src = c.in[2], &y = c.out[0];
  const int axis = static_cast<int>(c.attr[0]);
  copy_all<T>(x, y);
  if (indices.numel == 0) return;
  const Lines lines(indices, axis);
  const ColumnBlocks blocks(lines.columns);
  const I* is = indices.as<I>();
  const T* ss = src.as<T>();
  T* ys = y.as<T>();
  const int64_t limit = x.rank == 0 ? 1 : x.dim(axis);
  const int64_t y_step = lines.step(y), i_step = lines.step(indices), s_step = lines.step(src);
  FirstBad bad;
  parallel_for(lines.tuples * blocks.count, grain_of(lines.length * blocks.width), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; unit++) {
      const int64_t tuple = unit / blocks.count, first = unit % blocks.count * blocks.width;
      const int64_t last = std::min(lines.columns, first + blocks.width);
      T* to = ys + lines.offset(tuple, y);
      const T* from = ss + lines.offset(tuple, src);
      const int64_t at = lines.offset(tuple, indices);
      for (int64_t i = 0; i < lines.length; i++)
        for (int64_t j = first; j < last; j++) {
          const int64_t index = is[at + i * i_step + j];
          if (in_range(index, limit))
            to[index * y_step + j] = plus(to[index * y_step + j], from[i * s_step + j]);
          else
            bad.note(at + i * i_step + j);
        }
    }
  });
  bad.check("scatterAdd", is, limit, "entries of the axis");
}

template <class T, class I>
void index_add(const Call& c) {
  const TensorRef &x = c.in[0], &indices = c.in[1], &src = c.in[2], &y = c.out[0];
  copy_all<T>(x, y);
  const Axis a = axis_of(x, static_cast<int>(c.attr[0]));
  const int64_t k = indices.numel;
  const I* is = indices.as<I>();
  FirstBad bad;
  for (int64_t i = 0; i < k; i++)
    if (!in_range(is[i], a.n)) bad.note(i);
  bad.check("indexAdd", is, a.n, "entries of the axis");
  const ColumnBlocks blocks(a.inner);
  const T* from = src.as<T>();
  T* to = y.as<T>();
  parallel_for(a.outer * blocks.count, grain_of(k * blocks.width), [=](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; unit++) {
      const int64_t outer = unit / blocks.count, first = unit % blocks.count * blocks.width;
      const int64_t width = std::min(a.inner, first + blocks.width) - first;
      for (int64_t i = 0; i < k; i++) {
        T* row = to + (outer * a.n + is[i]) * a.inner + first;
        const T* add = from + (outer * k + i) * a.inner + first;
        for (int64_t j = 0; j < width; j++) row[j] = plus(row[j], add[j]);
      }
    }
  });
}

}  // namespace

void scatterAdd(const Call& c) {
  with_index(c.in[1].dtype, "scatterAdd", [&](auto index) {
    with_number(c.in[0].dtype, "scatterAdd", [&](auto t) { scatter_add<decltype(t), decltype(index)>(c); });
  });
}

void indexAdd(const Call& c) {
  with_index(c.in[1].dtype, "indexAdd", [&](auto index) {
    with_number(c.in[0].dtype, "indexAdd", [&](auto t) { index_add<decltype(t), decltype(index)>(c); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
