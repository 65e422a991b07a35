// matmul of bf16 by bf16 with vdpbf16ps: a (..., m, k), b (..., k, n), bias? (n) -> y (..., m, n) {flags}, as in
// matmul.cpp. Place in the whole: replaces avx512's matmul where the processor has AVX512-BF16; hands on to it every
// other dtype, and the products that are not bound by arithmetic or that are cut along k.
//
// Sums are f32 and rounded once. k is cut into slices of kDepth, whose sums are added in order: an element's
// value depends on k alone, not on the tile it falls in nor on the threads. Subnormals count as zero (pairs.h).
#include <algorithm>

#include "cpu/blocking.h"
#include "cpu/gemm/pairs.h"
#include "cpu/gemm/shape.h"
#include "cpu/rounding.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kDepth = 2 * kKC;                 // of a slice: as many bytes as one of f32
constexpr int64_t kRowBlock = 96;                   // of a task
constexpr int64_t kChunkDepth = 4 * kDepth;         // of B, shared
constexpr double kTaskFlops = 2e6;                  // a task below this (some 10 us) is not worth a hand-over
constexpr int64_t kWideTile = kMR * kColumns;       // elements
constexpr int64_t kStackElements = 8192;            // of 4 bytes: a small product does not ask the engine
constexpr int64_t kLargeOperand = 16384;            // elements; with few rows, reading this once in place is faster
constexpr int64_t kSumTiles = 8, kSumDepth = 4096;  // C of so few tiles with so long a k is cut along k by avx512

// Set once, before any call.
Kernel avx512_matmul, avx512_pack, avx512_backward;

enum Opcode {
#define OP(name, code, group, mutates, contiguous) kOpcode_##name = code,
#include "ops.def"
#undef OP
};

struct Problem {
  Shape shape;
  const bf16 *a, *b;
  bf16* c;           // (batch, m, n)
  const bf16* bias;  // (n) or null
};

// C (m, n) = A (m, k) * B [+ bias] over one slice, k <= kDepth; fields as in PairTile.
struct Slice {
  int64_t m, n, k;
  const bf16* a;
  const uint32_t* panels;  // ceil(n / kColumns) panels of (pairs, kColumns)
  float* wide;             // tile (i, p) at (i * wide_panels + p) * kWideTile
  int64_t wide_panels;
  bf16* c;
  const bf16* bias;
  bool first, last;
};

void slice_product(const Shape& shape, const Slice& s) {
  const int64_t pairs = pairs_of(s.k), panels = ceil_div(s.n, kColumns);
  const RowTiles tiles(s.m);
  alignas(64) uint32_t a[kMR * kKC];
  PairTile tile;
  tile.pairs = pairs;
  tile.a = a;
  tile.ldc = shape.n;
  tile.first = s.first;
  tile.last = s.last;
  for (int64_t i = 0; i < tiles.count; i++) {
    const RowTile r = tiles[i];
    pack_rows(s.a + r.first * shape.rsa, shape.rsa, shape.csa, s.k, r.rows, a);
    for (int64_t p = 0; p < panels; p++) {
      tile.b = s.panels + p * pairs * kColumns;
      tile.wide = s.wide + (i * s.wide_panels + p) * kWideTile;
      tile.c = s.c + r.first * shape.n + p * kColumns;
      tile.cols = static_cast<int>(std::min<int64_t>(s.n - p * kColumns, kColumns));
      tile.bias = s.bias ? s.bias + p * kColumns : nullptr;
      PairTiles::kernels[r.rows - 1][tile.cols > kLanes<float>](tile);
    }
  }
}

// Of a task: a packed slice of it takes three quarters of L2.
int64_t column_block() { return columns_in_l2(kDepth * static_cast<int64_t>(sizeof(bf16)), kColumns, 0.75); }

Work work_of(const Shape& s, int64_t items, bool all_rows) {
  return {items, s.m, s.n, 2.0 * static_cast<double>(s.k), {kMR, kColumns}, all_rows, pool_threads(), kTaskFlops};
}

Blocks choose_blocks(const Shape& s, const Work& work) {
  return cut_for_threads(
      work, {work.all_rows ? s.m : std::min(kRowBlock, s.m), std::min(column_block(), round_up(s.n, kColumns))});
}

// Each task makes all rows of a column block and packs its own slices of B.
void run_own(const Call& call, const Problem& p) {
  const Shape& s = p.shape;
  const Work work = work_of(s, s.batch.count, true);
  const Blocks blocks = choose_blocks(s, work);
  const int64_t col_blocks = ceil_div(s.n, blocks.cols), tasks = s.batch.count * col_blocks;
  const int64_t grain = grain_of(work, blocks, tasks);
  const int64_t packed = pairs_of(std::min(s.k, kDepth)) * blocks.cols, wide_panels = blocks.cols / kColumns;
  const int64_t wide = s.k > kDepth ? ceil_div(s.m, kMR) * wide_panels * kWideTile : 0;
  const int64_t region = packed + wide, total = ceil_div(tasks, grain) * region;
  const auto run = [&](uint32_t* workspace) __attribute__((always_inline)) {
    parallel_for(tasks, grain, [&](int64_t begin, int64_t end) {
      uint32_t* panels = workspace + begin / grain * region;
      float* sums = reinterpret_cast<float*>(panels + packed);
      for (int64_t t = begin; t < end; t++) {
        const int64_t item = t / col_blocks, j = t % col_blocks * blocks.cols, n = std::min(blocks.cols, s.n - j);
        const Batch::Offsets o = s.batch.offsets(item);
        for (int64_t k0 = 0; k0 < s.k; k0 += kDepth) {
          const int64_t k = std::min(kDepth, s.k - k0);
          pack_columns_paired(p.b + o.b + k0 * s.rsb + j * s.csb, s.rsb, s.csb, k, n, panels);
          slice_product(s, {s.m, n, k, p.a + o.a + k0 * s.csa, panels, sums, wide_panels, p.c + item * s.m * s.n + j,
                            p.bias ? p.bias + j : nullptr, k0 == 0, k0 + k == s.k});
        }
      }
    });
  };
  if (total <= kStackElements) {
    alignas(64) uint32_t workspace[kStackElements];
    run(workspace);
  } else {
    run(call.scratch_of<uint32_t>(total));
  }
}

// A chunk of B is packed by all threads, then used by all tasks.
void run_shared(const Call& call, const Problem& p) {
  const Shape& s = p.shape;
  const Blocks blocks = choose_blocks(s, work_of(s, 1, false));
  const int64_t chunk_depth = std::min(s.k, kChunkDepth);
  const int64_t chunk_cols =
      chunk_columns(chunk_depth * static_cast<int64_t>(sizeof(bf16)), s.n, blocks.cols, blocks.cols);
  const int64_t row_blocks = ceil_div(s.m, blocks.rows), tiles = ceil_div(blocks.rows, kMR);  // tiles a row block
  const int64_t wide_panels = chunk_cols / kColumns;
  // Slices but the last are whole, so slice q starts at pair q * kKC.
  uint32_t* chunk = call.scratch_of<uint32_t>(pairs_of(chunk_depth) * chunk_cols);
  float* wide = s.k > kDepth ? call.scratch_of<float>(row_blocks * tiles * wide_panels * kWideTile) : nullptr;
  for (int64_t item = 0; item < s.batch.count; item++) {
    const Batch::Offsets o = s.batch.offsets(item);
    for (int64_t j0 = 0; j0 < s.n; j0 += chunk_cols) {
      const int64_t n = std::min(chunk_cols, s.n - j0), padded = round_up(n, kColumns);
      for (int64_t k0 = 0; k0 < s.k; k0 += chunk_depth) {
        const int64_t depth = std::min(chunk_depth, s.k - k0), slices = ceil_div(depth, kDepth);
        const auto slice_k = [&](int64_t q) { return std::min(kDepth, depth - q * kDepth); };
        const auto panels_at = [&](int64_t q, int64_t j) {
          return chunk + q * kKC * padded + j * pairs_of(slice_k(q));
        };
        const int64_t groups = ceil_div(n, kPackGroup);  // one a packing task
        parallel_for(slices * groups, 1, [&](int64_t begin, int64_t end) {
          for (int64_t t = begin; t < end; t++) {
            const int64_t q = t / groups, j = t % groups * kPackGroup;
            pack_columns_paired(p.b + o.b + (k0 + q * kDepth) * s.rsb + (j0 + j) * s.csb, s.rsb, s.csb, slice_k(q),
                                std::min(kPackGroup, n - j), panels_at(q, j));
          }
        });
        const int64_t col_blocks = ceil_div(n, blocks.cols);
        parallel_for(row_blocks * col_blocks, 1, [&](int64_t begin, int64_t end) {
          for (int64_t t = begin; t < end; t++) {
            const int64_t row = t / col_blocks, i = row * blocks.rows, j = t % col_blocks * blocks.cols;
            for (int64_t q = 0; q < slices; q++) {
              const int64_t kk = k0 + q * kDepth;
              slice_product(s, {std::min(blocks.rows, s.m - i), std::min(blocks.cols, n - j), slice_k(q),
                                p.a + o.a + i * s.rsa + kk * s.csa, panels_at(q, j),
                                wide + (row * tiles * wide_panels + j / kColumns) * kWideTile, wide_panels,
                                p.c + (item * s.m + i) * s.n + j0 + j, p.bias ? p.bias + j0 + j : nullptr, kk == 0,
                                kk + slice_k(q) == s.k});
            }
          }
        });
      }
    }
  }
}

bool is_bf16(const Call& c) {
  return c.out[0].dtype == DType::bf16 && c.in[0].dtype == DType::bf16 && c.in[1].dtype == DType::bf16;
}

// Bound by memory, or by k: avx512 reads the large operand in place, or sums pieces of k in parallel.
bool belongs_to_avx512(const Shape& s) {
  if (s.k == 0) return true;
  if (std::min(s.m, s.n) <= kFewRows && s.k * std::max(s.m, s.n) >= kLargeOperand) return true;
  return ceil_div(s.m, kMR) * ceil_div(s.n, kColumns) <= kSumTiles && s.k >= kSumDepth;
}

}  // namespace

// The packed form of bf16 is the matrix itself, stored (n, k): its panels of pairs are made for every product.
void pack_matrix(const Call& c) {
  const TensorRef& b = c.in[0];
  if (b.dtype != DType::bf16) return avx512_pack(c);
  const int64_t k = c.int_attr(1), n = c.int_attr(2);
  if (c.out[0].numel * 2 < k * n) fail(ErrorCode::internal, "packMatrix: no room for the matrix");
  const bool transposed = c.int_attr(0) & kTransposeB;
  const int64_t row = b.strides[transposed ? 1 : 0], column = b.strides[transposed ? 0 : 1];
  bf16* to = c.out[0].as<bf16>();
  for (int64_t j = 0; j < n; j++)
    for (int64_t i = 0; i < k; i++) to[j * k + i] = b.as<bf16>()[i * row + j * column];
}

void matmul(const Call& c);

void packed_product(const Call& c) {
  const int64_t row = c.int_attr(0) & kTransposeA ? 1 : 0;
  const int64_t dims[2] = {c.out[0].dim(1), c.in[0].dims[1 - row]}, strides[2] = {dims[1], 1};
  TensorRef operands[4];
  for (int i = 0; i < c.nin && i < 4; i++) operands[i] = c.in[i];
  operands[1] = TensorRef{c.in[1].data, dims[0] * dims[1], dims, strides, 2, DType::bf16, true};
  double attributes[7];
  for (int i = 0; i < c.nattr && i < 7; i++) attributes[i] = c.attr[i];
  attributes[0] = static_cast<double>((c.int_attr(0) & kTransposeA) | kTransposeB);
  Call call = c;
  call.in = operands;
  call.attr = attributes;
  matmul(call);
}

// dw = g^T x by bf16's products; g's columns are summed apart.
void linear_backward(const Call& c) {
  const TensorRef &g = c.in[0], &db = c.out[1];
  if (g.dtype != DType::bf16) return avx512_backward(c);
  const double flags = kTransposeA;
  Call call = c;
  call.attr = &flags;
  call.nattr = 1;
  call.nout = 1;
  matmul(call);
  const int64_t m = g.dim(0), n = g.dim(1);
  float* sums = c.scratch_of<float>(2 * n);
  float* block = sums + n;
  for (int64_t j = 0; j < n; j++) sums[j] = 0;
  for (int64_t i0 = 0; i0 < m; i0 += 256) {
    for (int64_t j = 0; j < n; j++) block[j] = 0;
    for (int64_t i = i0; i < std::min(i0 + 256, m); i++)
      for (int64_t j = 0; j < n; j++) block[j] += to_f32(g.as<bf16>()[i * g.strides[0] + j * g.strides[1]]);
    for (int64_t j = 0; j < n; j++) sums[j] += block[j];
  }
  for (int64_t j = 0; j < n; j++) db.as<bf16>()[j] = to_bf16(sums[j]);
}

void matmul(const Call& c) {
  if (c.out[0].dtype == DType::bf16 && c.nattr && c.int_attr(0) & kPacked) return packed_product(c);
  if (!is_bf16(c) || c.out[0].numel == 0 || c.nattr > 1 || c.opt(3).present()) return avx512_matmul(c);
  Problem p{read_shape(c), c.in[0].as<bf16>(), c.in[1].as<bf16>(), c.out[0].as<bf16>(), nullptr};
  const Shape& s = p.shape;
  if (belongs_to_avx512(s)) return avx512_matmul(c);
  const TensorRef bias = c.opt(2);
  if (bias.present()) {
    p.bias = bias.as<bf16>();
    if (s.n > 1 && bias.strides[0] != 1) {
      bf16* copy = c.scratch_of<bf16>(s.n);
      for (int64_t j = 0; j < s.n; j++) copy[j] = p.bias[j * bias.strides[0]];
      p.bias = copy;
    }
  }
  // Items of a batch that are large products by themselves share their panels one item at a time.
  const bool large = s.m > 2 * kFewRowsToShare || (s.m > kFewRowsToShare && s.n > 4 * kFewRowsToShare);
  if (large || (s.m > kFewRowsToShare && s.batch.count == 1))
    run_shared(c, p);
  else
    run_own(c, p);
}

void override_table(Kernel* table) {
  avx512_matmul = table[kOpcode_matmul];
  table[kOpcode_matmul] = matmul;
  avx512_pack = table[kOpcode_packMatrix];
  table[kOpcode_packMatrix] = pack_matrix;
  avx512_backward = table[kOpcode_linearBackward];
  table[kOpcode_linearBackward] = linear_backward;
}

}  // namespace sinter::cpu::SINTER_ISA
