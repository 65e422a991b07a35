// What attention_parts.cu and its host sides agree on. Place in the whole: beside attention.h, which is for the products.
#pragma once
#include "cuda/kernels/attention/attention.h"

namespace sinter::cuda {

constexpr int kDeltaThreads = 256;

// delta (b, h, t) = rowsum(g y), a warp a row.
struct DeltaArgs {
  HeadRows g, y;
  void* delta;
  int64_t rows, h, t;
  int32_t e;
};

// y and lse of the parts of keys, at most kMostParts, -> those of all: a warp a row.
constexpr int kMostParts = 64;
struct CombineArgs {
  HeadRows y;
  void* lse;  // null: nobody asks
  const void* part_y;
  const void* part_lse;  // (parts, b, h, t, e) and (parts, b, h, t)
  int64_t rows, h, t;
  int32_t e, parts;
};

// A pool and the rows that go into it: strides in words, of (blocks, hk, size, d) and (b, hk, t, d).
struct PagedSide {
  void* pool;
  const void* x;
  int64_t to[4], from[4];
};
struct PagedWriteArgs {
  PagedSide k, v;
  Indices slots;  // (b, t)
  int64_t slot_strides[2];
  int64_t hk, t, size, places, all;  // all: rows, b t
  int64_t key_words, words;          // of a row of k; of k and v
  int32_t rows;                      // a block, at most 32
  Fault* fault;
};

}  // namespace sinter::cuda
