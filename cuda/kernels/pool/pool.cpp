// Poolings, unpooling, unfold and fold. Place in the whole: host side of pool.cu.
#include "cuda/kernels/pool/pool.h"

#include <limits>

#include "cuda/kernels/index/combine.h"
#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_pool;

namespace {

#define SINTER_CUDA_POOL(variable, name) \
  constinit Kernel variable[] = {        \
      {image_pool, name "_f32"}, {image_pool, name "_f64"}, {image_pool, name "_bf16"}, {image_pool, name "_f16"}};
constinit Kernel max_kernels[] = {{image_pool, "max_pool_f32"},  {image_pool, "max_pool_f64"},
                                  {image_pool, "max_pool_bf16"}, {image_pool, "max_pool_f16"},
                                  {image_pool, "max_pool_i32"},  {image_pool, "max_pool_i64"},
                                  {image_pool, "max_pool_u8"},   {image_pool, "max_pool_i8"}};
SINTER_CUDA_POOL(avg_kernels, "avg_pool")
SINTER_CUDA_POOL(avg_backward_kernels, "avg_pool_backward")
SINTER_CUDA_POOL(fold_kernels, "fold")
constinit Kernel unfold_kernels[] = {{image_pool, "unfold_2"}, {image_pool, "unfold_4"}, {image_pool, "unfold_8"}};
constinit Kernel key_kernels[] = {{image_pool, "plane_keys_u32"}, {image_pool, "plane_keys_u64"}};

// Dimension d of three, of the last r of a tensor.
int64_t extent(const TensorRef& t, int r, int d) { return d < 3 - r ? 1 : t.dim(d - 3); }

template <size_t N>
const Kernel& kernel_for(const Kernel (&kernels)[N], DType d, const char* op) {
  if (static_cast<size_t>(d) >= N)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(d));
  return kernels[static_cast<size_t>(d)];
}

// Windows over the last r dimensions of `wide`, as many as `narrow` has elements there.
Pooling pooling_of(WindowKind kind, int r, const TensorRef& wide, const TensorRef& narrow) {
  Pooling p{};
  p.kind = kind;
  p.plane = 1;
  for (int d = 0; d < 3; d++) {
    p.in[d] = extent(wide, r, d);
    p.out[d] = split_of(extent(narrow, r, d));
    p.kernel[d] = p.stride[d] = p.dilation[d] = 1;
    p.plane *= p.in[d];
    p.sizes[d] = split_of(p.in[d]);
  }
  return p;
}

// Attributes {kernel*r, stride*r, padding*r[, dilation*r]}
void set_windows(const Call& call, int r, bool dilated, Pooling& p) {
  for (int i = 0; i < r; i++) {
    const int d = 3 - r + i;
    p.kernel[d] = call.int_attr(i);
    p.stride[d] = call.int_attr(r + i);
    p.padding[d] = call.int_attr(2 * r + i);
    if (dilated) p.dilation[d] = call.int_attr(3 * r + i);
    p.strides[d] = split_of(p.stride[d]);
  }
}

void run(const Call& call, const Kernel& kernel, Pooling& p) {
  const TensorRef& y = call.out[0];
  p.x = call.in[0].data;
  p.y = y.data;
  p.total = y.numel;
  launch(call, kernel, blocks_of(p.total, 1), Dim(kIndexThreads), 0, p);
}

void run_max(const Call& call, const char* op, Pooling& p) {
  const Kernel& kernel = kernel_for(max_kernels, call.in[0].dtype, op);
  if (p.plane > std::numeric_limits<int32_t>::max())
    fail(ErrorCode::unsupported, "%s: windows over more than 2^31 elements are not supported on cuda", op);
  p.indices = call.out[1].numel > 0 ? call.out[1].data : nullptr;
  p.wide = call.out[1].dtype == DType::i64;
  run(call, kernel, p);
}

void require_floating(DType d, const char* op) {
  if (!is_floating(d)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(d));
}

template <Text kText>
ReportRecord* report_plane(const Call& call) {
  return call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
    std::snprintf(message, size, "%s: an index lies outside of a plane of %lld elements", kText.chars,
                  static_cast<long long>(r.value[0]));
  });
}

// Elements of x at indices within the planes of y, which begins with zeros.
void to_planes(const Call& call, const char* op, ReportRecord* (*report)(const Call&), CombineMode mode) {
  const TensorRef &x = call.in[0], &indices = call.in[1], &y = call.out[0];
  if (y.numel == 0) return;
  require_floating(y.dtype, op);
  set_bytes(call, y.data, 0, static_cast<size_t>(y.numel) * dtype_size(y.dtype));
  if (x.numel == 0) return;
  const int r = static_cast<int>(call.int_attr(0));
  int64_t plane = 1;
  for (int d = 0; d < 3; d++) plane *= extent(y, r, d);
  const Keys keys = make_keys(call, x.numel, y.numel, op);
  launch(call, key_kernels[keys.wide], blocks_of(keys.count, 1), Dim(kIndexThreads), 0, indices_of(indices, op),
         keys.count, divisor_of(static_cast<uint32_t>(x.numel / (y.numel / plane))), plane, keys.limit, keys.data,
         report(call));
  combine(call, op, sorted(call, keys), y, x, {1, y.numel, 1, x.numel, mode, false, 1, false});
}

Sliding sliding_of(const Call& call, const TensorRef& image) {
  Sliding s{};
  s.kh = call.int_attr(0), s.kw = call.int_attr(1), s.dh = call.int_attr(2), s.dw = call.int_attr(3);
  s.ph = call.int_attr(4), s.pw = call.int_attr(5), s.sh = call.int_attr(6), s.sw = call.int_attr(7);
  s.h = image.dim(2), s.w = image.dim(3);
  s.taps_high = split_of(s.kh), s.taps_wide = split_of(s.kw);
  s.columns_high = split_of((s.h + 2 * s.ph - s.dh * (s.kh - 1) - 1) / s.sh + 1);
  s.columns_wide = split_of((s.w + 2 * s.pw - s.dw * (s.kw - 1) - 1) / s.sw + 1);
  s.height = split_of(s.h), s.width = split_of(s.w);
  s.step_high = split_of(s.sh), s.step_wide = split_of(s.sw);
  return s;
}

}  // namespace

SINTER_CUDA_OP(maxPool) {
  if (call.out[0].numel == 0) return;
  const int r = call.nattr / 4;
  Pooling p = pooling_of(kRegular, r, call.in[0], call.out[0]);
  set_windows(call, r, true, p);
  run_max(call, "maxPool", p);
}

SINTER_CUDA_OP(adaptiveMaxPool) {
  if (call.out[0].numel == 0) return;
  require_floating(call.in[0].dtype, "adaptiveMaxPool");
  Pooling p = pooling_of(kAdaptive, static_cast<int>(call.int_attr(0)), call.in[0], call.out[0]);
  run_max(call, "adaptiveMaxPool", p);
}

SINTER_CUDA_OP(fractionalMaxPool) {
  if (call.out[0].numel == 0) return;
  require_floating(call.in[0].dtype, "fractionalMaxPool");
  const int r = call.nattr;
  Pooling p = pooling_of(kFractional, r, call.in[0], call.out[0]);
  for (int i = 0; i < r; i++) p.kernel[3 - r + i] = call.int_attr(i);
  p.samples = call.in[1].data;
  p.sampled = r;
  run_max(call, "fractionalMaxPool", p);
}

SINTER_CUDA_OP(avgPool) {
  if (call.out[0].numel == 0) return;
  const int r = (call.nattr - 2) / 3;
  Pooling p = pooling_of(kRegular, r, call.in[0], call.out[0]);
  set_windows(call, r, false, p);
  p.count_padding = call.attr[call.nattr - 2] != 0;
  p.divisor = call.attr[call.nattr - 1];
  run(call, kernel_for(avg_kernels, call.in[0].dtype, "avgPool"), p);
}

SINTER_CUDA_OP(avgPoolBackward) {
  if (call.out[0].numel == 0) return;
  const int r = (call.nattr - 2) / 3;
  Pooling p = pooling_of(kRegular, r, call.out[0], call.in[0]);
  set_windows(call, r, false, p);
  p.count_padding = call.attr[call.nattr - 2] != 0;
  p.divisor = call.attr[call.nattr - 1];
  run(call, kernel_for(avg_backward_kernels, call.out[0].dtype, "avgPoolBackward"), p);
}

SINTER_CUDA_OP(adaptiveAvgPool2d) {
  if (call.out[0].numel == 0) return;
  Pooling p = pooling_of(kAdaptive, 2, call.in[0], call.out[0]);
  run(call, kernel_for(avg_kernels, call.in[0].dtype, "adaptiveAvgPool2d"), p);
}

SINTER_CUDA_OP(adaptiveAvgPool2dBackward) {
  if (call.out[0].numel == 0) return;
  Pooling p = pooling_of(kAdaptive, 2, call.out[0], call.in[0]);
  run(call, kernel_for(avg_backward_kernels, call.out[0].dtype, "adaptiveAvgPool2dBackward"), p);
}

SINTER_CUDA_OP(maxPoolBackward) { to_planes(call, "maxPoolBackward", report_plane<"maxPoolBackward">, kSum); }
SINTER_CUDA_OP(maxUnpool) { to_planes(call, "maxUnpool", report_plane<"maxUnpool">, kReplace); }

SINTER_CUDA_OP(unfold) {
  const TensorRef& y = call.out[0];
  if (y.numel == 0) return;
  const size_t size = dtype_size(y.dtype);
  if (size != 2 && size != 4 && size != 8)
    fail(ErrorCode::unsupported, "unfold: dtype %s is not supported on cuda", dtype_name(y.dtype));
  Sliding s = sliding_of(call, call.in[0]);
  s.total = y.numel;
  launch(call, unfold_kernels[word_index(static_cast<int>(size)) - 1], blocks_of(s.total, 1), Dim(kIndexThreads), 0, s,
         call.in[0].data, y.data);
}

SINTER_CUDA_OP(fold) {
  const TensorRef& y = call.out[0];
  if (y.numel == 0) return;
  Sliding s = sliding_of(call, y);
  s.total = y.numel;
  launch(call, kernel_for(fold_kernels, y.dtype, "fold"), blocks_of(s.total, 1), Dim(kIndexThreads), 0, s,
         call.in[0].data, y.data);
}

}  // namespace sinter::cuda
