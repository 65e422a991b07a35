// Blocked, parallel products. Place in the whole: the general path of matmul and the gemm() of other kernel families.
//
// k is cut into slices of nearly equal depth, at most kSlice; C is cut into tiles of row blocks by column blocks, one task each,
// that go through all slices while C's tile is in cache. The panels of B come about in one of four ways:
//   in place   B is read where it lies (row-major, native dtype, so little that packing would not pay)
//   own        each task packs the slice it is about to use into a region of its own (all rows are one block)
//   shared     a chunk of B is packed by all threads, then used by all tasks
//   ready      B was packed before (pack_whole)
// A small C with a long k is cut along k instead, into pieces of a fixed length whose results are added in a fixed
// order. No choice that changes an element's order of additions depends on the number of threads.
#include "cpu/gemm/product.h"

#include "cpu/gemm/plan.h"
#include "cpu/gemm/slots.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kStackElements = 8192;  // a small product does not ask the engine
constexpr double kSmallFlops = 1e6;       // some 10 us: too little for several threads

template <class S>
void narrow_row(const Compute<S>* from, int64_t n, S* to) {
  if constexpr (sizeof(S) != sizeof(Compute<S>)) {
    int64_t j = 0;
    for (; j + kLanes<float> <= n; j += kLanes<float>) store_f32(to + j, load(from + j));
    if (j == n) return;
    S rest[kLanes<float>];
    store_f32(rest, load_n(from + j, static_cast<int>(n - j)));
    for (int64_t l = 0; j < n; j++, l++) to[j] = rest[l];
  }
}

template <class S>
static void run_own(const Call& call, const Product<S>& p, const Plan& plan) {
  using T = Compute<S>;
  Slots slots(ceil_div(plan.tasks, plan.grain));
  T* workspace = call.scratch_of<T>(slots.count() * plan.region);
  parallel_for(plan.tasks, plan.grain, [&](int64_t begin, int64_t end) {
    const int slot = slots.take();
    for (int64_t t = begin; t < end; t++) {
      const int64_t rest = t / plan.col_blocks;
      run_own_task(p, plan, rest / plan.row_blocks, rest % plan.row_blocks, t % plan.col_blocks,
                   workspace + slot * plan.region);
    }
    slots.give(slot);
  });
}

// A chunk of packed B: whole slices, panel q of slice s at first + s * slice_stride + q * depth of s * kNR.
template <class T>
struct Chunk {
  const T* first;
  int64_t slice_stride;
  Slices slices;
  int64_t k;         // of the whole product
  int64_t from, to;  // its slices
  SINTER_INLINE const T* panel(int64_t s, int64_t q) const {
    return first + (s - from) * slice_stride + q * slices.size(s, k) * kNR<T>;
  }
};

// All tasks of a chunk: C's columns j0 .. j0 + n of one item.
template <class S>
static void multiply_chunk(const Product<S>& p, const Plan& plan, int64_t item, int64_t j0, int64_t n,
                           const Chunk<Compute<S>>& chunk, Compute<S>* wide_c, Slots& slots, Compute<S>* copies) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  const Batch::Offsets o = p.batch.offsets(item);
  const bool last = chunk.to == chunk.slices.count;
  const int64_t col_blocks = ceil_div(n, plan.col_block), tasks = plan.row_blocks * col_blocks;
  parallel_for(tasks, limited_grain(1, tasks, plan.limit), [&](int64_t begin, int64_t end) {
    const int slot = slots.take();
    T* copy = copies + slot * plan.region;
    for (int64_t t = begin; t < end; t++) {
      const int64_t i0 = t / col_blocks * plan.row_block, j = t % col_blocks * plan.col_block;
      const int64_t rows = std::min(plan.row_block, p.m - i0), cols = std::min(plan.col_block, n - j);
      S* out = p.c + item * p.batch_c + i0 * p.ldc + j0 + j;
      T* c;
      int64_t ldc = p.ldc;
      if constexpr (native) {
        c = out;
      } else {
        c = wide_c + i0 * plan.chunk_cols + j;
        ldc = plan.chunk_cols;
      }
      for (int64_t s = chunk.from; s < chunk.to; s++) {
        const int64_t depth = chunk.slices.size(s, p.k);
        const S* a = p.a + o.a + i0 * p.rsa + s * chunk.slices.depth * p.csa;
        const BlockOfRows<T> block = rows_of(a, p.rsa, p.csa, rows, depth, copy);
        if (p.row_sums && j0 + j == 0) add_row_sums(a, p.rsa, p.csa, rows, depth, p.row_sums + i0);
        macro_product(rows, cols, depth, block, chunk.panel(s, j / kNR<T>), c, ldc, p.accumulate || s > 0,
                      s == 0 && p.col_bias ? p.col_bias + j0 + j : nullptr);
      }
      if (last) complete(p, item, i0, j0 + j, rows, cols, c, ldc, out);
    }
    slots.give(slot);
  });
}

// Slices from .. to of B's n columns, one after the other, `stride` elements apart. A task is a panel, or a group of neighbours where
// there are many: rows of B are read in longer runs then.
template <class T, class S>
static void pack_slices(const S* b, int64_t rsb, int64_t csb, const Slices& slices, int64_t k, int64_t from, int64_t to,
                        int64_t n, T* packed, int64_t stride, int limit) {
  const int64_t width = std::clamp<int64_t>(ceil_div(n, 16 * kNR<T>), 1, 8) * kNR<T>, groups = ceil_div(n, width);
  const int64_t tasks = (to - from) * groups;
  parallel_for(tasks, limited_grain(1, tasks, limit), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t s = t / groups, j = t % groups * width, depth = slices.size(from + s, k);
      pack_panels(b + (from + s) * slices.depth * rsb + j * csb, rsb, csb, depth, std::min(width, n - j),
                  packed + s * stride + j * depth);
    }
  });
}

template <class S>
static void run_shared(const Call& call, const Product<S>& p, const Plan& plan) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  Slots slots(plan.row_blocks * plan.col_blocks);
  T* copies = call.scratch_of<T>(slots.count() * plan.region);
  T* wide_c = native ? nullptr : call.scratch_of<T>(p.m * plan.chunk_cols);  // (m, chunk_cols)
  if (p.packed_b) {
    const Chunk<T> whole{p.packed_b, plan.slices.depth * plan.chunk_cols, plan.slices, p.k, 0, plan.slices.count};
    for (int64_t item = 0; item < p.batch.count; item++)
      multiply_chunk(p, plan, item, 0, p.n, whole, wide_c, slots, copies);
    return;
  }
  const int64_t stride = plan.slices.depth * plan.chunk_cols;
  T* packed = call.scratch_of<T>(plan.chunk_slices * stride);
  for (int64_t item = 0; item < p.batch.count; item++) {
    const S* b = p.b + p.batch.offsets(item).b;
    for (int64_t j0 = 0; j0 < p.n; j0 += plan.chunk_cols) {
      const int64_t n = std::min(plan.chunk_cols, p.n - j0);
      for (int64_t s = 0; s < plan.slices.count; s += plan.chunk_slices) {
        const Chunk<T> chunk{packed, stride, plan.slices, p.k, s, std::min(s + plan.chunk_slices, plan.slices.count)};
        pack_slices(b + j0 * p.csb, p.rsb, p.csb, plan.slices, p.k, s, chunk.to, n, packed, stride, plan.limit);
        multiply_chunk(p, plan, item, j0, n, chunk, wide_c, slots, copies);
      }
    }
  }
}

// Cut along k: every piece makes a whole C of its own, then the pieces are added in order.
template <class S>
static void run_pieces(const Call& call, const Product<S>& p, const Plan& plan) {
  using T = Compute<S>;
  const int64_t size = p.m * p.n, partials = p.batch.count * plan.pieces;
  Slots slots(ceil_div(plan.tasks, plan.grain));
  T* regions = call.scratch_of<T>(slots.count() * plan.region);
  T* partial = call.scratch_of<T>(partials * size);
  parallel_for(plan.tasks, plan.grain, [&](int64_t begin, int64_t end) {
    const int slot = slots.take();
    for (int64_t t = begin; t < end; t++) {
      const int64_t col = t % plan.col_blocks, rest = t / plan.col_blocks;
      const int64_t row = rest % plan.row_blocks, part = rest / plan.row_blocks;
      const int64_t k0 = part % plan.pieces * kPiece;
      const Batch::Offsets o = p.batch.offsets(part / plan.pieces);
      const int64_t i0 = row * plan.row_block, j0 = col * plan.col_block;
      run_tile_task(p, plan.source, plan.slices, p.a + o.a + i0 * p.rsa + k0 * p.csa, p.b + o.b + k0 * p.rsb,
                    partial + part * size + i0 * p.n + j0, p.n, std::min(plan.row_block, p.m - i0),
                    std::min(plan.col_block, p.n - j0), std::min(kPiece, p.k - k0), j0, false,
                    static_cast<const T*>(nullptr), regions + slot * plan.region + plan.tile_elements);
    }
    slots.give(slot);
  });
  if (p.row_sums) add_row_sums(p.a, p.rsa, p.csa, p.m, p.k, p.row_sums);
  for (int64_t item = 0; item < p.batch.count; item++) {
    T* sum = partial + item * plan.pieces * size;  // the first piece's
    for (int64_t part = 1; part < plan.pieces; part++)
      for (int64_t e = 0; e < size; e++) sum[e] += sum[part * size + e];
    if (p.col_bias)
      for (int64_t i = 0; i < p.m; i++)
        for (int64_t j = 0; j < p.n; j++) sum[i * p.n + j] += p.col_bias[j];
    S* c = p.c + item * p.batch_c;
    complete(p, item, 0, 0, p.m, p.n, sum, p.n, c);
    if constexpr (sizeof(S) == sizeof(T)) {
      for (int64_t i = 0; i < p.m; i++)
        for (int64_t j = 0; j < p.n; j++) {
          const T x = sum[i * p.n + j];
          c[i * p.ldc + j] = p.accumulate ? c[i * p.ldc + j] + x : x;
        }
    }
  }
}

// A product of one task whose panels fit the stack needs no plan: at these sizes that would be a part of the time.
template <class S>
static bool run_small(const Product<S>& p) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  if (p.batch.count != 1 || p.packed_b || p.k > kSlice<T> || p.n > 8 * kNR<T>) return false;
  if (2.0 * static_cast<double>(p.m * p.n) * static_cast<double>(p.k) > kSmallFlops) return false;
  const int64_t cols = (p.n + kNR<T> - 1) & -kNR<T>, tile = native ? 0 : p.m * cols;
  const bool in_place = native && p.csb == 1 && p.rsb > 0;
  if (tile + p.k * (in_place ? kNR<T> : cols) > kStackElements) return false;
  alignas(64) T region[kStackElements];
  T* sums = region;
  int64_t ld = cols;
  if constexpr (native) sums = p.c, ld = p.ldc;
  const Panels<T> panels =
      task_panels(in_place ? Source::in_place : Source::own, p.b, p.rsb, p.csb, p.k, p.n, region + tile);
  block_product(p.m, p.n, p.k, p.a, p.rsa, p.csa, panels, sums, ld, p.accumulate, p.col_bias,
                static_cast<const T*>(nullptr));
  if (p.row_sums) add_row_sums(p.a, p.rsa, p.csa, p.m, p.k, p.row_sums);
  complete(p, 0, 0, 0, p.m, p.n, sums, ld, p.c);
  return true;
}

template <class S>
void run_product(const Call& call, const Product<S>& p) {
  if (p.row_sums) std::fill_n(p.row_sums, p.m, Compute<S>(0));
  if (p.m == 0 || p.n == 0 || p.batch.count == 0) {
    if (p.row_sums) add_row_sums(p.a, p.rsa, p.csa, p.m, p.k, p.row_sums);
    return;
  }
  if (run_small(p)) return;
  const Plan plan = make_plan(p);
  if (plan.source == Source::shared || plan.source == Source::ready)
    run_shared(call, p, plan);
  else if (plan.pieces > 1)
    run_pieces(call, p, plan);
  else
    run_own(call, p, plan);
}

template <class T>
void gemm(const Call& call, const GemmArgs<T>& g) {
  run_product(call,
              Product<T>{g.m, g.n, g.k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, g.c, g.ldc, 0, g.accumulate, g.col_bias});
}

template <class T>
void gemm_block(const GemmBlock<T>& g) {
  block_product(g.m, g.n, g.k, g.a, g.rsa, g.csa, Panels<T>{g.b, g.panel_stride, kNR<T>, nullptr}, g.c, g.ldc,
                g.accumulate, g.col_bias, g.row_bias);
}

template <class T>
int64_t packed_elements(int64_t k, int64_t n) {
  const Slices slices = slices_of<T>(k);
  return slices.count * slices.depth * round_up(n, kNR<T>);
}

template <class S>
void pack_whole(const S* b, int64_t rsb, int64_t csb, int64_t k, int64_t n, Compute<S>* packed) {
  using T = Compute<S>;
  const Slices slices = slices_of<T>(k);
  pack_slices(b, rsb, csb, slices, k, 0, slices.count, n, packed, slices.depth * round_up(n, kNR<T>), 0);
}

#define SINTER_INSTANTIATE(S)                                                          \
  template void run_product(const Call&, const Product<S>&);                           \
  template void pack_whole(const S*, int64_t, int64_t, int64_t, int64_t, Compute<S>*); \
  template void pack_panel(const S*, int64_t, int64_t, int64_t, int, Compute<S>*);
SINTER_INSTANTIATE(float)
SINTER_INSTANTIATE(double)
SINTER_INSTANTIATE(bf16)
SINTER_INSTANTIATE(f16)
#undef SINTER_INSTANTIATE
template int64_t packed_elements<float>(int64_t, int64_t);
template int64_t packed_elements<double>(int64_t, int64_t);
template void narrow_row(const float*, int64_t, bf16*);
template void narrow_row(const float*, int64_t, f16*);
template void gemm(const Call&, const GemmArgs<float>&);
template void gemm(const Call&, const GemmArgs<double>&);
template void gemm_block(const GemmBlock<float>&);
template void gemm_block(const GemmBlock<double>&);

}  // namespace sinter::cpu::SINTER_ISA
