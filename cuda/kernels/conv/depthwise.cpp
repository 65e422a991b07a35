// Depthwise convolution. Place in the whole: host side of conv_depthwise.cu; conv.cpp asks here first.
#include "cuda/kernels/conv/depthwise.h"

#include <algorithm>
#include <limits>

#include "cpu/rounding.h"
#include "cuda/kernels/conv/layout.h"
#include "cuda/kernels/walk.h"

namespace sinter::cuda {

extern const Image image_conv_depthwise;

namespace {

#define SINTER_DEPTHWISE(type)                            \
  {{image_conv_depthwise, "conv_depthwise_" type "_any"}, \
   {image_conv_depthwise, "conv_depthwise_" type "_3"},   \
   {image_conv_depthwise, "conv_depthwise_" type "_5"},   \
   {image_conv_depthwise, "conv_depthwise_" type "_7"}}
#define SINTER_DEPTHWISE_WEIGHTS(type)                          \
  {{image_conv_depthwise, "conv_depthwise_weights_" type "_3"}, \
   {image_conv_depthwise, "conv_depthwise_weights_" type "_7"}}
// By dtype: f32, bf16, f16.
constinit Kernel kernels[3][4] = {SINTER_DEPTHWISE("f32"), SINTER_DEPTHWISE("bf16"), SINTER_DEPTHWISE("f16")};
constinit Kernel weight_kernels[3][2] = {SINTER_DEPTHWISE_WEIGHTS("f32"), SINTER_DEPTHWISE_WEIGHTS("bf16"),
                                         SINTER_DEPTHWISE_WEIGHTS("f16")};
#undef SINTER_DEPTHWISE
#undef SINTER_DEPTHWISE_WEIGHTS

constexpr int64_t kMost = std::numeric_limits<int32_t>::max();

int index_of(DType dtype) { return dtype == DType::f32 ? 0 : dtype == DType::bf16 ? 1 : 2; }
Divisor divisor(int64_t n) { return divisor_of(static_cast<uint32_t>(n)); }
int32_t narrow(int64_t n) { return static_cast<int32_t>(n); }

// One channel to one or several, in planes that 32 bits count.
bool fits(const ConvGeometry& g) {
  const ConvAxis& depth = g.axis[0];
  if (!g.depthwise() || g.last || g.dtype == DType::f64) return false;
  if (depth.kernel != 1 || depth.stride != 1 || depth.padding != 0 || depth.in != 1 || depth.out != 1) return false;
  for (const ConvAxis& a : g.axis)
    if (std::max({a.in, a.out, a.padding, a.stride, a.dilation * a.kernel}) > kMost / 4) return false;
  return g.images * g.outputs * std::max(g.places_in(), g.places_out()) <= kMost / 2;
}

ConvDepthwise shared_by_both(const ConvGeometry& g, const void* source, const void* w, const ConvEpilogue& then,
                             void* y, int64_t height, int64_t width, int64_t channels) {
  ConvDepthwise c{};
  c.source = source, c.w = w, c.y = y;
  c.bias = then.bias, c.residual = then.residual, c.activation = then.activation;
  const int64_t runs = ceil_div(width, kDepthwiseRun);
  c.runs = divisor(runs), c.height = divisor(height), c.channels = divisor(channels);
  c.width = narrow(width);
  c.total = static_cast<uint32_t>(g.images * channels * height * runs);
  const uint64_t places = reinterpret_cast<uintptr_t>(y) | reinterpret_cast<uintptr_t>(then.residual);
  c.packs = width % kDepthwiseRun == 0 && places % (kDepthwiseRun * dtype_size(g.dtype)) == 0;
  for (int d = 0; d < 2; d++) {
    const ConvAxis& a = g.axis[d + 1];
    c.stride[d] = divisor(a.stride);
    c.padding[d] = narrow(a.padding), c.dilation[d] = narrow(a.dilation), c.kernel[d] = narrow(a.kernel);
  }
  return c;
}

void run(const Call& call, const ConvGeometry& g, const ConvDepthwise& c) {
  const int32_t width = c.kernel[1];
  const bool shares =
      !c.backward && c.stride[1].value == 1 && c.dilation[1] == 1 && (width == 3 || width == 5 || width == 7);
  launch(call, kernels[index_of(g.dtype)][shares ? width / 2 : 0], Dim(ceil_div(c.total, kDepthwiseThreads)),
         Dim(kDepthwiseThreads), 0, c);
}

}  // namespace

bool depthwise_conv(const Call& call, const ConvGeometry& g, const void* x, const void* w, const ConvEpilogue& then,
                    void* y) {
  if (!fits(g)) return false;
  ConvDepthwise c = shared_by_both(g, x, w, then, y, g.axis[1].out, g.axis[2].out, g.outputs);
  c.multiplier = divisor(g.outputs_group());
  for (int d = 0; d < 2; d++) c.source_size[d] = narrow(g.axis[d + 1].in);
  run(call, g, c);
  return true;
}

bool depthwise_input_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* w,
                          const ConvEpilogue& then, void* gx) {
  if (!fits(g) || g.outputs_group() != 1) return false;
  ConvDepthwise c = shared_by_both(g, gy, w, then, gx, g.axis[1].in, g.axis[2].in, g.channels);
  c.multiplier = divisor(1);
  for (int d = 0; d < 2; d++) c.source_size[d] = narrow(g.axis[d + 1].out);
  // Without strides it is a convolution of g, by the weights from the last to the first.
  c.backward = c.stride[0].value > 1 || c.stride[1].value > 1 || c.dilation[1] > 1 || c.kernel[1] % 2 == 0 ||
               c.kernel[1] > 7 || c.kernel[1] < 3;
  if (!c.backward) {
    c.flipped = 1;
    for (int d = 0; d < 2; d++) c.padding[d] = c.dilation[d] * (c.kernel[d] - 1) - c.padding[d];
  }
  run(call, g, c);
  return true;
}

bool depthwise_weight_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* x, void* gw) {
  const int64_t most = std::max(g.axis[1].kernel, g.axis[2].kernel), pixels = g.images * g.places_out();
  if (!fits(g) || most > 7 || pixels == 0) return false;
  ConvDepthwiseWeights c{};
  c.g = gy, c.x = x;
  c.outputs = divisor(g.outputs), c.width = divisor(g.axis[2].out), c.height = divisor(g.axis[1].out);
  c.channels = narrow(g.channels), c.multiplier = narrow(g.outputs_group());
  for (int d = 0; d < 2; d++) {
    const ConvAxis& a = g.axis[d + 1];
    c.stride[d] = narrow(a.stride), c.padding[d] = narrow(a.padding), c.dilation[d] = narrow(a.dilation);
    c.kernel[d] = narrow(a.kernel), c.x_size[d] = narrow(a.in);
  }
  // Some blocks a multiprocessor, each of which has some rounds of pixels.
  const int64_t wanted = ceil_div(8 * std::max(1, device_of(call).multiprocessors), g.outputs);
  const int64_t parts = std::clamp<int64_t>(wanted, 1, ceil_div(pixels, 8 * kDepthwiseThreads));
  c.pixels = static_cast<uint32_t>(pixels);
  c.part_pixels = static_cast<uint32_t>(ceil_div(pixels, parts));
  const int64_t count = ceil_div(pixels, c.part_pixels);
  c.partial = call.scratch(static_cast<size_t>(count * g.outputs * g.taps()) * sizeof(float));
  launch(call, weight_kernels[index_of(g.dtype)][most <= 3 ? 0 : 1], Dim(g.outputs * count), Dim(kDepthwiseThreads), 0,
         c);
  finish_weight_parts(call, g, c.partial, count, 1, gw);
  return true;
}

}  // namespace sinter::cuda
