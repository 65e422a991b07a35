// Products of matrices in blocks of 16 x 1, in bf16 and f16, on tensor cores. Place in the whole: device code of sparse.cpp.
//
// Sixteen blocks of a row of blocks, side by side, are a left operand of mma.m16n8k16, and lie in memory as its transpose; the right one
// is the rows of the dense operand that their columns name. A warp has 16 rows of y by 64 columns, and what it multiplies to itself:
// four steps of 512 bytes of values and 16 rows of 128 bytes, which cp.async fetches ahead, by columns that are read one step before
// that. So an element of the dense operand that comes from L2 meets 16 values; sparse_many has 4 for it.
// sinter: cubins 80 90
#include "cuda/kernels/sparse/sparse.cuh"

namespace sinter::cuda {

constexpr int kTallStages = 4, kTallBlocks = 16;  // a step
constexpr int kTallValueBytes = kTallBlocks * 32, kTallStageBytes = kTallValueBytes + kTallBlocks * kTallColumns * 2;
constexpr int kTallWarpBytes = kTallStages * kTallStageBytes;
constexpr int kTallSlabStride = kTallColumns + 8;  // so that fragments meet no bank twice
static_assert(kTallStageBytes % 128 == 0 && 16 * kTallSlabStride * 4 <= kTallWarpBytes);
static_assert(kTallThreads / 32 * kTallWarpBytes <= 48 * 1024);

// Chunks of 16 bytes are exchanged so that the eight that ldmatrix reads at a time are in eight places of 128 bytes.
SINTER_DEVICE uint32_t tall_value_place(int block, int half) { return block * 32 + ((half ^ (block >> 2 & 1)) << 4); }
SINTER_DEVICE uint32_t tall_dense_place(int block, int chunk) {
  return kTallValueBytes + block * (kTallColumns * 2) + ((chunk ^ (block & 7)) << 4);
}

template <class S>
SINTER_DEVICE void sparse_tall(const SparseProduct& p) {
  __shared__ __align__(1024) uint8_t memory[kTallThreads / 32 * kTallWarpBytes];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  // Columns of the dense operand stay in L2 while all rows of S meet them.
  const uint32_t group = blockIdx.x / p.row_blocks, rows = blockIdx.x - group * p.row_blocks;
  const int64_t block_row = int64_t{rows} * (kTallThreads / 32 >> p.lanes_shift) + (warp >> p.lanes_shift);
  const int64_t column = ((int64_t{group} << p.lanes_shift) + (warp & ((1 << p.lanes_shift) - 1))) * kTallColumns;
  if (block_row * 16 >= p.s.rows || column >= p.n) return;
  const int32_t begin = __ldg(p.s.pointers + block_row), end = __ldg(p.s.pointers + block_row + 1);
  const int steps = (end - begin + kTallBlocks - 1) / kTallBlocks;

  // This lane's chunks: one of values; of four blocks' rows the same of eight.
  const int chunk = lane % 8, first = lane / 8;
  const bool inside = column + chunk * 8 < p.n;
  const S* values = static_cast<const S*>(p.values.data);
  const S* dense = static_cast<const S*>(p.dense) + column + chunk * 8;
  const int32_t dense_row = static_cast<int32_t>(p.dense_row);
  int32_t columns[4];  // of the step that is fetched next
  const auto read_columns = [&](int step) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int32_t block = begin + step * kTallBlocks + first + i * 4;
      columns[i] = block < end && inside ? __ldg(p.s.columns + block) : -1;
    }
  };
  const auto fetch = [&](int step, uint32_t stage) {
    const int32_t block = begin + step * kTallBlocks + lane / 2;
    const S* value = values + (int64_t{block} * 16 + lane % 2 * 8);
    copy_async<16>(stage + tall_value_place(lane / 2, lane % 2), block < end ? value : values, block < end ? 16 : 0);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const bool present = columns[i] >= 0;
      copy_async<16>(stage + tall_dense_place(first + i * 4, chunk),
                     present ? dense + int64_t{columns[i]} * dense_row : static_cast<const S*>(p.dense),
                     present ? 16 : 0);
    }
    read_columns(step + 1);
  };

  float sums[kTallColumns / 8][4] = {};
  uint8_t* mine = memory + warp * kTallWarpBytes;
  const uint32_t shared = shared_address(mine);
  // Matrices of values: rows 0 .. 7 and 8 .. 15 of y, then the same of the next eight blocks. Of the dense operand: the first and second
  // eight blocks, then the same of the next eight columns.
  const int low = lane & 7, second = lane >> 3 & 1, third = lane >> 4;
  const uint32_t a_at = tall_value_place(low + 8 * third, second), b_at = tall_dense_place(low + 8 * second, third);
  int full = 0, free = 0;
  read_columns(0);
  // Steps before the first only fetch: so the code for that is there once.
#pragma unroll 1
  for (int step = 1 - kTallStages; step < steps; step++) {
    if (step >= 0) {
      copy_async_wait<kTallStages - 2>();
      // All lanes' copies of this stage are there, and nobody reads the one before any more.
      __syncwarp();
    }
    const int next = step + kTallStages - 1;
    if (next < steps) fetch(next, shared + free * kTallStageBytes);
    copy_async_commit();  // empty at the end: groups are counted
    free = free + 1 == kTallStages ? 0 : free + 1;
    if (step >= 0) {
      const uint32_t stage = shared + full * kTallStageBytes;
      uint32_t a[4];
      load_matrices_transposed(a, stage + a_at);
#pragma unroll
      for (int j = 0; j < kTallColumns / 16; j++) {
        uint32_t b[4];
        load_matrices_transposed(b, (stage + b_at) ^ (j << 5));
        multiply_16x8<S>(sums[2 * j], a, b[0], b[1]);
        multiply_16x8<S>(sums[2 * j + 1], a, b[2], b[3]);
      }
      full = full + 1 == kTallStages ? 0 : full + 1;
    }
  }
  copy_async_wait<0>();
  __syncwarp();

  // Through shared memory, so that lanes have neighbours of a row.
  float* slab = reinterpret_cast<float*>(mine);
#pragma unroll
  for (int j = 0; j < kTallColumns / 8; j++) {
    Pack<float, 2> upper, lower;
    upper.at[0] = sums[j][0], upper.at[1] = sums[j][1];
    lower.at[0] = sums[j][2], lower.at[1] = sums[j][3];
    float* to = slab + lane / 4 * kTallSlabStride + j * 8 + lane % 4 * 2;
    store_pack(to, upper);
    store_pack(to + 8 * kTallSlabStride, lower);
  }
  __syncwarp();
  const int c = lane % (kTallColumns / 4) * 4;
#pragma unroll 1
  for (int r = lane / (kTallColumns / 4); r < 16; r += 2) {
    const int64_t row = block_row * 16 + r;
    if (row >= p.s.rows || column + c >= p.n) continue;
    Pack<float, 4> sum = load_pack<4>(slab + r * kTallSlabStride + c);
    each_in_turn(sum, [&](float x) { return finished<S>(p, row, x); });
    Pack<S, 4> pack;
#pragma unroll
    for (int e = 0; e < 4; e++) pack.at[e] = narrow<S>(sum.at[e]);
    store_four(static_cast<S*>(p.y) + row * p.y_row, column + c, p.n, pack);
  }
}

}  // namespace sinter::cuda

#define SINTER_SPARSE_TALL(S)                                                       \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kTallThreads, 4)     \
      sparse_tall_##S(const __grid_constant__ ::sinter::cuda::SparseProduct args) { \
    ::sinter::cuda::sparse_tall<::sinter::cuda::S>(args);                           \
  }
SINTER_SPARSE_TALL(bf16)
SINTER_SPARSE_TALL(f16)
