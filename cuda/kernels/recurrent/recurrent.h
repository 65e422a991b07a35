// Recurrent layers: what host and kernels agree on. Place in the whole: recurrence.cpp and recurrence_backward.cpp launch, recurrent.cu
// computes.
//
// Rows of all operands (n, .) lie step after step, one a sequence, and the sequences of a step are the first ones of the step before. How
// many a step has is in a tensor on the device, which the host does not wait for: launches are of `batch` sequences, and kernels look up
// what a step has.
#pragma once
#include <cstdint>

#include "cuda/kernels/fault.h"
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kRecurrentThreads = 256;

// native/cpu/recurrent/cell.h has the formulas; gates a unit has, and gradients: a GRU's hidden n, r, z, n.
enum class Cell : int32_t { lstm, gru, tanh, relu };
constexpr int gates_of(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }
constexpr int gradients_of(Cell cell) { return cell == Cell::lstm || cell == Cell::gru ? 4 : 1; }

// recurrence_steps: offsets (count + 1) of sizes (count), rows of each step. All of them 0 where sizes are not right.
struct StepSizes {
  const int64_t* sizes;
  int64_t* offsets;
  int64_t count, batch, n;
  Fault* fault;
};

// A step, and the one that is computed before it (-1: none).
struct LayerStep {
  const int64_t* offsets;  // null: every step has `batch` rows
  int64_t batch, at, before;
};

// V is the dtype; h units, p = width of the hidden state, G gates.
struct CellForward {
  LayerStep step;
  Split hidden;
  int64_t origin;        // row that `sums` begins with
  const void* products;  // (b, G h): of the hidden state; null: it is zero
  const void* bias;      // bhh (G h), or null
  void* sums;            // (., G h): of the input and bih; become the gates' values where they are kept
  void* state;           // (n, h): where kept, an LSTM's c and a GRU's hidden n; else null
  void* cell;            // (b, h): an LSTM's c
  void* h;               // (b, p)
  void* y;               // (n, p)
  void* full;            // (b, h): with a projection, instead of h and y
  int32_t kept, relu;
};

struct CellBackward {
  LayerStep step;
  Split hidden;
  const void *gates, *state;   // a plain cell's are y, null
  const void *memory, *begin;  // (n, h) and (b, h) or null: an LSTM's c and c0, a GRU's y and h0
  const void* of_h;            // (b, h): gradient of h
  const void* gy;              // (n, h), added to it, or null
  void* gh;                    // (b, h): receives what does not go through the product; null with a projection
  void* gc;                    // (b, h): an LSTM's, in place
  void* d;                     // (n, D h)
  void* a;  // (b, G h): the part of d that goes through the hidden product, zeros where the step has no rows; or null
  void* full;  // (n, h): with a projection, what it multiplies
  int32_t relu;
};

// A projection's ends. Forward: h and y become `from` (b, p). Backward: (n, p) `y` and (b, p) `from` become h + gy, and h zero.
struct Projection {
  LayerStep step;
  Split width;
  void *from, *h, *y;
  const void* gy;
};

}  // namespace sinter::cuda
