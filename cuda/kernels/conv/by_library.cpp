// How a convolution is told to cuDNN: operands in place, channels first or last; sums in f32, to which bias and residual are added, then
// the activation, then rounded once, as our kernels do.
#include "cuda/kernels/conv/by_library.h"

#include <algorithm>

#include "cuda/vendor/cudnn.h"
#include "cuda/vendor/dnn_graph.h"

namespace sinter::cuda {

namespace {

constexpr size_t kMostWorkspace = size_t{512} << 20;

// Depth only where there is one: cuDNN has two dimensions at least.
int first_axis(const ConvGeometry& g) {
  const ConvAxis& depth = g.axis[0];
  return depth.in == 1 && depth.out == 1 && depth.kernel == 1 && depth.padding == 0 ? 1 : 0;
}

// (n, channels, places...) as it lies.
struct Lie {
  std::vector<int64_t> dims, strides;
};
Lie lie_of(int64_t n, int64_t channels, const std::vector<int64_t>& places, bool last) {
  Lie lie{{n, channels}, {0, 0}};
  lie.dims.insert(lie.dims.end(), places.begin(), places.end());
  lie.strides.resize(lie.dims.size());
  int64_t step = last ? channels : 1;
  for (size_t i = lie.dims.size(); i-- > 2;) {
    lie.strides[i] = step;
    step *= lie.dims[i];
  }
  lie.strides[1] = last ? 1 : step;
  lie.strides[0] = last ? step : step * channels;
  return lie;
}

// What the last window leaves beyond the end is padding behind. False: windows end before the last element by a stride or more, which
// padding cannot say.
bool read_windows(const ConvGeometry& g, DnnWindows* windows) {
  for (int i = first_axis(g); i < 3; i++) {
    const ConvAxis& a = g.axis[i];
    const int64_t behind = (a.out - 1) * a.stride + a.dilation * (a.kernel - 1) + 1 - a.in - a.padding;
    if (behind <= -a.stride) return false;
    windows->strides.push_back(a.stride);
    windows->dilations.push_back(a.dilation);
    windows->before.push_back(a.padding);
    windows->behind.push_back(std::max<int64_t>(behind, 0));
  }
  return true;
}

DnnPointwise activation_of(int32_t activation) {
  constexpr DnnPointwise kActivations[] = {DnnPointwise::identity, DnnPointwise::relu, DnnPointwise::gelu,
                                           DnnPointwise::gelu_tanh, DnnPointwise::swish};
  return kActivations[activation];
}

}  // namespace

VendorTask listed_as(const Call& call, VendorKind kind, const ConvGeometry& g, const ConvEpilogue& then) {
  VendorTask task{device_of(call).ordinal, kind, {}};
  size_t at = 0;
  for (const int64_t word : {static_cast<int64_t>(g.dtype), int64_t{g.last}, g.groups, g.images, g.channels, g.outputs})
    task.words[at++] = word;
  for (const ConvAxis& a : g.axis)
    for (const int64_t word : {a.in, a.out, a.kernel, a.stride, a.padding, a.dilation}) task.words[at++] = word;
  for (const int64_t word :
       {int64_t{then.bias != nullptr}, int64_t{then.residual != nullptr}, int64_t{then.activation}})
    task.words[at++] = word;
  return task;
}

bool conv_by_library(const Call& call, const VendorTask& name, const ConvGeometry& g, const ConvOperands& operands,
                     int engine, int* engines) {
  *engines = 0;
  DnnWindows windows;
  const bool nothing = std::min({g.images, g.channels, g.outputs, g.places_in(), g.places_out(), g.taps()}) == 0;
  if (g.dtype == DType::f64 || nothing || !read_windows(g, &windows)) return false;
  const ConvEpilogue& then = operands.then;
  std::vector<const void*> pointers{operands.x, operands.w, operands.y};
  for (const void* more : {then.bias, then.residual})
    if (more) pointers.push_back(more);

  DnnTask task;
  task.name = name;
  for (size_t i = 0; i < pointers.size(); i++) task.layout[i] = dnn_alignment(pointers[i]);
  task.f32 = g.dtype == DType::f32;
  task.most_workspace = kMostWorkspace;
  std::vector<int64_t> in, out, kernel;
  for (int i = first_axis(g); i < 3; i++) {
    in.push_back(g.axis[i].in);
    out.push_back(g.axis[i].out);
    kernel.push_back(g.axis[i].kernel);
  }
  task.words = [&] {
    return std::string("a convolution of ") + dtype_name(g.dtype) + ", " +
           sizes_text(lie_of(g.images, g.channels, in, false).dims) + " with weights " +
           sizes_text(lie_of(g.outputs, g.channels_group(), kernel, false).dims);
  };
  task.describe = [&](DnnGraph& graph) {
    const DnnType type = dnn_type(g.dtype);
    const auto stored = [&](const Lie& lie, const void* data) {
      return graph.stored(type, lie.dims, lie.strides, data);
    };
    const int x = stored(lie_of(g.images, g.channels, in, g.last), operands.x);
    const int w = stored(lie_of(g.outputs, g.channels_group(), kernel, false), operands.w);
    const int y = stored(lie_of(g.images, g.outputs, out, g.last), operands.y);
    const DnnConv form = name.kind == VendorKind::conv              ? DnnConv::forward
                         : name.kind == VendorKind::conv_input_grad ? DnnConv::input_grad
                                                                    : DnnConv::weight_grad;
    int left = then.activation != 0;  // operations on the sums
    for (const void* more : {then.bias, then.residual}) left += more != nullptr;
    if (left == 0) return graph.conv(form, x, w, y, windows);
    const bool forward = form == DnnConv::forward;
    const int result = forward ? y : x;
    const Lie lie = forward ? lie_of(g.images, g.outputs, out, g.last) : lie_of(g.images, g.channels, in, g.last);
    const auto between = [&] { return graph.between(DnnType::f32, lie.dims, lie.strides); };
    int sums = between();
    graph.conv(form, forward ? x : sums, w, forward ? sums : y, windows);
    const auto apply = [&](DnnPointwise mode, int b) {
      sums = graph.pointwise(mode, sums, b, --left == 0 ? result : between());
    };
    if (then.bias) {
      std::vector<int64_t> places(in.size(), 1);
      apply(DnnPointwise::add, stored(lie_of(1, graph.dims(result)[1], places, g.last), then.bias));
    }
    if (then.residual) apply(DnnPointwise::add, stored(lie_of(g.images, g.outputs, out, g.last), then.residual));
    if (then.activation) apply(activation_of(then.activation), -1);
  };
  return dnn_run(call, task, pointers.data(), static_cast<int>(pointers.size()), engine, engines);
}

}  // namespace sinter::cuda
