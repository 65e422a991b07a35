// indexReduce: y = x with the slices at indices along an axis replaced by those of src, or combined with them;
// indexAdd: the sum with alpha * src; indexCopyInto: replaced in place. Place in the whole: kernels of native/ops.def,
// compiled once per instruction set.
//   x (outer, n, inner), indices (k), src (outer, k, inner), or a scalar where it replaces
// Replacing takes any element type, combining all but bool and complex. Ranges own columns of slices (or parts of the
// axis) and take the indices in order, so the result is reproducible.
#include "cpu/index/combine.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// Calls f(first element of the run in y, first in src, length of the run) for every index, in order for each element.
template <class F>
void walk(const Axis& a, const int64_t* is, int64_t k, F f) {
  const ColumnBlocks blocks(a.inner);
  const int64_t units = a.outer * blocks.count;
  const int64_t parts = std::min(a.n, axis_parts(units, k * a.inner)), part = (a.n + parts - 1) / parts;
  parallel_for(units * parts, grain_of(k * blocks.width), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; unit++) {
      const int64_t low = unit % parts * part, column = unit / parts;
      const int64_t outer = column / blocks.count, first = column % blocks.count * blocks.width;
      const int64_t width = std::min(a.inner, first + blocks.width) - first;
      for (int64_t i = 0; i < k; i++)
        if (parts == 1 || in_range(is[i] - low, part))
          f((outer * a.n + is[i]) * a.inner + first, (outer * k + i) * a.inner + first, width);
    }
  });
}

template <class B>
void replace(const Axis& a, const int64_t* is, int64_t k, const TensorRef& src, B* y) {
  const B* from = src.as<B>();
  if (src.rank > 0 || k * a.inner * a.outer == 1)
    walk(a, is, k, [=](int64_t t, int64_t f, int64_t width) {
      if (width == 1)
        y[t] = from[f];
      else
        std::memcpy(y + t, from + f, static_cast<size_t>(width) * sizeof(B));
    });
  else
    walk(a, is, k, [=](int64_t t, int64_t, int64_t width) { fill_run(y + t, width, *from); });
}

template <class W>
void combine(const Call& c, const Axis& a, const int64_t* is, Mode mode, bool self, W* y, const W* src) {
  const int64_t k = c.in[1].numel;
  with_combine<W>(mode, [&](auto both, W identity) {
    if (!self) walk(a, is, k, [=](int64_t to, int64_t, int64_t width) { fill_run(y + to, width, identity); });
    walk(a, is, k, [=](int64_t to, int64_t from, int64_t width) {
      W* __restrict row = y + to;
      const W* __restrict add = src + from;
      for (int64_t j = 0; j < width; j++) row[j] = both(row[j], add[j]);
    });
  });
  if (mode != Mode::mean) return;
  int32_t* counts = zero_counts(c, c.out[0].numel);
  walk(a, is, k, [=](int64_t to, int64_t, int64_t width) {
    for (int64_t j = 0; j < width; j++) counts[to + j]++;
  });
  divide_by_counts(y, counts, c.out[0].numel, self);
}

template <class W>
void add_scaled(const Axis& a, const int64_t* is, int64_t k, W alpha, W* y, const W* src) {
  walk(a, is, k, [=](int64_t to, int64_t from, int64_t width) {
    W* __restrict row = y + to;
    const W* __restrict add = src + from;
    if constexpr (std::is_integral_v<W>)
      for (int64_t j = 0; j < width; j++)
        row[j] = static_cast<W>(static_cast<uint64_t>(row[j]) +
                                static_cast<uint64_t>(alpha) * static_cast<uint64_t>(add[j]));
    else
      for (int64_t j = 0; j < width; j++) row[j] += alpha * add[j];
  });
}

}  // namespace

void indexAdd(const Call& c) {
  const Axis a = axis_of(c.in[0], static_cast<int>(c.attr[0]));
  const int64_t* is = checked_indices(c, c.in[1], a.n, "indexAdd");
  in_wide_type("indexAdd", c, [&](auto* y, const auto* src) {
    using W = std::remove_reference_t<decltype(*y)>;
    if (c.in[1].numel > 0) add_scaled(a, is, c.in[1].numel, static_cast<W>(c.attr[1]), y, src);
  });
}

void indexReduce(const Call& c) {
  const TensorRef &x = c.in[0], &indices = c.in[1], &y = c.out[0];
  const Mode mode = static_cast<Mode>(c.int_attr(1));
  const Axis a = axis_of(x, static_cast<int>(c.attr[0]));
  const int64_t* is = checked_indices(c, indices, a.n, "indexReduce");
  if (mode == Mode::replace) {
    with_bytes(x.dtype, [&](auto element) {
      using B = decltype(element);
      copy_elements(x.as<B>(), y.as<B>(), x.numel);
      if (indices.numel > 0) replace(a, is, indices.numel, c.in[2], y.as<B>());
    });
    return;
  }
  in_wide_type("indexReduce", c, [&](auto* to, const auto* src) {
    if (indices.numel > 0) combine(c, a, is, mode, c.attr[2] != 0, to, src);
  });
}

void indexCopyInto(const Call& c) {
  const TensorRef &dst = c.in[0], &indices = c.in[1];
  const Axis a = axis_of(dst, static_cast<int>(c.attr[0]));
  const int64_t* is = checked_indices(c, indices, a.n, "indexCopyInto");
  if (indices.numel == 0) return;
  with_bytes(dst.dtype, [&](auto element) {
    using B = decltype(element);
    replace(a, is, indices.numel, c.in[2], dst.as<B>());
  });
}

}  // namespace sinter::cpu::SINTER_ISA
