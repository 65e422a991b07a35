// Reference backend: connectionist temporal classification (Graves et al. 2006), with probabilities as they are, in long
// double.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

struct Ctc {
  int64_t frames, n, classes, blank;
  bool zero_infinity;
  std::vector<double> log_probs;
  std::vector<std::vector<int64_t>> labels;  // extended by blanks
  std::vector<int64_t> lengths, begin;

  Ctc(const char* op, const Call& c, int first)
      : frames(c.in[first].dim(0)), n(c.in[first].dim(1)), classes(c.in[first].dim(2)), blank(c.int_attr(0)),
        zero_infinity(c.attr[1] != 0), log_probs(read(c.in[first])), lengths(read<int64_t>(c.in[first + 2])) {
    std::vector<int64_t> targets = read<int64_t>(c.in[first + 1]), counts = read<int64_t>(c.in[first + 3]);
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++) {
      begin.push_back(c.in[first + 1].rank == 2 ? i * c.in[first + 1].dim(1) : at);
      check_index(op, lengths[i], frames + 1);
      check_index(op, begin[i] + counts[i], static_cast<int64_t>(targets.size()) + 1);
      std::vector<int64_t> extended = {blank};
      for (int64_t k = 0; k < counts[i]; k++) {
        check_index(op, targets[begin[i] + k], classes);
        extended.push_back(targets[begin[i] + k]);
        extended.push_back(blank);
      }
      labels.push_back(extended);
      at += counts[i];
    }
  }

  double probability(int64_t i, int64_t t, int64_t s) const {
    return std::exp(log_probs[(t * n + i) * classes + labels[i][s]]);
  }

  // Probability of the ways to be in state s after (backward: from) frame t, that frame included.
  std::vector<long double> lattice(int64_t i, bool backward) const {
    int64_t states = labels[i].size(), frames = lengths[i];
    std::vector<long double> a(frames * states, 0);
    auto state = [&](int64_t s) { return backward ? states - 1 - s : s; };
    auto cell = [&](int64_t t, int64_t s) -> long double& {
      return a[(backward ? frames - 1 - t : t) * states + state(s)];
    };
    for (int64_t t = 0; t < frames; t++)
      for (int64_t s = 0; s < states; s++) {
        long double sum = t == 0 ? (s < 2 ? 1 : 0) : cell(t - 1, s);
        if (t > 0 && s > 0) sum += cell(t - 1, s - 1);
        if (t > 0 && s > 1 && labels[i][state(s)] != labels[i][state(s - 2)]) sum += cell(t - 1, s - 2);
        cell(t, s) = sum * probability(i, backward ? frames - 1 - t : t, state(s));
      }
    return a;
  }

  long double total(int64_t i, const std::vector<long double>& alpha) const {
    int64_t states = labels[i].size();
    if (lengths[i] == 0) return states == 1 ? 1 : 0;
    const long double* last = &alpha[(lengths[i] - 1) * states];
    return states == 1 ? last[0] : last[states - 1] + last[states - 2];
  }
};

}  // namespace

void ctcLoss(const Call& c) {
  Ctc ctc("ctcLoss", c, 0);
  std::vector<double> losses, logs(c.out[1].numel, -kInfinity);
  for (int64_t i = 0; i < ctc.n; i++) {
    std::vector<long double> alpha = ctc.lattice(i, false);
    double loss = static_cast<double>(-std::log(ctc.total(i, alpha)));
    losses.push_back(ctc.zero_infinity && loss == kInfinity ? 0 : loss);
    int64_t from = ctc.frames * (2 * ctc.begin[i] + i);
    for (size_t k = 0; k < alpha.size(); k++) logs[from + k] = static_cast<double>(std::log(alpha[k]));
  }
  write(c.out[0], losses);
  write(c.out[1], logs);
}

void ctcLossBackward(const Call& c) {
  Ctc ctc("ctcLossBackward", c, 1);
  std::vector<double> g = read(c.in[0]), gx(ctc.log_probs.size(), 0);
  for (int64_t i = 0; i < ctc.n; i++) {
    std::vector<long double> alpha = ctc.lattice(i, false), beta = ctc.lattice(i, true);
    long double total = ctc.total(i, alpha);
    if (total == 0 && ctc.zero_infinity) continue;
    int64_t states = ctc.labels[i].size();
    for (int64_t t = 0; t < ctc.lengths[i]; t++) {
      int64_t at = (t * ctc.n + i) * ctc.classes;
      std::vector<long double> posterior(ctc.classes, total == 0 ? kNaN : 0);
      for (int64_t s = 0; s < states; s++) {
        long double joint = alpha[t * states + s] * beta[t * states + s];
        if (joint > 0) posterior[ctc.labels[i][s]] += joint / ctc.probability(i, t, s) / total;
      }
      for (int64_t k = 0; k < ctc.classes; k++)
        gx[at + k] = static_cast<double>(g[i] * (std::exp(ctc.log_probs[at + k]) - posterior[k]));
    }
  }
  write(c.out[0], gx);
}

}  // namespace sinter::reference
