// Many products in one call: lists of matrices, and the rows of one matrix that belong to different experts. Place in the whole:
// what the entries of grouped.cpp and grouped_bf16.cpp share: their operands as products, and one loop over the tasks of all of
// them, so that many small ones and few large ones fill the threads alike.
#pragma once
#include <algorithm>

#include "cpu/gemm/shape.h"
#include "cpu/gemm/slots.h"
#include "cpu/rounding.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

template <class S>
void run_group(const Call& call, const Product<S>* products, int64_t count);

// One product's part of the tasks: blocks of rows by blocks of columns, from `first` on.
struct Part {
  int64_t first, row_blocks, col_blocks;
};
struct Group {
  static constexpr int64_t kRows = 256;  // of a task: what packing is shared by
  const Part* parts;
  int64_t count, tasks;
  int64_t depth;      // of the deepest product
  int64_t col_block;  // of a task
};

// Columns are cut from `widest` down to two of `narrowest` until every thread has several tasks.
template <class S>
static Group cut_group(const Call& call, const Product<S>* products, int64_t count, int64_t widest, int64_t narrowest) {
  Part* parts = call.scratch_of<Part>(count);
  Group g{parts, count, 0, 0, widest};
  const int threads = pool_threads();
  for (;;) {
    g.tasks = 0;
    for (int64_t i = 0; i < count; i++) {
      const Product<S>& p = products[i];
      g.depth = std::max(g.depth, p.k);
      parts[i] = {g.tasks, ceil_div(p.m, Group::kRows), ceil_div(p.n, g.col_block)};
      g.tasks += parts[i].row_blocks * parts[i].col_blocks;
    }
    if (threads == 1 || g.tasks >= 4 * threads || g.col_block <= 2 * narrowest) return g;
    g.col_block = round_up(g.col_block / 2, narrowest);
  }
}

// run(product, row block, column block, region) for every task, `elements` of T a region.
template <class T, class F>
static void for_each_task(const Call& call, const Group& g, int64_t elements, F run) {
  if (g.tasks == 0) return;
  Slots slots(g.tasks);
  T* regions = call.scratch_of<T>(slots.count() * elements);
  parallel_for(g.tasks, std::max<int64_t>(1, g.tasks / (8 * pool_threads())), [&](int64_t begin, int64_t end) {
    const int slot = slots.take();
    // The last part that begins at or before the first task.
    const auto after =
        std::upper_bound(g.parts, g.parts + g.count, begin, [](int64_t t, const Part& part) { return t < part.first; });
    int64_t i = after - g.parts - 1;
    for (int64_t t = begin; t < end; t++) {
      while (t >= g.parts[i].first + g.parts[i].row_blocks * g.parts[i].col_blocks) i++;
      const int64_t at = t - g.parts[i].first;
      run(i, at / g.parts[i].col_blocks, at % g.parts[i].col_blocks, regions + slot * elements);
    }
    slots.give(slot);
  });
}

template <class S>
static Product<S> plain(const S* a, int64_t rsa, int64_t csa, const S* b, int64_t rsb, int64_t csb, S* c, int64_t m,
                        int64_t n, int64_t k) {
  return {m, n, k, a, rsa, csa, b, rsb, csb, c, n, m * n};
}

// Inputs a_0 .. a_(g-1), b_0 .. b_(g-1).
template <class S>
static void lists(const Call& c) {
  const int count = c.nout;
  const int64_t flags = c.int_attr(0);
  const bool ta = flags & kTransposeA, tb = flags & kTransposeB;
  Product<S>* products = c.scratch_of<Product<S>>(count);
  for (int i = 0; i < count; i++) {
    const TensorRef &a = c.in[i], &b = c.in[count + i], &y = c.out[i];
    new (&products[i]) Product<S>(plain(a.as<S>(), a.strides[ta], a.strides[!ta], b.as<S>(), b.strides[tb],
                                        b.strides[!tb], y.as<S>(), y.dim(0), y.dim(1), a.dims[!ta]));
  }
  run_group(c, products, count);
}

// Where each group's rows end, from the tensor `ends`; fails where they do not rise from 0 to `rows`.
static inline const int64_t* read_ends(const Call& c, const TensorRef& ends, int64_t rows, const char* name) {
  int64_t* to = c.scratch_of<int64_t>(ends.numel + 1);
  int64_t before = 0;
  for (int64_t i = 0; i < ends.numel; i++) {
    const int64_t at = i * ends.strides[0];
    to[i] = ends.dtype == DType::i64 ? ends.as<int64_t>()[at] : ends.as<int32_t>()[at];
    if (to[i] < before || to[i] > rows)
      fail(ErrorCode::index_out_of_range,
           "%s: group %lld ends at row %lld, after %lld of %lld rows; ends must not fall", name,
           static_cast<long long>(i), static_cast<long long>(to[i]), static_cast<long long>(before),
           static_cast<long long>(rows));
    before = to[i];
  }
  return to;
}

// a (rows, k), b (groups, k, n), ends (groups): rows of a that belong to no group give zeros.
template <class S>
static void experts(const Call& c) {
  const TensorRef &a = c.in[0], &b = c.in[1], &y = c.out[0];
  const bool tb = c.int_attr(0) & kTransposeB;
  const int64_t groups = b.dim(0), rows = a.dim(0), k = a.dim(1), n = y.dim(1);
  const int64_t* ends = read_ends(c, c.in[2], rows, "expertMatmul");
  Product<S>* products = c.scratch_of<Product<S>>(groups);
  int64_t from = 0;
  for (int64_t g = 0; g < groups; from = ends[g++])
    new (&products[g])
        Product<S>(plain(a.as<S>() + from * a.strides[0], a.strides[0], a.strides[1], b.as<S>() + g * b.strides[0],
                         b.strides[1 + tb], b.strides[2 - tb], y.as<S>() + from * n, ends[g] - from, n, k));
  for (int64_t i = from * n; i < rows * n; i++) y.as<S>()[i] = S{};
  run_group(c, products, groups);
}

// a (rows, k), g (rows, n), ends (groups) -> (groups, k, n): each group's a^T g, zero where it has no rows.
template <class S>
static void weight_gradient(const Call& c) {
  const TensorRef &a = c.in[0], &g = c.in[1], &y = c.out[0];
  const int64_t groups = y.dim(0), k = y.dim(1), n = y.dim(2);
  const int64_t* ends = read_ends(c, c.in[2], a.dim(0), "expertWeightGrad");
  Product<S>* products = c.scratch_of<Product<S>>(groups);
  int64_t from = 0;
  for (int64_t e = 0; e < groups; from = ends[e++])
    new (&products[e])
        Product<S>(plain(a.as<S>() + from * a.strides[0], a.strides[1], a.strides[0], g.as<S>() + from * g.strides[0],
                         g.strides[0], g.strides[1], y.as<S>() + e * k * n, k, n, ends[e] - from));
  run_group(c, products, groups);
}

}  // namespace sinter::cpu::SINTER_ISA
