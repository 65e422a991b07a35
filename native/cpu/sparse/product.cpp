// sparseMatmul: a sparse matrix times a dense one. Place in the whole: kernel of native/ops.def, compiled once per
// instruction set; direct.cpp has the products that need no plan.
//   y (m, n) = act(op(S) D + bias), D (k, n), or both stored transposed; see native/ops.def for the operands.
// Each strip of D's columns is multiplied tile by tile of the plan; the sums of a tile row stay in the second-level
// cache while the tiles of its depth are added in order, so results do not depend on the number of threads.
#include "cpu/conv/workplaces.h"
#include "cpu/sparse/direct.h"
#include "cpu/sparse/strip.h"
#include "cpu/sparse/tile.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class C, int NV>
void rows_tile(const Plan& p, int64_t tile, const C* values, const C* strip, C* sums) {
  multiply_rows<C, NV>(PlanTile(p, tile), values, strip, p.tile_depth, sums);
}
template <class C, int NV>
void quads_tile(const Plan& p, int64_t tile, const C* values, const C* strip, C* sums) {
  const PlanTile t(p, tile);
  if (p.run == 1)
    multiply_quads<C, NV, 1>(t, values, strip, p.tile_depth, sums);
  else if (p.run == 4)
    multiply_quads<C, NV, 4>(t, values, strip, p.tile_depth, sums);
  else
    multiply_quads<C, NV, 16>(t, values, strip, p.tile_depth, sums);
}
template <class C>
void any_tile(const Plan& p, int64_t vectors, int64_t tile, const C* values, const C* strip, C* sums) {
  if (p.kind == 1) {
    if (vectors == 8) return rows_tile<C, kRowVectors>(p, tile, values, strip, sums);
    if (vectors == 4) return rows_tile<C, 4>(p, tile, values, strip, sums);
    if (vectors == 2) return rows_tile<C, 2>(p, tile, values, strip, sums);
    return rows_tile<C, 1>(p, tile, values, strip, sums);
  }
  if (vectors == 3) return quads_tile<C, 3>(p, tile, values, strip, sums);
  if (vectors == 2) return quads_tile<C, 2>(p, tile, values, strip, sums);
  return quads_tile<C, 1>(p, tile, values, strip, sums);
}

// Vectors that hold n columns, n <= the widest strip.
template <class C>
int64_t vectors_for(const Plan& p, int64_t n) {
  const int64_t vectors = (n + kLanes<C> - 1) / kLanes<C>;
  if (p.kind != 1 || vectors <= 2) return vectors;
  return vectors <= 4 ? 4 : kRowVectors;
}

template <class T>
void planned(const Call& c, const SparseCall& s) {
  using C = Compute<T>;
  const Plan p(s.plan);
  const int64_t wide = kLanes<C> * (p.kind == 1 ? kRowVectors : kQuadVectors);
  Strips strips;
  strips.depth = (p.depth + 15) / 16 * 16, strips.n = s.n, strips.wide = wide;
  strips.count = (s.n + wide - 1) / wide;
  strips.last = vectors_for<C>(p, s.n - (strips.count - 1) * wide) * kLanes<C>;

  C* packed = c.scratch_of<C>(strips.elements());
  pack_strips<T>(Dense{s.dense.data, p.depth, s.n, s.columns_first}, strips, packed);
  const Result<T> result{c.out[0].as<T>(), p.rows, s.n, s.columns_first, as_compute<C>(c, s.bias)};
  const C* values = s.packed.as<C>();
  const int64_t sums_bytes = (p.tile_rows + 1) * wide * static_cast<int64_t>(sizeof(C));
  const int64_t tasks = p.row_tiles * strips.count;
  Workplaces places(c, sums_bytes + p.tile_rows * wide * static_cast<int64_t>(sizeof(T)), tasks);
  const double work = static_cast<double>(p.slots) * static_cast<double>(s.n) / static_cast<double>(tasks);
  const int64_t grain = std::max<int64_t>(1, static_cast<int64_t>(4 * kRangeElements / std::max(work, 1.0)));
  with_activation(s.activation, [&](auto activation) {
    parallel_for(tasks, grain, [&](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      C* sums = reinterpret_cast<C*>(places.memory(place));
      T* turned = reinterpret_cast<T*>(places.memory(place) + sums_bytes);
      for (int64_t i = begin; i < end; i++) {
        const int64_t m = i / strips.count, j = i % strips.count, width = strips.width(j);
        const C* strip = packed + strips.at(j);
        std::memset(sums, 0, static_cast<size_t>((p.tile_rows + 1) * width) * sizeof(C));
        for (int64_t k = 0; k < p.depth_tiles; k++)
          any_tile<C>(p, width / kLanes<C>, m * p.depth_tiles + k, values, strip + k * p.tile_depth * width, sums);
        result.template put_rows<decltype(activation)::value>(sums, m * p.tile_rows, p.rows_in(m), j * wide,
                                                              strips.live(j), width, turned);
      }
      places.release(place);
    });
  });
}

}  // namespace

void sparseMatmul(const Call& c) {
  const SparseCall s(c);
  if (c.out[0].numel == 0) return;
  if (!s.plan.present()) return sparse_direct(c, s);
  with_floating(s.dense.dtype, "sparseMatmul", [&](auto t) { planned<decltype(t)>(c, s); });
}

}  // namespace sinter::cpu::SINTER_ISA
