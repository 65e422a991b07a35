// gather: y[.., i, ..] = x[.., indices[.., i, ..], ..] along an axis. Place in the whole: kernel of native/ops.def,
// compiled once per instruction set.
//   x, indices contiguous, of one rank; indices (i64 or i32) no larger than x except along the axis; y has the shape of
//   indices and any element type. Negative indices are out of range.
#include "cpu/index/lines.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kGatherBlock = 4096;  // elements a unit of work

// y[i] = from[is[i] * step] for a line whose neighbours in memory are neighbours along the axis. False, and nothing
// written, if an index is out of range: asked of all first, since either loop then is one that the compiler makes vectors of.
template <class B, class I>
SINTER_INLINE bool gather_line(const B* __restrict from, int64_t step, int64_t limit, const I* __restrict is,
                               B* __restrict y, int64_t n) {
  bool bad = false;
  for (int64_t i = 0; i < n; i++) bad |= !in_range(is[i], limit);
  if (bad) return false;
  if (step == 1)
    for (int64_t i = 0; i < n; i++) y[i] = from[is[i]];
  else
    for (int64_t i = 0; i < n; i++) y[i] = from[is[i] * step];
  return true;
}

template <class B, class I>
void gather_elements(const Call& c) {
  const TensorRef &x = c.in[0], &indices = c.in[1];
  const int axis = static_cast<int>(c.attr[0]);
  const Lines lines(indices, axis);
  const B* xs = x.as<B>();
  const I* is = indices.as<I>();
  B* ys = c.out[0].as<B>();
  const int64_t limit = x.rank == 0 ? 1 : x.dim(axis), x_step = lines.step(x), i_step = lines.step(indices);
  const int64_t block = std::max<int64_t>(1, kGatherBlock / lines.columns), blocks = (lines.length + block - 1) / block;
  FirstBad bad;
  parallel_for(lines.tuples * blocks, grain_of(block * lines.columns), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; unit++) {
      const int64_t tuple = unit / blocks, first = unit % blocks * block;
      const B* from = xs + lines.offset(tuple, x);
      const int64_t to = lines.offset(tuple, indices);
      const int64_t last = std::min(lines.length, first + block);
      if (lines.columns == 1 && i_step == 1 &&
          gather_line(from, x_step, limit, is + to + first, ys + to + first, last - first))
        continue;
      for (int64_t i = first; i < last; i++)
        for (int64_t j = 0; j < lines.columns; j++) {
          const int64_t at = to + i * i_step + j, index = is[at];
          if (in_range(index, limit))
            ys[at] = from[index * x_step + j];
          else
            bad.note(at);
        }
    }
  });
  bad.check("gather", is, limit, "entries of the axis");
}

}  // namespace

void gather(const Call& c) {
  if (c.in[1].numel == 0) return;
  with_index(c.in[1].dtype, "gather", [&](auto index) {
    with_bytes(c.in[0].dtype, [&](auto element) { gather_elements<decltype(element), decltype(index)>(c); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
