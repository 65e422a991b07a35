// Reference backend: an image read where a grid points. Definition: torch.nn.functional.grid_sample.
#include "reference/sampling.h"

namespace sinter::reference {
namespace {

struct Grid : Sampling {
  int64_t axes, n, channels, positions, size[3], plane;

  Grid(const Call& c, const TensorRef& x, const TensorRef& grid)
      : Sampling(c), axes(grid.dim(-1)), n(x.dim(0)), channels(x.dim(1)),
        positions(grid.dim(1) * grid.dim(2) * grid.dim(3)), size{x.dim(4), x.dim(3), x.dim(2)},
        plane(x.dim(2) * x.dim(3) * x.dim(4)) {}

  // visit(element of a plane, weight, slopes) for every tap of a position that lies inside.
  template <class Visit>
  void each(const double* coordinates, Visit visit) const {
    std::vector<Tap> x = taps(coordinates[0], size[0]), y = taps(coordinates[1], size[1]);
    std::vector<Tap> z = axes == 3 ? taps(coordinates[2], size[2]) : std::vector<Tap>{{0, 1, 0}};
    for (const Tap& c : z)
      for (const Tap& b : y)
        for (const Tap& a : x) {
          if (a.at < 0 || b.at < 0 || c.at < 0) continue;
          double slopes[3] = {a.slope * b.weight * c.weight, a.weight * b.slope * c.weight,
                              a.weight * b.weight * c.slope};
          visit((c.at * size[1] + b.at) * size[0] + a.at, a.weight * b.weight * c.weight, slopes);
        }
  }
};

}  // namespace

// x (n, c, d, h, w), grid (n, od, oh, ow, k) -> y (n, c, od, oh, ow)
void gridSample(const Call& c) {
  Grid g(c, c.in[0], c.in[1]);
  std::vector<double> x = read(c.in[0]), grid = read(c.in[1]), y(c.out[0].numel, 0);
  for (int64_t n = 0; g.plane > 0 && n < g.n; n++)
    for (int64_t p = 0; p < g.positions; p++)
      g.each(&grid[(n * g.positions + p) * g.axes], [&](int64_t at, double weight, const double*) {
        for (int64_t k = n * g.channels; k < (n + 1) * g.channels; k++)
          y[k * g.positions + p] += weight * x[k * g.plane + at];
      });
  write(c.out[0], y);
}

// g, x, grid -> gx, ggrid
void gridSampleBackward(const Call& c) {
  Grid g(c, c.in[1], c.in[2]);
  std::vector<double> gy = read(c.in[0]), x = read(c.in[1]), grid = read(c.in[2]);
  std::vector<double> gx(x.size(), 0), ggrid(grid.size(), 0);
  for (int64_t n = 0; g.plane > 0 && n < g.n; n++)
    for (int64_t p = 0; p < g.positions; p++) {
      int64_t start = (n * g.positions + p) * g.axes;
      g.each(&grid[start], [&](int64_t at, double weight, const double* slopes) {
        for (int64_t k = n * g.channels; k < (n + 1) * g.channels; k++) {
          gx[k * g.plane + at] += weight * gy[k * g.positions + p];
          for (int64_t a = 0; a < g.axes; a++)
            ggrid[start + a] += slopes[a] * x[k * g.plane + at] * gy[k * g.positions + p];
        }
      });
    }
  write(c.out[0], gx);
  write(c.out[1], ggrid);
}

}  // namespace sinter::reference
