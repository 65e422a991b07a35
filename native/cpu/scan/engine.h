// The scan engine: running combinations along an axis. Place in the whole: the files of this family state a scan as an
// Op (a state of one or two vectors, how an element becomes one, how two are joined); the loops here feed it.
//
// Operands are contiguous, seen as (outer, n, inner). Everything is computed in 8-byte lanes, double or int64_t, and
// rounded once when written, so that long sums keep their digits. Two ways through memory:
//   columns  inner > 1: vectors run across inner, a row of states is carried down the axis
//   rows     inner = 1: associative operators are scanned inside vectors in log2(lanes) steps, the others element by
//            element
// Few long lines of an associative operator are cut into chunks of a fixed size: one pass for their totals, one for the
// results. Cuts depend on sizes alone, so results do not depend on the number of threads.
#pragma once
#include <algorithm>

#include "cpu/copy/runs.h"
#include "cpu/scan/axis.h"
#include "cpu/simd/math.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

// An Op has
//   T           double or int64_t, the type of operands and of the state's first vector
//   B           the type of the state's second vector
//   kInputs     1 or 2
//   kTwo        the second vector is used
//   kIndexed    results are a and the index b; else one result
//   kChunks     may be joined in any grouping without leaving its range
//   identity, element(x0, x1, index), join(earlier, later), result(state)
template <class Op>
struct ScanState {
  Vec<typename Op::T> a;
  Vec<typename Op::B> b;
};

namespace {

constexpr int64_t kScanBlock = 512;    // elements of a row converted at once
constexpr int64_t kScanColumns = 64;   // columns carried at once
constexpr int64_t kScanChunk = 32768;  // elements of one line that one range scans
constexpr int64_t kFewLines = 16;

// Lanes moved up by Step, the identity's below.
template <class T, int Step, int... I>
SINTER_INLINE Vec<T> lanes_up(Vec<T> v, Vec<T> low, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(v, low, (I < Step ? kLanes<T> + I : I - Step)...);
}
template <class T, int... I>
SINTER_INLINE Vec<T> last_lane(Vec<T> v, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(v, v, (I - I + kLanes<T> - 1)...);
}

template <class Op>
class Scan {
 public:
  using T = typename Op::T;
  using B = typename Op::B;
  using State = ScanState<Op>;
  static constexpr int kWidth = kLanes<T>;
  static constexpr DType kType = sizeof(T) == 8 && std::is_integral_v<T> ? DType::i64 : DType::f64;

  Scan(const Call& c, bool reverse) : c_(c), axis_(c.out[0], c.int_attr(0)), reverse_(reverse) {}

  void run() {
    if (c_.out[0].numel == 0) return;
    const int64_t blocks = (axis_.inner + kScanColumns - 1) / kScanColumns, lines = axis_.outer * blocks;
    const int64_t width = std::min(axis_.inner, kScanColumns);
    const int64_t chunk = std::max<int64_t>(kScanChunk / width, kScanBlock);
    const int64_t chunks = Op::kChunks && lines < kFewLines ? (axis_.n + chunk - 1) / chunk : 1;
    const int64_t length = chunks > 1 ? chunk : axis_.n;
    State* states = nullptr;
    if (chunks > 1) {
      states = c_.scratch_of<State>(lines * chunks * kVectors);
      parallel_for(lines * chunks, 1, [&](int64_t begin, int64_t end) {
        for (int64_t unit = begin; unit < end; unit++) {
          State* state = states + unit * kVectors;
          reset(state);
          // The total of the last chunk is nobody's carry.
          if (unit % chunks + 1 < chunks) part(unit / chunks, unit % chunks * length, length, state, false);
        }
      });
      for (int64_t line = 0; line < lines; line++) carry_over(states + line * chunks * kVectors, chunks);
    }
    const int64_t cost = std::max<int64_t>(1, length * width * Op::kCost);
    parallel_for(lines * chunks, std::max<int64_t>(1, kScanChunk / cost), [&](int64_t begin, int64_t end) {
      State own[kVectors];
      for (int64_t unit = begin; unit < end; unit++) {
        const int64_t from = unit % chunks * length;
        State* state = states ? states + unit * kVectors : own;
        if (!states) reset(own);
        part(unit / chunks, from, std::min(length, axis_.n - from), state, true);
      }
    });
  }

 private:
  static constexpr int kVectors = static_cast<int>(kScanColumns) / kWidth;  // states of one line of columns
  static constexpr auto kSequence = std::make_integer_sequence<int, kWidth>();

  static SINTER_INLINE Vl count_up() {
    Vl v;
    for (int i = 0; i < kWidth; i++) v[i] = i;
    return v;
  }
  static void reset(State* state) {
    for (int v = 0; v < kVectors; v++) state[v] = Op::identity();
  }
  // From totals of the chunks to what each starts with.
  static void carry_over(State* states, int64_t chunks) {
    for (int v = 0; v < kVectors; v++) {
      State before = Op::identity();
      for (int64_t k = 0; k < chunks; k++) {
        State total = states[k * kVectors + v];
        states[k * kVectors + v] = before;
        before = Op::join(before, total);
      }
    }
  }

  // Places [from, from + count) in scan order of one line of columns.
  void part(int64_t line, int64_t from, int64_t count, State* state, bool write) const {
    if (axis_.inner == 1)
      row(line, from, count, state, write);
    else
      columns(line, from, count, state, write);
  }

  // The place of scan position j on the axis.
  int64_t place(int64_t j) const { return reverse_ ? axis_.n - 1 - j : j; }

  void fetch(int k, int64_t at, int64_t n, T* to) const {
    const TensorRef& x = c_.in[k];
    convert_run(x.dtype, x.as<char>() + at * static_cast<int64_t>(dtype_size(x.dtype)), kType, to, n);
  }
  template <class U>
  void deliver(int k, int64_t at, int64_t n, const U* from) const {
    const TensorRef& y = c_.out[k];
    convert_run(std::is_integral_v<U> ? DType::i64 : DType::f64, from, y.dtype,
                y.as<char>() + at * static_cast<int64_t>(dtype_size(y.dtype)), n);
  }

  // Without std::reverse, which may leave a function behind.
  template <class U>
  static SINTER_INLINE void turn(U* x, int64_t n) {
    for (int64_t i = 0; i < n / 2; i++) std::swap(x[i], x[n - 1 - i]);
  }

  // n elements in scan order, from scan position j on. The factors of a reversed recurrence are those of the position
  // before: see Op::kLag.
  void fetch_row(int k, int64_t base, int64_t j, int64_t n, T* to) const {
    if (!reverse_) return fetch(k, base + j, n, to);
    const int64_t lag = Op::kLag && k == 0 ? 1 : 0, skip = lag && j == 0 ? 1 : 0;
    if (skip) to[n - 1] = T(0);  // there is no position before the first: its state is zero
    fetch(k, base + axis_.n - j - n + lag, n - skip, to);
    turn(to, n);
  }
  template <class U>
  void deliver_row(int k, int64_t base, int64_t j, int64_t n, U* from) const {
    if (!reverse_) return deliver(k, base + j, n, from);
    turn(from, n);
    deliver(k, base + axis_.n - j - n, n, from);
  }

  void row(int64_t line, int64_t from, int64_t count, State* state, bool write) const {
    alignas(64) T x[2][kScanBlock];
    alignas(64) T y[kScanBlock];
    alignas(64) B second[kScanBlock];
    const int64_t base = line * axis_.n;
    State carry = state[0];
    for (int64_t done = 0; done < count; done += kScanBlock) {
      const int64_t j = from + done, n = std::min(kScanBlock, count - done);
      for (int k = 0; k < Op::kInputs; k++) fetch_row(k, base, j, n, x[k]);
      if constexpr (Op::kChunks) {
        for (int64_t i = n; i % kWidth; i++) x[0][i] = T(0);  // lanes behind the end, which nobody reads
        for (int64_t i = 0; i < n; i += kWidth) {
          State s = Op::element(load(x[0] + i), load(x[0] + i), count_up() + (j + i));
          prefixes<1>(s);
          s = Op::join(carry, s);
          carry.a = last_lane<T>(s.a, kSequence);
          if constexpr (Op::kTwo) carry.b = last_lane<B>(s.b, kSequence);
          if (write) {
            store(y + i, Op::result(s));
            if constexpr (Op::kIndexed) store(second + i, s.b);
          }
        }
      } else {
        // Element by element: joined in another grouping, products of many factors overflow where these do not.
        T value = carry.a[0];
        for (int64_t i = 0; i < n; i++) y[i] = value = Op::next(value, x[0][i], x[Op::kInputs - 1][i]);
        carry.a = splat(value);
      }
      if (write) {
        deliver_row(0, base, j, n, y);
        if constexpr (Op::kIndexed) deliver_row(1, base, j, n, second);
      }
    }
    state[0] = carry;
  }

  template <int Step>
  static void prefixes(State& s) {
    if constexpr (Step < kWidth) {
      const State low = Op::identity();
      State before = low;
      before.a = lanes_up<T, Step>(s.a, low.a, kSequence);
      if constexpr (Op::kTwo) before.b = lanes_up<B, Step>(s.b, low.b, kSequence);
      s = Op::join(before, s);
      prefixes<Step * 2>(s);
    }
  }

  void columns(int64_t line, int64_t from, int64_t count, State* state, bool write) const {
    alignas(64) T x[2][kScanColumns];
    alignas(64) T y[kScanColumns];
    alignas(64) B second[kScanColumns];
    const int64_t blocks = (axis_.inner + kScanColumns - 1) / kScanColumns;
    const int64_t first = line % blocks * kScanColumns, width = std::min(kScanColumns, axis_.inner - first);
    const int64_t base = line / blocks * axis_.n * axis_.inner + first;
    std::memset(x, 0, sizeof x);
    for (int64_t j = from; j < from + count; j++) {
      const int64_t at = base + place(j) * axis_.inner;
      for (int k = 0; k < Op::kInputs; k++) {
        if (Op::kLag && k == 0 && reverse_ && j == 0)
          std::memset(x[0], 0, sizeof x[0]);
        else
          fetch(k, at + (Op::kLag && k == 0 && reverse_ ? axis_.inner : 0), width, x[k]);
      }
      for (int v = 0; v * kWidth < width; v++) {
        if constexpr (Op::kChunks) {
          state[v] = Op::join(state[v], Op::element(load(x[0] + v * kWidth), load(x[0] + v * kWidth), splat(j)));
        } else {
          state[v].a = Op::next(state[v].a, load(x[0] + v * kWidth), load(x[Op::kInputs - 1] + v * kWidth));
        }
        if (write) {
          store(y + v * kWidth, Op::result(state[v]));
          if constexpr (Op::kIndexed) store(second + v * kWidth, state[v].b);
        }
      }
      if (write) {
        deliver(0, at, width, y);
        if constexpr (Op::kIndexed) deliver(1, at, width, second);
      }
    }
  }

  const Call& c_;
  LineAxis axis_;
  bool reverse_;
};

}  // namespace
}  // namespace sinter::cpu::SINTER_ISA
