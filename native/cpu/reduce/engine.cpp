// The reduction engine. Place in the whole: see engine.h. No entry point of the operator table lives here.
//
// The kept and the reduced dimensions are collapsed apart: `kept` walks the results in order, `reduced` the elements
// of one result. Three ways through memory:
//   rows     the reduced inner dimension is contiguous, or nothing is: result by result, block by block
//   columns  the kept inner dimension is contiguous and the reducer folds vectors: rows added to a row of accumulators
//   tiles    the same layout, reducers without fold: tiles transposed into the first-level cache, then as rows
// Long reductions are cut into chunks of a fixed size whose states are merged in order.
#include "cpu/reduce/engine.h"

#include <algorithm>

#include "cpu/copy/runs.h"
#include "cpu/copy/transpose.h"
#include "cpu/copy/view.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kChunk = 65536;  // elements of one result that one range reduces
constexpr int64_t kGrain = 65536;  // elements a parallel range
constexpr int64_t kShortRun = 32;  // reduced inner runs shorter than this are gathered together
constexpr int64_t kFoldRows = 8;   // rows converted at once
constexpr int64_t kTileColumns = 32, kTileRows = 256;
constexpr int64_t kStagedResults = 128;

struct Job {
  const Reducer& reducer;
  double parameter;
  Nest<1> kept, reduced;
  int64_t results, length;
  const char* x;
  DType dtype;
  int64_t size, compute_size;
  char* y;
  DType out_dtype;
};

// Results written in order, cast to y's dtype a block at a time.
class Sink {
 public:
  Sink(const Job& job, int64_t at) : job_(job), at_(at) {}
  void put(const State& state) {
    job_.reducer.finish(state, job_.length, job_.parameter, staged_, count_);
    if (++count_ == kStagedResults) flush();
  }
  void flush() {  // also once after the last put
    int64_t size = static_cast<int64_t>(dtype_size(job_.out_dtype));
    convert_run(job_.reducer.result, staged_, job_.out_dtype, job_.y + at_ * size, count_);
    at_ += count_;
    count_ = 0;
  }

 private:
  const Job& job_;
  int64_t at_, count_ = 0;
  alignas(64) char staged_[kStagedResults * 8];
};

// ---- rows

struct RowBuffers {
  alignas(64) char gathered[kReduceBlock * 16];
  alignas(64) char converted[kReduceBlock * 8];
};

SINTER_INLINE void fold_block(const Job& job, State& state, const char* x, int64_t n, int64_t index,
                              RowBuffers& buffers) {
  if (job.dtype != job.reducer.compute) {
    convert_run(job.dtype, x, job.reducer.compute, buffers.converted, n);
    x = buffers.converted;
  }
  job.reducer.block(state, x, n, index);
}

// Positions [begin, end) of the reduced range of the result whose first element is x.
void reduce_range(const Job& job, const char* x, int64_t begin, int64_t end, State& state, RowBuffers& buffers) {
  const Nest<1>& nest = job.reduced;
  const int64_t inner = nest.inner(), stride = nest.inner_stride(0);
  const bool across = nest.rank > 1 && inner < kShortRun;
  Odometer<1> at(nest, begin / inner);
  int64_t column = begin % inner;
  for (int64_t i = begin; i < end;) {
    int64_t n = 0;
    const char* from = x + (at.offset[0] + column * stride) * job.size;
    if (across) {
      const int64_t want = std::min(end - i, kReduceBlock);
      while (n < want) {
        int64_t count = std::min(want - n, inner - column);
        gather_run(static_cast<size_t>(job.size), x + (at.offset[0] + column * stride) * job.size, stride,
                   buffers.gathered + n * job.size, count);
        n += count;
        column += count;
        if (column == inner) {
          column = 0;
          at.next();
        }
      }
      from = buffers.gathered;
    } else {
      n = std::min({end - i, inner - column,
                    stride == 1 && job.dtype == job.reducer.compute ? job.reducer.longest : kReduceBlock});
      if (stride != 1) {
        gather_run(static_cast<size_t>(job.size), from, stride, buffers.gathered, n);
        from = buffers.gathered;
      }
      column += n;
      if (column == inner) {
        column = 0;
        at.next();
      }
    }
    fold_block(job, state, from, n, i, buffers);
    i += n;
  }
}

// Merges `chunks` states a result, laid out [chunk][result].
void combine(const Job& job, const State* states, int64_t chunks, int64_t begin, int64_t end) {
  Sink sink(job, begin);
  for (int64_t r = begin; r < end; r++) {
    State state = states[r];
    for (int64_t k = 1; k < chunks; k++) job.reducer.merge(state, states[k * job.results + r]);
    sink.put(state);
  }
  sink.flush();
}

void chunk_states(const Job& job, int64_t chunks, State* states) {
  const int64_t grain = std::max<int64_t>(1, streaming_grain(job.results * job.length, kGrain) / kChunk);
  parallel_for(job.results * chunks, grain, [&](int64_t begin, int64_t end) {
    RowBuffers buffers;
    for (int64_t unit = begin; unit < end; unit++) {
      int64_t result = unit / chunks, chunk = unit % chunks, from = chunk * kChunk;
      State state = job.reducer.init;
      const char* x = job.x + job.kept.offset(0, result) * job.size;
      reduce_range(job, x, from, std::min(from + kChunk, job.length), state, buffers);
      states[chunk * job.results + result] = state;
    }
  });
}

void rows(const Call& c, const Job& job) {
  const int64_t chunks = (job.length + kChunk - 1) / kChunk;
  if (chunks > 1) {
    State* states = c.scratch_of<State>(job.results * chunks);
    chunk_states(job, chunks, states);
    parallel_for(job.results, std::max<int64_t>(1, kGrain / (4 * chunks)),
                 [&](int64_t begin, int64_t end) { combine(job, states, chunks, begin, end); });
    return;
  }
  const int64_t work = job.length + 16, grain = streaming_grain(job.results * work, kGrain);
  parallel_for(job.results, std::max<int64_t>(1, grain / work), [&](int64_t begin, int64_t end) {
    RowBuffers buffers;
    Sink sink(job, begin);
    const int64_t inner = job.kept.inner(), stride = job.kept.inner_stride(0);
    const int64_t longest = job.dtype == job.reducer.compute ? job.reducer.longest : kReduceBlock;
    const bool direct = job.reduced.rank <= 1 && job.reduced.inner_stride(0) == 1 && job.length <= longest;
    Odometer<1> at(job.kept, begin / inner);
    int64_t column = begin % inner;
    for (int64_t r = begin; r < end; r++) {
      State state = job.reducer.init;
      const char* x = job.x + (at.offset[0] + column * stride) * job.size;
      direct ? fold_block(job, state, x, job.length, 0, buffers) : reduce_range(job, x, 0, job.length, state, buffers);
      sink.put(state);
      if (++column == inner) {
        column = 0;
        at.next();
      }
    }
    sink.flush();
  });
}

// ---- columns and tiles: units are (outer kept index, block of columns, chunk of rows)

struct Grid {
  int64_t columns, block, blocks, chunk, chunks, outer;
  Grid(const Job& job, int64_t block_columns) {
    columns = job.kept.inner();
    block = std::min(columns, block_columns);
    blocks = (columns + block - 1) / block;
    chunk = std::max<int64_t>(kGrain / block, kTileRows);
    chunks = (job.length + chunk - 1) / chunk;
    outer = job.results / columns;
  }
};

// Calls f(x, rows, index) for stretches of rows with one stride between them, of `at_most` rows.
template <class F>
SINTER_INLINE void row_stretches(const Job& job, const char* x, int64_t begin, int64_t end, int64_t at_most, F f) {
  const Nest<1>& nest = job.reduced;
  const int64_t inner = nest.inner();
  Odometer<1> at(nest, begin / inner);
  int64_t row = begin % inner;
  for (int64_t i = begin; i < end;) {
    int64_t n = std::min({end - i, inner - row, at_most});
    f(x + (at.offset[0] + row * nest.inner_stride(0)) * job.size, n, i);
    i += n;
    row += n;
    if (row == inner) {
      row = 0;
      at.next();
    }
  }
}

void fold_columns(const Job& job, const char* x, int64_t begin, int64_t end, int64_t columns, void* acc) {
  const DType held = job.reducer.wide ? DType::f64 : job.reducer.compute;
  fill_run(dtype_size(held), scalar_of(held, job.reducer.neutral).bytes, acc, columns);
  const int64_t stride = job.reduced.inner_stride(0);
  if (job.dtype == job.reducer.compute) {
    row_stretches(job, x, begin, end, INT64_MAX,
                  [&](const char* from, int64_t n, int64_t) { job.reducer.fold(acc, from, stride, n, columns); });
    return;
  }
  alignas(64) char converted[kFoldRows * kFoldColumns * 8];
  row_stretches(job, x, begin, end, kFoldRows, [&](const char* from, int64_t n, int64_t) {
    for (int64_t r = 0; r < n; r++)
      convert_run(job.dtype, from + r * stride * job.size, job.reducer.compute,
                  converted + r * columns * job.compute_size, columns);
    job.reducer.fold(acc, converted, columns, n, columns);
  });
}

void columns(const Call& c, const Job& job) {
  const Grid grid(job, kFoldColumns);
  State* states = grid.chunks > 1 ? c.scratch_of<State>(job.results * grid.chunks) : nullptr;
  const int64_t work = grid.block * std::min(grid.chunk, job.length);
  parallel_for(grid.outer * grid.blocks * grid.chunks, std::max<int64_t>(1, kGrain / work),
               [&](int64_t begin, int64_t end) {
                 alignas(64) char acc[kFoldColumns * 8];
                 for (int64_t unit = begin; unit < end; unit++) {
                   int64_t outer = unit / (grid.blocks * grid.chunks), chunk = unit / grid.blocks % grid.chunks;
                   int64_t first = unit % grid.blocks * grid.block, count = std::min(grid.block, grid.columns - first);
                   int64_t result = outer * grid.columns + first, from = chunk * grid.chunk;
                   fold_columns(job, job.x + job.kept.offset(0, result) * job.size, from,
                                std::min(from + grid.chunk, job.length), count, acc);
                   if (states) {
                     for (int64_t j = 0; j < count; j++) {
                       State& state = states[chunk * job.results + result + j];
                       state = job.reducer.init;
                       job.reducer.absorb(state, acc, j);
                     }
                   } else {
                     Sink sink(job, result);
                     for (int64_t j = 0; j < count; j++) {
                       State state = job.reducer.init;
                       job.reducer.absorb(state, acc, j);
                       sink.put(state);
                     }
                     sink.flush();
                   }
                 }
               });
  if (states)
    parallel_for(job.results, std::max<int64_t>(1, kGrain / (4 * grid.chunks)),
                 [&](int64_t begin, int64_t end) { combine(job, states, grid.chunks, begin, end); });
}

void transpose_any(int64_t size, const char* src, int64_t stride, char* dst, int64_t rows, int64_t columns) {
  auto as = [&](auto tag) {
    using T = decltype(tag);
    transpose_block<T>(reinterpret_cast<const T*>(src), stride, reinterpret_cast<T*>(dst), kTileRows, columns, rows);
  };
  switch (size) {
    case 1: return as(uint8_t{});
    case 2: return as(uint16_t{});
    case 4: return as(uint32_t{});
    default: return as(uint64_t{});
  }
}

void tiles(const Call& c, const Job& job) {
  const Grid grid(job, kTileColumns);
  State* states = grid.chunks > 1 ? c.scratch_of<State>(job.results * grid.chunks) : nullptr;
  const int64_t stride = job.reduced.inner_stride(0), work = grid.block * std::min(grid.chunk, job.length);
  parallel_for(grid.outer * grid.blocks * grid.chunks, std::max<int64_t>(1, kGrain / work),
               [&](int64_t begin, int64_t end) {
                 RowBuffers buffers;
                 alignas(64) char tile[kTileColumns * kTileRows * 8];
                 for (int64_t unit = begin; unit < end; unit++) {
                   int64_t outer = unit / (grid.blocks * grid.chunks), chunk = unit / grid.blocks % grid.chunks;
                   int64_t first = unit % grid.blocks * grid.block, count = std::min(grid.block, grid.columns - first);
                   int64_t result = outer * grid.columns + first, from = chunk * grid.chunk;
                   State state[kTileColumns];
                   for (State& s : state) s = job.reducer.init;
                   row_stretches(job, job.x + job.kept.offset(0, result) * job.size, from,
                                 std::min(from + grid.chunk, job.length), kTileRows,
                                 [&](const char* x, int64_t n, int64_t index) {
                                   transpose_any(job.size, x, stride, tile, n, count);
                                   for (int64_t j = 0; j < count; j++)
                                     fold_block(job, state[j], tile + j * kTileRows * job.size, n, index, buffers);
                                 });
                   if (states) {
                     for (int64_t j = 0; j < count; j++) states[chunk * job.results + result + j] = state[j];
                   } else {
                     Sink sink(job, result);
                     for (int64_t j = 0; j < count; j++) sink.put(state[j]);
                     sink.flush();
                   }
                 }
               });
  if (states)
    parallel_for(job.results, std::max<int64_t>(1, kGrain / (4 * grid.chunks)),
                 [&](int64_t begin, int64_t end) { combine(job, states, grid.chunks, begin, end); });
}

Job plan(const Reducer& reducer, const TensorRef& x, uint64_t axes) {
  if (is_complex(x.dtype))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", reducer.name, dtype_name(x.dtype));
  Job job{reducer, 0, {}, {}, 1, 1, x.as<const char>(), x.dtype, 0, 0, nullptr, reducer.result};
  for (int d = 0; d < x.rank; d++) {
    const bool is_reduced = axes >> d & 1;
    Nest<1>& nest = is_reduced ? job.reduced : job.kept;
    nest.dims[nest.rank] = x.dims[d];
    nest.strides[0][nest.rank++] = x.strides[d];
    (is_reduced ? job.length : job.results) *= x.dims[d];
  }
  job.size = static_cast<int64_t>(dtype_size(x.dtype));
  job.compute_size = static_cast<int64_t>(dtype_size(reducer.compute));
  if (job.length == 0 || job.results == 0) return job;
  job.kept.collapse();
  job.reduced.collapse();
  return job;
}

}  // namespace

void reduce(const Call& c, const Reducer& reducer, const TensorRef& x, uint64_t axes, double parameter,
            const TensorRef& y) {
  if (y.numel == 0) return;
  Job job = plan(reducer, x, axes);
  job.parameter = parameter;
  job.y = y.as<char>();
  job.out_dtype = y.dtype;
  if (job.length == 0) {
    Sink sink(job, 0);
    for (int64_t r = 0; r < job.results; r++) sink.put(reducer.init);
    return sink.flush();
  }
  const bool columnar = job.kept.inner_stride(0) == 1 && job.reduced.inner_stride(0) != 1 && job.length > 1;
  if (columnar && reducer.fold && job.kept.inner() >= 16)
    columns(c, job);
  else if (columnar && job.kept.inner() >= 4)
    tiles(c, job);
  else
    rows(c, job);
}

State reduce_all(const Call& c, const Reducer& reducer, const TensorRef& x) {
  if (x.numel == 0) return reducer.init;
  Job job = plan(reducer, x, ~uint64_t{0});
  const int64_t chunks = (job.length + kChunk - 1) / kChunk;
  State* states = c.scratch_of<State>(chunks);
  chunk_states(job, chunks, states);
  for (int64_t k = 1; k < chunks; k++) reducer.merge(states[0], states[k]);
  return states[0];
}

}  // namespace sinter::cpu::SINTER_ISA
