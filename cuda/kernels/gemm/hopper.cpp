#include "cuda/kernels/gemm/hopper.h"

#include <algorithm>

#include "cuda/kernels/gemm/hopper_product.h"

namespace sinter::cuda {

namespace {

constexpr int kHopperBatchRank = 2;
constexpr int64_t kMostExtent = INT32_MAX - 255;  // coordinates of a tile are i32

// Whether a tensor map can be made of an operand of `rows` rows and k.
bool is_mapped(const Operand& operand, const ProductBatch& batch, int64_t rows, int64_t k) {
  const int64_t inner = operand.deep ? k : rows;
  const auto small = [](int64_t stride) { return stride * 2 < static_cast<int64_t>(kMostTensorStride); };
  if (operand.align < 16 || operand.ld < inner || !small(operand.ld)) return false;
  return std::all_of(operand.strides, operand.strides + batch.rank,
                     [&](int64_t stride) { return stride >= 0 && small(stride); });
}

// `rows`: of the operand in a tile. Dimensions of the batch that the operand does not have are 1.
TensorMap map_of(const Operand& operand, const Product& p, int64_t rows, uint32_t tile_rows) {
  TensorBoxes boxes;
  boxes.data = operand.data;
  boxes.bf16 = p.dtype == DType::bf16;
  boxes.dims[0] = static_cast<uint64_t>(operand.deep ? p.k : rows);
  boxes.dims[1] = static_cast<uint64_t>(operand.deep ? rows : p.k);
  boxes.strides[0] = static_cast<uint64_t>(operand.ld) * 2;
  for (int i = 0; i < p.batch.rank; i++) {
    const int from = p.batch.rank - 1 - i;
    if (operand.strides[from] == 0) continue;
    boxes.dims[2 + i] = static_cast<uint64_t>(p.batch.dims[from]);
    boxes.strides[1 + i] = static_cast<uint64_t>(operand.strides[from]) * 2;
  }
  boxes.rows = operand.deep ? tile_rows : kHopperDepth;
  return make_tensor_map(boxes);
}

int32_t batch_of(const Operand& operand, const ProductBatch& batch) {
  int32_t bits = 0;
  for (int i = 0; i < batch.rank; i++) bits |= operand.strides[batch.rank - 1 - i] != 0 ? 1 << i : 0;
  return bits;
}

}  // namespace

bool hopper_takes(const Call& call, const Product& p, const Operand& a, const Operand& b) {
  return device_of(call).capability() == 90 && (p.dtype == DType::bf16 || p.dtype == DType::f16) && p.k > 0 &&
         p.batch.rank <= kHopperBatchRank && std::max({p.m, p.n, p.k, p.batch.count()}) <= kMostExtent &&
         is_mapped(a, p.batch, p.m, p.k) && is_mapped(b, p.batch, p.n, p.k);
}

void run_hopper(const Call& call, const Product& p, const Operand& a, const Operand& b, const TileChoice& choice) {
  const int64_t items = p.batch.count(), tiles = choice.tile.tiles(p.m, p.n), units = tiles * choice.parts * items;
  HopperArgs args{};
  args.a = map_of(a, p, p.m, kHopperRows);
  args.b = map_of(b, p, p.n, static_cast<uint32_t>(choice.tile.columns));
  args.y = p.y;
  args.m = p.m, args.n = p.n, args.k = p.k;
  if (choice.parts > 1) args.partial = call.scratch(static_cast<size_t>(choice.parts * items * p.m * p.n) * 4);
  args.tiles = static_cast<uint32_t>(tiles);
  args.parts = static_cast<uint32_t>(choice.parts);
  args.items = static_cast<uint32_t>(items);
  args.part_depth = static_cast<int32_t>(choice.part_depth);
  args.batch_inner = p.batch.rank > 0 ? static_cast<uint32_t>(p.batch.dims[p.batch.rank - 1]) : 1;
  args.a_batch = batch_of(a, p.batch);
  args.b_batch = batch_of(b, p.batch);
  args.then = p.then;
  const int64_t blocks = std::min<int64_t>(units, std::max(1, device_of(call).multiprocessors));
  launch(call, *choice.tile.kernel, Dim(blocks), Dim(kHopperThreads),
         static_cast<uint32_t>(kHopperSharedBytes(choice.tile.columns)), args);
  if (choice.parts > 1) finish_parts(call, p.dtype, args.partial, p.y, items * p.m, p.n, choice.parts, p.then);
}

}  // namespace sinter::cuda
