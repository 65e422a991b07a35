// embedding: rows of a table; indexSelect: slices of x along an axis. Place in the whole: kernels of native/ops.def,
// compiled once per instruction set.
//   embedding    weight (rows, n), indices (...) -> y (..., n)
//   indexSelect  x (outer, n, inner), indices (k) -> y (outer, k, inner)
// Any element type; indices i64 or i32, negative ones out of range. Elements are moved, never interpreted.
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// How far ahead a slice is asked for. Measured on rows of 64, 256 and 768 floats: 16 rows ahead are the best or within noise of it.
constexpr int64_t kAheadBytes = 16384, kMostAhead = 16;

template <class B, class I>
void select(const char* op, const char* unit, const B* x, const I* indices, B* y, const Axis& a, int64_t k) {
  FirstBad bad;
  const bool stream = streams(y, a.outer * k * a.inner);
  const int64_t bytes = std::max<int64_t>(a.inner, 1) * static_cast<int64_t>(sizeof(B));
  const int64_t ahead = std::clamp<int64_t>(kAheadBytes / bytes, 1, kMostAhead);
  parallel_for(a.outer * k, grain_of(a.inner), [&](int64_t begin, int64_t end) {
    int64_t outer = begin / k, i = begin % k;
    for (int64_t r = begin; r < end; r++) {
      const int64_t index = indices[i];
      const B* slices = x + outer * a.n * a.inner;
      if (!in_range(index, a.n))
        bad.note(i);
      else if (a.inner == 1)
        y[r] = slices[index];
      else {
        const int64_t later = i + ahead < k ? indices[i + ahead] : index;
        const B* next = slices + (in_range(later, a.n) ? later : index) * a.inner;
        copy_run(slices + index * a.inner, y + r * a.inner, a.inner, stream, next);
      }
      if (++i == k) i = 0, outer++;
    }
    end_streaming(stream);
  });
  bad.check(op, indices, a.n, unit);
}

void select(const char* op, const char* unit, const Call& c, Axis a) {
  const TensorRef &x = c.in[0], &indices = c.in[1], &y = c.out[0];
  if (indices.numel == 0) return;
  if (a.outer == 0) a.outer = 1, a.inner = 0;  // nothing is moved, yet indices may be wrong
  with_index(indices.dtype, op, [&](auto index) {
    using I = decltype(index);
    with_bytes(x.dtype, [&](auto element) {
      using B = decltype(element);
      select(op, unit, x.as<B>(), indices.as<I>(), y.as<B>(), a, indices.numel);
    });
  });
}

}  // namespace

void embedding(const Call& c) { select("embedding", "rows", c, Axis{1, c.in[0].dims[0], c.in[0].dims[1]}); }

void indexSelect(const Call& c) {
  select("indexSelect", "entries of the axis", c, axis_of(c.in[0], static_cast<int>(c.attr[0])));
}

}  // namespace sinter::cpu::SINTER_ISA
