// Reference backend: recurrent layers, a sequence and a unit at a time.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

using Values = std::vector<double>;

enum Cell { kLstm, kGru, kTanh, kRelu };

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// What both directions of a layer's computation know.
struct Layer {
  Cell cell;
  bool reverse;
  int64_t gates, hidden, width, batch, steps = 0;
  std::vector<int64_t> first;  // row of each step's first sequence, and the end

  Layer(const Call& c, const TensorRef& whh, const TensorRef& sizes, int64_t n)
      : cell(static_cast<Cell>(c.int_attr(0))), reverse(c.attr[1] != 0), gates(cell == kLstm  ? 4
                                                                               : cell == kGru ? 3
                                                                                              : 1),
        hidden(whh.dim(0) / gates), width(whh.dim(1)), batch(c.int_attr(2)), first{0} {
    if (sizes.present())
      for (int64_t rows : read<int64_t>(sizes)) first.push_back(first.back() + rows);
    else
      while (batch && first.back() < n) first.push_back(first.back() + batch);
    steps = static_cast<int64_t>(first.size()) - 1;
    for (int64_t t = 0; t < steps; t++) {
      const int64_t before = t ? rows(t - 1) : batch;
      if (rows(t) < 1 || rows(t) > before || (t == 0 && rows(t) != batch))
        fail(ErrorCode::index_out_of_range, "recurrence: step %lld has %lld sequences, the step before %lld",
             static_cast<long long>(t), static_cast<long long>(rows(t)), static_cast<long long>(before));
    }
    if (first.back() != n)
      fail(ErrorCode::index_out_of_range, "recurrence: steps of %lld rows in all for %lld rows",
           static_cast<long long>(first.back()), static_cast<long long>(n));
  }

  int64_t rows(int64_t t) const { return first[t + 1] - first[t]; }
  // The rows of sequence `b` in the order of computation.
  std::vector<int64_t> rows_of(int64_t b) const {
    std::vector<int64_t> rows;
    for (int64_t t = 0; t < steps; t++)
      if (b < this->rows(t)) rows.push_back(first[t] + b);
    if (reverse) std::reverse(rows.begin(), rows.end());
    return rows;
  }
};

Values optional(const TensorRef& t, int64_t n) { return t.present() ? read(t) : Values(n, 0.0); }

// w (rows, k) times x (k).
double dot(const Values& w, int64_t row, const double* x, int64_t k) {
  double sum = 0;
  for (int64_t i = 0; i < k; i++) sum += w[row * k + i] * x[i];
  return sum;
}

}  // namespace

void recurrence(const Call& c) {
  const int64_t n = c.in[0].dim(0), inputs = c.in[0].dim(1);
  const Layer l(c, c.in[2], c.opt(8), n);
  const int64_t h = l.hidden, p = l.width, all = l.gates * h;
  const Values x = read(c.in[0]), wih = read(c.in[1]), whh = read(c.in[2]), bih = optional(c.opt(3), all),
               bhh = optional(c.opt(4), all), whr = optional(c.opt(7), 0);
  Values hn = optional(c.opt(5), l.batch * p), cn = optional(c.opt(6), l.batch * h);
  Values y(n * p), gates(n * all), state(n * h);
  for (int64_t b = 0; b < l.batch; b++)
    for (int64_t row : l.rows_of(b)) {
      const Values before(hn.begin() + b * p, hn.begin() + (b + 1) * p);
      Values full(h);
      for (int64_t u = 0; u < h; u++) {
        double in[4], rec[4];
        for (int64_t g = 0; g < l.gates; g++) {
          in[g] = dot(wih, g * h + u, &x[row * inputs], inputs) + bih[g * h + u];
          rec[g] = dot(whh, g * h + u, before.data(), p) + bhh[g * h + u];
        }
        double* gate = &gates[row * all + u];
        if (l.cell == kLstm) {
          for (int64_t g = 0; g < 4; g++) gate[g * h] = g == 2 ? std::tanh(in[g] + rec[g]) : sigmoid(in[g] + rec[g]);
          double& cell = cn[b * h + u];
          cell = gate[h] * cell + gate[0] * gate[2 * h];
          state[row * h + u] = cell;
          full[u] = gate[3 * h] * std::tanh(cell);
        } else if (l.cell == kGru) {
          gate[0] = sigmoid(in[0] + rec[0]);
          gate[h] = sigmoid(in[1] + rec[1]);
          gate[2 * h] = std::tanh(in[2] + gate[0] * rec[2]);
          state[row * h + u] = rec[2];
          full[u] = (1 - gate[h]) * gate[2 * h] + gate[h] * before[u];
        } else {
          const double sum = in[0] + rec[0];
          full[u] = l.cell == kTanh ? std::tanh(sum) : sum < 0 ? 0 : sum;
        }
      }
      for (int64_t j = 0; j < p; j++)
        y[row * p + j] = hn[b * p + j] = c.opt(7).present() ? dot(whr, j, full.data(), h) : full[j];
    }
  const int kept = l.cell == kLstm ? 3 : 2;
  write(c.out[0], y);
  write(c.out[1], hn);
  if (l.cell == kLstm) write(c.out[2], cn);
  if (c.nout > kept) {
    write(c.out[kept], gates);
    write(c.out[kept + 1], state);
  }
}

void recurrenceBackward(const Call& c) {
  const int64_t n = c.in[7].dim(0);
  const Layer l(c, c.in[3], c.opt(10), n);
  const int64_t h = l.hidden, p = l.width, all = l.gates * h;
  const bool projects = c.opt(6).present();
  const Values gy = optional(c.in[0], n * p), whh = read(c.in[3]), h0 = optional(c.in[4], l.batch * p),
               c0 = optional(c.in[5], l.batch * h), whr = optional(c.in[6], 0), y = read(c.in[7]),
               gates = optional(c.in[8], 0), state = optional(c.in[9], 0);
  Values gh = optional(c.in[1], l.batch * p), gc = optional(c.in[2], l.batch * h);
  const int64_t blocks = l.cell == kGru ? 4 : l.gates;
  Values d(n * blocks * h), projected(n * p), full(n * h);
  for (int64_t b = 0; b < l.batch; b++) {
    const std::vector<int64_t> rows = l.rows_of(b);
    for (size_t s = rows.size(); s-- > 0;) {
      const int64_t row = rows[s];
      Values of_h(h), sums(all);
      for (int64_t j = 0; j < p; j++) projected[row * p + j] = gh[b * p + j] + gy[row * p + j];
      for (int64_t u = 0; u < h; u++) {
        if (!projects) of_h[u] = projected[row * p + u];
        for (int64_t j = 0; projects && j < p; j++) of_h[u] += projected[row * p + j] * whr[j * h + u];
      }
      Values direct(p, 0.0);
      for (int64_t u = 0; u < h; u++) {
        const double g = of_h[u];
        double* to = &d[row * blocks * h + u];
        if (l.cell == kLstm) {
          const double *gate = &gates[row * all + u], t = std::tanh(state[row * h + u]);
          const double i = gate[0], f = gate[h], m = gate[2 * h], o = gate[3 * h];
          const double before = s > 0 ? state[rows[s - 1] * h + u] : c0[b * h + u];
          const double of_c = gc[b * h + u] + g * o * (1 - t * t);
          to[0] = sums[u] = of_c * m * i * (1 - i);
          to[h] = sums[h + u] = of_c * before * f * (1 - f);
          to[2 * h] = sums[2 * h + u] = of_c * i * (1 - m * m);
          to[3 * h] = sums[3 * h + u] = g * t * o * (1 - o);
          gc[b * h + u] = of_c * f;
          full[row * h + u] = o * t;
        } else if (l.cell == kGru) {
          const double *gate = &gates[row * all + u], r = gate[0], z = gate[h], m = gate[2 * h];
          const double before = s > 0 ? y[rows[s - 1] * p + u] : h0[b * h + u];
          to[3 * h] = g * (1 - z) * (1 - m * m);
          to[2 * h] = sums[h + u] = g * (before - m) * z * (1 - z);
          to[h] = sums[u] = to[3 * h] * state[row * h + u] * r * (1 - r);
          to[0] = sums[2 * h + u] = to[3 * h] * r;
          direct[u] = g * z;
        } else {
          const double value = y[row * p + u];
          to[0] = sums[u] = l.cell == kTanh ? g * (1 - value * value) : value > 0 ? g : 0;
        }
      }
      for (int64_t j = 0; j < p; j++) {
        double sum = direct[j];
        for (int64_t k = 0; k < all; k++) sum += sums[k] * whh[k * p + j];
        gh[b * p + j] = sum;
      }
    }
  }
  write(c.out[0], d);
  write(c.out[1], gh);
  if (l.cell == kLstm) write(c.out[2], gc);
  if (projects) {
    write(c.out[3], projected);
    write(c.out[4], full);
  }
}

}  // namespace sinter::reference
