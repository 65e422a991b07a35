// adaptiveAvgPool2d: x (n, c, h, w) -> y (n, c, oh, ow), window i covering floor(i * h / oh) .. ceil((i + 1) * h / oh),
// and likewise along w; adaptiveAvgPool2dBackward: g (n, c, oh, ow) -> gx (n, c, h, w). Place in the whole: averages
// over a given number of windows, which may overlap by one element. A row of windows is first summed down its rows, in
// vectors, then along. f32, f64; bf16 and f16 are summed in f32.
#include <algorithm>

#include "cpu/conv/problem.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

struct Cells {
  int64_t size, cells;
  int64_t begin(int64_t i) const { return i * size / cells; }
  int64_t end(int64_t i) const { return ceil_div((i + 1) * size, cells); }
};

template <class S>
void adaptive_avg_pool(const Call& c) {
  using T = Compute<S>;
  const TensorRef &x = c.in[0], &y = c.out[0];
  int64_t h = x.dim(-2), w = x.dim(-1), oh = y.dim(-2), ow = y.dim(-1), planes = y.numel / (oh * ow);
  Cells rows{h, oh}, columns{w, ow};
  int64_t grain = std::max<int64_t>(1, 50000 / (2 * h * w + oh * (ow + w)));
  Workplaces places(c, w * sizeof(T), ceil_div(planes, grain));
  parallel_for(planes, grain, [&](int64_t begin, int64_t end) {
    int64_t place = places.claim();
    T* sums = reinterpret_cast<T*>(places.memory(place));
    for (int64_t i = begin; i < end; i++)
      for (int64_t oy = 0; oy < oh; oy++) {
        int64_t y0 = rows.begin(oy), y1 = rows.end(oy);
        const S* from = x.as<S>() + (i * h + y0) * w;
        for (int64_t j = 0; j < w; j++) sums[j] = to_compute(from[j]);
        for (int64_t r = y0 + 1; r < y1; r++) {
          from += w;
          for (int64_t j = 0; j < w; j++) sums[j] += to_compute(from[j]);
        }
        S* to = y.as<S>() + (i * oh + oy) * ow;
        for (int64_t ox = 0; ox < ow; ox++) {
          int64_t x0 = columns.begin(ox), x1 = columns.end(ox);
          T sum = 0;
          for (int64_t j = x0; j < x1; j++) sum += sums[j];
          to[ox] = narrow<S>(sum / static_cast<T>((y1 - y0) * (x1 - x0)));
        }
      }
    places.release(place);
  });
}

template <class S>
void adaptive_avg_pool_backward(const Call& c) {
  using T = Compute<S>;
  const TensorRef &g = c.in[0], &gx = c.out[0];
  int64_t h = gx.dim(-2), w = gx.dim(-1), oh = g.dim(-2), ow = g.dim(-1), planes = gx.numel / (h * w);
  Cells rows{h, oh}, columns{w, ow};
  int64_t grain = std::max<int64_t>(1, 50000 / (2 * h * w + oh * (ow + w)));
  Workplaces places(c, (w + h * w) * sizeof(T), ceil_div(planes, grain));
  parallel_for(planes, grain, [&](int64_t begin, int64_t end) {
    int64_t place = places.claim();
    T* shares = reinterpret_cast<T*>(places.memory(place));
    T* sums = shares + w;
    for (int64_t i = begin; i < end; i++) {
      std::memset(sums, 0, h * w * sizeof(T));
      for (int64_t oy = 0; oy < oh; oy++) {
        int64_t y0 = rows.begin(oy), y1 = rows.end(oy);
        const S* from = g.as<S>() + (i * oh + oy) * ow;
        std::memset(shares, 0, w * sizeof(T));
        for (int64_t ox = 0; ox < ow; ox++) {
          int64_t x0 = columns.begin(ox), x1 = columns.end(ox);
          T share = to_compute(from[ox]) / static_cast<T>((y1 - y0) * (x1 - x0));
          for (int64_t j = x0; j < x1; j++) shares[j] += share;
        }
        for (int64_t r = y0; r < y1; r++)
          for (int64_t j = 0; j < w; j++) sums[r * w + j] += shares[j];
      }
      S* to = gx.as<S>() + i * h * w;
      for (int64_t j = 0; j < h * w; j++) to[j] = narrow<S>(sums[j]);
    }
    places.release(place);
  });
}

}  // namespace

void adaptiveAvgPool2d(const Call& c) {
  const TensorRef& y = c.out[0];
  if (y.numel == 0) return;
  if (!with_float_type(y.dtype, [&](auto zero) { adaptive_avg_pool<decltype(zero)>(c); }))
    fail(ErrorCode::unsupported, "adaptiveAvgPool2d: dtype %s is not supported on cpu", dtype_name(y.dtype));
}

void adaptiveAvgPool2dBackward(const Call& c) {
  const TensorRef& gx = c.out[0];
  if (gx.numel == 0) return;
  if (c.in[0].numel == 0) {
    std::memset(gx.data, 0, gx.numel * dtype_size(gx.dtype));
    return;
  }
  if (!with_float_type(gx.dtype, [&](auto zero) { adaptive_avg_pool_backward<decltype(zero)>(c); }))
    fail(ErrorCode::unsupported, "adaptiveAvgPool2dBackward: dtype %s is not supported on cpu", dtype_name(gx.dtype));
}

}  // namespace sinter::cpu::SINTER_ISA
