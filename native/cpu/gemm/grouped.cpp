// Many products in one call: lists of matrices, and the rows of one matrix that belong to different experts. Place in the whole: entries
// groupedMatmul, expertMatmul, expertWeightGrad (native/ops.def); one loop over the tasks of all products, so that many small ones
// and few large ones fill the threads alike.
#include "cpu/gemm/shape.h"
#include "cpu/gemm/slots.h"
#include "cpu/gemm/tasks.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// One product's part of the tasks: column blocks from `first` on.
struct Part {
  int64_t first, row_blocks, col_blocks;
};

template <class S>
void run_group(const Call& call, const Product<S>* products, int64_t count) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  constexpr int64_t most_rows = 256;  // of a task: what packing is shared by
  const int threads = pool_threads();
  int64_t col_block = l2_columns<T>(), depth = 1, tasks = 0;
  Part* parts = call.scratch_of<Part>(count);
  for (;;) {
    tasks = 0;
    for (int64_t i = 0; i < count; i++) {
      const Product<S>& p = products[i];
      depth = std::max(depth, slices_of<T>(p.k).depth);
      parts[i] = {tasks, ceil_div(p.m, most_rows), ceil_div(p.n, col_block)};
      tasks += parts[i].row_blocks * parts[i].col_blocks;
    }
    if (threads == 1 || tasks >= 4 * threads || col_block <= 2 * kNR<T>) break;
    col_block = round_up(col_block / 2, kNR<T>);
  }
  if (tasks == 0) return;
  Plan plan{};
  plan.source = Source::own;
  plan.row_block = most_rows;
  plan.col_block = col_block;
  plan.tile_elements = native ? 0 : most_rows * col_block;
  plan.region = round_up(plan.tile_elements + depth * col_block, 64 / static_cast<int64_t>(sizeof(T)));
  Slots slots(tasks);
  T* workspace = call.scratch_of<T>(slots.count() * plan.region);
  parallel_for(tasks, std::max<int64_t>(1, tasks / (8 * threads)), [&](int64_t begin, int64_t end) {
    const int slot = slots.take();
    // The last part that begins at or before the first task.
    const auto after =
        std::upper_bound(parts, parts + count, begin, [](int64_t t, const Part& part) { return t < part.first; });
    int64_t i = after - parts - 1;
    for (int64_t t = begin; t < end; t++) {
      while (t >= parts[i].first + parts[i].row_blocks * parts[i].col_blocks) i++;
      Plan own = plan;
      own.slices = slices_of<T>(products[i].k);
      const int64_t at = t - parts[i].first;
      run_own_task(products[i], own, 0, at / parts[i].col_blocks, at % parts[i].col_blocks,
                   workspace + slot * plan.region);
    }
    slots.give(slot);
  });
}

template <class S>
Product<S> plain(const S* a, int64_t rsa, int64_t csa, const S* b, int64_t rsb, int64_t csb, S* c, int64_t m, int64_t n,
                 int64_t k) {
  return {m, n, k, a, rsa, csa, b, rsb, csb, c, n, m * n};
}

// Inputs a_0 .. a_(g-1), b_0 .. b_(g-1).
template <class S>
void lists(const Call& c) {
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
const int64_t* read_ends(const Call& c, const TensorRef& ends, int64_t rows, const char* name) {
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
void experts(const Call& c) {
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
void weight_gradient(const Call& c) {
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

#define SINTER_FLOATING(call, name, f)                                                                                 \
  switch ((call).out[0].dtype) {                                                                                       \
    case DType::f32: return f<float>(call);                                                                            \
    case DType::f64: return f<double>(call);                                                                           \
    case DType::bf16: return f<bf16>(call);                                                                            \
    case DType::f16: return f<f16>(call);                                                                              \
    default: fail(ErrorCode::unsupported, name ": dtype %s is not supported on cpu", dtype_name((call).out[0].dtype)); \
  }

}  // namespace

void groupedMatmul(const Call& c) { SINTER_FLOATING(c, "groupedMatmul", lists) }
void expertMatmul(const Call& c) { SINTER_FLOATING(c, "expertMatmul", experts) }
void expertWeightGrad(const Call& c) { SINTER_FLOATING(c, "expertWeightGrad", weight_gradient) }

}  // namespace sinter::cpu::SINTER_ISA
