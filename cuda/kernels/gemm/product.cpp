#include "cuda/kernels/gemm/product.h"

#include <algorithm>
#include <utility>

#include "cpu/rounding.h"
#include "cuda/kernels/gemm/by_library.h"
#include "cuda/kernels/gemm/hopper_product.h"
#include "cuda/kernels/gemm/tiles.h"
#include "cuda/kernels/pointwise/move.h"
#include "cuda/runtime/alignment.h"
#include "cuda/runtime/precision.h"
#include "cuda/vendor/choices.h"

namespace sinter::cuda {

extern const Image image_gemm_parts;
extern const Image image_gemm_vector;

namespace {

// By dtype: f32, f64, bf16, f16.
constinit Kernel finishes[] = {{image_gemm_parts, "gemm_finish_f32"},
                               {image_gemm_parts, "gemm_finish_f64"},
                               {image_gemm_parts, "gemm_finish_bf16"},
                               {image_gemm_parts, "gemm_finish_f16"}};
constinit Kernel column_kernels[] = {{image_gemm_parts, "column_sums_f32"},
                                     {image_gemm_parts, "column_sums_f64"},
                                     {image_gemm_parts, "column_sums_bf16"},
                                     {image_gemm_parts, "column_sums_f16"}};
// Then deep or wide, then 1, 4 or 8 rows of the short operand.
#define SINTER_VECTOR_KERNELS(type)                                                                           \
  {                                                                                                           \
    {{image_gemm_vector, "gemm_vector_" type "_deep_1"},                                                      \
     {image_gemm_vector, "gemm_vector_" type "_deep_4"},                                                      \
     {image_gemm_vector, "gemm_vector_" type "_deep_8"}},                                                     \
    {                                                                                                         \
      {image_gemm_vector, "gemm_vector_" type "_wide_1"}, {image_gemm_vector, "gemm_vector_" type "_wide_4"}, \
          {image_gemm_vector, "gemm_vector_" type "_wide_8"}                                                  \
    }                                                                                                         \
  }
constinit Kernel vectors[4][2][3] = {SINTER_VECTOR_KERNELS("f32"), SINTER_VECTOR_KERNELS("f64"),
                                     SINTER_VECTOR_KERNELS("bf16"), SINTER_VECTOR_KERNELS("f16")};
#undef SINTER_VECTOR_KERNELS

int64_t round_up(int64_t n, int64_t d) { return ceil_div(n, d) * d; }
size_t sum_size(DType dtype) { return dtype == DType::f64 ? 8 : 4; }

// Stride of `t` along the result's batch dimension i (of `rank`), 0 where it broadcasts.
int64_t batch_stride(const TensorRef& t, int i, int rank) {
  const int own = i - (rank - (t.rank - 2));
  return own < 0 || t.dims[own] == 1 ? 0 : t.strides[own];
}

// Launches `kernel` over all blocks of `args`; sums of several parts go through scratch.
void launch_parts(const Call& call, const Product& p, const Kernel& kernel, GemmArgs& args, int64_t parts,
                  int threads) {
  const int64_t items = args.items;
  args.parts = static_cast<uint32_t>(parts);
  if (parts > 1) args.partial = call.scratch(static_cast<size_t>(parts * items * p.m * p.n) * sum_size(p.dtype));
  launch(call, kernel, Dim(args.tiles * parts * items), Dim(threads), 0, args);
  if (parts > 1) finish_parts(call, p.dtype, args.partial, p.y, items * p.m, p.n, parts, p.then);
}

// With few rows on one side, and enough to read on the other.
bool is_few(const Product& p) { return std::min(p.m, p.n) <= kVectorRows && p.k > 0; }

// Whether the long operand could be read as it is.
bool run_few(const Call& call, const Product& p) {
  const bool swapped = p.n < p.m;
  const int64_t few_rows = swapped ? p.n : p.m, many_rows = swapped ? p.m : p.n;
  const Operand many = swapped ? read_operand(call, p.dtype, p.a, p.m, p.k, p.rsa, p.csa, p.batch, p.batch.a_strides)
                               : read_operand(call, p.dtype, p.b, p.n, p.k, p.csb, p.rsb, p.batch, p.batch.b_strides);
  if (many.align < 16) return false;
  const Operand few = swapped
                          ? read_operand(call, p.dtype, p.b, p.n, p.k, p.csb, p.rsb, p.batch, p.batch.b_strides, true)
                          : read_operand(call, p.dtype, p.a, p.m, p.k, p.rsa, p.csa, p.batch, p.batch.a_strides, true);
  GemmArgs args;
  args.one = {few.data, many.data, p.y, few_rows, many_rows, p.k, few.ld, many.ld, 0};
  args.swapped = swapped;
  args.then = p.then;
  set_batch(args, p.batch, few, many);
  const int64_t lanes = 16 / static_cast<int64_t>(dtype_size(p.dtype));
  const int kernel_rows = few_rows == 1 ? 1 : few_rows <= 4 ? 4 : 8;
  const int64_t rows_a_block =
      many.deep ? kVectorThreads / 32 * (kernel_rows == 8 ? kVectorRun<8> : kVectorRun<1>) : 32 * lanes;
  args.tiles = static_cast<uint32_t>(ceil_div(many_rows, rows_a_block));
  // Four blocks a multiprocessor, each of which has some rounds of k.
  const int64_t wanted = 4 * std::max(1, device_of(call).multiprocessors);
  const int64_t round = many.deep ? 4 * 32 * lanes : 4 * kVectorThreads / 32 * lanes;
  int64_t parts =
      std::clamp<int64_t>(wanted / (int64_t{args.tiles} * args.items), 1, std::max<int64_t>(1, p.k / round));
  parts = std::max(parts, ceil_div(p.k, int64_t{1} << 30));
  const int64_t depth = round_up(ceil_div(p.k, parts), kGemmPartDepth);
  args.part_depth = static_cast<int32_t>(depth);
  const Kernel& kernel = vectors[static_cast<int>(p.dtype)][many.deep ? 0 : 1][few_rows == 1   ? 0
                                                                               : few_rows <= 4 ? 1
                                                                                               : 2];
  launch_parts(call, p, kernel, args, ceil_div(p.k, depth), kVectorThreads);
  return true;
}

bool uses_tf32(const Product& p) { return p.dtype == DType::f32 && !p.ieee && products_in_tf32(); }

// How choices name the product.
VendorTask listed_as(const Call& call, const Product& p) {
  return {device_of(call).ordinal,
          VendorKind::product,
          {static_cast<int64_t>(p.dtype), uses_tf32(p), p.csa != 1 && p.rsa == 1, p.csb != 1 && p.rsb == 1,
           p.batch.count(), p.m, p.n, p.k}};
}

// By kernels of our own.
void run_kernels(const Call& call, const Product& p) {
  if (is_few(p) && run_few(call, p)) return;
  const bool tf32 = uses_tf32(p);
  const Operand a = read_operand(call, p.dtype, p.a, p.m, p.k, p.rsa, p.csa, p.batch, p.batch.a_strides, tf32);
  const Operand b = read_operand(call, p.dtype, p.b, p.n, p.k, p.csb, p.rsb, p.batch, p.batch.b_strides, tf32);
  const TileDemand::Size size{p.m, p.n, p.k, p.batch.count()};
  const TileChoice choice = choose_tile(call, {p.dtype, a.deep, b.deep, a.align == 16 && b.align == 16, &size, 1, true,
                                               tf32, hopper_takes(call, p, a, b)});
  if (choice.tile.hopper) return run_hopper(call, p, a, b, choice);
  GemmArgs args;
  args.one = {a.data, b.data, p.y, p.m, p.n, p.k, a.ld, b.ld, 0};
  args.align_a = a.align;
  args.align_b = b.align;
  args.then = p.then;
  args.part_depth = static_cast<int32_t>(choice.part_depth);
  args.tiles = static_cast<uint32_t>(choice.tile.tiles(p.m, p.n));
  set_batch(args, p.batch, a, b);
  launch_parts(call, p, *choice.tile.kernel, args, choice.parts, choice.tile.threads);
}

}  // namespace

int64_t ProductBatch::count() const {
  int64_t n = 1;
  for (int i = 0; i < rank; i++) n *= dims[i];
  return n;
}

void finish_parts(const Call& call, DType dtype, const void* partial, void* y, int64_t rows, int64_t n, int64_t parts,
                  const GemmEpilogue& then) {
  // A thread takes a pack where rows are made of packs, else an element.
  const int64_t pack = dtype == DType::f64 ? 2 : 4, total = rows * n;
  const int64_t threads = n % pack == 0 ? total / pack : total;
  constexpr int64_t kMostBlocks = int64_t{1} << 30;
  launch(call, finishes[static_cast<int>(dtype)], Dim(std::min(ceil_div(threads, kFinishThreads), kMostBlocks)),
         Dim(kFinishThreads), 0, partial, y, total, n, static_cast<int32_t>(parts), then);
}

void set_batch(GemmArgs& args, const ProductBatch& batch, const Operand& a, const Operand& b) {
  args.batch_rank = batch.rank;
  for (int i = 0; i < batch.rank; i++) {
    const int from = batch.rank - 1 - i;
    args.batch_dims[i] = static_cast<uint32_t>(batch.dims[from]);
    args.a_strides[i] = a.strides[from];
    args.b_strides[i] = b.strides[from];
  }
  args.items = static_cast<uint32_t>(batch.count());
}

Product read_product(const TensorRef& a, const TensorRef& b, const TensorRef& y, int64_t flags, bool join) {
  Product p{};
  p.dtype = y.dtype;
  const int ra = a.rank - 2, rb = b.rank - 2;
  p.a = a.data, p.rsa = a.strides[ra], p.csa = a.strides[ra + 1], p.k = a.dims[ra + 1];
  p.b = b.data, p.rsb = b.strides[rb], p.csb = b.strides[rb + 1];
  if (flags & kTransposeA) {
    std::swap(p.rsa, p.csa);
    p.k = a.dims[ra];
  }
  if (flags & kTransposeB) std::swap(p.rsb, p.csb);
  p.y = y.data, p.m = y.dim(-2), p.n = y.dim(-1);

  ProductBatch& batch = p.batch;
  for (int i = 0; i < y.rank - 2; i++) {
    const int64_t dim = y.dims[i], sa = batch_stride(a, i, y.rank - 2), sb = batch_stride(b, i, y.rank - 2);
    if (dim == 1) continue;
    const int last = batch.rank - 1;
    if (last >= 0 && batch.a_strides[last] == sa * dim && batch.b_strides[last] == sb * dim) {
      batch.dims[last] *= dim;
      batch.a_strides[last] = sa;
      batch.b_strides[last] = sb;
    } else {
      batch.dims[batch.rank] = dim;
      batch.a_strides[batch.rank] = sa;
      batch.b_strides[batch.rank++] = sb;
    }
  }
  // One b for all items, and a's rows go on from item to item: a single product with more rows.
  if (join && batch.rank == 1 && batch.b_strides[0] == 0 && (batch.a_strides[0] == p.m * p.rsa || p.m == 1)) {
    if (p.m == 1) p.rsa = batch.a_strides[0];
    p.m *= batch.dims[0];
    batch.rank = 0;
  }
  return p;
}

Operand read_operand(const Call& call, DType dtype, const void* data, int64_t rows, int64_t k, int64_t row_stride,
                     int64_t k_stride, const ProductBatch& batch, const int64_t* batch_strides, bool pack) {
  const int64_t size = static_cast<int64_t>(dtype_size(dtype));
  Operand operand{};
  operand.data = data;
  bool in_place = true;
  if (k_stride == 1 && k > 1) {
    operand.deep = true;
    operand.ld = row_stride;
  } else if (row_stride == 1 && rows > 1) {
    operand.deep = false;
    operand.ld = k_stride;
  } else if (k <= 1) {
    operand.deep = true;
    operand.ld = row_stride;
  } else if (rows == 1) {
    operand.deep = false;
    operand.ld = k_stride;
  } else {
    in_place = false;
  }
  if (in_place) {
    // What there is one of has no steps.
    if ((operand.deep ? rows : k) <= 1) operand.ld = 0;
    int64_t steps = operand.ld * size;
    for (int i = 0; i < batch.rank; i++) steps |= (operand.strides[i] = batch_strides[i]) * size;
    operand.align = static_cast<int>(alignment_of(data, 16, steps));
  }
  if (in_place && !(pack && (!operand.deep || operand.align < 16))) return operand;

  // A copy: deep, rows at multiples of 16 bytes; of what is the same for several items there is one.
  int64_t dims[kMaxRank], from[kMaxRank], to[kMaxRank];
  const int rank = batch.rank + 2;
  dims[rank - 1] = k, from[rank - 1] = k_stride, to[rank - 1] = 1;
  dims[rank - 2] = rows, from[rank - 2] = row_stride, to[rank - 2] = round_up(std::max<int64_t>(k, 1), 16 / size);
  int64_t step = to[rank - 2] * std::max<int64_t>(rows, 1), numel = rows * k;
  for (int i = batch.rank - 1; i >= 0; i--) {
    const bool same = batch_strides[i] == 0;
    dims[i] = same ? 1 : batch.dims[i];
    from[i] = batch_strides[i];
    to[i] = same ? 0 : step;
    step *= dims[i];
    numel *= dims[i];
  }
  TensorRef source, copy;
  source.data = const_cast<void*>(data);
  source.numel = copy.numel = numel;
  source.dims = copy.dims = dims;
  source.strides = from, copy.strides = to;
  source.rank = copy.rank = rank;
  source.dtype = copy.dtype = dtype;
  source.contiguous = copy.contiguous = false;
  copy.data = call.scratch(static_cast<size_t>(std::max<int64_t>(16, step * size)));
  copy_to(call, copy, source);
  operand = {copy.data, true, to[rank - 2], 16, {}};
  std::copy(to, to + batch.rank, operand.strides);
  return operand;
}

void run_product(const Call& call, const Product& p) {
  if (p.m == 0 || p.n == 0 || p.batch.count() == 0) return;
  if (!vendor_active()) return run_kernels(call, p);
  by_choice(
      call, listed_as(call, p),
      [&](int algorithm, int* algorithms) { return run_by_library(call, p, algorithm, algorithms); },
      [&] { run_kernels(call, p); });
}

void sum_columns(const Call& call, const TensorRef& x, const TensorRef& y) {
  const int64_t m = x.dim(0), n = x.dim(1), size = static_cast<int64_t>(dtype_size(x.dtype)), pack = 16 / size;
  if (n == 0) return;
  // Blocks of rows: as many as keep the device busy, few enough to be added one after the other.
  constexpr int64_t kMostBlocks = 64;
  const int64_t rows = std::max<int64_t>(kColumnRows, round_up(ceil_div(m, kMostBlocks), kFinishThreads / 32));
  const int64_t blocks = std::max<int64_t>(1, ceil_div(m, rows));
  const bool packed = x.strides[1] == 1 && n % pack == 0 && alignment_of(x.data, 16, x.strides[0] * size) == 16;
  void* partial = call.scratch(static_cast<size_t>(blocks * n) * sum_size(x.dtype));
  const int dtype = static_cast<int>(x.dtype);
  launch(call, column_kernels[dtype], Dim(ceil_div(n, 32 * pack), blocks), Dim(kFinishThreads), 0,
         static_cast<const void*>(x.data), partial, m, n, x.strides[0], x.strides[1], static_cast<int32_t>(rows),
         static_cast<int32_t>(packed));
  finish_parts(call, x.dtype, partial, y.data, 1, n, blocks, GemmEpilogue{});
}

}  // namespace sinter::cuda
