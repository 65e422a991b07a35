// Reference backend: Adam with moments in one byte. The map's values are those of Dettmers et al. (2022), made as their
// paper describes them and searched one by one.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

constexpr size_t kBlock = 256;

std::vector<double> dynamic_map(bool is_signed) {
  std::vector<double> values = {0, 1};
  for (int decade = 0; decade < 7; decade++) {
    int parts = 1 << (is_signed ? decade : decade + 1);
    for (int j = 0; j < parts; j++) {
      double x = std::pow(10.0, decade - 6) * (0.1 + 0.9 * (j + 0.5) / parts);
      values.push_back(x);
      if (is_signed) values.push_back(-x);
    }
  }
  std::sort(values.begin(), values.end());
  return values;
}

double nearest(const std::vector<double>& map, double x) {
  size_t best = 0;
  for (size_t i = 1; i < map.size(); i++)
    if (std::fabs(map[i] - x) < std::fabs(map[best] - x)) best = i;
  return static_cast<double>(best);
}

// Codes with a scale a block, as numbers.
struct Moment {
  const TensorRef &codes_ref, &scales_ref;
  std::vector<double> map, values;

  Moment(const TensorRef& codes, const TensorRef& scales, bool is_signed)
      : codes_ref(codes), scales_ref(scales), map(dynamic_map(is_signed)), values(read(codes)) {
    std::vector<double> scale = read(scales);
    for (size_t i = 0; i < values.size(); i++) values[i] = map[static_cast<size_t>(values[i])] * scale[i / kBlock];
  }
  void put() {
    std::vector<double> scale(read(scales_ref).size(), 0);
    for (size_t i = 0; i < values.size(); i++) scale[i / kBlock] = std::max(scale[i / kBlock], std::fabs(values[i]));
    std::vector<double> codes(values.size());
    for (size_t i = 0; i < values.size(); i++)
      codes[i] = nearest(map, scale[i / kBlock] > 0 ? values[i] / scale[i / kBlock] : 0);
    write(codes_ref, codes);
    write(scales_ref, scale);
  }
};

}  // namespace

// (p, g, low?, m, v, mScale, vScale)* {lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize}
void adam8bitStep(const Call& c) {
  double lr = c.attr[0], beta1 = c.attr[1], beta2 = c.attr[2], eps = c.attr[3], weight_decay = c.attr[4];
  double correction1 = 1 - std::pow(beta1, c.attr[5]), correction2 = 1 - std::pow(beta2, c.attr[5]);
  bool decoupled = c.attr[6] != 0;
  for (int k = 0; k < c.nin; k += 7) {
    const TensorRef* t = c.in + k;
    std::vector<double> p = read(t[0]), g = read(t[1]);
    Moment m(t[3], t[5], true), v(t[4], t[6], false);
    for (size_t i = 0; i < p.size(); i++) {
      double gradient = c.attr[7] != 0 ? -g[i] : g[i];
      if (decoupled) {
        p[i] -= lr * weight_decay * p[i];
      } else {
        gradient += weight_decay * p[i];
      }
      m.values[i] = beta1 * m.values[i] + (1 - beta1) * gradient;
      v.values[i] = beta2 * v.values[i] + (1 - beta2) * gradient * gradient;
      p[i] -= lr * (m.values[i] / correction1) / (std::sqrt(v.values[i] / correction2) + eps);
    }
    m.put();
    v.put();
    write(t[0], p);
    if (t[2].present()) write(t[2], p);
  }
}

}  // namespace sinter::reference
