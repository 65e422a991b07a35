// Which inputs an output of a resampling mixes along one axis, and with which weights. Place in the whole: the tables of every backend
// are made of it; SINTER_ISA names the namespace of whoever includes it. Positions and weights are PyTorch's, of
// torch.nn.functional.interpolate (ATen/native/UpSample.h): nearest rounds its positions to f32, as there; cubic is Keys' kernel
// (1981) with a = -3/4, and a = -1/2 where it is widened against aliasing.
// Both ends of the windows grow with j, so the transposed table (the gradient's) is of the same form.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace sinter::cpu::SINTER_ISA {

enum class Filter : int { nearest, nearest_exact, linear, cubic, area, linear_wide, cubic_wide };

class AxisRule {
 public:
  // factor: output size over input size where the caller gave it, else 0; single: positions are of single precision.
  AxisRule(Filter filter, bool align, double factor, bool single, int64_t in, int64_t out)
      : filter_(filter), align_(align), single_(single), in_(in), out_(out) {
    if (align)
      scale_ = out > 1 ? static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0;
    else
      scale_ = factor > 0 ? 1 / factor : static_cast<double>(in) / static_cast<double>(out);
    const double widened = std::max(scale_, 1.0);
    support_ = (filter == Filter::cubic_wide ? 2 : 1) * widened;
    inverse_ = 1 / widened;
  }

  // The longest window that can be.
  int64_t most() const {
    switch (filter_) {
      case Filter::nearest:
      case Filter::nearest_exact: return 1;
      case Filter::linear: return std::min<int64_t>(2, in_);
      case Filter::cubic: return std::min<int64_t>(4, in_);
      case Filter::area: return std::min(in_, in_ / out_ + 2);
      default: return std::min(in_, static_cast<int64_t>(std::ceil(support_)) * 2 + 1);
    }
  }

  // Sets the window of output j and its weights w[0 .. count).
  void window(int64_t j, int64_t& start, int64_t& count, double* w) const {
    switch (filter_) {
      case Filter::nearest: return one(nearest(j), start, count, w);
      case Filter::nearest_exact: return one(nearest_exact(j), start, count, w);
      case Filter::linear: return linear(j, start, count, w);
      case Filter::cubic: return cubic(j, start, count, w);
      case Filter::area: return area(j, start, count, w);
      default: return wide(j, start, count, w);
    }
  }

 private:
  static double keys(double x, double a) {
    x = std::fabs(x);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return ((x - 5) * x + 8) * x * a - 4 * a;
    return 0;
  }

  static void one(int64_t at, int64_t& start, int64_t& count, double* w) {
    start = at;
    count = 1;
    w[0] = 1;
  }
  int64_t nearest(int64_t j) const {
    return std::min(static_cast<int64_t>(std::floor(static_cast<float>(j) * static_cast<float>(scale_))), in_ - 1);
  }
  int64_t nearest_exact(int64_t j) const {
    const float at =
        single_ ? (static_cast<float>(j) + 0.5f) * static_cast<float>(scale_) : static_cast<float>(position(j) + 0.5);
    return std::min(static_cast<int64_t>(std::floor(at)), in_ - 1);
  }
  double position(int64_t j) const {
    return align_ ? scale_ * static_cast<double>(j) : scale_ * (static_cast<double>(j) + 0.5) - 0.5;
  }
  void linear(int64_t j, int64_t& start, int64_t& count, double* w) const {
    const double at = std::max(position(j), 0.0);
    start = std::min(static_cast<int64_t>(at), in_ - 1);
    const double fraction = std::min(at - static_cast<double>(start), 1.0);
    count = std::min<int64_t>(2, in_ - start);
    w[0] = count == 2 ? 1 - fraction : 1;
    if (count == 2) w[1] = fraction;
  }
  // Taps beyond the border fall on it.
  void cubic(int64_t j, int64_t& start, int64_t& count, double* w) const {
    const double at = position(j), below = std::floor(at);
    const int64_t from = static_cast<int64_t>(below) - 1;
    start = std::clamp<int64_t>(from, 0, in_ - 1);
    count = std::clamp<int64_t>(from + 3, 0, in_ - 1) - start + 1;
    for (int64_t k = 0; k < count; k++) w[k] = 0;
    for (int64_t k = 0; k < 4; k++)
      w[std::clamp<int64_t>(from + k, 0, in_ - 1) - start] += keys(at - static_cast<double>(from + k), -0.75);
  }
  void area(int64_t j, int64_t& start, int64_t& count, double* w) const {
    start = j * in_ / out_;
    count = ((j + 1) * in_ + out_ - 1) / out_ - start;
    for (int64_t k = 0; k < count; k++) w[k] = 1 / static_cast<double>(count);
  }
  // The filter stretched over the inputs that an output stands for.
  void wide(int64_t j, int64_t& start, int64_t& count, double* w) const {
    const double centre = scale_ * (static_cast<double>(j) + 0.5);
    start = std::max<int64_t>(static_cast<int64_t>(centre - support_ + 0.5), 0);
    count = std::clamp<int64_t>(std::min(static_cast<int64_t>(centre + support_ + 0.5), in_) - start, 0, most());
    double total = 0;
    for (int64_t k = 0; k < count; k++) {
      const double x = (static_cast<double>(start + k) - centre + 0.5) * inverse_;
      total += w[k] = filter_ == Filter::cubic_wide ? keys(x, -0.5) : std::max(1 - std::fabs(x), 0.0);
    }
    if (total != 0)
      for (int64_t k = 0; k < count; k++) w[k] /= total;
  }

  Filter filter_;
  bool align_, single_;
  int64_t in_, out_;
  double scale_, support_, inverse_;
};

}  // namespace sinter::cpu::SINTER_ISA
