// sparsePack: a sparse matrix's values in the order of a plan. Place in the whole: kernel of native/ops.def; run once for
// values that do not change, then every product reads them as a stream.
//   values (any shape), plan, scales? (rows) -> packed (slots), in the compute type {transposed}
// scales are the factors of S's rows, for integer values.
#include "cpu/norm/row.h"
#include "cpu/sparse/plan.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// 0 where a slot has no value.
template <class V, class C>
void gather_values(const Plan& p, const V* values, C* packed) {
  parallel_for(p.slots, kRangeElements, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      packed[i] = p.order[i] < 0 ? C(0) : static_cast<C>(to_compute(values[p.order[i]]));
  });
}

template <class C>
void gather_scaled(const Plan& p, const int8_t* values, const C* scales, bool transposed, C* packed) {
  const int64_t kind = p.kind, run = p.run;
  parallel_for(p.row_tiles * p.depth_tiles, 1, [&](int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; tile++) {
      const PlanTile t(p, tile);
      const int64_t m0 = tile / p.depth_tiles * p.tile_rows, k0 = tile % p.depth_tiles * p.tile_depth;
      const uint16_t* offset = t.offset;
      int64_t slot = t.slot;
      for (const uint32_t* line = t.line; line < t.lines_end; line += kind == 1 ? 1 : 3) {
        const int64_t count = kind == 1 ? *line >> 16 : line[2];
        for (int64_t e = 0; e < count; e++, offset++)
          for (int64_t i = 0; i < run * kind; i++, slot++) {
            const int64_t row = line[i % kind / 2] >> (i % kind % 2 * 16) & 0xffffu;
            const int64_t of = transposed ? k0 + *offset + i / kind : m0 + row;
            packed[slot] = p.order[slot] < 0 ? C(0) : static_cast<C>(values[p.order[slot]]) * scales[of];
          }
      }
    }
  });
}

template <class C>
void pack_values(const Call& c) {
  const Plan p(c.in[1]);
  C* packed = c.out[0].as<C>();
  if (c.in[0].dtype == DType::i8)
    return gather_scaled(p, c.in[0].as<int8_t>(), as_compute<C>(c, c.in[2]), c.attr[0] != 0, packed);
  with_floating(c.in[0].dtype, "sparsePack", [&](auto v) { gather_values(p, c.in[0].as<decltype(v)>(), packed); });
}

}  // namespace

void sparsePack(const Call& c) {
  if (c.out[0].dtype == DType::f64) return pack_values<double>(c);
  pack_values<float>(c);
}

}  // namespace sinter::cpu::SINTER_ISA
