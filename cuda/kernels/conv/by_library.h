// A convolution by cuDNN. Place in the whole: conv.cpp asks here first where cuda/vendor/choices.h says so.
#pragma once
#include "cuda/kernels/conv/geometry.h"
#include "cuda/vendor/choices.h"

namespace sinter::cuda {

// A convolution, forward, or a gradient: which of x, w and y is the result, kind says.
struct ConvOperands {
  const void* x;
  const void* w;
  const void* y;
  ConvEpilogue then;  // of x, for the input's gradient
};

// How choices name it: dtype, channels-last, groups, images, channels, outputs; in, out, kernel, stride, padding and dilation along depth,
// height and width; whether there are a bias and a residual, and the activation.
VendorTask listed_as(const Call& call, VendorKind kind, const ConvGeometry& g, const ConvEpilogue& then);

// By the library's engine of that number. False: it does not take it, and nothing was queued. `engines`: how many it named.
bool conv_by_library(const Call& call, const VendorTask& name, const ConvGeometry& g, const ConvOperands& operands,
                     int engine, int* engines);

}  // namespace sinter::cuda
