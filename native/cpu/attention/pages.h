// Pages: keys and values in pools of blocks, as a cache of many sequences keeps them (Kwon et al., "PagedAttention", 2023). Place in the
// whole: pagedAttention's operands as the problem that attention.cpp and decode.h solve for rows; a row's address is all that differs.
#pragma once
#include "cpu/attention/problem.h"

namespace sinter::cpu::SINTER_ISA {

// Operands: q (b, h, t, d), keys (blocks, hk, size, d), values (blocks, hk, size, e), table (b, columns), lengths (b), slopes? (b, h).
// The last query stands at the last key. Every number of the table that a length reaches is checked here.
inline Problem paged_problem(const Call& c) {
  const TensorRef &q = c.in[0], &keys = c.in[1], &values = c.in[2], &table = c.in[3], &lengths = c.in[4];
  const auto ll = Problem::ll;
  Problem p;
  p.b = q.dim(0), p.h = q.dim(1), p.t = q.dim(2), p.d = q.dim(3);
  p.hk = keys.dim(1), p.e = values.dim(3);
  p.q = HeadRows(q), p.k = HeadRows(keys), p.v = HeadRows(values);
  p.slopes = c.opt(5);
  p.scale = c.attr[0], p.diagonal = 1, p.left = c.int_attr(1), p.right = c.int_attr(2), p.cap = c.attr[3];
  p.by_rows = c.attr[4] != 0;
  p.columns = table.dim(1), p.size = keys.dim(2);

  auto* sequences = c.scratch_of<Sequence>(std::max<int64_t>(p.b, 1));
  auto* blocks = c.scratch_of<int64_t>(std::max<int64_t>(p.b * p.columns, 1));
  p.s = 0;
  for (int64_t i = 0; i < p.b; i++) {
    const int64_t length = index_at(lengths, i * lengths.strides[0]);
    if (length < 0 || length > p.columns * p.size)
      fail(ErrorCode::index_out_of_range,
           "pagedAttention: sequence %lld has length %lld, expected 0 to %lld (%lld blocks of %lld)", ll(i), ll(length),
           ll(p.columns * p.size), ll(p.columns), ll(p.size));
    for (int64_t j = 0; j * p.size < length; j++) {
      const int64_t block = index_at(table, i * table.strides[0] + j * table.strides[1]);
      if (block < 0 || block >= keys.dim(0))
        fail(ErrorCode::index_out_of_range,
             "pagedAttention: the table of sequence %lld has block %lld at %lld, expected 0 to %lld", ll(i), ll(block),
             ll(j), ll(keys.dim(0) - 1));
      blocks[i * p.columns + j] = block;
    }
    sequences[i] = {i, 0, p.t, 0, length};
    p.s = std::max(p.s, length);
  }
  p.sequences = sequences, p.count = p.b, p.table = blocks;
  return p;
}

}  // namespace sinter::cpu::SINTER_ISA
