// Reference backend: convolution (cross-correlation, as in PyTorch) over one to three spatial dimensions and its two
// gradients, which walk the same index space, each adding up one of y, gx and gw; sliding windows as columns and back.
#include <array>

#include "reference/activation.h"
#include "reference/elements.h"

namespace sinter::reference {
namespace {

using Triple = std::array<int64_t, 3>;

// The spatial dimensions, with ones before them where there are fewer than three.
Triple spatial(const TensorRef& t) {
  Triple sizes = {1, 1, 1};
  for (int i = 2; i < t.rank; i++) sizes[3 - t.rank + i] = t.dim(i);
  return sizes;
}

int64_t product(const Triple& sizes) { return sizes[0] * sizes[1] * sizes[2]; }

// visit(place in row-major order, coordinates) for every place of a box.
template <class Visit>
void for_each_place(const Triple& sizes, Visit visit) {
  int64_t i = 0;
  for (int64_t z = 0; z < sizes[0]; z++) {
    for (int64_t y = 0; y < sizes[1]; y++) {
      for (int64_t x = 0; x < sizes[2]; x++) visit(i++, Triple{z, y, x});
    }
  }
}

// Shapes: x (n, c, ...), w (o, c / groups, ...), y (n, o, ...).
struct Conv {
  int64_t n, c, o, groups;
  Triple in, kernel, out, stride = {1, 1, 1}, padding = {0, 0, 0}, dilation = {1, 1, 1};

  Conv(const Call& call, const TensorRef& x, const TensorRef& weight, const TensorRef& y)
      : n(x.dim(0)), c(x.dim(1)), o(weight.dim(0)), groups(call.int_attr(3 * (x.rank - 2))), in(spatial(x)),
        kernel(spatial(weight)), out(spatial(y)) {
    int r = x.rank - 2;
    for (int i = 0; i < r; i++) {
      stride[3 - r + i] = call.int_attr(i);
      padding[3 - r + i] = call.int_attr(r + i);
      dilation[3 - r + i] = call.int_attr(2 * r + i);
    }
  }

  // visit(element of y, element of x, element of w) for every product that the convolution sums.
  template <class Visit>
  void for_each_product(Visit visit) const {
    int64_t c_group = c / groups, o_group = o / groups;
    for (int64_t b = 0; b < n; b++) {
      for (int64_t oc = 0; oc < o; oc++) {
        for (int64_t ic = 0; ic < c_group; ic++) {
          int64_t channel = oc / o_group * c_group + ic;
          for_each_place(out, [&](int64_t yi, const Triple& at) {
            for_each_place(kernel, [&](int64_t wi, const Triple& tap) {
              Triple from;
              for (int d = 0; d < 3; d++) {
                from[d] = at[d] * stride[d] - padding[d] + tap[d] * dilation[d];
                if (from[d] < 0 || from[d] >= in[d]) return;
              }
              int64_t xi = (from[0] * in[1] + from[1]) * in[2] + from[2];
              visit((b * o + oc) * product(out) + yi, (b * c + channel) * product(in) + xi,
                    (oc * c_group + ic) * product(kernel) + wi);
            });
          });
        }
      }
    }
  }
};

using Sums = std::vector<long double>;

std::vector<double> to_doubles(const Sums& sums) { return std::vector<double>(sums.begin(), sums.end()); }

// A bias for each element of (n, channels, places), zero where it is absent.
Sums biased(const TensorRef& bias, int64_t numel, int64_t channels, int64_t places) {
  std::vector<double> values = read_or(bias, channels, 0);
  Sums sums(numel);
  for (int64_t i = 0; i < numel; i++) sums[i] = values[i / places % channels];
  return sums;
}

// visit(element of an image's planes (n, c, h, w), element of its columns (n, c * kh * kw, columns)) for all elements of
// windows that lie inside of the image; attributes {kh, kw, dh, dw, ph, pw, sh, sw}.
template <class Visit>
void for_each_column(const Call& c, const TensorRef& image, const TensorRef& columns, Visit visit) {
  int64_t kh = c.int_attr(0), kw = c.int_attr(1), dh = c.int_attr(2), dw = c.int_attr(3), ph = c.int_attr(4),
          pw = c.int_attr(5), sh = c.int_attr(6), sw = c.int_attr(7);
  int64_t h = image.dim(2), w = image.dim(3), ow = (w + 2 * pw - dw * (kw - 1) - 1) / sw + 1;
  int64_t count = columns.dim(2);
  for (int64_t i = 0; i < columns.numel; i++) {
    int64_t column = i % count, tap = i / count % (kh * kw), plane = i / count / (kh * kw);
    int64_t y = column / ow * sh - ph + tap / kw * dh, x = column % ow * sw - pw + tap % kw * dw;
    if (y >= 0 && y < h && x >= 0 && x < w) visit((plane * h + y) * w + x, i);
  }
}

}  // namespace

void conv(const Call& c) {
  const TensorRef &x = c.in[0], &weight = c.in[1], &y = c.out[0];
  Conv conv(c, x, weight, y);
  std::vector<double> xv = read(x), wv = read(weight);
  Sums sums = biased(c.opt(2), y.numel, conv.o, product(conv.out));
  conv.for_each_product(
      [&](int64_t yi, int64_t xi, int64_t wi) { sums[yi] += static_cast<long double>(xv[xi]) * wv[wi]; });
  std::vector<double> values = to_doubles(sums), residual = read_or(c.opt(3), y.numel, 0);
  int activation = 3 * (x.rank - 2) + 2;  // an attribute that may be absent
  for (int64_t i = 0; i < y.numel; i++)
    values[i] = activated(activation < c.nattr ? c.int_attr(activation) : 0, values[i] + residual[i]);
  write(y, values);
}

void convChannelsLast(const Call& c) {
  const TensorRef &x = c.in[0], &w = c.in[1], &y = c.out[0];
  int64_t taps = w.dim(2) * w.dim(3), channels = x.dim(3), outputs = y.dim(3);
  std::vector<double> xv = read(x), wv = read(w), residual = read_or(c.opt(3), y.numel, 0), values(y.numel);
  std::vector<double> bias = read_or(c.opt(2), outputs, 0);
  int64_t sy = c.int_attr(0), sx = c.int_attr(1), py = c.int_attr(2), px = c.int_attr(3), dy = c.int_attr(4),
          dx = c.int_attr(5);
  for (int64_t i = 0; i < y.numel; i++) {
    int64_t o = i % outputs, left = i / outputs % y.dim(2) * sx - px, top = i / outputs / y.dim(2) % y.dim(1) * sy - py;
    int64_t image = i / outputs / y.dim(2) / y.dim(1);
    long double sum = bias[o];
    for (int64_t t = 0; t < taps; t++) {
      int64_t row = top + t / w.dim(3) * dy, column = left + t % w.dim(3) * dx;
      if (row < 0 || row >= x.dim(1) || column < 0 || column >= x.dim(2)) continue;
      for (int64_t ch = 0; ch < channels; ch++)
        sum += static_cast<long double>(xv[((image * x.dim(1) + row) * x.dim(2) + column) * channels + ch]) *
               wv[(o * channels + ch) * taps + t];
    }
    values[i] = activated(c.nattr > 8 ? c.int_attr(8) : 0, static_cast<double>(sum) + residual[i]);
  }
  write(y, values);
}

void convInputGrad(const Call& c) {
  const TensorRef &g = c.in[0], &weight = c.in[1], &gx = c.out[0];
  Conv conv(c, gx, weight, g);
  std::vector<double> gv = read(g), wv = read(weight);
  Sums sums = biased(c.opt(2), gx.numel, conv.c, product(conv.in));
  conv.for_each_product(
      [&](int64_t yi, int64_t xi, int64_t wi) { sums[xi] += static_cast<long double>(gv[yi]) * wv[wi]; });
  write(gx, to_doubles(sums));
}

void convWeightGrad(const Call& c) {
  const TensorRef &g = c.in[0], &x = c.in[1], &gw = c.out[0], &gb = c.out[1];
  Conv conv(c, x, gw, g);
  std::vector<double> gv = read(g), xv = read(x);
  Sums sums(gw.numel, 0), bias_sums(conv.o, 0);
  conv.for_each_product(
      [&](int64_t yi, int64_t xi, int64_t wi) { sums[wi] += static_cast<long double>(gv[yi]) * xv[xi]; });
  for (int64_t i = 0; i < g.numel; i++) bias_sums[i / product(conv.out) % conv.o] += gv[i];
  write(gw, to_doubles(sums));
  write(gb, to_doubles(bias_sums));
}

void unfold(const Call& c) {
  std::vector<double> image = read(c.in[0]), columns(c.out[0].numel, 0);
  for_each_column(c, c.in[0], c.out[0], [&](int64_t at, int64_t i) { columns[i] = image[at]; });
  write(c.out[0], columns);
}

void fold(const Call& c) {
  std::vector<double> columns = read(c.in[0]), image(c.out[0].numel, 0);
  for_each_column(c, c.out[0], c.in[0], [&](int64_t at, int64_t i) { image[at] += columns[i]; });
  write(c.out[0], image);
}

}  // namespace sinter::reference
