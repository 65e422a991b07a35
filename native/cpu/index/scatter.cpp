// scatterReduce: y = x with the elements at indices along an axis replaced by those of src, or combined with them;
// scatterAdd: the sum. Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   x, indices, src of one rank; src has the shape of indices (or is a scalar where it replaces), which are no larger
//   than x except along the axis.
// Replacing takes any element type, combining all but bool and complex. Lines along the axis never share an element of
// y: ranges own lines (or parts of the axis), and a line is walked in order, so the result is reproducible.
#include "cpu/index/combine.h"
#include "cpu/index/lines.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// Calls f(element of y, element of src) for every index, in order along each line.
template <class F>
void walk(const Call& c, int axis, const int64_t* is, F f) {
  const TensorRef &indices = c.in[1], &src = c.in[2], &y = c.out[0];
  const Lines lines(indices, axis);
  const ColumnBlocks blocks(lines.columns);
  const bool scalar = src.rank != indices.rank;
  const int64_t y_step = lines.step(y), i_step = lines.step(indices);
  const int64_t n = y.rank == 0 ? 1 : y.dim(axis), units = lines.tuples * blocks.count;
  const int64_t parts = std::min(n, axis_parts(units, indices.numel)), part = (n + parts - 1) / parts;
  parallel_for(units * parts, grain_of(lines.length * blocks.width), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; unit++) {
      const int64_t low = unit % parts * part, line = unit / parts;
      const int64_t tuple = line / blocks.count, first = line % blocks.count * blocks.width;
      const int64_t last = std::min(lines.columns, first + blocks.width);
      const int64_t to = lines.offset(tuple, y), at = lines.offset(tuple, indices);
      if (lines.columns == 1 && parts == 1) {
        for (int64_t i = 0; i < lines.length; i++) f(to + is[at + i * i_step] * y_step, scalar ? 0 : at + i * i_step);
        continue;
      }
      for (int64_t i = 0; i < lines.length; i++)
        for (int64_t j = first; j < last; j++) {
          const int64_t from = at + i * i_step + j, index = is[from];
          if (parts == 1 || in_range(index - low, part)) f(to + index * y_step + j, scalar ? 0 : from);
        }
    }
  });
}

template <class W>
void combine(const Call& c, int axis, const int64_t* is, Mode mode, bool self, W* y, const W* src) {
  with_combine<W>(mode, [&](auto both, W identity) {
    if (!self) walk(c, axis, is, [=](int64_t to, int64_t) { y[to] = identity; });
    walk(c, axis, is, [=](int64_t to, int64_t from) { y[to] = both(y[to], src[from]); });
  });
  if (mode != Mode::mean) return;
  int32_t* counts = zero_counts(c, c.out[0].numel);
  walk(c, axis, is, [=](int64_t to, int64_t) { counts[to]++; });
  divide_by_counts(y, counts, c.out[0].numel, self);
}

void scatter(const char* op, const Call& c, Mode mode, bool self) {
  const TensorRef &x = c.in[0], &indices = c.in[1], &y = c.out[0];
  const int axis = static_cast<int>(c.attr[0]);
  const int64_t* is = checked_indices(c, indices, x.rank == 0 ? 1 : x.dim(axis), op);
  if (mode == Mode::replace) {
    with_bytes(x.dtype, [&](auto element) {
      using B = decltype(element);
      B* to = y.as<B>();
      const B* from = c.in[2].as<B>();
      copy_elements(x.as<B>(), to, x.numel);
      if (indices.numel > 0) walk(c, axis, is, [=](int64_t t, int64_t f) { to[t] = from[f]; });
    });
    return;
  }
  in_wide_type(op, c, [&](auto* to, const auto* src) {
    if (indices.numel > 0) combine(c, axis, is, mode, self, to, src);
  });
}

}  // namespace

void scatterAdd(const Call& c) { scatter("scatterAdd", c, Mode::sum, true); }

void scatterReduce(const Call& c) {
  const Mode mode = static_cast<Mode>(c.int_attr(1));
  scatter("scatterReduce", c, mode, c.attr[2] != 0);
}

}  // namespace sinter::cpu::SINTER_ISA
