// Products of bf16 by vdpbf16ps. Place in the whole: what matmul_bf16.cpp and grouped_bf16.cpp turn their operands into; product.h
// describes a product, whose packed operand has this file's layout here.
#pragma once
#include "cpu/gemm/product.h"

namespace sinter::cpu::SINTER_ISA {

// A right operand (k, n) packed once: slices of k, each as panels of pairs (pairs.h). In words of 32 bits.
int64_t packed_words(int64_t k, int64_t n);
void pack_whole_pairs(const bf16* b, int64_t rsb, int64_t csb, int64_t k, int64_t n, uint32_t* packed);

// k > 0.
void run_pairs(const Call& call, const Product<bf16>& p);

// One of many products' tasks: C rows i0 .. i0 + m, columns j0 .. j0 + n. j0 is a multiple of a panel's columns. Any k; no batch.
// `region` has region_words(m, n, k).
int64_t region_words(int64_t m, int64_t n, int64_t k);
void run_pairs_task(const Product<bf16>& p, int64_t i0, int64_t m, int64_t j0, int64_t n, uint32_t* region);
// Columns of B whose packed slice takes three quarters of L2.
int64_t pair_columns();

}  // namespace sinter::cpu::SINTER_ISA
