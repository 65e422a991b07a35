// avgPool: x (..., spatial) -> y; avgPoolBackward: g -> gx, over one or two dimensions {kernel*r, stride*r, padding*r,
// countIncludePad, divisor}. Place in the whole: averages over fixed windows; adaptive_pool.cpp has those over a fixed
// number of windows. A window is cut at the padding's far edge, and, where the padding does not count, at the input's
// edges; it is divided by what is left, or by the divisor where one is given. f32, f64; bf16 and f16 are summed in f32.
#include "cpu/pool/sweep.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

struct AvgAttributes {
  PoolGeometry window;
  bool count_padding;
  double divisor;
  explicit AvgAttributes(const Call& c)
      : window(c, 3, 2), count_padding(c.attr[c.nattr - 2] != 0), divisor(c.attr[c.nattr - 1]) {}
  // How many elements of a window count along one axis; at least 1, so that an empty window is 0 and not NaN.
  int64_t count(int64_t position, const PoolAxis& k, int64_t size) const {
    int64_t begin = position * k.stride - k.padding, end = std::min(begin + k.kernel, size + k.padding);
    if (!count_padding) begin = std::max<int64_t>(begin, 0), end = std::min(end, size);
    return std::max<int64_t>(1, end - begin);
  }
  // What the sums of a row of windows are divided by along the height; all columns' factors of it along the width.
  template <class T>
  T rows(int64_t oy, int64_t h) const {
    return static_cast<T>(divisor != 0 ? divisor : static_cast<double>(count(oy, window.y, h)));
  }
  // Readable in whole vectors.
  template <class T>
  const T* columns(const Call& c, int64_t ow, int64_t w) const {
    T* counts = c.scratch_of<T>(ow + kLanes<T>);
    for (int64_t i = 0; i < ow + kLanes<T>; i++)
      counts[i] = i < ow && divisor == 0 ? static_cast<T>(count(i, window.x, w)) : T(1);
    return counts;
  }
};

template <class S>
void avg_pool(const Call& c, const AvgAttributes& a) {
  using T = Compute<S>;
  constexpr int kL = kLanes<T>;
  const TensorRef& y = c.out[0];
  Problem p = pool_problem(c, a.window, c.in[0], y);
  const T* columns = a.columns<T>(c, p.grid_w, p.source_w);
  sweep<S>(c, p, [&](int64_t plane, int64_t oy, const T* staged, const int64_t* offsets) {
    S* out = y.as<S>() + (plane * p.grid_h + oy) * p.grid_w;
    Vec<T> rows = splat(a.rows<T>(oy, p.source_h));
    for (int64_t ox = 0; ox < p.grid_w; ox += kL) {
      Vec<T> sum = {};
      for (int64_t t = 0; t < p.ntaps; t++) sum += load(staged + ox + offsets[t]);
      int n = static_cast<int>(std::min<int64_t>(kL, p.grid_w - ox));
      store_narrowed<S>(out + ox, sum / (rows * load(columns + ox)), n);
    }
  });
}

// Every window's share goes to a staged plane of gx (rows and columns of the padding included, columns dealt out by
// their residue modulo the stride), where the shares of a row of windows are neighbours; gx then picks its elements.
template <class S>
void avg_pool_backward(const Call& c, const AvgAttributes& a) {
  using T = Compute<S>;
  constexpr int kL = kLanes<T>;
  const TensorRef &g = c.in[0], &gx = c.out[0];
  const PoolAxis& ky = a.window.y;
  PoolAxis kx = a.window.x;
  Extent in(gx, a.window.r), out(g, a.window.r);
  int64_t h = in.h, w = in.w, oh = out.h, ow = out.w, planes = gx.numel / (h * w);
  const T* columns = a.columns<T>(c, ow, w);
  // One window takes no steps, and staged rows are as long as theirs.
  if (ow == 1) kx.stride = std::min(kx.stride, std::max(kx.kernel, w + kx.padding));
  int64_t staged_h = std::max((oh - 1) * ky.stride + ky.kernel, h + ky.padding);
  int64_t phase = std::max(ow + (kx.kernel - 1) / kx.stride, ceil_div(w + kx.padding, kx.stride));
  int64_t row_len = kx.stride * phase, size = staged_h * row_len + kL;
  int64_t grain = std::max<int64_t>(1, 100000 / (oh * ow * (ky.kernel * kx.kernel + 1) + 2 * h * w));
  Workplaces places(c, (size + ow + kL) * sizeof(T), ceil_div(planes, grain));
  parallel_for(planes, grain, [&](int64_t begin, int64_t end) {
    int64_t place = places.claim();
    T* staged = reinterpret_cast<T*>(places.memory(place));
    T* shares = staged + size;
    for (int64_t i = begin; i < end; i++) {
      std::memset(staged, 0, size * sizeof(T));
      for (int64_t oy = 0; oy < oh; oy++) {
        const S* from = g.as<S>() + (i * oh + oy) * ow;
        T rows = a.rows<T>(oy, h);
        for (int64_t ox = 0; ox < ow; ox++) shares[ox] = to_compute(from[ox]) / (rows * columns[ox]);
        for (int64_t ox = ow; ox < ow + kL; ox++) shares[ox] = 0;
        for (int64_t ty = 0; ty < ky.kernel; ty++)
          for (int64_t tx = 0; tx < kx.kernel; tx++) {
            T* to = staged + (oy * ky.stride + ty) * row_len + tx % kx.stride * phase + tx / kx.stride;
            for (int64_t ox = 0; ox < ow; ox += kL) store(to + ox, load(to + ox) + load(shares + ox));
          }
      }
      for (int64_t y = 0; y < h; y++) {
        const T* row = staged + (y + ky.padding) * row_len;
        S* to = gx.as<S>() + (i * h + y) * w;
        for (int64_t f = 0; f < kx.stride; f++) {
          int64_t first = f >= kx.padding ? 0 : ceil_div(kx.padding - f, kx.stride);
          const T* from = row + f * phase + first;
          for (int64_t x = first * kx.stride + f - kx.padding; x < w; x += kx.stride) to[x] = narrow<S>(*from++);
        }
      }
    }
    places.release(place);
  });
}

}  // namespace

void avgPool(const Call& c) {
  const TensorRef& y = c.out[0];
  if (y.numel == 0) return;
  AvgAttributes a(c);
  if (!with_float_type(y.dtype, [&](auto zero) { avg_pool<decltype(zero)>(c, a); }))
    fail(ErrorCode::unsupported, "avgPool: dtype %s is not supported on cpu", dtype_name(y.dtype));
}

void avgPoolBackward(const Call& c) {
  const TensorRef& gx = c.out[0];
  if (gx.numel == 0) return;
  if (c.in[0].numel == 0) {
    std::memset(gx.data, 0, gx.numel * dtype_size(gx.dtype));
    return;
  }
  AvgAttributes a(c);
  if (!with_float_type(gx.dtype, [&](auto zero) { avg_pool_backward<decltype(zero)>(c, a); }))
    fail(ErrorCode::unsupported, "avgPoolBackward: dtype %s is not supported on cpu", dtype_name(gx.dtype));
}

}  // namespace sinter::cpu::SINTER_ISA
