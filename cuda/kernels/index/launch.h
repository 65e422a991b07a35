// What the host sides of the kernels of indices share. Place in the whole: beside index.h.
#pragma once
#include "cuda/kernels/index/index.h"
#include "cuda/kernels/reports.h"
#include "cuda/kernels/walk.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

Split split_of(int64_t size);

// Throws Error where the operand's dtype is neither i64 nor i32.
Indices indices_of(const TensorRef& t, const char* op);

// A contiguous operand seen as (outer, n, inner), n its axis; a scalar is a vector of one element.
struct Axis {
  int64_t outer = 1, n = 1, inner = 1;
  Axis() = default;
  Axis(const TensorRef& t, int64_t axis);
};

// Bytes that are moved at once, 16 at most: runs of `run` bytes all begin at multiples of it from addresses that are such multiples.
int word_bytes(int64_t run, const void* a, const void* b);
// 0 .. 4 for 1 .. 16 bytes.
int word_index(int bytes);

// Kernels of a name for elements of 1 to 16 bytes.
#define SINTER_CUDA_WORDS(variable, image, name) \
  static constinit Kernel variable[] = {         \
      {image, name "_1"}, {image, name "_2"}, {image, name "_4"}, {image, name "_8"}, {image, name "_16"}};

// A launch of blocks of kIndexThreads threads, each of which takes `items` of n.
inline Dim blocks_of(int64_t n, int64_t items = kIndexItems) {
  return Dim((n + kIndexThreads * items - 1) / (kIndexThreads * items));
}

}  // namespace sinter::cuda
