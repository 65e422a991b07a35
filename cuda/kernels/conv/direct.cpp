// Convolution one sum at a time. Place in the whole: host side of conv_direct.cu; conv.cpp takes it for thin groups, and where no tile
// counts the geometry.
#include "cuda/kernels/conv/direct.h"

#include "cuda/kernels/conv/geometry.h"
#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_conv_direct;

namespace {

// By dtype: f32, f64, bf16, f16.
#define SINTER_DIRECT_KERNELS(name)   \
  {{image_conv_direct, name "_f32"},  \
   {image_conv_direct, name "_f64"},  \
   {image_conv_direct, name "_bf16"}, \
   {image_conv_direct, name "_f16"}}
constinit Kernel forward_kernels[] = SINTER_DIRECT_KERNELS("conv_forward");
constinit Kernel input_grad_kernels[] = SINTER_DIRECT_KERNELS("conv_input_grad");
constinit Kernel weight_grad_kernels[] = SINTER_DIRECT_KERNELS("conv_weight_grad");
#undef SINTER_DIRECT_KERNELS

// How an image of `channels` channels lies whose sizes are one member of the axes.
struct Lie {
  int64_t stride[3], channel, image;
  Lie(const ConvGeometry& g, int64_t ConvAxis::* size, int64_t channels) {
    const int64_t h = g.axis[1].*size, w = g.axis[2].*size, places = g.axis[0].*size * h * w;
    const int64_t place = g.last ? channels : 1;
    stride[0] = h * w * place, stride[1] = w * place, stride[2] = place;
    channel = g.last ? 1 : places;
    image = places * channels;
  }
};

ConvDirect shared_by_all(const ConvGeometry& g, const ConvEpilogue& then, void* y) {
  ConvDirect c{};
  c.bias = then.bias;
  c.residual = then.residual;
  c.activation = then.activation;
  c.y = y;
  for (int d = 0; d < 3; d++) {
    const ConvAxis& a = g.axis[d];
    c.stride[d] = split_of(a.stride), c.dilation[d] = split_of(a.dilation);
    c.kernel[d] = a.kernel, c.padding[d] = a.padding;
  }
  return c;
}

void set_source(ConvDirect& c, const ConvGeometry& g, int64_t ConvAxis::* size, int64_t channels) {
  const Lie lie(g, size, channels);
  for (int d = 0; d < 3; d++) c.source_size[d] = g.axis[d].*size, c.source_stride[d] = lie.stride[d];
  c.source_channel = lie.channel, c.source_image = lie.image;
}

// x lies where the result does, but for the weights' gradient.
void set_target(ConvDirect& c, const ConvGeometry& g, int64_t ConvAxis::* size, int64_t channels) {
  const Lie lie(g, size, channels);
  for (int d = 0; d < 3; d++) c.y_stride[d] = lie.stride[d];
  c.y_channel = lie.channel, c.y_image = lie.image;
}

void run(const Call& call, const Kernel (&kernels)[4], const ConvGeometry& g, int64_t blocks, const ConvDirect& c) {
  launch(call, kernels[static_cast<int>(g.dtype)], Dim(blocks), Dim(kDirectThreads), 0, c);
}

int64_t blocks_for(int64_t total) { return (total + kDirectThreads - 1) / kDirectThreads; }

}  // namespace

void direct_conv(const Call& call, const ConvGeometry& g, const void* x, const void* w, const ConvEpilogue& then,
                 void* y) {
  ConvDirect c = shared_by_all(g, then, y);
  c.source = x, c.w = w;
  set_source(c, g, &ConvAxis::in, g.channels);
  set_target(c, g, &ConvAxis::out, g.outputs);
  for (int d = 0; d < 3; d++) c.size[d] = split_of(g.axis[d].out);
  c.channels = split_of(g.outputs), c.channels_group = split_of(g.outputs_group());
  c.depth = g.channels_group();
  c.total = g.images * g.outputs * g.places_out();
  run(call, forward_kernels, g, blocks_for(c.total), c);
}

void direct_input_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* w, const ConvEpilogue& then,
                       void* gx) {
  ConvDirect c = shared_by_all(g, then, gx);
  c.source = gy, c.w = w;
  set_source(c, g, &ConvAxis::out, g.outputs);
  set_target(c, g, &ConvAxis::in, g.channels);
  for (int d = 0; d < 3; d++) c.size[d] = split_of(g.axis[d].in);
  c.channels = split_of(g.channels), c.channels_group = split_of(g.channels_group());
  c.depth = g.outputs_group();
  c.total = g.images * g.channels * g.places_in();
  run(call, input_grad_kernels, g, blocks_for(c.total), c);
}

void direct_weight_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* x, void* gw) {
  ConvDirect c = shared_by_all(g, {}, gw);
  c.source = gy, c.w = x;
  set_source(c, g, &ConvAxis::out, g.outputs);
  set_target(c, g, &ConvAxis::in, g.channels);
  for (int d = 0; d < 3; d++) {
    c.size[d] = split_of(g.axis[d].kernel);
    c.places[d] = split_of(g.axis[d].out);
    c.x_size[d] = g.axis[d].in;
  }
  c.channels = split_of(g.channels_group()), c.channels_group = split_of(g.outputs_group());
  c.images = g.images;
  run(call, weight_grad_kernels, g, g.outputs * g.channels_group() * g.taps(), c);
}

}  // namespace sinter::cuda
