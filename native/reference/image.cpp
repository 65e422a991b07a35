// Reference backend: images warped, recoloured and equalized. Definitions: torch.nn.functional.grid_sample of affine_grid,
// torchvision.transforms.v2.functional, PIL.ImageOps.equalize.
#include <array>

#include "reference/sampling.h"

namespace sinter::reference {
namespace {

struct Warp : Sampling {
  int64_t n, channels, h, w, oh, ow, rows;
  std::vector<double> matrix;

  Warp(const Call& c, const TensorRef& image, const TensorRef& warped)
      : Sampling(c), n(image.dim(0)), channels(image.dim(1)), h(image.dim(2)), w(image.dim(3)), oh(warped.dim(2)),
        ow(warped.dim(3)), rows(c.in[1].dim(1)), matrix(read(c.in[1])) {}

  double coordinate(int64_t i, int64_t size) const {
    if (align) return size > 1 ? 2.0 * i / (size - 1) - 1 : 0;
    return (2.0 * i + 1) / size - 1;
  }

  // visit(pixel of the result, pixel of the image or -1, weight)
  template <class Visit>
  void each(int64_t sample, Visit visit) const {
    const double* m = &matrix[sample * rows * 3];
    for (int64_t j = 0; j < oh; j++)
      for (int64_t i = 0; i < ow; i++) {
        double u = coordinate(i, ow), v = coordinate(j, oh);
        double d = rows == 3 ? m[6] * u + m[7] * v + m[8] : 1;
        std::vector<Tap> x = taps((m[0] * u + m[1] * v + m[2]) / d, w), y = taps((m[3] * u + m[4] * v + m[5]) / d, h);
        if (x.empty() || y.empty()) visit(j * ow + i, -1, 1);
        for (const Tap& b : y)
          for (const Tap& a : x) visit(j * ow + i, a.at < 0 || b.at < 0 ? -1 : b.at * w + a.at, a.weight * b.weight);
      }
  }
};

// A byte is rounded to the nearest, ties to even; the conversion saturates.
double kept_by(DType dtype, double x) { return dtype == DType::u8 ? std::nearbyint(x) : x; }

using Colour = std::array<double, 3>;

double gray_of(const Colour& x) { return 0.2989 * x[0] + 0.587 * x[1] + 0.114 * x[2]; }

Colour to_hsv(const Colour& x) {
  double most = std::max({x[0], x[1], x[2]}), range = most - std::min({x[0], x[1], x[2]}), h = 0;
  for (double v : x)
    if (std::isnan(v)) return {v, v, v};
  if (range != 0) {
    double r = (most - x[0]) / range, g = (most - x[1]) / range, b = (most - x[2]) / range;
    h = most == x[0] ? b - g : most == x[1] ? 2 + r - b : 4 + g - r;
  }
  h = h / 6 + 1;
  return {h - std::floor(h), range == 0 ? 0 : range / most, most};
}

Colour from_hsv(const Colour& x) {
  double six = x[0] * 6, whole = std::floor(six), f = six - whole, s = x[1], v = x[2];
  auto share = [&](double y) { return std::clamp(y * v, 0.0, 1.0); };
  double p = share(1 - s), q = share(1 - s * f), t = share(s * f + 1 - s);
  Colour all[6] = {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}};
  return all[static_cast<int64_t>(whole - 6 * std::floor(whole / 6))];
}

}  // namespace

// x (n, c, h, w), matrix (n, 2 or 3, 3), fill? (n, c) -> y (n, c, oh, ow)
void warp(const Call& c) {
  Warp g(c, c.in[0], c.out[0]);
  std::vector<double> x = read(c.in[0]), fill = read_or(c.opt(2), g.n * g.channels, 0), y(c.out[0].numel, 0);
  for (int64_t s = 0; s < g.n; s++)
    g.each(s, [&](int64_t to, int64_t from, double weight) {
      for (int64_t k = s * g.channels; k < (s + 1) * g.channels; k++)
        y[k * g.oh * g.ow + to] += weight * (from < 0 ? fill[k] : x[k * g.h * g.w + from]);
    });
  for (double& v : y) v = kept_by(c.out[0].dtype, v);
  write(c.out[0], y);
}

// g (n, c, oh, ow), matrix -> gx (n, c, h, w)
void warpTransposed(const Call& c) {
  Warp g(c, c.out[0], c.in[0]);
  std::vector<double> x = read(c.in[0]), y(c.out[0].numel, 0);
  for (int64_t s = 0; s < g.n; s++)
    g.each(s, [&](int64_t from, int64_t to, double weight) {
      for (int64_t k = s * g.channels; to >= 0 && k < (s + 1) * g.channels; k++)
        y[k * g.h * g.w + to] += weight * x[k * g.oh * g.ow + from];
    });
  write(c.out[0], y);
}

// x (n, c, h, w), factors (n, steps) -> y (n, c or 1, h, w) {step, ...}
void recolor(const Call& c) {
  enum { kBrightness, kContrast, kSaturation, kHue, kToHsv, kFromHsv, kGray };
  const TensorRef& out = c.out[0];
  int64_t n = c.in[0].dim(0), channels = c.in[0].dim(1), plane = c.in[0].dim(2) * c.in[0].dim(3), steps = c.nattr;
  bool bytes = c.in[0].dtype == DType::u8;
  double top = bytes ? 255 : 1;
  std::vector<double> x = read(c.in[0]), factors = read(c.in[1]), y(out.numel, 0);
  // As in the kernel: what misses a whole number by less than 2^-12 counts as it.
  auto kept = [&](double v) { return bytes ? std::floor(v + std::ldexp(1, -12)) : v; };
  auto gray = [&](const Colour& p) { return channels == 3 ? kept(gray_of(p)) : p[0]; };
  for (int64_t image = 0; image < n; image++) {
    std::vector<Colour> pixels(plane);
    for (int64_t i = 0; i < plane; i++)
      for (int64_t k = 0; k < 3; k++) pixels[i][k] = x[(image * channels + (channels == 3 ? k : 0)) * plane + i];
    for (int64_t s = 0; s < steps; s++) {
      double f = factors[image * steps + s], mean = 0;
      for (const Colour& p : pixels) mean += gray(p) / plane;
      for (Colour& p : pixels) {
        auto blend = [&](double other) {
          for (double& v : p) v = kept(std::clamp(v * f + other * (1 - f), 0.0, top));
        };
        switch (static_cast<int>(c.attr[s])) {
          case kBrightness: blend(0); break;
          case kContrast: blend(mean); break;
          case kSaturation: blend(gray(p)); break;
          case kHue: {
            Colour hsv = to_hsv({p[0] / top, p[1] / top, p[2] / top});
            hsv[0] += f - std::floor(hsv[0] + f);
            p = from_hsv(hsv);
            for (double& v : p) v = kept(v * (bytes ? 255.999 : 1));
            break;
          }
          case kToHsv: p = to_hsv(p); break;
          case kFromHsv: p = from_hsv(p); break;
          default: p[0] = gray(p); break;
        }
      }
    }
    for (int64_t k = 0; k < out.dim(1); k++)
      for (int64_t i = 0; i < plane; i++) y[(image * out.dim(1) + k) * plane + i] = pixels[i][k];
  }
  write(out, y);
}

// x (planes, m), table (planes, 256) -> y (planes, m), bytes
void lookup(const Call& c) {
  std::vector<int64_t> x = read<int64_t>(c.in[0]), table = read<int64_t>(c.in[1]), y;
  int64_t m = c.in[0].dim(1);
  for (size_t i = 0; i < x.size(); i++) y.push_back(table[i / m * 256 + x[i]]);
  write(c.out[0], y);
}

// x (planes, m) -> table (planes, 256), bytes
void equalizing(const Call& c) {
  int64_t planes = c.in[0].dim(0), m = c.in[0].dim(1);
  std::vector<int64_t> x = read<int64_t>(c.in[0]), table;
  for (int64_t p = 0; p < planes; p++) {
    std::vector<int64_t> counts(256, 0);
    for (int64_t i = 0; i < m; i++) counts[x[p * m + i]]++;
    int64_t brightest = 255;
    while (brightest > 0 && counts[brightest] == 0) brightest--;
    int64_t step = (m - counts[brightest]) / 255, sum = step / 2;
    for (int64_t k = 0; k < 256; sum += counts[k++])
      table.push_back(step == 0 ? k : std::min<int64_t>(255, sum / step));
  }
  write(c.out[0], table);
}

}  // namespace sinter::reference
