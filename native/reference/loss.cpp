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
      : CrossEntropy(op, c.int_attr(0), c.attr + 1, x, labels, w) {}
  // options: {ignoreIndex, smoothing}
  CrossEntropy(const char* op, int64_t how, const double* options, const TensorRef& x, const TensorRef& labels,
               const TensorRef& w)
      : n(x.dim(0)), classes(x.dim(1)), reduction(how), ignored(static_cast<int64_t>(options[0])),
        smoothing(options[1]), logits(read(x)), weight(read_or(w, classes, 1)), target(read<int64_t>(labels)) {
    for (int64_t i = 0; i < n; i++) {
      if (counts(i)) check_index(op, target[i], classes);
    }
  }

  bool counts(int64_t sample) const { return target[sample] != ignored; }

  double lse(int64_t sample) const {
    const double* row = logits.data() + sample * classes;
    double largest = -kInfinity;
    for (int64_t k = 0; k < classes; k++) largest = std::max(largest, row[k]);
    long double exponentials = 0;
    for (int64_t k = 0; k < classes; k++) exponentials += std::exp(row[k] - largest);
    return static_cast<double>(largest + std::log(exponentials));
  }
  long double loss(int64_t sample, double lse_of_sample) const {
    const double* row = logits.data() + sample * classes;
    int64_t t = target[sample];
    long double loss = (1 - smoothing) * weight[t] * (lse_of_sample - row[t]);
    // Without smoothing the other classes must not take part: a logit of -inf would give 0 * inf.
    for (int64_t k = 0; smoothing > 0 && k < classes; k++)
      loss += smoothing / static_cast<double>(classes) * weight[k] * (lse_of_sample - row[k]);
    return loss;
  }
  // Each class k of the two sums pulls with w_k (p - onehot(k)).
  void gradient(int64_t sample, double lse_of_sample, double scale, double* result) const {
    double weight_sum = 0, spread = smoothing / static_cast<double>(classes);
    for (double w : weight) weight_sum += w;
    int64_t t = target[sample];
    for (int64_t k = 0; k < classes; k++) {
      double p = std::exp(logits[sample * classes + k] - lse_of_sample);
      double hard = (1 - smoothing) * weight[t] * (p - (k == t ? 1 : 0));
      double soft = spread * (weight_sum * p - weight[k]);
      result[k] = scale * (hard + soft);
    }
  }
};

}  // namespace

// logits (n, c), target (n), weight? (c) -> loss () or (n), lse (n), total ()
void crossEntropy(const Call& c) {
  CrossEntropy ce("crossEntropy", c, c.in[0], c.in[1], c.opt(2));
  std::vector<double> losses(ce.n, 0), lse(ce.n);
  long double total = 0, sum = 0;
  for (int64_t i = 0; i < ce.n; i++) {
    lse[i] = ce.lse(i);
    if (!ce.counts(i)) continue;
    long double loss = ce.loss(i, lse[i]);
    losses[i] = static_cast<double>(loss);
    sum += loss;
    total += ce.weight[ce.target[i]];
  }
  if (ce.reduction == kMean) losses = {static_cast<double>(sum / total)};
  if (ce.reduction == kSum) losses = {static_cast<double>(sum)};
  write(c.out[0], losses);
  write(c.out[1], lse);
  write(c.out[2], std::vector<double>{static_cast<double>(total)});
}

// g () or (n), logits, target, lse, total, weight? -> glogits (n, c)
void crossEntropyBackward(const Call& c) {
  CrossEntropy ce("crossEntropyBackward", c, c.in[1], c.in[2], c.opt(5));
  std::vector<double> g = read(c.in[0]), lse = read(c.in[3]), total = read(c.in[4]);
  std::vector<double> gradient(ce.logits.size(), 0);
  for (int64_t i = 0; i < ce.n; i++) {
    if (!ce.counts(i)) continue;
    double scale = ce.reduction == kNone ? g[i] : ce.reduction == kMean ? g[0] / total[0] : g[0];
    ce.gradient(i, lse[i], scale, &gradient[i * ce.classes]);
  }
  write(c.out[0], gradient);
}

// logits (n, c), target (n), weight? (c), scale? () or (n) -> losses (n) {ignoreIndex, smoothing}
void crossEntropyInto(const Call& c) {
  CrossEntropy ce("crossEntropyInto", kNone, c.attr, c.in[0], c.in[1], c.opt(2));
  std::vector<double> scale = read_or(c.opt(3), ce.n, 1), losses(ce.n, 0), gradient(ce.logits.size(), 0);
  for (int64_t i = 0; i < ce.n; i++) {
    if (!ce.counts(i)) continue;
    double lse = ce.lse(i);
    losses[i] = static_cast<double>(ce.loss(i, lse));
    ce.gradient(i, lse, scale[scale.size() == 1 ? 0 : i], &gradient[i * ce.classes]);
  }
  write(c.in[0], gradient);
  write(c.out[0], losses);
}

}  // namespace sinter::reference
