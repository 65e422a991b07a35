// Reference backend: optimizer steps in place on groups of operands, as torch.optim documents its algorithms. A group is
// p, g, low? and the rule's state; low is p rounded to its own dtype.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

// A group's operands as vectors, of which the written ones go back.
struct Group {
  const TensorRef* t;
  std::vector<double> p, g;

  Group(const Call& c, int first, bool maximize) : t(c.in + first), p(read(t[0])), g(read(t[1])) {
    if (maximize)
      for (double& x : g) x = -x;
  }
  size_t size() const { return p.size(); }
  std::vector<double> state(int k) const { return read_or(t[3 + k], static_cast<int64_t>(p.size()), 0); }
  void put(int k, const std::vector<double>& values) const {
    if (t[3 + k].present()) write(t[3 + k], values);
  }
  void put_parameter() const {
    write(t[0], p);
    if (t[2].present()) write(t[2], p);
  }
};

}  // namespace

// (p, g, low?, momentumBuffer?)* {lr, momentum, dampening, weightDecay, nesterov, step, maximize}
void sgdStep(const Call& c) {
  double lr = c.attr[0], momentum = c.attr[1], dampening = c.attr[2], weight_decay = c.attr[3];
  bool nesterov = c.attr[4] != 0, first_step = c.attr[5] <= 1;
  for (int k = 0; k < c.nin; k += 4) {
    Group group(c, k, c.attr[6] != 0);
    std::vector<double> velocity = group.state(0);
    for (size_t i = 0; i < group.size(); i++) {
      double step = group.g[i] + weight_decay * group.p[i];
      if (momentum != 0) {
        // The first gradient enters the buffer undamped.
        velocity[i] = first_step ? step : momentum * velocity[i] + (1 - dampening) * step;
        step = nesterov ? step + momentum * velocity[i] : velocity[i];
      }
      group.p[i] -= lr * step;
    }
    group.put_parameter();
    group.put(0, velocity);
  }
}

// (p, g, low?, m, v, largest?)* {lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize, amsgrad}
void adamwStep(const Call& c) {
  double lr = c.attr[0], beta1 = c.attr[1], beta2 = c.attr[2], eps = c.attr[3], weight_decay = c.attr[4];
  double step = c.attr[5];
  bool decoupled = c.attr[6] != 0, amsgrad = c.attr[8] != 0;
  double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
  for (int k = 0; k < c.nin; k += 6) {
    Group group(c, k, c.attr[7] != 0);
    std::vector<double> m = group.state(0), v = group.state(1), largest = group.state(2);
    for (size_t i = 0; i < group.size(); i++) {
      double gradient = group.g[i];
      if (decoupled) {
        group.p[i] -= lr * weight_decay * group.p[i];
      } else {
        gradient += weight_decay * group.p[i];
      }
      m[i] = beta1 * m[i] + (1 - beta1) * gradient;
      v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
      largest[i] = std::max(largest[i], v[i]);
      double second = amsgrad ? largest[i] : v[i];
      group.p[i] -= lr * (m[i] / correction1) / (std::sqrt(second / correction2) + eps);
    }
    group.put_parameter();
    group.put(0, m);
    group.put(1, v);
    group.put(2, largest);
  }
}

// (p, g, low?, sum)* {lr, lrDecay, weightDecay, eps, step, maximize}
void adagradStep(const Call& c) {
  double rate = c.attr[0] / (1 + (c.attr[4] - 1) * c.attr[1]), weight_decay = c.attr[2], eps = c.attr[3];
  for (int k = 0; k < c.nin; k += 4) {
    Group group(c, k, c.attr[5] != 0);
    std::vector<double> sum = group.state(0);
    for (size_t i = 0; i < group.size(); i++) {
      double gradient = group.g[i] + weight_decay * group.p[i];
      sum[i] += gradient * gradient;
      group.p[i] -= rate * gradient / (std::sqrt(sum[i]) + eps);
    }
    group.put_parameter();
    group.put(0, sum);
  }
}

// (p, g, low?, squares, buffer?, mean?)* {lr, alpha, eps, weightDecay, momentum, centered, maximize}
void rmspropStep(const Call& c) {
  double lr = c.attr[0], alpha = c.attr[1], eps = c.attr[2], weight_decay = c.attr[3], momentum = c.attr[4];
  bool centered = c.attr[5] != 0;
  for (int k = 0; k < c.nin; k += 6) {
    Group group(c, k, c.attr[6] != 0);
    std::vector<double> squares = group.state(0), buffer = group.state(1), mean = group.state(2);
    for (size_t i = 0; i < group.size(); i++) {
      double gradient = group.g[i] + weight_decay * group.p[i];
      squares[i] = alpha * squares[i] + (1 - alpha) * gradient * gradient;
      mean[i] = alpha * mean[i] + (1 - alpha) * gradient;
      double spread = centered ? std::max(squares[i] - mean[i] * mean[i], 0.0) : squares[i];
      double step = gradient / (std::sqrt(spread) + eps);
      buffer[i] = momentum * buffer[i] + step;
      group.p[i] -= lr * (momentum != 0 ? buffer[i] : step);
    }
    group.put_parameter();
    group.put(0, squares);
    group.put(1, buffer);
    group.put(2, mean);
  }
}

// (p, g, low?, m)* {lr, beta1, beta2, weightDecay, maximize}
void lionStep(const Call& c) {
  double lr = c.attr[0], beta1 = c.attr[1], beta2 = c.attr[2], weight_decay = c.attr[3];
  for (int k = 0; k < c.nin; k += 4) {
    Group group(c, k, c.attr[4] != 0);
    std::vector<double> m = group.state(0);
    for (size_t i = 0; i < group.size(); i++) {
      double mixed = beta1 * m[i] + (1 - beta1) * group.g[i];
      double sign = mixed > 0 ? 1 : mixed < 0 ? -1 : mixed;
      group.p[i] -= lr * (weight_decay * group.p[i] + sign);
      m[i] = beta2 * m[i] + (1 - beta2) * group.g[i];
    }
    group.put_parameter();
    group.put(0, m);
  }
}

// (p, g, low?, m, v)* {lr, beta1, beta2, eps, weightDecay, step, maximize}
void lambStep(const Call& c) {
  double lr = c.attr[0], beta1 = c.attr[1], beta2 = c.attr[2], eps = c.attr[3], weight_decay = c.attr[4];
  double correction1 = 1 - std::pow(beta1, c.attr[5]), correction2 = 1 - std::pow(beta2, c.attr[5]);
  for (int k = 0; k < c.nin; k += 5) {
    Group group(c, k, c.attr[6] != 0);
    std::vector<double> m = group.state(0), v = group.state(1), update(group.size());
    double p_squares = 0, update_squares = 0;
    for (size_t i = 0; i < group.size(); i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * group.g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * group.g[i] * group.g[i];
      update[i] = m[i] / correction1 / (std::sqrt(v[i] / correction2) + eps) + weight_decay * group.p[i];
      p_squares += group.p[i] * group.p[i];
      update_squares += update[i] * update[i];
    }
    double trust = p_squares > 0 && update_squares > 0 ? std::sqrt(p_squares / update_squares) : 1;
    for (size_t i = 0; i < group.size(); i++) group.p[i] -= lr * trust * update[i];
    group.put_parameter();
    group.put(0, m);
    group.put(1, v);
  }
}

// (p, g, low?, m, v)* {lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize, momentum, nextMomentum, product}
void nadamStep(const Call& c) {
  double lr = c.attr[0], beta1 = c.attr[1], beta2 = c.attr[2], eps = c.attr[3], weight_decay = c.attr[4];
  double mu = c.attr[8], next = c.attr[9], product = c.attr[10], correction2 = 1 - std::pow(beta2, c.attr[5]);
  bool decoupled = c.attr[6] != 0;
  for (int k = 0; k < c.nin; k += 5) {
    Group group(c, k, c.attr[7] != 0);
    std::vector<double> m = group.state(0), v = group.state(1);
    for (size_t i = 0; i < group.size(); i++) {
      double gradient = group.g[i] + (decoupled ? 0 : weight_decay * group.p[i]);
      if (decoupled) group.p[i] -= lr * weight_decay * group.p[i];
      m[i] = beta1 * m[i] + (1 - beta1) * gradient;
      v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
      double root = std::sqrt(v[i] / correction2) + eps;
      group.p[i] -= lr * (1 - mu) / (1 - product) * gradient / root;
      group.p[i] -= lr * next / (1 - product * next) * m[i] / root;
    }
    group.put_parameter();
    group.put(0, m);
    group.put(1, v);
  }
}

// (p, g, low?, m, v)* {lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize}
void radamStep(const Call& c) {
  double lr = c.attr[0], beta1 = c.attr[1], beta2 = c.attr[2], eps = c.attr[3], weight_decay = c.attr[4];
  double step = c.attr[5], correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
  bool decoupled = c.attr[6] != 0;
  double last = 2 / (1 - beta2) - 1, length = last - 2 * step * std::pow(beta2, step) / correction2;
  double rectification = (length - 4) * (length - 2) * last / ((last - 4) * (last - 2) * length);
  for (int k = 0; k < c.nin; k += 5) {
    Group group(c, k, c.attr[7] != 0);
    std::vector<double> m = group.state(0), v = group.state(1);
    for (size_t i = 0; i < group.size(); i++) {
      double gradient = group.g[i] + (decoupled ? 0 : weight_decay * group.p[i]);
      if (decoupled) group.p[i] -= lr * weight_decay * group.p[i];
      m[i] = beta1 * m[i] + (1 - beta1) * gradient;
      v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
      double adaptive = length > 5 ? std::sqrt(rectification * correction2) / (std::sqrt(v[i]) + eps) : 1;
      group.p[i] -= lr * m[i] / correction1 * adaptive;
    }
    group.put_parameter();
    group.put(0, m);
    group.put(1, v);
  }
}

// (p, g, low?, squares, deltas)* {lr, rho, eps, weightDecay, maximize}
void adadeltaStep(const Call& c) {
  double lr = c.attr[0], rho = c.attr[1], eps = c.attr[2], weight_decay = c.attr[3];
  for (int k = 0; k < c.nin; k += 5) {
    Group group(c, k, c.attr[4] != 0);
    std::vector<double> squares = group.state(0), deltas = group.state(1);
    for (size_t i = 0; i < group.size(); i++) {
      double gradient = group.g[i] + weight_decay * group.p[i];
      squares[i] = rho * squares[i] + (1 - rho) * gradient * gradient;
      double delta = std::sqrt((deltas[i] + eps) / (squares[i] + eps)) * gradient;
      deltas[i] = rho * deltas[i] + (1 - rho) * delta * delta;
      group.p[i] -= lr * delta;
    }
    group.put_parameter();
    group.put(0, squares);
    group.put(1, deltas);
  }
}

// (p, g, low?, m, largest)* {lr, beta1, beta2, eps, weightDecay, step, maximize}
void adamaxStep(const Call& c) {
  double lr = c.attr[0], beta1 = c.attr[1], beta2 = c.attr[2], eps = c.attr[3], weight_decay = c.attr[4];
  double correction1 = 1 - std::pow(beta1, c.attr[5]);
  for (int k = 0; k < c.nin; k += 5) {
    Group group(c, k, c.attr[6] != 0);
    std::vector<double> m = group.state(0), largest = group.state(1);
    for (size_t i = 0; i < group.size(); i++) {
      double gradient = group.g[i] + weight_decay * group.p[i];
      m[i] = beta1 * m[i] + (1 - beta1) * gradient;
      double magnitude = std::fabs(gradient) + eps;
      largest[i] = beta2 * largest[i] > magnitude ? beta2 * largest[i] : magnitude;
      group.p[i] -= lr / correction1 * m[i] / largest[i];
    }
    group.put_parameter();
    group.put(0, m);
    group.put(1, largest);
  }
}

// (p, g, low?, buffer?)* {lr, momentum, weightDecay, trust, eps, nesterov, maximize}
void larsStep(const Call& c) {
  double lr = c.attr[0], momentum = c.attr[1], weight_decay = c.attr[2], trust = c.attr[3], eps = c.attr[4];
  bool nesterov = c.attr[5] != 0;
  for (int k = 0; k < c.nin; k += 4) {
    Group group(c, k, c.attr[6] != 0);
    std::vector<double> buffer = group.state(0);
    double p_squares = 0, g_squares = 0;
    for (double x : group.p) p_squares += x * x;
    for (double x : group.g) g_squares += x * x;
    double p_norm = std::sqrt(p_squares), g_norm = std::sqrt(g_squares), rate = lr;
    if (p_norm > 0 && g_norm > 0) rate *= trust * p_norm / (g_norm + weight_decay * p_norm + eps);
    for (size_t i = 0; i < group.size(); i++) {
      double step = rate * (group.g[i] + weight_decay * group.p[i]);
      if (momentum != 0) {
        buffer[i] = momentum * buffer[i] + step;
        step = nesterov ? step + momentum * buffer[i] : buffer[i];
      }
      group.p[i] -= step;
    }
    group.put_parameter();
    group.put(0, buffer);
  }
}

// (average, value)* {weight}
void lerpEach(const Call& c) {
  for (int k = 0; k < c.nin; k += 2) {
    std::vector<double> average = read(c.in[k]), value = read(c.in[k + 1]);
    for (size_t i = 0; i < average.size(); i++) average[i] = (1 - c.attr[0]) * average[i] + c.attr[0] * value[i];
    write(c.in[k], average);
  }
}

// (g (n, ...))*
void centralizeEach(const Call& c) {
  for (int k = 0; k < c.nin; k++) {
    std::vector<double> g = read(c.in[k]);
    if (g.empty() || c.in[k].rank == 0) continue;
    size_t rows = static_cast<size_t>(c.in[k].dim(0)), width = g.size() / rows;
    for (size_t row = 0; row < rows; row++) {
      double mean = 0;
      for (size_t i = 0; i < width; i++) mean += g[row * width + i] / static_cast<double>(width);
      for (size_t i = 0; i < width; i++) g[row * width + i] -= mean;
    }
    write(c.in[k], g);
  }
}

// (p, g, low?, rows?, columns?, variance?)* {lr, beta2Decay, eps1, eps2, d, weightDecay, step, maximize}
void adafactorStep(const Call& c) {
  double lr = c.attr[0], eps1 = c.attr[2], eps2 = c.attr[3], d = c.attr[4], weight_decay = c.attr[5], step = c.attr[6];
  double weight = std::pow(step, c.attr[1]);
  for (int k = 0; k < c.nin; k += 6) {
    Group group(c, k, c.attr[7] != 0);
    size_t size = group.size();
    std::vector<double> v(size);
    const TensorRef& variance = group.t[5];
    if (variance.present()) {
      v = read(variance);
      for (size_t i = 0; i < size; i++) v[i] += weight * (group.g[i] * group.g[i] - v[i]);
      write(variance, v);
    } else if (size > 0) {
      std::vector<double> rows = read(group.t[3]), columns = read(group.t[4]);
      size_t n = static_cast<size_t>(group.t[0].dim(-2)), width = static_cast<size_t>(group.t[0].dim(-1));
      for (size_t matrix = 0; matrix < size / (n * width); matrix++) {
        double *row = &rows[matrix * n], *column = &columns[matrix * width];
        const double* g = &group.g[matrix * n * width];
        double mean_row = 0;
        for (size_t i = 0; i < n; i++) {
          double squares = 0;
          for (size_t j = 0; j < width; j++) squares += g[i * width + j] * g[i * width + j];
          row[i] += weight * (squares / static_cast<double>(width) - row[i]);
          mean_row += row[i] / static_cast<double>(n);
        }
        for (size_t j = 0; j < width; j++) {
          double squares = 0;
          for (size_t i = 0; i < n; i++) squares += g[i * width + j] * g[i * width + j];
          column[j] += weight * (squares / static_cast<double>(n) - column[j]);
        }
        for (size_t i = 0; i < n * width; i++)
          v[matrix * n * width + i] = row[i / width] * column[i % width] / std::max(mean_row, eps1);
      }
      write(group.t[3], rows);
      write(group.t[4], columns);
    }
    double p_squares = 0, update_squares = 0;
    std::vector<double> update(size);
    for (size_t i = 0; i < size; i++) {
      update[i] = group.g[i] / std::sqrt(std::max(v[i], eps1 * eps1));
      p_squares += group.p[i] * group.p[i];
      update_squares += update[i] * update[i];
    }
    double count = static_cast<double>(size);
    double rate = std::max(eps2, std::sqrt(p_squares / count)) * std::min(lr, 1 / std::sqrt(step));
    rate /= std::max(1.0, std::sqrt(update_squares / count) / d);
    for (size_t i = 0; i < size; i++) group.p[i] = (1 - lr * weight_decay) * group.p[i] - rate * update[i];
    group.put_parameter();
  }
}

// x0, x1, ... -> y {p, finite}
void tensorsNorm(const Call& c) {
  double p = c.attr[0], total = 0;
  for (int i = 0; i < c.nin; i++)
    for (double x : read(c.in[i])) {
      if (!std::isinf(p))
        total += std::pow(std::fabs(x), p);
      else if (std::fabs(x) > total || std::isnan(x))
        total = std::fabs(x);
    }
  double norm = std::isinf(p) ? total : std::pow(total, 1 / p);
  if (c.attr[1] != 0 && !std::isfinite(norm)) fail(ErrorCode::kernel, "the gradients' norm is %g", norm);
  write(c.out[0], std::vector<double>{norm});
}

// (g, norm)* {most}
void clipToNorm(const Call& c) {
  for (int k = 0; k < c.nin; k += 2) {
    std::vector<double> g = read(c.in[k]);
    double factor = c.attr[0] / (read(c.in[k + 1])[0] + 1e-6);
    if (factor >= 1) continue;
    for (double& x : g) x *= factor;
    write(c.in[k], g);
  }
}

// (g, scale, found)*
void unscaleEach(const Call& c) {
  for (int k = 0; k < c.nin; k += 3) {
    std::vector<double> g = read(c.in[k]);
    float inverse = static_cast<float>(1 / read(c.in[k + 1])[0]);
    bool finite = true;
    for (double& x : g) {
      finite = finite && std::isfinite(x);
      x *= inverse;
    }
    write(c.in[k], g);
    if (!finite) write(c.in[k + 2], std::vector<double>{1});
  }
}

// scale, tracker, found {growth, backoff, interval}
void updateScale(const Call& c) {
  double scale = read(c.in[0])[0], tracker = read(c.in[1])[0] + 1;
  if (read(c.in[2])[0] != 0) {
    scale *= c.attr[1];
    tracker = 0;
  } else if (tracker == c.attr[2]) {
    if (std::isfinite(static_cast<float>(scale * c.attr[0]))) scale *= c.attr[0];
    tracker = 0;
  }
  write(c.in[0], std::vector<double>{scale});
  write(c.in[1], std::vector<double>{tracker});
}

// (g)* {low, high}
void clampEach(const Call& c) {
  for (int k = 0; k < c.nin; k++) {
    std::vector<double> g = read(c.in[k]);
    for (double& x : g) x = x < c.attr[0] ? c.attr[0] : x > c.attr[1] ? c.attr[1] : x;
    write(c.in[k], g);
  }
}

}  // namespace sinter::reference
