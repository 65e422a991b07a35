// sparseMatmul, sparsePack, sparseSampled. Place in the whole: host side of sparse.cuh; native/ops.def has the contracts.
//
// Kernels read dense operands with rows along n. Those stored the other way, and f16, which most compute in f32, are copied first, and
// results afterwards; with few columns, any steps will do.
#include "cuda/kernels/sparse/sparse.h"

#include <algorithm>
#include <bit>

#include "cuda/kernels/sparse/operands.h"
#include "cuda/kernels/sparse/products.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_sparse_products;
extern const Image image_sparse_products_f64;
extern const Image image_sparse_tall;

namespace {

// f32, f64, bf16
constinit Kernel few[] = {{image_sparse_products, "sparse_few_f32"},
                          {image_sparse_products_f64, "sparse_few_f64"},
                          {image_sparse_products, "sparse_few_bf16"}};
constinit Kernel many[] = {{image_sparse_products, "sparse_many_1_f32"},
                           {image_sparse_products_f64, "sparse_many_1_f64"},
                           {image_sparse_products, "sparse_many_1_bf16"}};
constinit Kernel many_rows_f32{image_sparse_products, "sparse_many_4_f32"};
constinit Kernel many_rows_bf16{image_sparse_products, "sparse_many_4_bf16"};
constinit Kernel tall_bf16{image_sparse_tall, "sparse_tall_bf16"};
constinit Kernel tall_f16{image_sparse_tall, "sparse_tall_f16"};
constinit Kernel sampled[] = {{image_sparse_products, "sparse_sampled_f32"},
                              {image_sparse_products_f64, "sparse_sampled_f64"},
                              {image_sparse_products, "sparse_sampled_bf16"}};
constinit Kernel pack_f32{image_sparse_products, "sparse_pack_f32"};
constinit Kernel pack_f64{image_sparse_products_f64, "sparse_pack_f64"};

constexpr int64_t kTwoOfFour = 4;

// By format: rows and columns of a block are 2^shift.
struct BlockShifts {
  int32_t tall, along;
};
BlockShifts shifts_of(int64_t format) {
  switch (format) {
    case 1: return {0, 4};
    case 2: return {4, 0};
    case 3: return {2, 2};
    default: return {0, 0};
  }
}

DType working_type(const char* op, DType dtype) {
  if (!is_floating(dtype)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(dtype));
  return dtype == DType::f16 ? DType::f32 : dtype;
}
SparsePattern pattern_of(int64_t format, int64_t rows, int64_t depth, const TensorRef& pointers,
                         const TensorRef& columns) {
  SparsePattern s{};
  s.columns = columns.as<int32_t>();
  s.rows = counted(rows), s.depth = counted(depth);
  if (format == kTwoOfFour) {
    s.width = counted(2 * ceil_div(depth, 4));
    s.words = counted(ceil_div(depth, 32));
    return s;
  }
  s.pointers = pointers.as<int32_t>();
  const BlockShifts shifts = shifts_of(format);
  s.tall_shift = shifts.tall, s.long_shift = shifts.along;
  return s;
}
// Of op(S) (rows, depth) with blocks like these, by a plan.
SparsePattern pattern_of(BlockShifts shifts, int64_t rows, int64_t depth, const TensorRef& plan) {
  SparsePattern s{};
  s.pointers = plan.as<int32_t>();
  s.columns = s.pointers + ceil_div(rows, int64_t{1} << shifts.tall) + 1;
  s.rows = counted(rows), s.depth = counted(depth);
  s.tall_shift = shifts.tall, s.long_shift = shifts.along;
  return s;
}

// The least power of two that is not below n, within 2^low and 2^high.
int32_t shift_for(int64_t n, int32_t low, int32_t high) {
  return std::clamp<int32_t>(std::bit_width(static_cast<uint64_t>(std::max<int64_t>(n, 1) - 1)), low, high);
}

// Whether a product with blocks of 16 x 1 (of op(S)) goes by tensor cores: values must be exact in the dense operand's 16 bits, which
// packed ones are unless scales are in them.
bool takes_tall(const SparsePattern& s, DType values, DType dense, bool packed, int64_t n) {
  if (s.tall_shift != 4 || s.long_shift != 0 || n <= kSparseFewColumns) return false;
  return (dense == DType::bf16 || dense == DType::f16) && (values == dense || (values == DType::i8 && !packed));
}
void launch_tall(const Call& call, SparseProduct& p, DType work, int64_t slots) {
  const DType type = static_cast<DType>(p.values.type);
  if (slots > 0)
    p.values = {readable_in_packs(call, {const_cast<void*>(p.values.data), slots, 1}, type, work, 1, slots).data,
                static_cast<int32_t>(work)};
  const int64_t tiles = ceil_div(p.n, kTallColumns), warps = kTallThreads / 32;
  p.lanes_shift = shift_for(tiles, 0, 2);
  p.row_blocks = static_cast<uint32_t>(ceil_div(ceil_div(p.s.rows, 16), warps >> p.lanes_shift));
  launch(call, work == DType::bf16 ? tall_bf16 : tall_f16,
         Dim(p.row_blocks * ceil_div(tiles, int64_t{1} << p.lanes_shift)), Dim(kTallThreads), 0, p);
}

}  // namespace

SINTER_CUDA_OP(sparseMatmul) {
  const TensorRef &values = call.in[0], &dense = call.in[4], &y = call.out[0], plan = call.opt(6), packed = call.opt(7);
  const TensorRef bias = call.opt(5);
  if (y.numel == 0) return;
  const int64_t format = call.int_attr(0);
  const bool transposed = call.attr[3] != 0, columns_first = call.attr[4] != 0;
  const int32_t activation = static_cast<int32_t>(call.int_attr(5));
  const int64_t n = columns_first ? y.dims[0] : y.dims[1];
  if (bias.present() && bias.dtype != dense.dtype)
    fail(ErrorCode::unsupported, "sparseMatmul: a bias in %s for a result in %s", dtype_name(bias.dtype),
         dtype_name(dense.dtype));
  // What follows those products follows them column by column.
  const bool is_plain = !bias.present() && activation == 0;
  if (format == kTwoOfFour && !transposed && (columns_first || is_plain) &&
      takes_two_of_four(call, values.dtype, dense.dtype, n)) {
    return multiply_two_of_four(call, call.int_attr(1), call.int_attr(2),
                                {values, call.in[2], call.opt(3), dense, bias, y, columns_first, activation});
  }
  DType work = working_type("sparseMatmul", dense.dtype);
  const DType sums = work == DType::f64 ? DType::f64 : DType::f32;
  SparseProduct p{};
  int64_t slots;
  if (transposed) {
    if (!plan.present() || !packed.present()) fail(ErrorCode::internal, "sparseMatmul: the transpose needs a plan");
    const BlockShifts shifts = shifts_of(format);
    p.s = pattern_of({shifts.along, shifts.tall}, call.int_attr(2), call.int_attr(1), plan);
    p.values = numbers_of(packed);
    slots = packed.numel;
  } else {
    p.s = pattern_of(format, call.int_attr(1), call.int_attr(2), call.opt(1), call.in[2]);
    p.values = numbers_of(values);
    p.scales = scales_of(call.opt(3));
    slots = values.numel;
  }
  p.bias = numbers_of(bias);
  p.activation = activation;

  counted(slots);
  p.n = counted(n);
  const bool is_few = p.n <= kSparseFewColumns;
  const bool is_tall = takes_tall(p.s, values.dtype, dense.dtype, transposed, n);
  if (is_tall) work = dense.dtype;
  const Matrix given = stored(dense, columns_first);
  const Matrix right = is_few ? readable(call, given, dense.dtype, work, p.s.depth, p.n)
                              : readable_in_packs(call, given, dense.dtype, work, p.s.depth, p.n);
  p.dense = right.data, p.dense_row = right.row, p.dense_column = right.column;
  const Matrix result = stored(y, columns_first);
  const bool in_place = y.dtype == work && (is_few || result.column == 1);
  const Matrix target = in_place ? result : scratch_matrix(call, work, p.s.rows, p.n);
  p.y = target.data, p.y_row = target.row, p.y_column = target.column;

  const int type = static_cast<int>(work);
  if (is_few) {
    // Twice as many elements as lanes at least, on average.
    p.lanes_shift = shift_for(slots / (2 * std::max(p.s.rows, 1)), 3, 5);
    launch(call, few[type], Dim(ceil_div(int64_t{p.s.rows} << p.lanes_shift, kSparseThreads)), Dim(kSparseThreads), 0,
           p);
  } else if (is_tall) {
    launch_tall(call, p, work, slots);
  } else {
    // These kernels read values in the type of the sums or of the dense operand.
    if (p.values.type != static_cast<int32_t>(sums) && p.values.type != static_cast<int32_t>(work)) {
      p.values = {readable(call, {const_cast<void*>(p.values.data), slots, 1}, values.dtype, sums, 1, slots).data,
                  static_cast<int32_t>(sums)};
    }
    // A warp's worth of packs a row at most, the same for all tiles of columns.
    const int64_t packs = ceil_div(p.n, 16 / static_cast<int64_t>(dtype_size(work))), tiles = ceil_div(packs, 32);
    p.lanes = static_cast<int32_t>(ceil_div(packs, tiles));
    const bool by_four = p.s.tall_shift >= 2 && work != DType::f64;
    p.row_blocks = static_cast<uint32_t>(ceil_div(ceil_div(p.s.rows, by_four ? 4 : 1), kSparseThreads / p.lanes));
    const Kernel& kernel = !by_four ? many[type] : work == DType::f32 ? many_rows_f32 : many_rows_bf16;
    launch(call, kernel, Dim(p.row_blocks * tiles), Dim(kSparseThreads), 0, p);
  }
  if (!in_place) copy_matrix(call, result, y.dtype, target, work, p.s.rows, p.n);
}

SINTER_CUDA_OP(sparsePack) {
  const TensorRef &values = call.in[0], &plan = call.in[1], &packed = call.out[0];
  if (packed.numel == 0) return;
  SparsePacking p{};
  p.values = numbers_of(values);
  p.scales = scales_of(call.opt(2));
  p.rows = counted(call.opt(2).numel);
  if (call.attr[0] == 0) fail(ErrorCode::internal, "sparsePack: plans on cuda are those of transposes");
  // Blocks have a height and a width of their own, here the transposed one's; CSR's and 2:4's values are the elements.
  if (values.rank == 3) {
    p.tall_shift = std::countr_zero(static_cast<uint64_t>(values.dims[2]));
    p.long_shift = std::countr_zero(static_cast<uint64_t>(values.dims[1]));
  }
  p.slots = counted(packed.numel);
  const int32_t blocks = p.slots >> (p.tall_shift + p.long_shift);
  p.order = plan.as<int32_t>() + (plan.numel - blocks);
  p.columns = p.order - blocks;
  p.packed = packed.data;
  launch(call, packed.dtype == DType::f64 ? pack_f64 : pack_f32, Dim(ceil_div(p.slots, kSparseThreads)),
         Dim(kSparseThreads), 0, p);
}

SINTER_CUDA_OP(sparseSampled) {
  const TensorRef &a = call.in[3], &b = call.in[4], &y = call.out[0];
  if (y.numel == 0) return;
  const DType work = working_type("sparseSampled", a.dtype);
  const bool columns_first = call.attr[3] != 0;
  SparseSampling s{};
  s.s = pattern_of(call.int_attr(0), call.int_attr(1), call.int_attr(2), call.opt(0), call.in[1]);
  s.n = columns_first ? a.dims[0] : a.dims[1];
  const Matrix left = readable_in_packs(call, stored(a, columns_first), a.dtype, work, s.s.rows, s.n);
  const Matrix right = readable_in_packs(call, stored(b, columns_first), b.dtype, work, s.s.depth, s.n);
  s.a = left.data, s.a_row = left.row;
  s.b = right.data, s.b_row = right.row;
  s.count = counted(y.numel);
  s.values = y.dtype == work ? y.data : call.scratch(static_cast<size_t>(y.numel) * dtype_size(work));
  const int64_t groups = ceil_div(s.count, int64_t{kSampledRun});
  launch(call, sampled[static_cast<int>(work)], Dim(ceil_div(groups * kSampledLanes, kSparseThreads)),
         Dim(kSparseThreads), 0, s);
  if (s.values != y.data) copy_matrix(call, {y.data, y.numel, 1}, y.dtype, {s.values, y.numel, 1}, work, 1, y.numel);
}

}  // namespace sinter::cuda
