// Blocked, parallel products. Place in the whole: the general path of matmul and the gemm() of other kernel families.
//
// k is cut into slices of kSlice; C is cut into tiles of row blocks by column blocks, one task each, that go through
// all slices while C's tile is in cache. The panels of B come about in one of three ways:
//   in place   B is read where it lies (row-major, native dtype, few rows so that packing would not pay)
//   own        each task packs the slice it is about to use into a region of its own (all rows are one block)
//   shared     a chunk of B is packed by all threads, then used by all tasks
// A small C with a long k is cut along k instead, into pieces of a fixed length whose results are added in a fixed
// order. No choice that changes an element's order of additions depends on the number of threads.
#include "cpu/gemm/product.h"

#include <algorithm>

#include "cpu/gemm/block.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

template <class T>
constexpr int64_t kSlice = sizeof(T) == 4 ? kKC : kKC / 2;

constexpr int64_t kColumnBlock = 512;        // of a task: a packed slice of it takes 768 KB of L2
constexpr int64_t kRowBlock = 96;            // of a task
constexpr int64_t kFewRowsToShare = 256;     // up to here packing B a task is as good as sharing
constexpr int64_t kFewRowsToPack = 192;      // up to here reading B in place is
constexpr int64_t kChunkDepth = 4 * kKC;     // of B, shared
constexpr int64_t kChunkElements = 2 << 20;  // of B, shared: 8 MB
constexpr double kTaskFlops = 1e6;           // a task below this (some 10 us) is not worth a hand-over
constexpr int64_t kPieceTiles = 8;           // C of at most so many 12 x 32 tiles ...
constexpr int64_t kPiece = 2048;             // ... with a k of at least two of these is cut along k

SINTER_INLINE int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
SINTER_INLINE int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

enum class Source { in_place, own, shared };

struct Plan {
  Source source;
  int64_t row_block, col_block, row_blocks, col_blocks;
  int64_t tasks, grain, regions;  // a region is the memory of one range of tasks
  int64_t region;                 // elements, of which the first tile_elements hold C where its dtype is not T
  int64_t tile_elements;
  int64_t chunk_depth, chunk_cols;  // shared only
  int64_t pieces;                   // along k
  int64_t workspace;                // elements
};

template <class S>
static Plan make_plan(const Product<S>& p) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  Plan plan{};
  plan.pieces = ceil_div(p.m, 12) * ceil_div(p.n, 32) <= kPieceTiles && p.k >= 2 * kPiece ? ceil_div(p.k, kPiece) : 1;
  const bool wide_rows = p.rsb * static_cast<int64_t>(sizeof(T)) >= 4096;
  if (native && p.csb == 1 && p.rsb > 0 && p.m <= (wide_rows ? 2 * kMR : kFewRowsToPack))
    plan.source = Source::in_place;
  else if (p.m <= kFewRowsToShare || p.batch.count > 1)
    plan.source = Source::own;
  else
    plan.source = Source::shared;
  // Items of a batch that are large products by themselves share their panels one item at a time.
  if (plan.source == Source::own && p.m > kFewRowsToShare && (p.m > 2 * kFewRowsToShare || p.n > 2 * kColumnBlock))
    plan.source = Source::shared;

  const int threads = pool_threads();
  plan.col_block = std::min(kColumnBlock, round_up(p.n, kNR<T>));
  plan.row_block = plan.source == Source::own ? p.m : std::min(round_up(kRowBlock, kMR), p.m);
  // Tasks enough for every thread to have several, as long as each is worth it.
  const int64_t items = (plan.source == Source::shared ? 1 : p.batch.count) * plan.pieces;
  const double flops = 2.0 * static_cast<double>(p.k) / static_cast<double>(plan.pieces);
  while (threads > 1) {
    const int64_t tasks = items * ceil_div(p.m, plan.row_block) * ceil_div(p.n, plan.col_block);
    const double work = flops * static_cast<double>(plan.row_block) * static_cast<double>(plan.col_block);
    if (tasks >= 6 * threads || work < 2 * kTaskFlops) break;
    if (plan.col_block > 2 * kNR<T> && (plan.col_block > plan.row_block || plan.source == Source::own))
      plan.col_block = round_up(plan.col_block / 2, kNR<T>);
    else if (plan.row_block > 2 * kMR && plan.source != Source::own)
      plan.row_block = round_up(plan.row_block / 2, kMR);
    else if (plan.col_block > kNR<T>)
      plan.col_block = kNR<T>;
    else
      break;
  }
  plan.row_blocks = ceil_div(p.m, plan.row_block);
  plan.col_blocks = ceil_div(p.n, plan.col_block);
  const int64_t slice = std::min(kSlice<T>, p.k);
  if (plan.source == Source::shared) {
    plan.chunk_depth = std::min(p.k, kChunkDepth);
    plan.chunk_cols = std::max(
        plan.col_block, kChunkElements / std::max<int64_t>(plan.chunk_depth, 1) / plan.col_block * plan.col_block);
    plan.chunk_cols = std::min(plan.chunk_cols, round_up(p.n, kNR<T>));
    plan.workspace = plan.chunk_depth * plan.chunk_cols + (native ? 0 : p.m * plan.chunk_cols);
    return plan;
  }
  plan.tasks = items * plan.row_blocks * plan.col_blocks;
  const double work = flops * static_cast<double>(plan.row_block) * static_cast<double>(plan.col_block);
  const int64_t worth = static_cast<int64_t>(kTaskFlops / std::max(work, 1.0)) + 1;
  plan.grain = std::max(worth, ceil_div(plan.tasks, 8 * threads));
  plan.regions = ceil_div(plan.tasks, plan.grain);
  plan.tile_elements = native ? 0 : plan.row_block * plan.col_block;
  plan.region = plan.tile_elements;
  if (plan.source == Source::own)
    plan.region += slice * plan.col_block;
  else if (p.n % kLanes<T>)
    plan.region += slice * kNR<T>;
  plan.region = round_up(plan.region, kLanes<T>);
  plan.workspace = plan.regions * plan.region;
  if (plan.pieces > 1) plan.workspace += round_up(p.batch.count * plan.pieces * p.m * p.n, kLanes<T>);
  return plan;
}

template <class S>
static void narrow_tile(const Compute<S>* tile, int64_t ld, int64_t m, int64_t n, S* c, int64_t ldc) {
  if constexpr (sizeof(S) != sizeof(Compute<S>)) {
    for (int64_t i = 0; i < m; i++) {
      const float* from = tile + i * ld;
      S* to = c + i * ldc;
      int64_t j = 0;
      for (; j + kLanes<float> <= n; j += kLanes<float>) store_f32(to + j, load(from + j));
      S rest[kLanes<float>];
      if (j < n) {
        store_f32(rest, load_n(from + j, static_cast<int>(n - j)));
        for (int64_t l = 0; j < n; j++, l++) to[j] = rest[l];
      }
    }
  }
}

// One task with panels in place or its own: C rows i0 .. i0 + m, columns j0 .. j0 + n, over k0 .. k1.
template <class S>
static void run_tile_task(const Product<S>& p, const Plan& plan, const S* a, const S* b, Compute<S>* c, int64_t ldc,
                          int64_t m, int64_t n, int64_t k, int64_t j0, bool accumulate, const Compute<S>* bias,
                          Compute<S>* region) {
  using T = Compute<S>;
  b += j0 * p.csb;
  int64_t k0 = 0;
  do {
    const int64_t depth = std::min(kSlice<T>, k - k0);
    Panels<T> panels{region, depth * kNR<T>, kNR<T>, nullptr};
    const S* slice = b + k0 * p.rsb;
    const int64_t whole = n / kNR<T> * kNR<T>;
    if (plan.source == Source::own) {
      pack_panels(slice, p.rsb, p.csb, depth, n, region);
    } else if constexpr (sizeof(S) == sizeof(T)) {
      panels = {slice, kNR<T>, p.rsb, nullptr};
      if (n % kLanes<T>) {
        pack_panel(slice + whole, p.rsb, 1, depth, static_cast<int>(n - whole), region);
        panels.last = region;
      }
    }
    block_product(m, n, depth, a + k0 * p.csa, p.rsa, p.csa, panels, c, ldc, accumulate || k0 > 0, k0 ? nullptr : bias,
                  static_cast<const T*>(nullptr));
    k0 += depth;
  } while (k0 < k);
}

template <class S>
static void run_own(const Product<S>& p, const Plan& plan, Compute<S>* workspace) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  parallel_for(plan.tasks, plan.grain, [&](int64_t begin, int64_t end) {
    T* region = workspace + begin / plan.grain * plan.region;
    for (int64_t t = begin; t < end; t++) {
      const int64_t col = t % plan.col_blocks, rest = t / plan.col_blocks;
      const int64_t row = rest % plan.row_blocks, item = rest / plan.row_blocks;
      const Batch::Offsets o = p.batch.offsets(item);
      const int64_t i0 = row * plan.row_block, j0 = col * plan.col_block;
      const int64_t m = std::min(plan.row_block, p.m - i0), n = std::min(plan.col_block, p.n - j0);
      S* c = p.c + item * p.batch_c + i0 * p.ldc + j0;
      const T* bias = p.col_bias ? p.col_bias + j0 : nullptr;
      const S* a = p.a + o.a + i0 * p.rsa;
      if constexpr (native) {
        run_tile_task(p, plan, a, p.b + o.b, c, p.ldc, m, n, p.k, j0, p.accumulate, bias, region);
      } else {
        run_tile_task(p, plan, a, p.b + o.b, region, plan.col_block, m, n, p.k, j0, false, bias,
                      region + plan.tile_elements);
        narrow_tile<S>(region, plan.col_block, m, n, c, p.ldc);
      }
    }
  });
}

template <class S>
static void run_shared(const Product<S>& p, const Plan& plan, Compute<S>* workspace) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  T* chunk = workspace;
  T* wide_c = workspace + plan.chunk_depth * plan.chunk_cols;  // (m, chunk_cols), where C's dtype is not T
  for (int64_t item = 0; item < p.batch.count; item++) {
    const Batch::Offsets o = p.batch.offsets(item);
    for (int64_t j0 = 0; j0 < p.n; j0 += plan.chunk_cols) {
      const int64_t n = std::min(plan.chunk_cols, p.n - j0), panels = ceil_div(n, kNR<T>);
      int64_t k0 = 0;
      do {
        const int64_t depth = std::min(plan.chunk_depth, p.k - k0),
                      slices = std::max<int64_t>(1, ceil_div(depth, kSlice<T>));
        const bool last = k0 + depth >= p.k;
        // Slice s, panel q lies at s * kSlice * panels * kNR + q * (depth of s) * kNR.
        const auto slice_depth = [&](int64_t s) { return std::min(kSlice<T>, depth - s * kSlice<T>); };
        const auto panel_at = [&](int64_t s, int64_t q) {
          return chunk + (s * kSlice<T> * panels + q * slice_depth(s)) * kNR<T>;
        };
        const S* b = p.b + o.b + k0 * p.rsb + j0 * p.csb;
        constexpr int64_t group = 8;  // panels a task: some 25 us
        const int64_t groups = ceil_div(panels, group);
        parallel_for(slices * groups, 1, [&](int64_t begin, int64_t end) {
          for (int64_t t = begin; t < end; t++) {
            const int64_t s = t / groups, q = t % groups * group;
            pack_panels(b + s * kSlice<T> * p.rsb + q * kNR<T> * p.csb, p.rsb, p.csb, slice_depth(s),
                        std::min(group * kNR<T>, n - q * kNR<T>), panel_at(s, q));
          }
        });
        const int64_t col_blocks = ceil_div(n, plan.col_block);
        parallel_for(plan.row_blocks * col_blocks, 1, [&](int64_t begin, int64_t end) {
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
            for (int64_t s = 0; s < slices; s++) {
              const bool first = k0 == 0 && s == 0;
              const Panels<T> b_panels{panel_at(s, j / kNR<T>), slice_depth(s) * kNR<T>, kNR<T>, nullptr};
              block_product(rows, cols, slice_depth(s), p.a + o.a + i0 * p.rsa + (k0 + s * kSlice<T>)*p.csa, p.rsa,
                            p.csa, b_panels, c, ldc, p.accumulate || !first,
                            first && p.col_bias ? p.col_bias + j0 + j : nullptr, static_cast<const T*>(nullptr));
            }
            if constexpr (!native)
              if (last) narrow_tile<S>(c, ldc, rows, cols, out, p.ldc);
          }
        });
        k0 += depth;
      } while (k0 < p.k);
    }
  }
}

// Cut along k: every piece makes a whole C of its own, then the pieces are added in order.
template <class S>
static void run_pieces(const Product<S>& p, const Plan& plan, Compute<S>* workspace) {
  using T = Compute<S>;
  const int64_t size = p.m * p.n, partials = p.batch.count * plan.pieces;
  T* partial = workspace;
  T* regions = workspace + round_up(partials * size, kLanes<T>);
  parallel_for(plan.tasks, plan.grain, [&](int64_t begin, int64_t end) {
    T* region = regions + begin / plan.grain * plan.region;
    for (int64_t t = begin; t < end; t++) {
      const int64_t col = t % plan.col_blocks, rest = t / plan.col_blocks;
      const int64_t row = rest % plan.row_blocks, part = rest / plan.row_blocks;
      const int64_t k0 = part % plan.pieces * kPiece;
      const Batch::Offsets o = p.batch.offsets(part / plan.pieces);
      const int64_t i0 = row * plan.row_block, j0 = col * plan.col_block;
      run_tile_task(p, plan, p.a + o.a + i0 * p.rsa + k0 * p.csa, p.b + o.b + k0 * p.rsb,
                    partial + part * size + i0 * p.n + j0, p.n, std::min(plan.row_block, p.m - i0),
                    std::min(plan.col_block, p.n - j0), std::min(kPiece, p.k - k0), j0, false,
                    static_cast<const T*>(nullptr), region);
    }
  });
  for (int64_t item = 0; item < p.batch.count; item++)
    for (int64_t i = 0; i < p.m; i++) {
      S* c = p.c + item * p.batch_c + i * p.ldc;
      T* sum = partial + item * plan.pieces * size + i * p.n;  // the first piece's row
      for (int64_t part = 1; part < plan.pieces; part++)
        for (int64_t j = 0; j < p.n; j++) sum[j] += sum[part * size + j];
      if (p.col_bias)
        for (int64_t j = 0; j < p.n; j++) sum[j] += p.col_bias[j];
      if constexpr (sizeof(S) == sizeof(T)) {
        for (int64_t j = 0; j < p.n; j++) c[j] = p.accumulate ? c[j] + sum[j] : sum[j];
      } else {
        narrow_tile<S>(sum, p.n, 1, p.n, c, p.ldc);
      }
    }
}

template <class S>
void run_product(const Call& call, const Product<S>& p) {
  using T = Compute<S>;
  if (p.m == 0 || p.n == 0 || p.batch.count == 0) return;
  const Plan plan = make_plan(p);
  constexpr int64_t stack_elements = 32768 / sizeof(T);
  if (plan.workspace <= stack_elements && plan.pieces == 1 && plan.source != Source::shared) {
    alignas(64) T workspace[stack_elements];  // a small product does not ask the engine
    run_own(p, plan, workspace);
    return;
  }
  T* workspace = call.scratch_of<T>(plan.workspace);
  if (plan.source == Source::shared)
    run_shared(p, plan, workspace);
  else if (plan.pieces > 1)
    run_pieces(p, plan, workspace);
  else
    run_own(p, plan, workspace);
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

#define SINTER_INSTANTIATE(S)                                \
  template void run_product(const Call&, const Product<S>&); \
  template void pack_panel(const S*, int64_t, int64_t, int64_t, int, Compute<S>*);
SINTER_INSTANTIATE(float)
SINTER_INSTANTIATE(double)
SINTER_INSTANTIATE(bf16)
SINTER_INSTANTIATE(f16)
#undef SINTER_INSTANTIATE
template void gemm(const Call&, const GemmArgs<float>&);
template void gemm(const Call&, const GemmArgs<double>&);
template void gemm_block(const GemmBlock<float>&);
template void gemm_block(const GemmBlock<double>&);

}  // namespace sinter::cpu::SINTER_ISA
