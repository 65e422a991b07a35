// groupNorm: y = (x - mean) rstd weight + bias, the statistics over the channels of a group, weight and bias a channel;
// groupNormBackward: with h = (x - mean) rstd, u = g weight and means over the group,
//   gx = rstd (u - mean(u) - h mean(u h)),  gweight = sum of g h,  gbias = sum of g.
// Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   x, g, y, gx (n, c, ...) contiguous, f32 f64 bf16 f16; weight?, bias? (c); mean, rstd (n, groups) in the compute type.
// A group is c / groups runs of s contiguous elements, s the product of the spatial dimensions.
#include "cpu/norm/moments.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

struct Groups {
  int64_t rows, c, channels, s;  // rows: n * groups; c: all channels; channels: of a group

  Groups(const TensorRef& x, const TensorRef& mean)
      : rows(mean.numel), c(x.dims[1]), channels(c / std::max<int64_t>(mean.dims[1], 1)), s(1) {
    for (int i = 2; i < x.rank; i++) s *= x.dims[i];
  }
  int64_t length() const { return channels * s; }
  // The first channel of a row's group.
  int64_t first(int64_t row) const { return row * channels % std::max<int64_t>(c, 1); }
};

template <class T>
void group_norm(const Call& c) {
  using C = Compute<T>;
  const Groups gr(c.in[0], c.out[1]);
  const T* x = c.in[0].as<T>();
  const C *weight = as_compute<C>(c, c.opt(1)), *bias = as_compute<C>(c, c.opt(2));
  T* y = c.out[0].as<T>();
  C *mean = c.out[1].as<C>(), *rstd = c.out[2].as<C>();
  const double eps = c.attr[0];
  const int64_t n = gr.length();
  const bool stream = streams(y, gr.rows * n);
  parallel_for(gr.rows, grain_of(n), [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const T* row = x + r * n;
      const Moments moments = run_moments(row, n);
      const C m = static_cast<C>(moments.mean), s = static_cast<C>(moments.rstd(eps));
      mean[r] = m;
      rstd[r] = s;
      for (int64_t k = 0; k < gr.channels; k++) {
        const int64_t channel = gr.first(r) + k;
        const C scale = weight ? s * weight[channel] : s, shift = bias ? bias[channel] : C(0);
        const T* run = row + k * gr.s;
        write_row(y + r * n + k * gr.s, gr.s, stream,
                  [&](int64_t i, auto part) { return (get(part, run + i) - m) * scale + shift; });
      }
    }
    end_streaming(stream);
  });
}

template <class T>
void group_norm_backward(const Call& c) {
  using C = Compute<T>;
  const Groups gr(c.in[1], c.in[2]);
  const T *g = c.in[0].as<T>(), *x = c.in[1].as<T>();
  const C *mean = c.in[2].as<C>(), *rstd = c.in[3].as<C>(), *weight = as_compute<C>(c, c.opt(4));
  T* gx = c.out[0].as<T>();
  const int64_t n = gr.length(), rows = gr.rows;
  // For each channel of each sample: the sums of g and of g (x - mean).
  double* sums = c.scratch_of<double>(2 * rows * gr.channels);
  const bool stream = streams(gx, rows * n);
  parallel_for(rows, grain_of(n), [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const C m = mean[r], s = rstd[r];
      double total = 0, product = 0;
      for (int64_t k = 0; k < gr.channels; k++) {
        const T *gk = g + r * n + k * gr.s, *xk = x + r * n + k * gr.s;
        double part_sums[2];
        row_sums<T, 2>(gr.s, part_sums, [&](int64_t i, auto part, Vec<C>(&v)[2]) {
          v[0] = get(part, gk + i);
          v[1] = v[0] * (get(part, xk + i) - m);
        });
        double* kept = sums + 2 * (r * gr.channels + k);
        kept[0] = part_sums[0], kept[1] = part_sums[1];
        const double w = weight ? weight[gr.first(r) + k] : 1;
        total += w * part_sums[0], product += w * part_sums[1];
      }
      const double rs = s, count = static_cast<double>(n);
      const C slope = static_cast<C>(rs * rs * rs * product / count), offset = static_cast<C>(total / count);
      for (int64_t k = 0; k < gr.channels; k++) {
        const C w = weight ? weight[gr.first(r) + k] : C(1);
        const T *gk = g + r * n + k * gr.s, *xk = x + r * n + k * gr.s;
        write_row(gx + r * n + k * gr.s, gr.s, stream, [&](int64_t i, auto part) {
          return (get(part, gk + i) * w - offset) * s - (get(part, xk + i) - m) * slope;
        });
      }
    }
    end_streaming(stream);
  });
  const int64_t groups = gr.c / std::max<int64_t>(gr.channels, 1), samples = groups ? rows / groups : 0;
  const TensorRef &gweight = c.out[1], &gbias = c.out[2];
  for (int64_t k = 0; k < gr.c; k++) {
    double w = 0, b = 0;
    for (int64_t i = 0; i < samples; i++) {
      const double* kept = sums + 2 * (i * gr.c + k);
      b += kept[0];
      w += kept[1] * static_cast<double>(rstd[i * groups + k / gr.channels]);
    }
    write_any(gweight, k, w);
    write_any(gbias, k, b);
  }
}

}  // namespace

void groupNorm(const Call& c) {
  with_floating(c.in[0].dtype, "groupNorm", [&](auto t) { group_norm<decltype(t)>(c); });
}

void groupNormBackward(const Call& c) {
  with_floating(c.in[1].dtype, "groupNormBackward", [&](auto t) { group_norm_backward<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
