// Reference backend: two-dimensional convolution (cross-correlation, as in PyTorch) and its two gradients. All three
// walk the same index space; each adds up one of y, gx and gw.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

// Shapes: x (n, c, h, w), w (o, c / groups, kh, kw), y (n, o, oh, ow).
struct Conv {
  int64_t n, c, h, w, o, kh, kw, oh, ow;
  int64_t sh, sw, ph, pw, dh, dw, groups;

  Conv(const Call& call, const TensorRef& x, const TensorRef& weight, const TensorRef& y)
      : n(x.dim(0)), c(x.dim(1)), h(x.dim(2)), w(x.dim(3)), o(weight.dim(0)), kh(weight.dim(2)), kw(weight.dim(3)),
        oh(y.dim(2)), ow(y.dim(3)), sh(call.int_attr(0)), sw(call.int_attr(1)), ph(call.int_attr(2)),
        pw(call.int_attr(3)), dh(call.int_attr(4)), dw(call.int_attr(5)), groups(call.int_attr(6)) {}

  // visit(element of y, element of x, element of w) for every product that the convolution sums.
  template <class Visit>
  void for_each_product(Visit visit) const {
    int64_t c_group = c / groups, o_group = o / groups;
    for (int64_t b = 0; b < n; b++) {
      for (int64_t oc = 0; oc < o; oc++) {
        for (int64_t oy = 0; oy < oh; oy++) {
          for (int64_t ox = 0; ox < ow; ox++) {
            for (int64_t ic = 0; ic < c_group; ic++) {
              for (int64_t ky = 0; ky < kh; ky++) {
                for (int64_t kx = 0; kx < kw; kx++) {
                  int64_t iy = oy * sh - ph + ky * dh, ix = ox * sw - pw + kx * dw;
                  if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
                  int64_t channel = oc / o_group * c_group + ic;
                  visit(((b * o + oc) * oh + oy) * ow + ox, ((b * c + channel) * h + iy) * w + ix,
                        ((oc * c_group + ic) * kh + ky) * kw + kx);
                }
              }
            }
          }
        }
      }
    }
  }
};

using Sums = std::vector<long double>;

std::vector<double> to_doubles(const Sums& sums) { return std::vector<double>(sums.begin(), sums.end()); }

}  // namespace

void conv2d(const Call& c) {
  const TensorRef &x = c.in[0], &weight = c.in[1], &y = c.out[0];
  Conv conv(c, x, weight, y);
  std::vector<double> xv = read(x), wv = read(weight), bias = read_or(c.opt(2), conv.o, 0);
  Sums sums(y.numel);
  for (int64_t i = 0; i < y.numel; i++) sums[i] = bias[i / (conv.oh * conv.ow) % conv.o];
  conv.for_each_product(
      [&](int64_t yi, int64_t xi, int64_t wi) { sums[yi] += static_cast<long double>(xv[xi]) * wv[wi]; });
  write(y, to_doubles(sums));
}

void conv2dInputGrad(const Call& c) {
  const TensorRef &g = c.in[0], &weight = c.in[1], &gx = c.out[0];
  Conv conv(c, gx, weight, g);
  std::vector<double> gv = read(g), wv = read(weight);
  Sums sums(gx.numel, 0);
  conv.for_each_product(
      [&](int64_t yi, int64_t xi, int64_t wi) { sums[xi] += static_cast<long double>(gv[yi]) * wv[wi]; });
  write(gx, to_doubles(sums));
}

void conv2dWeightGrad(const Call& c) {
  const TensorRef &g = c.in[0], &x = c.in[1], &gw = c.out[0], &gb = c.out[1];
  Conv conv(c, x, gw, g);
  std::vector<double> gv = read(g), xv = read(x);
  Sums sums(gw.numel, 0), bias_sums(conv.o, 0);
  conv.for_each_product(
      [&](int64_t yi, int64_t xi, int64_t wi) { sums[wi] += static_cast<long double>(gv[yi]) * xv[xi]; });
  for (int64_t i = 0; i < g.numel; i++) bias_sums[i / (conv.oh * conv.ow) % conv.o] += gv[i];
  write(gw, to_doubles(sums));
  write(gb, to_doubles(bias_sums));
}

}  // namespace sinter::reference
