// Products of 2:4 matrices in bf16 and f16 on tensor cores. Place in the whole: host side of two_of_four.cuh; sparseMatmul (sparse.cpp)
// takes it where it fits.
#include "cuda/kernels/sparse/two_of_four.h"

#include "cuda/kernels/gemm/tiles.h"
#include "cuda/kernels/sparse/operands.h"
#include "cuda/kernels/sparse/products.h"

namespace sinter::cuda {

extern const Image image_two_of_four;

namespace {

// CUDA 12.5, the first whose drivers compile PTX 8.5 (two_of_four.cu).
constexpr int kOldestDriver = 12050;

constinit Kernel finish_bf16{image_two_of_four, "two_of_four_finish_bf16"};
constinit Kernel finish_f16{image_two_of_four, "two_of_four_finish_f16"};

}  // namespace

bool takes_two_of_four(const Call& call, DType values, DType dense, int64_t n) {
  return (dense == DType::bf16 || dense == DType::f16) && (values == dense || values == DType::i8) &&
         n > kTwoOfFourFewColumns && device_of(call).driver_version >= kOldestDriver;
}

void multiply_two_of_four(const Call& call, int64_t rows, int64_t depth, const SparseOperands& s) {
  const DType dtype = s.dense.dtype;
  TwoOfFourProduct p{};
  p.rows = counted(rows), p.depth = counted(depth);
  p.n = s.columns_first ? s.y.dims[0] : s.y.dims[1];
  // Codes of 8 bits are exact in either type.
  const int64_t width = 2 * ceil_div(depth, 4);
  const Matrix values = readable_in_packs(call, {s.values.data, width, 1}, s.values.dtype, dtype, rows, width);
  p.values = values.data, p.value_row = values.row;
  p.positions = s.columns.as<int32_t>();
  p.words = counted(ceil_div(depth, 32));
  const int64_t runs = s.columns_first ? p.n : depth, length = s.columns_first ? depth : p.n;
  const Matrix dense = readable_in_packs(call, {s.dense.data, length, 1}, dtype, dtype, runs, length);
  p.dense = dense.data, p.dense_run = dense.row;
  p.y = s.y.data, p.deep = s.columns_first;
  p.scales = scales_of(s.scales), p.bias = numbers_of(s.bias);
  p.activation = s.activation;

  const TileDemand::Size size{rows, p.n, depth, 1};
  const TileChoice choice = choose_tile(call, {.dtype = dtype,
                                               .deep_a = true,
                                               .deep_b = s.columns_first,
                                               .aligned = true,
                                               .sizes = &size,
                                               .size_count = 1,
                                               .may_cut = true,
                                               .two_of_four = true});
  const TileKernel& tile = choice.tile;
  p.parts = static_cast<int32_t>(choice.parts);
  p.part_depth = static_cast<int32_t>(choice.part_depth);
  p.tiles_down = static_cast<uint32_t>(ceil_div(rows, tile.rows));
  p.tiles_across = static_cast<uint32_t>(ceil_div(p.n, tile.columns));
  if (p.parts > 1)
    p.partial = static_cast<float*>(call.scratch(static_cast<size_t>(p.parts * rows * p.n) * sizeof(float)));
  launch(call, *tile.kernel, Dim(tile.tiles(rows, p.n) * p.parts), Dim(tile.threads),
         two_of_four_shared_bytes(tile.rows, tile.columns), p);
  if (p.parts > 1)
    launch(call, dtype == DType::bf16 ? finish_bf16 : finish_f16, Dim(ceil_div(rows * p.n, 4 * kSparseThreads)),
           Dim(kSparseThreads), 0, p);
}

}  // namespace sinter::cuda
