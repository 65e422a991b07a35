// uniqueRuns, sortRows: what unique is made of. Place in the whole: kernels of native/ops.def, compiled once per
// instruction set.
//   uniqueRuns  x (n, w), order? (n) i64 -> first, inverse, counts (n), total (1), all i64: runs of equal rows, in the
//               given order: run r begins with row first[r] and has counts[r] rows, row i lies in run inverse[i]; there
//               are total[0] runs, and what lies behind them is 0
//   sortRows    x (n, w) -> order (n) i64: rows in lexicographic order, equal ones as they came
// x contiguous, f32 f64 i32 i64. As in PyTorch, a NaN equals nothing.
#include <algorithm>

#include "cpu/simd/vec.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kRows = 16384;  // rows a range

template <class F>
SINTER_INLINE void with_ordered(const char* op, DType d, F f) {
  switch (d) {
    case DType::f32: return f(float{});
    case DType::f64: return f(double{});
    case DType::i32: return f(int32_t{});
    case DType::i64: return f(int64_t{});
    default: fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", op, dtype_name(d));
  }
}

template <class T>
SINTER_INLINE bool differ(const T* a, const T* b, int64_t w) {
  for (int64_t i = 0; i < w; i++)
    if (a[i] != b[i]) return true;
  return false;
}
template <class T>
SINTER_INLINE bool less_row(const T* a, const T* b, int64_t w) {
  for (int64_t i = 0; i < w; i++) {
    if (a[i] < b[i]) return true;
    if (b[i] < a[i]) return false;
  }
  return false;
}

template <class T>
void find_runs(const Call& c) {
  const TensorRef &x = c.in[0], order = c.opt(1);
  const int64_t n = x.dims[0], w = x.dims[1], ranges = (n + kRows - 1) / kRows;
  const T* rows = x.as<T>();
  const int64_t* places = order.present() ? order.as<int64_t>() : nullptr;
  int64_t *first = c.out[0].as<int64_t>(), *inverse = c.out[1].as<int64_t>(), *counts = c.out[2].as<int64_t>();
  // starts[r]: where run r begins, n behind the last; before[k]: the runs that begin before range k.
  int64_t *starts = c.scratch_of<int64_t>(n + 1), *before = c.scratch_of<int64_t>(ranges + 1);
  auto place = [=](int64_t i) { return places ? places[i] : i; };
  auto begins = [=](int64_t i) { return i == 0 || differ(rows + place(i) * w, rows + place(i - 1) * w, w); };
  parallel_for(ranges, 1, [=](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; k++) {
      int64_t found = 0;
      for (int64_t i = k * kRows; i < std::min(n, (k + 1) * kRows); i++) found += begins(i);
      before[k] = found;
    }
  });
  int64_t total = 0;
  for (int64_t k = 0; k < ranges; k++) total += std::exchange(before[k], total);
  starts[total] = n;
  parallel_for(ranges, 1, [=](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; k++) {
      int64_t run = before[k] - 1;
      for (int64_t i = k * kRows; i < std::min(n, (k + 1) * kRows); i++) {
        if (begins(i)) {
          run++;
          starts[run] = i;
          first[run] = place(i);
        }
        inverse[place(i)] = run;
      }
    }
  });
  parallel_for(n, kRows, [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      counts[r] = r < total ? starts[r + 1] - starts[r] : 0;
      if (r >= total) first[r] = 0;
    }
  });
  c.out[3].as<int64_t>()[0] = total;
}

template <class T>
void order_rows(const Call& c) {
  const int64_t n = c.in[0].dims[0], w = c.in[0].dims[1];
  const T* rows = c.in[0].as<T>();
  int64_t *order = c.out[0].as<int64_t>(), *from = order, *to = c.scratch_of<int64_t>(n);
  for (int64_t i = 0; i < n; i++) order[i] = i;
  for (int64_t width = 1; width < n; width *= 2) {
    const int64_t pairs = (n + 2 * width - 1) / (2 * width);
    parallel_for(pairs, std::max<int64_t>(1, kRows / (2 * width)), [=](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; p++) {
        const int64_t low = p * 2 * width, middle = std::min(n, low + width), high = std::min(n, low + 2 * width);
        int64_t i = low, j = middle, k = low;
        while (i < middle && j < high) {
          const bool second = less_row(rows + from[j] * w, rows + from[i] * w, w);
          to[k++] = second ? from[j++] : from[i++];
        }
        while (i < middle) to[k++] = from[i++];
        while (j < high) to[k++] = from[j++];
      }
    });
    std::swap(from, to);
  }
  if (from != order) std::memcpy(order, from, static_cast<size_t>(n) * sizeof(int64_t));
}

}  // namespace

void uniqueRuns(const Call& c) {
  if (c.in[0].dims[0] == 0) {
    c.out[3].as<int64_t>()[0] = 0;
    return;
  }
  with_ordered("uniqueRuns", c.in[0].dtype, [&](auto t) { find_runs<decltype(t)>(c); });
}

void sortRows(const Call& c) {
  if (c.out[0].numel == 0) return;
  with_ordered("sortRows", c.in[0].dtype, [&](auto t) { order_rows<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
