// groupedMatmul, expertMatmul and expertWeightGrad of bf16 with vdpbf16ps. Place in the whole: grouped.cpp's counterpart, by the
// tasks of product_bf16.cpp.
#include "cpu/gemm/grouped_bf16.h"

#include "cpu/gemm/grouped.h"
#include "cpu/gemm/pairs.h"
#include "cpu/gemm/product_bf16.h"

namespace sinter::cpu::SINTER_ISA {

template <>
void run_group(const Call& call, const Product<bf16>* products, int64_t count) {
  const Group g = cut_group(call, products, count, pair_columns(), kColumns);
  for_each_task<uint32_t>(call, g, region_words(Group::kRows, g.col_block, g.depth),
                          [&](int64_t i, int64_t row, int64_t col, uint32_t* region) {
                            const Product<bf16>& p = products[i];
                            const int64_t i0 = row * Group::kRows, j0 = col * g.col_block;
                            run_pairs_task(p, i0, std::min(Group::kRows, p.m - i0), j0, std::min(g.col_block, p.n - j0),
                                           region);
                          });
}

namespace {

// The kernels that these are put in front of. Set once, before any call.
Kernel wide_lists, wide_experts, wide_weight_gradient;

void lists_bf16(const Call& c) { c.out[0].dtype == DType::bf16 ? lists<bf16>(c) : wide_lists(c); }
void experts_bf16(const Call& c) { c.out[0].dtype == DType::bf16 ? experts<bf16>(c) : wide_experts(c); }
void weight_gradient_bf16(const Call& c) {
  c.out[0].dtype == DType::bf16 ? weight_gradient<bf16>(c) : wide_weight_gradient(c);
}

}  // namespace

void override_grouped(Kernel* matmul, Kernel* experts, Kernel* weight_gradient) {
  wide_lists = *matmul;
  wide_experts = *experts;
  wide_weight_gradient = *weight_gradient;
  *matmul = lists_bf16;
  *experts = experts_bf16;
  *weight_gradient = weight_gradient_bf16;
}

}  // namespace sinter::cpu::SINTER_ISA
