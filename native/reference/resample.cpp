// Reference backend: interpolation as products with dense matrices, one an axis. Definition of the matrices:
// torch.nn.functional.interpolate. Row j of an axis' matrix holds output j's weights of all inputs.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

enum Filter { kNearest, kNearestExact, kLinear, kCubic, kArea, kLinearWide, kCubicWide };

// Keys' cubic convolution kernel.
double keys(double x, double a) {
  x = std::fabs(x);
  if (x <= 1) return (a + 2) * x * x * x - (a + 3) * x * x + 1;
  if (x < 2) return a * (x * x * x - 5 * x * x + 8 * x - 4);
  return 0;
}

double triangle(double x) { return std::max(0.0, 1 - std::fabs(x)); }

// Weights (out, in). single: the elements have no more than single precision, in which their nearest positions are computed too.
std::vector<double> matrix(int filter, bool align, double factor, bool single, int64_t in, int64_t out) {
  double scale = align        ? (out > 1 ? static_cast<double>(in - 1) / (out - 1) : 0)
                 : factor > 0 ? 1 / factor
                              : static_cast<double>(in) / out;
  std::vector<double> w(out * in, 0);
  auto add = [&](int64_t j, int64_t i, double weight) {
    w[j * in + std::max<int64_t>(0, std::min(i, in - 1))] += weight;
  };
  for (int64_t j = 0; j < out; j++) {
    double at = align ? scale * j : scale * (j + 0.5) - 0.5;
    switch (filter) {
      case kNearest:
        // Positions are those of single precision.
        add(j, static_cast<int64_t>(std::floor(static_cast<float>(j) * static_cast<float>(scale))), 1);
        break;
      case kNearestExact: {
        float exact =
            single ? (static_cast<float>(j) + 0.5f) * static_cast<float>(scale) : static_cast<float>(at + 0.5);
        add(j, static_cast<int64_t>(std::floor(exact)), 1);
        break;
      }
      case kLinear: {
        at = std::max(at, 0.0);
        for (int64_t i = static_cast<int64_t>(at); i <= static_cast<int64_t>(at) + 1; i++) add(j, i, triangle(at - i));
        break;
      }
      case kCubic: {
        int64_t below = static_cast<int64_t>(std::floor(at));
        for (int64_t i = below - 1; i <= below + 2; i++) add(j, i, keys(at - i, -0.75));
        break;
      }
      case kArea: {
        int64_t from = j * in / out, to = ((j + 1) * in + out - 1) / out;
        for (int64_t i = from; i < to; i++) add(j, i, 1.0 / (to - from));
        break;
      }
      default: {
        double widened = std::max(scale, 1.0), reach = (filter == kCubicWide ? 2 : 1) * widened;
        double centre = scale * (j + 0.5), total = 0;
        int64_t from = std::max<int64_t>(0, static_cast<int64_t>(centre - reach + 0.5));
        int64_t to = std::min(in, static_cast<int64_t>(centre + reach + 0.5));
        auto weight = [&](int64_t i) {
          double x = (i + 0.5 - centre) / widened;
          return filter == kCubicWide ? keys(x, -0.5) : triangle(x);
        };
        for (int64_t i = from; i < to; i++) total += weight(i);
        for (int64_t i = from; i < to; i++) add(j, i, weight(i) / total);
      }
    }
  }
  return w;
}

}  // namespace

// x (outer, d, h, w) -> y (outer, od, oh, ow) {filter, alignCorners, transposed, factors}
void resample(const Call& c) {
  Shape shape = shape_of(c.in[0]);
  std::vector<double> x = read(c.in[0]);
  bool transposed = c.attr[2] != 0;
  for (int axis = 1; axis < 4; axis++) {
    int64_t in = shape[axis], out = c.out[0].dims[axis];
    if (numel_of(shape) == 0 || out == 0) {
      x.assign(c.out[0].numel, 0);
      break;
    }
    bool single = c.in[0].dtype != DType::f64;
    std::vector<double> w = transposed ? matrix(c.attr[0], c.attr[1] != 0, c.attr[2 + axis], single, out, in)
                                       : matrix(c.attr[0], c.attr[1] != 0, c.attr[2 + axis], single, in, out);
    int64_t outer = 1, inner = 1;
    for (int i = 0; i < axis; i++) outer *= shape[i];
    for (int i = axis + 1; i < 4; i++) inner *= shape[i];
    std::vector<double> y(outer * out * inner, 0);
    for (int64_t o = 0; o < outer; o++)
      for (int64_t j = 0; j < out; j++)
        for (int64_t i = 0; i < in; i++) {
          double weight = transposed ? w[i * out + j] : w[j * in + i];
          // A weight of zero takes nothing, not even from an infinity.
          if (weight == 0) continue;
          for (int64_t k = 0; k < inner; k++) y[(o * out + j) * inner + k] += weight * x[(o * in + i) * inner + k];
        }
    x = y;
    shape[axis] = out;
  }
  write(c.out[0], x);
}

}  // namespace sinter::reference
