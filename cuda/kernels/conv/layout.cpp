// Layouts of operands. Place in the whole: see layout.h.
#include "cuda/kernels/conv/layout.h"

#include <algorithm>

#include "cpu/rounding.h"
#include "cuda/kernels/conv/implicit.h"
#include "cuda/kernels/pointwise/move.h"
#include "cuda/kernels/walk.h"

namespace sinter::cuda {

extern const Image image_conv_layout;

namespace {

// By bytes: 2, 4, 8.
constinit Kernel turns[] = {
    {image_conv_layout, "conv_turn_2"}, {image_conv_layout, "conv_turn_4"}, {image_conv_layout, "conv_turn_8"}};
constinit Kernel arranges[] = {{image_conv_layout, "conv_arrange_2"},
                               {image_conv_layout, "conv_arrange_4"},
                               {image_conv_layout, "conv_arrange_8"}};
// By dtype: f32, f64, bf16, f16.
constinit Kernel weight_parts[] = {{image_conv_layout, "conv_weight_parts_f32"},
                                   {image_conv_layout, "conv_weight_parts_f64"},
                                   {image_conv_layout, "conv_weight_parts_bf16"},
                                   {image_conv_layout, "conv_weight_parts_f16"}};
constinit Kernel finishes[] = {{image_conv_layout, "conv_finish_f32"},
                               {image_conv_layout, "conv_finish_f64"},
                               {image_conv_layout, "conv_finish_bf16"},
                               {image_conv_layout, "conv_finish_f16"}};

int64_t size_of(DType dtype) { return static_cast<int64_t>(dtype_size(dtype)); }
bool aligned(const void* data, int64_t bytes) { return reinterpret_cast<uintptr_t>(data) % bytes == 0; }
const Kernel& by_size(const Kernel (&kernels)[3], DType dtype) {
  return kernels[size_of(dtype) == 2 ? 0 : size_of(dtype) == 4 ? 1 : 2];
}

}  // namespace

int64_t padded_channels(int64_t channels, DType dtype) {
  const int64_t pack = 16 / size_of(dtype);
  return ceil_div(std::max<int64_t>(channels, 1), pack) * pack;
}

Turned turned(const Call& call, const ConvGeometry& g, const void* data, int64_t channels, int64_t places) {
  const int64_t group = channels / g.groups, depth = padded_channels(group, g.dtype), stride = depth * g.groups;
  if ((g.last || places == 1) && depth == group && aligned(data, 16)) return {data, depth, stride};
  const int64_t pixels = g.images * places, bytes = pixels * stride * size_of(g.dtype);
  void* to = call.scratch(static_cast<size_t>(std::max<int64_t>(bytes, 16)));
  if (g.last) {
    set_bytes(call, to, 0, static_cast<size_t>(bytes));
    const int64_t dims[2] = {pixels, channels}, from_strides[2] = {channels, 1}, to_strides[2] = {stride, 1};
    TensorRef from, copy;
    from.data = const_cast<void*>(data), copy.data = to;
    from.numel = copy.numel = pixels * channels;
    from.dims = copy.dims = dims, from.rank = copy.rank = 2;
    from.strides = from_strides, copy.strides = to_strides;
    from.dtype = copy.dtype = g.dtype;
    copy.contiguous = false;
    copy_to(call, copy, from);
    return {to, depth, stride};
  }
  // Groups without gaps between them are one.
  const int64_t groups = depth == group ? 1 : g.groups;
  ConvTurn t{};
  t.from = data, t.to = to;
  t.places = places;
  t.channels = channels / groups, t.depth = stride / groups;
  t.pixel_stride = stride;
  t.groups = groups;
  t.place_tiles = ceil_div(places, kLayoutPlaces);
  t.channel_tiles = ceil_div(t.depth, 128 / size_of(g.dtype));
  t.packs = places * size_of(g.dtype) % 16 == 0 && aligned(data, 16);
  launch(call, by_size(turns, g.dtype), Dim(g.images * groups * t.place_tiles * t.channel_tiles), Dim(kLayoutThreads),
         0, t);
  return {to, depth, stride};
}

const void* arranged(const Call& call, const ConvGeometry& g, const void* w, int64_t depth, bool swapped) {
  const int64_t taps = g.taps(), outputs = g.outputs_group(), channels = g.channels_group();
  if (!swapped && taps == 1 && depth == channels && aligned(w, 16)) return w;
  ConvWeights a{};
  a.from = w;
  a.group_stride = outputs * channels * taps;
  a.row_stride = swapped ? taps : channels * taps;
  a.channel_stride = swapped ? channels * taps : taps;
  a.rows = static_cast<int32_t>(swapped ? channels : outputs);
  a.channels = static_cast<int32_t>(swapped ? outputs : channels);
  a.taps = static_cast<int32_t>(taps), a.depth = static_cast<int32_t>(depth);
  a.rows_inside = swapped;
  const int64_t elements = g.groups * a.rows * taps * depth;
  a.total = elements * size_of(g.dtype) / 16;
  a.to = call.scratch(static_cast<size_t>(elements * size_of(g.dtype)));
  launch(call, by_size(arranges, g.dtype), Dim(ceil_div(a.total, kLayoutThreads)), Dim(kLayoutThreads), 0, a);
  return a.to;
}

void finish_parts(const Call& call, DType dtype, const void* partial, int64_t parts, int64_t total, int64_t together,
                  int64_t channels, const ConvEpilogue& then, void* y) {
  ConvParts c{};
  c.partial = partial, c.y = y;
  c.bias = then.bias, c.residual = then.residual, c.activation = then.activation;
  c.total = total, c.parts = static_cast<int32_t>(parts);
  c.together = divisor_of(static_cast<uint32_t>(together));
  c.channels = divisor_of(static_cast<uint32_t>(channels));
  const int64_t pack = dtype == DType::f64 ? 2 : 4, bytes = pack * size_of(dtype);
  c.packs = (together == 1 ? channels : together) % pack == 0 && aligned(y, bytes) &&
            (!then.residual || aligned(then.residual, bytes));
  launch(call, finishes[static_cast<int>(dtype)], Dim(ceil_div(total, (c.packs ? pack : 1) * kLayoutThreads)),
         Dim(kLayoutThreads), 0, c);
}

void finish_weight_parts(const Call& call, const ConvGeometry& g, const void* partial, int64_t parts, int64_t depth,
                         void* gw) {
  ConvWeightParts c{};
  c.partial = partial, c.gw = gw;
  c.total = g.outputs * g.taps() * depth;
  c.taps = static_cast<int32_t>(g.taps()), c.channels = static_cast<int32_t>(g.channels_group());
  c.depth = static_cast<int32_t>(depth), c.parts = static_cast<int32_t>(parts);
  launch(call, weight_parts[static_cast<int>(g.dtype)], Dim(ceil_div(c.total, kLayoutThreads)), Dim(kLayoutThreads), 0,
         c);
}

}  // namespace sinter::cuda
