// A call's operands as kernels of attention take them. Place in the whole: shared by attention.cpp, attention_backward.cpp and paged.cpp.
#pragma once
#include "cuda/kernels/attention/attention.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

HeadRows head_rows(const TensorRef& x);
// A result (b, h, rows, width), or (b, rows, h, width) by rows.
HeadRows result_rows(void* to, int64_t h, int64_t rows, int64_t width, bool by_rows);

// attention's from in[first] on: q, k, v, mask?, slopes?, starts of queries?, of keys?; attributes from {scale, ...} on.
AttentionArgs attention_args(const Call& call, const char* name, int first);
// pagedAttention's.
AttentionArgs paged_args(const Call& call);

// Blocks for own rows in tiles of `rows`, and the result's columns in slices of `columns`.
void set_blocks(AttentionArgs& args, bool keys, int64_t rows, int64_t width, int64_t columns);
int64_t block_count(const AttentionArgs& args, bool keys);

void require_attention(DType dtype, const char* name);
// 16 bytes divide address and strides of rows that are there.
bool is_aligned(const HeadRows& x, int64_t b, int64_t h, int64_t rows, DType dtype);

}  // namespace sinter::cuda
