// matmul, packMatrix and linearBackward of bf16 with vdpbf16ps or AMX. Place in the whole: this set's kernels replace avx512's where
// the processor has either; every other dtype goes on to those, as do products that are not bound by arithmetic or that are cut
// along k. Epilogues are as in matmul.cpp; a packed matrix has product_bf16.h's layout.
#include <algorithm>

#include "cpu/attention/attention_bf16.h"
#include "cpu/conv/conv_bf16.h"
#include "cpu/gemm/grouped_bf16.h"
#include "cpu/gemm/pairs.h"
#include "cpu/gemm/product_bf16.h"
#include "cpu/gemm/shape.h"
#include "cpu/rounding.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kLargeOperand = 16384;            // elements; with few rows, reading this once in place is faster
constexpr int64_t kSumTiles = 8, kSumDepth = 4096;  // C of so few tiles with so long a k is cut along k

// The kernels that this set's are put in front of. Set once, before any call.
Kernel wide_matmul, wide_pack, wide_backward;

enum Opcode {
#define OP(name, code, group, mutates, contiguous) kOpcode_##name = code,
#include "ops.def"
#undef OP
};

// Bound by memory, or by k: f32's kernels read the large operand in place, or sum pieces of k in parallel.
bool is_wide(int64_t m, int64_t n, int64_t k) {
  if (k == 0) return true;
  if (std::min(m, n) <= kFewRows && k * std::max(m, n) >= kLargeOperand) return true;
  return !kMatrixUnit && ceil_div(m, kMR) * ceil_div(n, kColumns) <= kSumTiles && k >= kSumDepth;
}

void pack_pairs(const Call& c) {
  const TensorRef &b = c.in[0], &y = c.out[0];
  if (b.dtype != DType::bf16) return wide_pack(c);
  const bool transposed = c.int_attr(0) & kTransposeB;
  const int64_t k = c.int_attr(1), n = c.int_attr(2);
  if (y.numel < packed_words(k, n))
    fail(ErrorCode::internal, "packMatrix: no room for %lld x %lld", static_cast<long long>(k),
         static_cast<long long>(n));
  pack_whole_pairs(b.as<bf16>(), b.strides[transposed ? 1 : 0], b.strides[transposed ? 0 : 1], k, n, y.as<uint32_t>());
}

void matmul_pairs(const Call& c) {
  if (c.out[0].dtype != DType::bf16 || c.out[0].numel == 0) return wide_matmul(c);
  Epilogue<bf16> epilogue;
  if (is_packed(c)) {
    const Shape s = read_packed_shape(c);
    if (s.k == 0) return wide_matmul(c);  // reads nothing of the packed matrix
    if (c.in[1].numel < packed_words(s.k, s.n)) fail(ErrorCode::internal, "matmul: the packed matrix is too small");
    Product<bf16> p = read_product(c, s, epilogue);
    p.packed_b = c.in[1].as<float>();
    return run_pairs(c, p);
  }
  const Shape s = read_shape(c);
  if (is_wide(s.m, s.n, s.k)) return wide_matmul(c);
  run_pairs(c, read_product(c, s, epilogue));
}

void backward_pairs(const Call& c) {
  const TensorRef& db = c.out[1];
  if (c.in[0].dtype != DType::bf16 || c.out[0].numel == 0) return wide_backward(c);
  const Product<bf16> p = read_gradient<bf16>(c, c.scratch_of<float>(db.numel));
  if (is_wide(p.m, p.n, p.k)) return wide_backward(c);
  run_pairs(c, p);
  for (int64_t j = 0; j < db.numel; j++) db.as<bf16>()[j] = to_bf16(p.row_sums[j]);
}

}  // namespace

void override_table(Kernel* table) {
  wide_matmul = table[kOpcode_matmul];
  wide_pack = table[kOpcode_packMatrix];
  wide_backward = table[kOpcode_linearBackward];
  table[kOpcode_matmul] = matmul_pairs;
  table[kOpcode_packMatrix] = pack_pairs;
  table[kOpcode_linearBackward] = backward_pairs;
  override_grouped(&table[kOpcode_groupedMatmul], &table[kOpcode_expertMatmul], &table[kOpcode_expertWeightGrad]);
  override_conv(&table[kOpcode_conv], &table[kOpcode_convInputGrad], &table[kOpcode_convWeightGrad],
                &table[kOpcode_convChannelsLast]);
  // Where there is a matrix unit vdpbf16ps is slower than f32's multiply-add.
  if (!kMatrixUnit)
    override_attention(&table[kOpcode_attention], &table[kOpcode_pagedAttention], &table[kOpcode_attentionBackward]);
}

}  // namespace sinter::cpu::SINTER_ISA
