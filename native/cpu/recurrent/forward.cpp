// recurrence: one layer of an LSTM, a GRU or a plain recurrent network, in one direction, over all steps. Place in the whole: see
// native/ops.def for the operands, cell.h for the formulas, steps.h for how sequences lie.
//   x (n, i), wih (G h, i), whh (G h, p), bih?, bhh? (G h), h0? (b, p), c0? (b, h), whr? (p, h), sizes? (steps)
//   -> y (n, p), hn (b, p), for an LSTM cn (b, h), and what the backward pass reads, when asked for: gates (n, G h), state (n, h)
// f32, f64. p = h without whr.
//
// The input products of some steps are one product, whose results are still in cache when those steps are computed. The hidden
// products' weight is packed once, all gates of 16 or 32 units side by side, so that a task has everything for these units: it adds
// its products to the sums and applies the cell, and between two steps the threads meet once (twice with a projection).
#include <algorithm>

#include "cpu/recurrent/cell.h"
#include "cpu/recurrent/steps.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kChunkRows = 512;  // of input products: enough for their full speed
constexpr int64_t kMostChunks = 16;  // each takes workspace until the kernel returns

template <class T, Cell kCell>
class Forward {
  static constexpr int kGates = gates_of(kCell);
  static constexpr bool kPlain = kGates == 1;  // y holds the sums, and then the values

 public:
  explicit Forward(const Call& call)
      : c(call), x(c.in[0]), wih(c.in[1].as<T>()), whh(c.in[2].as<T>()), bih(c.opt(3).as<T>()), bhh(c.opt(4).as<T>()),
        whr(c.opt(7).as<T>()), y(c.out[0].as<T>()), n(x.dim(0)), inputs(x.dim(1)), hidden(c.in[1].dim(0) / kGates),
        width(c.in[2].dim(1)), steps(read_steps(c, "recurrence", n, c.opt(8), c.int_attr(2), c.attr[1] != 0)) {}

  void run() {
    const int kept = kCell == Cell::lstm ? 3 : 2;
    keeps = !kPlain && c.nout > kept;
    take_memory(kept);
    for (int64_t s = 0; s < steps.count;) {
      int64_t end = s + 1, rows = steps.rows(steps.at(s));
      for (; end < steps.count && rows + steps.rows(steps.at(end)) <= chunk_rows; end++)
        rows += steps.rows(steps.at(end));
      origin = steps.first(steps.at(steps.reverse ? end - 1 : s));
      input_products(rows);
      for (; s < end; s++) {
        step(steps.at(s));
        std::swap(h, next_h);
      }
    }
    copy_rows_of(steps.batch, width, h, ldh, c.out[1].as<T>(), width);
  }

 private:
  const Call& c;
  const TensorRef& x;
  const T *wih, *whh, *bih, *bhh, *whr;
  T* y;
  const int64_t n, inputs, hidden, width;
  const Steps steps;
  bool keeps, packs;
  int64_t chunk_rows, origin;  // origin: the first row that `sums` holds when nothing is kept
  T *sums, *state;             // (rows, G h); the GRU's b (rows, h), or the LSTM's c
  const T *input_bias, *hidden_bias, *packed_wih, *packed_whh, *packed_whr;
  T *h, *next_h, *full_h, *cell;
  int64_t ldh, ldf;

  void take_memory(int kept) {
    const int64_t b = steps.batch;
    const bool whole = n <= kChunkRows || inputs == 0;
    chunk_rows = whole ? n : std::max({kChunkRows, ceil_div(n, kMostChunks), b});
    if (kPlain)
      sums = y;
    else
      sums = keeps ? c.out[kept].as<T>() : c.scratch_of<T>(chunk_rows * kGates * hidden);
    state = nullptr;
    if (keeps)
      state = c.out[kept + 1].as<T>();
    else if (kCell == Cell::gru)
      state = c.scratch_of<T>(chunk_rows * hidden);
    cell = nullptr;
    if (kCell == Cell::lstm) {
      cell = c.out[2].as<T>();
      copy_rows_of(b, hidden, c.opt(6).as<T>(), hidden, cell, hidden);
    }
    ldh = padded<T>(width);
    h = c.scratch_of<T>(b * ldh);
    next_h = c.scratch_of<T>(b * ldh);
    copy_rows_of(b, width, c.opt(5).as<T>(), width, h, ldh);
    ldf = padded<T>(hidden);
    full_h = whr ? c.scratch_of<T>(b * ldf) : nullptr;
    packed_wih = nullptr;
    if (!whole) {
      T* packed = c.scratch_of<T>(packed_elements<T>(inputs, kGates * hidden));
      pack_whole<T>(wih, 1, inputs, inputs, kGates * hidden, packed);
      packed_wih = packed;
    }
    add_biases();
    packs = steps.count > 1;
    packed_whr = whr ? packed_projection() : nullptr;
    if (packs) pack_hidden();
  }

  // Both biases belong to the input product, but for the GRU's b.
  void add_biases() {
    hidden_bias = kCell == Cell::gru && bhh ? bhh + 2 * hidden : nullptr;
    input_bias = nullptr;
    if (!bih && !bhh) return;
    T* sum = c.scratch_of<T>(kGates * hidden);
    const int64_t both = kCell == Cell::gru ? 2 * hidden : kGates * hidden;
    for (int64_t i = 0; i < kGates * hidden; i++) sum[i] = (bih ? bih[i] : T(0)) + (bhh && i < both ? bhh[i] : T(0));
    input_bias = sum;
  }

  void pack_hidden() {
    const int64_t panel = width * kNR<T>, blocks = blocks_of<T>(hidden);
    T* packed = c.scratch_of<T>(blocks * kGates * panel);
    parallel_for(blocks, 1, [=, this](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++)
        for (int g = 0; g < kGates; g++)
          pack_panel(whh + (g * hidden + block * kNR<T>)*width, 1, width, width, block_width<T>(block, hidden),
                     packed + (block * kGates + g) * panel);
    });
    packed_whh = packed;
  }

  const T* packed_projection() {
    T* projection = c.scratch_of<T>(blocks_of<T>(width) * hidden * kNR<T>);
    parallel_for(blocks_of<T>(width), 1, [=, this](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++)
        pack_panel(whr + block * kNR<T> * hidden, 1, hidden, hidden, block_width<T>(block, width),
                   projection + block * hidden * kNR<T>);
    });
    return projection;
  }

  // Where row r of the sums and of the state lies.
  T* sums_at(int64_t row) const { return sums + (kPlain || keeps ? row : row - origin) * kGates * hidden; }
  T* state_at(int64_t row) const { return state + (keeps ? row : row - origin) * hidden; }

  void input_products(int64_t rows) {
    Product<T> p{rows,
                 kGates * hidden,
                 inputs,
                 x.as<T>() + origin * inputs,
                 inputs,
                 1,
                 wih,
                 1,
                 inputs,
                 sums_at(origin),
                 kGates * hidden,
                 0};
    p.col_bias = input_bias;
    p.packed_b = packed_wih;
    multiply(c, p);
  }

  void step(int64_t t) {
    const int64_t rows = steps.rows(t), row = steps.first(t);
    if (!packs) loose_products(row, rows);
    parallel_for(blocks_of<T>(hidden), step_grain<T>(rows, width, kGates), [=, this](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++) {
        if (packs) hidden_products(row, rows, block);
        apply_cell(row, rows, block);
      }
    });
    if (whr)
      parallel_for(blocks_of<T>(width), step_grain<T>(rows, hidden, 1), [=, this](int64_t begin, int64_t end) {
        for (int64_t block = begin; block < end; block++) project(row, rows, block);
      });
    // Sequences that are not in this step keep what they have.
    copy_rows_of(steps.batch - rows, width, h + rows * ldh, ldh, next_h + rows * ldh, ldh);
  }

  void hidden_products(int64_t row, int64_t rows, int64_t block) {
    const int64_t unit = block * kNR<T>, panel = width * kNR<T>;
    const int cols = block_width<T>(block, hidden);
    for (int g = 0; g < kGates; g++) {
      const T* weight = packed_whh + (block * kGates + g) * panel;
      if (kCell == Cell::gru && g == 2)
        panel_product(rows, width, h, ldh, weight, state_at(row) + unit, hidden, cols, false,
                      hidden_bias ? hidden_bias + unit : nullptr);
      else
        panel_product<T>(rows, width, h, ldh, weight, sums_at(row) + g * hidden + unit, kGates * hidden, cols, true,
                         nullptr);
    }
  }

  // All hidden products of a layer that has one step, whose weight is not worth packing.
  void loose_products(int64_t row, int64_t rows) {
    const int64_t width_of_sums = kGates * hidden;
    T* products = c.scratch_of<T>(rows * width_of_sums);
    multiply<T>(c, {rows, width_of_sums, width, h, ldh, 1, whh, 1, width, products, width_of_sums, 0});
    const int64_t into_sums = kCell == Cell::gru ? 2 * hidden : width_of_sums;
    parallel_for(rows, 16384 / width_of_sums + 1, [=, this](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        const T* from = products + r * width_of_sums;
        T* sum = sums_at(row + r);
        for (int64_t i = 0; i < into_sums; i++) sum[i] += from[i];
        if (kCell != Cell::gru) continue;
        T* b = state_at(row + r);
        for (int64_t u = 0; u < hidden; u++) b[u] = from[into_sums + u] + (hidden_bias ? hidden_bias[u] : T(0));
      }
    });
  }

  void apply_cell(int64_t row, int64_t rows, int64_t block) {
    const int64_t first = block * kNR<T>, last = first + block_width<T>(block, hidden);
    for (int64_t r = 0; r < rows; r++) {
      T* sum = sums_at(row + r);
      for (int64_t u = first; u < last; u += kLanes<T>) {
        const int lanes = static_cast<int>(last - u < kLanes<T> ? last - u : kLanes<T>);
        Vec<T> gate[kGates], b{}, memory{};
#pragma GCC unroll 4
        for (int g = 0; g < kGates; g++) gate[g] = get(sum + g * hidden + u, lanes);
        if (kCell == Cell::lstm) memory = get(cell + r * hidden + u, lanes);
        if (kCell == Cell::gru) {
          memory = get(h + r * ldh + u, lanes);
          b = get(state_at(row + r) + u, lanes);
        }
        const Vec<T> value = step_cell<kCell>(gate, b, memory);
        if (keeps)
#pragma GCC unroll 4
          for (int g = 0; g < kGates; g++) put(sum + g * hidden + u, gate[g], lanes);
        if (kCell == Cell::lstm) {
          put(cell + r * hidden + u, memory, lanes);
          if (keeps) put(state_at(row + r) + u, memory, lanes);
        }
        if (full_h) {
          put(full_h + r * ldf + u, value, lanes);
        } else {
          put(next_h + r * ldh + u, value, lanes);
          put(y + (row + r) * width + u, value, lanes);
        }
      }
    }
  }

  void project(int64_t row, int64_t rows, int64_t block) {
    const int64_t first = block * kNR<T>;
    const int cols = block_width<T>(block, width);
    T* to = next_h + first;
    panel_product<T>(rows, hidden, full_h, ldf, packed_whr + first * hidden, to, ldh, cols, false, nullptr);
    copy_rows_of(rows, cols, to, ldh, y + row * width + first, width);
  }
};

template <class T>
void forward(const Call& c) {
  with_cell(static_cast<Cell>(c.int_attr(0)), [&](auto cell) { Forward<T, decltype(cell)::value>(c).run(); });
}

}  // namespace

void recurrence(const Call& c) {
  switch (c.out[0].dtype) {
    case DType::f32: return forward<float>(c);
    case DType::f64: return forward<double>(c);
    default: fail(ErrorCode::unsupported, "recurrence: dtype %s is not supported on cpu", dtype_name(c.out[0].dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
