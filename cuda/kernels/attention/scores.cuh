// What a block works on, and what happens to its scores between the two products. Place in the whole: forward and backward, on tensor
// cores or not, compute the same numbers with it. Scores are in units of the exponential that is cheap: base 2 in f32, e in f64.
#pragma once
#include "cuda/kernels/attention/attention.h"
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/random/philox.cuh"
#include "cuda/kernels/reduce.cuh"

namespace sinter::cuda {

template <class C>
SINTER_DEVICE C minus_infinity() {
  if constexpr (sizeof(C) == 4)
    return __int_as_float(static_cast<int>(0xff800000u));
  else
    return __longlong_as_double(static_cast<long long>(0xfff0000000000000ull));
}
template <class C>
SINTER_DEVICE C unit_of() {
  return sizeof(C) == 4 ? C(1.442695040888963407) : C(1);
}
template <class C>
SINTER_DEVICE C one_over_unit() {
  return sizeof(C) == 4 ? C(0.693147180559945309) : C(1);
}
// The exponential and the logarithm in units.
SINTER_DEVICE float exp_unit(float x) { return ::exp2f(x); }
SINTER_DEVICE double exp_unit(double x) { return exp_of(x); }
SINTER_DEVICE float log_unit(float x) { return ::log2f(x); }
SINTER_DEVICE double log_unit(double x) { return log_of(x); }

// An element of any floating dtype.
SINTER_DEVICE double read_floating(const void* from, int64_t i, int32_t dtype) {
  if (dtype == 0) return static_cast<const float*>(from)[i];
  if (dtype == 1) return static_cast<const double*>(from)[i];
  if (dtype == 2) return widen(static_cast<const bf16*>(from)[i]);
  return widen(static_cast<const f16*>(from)[i]);
}

// A sequence: its batch index, where its queries and keys begin and how many there are.
struct Sequence {
  int32_t batch, q0, t, k0, s;
};

// What a block owns: rows from `first` on of one head of a sequence.
struct Item {
  Sequence sequence;
  int32_t head;  // of queries, or of keys
  int32_t first;
  int32_t slice, part;
};

// Where the sequences' rows begin, with those before the first and behind the last one as sequences that see nothing: boundary i of
// sequences + 3.
SINTER_DEVICE int64_t boundary(const AttentionArgs& args, const Indices& starts, int32_t i, int64_t rows) {
  if (i == 0) return 0;
  return i <= args.sequences + 1 ? index_at(starts, i - 1) : rows;
}
SINTER_DEVICE bool fits(int64_t from, int64_t to, int64_t rows) { return from >= 0 && to >= from && to <= rows; }

// How the sequences that a kernel is compiled for may lie: as batches; packed into rows too; or with their keys in pages too. Gradients are
// never of pages.
enum class Layout { batches, packed, pages };

// The block's where sequences are packed: number `piece` of its head's. What is wrong with the starts is said by the first block of those
// that own queries; those that own keys are launched after them.
template <bool kKeys, int kRows>
SINTER_DEVICE bool find_packed(const AttentionArgs& args, int32_t piece, Item& item) {
  if (!kKeys && blockIdx.x == 0)
    for (int32_t i = static_cast<int32_t>(threadIdx.x); i < args.sequences; i += static_cast<int32_t>(blockDim.x)) {
      const int64_t q0 = index_at(args.q_starts, i), q1 = index_at(args.q_starts, i + 1);
      const int64_t k0 = index_at(args.k_starts, i), k1 = index_at(args.k_starts, i + 1);
      if (!fits(q0, q1, args.t)) report(args.starts_fault, i << 1, q0, q1, args.t);
      if (!fits(k0, k1, args.s)) report(args.starts_fault, i << 1 | 1, k0, k1, args.s);
    }
  // Sequence i has the tiles from begin / kRows + i on, which is enough for each of them; the last that begins at or before this one.
  const Indices& own = kKeys ? args.k_starts : args.q_starts;
  const int64_t rows = kKeys ? args.s : args.t;
  int32_t at = 0, high = args.sequences + 2;
  while (high - at > 1) {
    const int32_t middle = (at + high) / 2;
    if (boundary(args, own, middle, rows) / kRows + middle <= piece)
      at = middle;
    else
      high = middle;
  }
  const bool real = at > 0 && at <= args.sequences;
  const int64_t q0 = boundary(args, args.q_starts, at, args.t), q1 = boundary(args, args.q_starts, at + 1, args.t);
  const int64_t k0 = boundary(args, args.k_starts, at, args.s), k1 = boundary(args, args.k_starts, at + 1, args.s);
  if (!fits(q0, q1, args.t) || !fits(k0, k1, args.s)) return false;
  Sequence& sequence = item.sequence;
  sequence = {0, static_cast<int32_t>(q0), static_cast<int32_t>(q1 - q0), static_cast<int32_t>(k0),
              static_cast<int32_t>(k1 - k0)};
  item.first = (piece - static_cast<int32_t>((kKeys ? k0 : q0) / kRows) - at) * kRows;
  const bool there = item.first < (kKeys ? sequence.s : sequence.t);
  // Rows of no sequence see nothing, and nothing sees them.
  if (!real) (kKeys ? sequence.t : sequence.s) = 0;
  return there;
}

// The block's, whose own rows are keys or queries, kRows of them; false: there is none.
template <bool kKeys, int kRows, Layout kLayout>
SINTER_DEVICE bool find_item(const AttentionArgs& args, Item& item) {
  uint32_t rest = blockIdx.x / args.tiles;
  int32_t piece = static_cast<int32_t>(blockIdx.x - rest * args.tiles);
  // Later queries may see more keys: they come first.
  if (!kKeys) piece = static_cast<int32_t>(args.tiles) - 1 - piece;
  item.slice = static_cast<int32_t>(rest % args.slices);
  rest /= args.slices;
  item.part = static_cast<int32_t>(rest % args.parts);
  rest /= args.parts;
  const uint32_t heads = kKeys ? args.h / args.group : args.h;
  item.head = static_cast<int32_t>(rest % heads);
  const int32_t batch = static_cast<int32_t>(rest / heads);
  if constexpr (kLayout != Layout::batches)
    if (args.sequences >= 0) return find_packed<kKeys, kRows>(args, piece, item);

  item.sequence = {batch, 0, args.t, 0, args.s};
  if constexpr (kLayout == Layout::pages)
    if (args.lengths.data) {
      const int64_t length = index_at(args.lengths, batch * args.length_stride);
      const int64_t most = int64_t{args.columns} * args.page.value;
      if (length < 0 || length > most) {
        report(args.length_fault, 0, batch, length, most);
        return false;
      }
      item.sequence.s = static_cast<int32_t>(length);
    }
  item.first = piece * kRows;
  return true;
}

// Which keys a query sees: [first(i), end(i)), neither of which decreases with i.
struct Sight {
  int32_t ahead, left, right, t, s;

  SINTER_DEVICE Sight(const AttentionArgs& args, const Sequence& q)
      : ahead(args.first_place ? 0 : q.s - q.t), left(args.left), right(args.right), t(q.t), s(q.s) {}
  static SINTER_DEVICE int32_t within(int32_t x, int32_t high) { return min(max(x, 0), high); }
  SINTER_DEVICE int32_t first(int32_t i) const { return left < 0 ? 0 : within(i + ahead - left, s); }
  SINTER_DEVICE int32_t end(int32_t i) const { return right < 0 ? s : within(i + ahead + right + 1, s); }
  // The queries that see any of the keys [j0, j1).
  SINTER_DEVICE int32_t first_query(int32_t j0) const { return right < 0 ? 0 : within(j0 - ahead - right, t); }
  SINTER_DEVICE int32_t end_query(int32_t j1) const { return left < 0 ? t : within(j1 - ahead + left, t); }
  SINTER_DEVICE bool sees(int32_t i, int32_t j) const {
    const int32_t place = j - i - ahead;
    return j < s && i < t && (right < 0 || place <= right) && (left < 0 || place >= -left);
  }
  // Every query [i, i + n) sees every key [j, j + m).
  SINTER_DEVICE bool all(int32_t i, int32_t n, int32_t j, int32_t m) const {
    return i + n <= t && j + m <= s && first(i + n - 1) <= j && end(i) >= j + m;
  }
};

// The keys that a block of queries goes over, in tiles of kTile: of its part, where there may be several.
struct KeyRange {
  int32_t begin, end;
};
template <int kTile, bool kParts>
SINTER_DEVICE KeyRange keys_of(const AttentionArgs& args, const Item& item, const Sight& sight, int32_t rows) {
  int32_t begin = sight.first(item.first), end = sight.end(min(item.first + rows, sight.t) - 1);
  if (kParts && args.parts > 1) {
    begin = max(begin, item.part * args.part_keys);
    end = min(end, (item.part + 1) * args.part_keys);
  }
  return {begin / kTile * kTile, end};
}

// What scores of a head of a sequence are made with.
template <class C>
struct HeadScoring {
  C unit;   // what a product of q and k is multiplied by: to units, or to the argument of the cap
  C cap;    // in units
  C slope;  // ALiBi's, in units
  int32_t ahead;
  int64_t row;  // of (b, h, t), query 0
  const char* mask;
};

// One head of one sequence.
template <class T>
struct Scoring : HeadScoring<Compute<T>> {
  using C = Compute<T>;
  using Head = HeadScoring<C>;
  using Head::unit, Head::cap, Head::slope, Head::ahead, Head::row, Head::mask;
  const AttentionArgs& args;

  // After this `args` holds; all else is of a head of queries.
  SINTER_DEVICE Scoring(const AttentionArgs& args, const Sequence& q, const Sight& sight)
      : Head{0, 0, 0, sight.ahead, 0, nullptr}, args(args) {
    unit = static_cast<C>(args.unit) * (args.cap != 0 ? C(1) : unit_of<C>());
    cap = static_cast<C>(args.cap) * unit_of<C>();
  }
  // As it was set up before.
  SINTER_DEVICE void take(const Head& head) { *static_cast<Head*>(this) = head; }
  static SINTER_DEVICE int64_t row_of(const AttentionArgs& args, const Sequence& q, int32_t head) {
    return (int64_t{q.batch} * args.h + head) * args.t + q.q0;
  }
  SINTER_DEVICE void set_head(const Sequence& q, int32_t head) {
    row = row_of(args, q, head);
    if (args.slopes)
      slope = static_cast<C>(read_floating(args.slopes, q.batch * args.slope_strides[0] + head * args.slope_strides[1],
                                           args.slopes_dtype)) *
              unit_of<C>();
    if (args.mask_kind != kNoMask) {
      const int64_t at = q.batch * args.mask_strides[0] + head * args.mask_strides[1];
      mask = static_cast<const char*>(args.mask) + at * (args.mask_kind == kBooleanMask ? 1 : int64_t{sizeof(T)});
    }
  }
  // What ALiBi and the mask add to the score of query i and key j, which are there.
  SINTER_DEVICE C added(int32_t i, int32_t j) const {
    C x = 0;
    if (args.slopes) x = -slope * static_cast<C>(abs(i + ahead - j));
    if (args.mask_kind != kNoMask) {
      const int64_t at = i * args.mask_strides[2] + j * args.mask_strides[3];
      if (args.mask_kind == kBooleanMask)
        x += mask[at] ? C(0) : minus_infinity<C>();
      else
        x += static_cast<C>(widen(reinterpret_cast<const T*>(mask)[at])) * unit_of<C>();
    }
    return x;
  }
  // Whether dropout leaves the weight, which is then multiplied by args.kept.
  SINTER_DEVICE bool stays(int32_t i, int32_t j) const {
    const PhiloxWords words = philox(args.stream, static_cast<uint64_t>((row + i) * args.draws + (j >> 3)));
    const uint32_t bits = words.word(j >> 1 & 3) >> ((j & 1) * 16) & 0xffff;
    return bits >= args.threshold;
  }
};

// Rows of a head of an operand, counted from a sequence's first.
template <class T>
struct RowsOf {
  const T* first;
  int64_t step;
  SINTER_DEVICE RowsOf(const HeadRows& x, int32_t batch, int32_t head, int32_t row)
      : first(static_cast<const T*>(x.data) + batch * x.batch + head * x.head + row * x.row), step(x.row) {}
  SINTER_DEVICE const T* at(int32_t r) const { return first + r * step; }
};
// The same of any operand; keys and values may lie in pages, with kPages. Null where the table names a block that is not there.
template <class T, bool kPages>
struct KeyRows {
  RowsOf<T> rows;
  int64_t block;  // stride of the pool's blocks
  int32_t batch;
  bool pages;
  SINTER_DEVICE KeyRows(const AttentionArgs& args, const HeadRows& x, const Sequence& q, int32_t head, bool keys)
      : rows(x, kPages && keys && args.table.data ? 0 : q.batch, head, keys ? q.k0 : q.q0), block(x.batch),
        batch(q.batch), pages(kPages && keys && args.table.data) {}
  SINTER_DEVICE const T* at(const AttentionArgs& args, int32_t j) const {
    if (!pages) return rows.at(j);
    const int32_t column = static_cast<int32_t>(divide(static_cast<uint32_t>(j), args.page));
    const int64_t number = index_at(args.table, batch * args.table_strides[0] + column * args.table_strides[1]);
    if (!in_range(number, args.blocks)) {
      report(args.block_fault, column, batch, number, args.blocks);
      return nullptr;
    }
    return rows.first + number * block + (j - column * static_cast<int32_t>(args.page.value)) * rows.step;
  }
};

}  // namespace sinter::cuda
