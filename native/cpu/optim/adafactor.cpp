// adafactorStep: Adafactor (Shazeer and Stern, 2018) as torch.optim.Adafactor defines it. Place in the whole: kernel of
// native/ops.def, compiled once per instruction set; factored.h says how tensors are cut. Operands:
// (p, g, low?, rows?, columns?, variance?)*, see multi_tensor.h. A parameter (.., n, m) of two dimensions or more has
// rows (.., n, 1) and columns (.., 1, m); others have a variance of their own shape. With w = step^beta2Decay and means
// along a matrix's rows and columns:
//   rows += w (mean(g^2) - rows), columns likewise;  V = rows columns / max(mean(rows), eps1)
//   or variance += w (g^2 - variance);  V = variance
//   u = g / sqrt(max(V, eps1^2));  rate = min(lr, 1 / sqrt(step)) max(eps2, rms(p));  p = (1 - lr wd) p
//   p -= rate / max(1, rms(u) / d) u
// Three passes over g and two over p where a matrix is larger than a piece: the second moments need all of g, the size
// of u all of them, the step that.
#include "cpu/optim/factored.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int kOperands = kState + 3;
constexpr int kRows = kState, kColumns = kState + 1, kVariance = kState + 2;

template <class T, class G, class Rounding>
struct Adafactor {
  using C = Compute<T>;
  const Call& call;
  C weight, least;  // least: of V
  double lr, eps1, eps2, d, keep, step, sign;
  Pieces pieces;
  double* squares;  // of p and u, a piece each
  C** column_sums;  // a tensor's: of g^2, (width) a piece; null for vectors
  C** row_factors;  // a tensor's: rows / max(mean(rows), eps1); null for vectors
  int64_t* starts;  // a tensor's first element in the command
  Rounding rounding;

  Adafactor(const Call& c, const Rounding& r) : call(c), rounding(r) {
    const double* a = c.attr;
    lr = a[0], eps1 = a[2], eps2 = a[3], d = a[4], step = a[6], sign = a[7] != 0 ? -1 : 1;
    keep = 1 - lr * a[5];
    weight = static_cast<C>(std::pow(step, a[1]));
    least = static_cast<C>(eps1 * eps1);
    pieces = cut_pieces(c, c.nin / kOperands, [this](int64_t i) { return layout(i).pieces(); });
    squares = c.scratch_of<double>(2 * pieces.count());
    column_sums = c.scratch_of<C*>(pieces.tensors);
    row_factors = c.scratch_of<C*>(pieces.tensors);
    starts = c.scratch_of<int64_t>(pieces.tensors + 1);
    starts[0] = 0;
    for (int64_t i = 0; i < pieces.tensors; i++) {
      starts[i + 1] = starts[i] + operand(i, kParameter).numel;
      const Factored f = layout(i);
      const bool factored = !is_vector(i);
      column_sums[i] = factored ? c.scratch_of<C>(f.pieces() * f.width) : nullptr;
      row_factors[i] = factored ? c.scratch_of<C>(f.matrices * f.n) : nullptr;
    }
  }

  const TensorRef& operand(int64_t tensor, int k) const { return call.in[tensor * kOperands + k]; }
  template <class U>
  U* data(int64_t tensor, int k, int64_t at) const {
    return static_cast<U*>(operand(tensor, k).data) + at;
  }
  bool is_vector(int64_t tensor) const { return operand(tensor, kVariance).present(); }
  Factored layout(int64_t tensor) const { return Factored(operand(tensor, kParameter), is_vector(tensor)); }

  // Exact where the weight is one, as in the first step.
  template <class V>
  SINTER_INLINE V moved(V from, V to) const {
    return (C(1) - weight) * from + weight * to;
  }

  double parameter_squares(int64_t tensor, const Block& b) const {
    const T* p = data<T>(tensor, kParameter, b.at);
    return row_sum<T>(b.elements(), [&](int64_t i, auto part) {
      const Vec<C> v = get(part, p + i);
      return v * v;
    });
  }

  // A vector's second moments; returns the squares of its step.
  double vector_moments(int64_t tensor, const Block& b) const {
    const G* g = data<G>(tensor, kGradient, b.at);
    T* variance = data<T>(tensor, kVariance, b.at);
    return row_sum<T>(b.elements(), [&](int64_t i, auto part) {
      const Vec<C> gv = get(part, g + i), square = gv * gv, v = moved(Vec<C>(get(part, variance + i)), square);
      put(part, variance + i, v);
      return square / vmax(v, splat<C>(least));
    });
  }

  // Mean squares of a block's rows; the squares of its columns go to `columns` (width).
  void moments(int64_t tensor, const Block& b, C* columns) const {
    const G* g = data<G>(tensor, kGradient, b.at);
    T* rows = data<T>(tensor, kRows, b.row);
    std::memset(columns, 0, static_cast<size_t>(b.width) * sizeof(C));
    for (int64_t r = 0; r < b.rows; r++) {
      const G* row = g + r * b.width;
      const double sum = row_sum<T>(b.width, [&](int64_t i, auto part) {
        const Vec<C> gv = get(part, row + i), square = gv * gv;
        put(part, columns + i, get(part, columns + i) + square);
        return square;
      });
      const C before = to_compute(rows[r]), mean = static_cast<C>(sum / static_cast<double>(b.width));
      rows[r] = from_compute<T>(moved(before, mean));
    }
  }

  // Columns begin .. end of a matrix, from the squares of all its rows.
  void finish_columns(int64_t tensor, int64_t matrix, const C* sums, int64_t begin, int64_t end) const {
    const Factored f = layout(tensor);
    T* columns = data<T>(tensor, kColumns, matrix * f.width + begin);
    const C share = static_cast<C>(1 / static_cast<double>(f.n));
    each_step<T>(end - begin, [&](int64_t i, auto part) {
      put(part, columns + i, moved(Vec<C>(get(part, columns + i)), Vec<C>(get(part, sums + begin + i) * share)));
    });
  }
  void finish_rows(int64_t tensor, int64_t matrix) const {
    const int64_t n = layout(tensor).n;
    const T* rows = data<T>(tensor, kRows, matrix * n);
    const double sum = row_sum<T>(n, [&](int64_t i, auto part) { return get(part, rows + i); });
    const C scale = static_cast<C>(1 / std::max(sum / static_cast<double>(n), eps1));
    C* factors = row_factors[tensor] + matrix * n;
    each_step<T>(n, [&](int64_t i, auto part) { put(part, factors + i, get(part, rows + i) * scale); });
  }
  // A matrix of several blocks.
  void finish_matrix(int64_t tensor, int64_t matrix) const {
    const Factored f = layout(tensor);
    C* sums = column_sums[tensor] + matrix * f.blocks * f.width;
    parallel_for(f.width, 512, [&](int64_t begin, int64_t end) {
      for (int64_t b = 1; b < f.blocks; b++)
        each_step<C>(end - begin, [&](int64_t i, auto part) {
          C* sum = sums + begin + i;
          put(part, sum, get(part, sum) + get(part, sum + b * f.width));
        });
      finish_columns(tensor, matrix, sums, begin, end);
    });
    finish_rows(tensor, matrix);
  }

  // f(i, part, V, round) over the elements of a block, i from the block's first one.
  template <class R, class F>
  SINTER_INLINE void each_variance(const R& how, int64_t tensor, const Block& b, F f) const {
    const Vec<C> floor = splat<C>(least);
    const int64_t element = starts[tensor] + b.at;
    if (is_vector(tensor)) {
      const T* variance = data<T>(tensor, kVariance, b.at);
      each_rounded<T>(how, element, b.elements(), [&](int64_t i, auto part, auto round) {
        f(i, part, vmax(Vec<C>(get(part, variance + i)), floor), round);
      });
      return;
    }
    const T* columns = data<T>(tensor, kColumns, b.matrix * b.width);
    for (int64_t r = 0; r < b.rows; r++) {
      const C factor = row_factors[tensor][b.row + r];
      each_rounded<T>(how, element + r * b.width, b.width, [&](int64_t i, auto part, auto round) {
        f(r * b.width + i, part, vmax(factor * get(part, columns + i), floor), round);
      });
    }
  }

  double step_squares(int64_t tensor, const Block& b) const {
    const G* g = data<G>(tensor, kGradient, b.at);
    Vec<C> sum{};
    double total = 0;
    int64_t steps = 0;
    each_variance(Nearest{}, tensor, b, [&](int64_t i, auto part, Vec<C> v, auto) {
      const Vec<C> gv = get(part, g + i);
      sum += only<C>(part, gv * gv / v);
      if (++steps % 256 == 0) total += static_cast<double>(reduce_add<C>(sum)), sum = Vec<C>{};
    });
    return total + static_cast<double>(reduce_add<C>(sum));
  }

  void apply(int64_t tensor, const Block& b, C rate) const {
    const G* g = data<G>(tensor, kGradient, b.at);
    T* p = data<T>(tensor, kParameter, b.at);
    G* low = at_or_null<G>(operand(tensor, kLow), b.at);
    const C k = static_cast<C>(keep);
    each_variance(rounding, tensor, b, [&](int64_t i, auto part, Vec<C> v, auto round) {
      const Vec<C> y = k * get(part, p + i) - rate * get(part, g + i) / vsqrt(v);
      put(part, p + i, round(y));
      if (low) put(part, low + i, y);
    });
  }

  C rate(int64_t tensor) const {
    double p = 0, u = 0;
    for (int64_t k = pieces.starts[tensor]; k < pieces.starts[tensor + 1]; k++)
      p += squares[2 * k], u += squares[2 * k + 1];
    const double numel = static_cast<double>(operand(tensor, kParameter).numel);
    const double relative = std::max(eps2, std::sqrt(p / numel)) * std::min(lr, 1 / std::sqrt(step));
    return static_cast<C>(sign * relative / std::max(1.0, std::sqrt(u / numel) / d));
  }

  void gather(int64_t piece, int64_t tensor, int64_t place) const {
    const Factored f = layout(tensor);
    double p = 0, u = 0;
    f.each_block(place, [&](const Block& b) {
      p += parameter_squares(tensor, b);
      if (is_vector(tensor)) {
        u += vector_moments(tensor, b);
        return;
      }
      C* columns = column_sums[tensor] + place * f.width;
      moments(tensor, b, columns);
      if (!f.whole()) return;
      finish_columns(tensor, b.matrix, columns, 0, f.width);
      finish_rows(tensor, b.matrix);
      u += step_squares(tensor, b);
    });
    squares[2 * piece] = p, squares[2 * piece + 1] = u;
  }

  void run() const {
    each_piece(pieces, [this](int64_t piece, int64_t tensor, int64_t place) { gather(piece, tensor, place); });
    for (int64_t i = 0; i < pieces.tensors; i++) {
      const Factored f = layout(i);
      if (!f.whole())
        for (int64_t m = 0; m < f.matrices; m++) finish_matrix(i, m);
    }
    each_piece(pieces, [this](int64_t piece, int64_t tensor, int64_t place) {
      const Factored f = layout(tensor);
      if (!f.whole()) f.each_block(place, [&](const Block& b) { squares[2 * piece + 1] = step_squares(tensor, b); });
    });
    C* rates = call.scratch_of<C>(pieces.tensors);
    for (int64_t i = 0; i < pieces.tensors; i++) rates[i] = rate(i);
    each_piece(pieces, [=, this](int64_t, int64_t tensor, int64_t place) {
      layout(tensor).each_block(place, [&](const Block& b) { apply(tensor, b, rates[tensor]); });
    });
  }
};

}  // namespace

void adafactorStep(const Call& c) {
  with_parameters(c, "adafactorStep", kOperands, 3, [&](auto t, auto g) {
    with_rounding<decltype(t)>(
        c, [&](auto rounding) { Adafactor<decltype(t), decltype(g), decltype(rounding)>(c, rounding).run(); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
