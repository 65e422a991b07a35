// Host side of sort_rows.cu and radix_select.cu: sort, topk, kthvalue, mode; contracts as in native/cpu/sort/sort.cpp and select.cpp.
#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/index/radix_pairs.h"
#include "cuda/kernels/sort/rule.h"

namespace sinter::cuda {

extern const Image image_sort_rows, image_radix_select;

namespace {

constexpr int kShorts = 3;
constexpr int64_t kShortLimits[kShorts] = {32, 64, kShortRow};
constinit Kernel short_kernels[2][kShorts] = {{{image_sort_rows, "sort_short_1_u32"},
                                               {image_sort_rows, "sort_short_2_u32"},
                                               {image_sort_rows, "sort_short_8_u32"}},
                                              {{image_sort_rows, "sort_short_1_u64"},
                                               {image_sort_rows, "sort_short_2_u64"},
                                               {image_sort_rows, "sort_short_8_u64"}}};
constinit Kernel transpose_kernels[] = {{image_sort_rows, "transpose_1"},
                                        {image_sort_rows, "transpose_2"},
                                        {image_sort_rows, "transpose_4"},
                                        {image_sort_rows, "transpose_8"}};
// By the width of keys: u32, u64.
#define SINTER_BY_WIDTH(variable, image, name) \
  constinit Kernel variable[] = {{image, name "_u32"}, {image, name "_u64"}};
SINTER_BY_WIDTH(key_kernels, image_sort_rows, "sort_keys")
SINTER_BY_WIDTH(finish_kernels, image_sort_rows, "sort_finish")
SINTER_BY_WIDTH(run_kernels, image_sort_rows, "mode_runs")
SINTER_BY_WIDTH(mode_kernels, image_sort_rows, "mode_finish")
SINTER_BY_WIDTH(count_kernels, image_radix_select, "select_count")
SINTER_BY_WIDTH(chosen_kernels, image_radix_select, "select_chosen")
SINTER_BY_WIDTH(write_kernels, image_radix_select, "select_write")
constinit Kernel digit_kernel{image_radix_select, "select_digit"};
constinit Kernel sums_kernel{image_radix_select, "select_sums"};

// Selecting reads a row once a digit, sorting moves its keys with their places: from here on the first pays.
constexpr int64_t kLongRow = kRadixTile;
constexpr int64_t kFewOf = 4;  // k at most this part of the row

// (outer, a, b) -> (outer, b, a)
void transpose(const Call& call, const void* x, int64_t outer, int64_t a, int64_t b, int bytes, void* y) {
  const int64_t tiles_a = (a + 31) / 32, tiles_b = (b + 31) / 32;
  launch(call, transpose_kernels[word_index(bytes)], Dim(outer * tiles_a * tiles_b), Dim(kIndexThreads), 0, x, a, b,
         tiles_a, tiles_b, y);
}

// A call's lines as rows: x itself, or its transpose; results go to memory of rows, and from there where they belong.
class Rows {
 public:
  ChooseShape shape{};
  const void* x;
  void* values;
  int64_t* places;

  // `count` elements of each line are chosen.
  Rows(const Call& call, const char* op, ChooseWhat what, int64_t k, bool descending) : call_(call) {
    const TensorRef &from = call.in[0], &to = call.out[0];
    if (is_complex(from.dtype))
      fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(from.dtype));
    axis_ = Axis(from, call.int_attr(0));
    if (axis_.n > UINT32_MAX)
      fail(ErrorCode::unsupported, "%s: an axis of %lld elements; on cuda it may have 4294967295", op,
           static_cast<long long>(axis_.n));
    shape.rows = axis_.outer * axis_.inner, shape.n = axis_.n, shape.k = k;
    shape.what = what;
    shape.rule = rule_of(from.dtype, descending);
    count_ = what == kFirst ? k : 1;
    x = from.data, values = to.data, places = call.out[1].as<int64_t>();
    if (axis_.inner == 1 || to.numel == 0) return;
    void* rows = call.scratch(static_cast<size_t>(from.numel * shape.rule.bytes));
    transpose(call, x, axis_.outer, axis_.n, axis_.inner, shape.rule.bytes, rows);
    x = rows;
    if (count_ == 1) return;
    values = call.scratch(static_cast<size_t>(to.numel * shape.rule.bytes));
    places = call.scratch_of<int64_t>(to.numel);
  }
  bool wide() const { return shape.rule.bytes == 8; }
  int bits() const { return 8 * shape.rule.bytes; }
  bool is_short() const { return shape.n <= kShortRow; }
  void deliver() const {
    if (values == call_.out[0].data) return;
    transpose(call_, values, axis_.outer, axis_.inner, count_, shape.rule.bytes, call_.out[0].data);
    transpose(call_, places, axis_.outer, axis_.inner, count_, sizeof(int64_t), call_.out[1].data);
  }

 private:
  const Call& call_;
  Axis axis_;
  int64_t count_;
};

void sort_short(const Call& call, const Rows& rows, void* keys, uint32_t* places) {
  int size = 0;
  while (rows.shape.n > kShortLimits[size]) size++;
  constexpr int64_t kRowsOfBlock = kShortThreads / 32;
  launch(call, short_kernels[rows.wide()][size], Dim((rows.shape.rows + kRowsOfBlock - 1) / kRowsOfBlock),
         Dim(kShortThreads), 0, rows.shape, rows.x, rows.values, rows.places, keys, places);
}

// All of every row, as keys and places.
SortedPairs sort_pairs(const Call& call, const Rows& rows) {
  const ChooseShape& s = rows.shape;
  const int64_t numel = s.rows * s.n;
  void* keys = call.scratch(static_cast<size_t>(numel) * (rows.wide() ? 8 : 4));
  if (rows.is_short()) {
    uint32_t* places = call.scratch_of<uint32_t>(numel);
    sort_short(call, rows, keys, places);
    return {keys, places};
  }
  launch(call, key_kernels[rows.wide()], blocks_of(numel), Dim(kIndexThreads), 0, rows.x, numel, s.rule, keys);
  return PairSorter(call, rows.wide(), s.n, s.rows).sort(call, keys, rows.bits());
}

// `length`: of a row of pairs.
void finish(const Call& call, const Rows& rows, const SortedPairs& pairs, int64_t length) {
  const ChooseShape& s = rows.shape;
  const int64_t count = s.what == kFirst ? s.k : 1;
  launch(call, finish_kernels[rows.wide()], blocks_of(s.rows * count, 1), Dim(kIndexThreads), 0, s, pairs.keys,
         pairs.places, length, split_of(count), rows.x, rows.values, rows.places);
}

void select(const Call& call, const Rows& rows) {
  const ChooseShape& s = rows.shape;
  const int64_t tiles = (s.n + kSelectTile - 1) / kSelectTile;
  const int wide = rows.wide();
  auto* selections = call.scratch_of<Selection>(s.rows);
  set_bytes(call, selections, 0, static_cast<size_t>(s.rows) * sizeof(Selection));
  for (int32_t shift = rows.bits() - 8; shift >= 0; shift -= 8) {
    launch(call, count_kernels[wide], Dim(s.rows * tiles), Dim(kIndexThreads), 0, s, rows.x, tiles, shift, selections);
    launch(call, digit_kernel, Dim(s.rows), Dim(256), 0, s, shift, selections);
  }
  auto* counts = call.scratch_of<uint64_t>(s.rows * tiles);
  launch(call, chosen_kernels[wide], Dim(s.rows * tiles), Dim(kIndexThreads), 0, s, rows.x, tiles, selections, counts);
  launch(call, sums_kernel, Dim(s.rows), Dim(kIndexThreads), 0, counts, tiles);
  void* keys = nullptr;
  uint32_t* places = nullptr;
  if (s.what == kFirst) {
    keys = call.scratch(static_cast<size_t>(s.rows * s.k) * (wide ? 8 : 4));
    places = call.scratch_of<uint32_t>(s.rows * s.k);
  }
  launch(call, write_kernels[wide], Dim(s.rows * tiles), Dim(kIndexThreads), 0, s, rows.x, tiles, selections, counts,
         keys, places, rows.values, rows.places);
  if (s.what == kFirst)
    finish(call, rows, PairSorter(call, wide, s.k, s.rows).sort(call, keys, rows.bits(), places), s.k);
}

void choose(const Call& call, const char* op, ChooseWhat what, int64_t k, bool descending) {
  const Rows rows(call, op, what, k, descending);
  if (call.out[0].numel == 0) return;
  const ChooseShape& s = rows.shape;
  if (rows.is_short())
    sort_short(call, rows, nullptr, nullptr);
  else if (s.n > kLongRow && (what != kFirst || k <= s.n / kFewOf))
    select(call, rows);
  else
    finish(call, rows, sort_pairs(call, rows), s.n);
  rows.deliver();
}

}  // namespace

SINTER_CUDA_OP(sort) { choose(call, "sort", kFirst, Axis(call.in[0], call.int_attr(0)).n, call.attr[1] != 0); }
SINTER_CUDA_OP(topk) { choose(call, "topk", kFirst, call.int_attr(1), call.attr[2] != 0); }
SINTER_CUDA_OP(kthvalue) {
  constexpr ChooseWhat kWhich[] = {kPlaceK, kMedian, kMedianNumbers};
  choose(call, "kthvalue", kWhich[call.int_attr(2)], call.int_attr(1), false);
}

SINTER_CUDA_OP(mode) {
  Rows rows(call, "mode", kPlaceK, 0, false);
  if (call.out[0].numel == 0) return;
  ChooseShape& s = rows.shape;
  s.what = kFirst, s.k = s.n;  // one element is written, all are sorted
  const SortedPairs pairs = sort_pairs(call, rows);
  const int64_t blocks = (s.n + kIndexThreads - 1) / kIndexThreads;
  auto* best = call.scratch_of<uint64_t>(s.rows);
  set_bytes(call, best, 0, static_cast<size_t>(s.rows) * sizeof(uint64_t));
  launch(call, run_kernels[rows.wide()], Dim(s.rows * blocks), Dim(kIndexThreads), 0, pairs.keys, s.n, blocks, best);
  launch(call, mode_kernels[rows.wide()], blocks_of(s.rows, 1), Dim(kIndexThreads), 0, s, best, pairs.places, rows.x,
         rows.values, rows.places);
}

}  // namespace sinter::cuda
