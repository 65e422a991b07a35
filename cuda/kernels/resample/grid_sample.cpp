// gridSample, gridSampleBackward. Place in the whole: host side of grid_sample.cu.
#include "cuda/kernels/resample/grid_sample.h"

#include "cuda/kernels/index/combine.h"
#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/resample/taps.h"

namespace sinter::cuda {

extern const Image image_grid_sample;

namespace {

#define SINTER_CUDA_GRID(variable, before, after)                          \
  constinit Kernel variable[] = {{image_grid_sample, before "f32" after},  \
                                 {image_grid_sample, before "f64" after},  \
                                 {image_grid_sample, before "bf16" after}, \
                                 {image_grid_sample, before "f16" after}};
SINTER_CUDA_GRID(sample_kernels, "grid_sample_", "")
SINTER_CUDA_GRID(grid_kernels, "grid_gradient_", "")
SINTER_CUDA_GRID(key_kernels, "grid_keys_", "_u32")
SINTER_CUDA_GRID(wide_key_kernels, "grid_keys_", "_u64")
SINTER_CUDA_GRID(image_kernels, "grid_image_", "")

GridSampling sampling_of(const Call& call, const TensorRef& x, const TensorRef& grid, const char* op) {
  if (!is_floating(x.dtype))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(x.dtype));
  GridSampling p{};
  p.x = x.data, p.grid = grid.data;
  p.mode = static_cast<int32_t>(call.int_attr(0)), p.padding = static_cast<int32_t>(call.int_attr(1));
  p.align = call.attr[2] != 0, p.axes = static_cast<int32_t>(grid.dim(-1));
  for (int a = 0; a < 3; a++) {
    p.size[a] = x.dims[4 - a];
    const int64_t span = p.align ? p.size[a] - 1 : p.size[a];
    p.per_span[a] = span > 0 ? 1 / static_cast<double>(span) : 0;
  }
  p.plane = p.size[0] * p.size[1] * p.size[2];
  p.planes = split_of(p.plane);
  p.positions = split_of(grid.dims[1] * grid.dims[2] * grid.dims[3]);
  p.channels = split_of(x.dims[1]);
  const int64_t each = p.mode == kNearest ? 1 : p.mode == kBilinear ? 2 : 4;
  p.taps = split_of(p.axes == 3 ? each * each * each : each * each);
  p.total = x.dims[0] * p.positions.size;
  return p;
}

template <class C>
void add_sorted(const Call& call, const GridSampling& p, int dtype, const Sorted& order, int64_t limit,
                const C* weights) {
  const int64_t runs = (order.count + kGridRun - 1) / kGridRun, channels = p.channels.size;
  C* parts = call.scratch_of<C>(runs * channels);
  for (const int32_t stage : {0, 1})
    launch(call, image_kernels[dtype], blocks_of((stage == 0 ? runs - 1 : order.count) * channels, 1),
           Dim(kIndexThreads), 0, p, stage, order, limit, weights, parts);
}

template <class C>
void image_gradient(const Call& call, const GridSampling& p, int dtype) {
  const int64_t limit = call.out[0].numel / p.channels.size, count = p.total * p.taps.size;
  const Keys keys = make_keys(call, count, limit, "gridSampleBackward");
  C* weights = call.scratch_of<C>(count);
  launch(call, (keys.wide ? wide_key_kernels : key_kernels)[dtype], blocks_of(p.total, 1), Dim(kIndexThreads), 0, p,
         limit, keys.data, weights);
  add_sorted(call, p, dtype, sorted(call, keys), limit, weights);
}

void clear(const Call& call, const TensorRef& t) {
  if (t.numel > 0) set_bytes(call, t.data, 0, static_cast<size_t>(t.numel) * dtype_size(t.dtype));
}

}  // namespace

void add_taps(const Call& call, const TensorRef& g, const TensorRef& y, const Sorted& order, int64_t limit,
              int64_t taps, const void* weights) {
  GridSampling p{};
  p.g = g.data, p.y = y.data;
  p.channels = split_of(y.dims[1]), p.taps = split_of(taps);
  p.plane = y.numel / (y.dims[0] * y.dims[1]);
  p.planes = split_of(p.plane), p.positions = split_of(g.numel / (g.dims[0] * g.dims[1]));
  if (y.dtype == DType::f64)
    add_sorted(call, p, static_cast<int>(y.dtype), order, limit, static_cast<const double*>(weights));
  else
    add_sorted(call, p, static_cast<int>(y.dtype), order, limit, static_cast<const float*>(weights));
}

SINTER_CUDA_OP(gridSample) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  if (x.numel == 0) return clear(call, y);
  GridSampling p = sampling_of(call, x, call.in[1], "gridSample");
  p.y = y.data;
  launch(call, sample_kernels[static_cast<int>(x.dtype)], blocks_of(y.numel, 1), Dim(kIndexThreads), 0, p);
}

SINTER_CUDA_OP(gridSampleBackward) {
  const TensorRef &g = call.in[0], &x = call.in[1], &gx = call.out[0], &ggrid = call.out[1];
  clear(call, gx);
  if (x.numel == 0 || g.numel == 0) return clear(call, ggrid);
  GridSampling p = sampling_of(call, x, call.in[2], "gridSampleBackward");
  p.g = g.data, p.y = gx.data, p.ggrid = ggrid.data;
  const int dtype = static_cast<int>(x.dtype);
  launch(call, grid_kernels[dtype], blocks_of(p.total, 1), Dim(kIndexThreads), 0, p);
  if (x.dtype == DType::f64)
    image_gradient<double>(call, p, dtype);
  else
    image_gradient<float>(call, p, dtype);
}

}  // namespace sinter::cuda
