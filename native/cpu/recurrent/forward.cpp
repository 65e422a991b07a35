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
        h0(c.opt(5).as<T>()), whr(c.opt(7).as<T>()), y(c.out[0].as<T>()), n(x.dim(0)), inputs(x.dim(1)),
        hidden(c.in[1].dim(0) / kGates), width(c.in[2].dim(1)),
        steps(read_steps(c, "recurrence", n, c.opt(8), c.int_attr(2), c.attr[1] != 0)) {}

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
        const int64_t t = steps.at(s);
        step(t);
        before = steps.rows(t), row_before = steps.first(t);
      }
    }
    last_values();
  }

 private:
  const Call& c;
  const TensorRef& x;
  const T *wih, *whh, *bih, *bhh, *h0, *whr;
  T* y;
  const int64_t n, inputs, hidden, width;
  const Steps steps;
  bool keeps, packs;
  int64_t chunk_rows, origin;  // origin: the first row that `sums` holds when nothing is kept
  T *sums, *state;             // (rows, G h); the GRU's b (rows, h), or the LSTM's c
  const T *input_bias, *hidden_bias, *packed_wih, *packed_whh, *packed_whr;
  T *full_h, *cell;
  int64_t ldf;
  // Of the step that was computed last; the values of what it does not have are h0's.
  int64_t before = 0, row_before = 0;

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
  }

  // The value of sequence r before this step; null: zeros.
  const T* past(int64_t r) const {
    if (r < before) return y + (row_before + r) * width;
    return h0 ? h0 + r * width : nullptr;
  }

  // Values are read where the steps before left them: in a buffer that steps fill by turns a core would write lines that others have
  // read, for each of which it waits (27 ns between two cores of a Zen 4, where it is 3 otherwise; a tenth of a step).
  void hidden_products(int64_t row, int64_t rows, int64_t block) {
    const int64_t split = std::min(rows, before);
    if (split > 0) hidden_products(row, split, block, past(0));
    if (rows > split) hidden_products(row + split, rows - split, block, past(split));
  }
  void hidden_products(int64_t row, int64_t rows, int64_t block, const T* h) {
    const int64_t unit = block * kNR<T>, panel = width * kNR<T>;
    const int cols = block_width<T>(block, hidden);
    for (int g = 0; g < kGates; g++) {
      const T* weight = packed_whh + (block * kGates + g) * panel;
      Ahead<T> ahead = behind(g, row, rows, block);
      if (kCell == Cell::gru && g == 2)
        panel_product(rows, h ? width : 0, h ? h : whh, width, weight, state_at(row) + unit, hidden, cols, false,
                      hidden_bias ? hidden_bias + unit : nullptr, &ahead);
      else if (h)
        panel_product<T>(rows, width, h, width, weight, sums_at(row) + g * hidden + unit, kGates * hidden, cols, true,
                         nullptr, &ahead);
    }
  }

  // What follows a gate's product: the next one's sums, or what the cells write and the next block's first sums.
  Ahead<T> behind(int gate, int64_t row, int64_t rows, int64_t block) const {
    const int64_t unit = block * kNR<T>;
    Ahead<T> ahead(rows, block_width<T>(block, hidden), panel_tiles<T>(rows, width));
    if (gate + 1 < kGates) {
      ahead.add(sums_at(row) + (gate + 1) * hidden + unit, kGates * hidden);
    } else {
      if (keeps) ahead.add(state_at(row) + unit, hidden);
      if (!whr) ahead.add(y + row * width + unit, width);
      if (block + 1 < blocks_of<T>(hidden)) ahead.add(sums_at(row) + unit + kNR<T>, kGates * hidden);
    }
    return ahead;
  }

  void last_values() {
    T* to = c.out[1].as<T>();
    int64_t r = 0;
    for (int64_t s = steps.count - 1; s >= 0; s--)
      for (const int64_t t = steps.at(s), rows = steps.rows(t); r < rows; r++)
        copy_rows_of(1, width, y + (steps.first(t) + r) * width, width, to + r * width, width);
    copy_rows_of(steps.batch - r, width, h0 ? h0 + r * width : nullptr, width, to + r * width, width);
  }

  // All hidden products of a layer that has one step, whose weight is not worth packing.
  void loose_products(int64_t row, int64_t rows) {
    const int64_t width_of_sums = kGates * hidden;
    T* products = c.scratch_of<T>(rows * width_of_sums);
    if (h0)
      multiply<T>(c, {rows, width_of_sums, width, h0, width, 1, whh, 1, width, products, width_of_sums, 0});
    else
      std::fill_n(products, rows * width_of_sums, T(0));
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
          if (const T* h = past(r)) memory = get(h + u, lanes);
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
        put(full_h ? full_h + r * ldf + u : y + (row + r) * width + u, value, lanes);
      }
    }
  }

  void project(int64_t row, int64_t rows, int64_t block) {
    const int64_t first = block * kNR<T>;
    const int cols = block_width<T>(block, width);
    panel_product<T>(rows, hidden, full_h, ldf, packed_whr + first * hidden, y + row * width + first, width, cols,
                     false, nullptr);
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
