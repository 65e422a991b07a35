// Convolution as matrix products on gathered tiles. Place in the whole: host side of implicit.cuh: says what meets what, and launches.
#include "cuda/kernels/conv/implicit.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "cpu/rounding.h"
#include "cuda/kernels/conv/layout.h"
#include "cuda/kernels/conv/tiles.h"
#include "cuda/kernels/gemm/gemm.h"
#include "cuda/kernels/walk.h"

namespace sinter::cuda {

namespace {

constexpr int64_t kMost = std::numeric_limits<int32_t>::max();

bool aligned(const void* data, int64_t bytes) { return reinterpret_cast<uintptr_t>(data) % bytes == 0; }
int32_t narrow(int64_t n) { return static_cast<int32_t>(n); }

// Whether 32 bits count pixels, taps and channels.
bool counts(const ConvGeometry& g) {
  int64_t taps = 0;
  for (const ConvAxis& a : g.axis) {
    taps += a.kernel;
    if (std::max({a.in, a.out, a.padding, a.stride, a.dilation * a.kernel}) > kMost / 4) return false;
  }
  const int64_t deepest =
      std::max(padded_channels(g.channels_group(), g.dtype), padded_channels(g.outputs_group(), g.dtype));
  return taps <= kConvTaps && g.images * g.places_in() <= kMost / 2 && g.images * g.places_out() <= kMost / 2 &&
         g.taps() * deepest <= kMost / 2 && std::max(g.channels, g.outputs) <= kMost / 2;
}

ConvGrid forward_axis(const ConvAxis& a) {
  ConvGrid grid{};
  grid.grid = divisor_of(static_cast<uint32_t>(a.out));
  grid.size = narrow(a.out), grid.source = narrow(a.in);
  grid.step = narrow(a.stride), grid.tap_step = narrow(a.dilation);
  grid.weight_step = 1, grid.kernel = narrow(a.kernel), grid.classes = 1;
  grid.of[0] = {narrow(-a.padding), 0, static_cast<int16_t>(a.kernel)};
  return grid;
}

// Position i meets output (i + padding - t * dilation) / stride through tap t, where that is whole: each residue class its own taps.
ConvGrid backward_axis(const ConvAxis& a) {
  ConvGrid grid{};
  const int64_t common = std::gcd(a.stride, a.dilation);
  grid.grid = divisor_of(static_cast<uint32_t>(ceil_div(a.in, a.stride)));
  grid.size = narrow(a.in), grid.source = narrow(a.out);
  grid.step = 1, grid.tap_step = narrow(-a.dilation / common);
  grid.weight_step = narrow(a.stride / common), grid.kernel = narrow(a.kernel), grid.classes = narrow(a.stride);
  for (int64_t r = 0; r < a.stride; r++) {
    ConvClass& of = grid.of[r];
    for (int64_t t = 0; t < a.kernel; t++) {
      const int64_t reach = r + a.padding - t * a.dilation;
      if (reach % a.stride != 0) continue;
      if (of.taps++ == 0) of.first = static_cast<int16_t>(t), of.base = narrow(reach / a.stride);
    }
  }
  return grid;
}

// How the result lies: (images, channels, places), or channels-last.
void set_result(ConvTiles& c, const ConvGeometry& g, void* y, const void* residual, int64_t channels,
                int64_t ConvAxis::* size) {
  const int64_t h = g.axis[1].*size, w = g.axis[2].*size, places = g.axis[0].*size * h * w;
  const int64_t place = g.last ? channels : 1;
  c.y = y;
  c.total = g.images * places * channels;
  c.y_image = places * channels, c.y_channel = g.last ? 1 : places;
  c.y_stride[0] = h * w * place, c.y_stride[1] = w * place, c.y_stride[2] = place;
  c.y_places = divisor_of(static_cast<uint32_t>(places));
  c.last = g.last;
  const int64_t pack = g.dtype == DType::f64 ? 2 : 4, bytes = pack * static_cast<int64_t>(dtype_size(g.dtype));
  c.packs = c.straight && (g.last ? c.rows : places) % pack == 0 && aligned(y, bytes) && aligned(residual, bytes);
}

void run(const Call& call, DType dtype, const ConvEpilogue& then, ConvTiles& c) {
  c.bias = then.bias, c.residual = then.residual, c.activation = then.activation;
  int64_t taps = 1, classes = 1;
  for (const ConvGrid& axis : c.axis) taps *= axis.kernel, classes *= axis.classes;
  const ConvChoice choice =
      choose_conv(call, {dtype, c.rows, c.pixels, ceil_div(taps, classes) * c.depth, c.groups * classes});
  c.row_tiles = narrow(choice.row_tiles), c.column_tiles = narrow(choice.column_tiles);
  // What finishes parts counts elements in 32 bits.
  c.parts = c.total <= kMost ? narrow(choice.parts) : 1;
  if (c.parts > 1) c.partial = call.scratch(static_cast<size_t>(c.parts * c.total) * (dtype == DType::f64 ? 8 : 4));
  launch(call, *choice.kernel, Dim(choice.row_tiles * choice.column_tiles * c.groups * classes * c.parts),
         Dim(choice.threads), 0, c);
  if (c.parts > 1)
    finish_parts(call, dtype, c.partial, c.parts, c.total, c.y_channel, int64_t{c.rows} * c.groups, then, c.y);
}

}  // namespace

bool implicit_conv(const Call& call, const ConvGeometry& g, const void* x, const void* w, const ConvEpilogue& then,
                   void* y) {
  if (!counts(g)) return false;
  const Turned source = turned(call, g, x, g.channels, g.places_in());
  ConvTiles c{};
  c.source = source.data, c.pixel_stride = source.stride, c.depth = narrow(source.depth);
  c.weights = arranged(call, g, w, source.depth, false);
  for (int d = 0; d < 3; d++) c.axis[d] = forward_axis(g.axis[d]);
  c.pixels = narrow(g.images * g.places_out());
  c.rows = narrow(g.outputs_group()), c.groups = narrow(g.groups);
  c.straight = 1;
  set_result(c, g, y, then.residual, g.outputs, &ConvAxis::out);
  run(call, g.dtype, then, c);
  return true;
}

bool implicit_input_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* w,
                         const ConvEpilogue& then, void* gx) {
  if (!counts(g)) return false;
  for (const ConvAxis& a : g.axis)
    if (a.stride > kConvClasses) return false;
  const Turned source = turned(call, g, gy, g.outputs, g.places_out());
  ConvTiles c{};
  c.source = source.data, c.pixel_stride = source.stride, c.depth = narrow(source.depth);
  c.weights = arranged(call, g, w, source.depth, true);
  int64_t pixels = g.images;
  c.straight = 1;
  for (int d = 0; d < 3; d++) {
    c.axis[d] = backward_axis(g.axis[d]);
    pixels *= c.axis[d].grid.value;
    if (c.axis[d].classes > 1) c.straight = 0;
  }
  c.pixels = narrow(pixels);
  c.rows = narrow(g.channels_group()), c.groups = narrow(g.groups);
  set_result(c, g, gx, then.residual, g.channels, &ConvAxis::in);
  run(call, g.dtype, then, c);
  return true;
}

bool implicit_weight_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* x, void* gw) {
  if (!counts(g)) return false;
  const Turned gt = turned(call, g, gy, g.outputs, g.places_out()), xt = turned(call, g, x, g.channels, g.places_in());
  ConvWeightTiles c{};
  c.g = gt.data, c.g_stride = gt.stride, c.g_depth = narrow(gt.depth);
  c.x = xt.data, c.x_stride = xt.stride, c.depth = divisor_of(static_cast<uint32_t>(xt.depth));
  for (int d = 0; d < 3; d++) c.axis[d] = forward_axis(g.axis[d]);
  for (int d = 0; d < 2; d++) c.kernel[d] = divisor_of(static_cast<uint32_t>(g.axis[d + 1].kernel));
  c.pixels = narrow(g.images * g.places_out());
  c.rows = narrow(g.outputs_group()), c.columns = narrow(g.taps() * xt.depth), c.groups = narrow(g.groups);
  const ConvChoice choice = choose_conv_weights(call, {g.dtype, c.rows, c.columns, c.pixels, c.groups});
  c.part_pixels = narrow(ceil_div(ceil_div(c.pixels, choice.parts), kGemmPartDepth) * kGemmPartDepth);
  c.parts = narrow(ceil_div(c.pixels, c.part_pixels));
  c.row_tiles = narrow(choice.row_tiles), c.column_tiles = narrow(choice.column_tiles);
  const int64_t sums = int64_t{c.parts} * c.groups * c.rows * c.columns;
  c.partial = call.scratch(static_cast<size_t>(sums) * (g.dtype == DType::f64 ? 8 : 4));
  launch(call, *choice.kernel, Dim(choice.row_tiles * choice.column_tiles * c.groups * c.parts), Dim(choice.threads), 0,
         c);
  finish_weight_parts(call, g, c.partial, c.parts, xt.depth, gw);
  return true;
}

}  // namespace sinter::cuda
