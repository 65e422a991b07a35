// linearIndex: coordinates to positions in a row-major array; unravelIndex: the reverse. Place in the whole: kernels of
// native/ops.def, compiled once per instruction set.
//   linearIndex   i0, i1, ... (contiguous, one shape, i64 or i32) -> y i64 {n0, n1, ...}: a negative index
//                 counts from the end
//   unravelIndex  indices -> y0, y1, ... i64 {n0, n1, ...}
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class I>
void add_coordinate(const I* indices, int64_t* y, int64_t n, int64_t size, bool first, FirstBad& bad) {
  parallel_for(n, kRangeElements, [&](int64_t begin, int64_t end) {
    uint64_t outside = 0;
    for (int64_t i = begin; i < end; i++) {
      const int64_t given = indices[i], index = given < 0 ? given + size : given;
      outside |= static_cast<uint64_t>(index) >= static_cast<uint64_t>(size);
      y[i] = first ? index : y[i] * size + index;
    }
    for (int64_t i = begin; outside && i < end; i++) {
      const int64_t given = indices[i];
      if (!in_range(given < 0 ? given + size : given, size)) {
        bad.note(i);
        break;
      }
    }
  });
}

}  // namespace

void linearIndex(const Call& c) {
  int64_t* y = c.out[0].as<int64_t>();
  for (int k = 0; k < c.nin; k++) {
    const int64_t size = c.int_attr(k);
    with_index(c.in[k].dtype, "linearIndex", [&](auto index) {
      using I = decltype(index);
      const I* indices = c.in[k].as<I>();
      FirstBad bad;
      add_coordinate(indices, y, c.out[0].numel, size, k == 0, bad);
      bad.check("linearIndex", indices, size, "entries of the indexed dimension");
    });
  }
}

void unravelIndex(const Call& c) {
  const int64_t n = c.in[0].numel;
  int64_t total = 1;
  for (int k = 0; k < c.nout; k++) total *= c.int_attr(k);
  with_index(c.in[0].dtype, "unravelIndex", [&](auto index) {
    using I = decltype(index);
    const I* indices = c.in[0].as<I>();
    FirstBad bad;
    parallel_for(n, grain_of(4 * c.nout), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        int64_t rest = indices[i];
        if (!in_range(rest, total)) {
          bad.note(i);
          continue;
        }
        for (int k = c.nout - 1; k >= 0; k--) {
          c.out[k].as<int64_t>()[i] = rest % c.int_attr(k);
          rest /= c.int_attr(k);
        }
      }
    });
    bad.check("unravelIndex", indices, total, "elements of the shape");
  });
}

}  // namespace sinter::cpu::SINTER_ISA
