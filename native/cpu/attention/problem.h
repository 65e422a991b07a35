// What an attention call asks for. Place in the whole: shared by forward, decode and backward.
//   q, g, y (b, h, t, .), k, v (b, hk, s, .): any strides but 1 within a row; h a multiple of hk, neighbouring heads of q
//   share one of k and v. y (b, h, t, e), or (b, t, h, e) by rows.
//   mask (b, h, t, s), true where a query sees a key, or numbers added to the scores; any strides (0 broadcasts).
//   slopes (b, h): ALiBi (Press et al. 2022), -slope |i + ahead - j| is added.
//   starts of queries and of keys (n + 1), i64 or i32, b = 1: row r of sequence i lies at starts[i] + r (packed sequences).
// Attributes {scale, diagonal, left, right, cap, dropout, seedLo, seedHi, offset, byRows}:
//   diagonal  where query i stands among the keys: 1 at i + s - t (the last query at the last key), 2 at i
//   left, right  how many keys before and behind that place it sees; -1: all
//   cap       the score x becomes cap tanh(x / cap); 0: it stays
#pragma once
#include "cpu/attention/panel.h"
#include "cpu/conv/workplaces.h"
#include "engine/philox.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kQueryBlock = 64;  // queries that share a pass over the keys
constexpr int64_t kKeyBlock = 128;

// Element i of an index operand, i64 or i32.
SINTER_INLINE int64_t index_at(const TensorRef& x, int64_t i) {
  return x.dtype == DType::i64 ? x.as<int64_t>()[i] : x.as<int32_t>()[i];
}

// Rows of an operand (b, h, rows, width), strides in elements.
struct HeadRows {
  const void* data = nullptr;
  int64_t batch = 0, head = 0, row = 0;

  HeadRows() = default;
  explicit HeadRows(const TensorRef& t) : data(t.data), batch(t.strides[0]), head(t.strides[1]), row(t.strides[2]) {}
  // A result (b, h, t, width), or (b, t, h, width) by rows.
  HeadRows(void* to, int64_t h, int64_t t, int64_t width, bool by_rows)
      : data(to), batch(h * t * width), head(by_rows ? width : t * width), row(by_rows ? h * width : width) {}
  // Part `part` of results that lie side by side, (b, rows, 3, h, width).
  HeadRows(void* to, size_t element, int64_t part, int64_t h, int64_t rows, int64_t width)
      : data(static_cast<char*>(to) + static_cast<size_t>(part * h * width) * element), batch(rows * 3 * h * width),
        head(width), row(3 * h * width) {}

  template <class T>
  T* at(int64_t b, int64_t h, int64_t r) const {
    return const_cast<T*>(static_cast<const T*>(data)) + b * batch + h * head + r * row;
  }
};

// One sequence: its batch index (0 of packed ones), where its rows begin and how many there are.
struct Sequence {
  int64_t batch, q0, t, k0, s;
};

// Rows of keys, or of values, that lie `row` apart from each other: the first, and how many.
template <class T>
struct Run {
  const T* rows;
  int64_t n;
};

struct Problem {
  int64_t b, h, hk, t, s, d, e;  // t and s: of all sequences together where they are packed; s: the longest's in pages
  HeadRows q, k, v;              // in pages k and v are pools (blocks, hk, size, .)
  TensorRef mask, slopes;
  double scale;
  int64_t diagonal, left, right;
  double cap, dropout = 0;
  uint32_t seed_low = 0, seed_high = 0;
  uint64_t offset = 0;
  bool by_rows;
  const Sequence* sequences;
  int64_t count;
  // Pages: keys j size to (j + 1) size of sequence i are block table[i columns + j]; null where keys lie in rows.
  const int64_t* table = nullptr;
  int64_t columns = 0, size = 0;

  Problem() = default;

  // Operands from in[first] on: q, k, v, mask?, slopes?, starts of queries?, of keys?
  Problem(const Call& c, const char* name, const TensorRef* in, int nin) {
    b = in[0].dim(0), h = in[0].dim(1), t = in[0].dim(2), d = in[0].dim(3);
    hk = in[1].dim(1), s = in[1].dim(2), e = in[2].dim(3);
    q = HeadRows(in[0]), k = HeadRows(in[1]), v = HeadRows(in[2]);
    const auto optional = [&](int i) { return i < nin ? in[i] : TensorRef{}; };
    mask = optional(3), slopes = optional(4);
    scale = c.attr[0], diagonal = c.int_attr(1), left = c.int_attr(2), right = c.int_attr(3);
    cap = c.attr[4], dropout = c.attr[5];
    seed_low = static_cast<uint32_t>(c.int_attr(6)), seed_high = static_cast<uint32_t>(c.int_attr(7));
    offset = static_cast<uint64_t>(c.int_attr(8)), by_rows = c.attr[9] != 0;
    const TensorRef q_starts = optional(5), k_starts = optional(6);
    count = q_starts.present() ? q_starts.numel - 1 : b;
    auto* list = c.scratch_of<Sequence>(std::max<int64_t>(count, 1));
    for (int64_t i = 0; i < count; i++) {
      if (!q_starts.present()) {
        list[i] = {i, 0, t, 0, s};
        continue;
      }
      const int64_t q0 = index_at(q_starts, i), q1 = index_at(q_starts, i + 1);
      const int64_t k0 = index_at(k_starts, i), k1 = index_at(k_starts, i + 1);
      if (q0 < 0 || q1 < q0 || q1 > t || k0 < 0 || k1 < k0 || k1 > s)
        fail(ErrorCode::index_out_of_range,
             "%s: sequence %lld takes queries %lld to %lld of %lld and keys %lld to %lld of %lld: starts must not "
             "decrease",
             name, ll(i), ll(q0), ll(q1), ll(t), ll(k0), ll(k1), ll(s));
      list[i] = {0, q0, q1 - q0, k0, k1 - k0};
    }
    sequences = list;
  }

  int64_t group() const { return hk ? h / hk : 1; }
  bool packed() const { return !table && (count != b || (count > 0 && (sequences[0].t != t || sequences[0].s != s))); }
  // Something beside visibility changes scores before the softmax.
  bool adjusted() const { return cap != 0 || mask.present() || slopes.present(); }
  double slope(int64_t batch, int64_t head) const {
    return slopes.present() ? read_any(slopes, batch * slopes.strides[0] + head * slopes.strides[1]) : 0;
  }
  // Rows of x, which is k or v, from key j of a sequence on: as many of the n as lie together.
  template <class T>
  SINTER_INLINE Run<T> run(const HeadRows& x, const Sequence& q, int64_t kv, int64_t j, int64_t n) const {
    if (!table) return {x.at<T>(q.batch, kv, q.k0 + j), n};
    return {x.at<T>(table[q.batch * columns + j / size], kv, j % size), std::min(n, size - j % size)};
  }

  static long long ll(int64_t x) { return x; }
};

// Which keys a query of one sequence sees: [first(i), end(i)), neither of which decreases with i.
struct Sight {
  int64_t ahead, left, right, t, s;

  Sight(const Problem& p, const Sequence& q)
      : ahead(p.diagonal == 2 ? 0 : q.s - q.t), left(p.left), right(p.right), t(q.t), s(q.s) {}

  int64_t first(int64_t i) const { return left < 0 ? 0 : std::clamp<int64_t>(i + ahead - left, 0, s); }
  int64_t end(int64_t i) const { return right < 0 ? s : std::clamp<int64_t>(i + ahead + right + 1, 0, s); }
  // The queries that see any of the keys [j0, j1): [first_query, end_query).
  int64_t first_query(int64_t j0) const { return right < 0 ? 0 : std::clamp<int64_t>(j0 - ahead - right, 0, t); }
  int64_t end_query(int64_t j1) const { return left < 0 ? t : std::clamp<int64_t>(j1 - ahead + left, 0, t); }
};

// Work of several sequences in one index space: sequence i has `heads * pieces(i)` items.
class Agenda {
 public:
  struct Item {
    int64_t sequence, head, piece;
  };
  template <class F>
  Agenda(const Call& c, const Problem& p, int64_t heads, F pieces) : heads_(heads), count_(p.count) {
    starts_ = c.scratch_of<int64_t>(p.count + 1);
    starts_[0] = 0;
    for (int64_t i = 0; i < p.count; i++) starts_[i + 1] = starts_[i] + heads * pieces(p.sequences[i]);
  }
  int64_t size() const { return starts_[count_]; }
  Item operator[](int64_t i) const {
    const int64_t sequence = std::upper_bound(starts_, starts_ + count_, i) - starts_ - 1;
    const int64_t pieces = (starts_[sequence + 1] - starts_[sequence]) / heads_, at = i - starts_[sequence];
    return {sequence, at / pieces, at % pieces};
  }
  // The pieces of one head: how many, and the first one's place.
  int64_t pieces(int64_t sequence) const { return (starts_[sequence + 1] - starts_[sequence]) / heads_; }
  int64_t first(int64_t sequence, int64_t head) const { return starts_[sequence] + head * pieces(sequence); }

 private:
  int64_t heads_, count_;
  int64_t* starts_;
};

}  // namespace sinter::cpu::SINTER_ISA
