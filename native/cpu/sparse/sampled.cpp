// sparseSampled: the elements of a dense product at a pattern's places, which is the gradient of a sparse matrix's
// values. Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   a (rows, n), b (cols, n), or both stored transposed, -> values[e] = sum over n of a[row(e)] b[col(e)]
// The plan is one of kind 1. Both operands are read as strips of columns; a row of a stays in registers while the tile's
// part of b stays in the first-level cache. Values without a place in the matrix get 0.
#include "cpu/sparse/plan.h"
#include "cpu/sparse/strip.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int kDotVectors = kVecBytes <= 32 ? 8 : 4;

// The sums over the lanes of four vectors, as a tree of the pairs that the other kernels' sums have.
template <int... I>
SINTER_INLINE Vf low_pairs(Vf a, Vf b, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(a, b, (I / 4 * 4 + I % 4 / 2 + I % 2 * kLanes<float>)...);
}
template <int... I>
SINTER_INLINE Vf high_pairs(Vf a, Vf b, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(a, b, (I / 4 * 4 + I % 4 / 2 + 2 + I % 2 * kLanes<float>)...);
}
template <int Half, int... I>
SINTER_INLINE Vf halves(Vf a, Vf b, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(a, b, (I / 4 * 4 + I % 2 + 2 * Half + I % 4 / 2 * kLanes<float>)...);
}
SINTER_INLINE void add_sums(const Vf (&v)[4], float* to) {
  constexpr auto lanes = std::make_integer_sequence<int, kLanes<float>>();
  const Vf ab = low_pairs(v[0], v[1], lanes) + high_pairs(v[0], v[1], lanes);
  const Vf cd = low_pairs(v[2], v[3], lanes) + high_pairs(v[2], v[3], lanes);
  const Vf all = halves<0>(ab, cd, lanes) + halves<1>(ab, cd, lanes);  // a b c d of every four lanes
  typedef float Four __attribute__((vector_size(16)));
  Four sum = {}, part;
  for (int i = 0; i < kLanes<float>; i += 4) {
    std::memcpy(&part, reinterpret_cast<const char*>(&all) + i * 4, 16);
    sum += part;
  }
  std::memcpy(&part, to, 16);
  sum += part;
  std::memcpy(to, &sum, 16);
}
SINTER_INLINE void add_sums(const Vd (&v)[4], double* to) {
  for (int i = 0; i < 4; i++) to[i] += reduce_add<double>(v[i]);
}

template <class C>
void dots_of_tile(const PlanTile& t, const C* a, const C* b, C* sums) {
  constexpr int L = kLanes<C>, NV = kDotVectors, W = NV * L;
  C* to = sums + t.slot;
  const uint16_t* offset = t.offset;
  for (const uint32_t* line = t.line; line < t.lines_end; line++) {
    const C* row = a + static_cast<int64_t>(*line & 0xffffu) * W;
    int64_t left = *line >> 16;
    Vec<C> x[NV];
#pragma GCC unroll 8
    for (int u = 0; u < NV; u++) x[u] = load(row + u * L);
    for (; left >= 4; left -= 4, offset += 4, to += 4) {
      Vec<C> sum[4];
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        const C* y = b + static_cast<size_t>(offset[i]) * W;
        sum[i] = x[0] * load(y);
#pragma GCC unroll 8
        for (int u = 1; u < NV; u++) sum[i] += x[u] * load(y + u * L);
      }
      add_sums(sum, to);
    }
    for (; left > 0; left--, offset++, to++) {
      const C* y = b + static_cast<size_t>(*offset) * W;
      Vec<C> sum = x[0] * load(y);
#pragma GCC unroll 8
      for (int u = 1; u < NV; u++) sum += x[u] * load(y + u * L);
      *to += reduce_add<C>(sum);
    }
  }
}

template <class T>
void sampled(const Call& c) {
  using C = Compute<T>;
  const Plan p(c.in[2]);
  const bool columns_first = c.attr[3] != 0;
  const TensorRef &a = c.in[3], &b = c.in[4];
  const int64_t n = columns_first ? a.dims[0] : a.dims[1], wide = kDotVectors * kLanes<C>;
  const int64_t count = (n + wide - 1) / wide;
  const Strips of_a{p.rows, n, wide, wide, count}, of_b{p.depth, n, wide, wide, count};
  C *pa = c.scratch_of<C>(p.rows * wide * count), *pb = c.scratch_of<C>(p.depth * wide * count);
  pack_strips<T>(Dense{a.data, p.rows, n, columns_first}, of_a, pa);
  pack_strips<T>(Dense{b.data, p.depth, n, columns_first}, of_b, pb);

  const TensorRef& out = c.out[0];
  T* values = out.as<T>();
  if (p.slots < out.numel) std::memset(out.data, 0, static_cast<size_t>(out.numel) * sizeof(T));
  C* sums = c.scratch_of<C>(p.slots);
  const int64_t tiles = p.depth_tiles;
  parallel_for(p.row_tiles, 1, [&](int64_t begin, int64_t end) {
    for (int64_t m = begin; m < end; m++) {
      const int64_t first = p.tiles[3 * m * tiles + 2], last = p.tiles[3 * (m + 1) * tiles + 2];
      std::fill(sums + first, sums + last, C(0));
      for (int64_t s = 0; s < count; s++)
        for (int64_t k = 0; k < tiles; k++)
          dots_of_tile<C>(PlanTile(p, m * tiles + k), pa + of_a.at(s) + m * p.tile_rows * wide,
                          pb + of_b.at(s) + k * p.tile_depth * wide, sums);
      for (int64_t i = first; i < last; i++) values[p.order[i]] = from_compute<T>(sums[i]);
    }
  });
}

}  // namespace

void sparseSampled(const Call& c) {
  with_floating(c.in[3].dtype, "sparseSampled", [&](auto t) { sampled<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
