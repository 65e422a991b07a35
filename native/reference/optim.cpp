// Reference backend: optimizer steps in place on groups of operands, as torch.optim documents its algorithms.
#include "reference/elements.h"

namespace sinter::reference {

// (p, g, momentumBuffer?)* {lr, momentum, dampening, weightDecay, nesterov, firstStep, maximize}
void sgdStep(const Call& c) {
  double lr = c.attr[0], momentum = c.attr[1], dampening = c.attr[2], weight_decay = c.attr[3];
  bool nesterov = c.attr[4] != 0, first_step = c.attr[5] != 0, maximize = c.attr[6] != 0;
  for (int k = 0; k + 2 < c.nin; k += 3) {
    std::vector<double> p = read(c.in[k]), g = read(c.in[k + 1]);
    const TensorRef& buffer = c.in[k + 2];
    bool with_momentum = momentum != 0 && buffer.present();
    std::vector<double> velocity = read_or(buffer, static_cast<int64_t>(p.size()), 0);
    for (size_t i = 0; i < p.size(); i++) {
      double step = (maximize ? -g[i] : g[i]) + weight_decay * p[i];
      if (with_momentum) {
        // The first gradient enters the buffer undamped.
        velocity[i] = first_step ? step : momentum * velocity[i] + (1 - dampening) * step;
        step = nesterov ? step + momentum * velocity[i] : velocity[i];
      }
      p[i] -= lr * step;
    }
    write(c.in[k], p);
    if (with_momentum) write(buffer, velocity);
  }
}

// (p, g, m, v)* {lr, beta1, beta2, eps, weightDecay, step, decoupled}; step counts from 1
void adamwStep(const Call& c) {
  double lr = c.attr[0], beta1 = c.attr[1], beta2 = c.attr[2], eps = c.attr[3], weight_decay = c.attr[4];
  double step = c.attr[5];
  bool decoupled = c.attr[6] != 0;
  double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
  for (int k = 0; k + 3 < c.nin; k += 4) {
    std::vector<double> p = read(c.in[k]), g = read(c.in[k + 1]), m = read(c.in[k + 2]), v = read(c.in[k + 3]);
    for (size_t i = 0; i < p.size(); i++) {
      double gradient = g[i];
      if (decoupled) {
        p[i] -= lr * weight_decay * p[i];
      } else {
        gradient += weight_decay * p[i];
      }
      m[i] = beta1 * m[i] + (1 - beta1) * gradient;
      v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
      p[i] -= lr * (m[i] / correction1) / (std::sqrt(v[i] / correction2) + eps);
    }
    write(c.in[k], p);
    write(c.in[k + 2], m);
    write(c.in[k + 3], v);
  }
}

}  // namespace sinter::reference
