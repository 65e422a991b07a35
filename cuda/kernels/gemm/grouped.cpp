// Many products in one launch. Place in the whole: entry points groupedMatmul, expertMatmul and expertWeightGrad of the operator table.
// The kernels are those of single products; a block finds its product in a table on the device, which the host writes for lists of
// matrices, and a kernel for experts, whose rows only the device knows.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "cuda/kernels/gemm/product.h"
#include "cuda/kernels/gemm/tiles.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_gemm_parts;

namespace {

constinit Kernel table_i32{image_gemm_parts, "expert_table_i32"};
constinit Kernel table_i64{image_gemm_parts, "expert_table_i64"};

const ProductBatch kNoBatch{};

void check_floating(const char* name, DType dtype) {
  if (!is_floating(dtype))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", name, dtype_name(dtype));
}
// Kernels count k in 32 bits.
void check_depth(const char* name, int64_t k) {
  if (k > INT32_MAX)
    fail(ErrorCode::unsupported, "%s: a sum over %lld terms, at most 2^31 - 1 on cuda", name,
         static_cast<long long>(k));
}

// Products of one layout.
struct Group {
  std::vector<GemmProblem> problems;
  std::vector<TileDemand::Size> sizes;
  int align_a = 16, align_b = 16;
};

void run_group(const Call& call, DType dtype, bool deep_a, bool deep_b, Group& group) {
  if (group.problems.empty()) return;
  const int count = static_cast<int>(group.problems.size());
  const bool aligned = group.align_a == 16 && group.align_b == 16;
  const TileChoice choice = choose_tile(call, {dtype, deep_a, deep_b, aligned, group.sizes.data(), count, false});
  int64_t tiles = 0;
  for (GemmProblem& problem : group.problems) {
    problem.first_tile = static_cast<uint32_t>(tiles);
    tiles += choice.tile.tiles(problem.m, problem.n);
  }
  GemmProblem end;
  end.first_tile = static_cast<uint32_t>(tiles);
  group.problems.push_back(end);
  const size_t bytes = group.problems.size() * sizeof(GemmProblem);
  void* table = call.scratch(bytes);
  call.queue->upload(table, group.problems.data(), bytes);
  GemmArgs args;
  args.table = static_cast<const GemmProblem*>(table);
  args.table_size = count;
  args.align_a = group.align_a;
  args.align_b = group.align_b;
  launch(call, *choice.tile.kernel, Dim(tiles), Dim(choice.tile.threads), 0, args);
}

// "group 3 ends at row 5, after 7 of 9 rows"; `kind` is the group.
template <Text kOp>
ReportRecord* report_ends(const Call& call) {
  return call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
    std::snprintf(message, size, "%s: group %d ends at row %lld, after %lld of %lld rows; ends must not fall",
                  kOp.chars, r.kind, static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]),
                  static_cast<long long>(r.value[2]));
  });
}

// Bytes that all of these steps are multiples of, at most what `align` says.
int aligned_to(int align, int64_t step) {
  while (align > 1 && step % align != 0) align /= 2;
  return align;
}

// Makes the table and computes it: at most `tiles` of the tile in args.
void run_experts(const Call& call, ExpertArgs& experts, ReportRecord* record, const TensorRef& ends,
                 const TileKernel& tile, int64_t tiles, const Operand& a, const Operand& b, int64_t size) {
  experts.ends = ends.data;
  experts.ends_stride = ends.strides[0];
  experts.fault = reinterpret_cast<Fault*>(record);
  experts.table = call.scratch_of<GemmProblem>(experts.groups + 2);
  experts.a = a.data;
  experts.b = b.data;
  experts.lda = a.ld;
  experts.ldb = b.ld;
  experts.tile_rows = static_cast<uint32_t>(tile.rows);
  experts.tiles_across = static_cast<uint32_t>((experts.n + tile.columns - 1) / tile.columns);
  launch(call, ends.dtype == DType::i64 ? table_i64 : table_i32, Dim(1), Dim(kFinishThreads), 0, experts);
  GemmArgs args;
  args.table = experts.table;
  args.table_size = experts.groups + 1;
  args.align_a = aligned_to(std::max<int>(a.align, static_cast<int>(size)), experts.a_step);
  args.align_b = aligned_to(std::max<int>(b.align, static_cast<int>(size)), experts.b_step);
  launch(call, *tile.kernel, Dim(tiles), Dim(tile.threads), 0, args);
}

}  // namespace

// a_0 .. a_(g-1), b_0 .. b_(g-1) -> y_0 .. y_(g-1) {flags}
SINTER_CUDA_OP(groupedMatmul) {
  const int count = call.nout;
  if (count == 0) return;
  const DType dtype = call.out[0].dtype;
  check_floating("groupedMatmul", dtype);
  Group groups[2][2];  // by a, then b being deep
  for (int i = 0; i < count; i++) {
    const Product p = read_product(call.in[i], call.in[count + i], call.out[i], call.int_attr(0));
    if (p.m == 0 || p.n == 0) continue;
    check_depth("groupedMatmul", p.k);
    const Operand a = read_operand(call, dtype, p.a, p.m, p.k, p.rsa, p.csa, kNoBatch, nullptr);
    const Operand b = read_operand(call, dtype, p.b, p.n, p.k, p.csb, p.rsb, kNoBatch, nullptr);
    Group& group = groups[a.deep][b.deep];
    group.problems.push_back({a.data, b.data, p.y, p.m, p.n, p.k, a.ld, b.ld, 0});
    group.sizes.push_back({p.m, p.n, p.k, 1});
    group.align_a = std::min(group.align_a, a.align);
    group.align_b = std::min(group.align_b, b.align);
  }
  for (int a = 0; a < 2; a++)
    for (int b = 0; b < 2; b++) run_group(call, dtype, a, b, groups[a][b]);
}

// a (rows, k), b (groups, k, n), ends (groups) -> y (rows, n) {flags}
SINTER_CUDA_OP(expertMatmul) {
  const TensorRef &a = call.in[0], &b = call.in[1], &y = call.out[0];
  const DType dtype = y.dtype;
  check_floating("expertMatmul", dtype);
  if (y.numel == 0 && b.dim(0) == 0) return;
  const int64_t size = static_cast<int64_t>(dtype_size(dtype));
  const int64_t groups = b.dim(0), rows = a.dim(0), k = a.dim(1), n = y.dim(1);
  const int transposed = call.int_attr(0) & kTransposeB ? 1 : 0;
  check_depth("expertMatmul", k);
  ProductBatch batch;
  batch.rank = 1;
  batch.dims[0] = groups;
  batch.b_strides[0] = b.strides[0];
  // Groups begin at any row: its rows must be runs.
  Operand left = read_operand(call, dtype, a.data, rows, k, a.strides[0], a.strides[1], kNoBatch, nullptr);
  if (!left.deep)
    left = read_operand(call, dtype, a.data, rows, k, a.strides[0], a.strides[1], kNoBatch, nullptr, true);
  const Operand right = read_operand(call, dtype, b.data, n, k, b.strides[2 - transposed], b.strides[1 + transposed],
                                     batch, batch.b_strides);
  const TileDemand::Size each{groups ? (rows + groups - 1) / groups : rows, n, k, std::max<int64_t>(1, groups)};
  const bool aligned = left.align == 16 && right.align == 16;
  const TileKernel tile = choose_tile(call, {dtype, true, right.deep, aligned, &each, 1, false}).tile;
  ExpertArgs experts{};
  experts.groups = static_cast<int32_t>(groups);
  experts.rows = rows, experts.n = n, experts.k = k;
  experts.y = y.data;
  experts.a_step = left.ld * size;
  experts.b_step = right.strides[0] * size;
  experts.y_step = n * size;
  // Every group may leave a tile that is not full.
  const int64_t across = (n + tile.columns - 1) / tile.columns;
  run_experts(call, experts, report_ends<"expertMatmul">(call), call.in[2], tile,
              (rows / tile.rows + groups + 1) * across, left, right, size);
}

// a (rows, k), g (rows, n), ends (groups) -> y (groups, k, n)
SINTER_CUDA_OP(expertWeightGrad) {
  const TensorRef &a = call.in[0], &g = call.in[1], &y = call.out[0];
  const DType dtype = y.dtype;
  check_floating("expertWeightGrad", dtype);
  const int64_t size = static_cast<int64_t>(dtype_size(dtype));
  const int64_t groups = y.dim(0), rows = a.dim(0), k = y.dim(1), n = y.dim(2);
  if (groups == 0) return;
  check_depth("expertWeightGrad", rows);
  const Operand left = read_operand(call, dtype, a.data, k, rows, a.strides[1], a.strides[0], kNoBatch, nullptr);
  const Operand right = read_operand(call, dtype, g.data, n, rows, g.strides[1], g.strides[0], kNoBatch, nullptr);
  ExpertArgs experts{};
  experts.groups = static_cast<int32_t>(groups);
  experts.weights = 1;
  experts.rows = rows, experts.n = n, experts.k = k;
  experts.y = y.data;
  experts.a_step = (left.deep ? 1 : left.ld) * size;
  experts.b_step = (right.deep ? 1 : right.ld) * size;
  experts.y_step = k * n * size;
  const bool aligned = aligned_to(left.align, experts.a_step) == 16 && aligned_to(right.align, experts.b_step) == 16;
  const TileDemand::Size each{k, n, (rows + groups - 1) / groups, groups};
  const TileKernel tile = choose_tile(call, {dtype, left.deep, right.deep, aligned, &each, 1, false}).tile;
  run_experts(call, experts, report_ends<"expertWeightGrad">(call), call.in[2], tile, groups * tile.tiles(k, n), left,
              right, size);
}

}  // namespace sinter::cuda
