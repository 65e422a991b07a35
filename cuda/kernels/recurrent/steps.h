// What the two directions of recurrent layers share on the host. Place in the whole: recurrence.cpp, recurrence_backward.cpp.
#pragma once
#include "cuda/kernels/recurrent/recurrent.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// The steps of a layer, in the order of computation.
struct Steps {
  const int64_t* offsets;
  int64_t count, batch;
  bool reverse;
  int64_t at(int64_t s) const { return reverse ? count - 1 - s : s; }
  LayerStep step(int64_t s) const { return {offsets, batch, at(s), s > 0 ? at(s - 1) : -1}; }
};
template <bool kForward>
Steps read_steps(const Call& call, const TensorRef& sizes, int64_t n);

struct RecurrentLayer {
  Cell cell;
  DType dtype;
  int64_t gates, hidden, width, batch;
  // `whh` (G h, p). Throws Error for a dtype that is neither f32 nor f64.
  RecurrentLayer(const Call& call, const char* op, const TensorRef& whh);
  int kind() const { return gates == 4 ? 0 : gates == 3 ? 1 : 2; }  // of kernels: LSTM, GRU, plain
  int type() const { return dtype == DType::f64; }
  size_t bytes(int64_t elements) const { return static_cast<size_t>(elements) * dtype_size(dtype); }
  void* scratch(const Call& call, int64_t elements) const;
  char* row(void* x, int64_t elements) const { return static_cast<char*>(x) + bytes(elements); }
};

// to (elements) = from, or zeros where there is no such operand.
void begin_with(const Call& call, const RecurrentLayer& layer, const TensorRef& from, void* to, int64_t elements);

// y (m, n) = a (m, k), rows lda apart, times b (k, n) with strides rsb and csb [+ bias] [+ y].
void multiply(const Call& call, DType dtype, int64_t m, int64_t n, int64_t k, const void* a, int64_t lda, const void* b,
              int64_t rsb, int64_t csb, void* y, const void* bias = nullptr, bool add = false);

inline Dim blocks_of_cells(int64_t elements) { return Dim((elements + kRecurrentThreads - 1) / kRecurrentThreads); }

}  // namespace sinter::cuda
