// Reference backend: cross entropy. For one sample with target t, class weights w and smoothing e over C classes:
//   loss = -(1 - e) w_t log p_t - e / C * sum_k w_k log p_k,
// 0 where t is ignoreIndex; the mean divides by the sum of w_t over the samples that count (Szegedy et al., "Rethinking
// the Inception Architecture", 2016, section 7, with the weights as torch.nn.CrossEntropyLoss documents them).
#include "reference/elements.h"

namespace sinter::reference {
namespace {

enum Reduction { kNone = 0, kMean = 1, kSum = 2 };

// What both directions share. Attributes: {reduction, ignoreIndex, smoothing}.
struct CrossEntropy {
  int64_t n, classes, reduction, ignored;
  double smoothing;
  std::vector<double> logits, weight;
  std::vector<int64_t> target;

  CrossEntropy(const char* op, const Call& c, const TensorRef& x, const TensorRef& labels, const TensorRef& w)
      : n(x.dim(0)), classes(x.dim(1)), reduction(c.int_attr(0)), ignored(c.int_attr(1)), smoothing(c.attr[2]),
        logits(read(x)), weight(read_or(w, classes, 1)), target(read<int64_t>(labels)) {
    for (int64_t i = 0; i < n; i++) {
      if (counts(i)) check_index(op, target[i], classes);
    }
  }

  bool counts(int64_t sample) const { return target[sample] != ignored; }
};

}  // namespace

// logits (n, c), target (n), weight? (c) -> loss () or (n), lse (n), total ()
void crossEntropy(const Call& c) {
  CrossEntropy ce("crossEntropy", c, c.in[0], c.in[1], c.opt(2));
  std::vector<double> losses(ce.n, 0), lse(ce.n);
  long double total = 0, sum = 0;
  for (int64_t i = 0; i < ce.n; i++) {
    const double* row = ce.logits.data() + i * ce.classes;
    double largest = -kInfinity;
    for (int64_t k = 0; k < ce.classes; k++) largest = std::max(largest, row[k]);
    long double exponentials = 0;
    for (int64_t k = 0; k < ce.classes; k++) exponentials += std::exp(row[k] - largest);
    lse[i] = static_cast<double>(largest + std::log(exponentials));
    if (!ce.counts(i)) continue;

    int64_t t = ce.target[i];
    long double loss = (1 - ce.smoothing) * ce.weight[t] * (lse[i] - row[t]);
    // Without smoothing the other classes must not take part: a logit of -inf would give 0 * inf.
    for (int64_t k = 0; ce.smoothing > 0 && k < ce.classes; k++) {
      loss += ce.smoothing / static_cast<double>(ce.classes) * ce.weight[k] * (lse[i] - row[k]);
    }
    losses[i] = static_cast<double>(loss);
    sum += loss;
    total += ce.weight[t];
  }
  if (ce.reduction == kMean) losses = {static_cast<double>(sum / total)};
  if (ce.reduction == kSum) losses = {static_cast<double>(sum)};
  write(c.out[0], losses);
  write(c.out[1], lse);
  write(c.out[2], std::vector<double>{static_cast<double>(total)});
}

// g () or (n), logits, target, lse, total, weight? -> glogits (n, c):
// each class k of the two sums above pulls with w_k (p - onehot(k)).
void crossEntropyBackward(const Call& c) {
  CrossEntropy ce("crossEntropyBackward", c, c.in[1], c.in[2], c.opt(5));
  std::vector<double> g = read(c.in[0]), lse = read(c.in[3]), total = read(c.in[4]);
  std::vector<double> gradient(ce.logits.size(), 0);
  double weight_sum = 0;
  for (double w : ce.weight) weight_sum += w;
  double spread = ce.smoothing / static_cast<double>(ce.classes);
  for (int64_t i = 0; i < ce.n; i++) {
    if (!ce.counts(i)) continue;
    int64_t t = ce.target[i];
    double scale = ce.reduction == kNone ? g[i] : ce.reduction == kMean ? g[0] / total[0] : g[0];
    for (int64_t k = 0; k < ce.classes; k++) {
      double p = std::exp(ce.logits[i * ce.classes + k] - lse[i]);
      double hard = (1 - ce.smoothing) * ce.weight[t] * (p - (k == t ? 1 : 0));
      double soft = spread * (weight_sum * p - ce.weight[k]);
      gradient[i * ce.classes + k] = scale * (hard + soft);
    }
  }
  write(c.out[0], gradient);
}

}  // namespace sinter::reference
