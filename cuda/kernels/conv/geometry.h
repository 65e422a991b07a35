// A convolution's sizes, and the ways to compute it. Place in the whole: conv.cpp reads calls, and chooses; direct.cpp and implicit.cpp
// launch.
#pragma once
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// Along one spatial dimension: x has `in` elements, y has `out`.
struct ConvAxis {
  int64_t in = 1, out = 1, kernel = 1, stride = 1, padding = 0, dilation = 1;
};

// x (images, channels, in...), w (outputs, channels / groups, kernel...), y (images, outputs, out...): depth, height, width, of which
// the missing ones have size 1.
struct ConvGeometry {
  DType dtype;
  int64_t images, channels, outputs, groups = 1;
  ConvAxis axis[3];
  bool last = false;  // x and y lie channels-last

  // Of a call whose operands have these shapes; attributes as in native/ops.def.
  ConvGeometry(const Call& call, const TensorRef& x, const TensorRef& w, const TensorRef& y, bool last = false);

  int64_t channels_group() const { return channels / groups; }
  int64_t outputs_group() const { return outputs / groups; }
  int64_t places_in() const { return axis[0].in * axis[1].in * axis[2].in; }
  int64_t places_out() const { return axis[0].out * axis[1].out * axis[2].out; }
  int64_t taps() const { return axis[0].kernel * axis[1].kernel * axis[2].kernel; }
  bool depthwise() const { return groups > 1 && channels_group() == 1; }
};

// What is done to each sum: activation(sum + bias + residual).
struct ConvEpilogue {
  const void* bias = nullptr;
  const void* residual = nullptr;  // like the result
  int32_t activation = 0;
};

// direct.cpp: of any geometry.
void direct_conv(const Call& call, const ConvGeometry& g, const void* x, const void* w, const ConvEpilogue& then,
                 void* y);
void direct_input_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* w, const ConvEpilogue& then,
                       void* gx);
void direct_weight_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* x, void* gw);

// depthwise.cpp: of one channel to one or several, in the plane; false, and nothing launched, where it is not that.
bool depthwise_conv(const Call& call, const ConvGeometry& g, const void* x, const void* w, const ConvEpilogue& then,
                    void* y);
bool depthwise_input_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* w,
                          const ConvEpilogue& then, void* gx);
bool depthwise_weight_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* x, void* gw);

// implicit.cpp: as matrix products; false where their kernels do not count that far, and then nothing has been launched.
bool implicit_conv(const Call& call, const ConvGeometry& g, const void* x, const void* w, const ConvEpilogue& then,
                   void* y);
bool implicit_input_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* w,
                         const ConvEpilogue& then, void* gx);
bool implicit_weight_grad(const Call& call, const ConvGeometry& g, const void* gy, const void* x, void* gw);

}  // namespace sinter::cuda
