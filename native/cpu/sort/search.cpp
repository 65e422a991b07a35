// searchSorted, binCount. Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   searchSorted  sorted (.., n) or (n), values (.., m), sorter? (.., n) i64 -> places (.., m) i64 or i32 {right}: how
//                 many of the sorted line lie before the value; right: or are equal to it. NaN comes last. sorted and
//                 values of one dtype, f32 f64 i32 i64; sorter: the places of the line's elements in order
//   binCount      bins (i64), weights? (floating) -> y (n): how often, or with how much weight, each of 0 .. n - 1 occurs;
//                 others are left out
#include <algorithm>

#include "cpu/copy/runs.h"
#include "cpu/simd/vec.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kTogether = 16;  // searches side by side: their loads do not wait for each other
constexpr int64_t kSearchGrain = 4096;

template <class T, bool Right>
SINTER_INLINE bool before(T x, T value) {
  return Right ? !(x > value) : !(x >= value);
}

template <class T, bool Right>
void search_group(const T* line, const int64_t* sorter, int64_t n, const T* values, int64_t count, int64_t* places) {
  T v[kTogether];
  int64_t at[kTogether] = {};
  for (int64_t k = 0; k < kTogether; k++) v[k] = values[k < count ? k : 0];
  auto element = [=](int64_t i) { return line[sorter ? sorter[i] : i]; };
  int64_t length = n;
  for (; length > 1; length -= length / 2) {
    const int64_t half = length / 2;
    for (int64_t k = 0; k < kTogether; k++) at[k] += before<T, Right>(element(at[k] + half - 1), v[k]) ? half : 0;
  }
  if (length == 1)
    for (int64_t k = 0; k < kTogether; k++) at[k] += before<T, Right>(element(at[k]), v[k]);
  for (int64_t k = 0; k < count; k++) places[k] = at[k];
}

template <class T, bool Right>
void search_lines(const Call& c) {
  const TensorRef &sorted = c.in[0], &values = c.in[1], sorter = c.opt(2), &y = c.out[0];
  const int64_t n = sorted.dim(-1), m = values.rank ? values.dim(-1) : 1;
  const bool shared = sorted.rank == 1;
  for (int64_t i = 0; sorter.present() && i < sorter.numel; i++)
    if (static_cast<uint64_t>(sorter.as<int64_t>()[i]) >= static_cast<uint64_t>(n))
      fail(ErrorCode::index_out_of_range, "searchSorted: the sorter's index %lld is out of range for %lld elements",
           static_cast<long long>(sorter.as<int64_t>()[i]), static_cast<long long>(n));
  const int64_t groups = (m + kTogether - 1) / kTogether;
  parallel_for(values.numel / m * groups, kSearchGrain / kTogether, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; unit++) {
      const int64_t line = unit / groups, first = unit % groups * kTogether, from = shared ? 0 : line * n;
      const int64_t count = std::min(kTogether, m - first);
      int64_t places[kTogether];
      search_group<T, Right>(sorted.as<T>() + from, sorter.present() ? sorter.as<int64_t>() + from : nullptr, n,
                             values.as<T>() + line * m + first, count, places);
      convert_run(DType::i64, places, y.dtype,
                  y.as<char>() + (line * m + first) * static_cast<int64_t>(dtype_size(y.dtype)), count);
    }
  });
}

template <class T>
void search(const Call& c) {
  c.attr[0] != 0 ? search_lines<T, true>(c) : search_lines<T, false>(c);
}

constexpr int64_t kCountBlock = 1024;
constexpr int64_t kParts = 8;  // ranges with counts of their own, which are added in order

template <class T>
void count_range(const TensorRef& bins, const TensorRef& weights, int64_t begin, int64_t end, int64_t n, T* counts) {
  const int64_t* at = bins.as<int64_t>();
  if (!weights.present()) {
    for (int64_t i = begin; i < end; i++)
      if (static_cast<uint64_t>(at[i]) < static_cast<uint64_t>(n)) counts[at[i]] += T(1);
    return;
  }
  T w[kCountBlock];
  for (int64_t from = begin; from < end; from += kCountBlock) {
    const int64_t count = std::min(kCountBlock, end - from);
    convert_run(weights.dtype, weights.as<char>() + from * static_cast<int64_t>(dtype_size(weights.dtype)), DType::f64,
                w, count);
    for (int64_t i = 0; i < count; i++)
      if (static_cast<uint64_t>(at[from + i]) < static_cast<uint64_t>(n)) counts[at[from + i]] += w[i];
  }
}

template <class T>
void count(const Call& c, DType type) {
  const TensorRef &bins = c.in[0], weights = c.opt(1), &y = c.out[0];
  const int64_t n = y.numel, parts = bins.numel >= 8 * n && bins.numel >= 32768 ? kParts : 1;
  T* counts = c.scratch_of<T>(parts * n);
  std::memset(static_cast<void*>(counts), 0, static_cast<size_t>(parts * n) * sizeof(T));
  const int64_t share = (bins.numel + parts - 1) / parts;
  parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++)
      count_range(bins, weights, part * share, std::min(bins.numel, (part + 1) * share), n, counts + part * n);
  });
  for (int64_t part = 1; part < parts; part++)
    for (int64_t i = 0; i < n; i++) counts[i] += counts[part * n + i];
  convert_run(type, counts, y.dtype, y.data, n);
}

}  // namespace

void searchSorted(const Call& c) {
  if (c.out[0].numel == 0) return;
  switch (c.in[0].dtype) {
    case DType::f32: return search<float>(c);
    case DType::f64: return search<double>(c);
    case DType::i32: return search<int32_t>(c);
    case DType::i64: return search<int64_t>(c);
    default: fail(ErrorCode::unsupported, "searchSorted: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

void binCount(const Call& c) {
  if (c.out[0].numel == 0) return;
  c.opt(1).present() ? count<double>(c, DType::f64) : count<int64_t>(c, DType::i64);
}

}  // namespace sinter::cpu::SINTER_ISA
