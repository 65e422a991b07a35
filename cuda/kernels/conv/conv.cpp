// Convolution on CUDA. Place in the whole: entry points conv, convInputGrad, convWeightGrad and convChannelsLast of the operator table;
// native/ops.def says what they take. bf16 and f16 are summed in f32 and rounded once.
#include "cuda/kernels/conv/by_library.h"
#include "cuda/kernels/conv/geometry.h"
#include "cuda/kernels/gemm/product.h"
#include "cuda/kernels/reduce/plan.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

namespace {

void require_floating(DType dtype, const char* op) {
  if (!is_floating(dtype)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(dtype));
}

// The epilogue of a forward call of r spatial dimensions.
ConvEpilogue epilogue_of(const Call& call, int r) {
  ConvEpilogue then;
  const TensorRef &bias = call.opt(2), &residual = call.opt(3);
  if (bias.present()) then.bias = bias.data;
  if (residual.present()) then.residual = residual.data;
  if (call.nattr > 3 * r + 2) then.activation = static_cast<int32_t>(call.int_attr(3 * r + 2));
  return then;
}

// Groups so thin that a tile would be nearly empty: sums one at a time cost less. `rows`: channels of the result in a group, `depth`: of the
// source.
bool is_thin(const ConvGeometry& g, int64_t rows, int64_t depth) {
  const int64_t least = dtype_size(g.dtype) == 2 ? 4 : 16;
  return g.groups > 1 && (rows * depth == 1 || (rows <= least && depth <= least));
}

// Pointwise over whole images that lie channels first: each image's matrix (channels, places) times the weights, as it lies. `swapped`: by
// the weights' transpose, for the input's gradient. False where that is no product that gemm's tiles take well.
bool run_pointwise(const Call& call, const ConvGeometry& g, const void* source, const void* w, const ConvEpilogue& then,
                   bool swapped, void* y) {
  const int64_t places = g.places_in(), size = static_cast<int64_t>(dtype_size(g.dtype));
  if (g.taps() != 1 || g.groups != 1 || g.last || places != g.places_out() || then.bias ||
      (then.residual && then.activation) || places * size % 16 != 0)
    return false;
  for (const ConvAxis& a : g.axis)
    if (a.stride != 1 || a.padding != 0) return false;
  Product p{};
  p.dtype = g.dtype;
  p.m = swapped ? g.channels : g.outputs, p.k = swapped ? g.outputs : g.channels, p.n = places;
  p.a = w, p.rsa = swapped ? 1 : g.channels, p.csa = swapped ? g.channels : 1;
  p.b = source, p.rsb = places, p.csb = 1;
  p.y = y;
  if (g.images > 1) {
    p.batch.rank = 1;
    p.batch.dims[0] = g.images, p.batch.a_strides[0] = 0, p.batch.b_strides[0] = p.k * places;
  }
  p.then.residual = then.residual;
  p.then.activation = then.activation;
  p.ieee = true;
  run_product(call, p);
  return true;
}

// By a vendor's library where that is chosen, else by own().
template <class Own>
void run(const Call& call, VendorKind kind, const ConvGeometry& g, const ConvOperands& operands, Own own) {
  if (!vendor_active()) return own();
  const VendorTask name = listed_as(call, kind, g, operands.then);
  by_choice(
      call, name, [&](int engine, int* engines) { return conv_by_library(call, name, g, operands, engine, engines); },
      own);
}

void run_forward(const Call& call, const ConvGeometry& g, const ConvEpilogue& then) {
  const void *x = call.in[0].data, *w = call.in[1].data;
  void* y = call.out[0].data;
  run(call, VendorKind::conv, g, {x, w, y, then}, [&] {
    if (depthwise_conv(call, g, x, w, then, y) || run_pointwise(call, g, x, w, then, false, y)) return;
    if (is_thin(g, g.outputs_group(), g.channels_group()) || !implicit_conv(call, g, x, w, then, y))
      direct_conv(call, g, x, w, then, y);
  });
}

}  // namespace

ConvGeometry::ConvGeometry(const Call& call, const TensorRef& x, const TensorRef& w, const TensorRef& y, bool last)
    : dtype(x.dtype), images(x.dim(0)), channels(x.dim(last ? -1 : 1)), outputs(w.dim(0)), last(last) {
  const int r = x.rank - 2, first = last ? 1 : 2;
  groups = call.int_attr(3 * r);
  for (int i = 0; i < r; i++)
    axis[3 - r + i] = {x.dim(first + i), y.dim(first + i),     w.dim(2 + i),
                       call.int_attr(i), call.int_attr(r + i), call.int_attr(2 * r + i)};
}

SINTER_CUDA_OP(conv) {
  const TensorRef &x = call.in[0], &w = call.in[1], &y = call.out[0];
  require_floating(y.dtype, "conv");
  if (y.numel == 0) return;
  run_forward(call, ConvGeometry(call, x, w, y), epilogue_of(call, x.rank - 2));
}

SINTER_CUDA_OP(convChannelsLast) {
  const TensorRef &x = call.in[0], &w = call.in[1], &y = call.out[0];
  require_floating(y.dtype, "convChannelsLast");
  if (y.numel == 0) return;
  run_forward(call, ConvGeometry(call, x, w, y, true), epilogue_of(call, 2));
}

SINTER_CUDA_OP(convInputGrad) {
  const TensorRef &gy = call.in[0], &w = call.in[1], &bias = call.opt(2), &gx = call.out[0];
  require_floating(gx.dtype, "convInputGrad");
  if (gx.numel == 0) return;
  ConvEpilogue then;
  if (bias.present()) then.bias = bias.data;
  const ConvGeometry g(call, gx, w, gy);
  run(call, VendorKind::conv_input_grad, g, {gx.data, w.data, gy.data, then}, [&] {
    if (depthwise_input_grad(call, g, gy.data, w.data, then, gx.data) ||
        run_pointwise(call, g, gy.data, w.data, then, true, gx.data))
      return;
    if (is_thin(g, g.channels_group(), g.outputs_group()) ||
        !implicit_input_grad(call, g, gy.data, w.data, then, gx.data))
      direct_input_grad(call, g, gy.data, w.data, then, gx.data);
  });
}

SINTER_CUDA_OP(convWeightGrad) {
  const TensorRef &gy = call.in[0], &x = call.in[1], &gw = call.out[0], &gb = call.out[1];
  require_floating(gw.dtype, "convWeightGrad");
  if (gw.numel > 0) {
    const ConvGeometry g(call, x, gw, gy);
    run(call, VendorKind::conv_weight_grad, g, {x.data, gw.data, gy.data, {}}, [&] {
      if (!depthwise_weight_grad(call, g, gy.data, x.data, gw.data) &&
          (g.outputs_group() * g.channels_group() <= 16 || gy.numel == 0 ||
           !implicit_weight_grad(call, g, gy.data, x.data, gw.data)))
        direct_weight_grad(call, g, gy.data, x.data, gw.data);
    });
  }
  if (gb.numel > 0) sum_axes(call, "convWeightGrad", gy, ~uint64_t{2} & ((uint64_t{1} << gy.rank) - 1), gb);
}

}  // namespace sinter::cuda
