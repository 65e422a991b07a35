#include "cpu/blocking.h"

#include <algorithm>
#include <limits>

#include "cpu/cache.h"
#include "cpu/rounding.h"

namespace sinter {

namespace {

int64_t bytes_of_l2(double share) { return static_cast<int64_t>(share * static_cast<double>(cache_sizes().l2)); }

// Rows of a task, at most `most`, with which the threads end together: of half to twice as many blocks of rows the largest that do, or
// the smallest where L2 holds what each reads of B, up to eight tasks a thread: whoever is held up then keeps the others waiting for
// less. Whole lines of memory, of which transposed rows are read.
int64_t even_rows(const Work& work, const Blocks& b, int64_t most) {
  constexpr int64_t step = 16;
  const int64_t columns = work.items * ceil_div(work.n, b.cols), count = ceil_div(work.m, b.rows);
  if (count * columns > 16 * work.threads) return b.rows;  // the last task's share is small
  const bool near = work.b_bytes <= bytes_of_l2(0.5);
  int64_t best = b.rows, shortest = std::numeric_limits<int64_t>::max();
  for (int64_t c = ceil_div(count, 2); c <= 2 * count; c++) {
    const int64_t rows = round_up(ceil_div(work.m, c), step);
    const int64_t time = ceil_div(ceil_div(work.m, rows) * columns, work.threads) * round_up(rows, work.tile.rows);
    const bool finer = near && ceil_div(work.m, rows) * columns <= 8 * work.threads;
    if (rows <= most && (finer ? time <= shortest : time < shortest)) best = rows, shortest = time;
  }
  return best;
}

double flops_of(const Work& w, const Blocks& b) {
  return w.flops * static_cast<double>(b.rows) * static_cast<double>(b.cols);
}

}  // namespace

int64_t columns_in_l2(int64_t column_bytes, int64_t tile, double share) {
  return std::clamp(bytes_of_l2(share) / column_bytes / tile * tile, 4 * tile, 32 * tile);
}

int64_t tiles_in_l2(int64_t tile_bytes, double share, int64_t most) {
  return std::clamp<int64_t>(bytes_of_l2(share) / tile_bytes, 1, most);
}

int64_t chunk_columns(int64_t column_bytes, int64_t n, int64_t step, int64_t least) {
  const int64_t bytes = std::clamp<int64_t>(cache_sizes().l3 / 4, 2 << 20, 8 << 20);
  return std::min(round_up(n, step), std::max(least, bytes / column_bytes / step * step));
}

Blocks cut_for_threads(const Work& work, Blocks largest) {
  Blocks b = largest;
  while (work.threads > 1) {
    const int64_t tasks = work.items * ceil_div(work.m, b.rows) * ceil_div(work.n, b.cols);
    if (tasks >= 6 * work.threads || flops_of(work, b) < 2 * work.task_flops) break;
    if (work.rows_first && b.rows > 4 * work.tile.rows)
      b.rows = round_up(b.rows / 2, work.tile.rows);
    else if (work.rows_first && tasks >= 4 * work.threads)
      break;
    else if (b.cols > 2 * work.tile.cols && (b.cols > b.rows || work.all_rows))
      b.cols = round_up(b.cols / 2, work.tile.cols);
    else if (b.rows > 2 * work.tile.rows && !work.all_rows)
      b.rows = round_up(b.rows / 2, work.tile.rows);
    else if (b.cols > work.tile.cols)
      b.cols = work.tile.cols;
    else
      break;
  }
  if (work.rows_first && work.threads > 1) b.rows = even_rows(work, b, largest.rows);
  return b;
}

int64_t grain_of(const Work& work, const Blocks& blocks, int64_t tasks) {
  const int64_t worth = static_cast<int64_t>(work.task_flops / std::max(flops_of(work, blocks), 1.0)) + 1;
  return std::max(worth, ceil_div(tasks, 8 * work.threads));
}

}  // namespace sinter
