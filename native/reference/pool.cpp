// Reference backend: pooling over the last two dimensions of (n, c, h, w).
#include "reference/elements.h"

namespace sinter::reference {
namespace {

// Which inputs one output of an averaging pool covers, and what their sum is divided by.
struct Window {
  int64_t y0, y1, x0, x1;
  double divisor;
};

// Padding counts in the divisor where count_include_pad is set, but not what lies beyond it, where a window that
// ceil_mode admitted hangs over.
Window average_window(const Call& c, int64_t h, int64_t w, int64_t oy, int64_t ox) {
  int64_t kh = c.int_attr(0), kw = c.int_attr(1), sh = c.int_attr(2), sw = c.int_attr(3), ph = c.int_attr(4),
          pw = c.int_attr(5);
  int64_t y0 = oy * sh - ph, x0 = ox * sw - pw;
  int64_t y1 = std::min(y0 + kh, h + ph), x1 = std::min(x0 + kw, w + pw);
  double padded = static_cast<double>((y1 - y0) * (x1 - x0));
  y0 = std::max<int64_t>(y0, 0), x0 = std::max<int64_t>(x0, 0), y1 = std::min(y1, h), x1 = std::min(x1, w);
  double inside = static_cast<double>((y1 - y0) * (x1 - x0));
  return {y0, y1, x0, x1, c.attr[6] != 0 ? padded : inside};
}

// i * h / oh rounded down to (i + 1) * h / oh rounded up.
Window adaptive_window(int64_t h, int64_t w, int64_t oh, int64_t ow, int64_t oy, int64_t ox) {
  int64_t y0 = oy * h / oh, y1 = ((oy + 1) * h + oh - 1) / oh, x0 = ox * w / ow, x1 = ((ox + 1) * w + ow - 1) / ow;
  return {y0, y1, x0, x1, static_cast<double>((y1 - y0) * (x1 - x0))};
}

// window_at(oy, ox) gives the window; x (n, c, h, w) -> y (n, c, oh, ow).
template <class WindowAt>
void average(const TensorRef& x, const TensorRef& y, WindowAt window_at) {
  int64_t h = x.dim(2), w = x.dim(3), oh = y.dim(2), ow = y.dim(3);
  std::vector<double> xv = read(x), yv(y.numel);
  for (int64_t i = 0; i < y.numel; i++) {
    Window window = window_at(i / ow % oh, i % ow);
    const double* plane = &xv[i / (oh * ow) * h * w];
    long double total = 0;
    for (int64_t iy = window.y0; iy < window.y1; iy++) {
      for (int64_t ix = window.x0; ix < window.x1; ix++) total += plane[iy * w + ix];
    }
    yv[i] = static_cast<double>(total / window.divisor);
  }
  write(y, yv);
}

// g (n, c, oh, ow) -> gx (n, c, h, w)
template <class WindowAt>
void average_backward(const TensorRef& g, const TensorRef& gx, WindowAt window_at) {
  int64_t h = gx.dim(2), w = gx.dim(3), oh = g.dim(2), ow = g.dim(3);
  std::vector<double> gv = read(g), sums(gx.numel, 0);
  for (int64_t i = 0; i < g.numel; i++) {
    Window window = window_at(i / ow % oh, i % ow);
    double* plane = &sums[i / (oh * ow) * h * w];
    for (int64_t iy = window.y0; iy < window.y1; iy++) {
      for (int64_t ix = window.x0; ix < window.x1; ix++) plane[iy * w + ix] += gv[i] / window.divisor;
    }
  }
  write(gx, sums);
}

}  // namespace

// The first of equal values wins, and the last NaN over everything, as in PyTorch.
void maxPool2d(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  int64_t kh = c.int_attr(0), kw = c.int_attr(1), sh = c.int_attr(2), sw = c.int_attr(3), ph = c.int_attr(4),
          pw = c.int_attr(5), dh = c.int_attr(6), dw = c.int_attr(7);
  int64_t h = x.dim(2), w = x.dim(3), oh = y.dim(2), ow = y.dim(3);
  std::vector<double> xv = read(x), yv(y.numel);
  std::vector<int64_t> indices(y.numel);
  for (int64_t i = 0; i < y.numel; i++) {
    int64_t y0 = i / ow % oh * sh - ph, x0 = i % ow * sw - pw;
    const double* plane = &xv[i / (oh * ow) * h * w];
    int64_t best = -1;
    for (int64_t iy = y0; iy < y0 + kh * dh; iy += dh) {
      for (int64_t ix = x0; ix < x0 + kw * dw; ix += dw) {
        if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
        int64_t at = iy * w + ix;
        if (best < 0 || plane[at] > plane[best] || std::isnan(plane[at])) best = at;
      }
    }
    yv[i] = plane[best];
    indices[i] = best;
  }
  write(y, yv);
  write(c.out[1], indices);
}

void maxPool2dBackward(const Call& c) {
  const TensorRef &g = c.in[0], &gx = c.out[0];
  int64_t plane = gx.dim(2) * gx.dim(3), results = g.dim(2) * g.dim(3);
  std::vector<double> gv = read(g), sums(gx.numel, 0);
  std::vector<int64_t> indices = read<int64_t>(c.in[1]);
  for (int64_t i = 0; i < g.numel; i++) {
    check_index("maxPool2dBackward", indices[i], plane);
    sums[i / results * plane + indices[i]] += gv[i];
  }
  write(gx, sums);
}

void avgPool2d(const Call& c) {
  int64_t h = c.in[0].dim(2), w = c.in[0].dim(3);
  average(c.in[0], c.out[0], [&](int64_t oy, int64_t ox) { return average_window(c, h, w, oy, ox); });
}

void avgPool2dBackward(const Call& c) {
  int64_t h = c.out[0].dim(2), w = c.out[0].dim(3);
  average_backward(c.in[0], c.out[0], [&](int64_t oy, int64_t ox) { return average_window(c, h, w, oy, ox); });
}

void adaptiveAvgPool2d(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  average(x, y,
          [&](int64_t oy, int64_t ox) { return adaptive_window(x.dim(2), x.dim(3), y.dim(2), y.dim(3), oy, ox); });
}

void adaptiveAvgPool2dBackward(const Call& c) {
  const TensorRef &g = c.in[0], &gx = c.out[0];
  average_backward(
      g, gx, [&](int64_t oy, int64_t ox) { return adaptive_window(gx.dim(2), gx.dim(3), g.dim(2), g.dim(3), oy, ox); });
}

}  // namespace sinter::reference
