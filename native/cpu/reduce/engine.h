// The reduction engine's interface. Place in the whole: the files of this family state a reduction as a Reducer, a few
// loops over contiguous blocks in a compute type; engine.cpp feeds them from tensors of any strides and dtype, for any
// set of axes.
//
// Work is cut by sizes alone (never by the number of threads), so results are reproducible; partial results meet in
// double (or exact integers), so errors do not grow with the length.
#pragma once
#include "cpu/simd/math.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kReduceBlock = 2048;  // most elements a call of block, unless the reducer takes longer ones

// What has been reduced so far, by each Reducer's own convention.
struct State {
  double a = 0, b = 0, c = 0;
  int64_t i = 0;
};

struct Reducer {
  const char* name;
  DType compute;  // blocks come in this type
  DType result;   // what finish writes
  State init = {};
  // Folds n <= longest contiguous elements in; `index` is the first one's place in the reduced range.
  void (*block)(State& state, const void* x, int64_t n, int64_t index);
  void (*merge)(State& state, const State& later);
  // out[at] = the result; n is the number of elements reduced, parameter the operator's own.
  void (*finish)(const State& state, int64_t n, double parameter, void* out, int64_t at);
  // Optional: acc[j] folds x[r * stride + j] over rows r; acc comes set by `absorb`'s neutral element, see fill.
  void (*fold)(void* acc, const void* x, int64_t stride, int64_t rows, int64_t columns) = nullptr;
  void (*absorb)(State& state, const void* acc, int64_t column) = nullptr;
  double neutral = 0;              // acc's first value
  bool wide = false;               // acc is of doubles, whatever the compute type
  int64_t longest = kReduceBlock;  // INT64_MAX: elements that lie in order, in the compute type, come in one call
};

constexpr int64_t kFoldColumns = 1024;  // most columns a call of fold

// A long run is read in four places at once. A prefetcher follows each, while that of a single one begins anew at every page: on a Zen 3
// 1.2 to 1.3 times the bandwidth on one thread. Less than some 500 bytes from each in turn; asking in software was slower. Rows of a
// matrix that are shorter than kStreamed follow each other as one long run (maxima of 4,096 elements a row, Zen 5: 1.3 times as fast so).
constexpr int kStreams = 4;
constexpr int64_t kStreamed = 32768;  // elements
// The elements of each place: whole pairs of vectors. What is left of the run is short.
template <class T>
SINTER_INLINE int64_t stream_length(int64_t n) {
  constexpr int64_t step = 2 * kLanes<T>;
  return n < kStreamed ? 0 : n / (kStreams * step) * step;
}

// y = the reduction of x over the dimensions in the bit mask. x any view and any dtype that converts to the compute
// type.
void reduce(const Call& c, const Reducer& reducer, const TensorRef& x, uint64_t axes, double parameter,
            const TensorRef& y);
// Over all dimensions, without finishing.
State reduce_all(const Call& c, const Reducer& reducer, const TensorRef& x);

// The operator's entry: small contiguous f32 to one number at once, everything else through the engine.
SINTER_INLINE void reduce_entry(const Call& c, const Reducer& reducer, double parameter = 0) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  if (y.numel == 1 && x.contiguous && x.dtype == reducer.compute && y.dtype == reducer.result &&
      x.numel <= kReduceBlock) {
    State state = reducer.init;
    if (x.numel > 0) reducer.block(state, x.data, x.numel, 0);
    return reducer.finish(state, x.numel, parameter, y.data, 0);
  }
  reduce(c, reducer, x, static_cast<uint64_t>(c.int_attr(0)), parameter, y);
}

}  // namespace sinter::cpu::SINTER_ISA
