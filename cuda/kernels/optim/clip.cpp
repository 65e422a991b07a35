// tensorsNorm, clipToNorm, clampEach, unscaleEach, updateScale, lerpEach, centralizeEach. Place in the whole: host side of clip.cu.
// Nothing is read back: a norm's bound and a scale are read by the kernels that need them.
#include "cuda/kernels/optim/clip.h"

#include <cmath>
#include <cstring>

#include "cuda/kernels/optim/launch.h"
#include "cuda/kernels/reports.h"

namespace sinter::cuda {

extern const Image image_clip;

namespace {

#define SINTER_CUDA_GRADIENTS(variable, name) \
  constinit Kernel variable[] = {             \
      {image_clip, name "_f32"}, {image_clip, name "_f64"}, {image_clip, name "_bf16"}, {image_clip, name "_f16"}};
SINTER_CUDA_GRADIENTS(norm_kernels, "norm_parts")
SINTER_CUDA_GRADIENTS(clip_kernels, "clip")
SINTER_CUDA_GRADIENTS(clamp_kernels, "clamp")
SINTER_CUDA_GRADIENTS(unscale_kernels, "unscale")
SINTER_CUDA_GRADIENTS(centralize_kernels, "centralize")
SINTER_CUDA_STEP(average_kernels, image_clip, "average")
constinit Kernel total_kernel{image_clip, "norm_total"};
constinit Kernel update_kernel{image_clip, "update_scale"};

// go(kernel of the dtype, table, blocks) for the first of every `size` operands, a dtype at a time.
template <class Go>
void each_dtype(const Call& call, int size, int64_t piece, const Kernel (&kernels)[4], Go go) {
  for (int d = 0; d < 4; d++) {
    const DType dtype = static_cast<DType>(d);
    each_table<Tensors<1>>(
        call.nin / size,
        [&](int i, auto& entry, int64_t& blocks) {
          const TensorRef& t = call.in[i * size];
          if (t.dtype != dtype) return false;
          entry.numel = t.numel;
          entry.packed = is_aligned(t, 16 / static_cast<int>(dtype_size(dtype)));
          entry.data[0] = t.data;
          blocks = pieces_of(t.numel, piece);
          return true;
        },
        [&](const Tensors<1>& tensors, int64_t blocks) { go(kernels[d], tensors, blocks); });
  }
}

NormKind kind_of(double p) { return p == 1 ? kNormOne : p == 2 ? kNormTwo : std::isinf(p) ? kNormLargest : kNormOther; }

void report_norm(const ReportRecord& r, char* message, size_t size) {
  double p, norm;
  std::memcpy(&p, &r.value[0], sizeof p);
  std::memcpy(&norm, &r.value[1], sizeof norm);
  std::snprintf(message, size, "the gradients' norm of order %g is %g, so that they cannot be clipped", p, norm);
}

float* single(const TensorRef& t, const char* op) {
  if (t.dtype != DType::f32) fail(ErrorCode::unsupported, "%s: scales are f32, not %s", op, dtype_name(t.dtype));
  return t.as<float>();
}

}  // namespace

SINTER_CUDA_OP(tensorsNorm) {
  check_floating(call, 1, "tensorsNorm");
  const double p = call.attr[0];
  const NormKind kind = kind_of(p);
  const TensorRef& y = call.out[0];
  if (y.dtype != DType::f32 && y.dtype != DType::f64)
    fail(ErrorCode::unsupported, "tensorsNorm: a norm in %s; f32 or f64", dtype_name(y.dtype));
  int64_t count = 0;
  for (int i = 0; i < call.nin; i++) count += pieces_of(call.in[i].numel, kNormPiece);
  double* parts = call.scratch_of<double>(count);
  int64_t done = 0;
  each_dtype(call, 1, kNormPiece, norm_kernels, [&](const Kernel& kernel, const Tensors<1>& tensors, int64_t blocks) {
    launch(call, kernel, Dim(blocks), Dim(kOptimThreads), 0, tensors, static_cast<int32_t>(kind), p,
           parts + (done - tensors.first_block));
    done += blocks;
  });
  ReportRecord* report = call.attr[1] != 0 ? call.report(ErrorCode::kernel, report_norm) : nullptr;
  launch(call, total_kernel, Dim(1), Dim(kNormThreads), 0, parts, count, static_cast<int32_t>(kind), p,
         y.dtype == DType::f32 ? y.as<float>() : nullptr, y.as<double>(), report);
}

SINTER_CUDA_OP(clipToNorm) {
  if (call.nin == 0) return;
  check_floating(call, 2, "clipToNorm");
  const TensorRef& norm = call.in[1];
  if (!is_floating(norm.dtype)) fail(ErrorCode::unsupported, "clipToNorm: a norm in %s", dtype_name(norm.dtype));
  each_dtype(call, 2, kOptimPiece, clip_kernels, [&](const Kernel& kernel, const Tensors<1>& tensors, int64_t blocks) {
    launch(call, kernel, Dim(blocks), Dim(kOptimThreads), 0, tensors, norm.data, static_cast<int32_t>(norm.dtype),
           call.attr[0]);
  });
}

SINTER_CUDA_OP(clampEach) {
  check_floating(call, 1, "clampEach");
  each_dtype(call, 1, kOptimPiece, clamp_kernels, [&](const Kernel& kernel, const Tensors<1>& tensors, int64_t blocks) {
    launch(call, kernel, Dim(blocks), Dim(kOptimThreads), 0, tensors, call.attr[0], call.attr[1]);
  });
}

SINTER_CUDA_OP(unscaleEach) {
  if (call.nin == 0) return;
  check_floating(call, 3, "unscaleEach");
  float *scale = single(call.in[1], "unscaleEach"), *found = single(call.in[2], "unscaleEach");
  each_dtype(call, 3, kOptimPiece, unscale_kernels,
             [&](const Kernel& kernel, const Tensors<1>& tensors, int64_t blocks) {
               launch(call, kernel, Dim(blocks), Dim(kOptimThreads), 0, tensors, scale, found);
             });
}

SINTER_CUDA_OP(updateScale) {
  launch(call, update_kernel, Dim(1), Dim(32), 0, single(call.in[0], "updateScale"), single(call.in[1], "updateScale"),
         single(call.in[2], "updateScale"), call.attr[0], call.attr[1], call.attr[2]);
}

SINTER_CUDA_OP(lerpEach) {
  if (call.nin == 0) return;
  const Kernel& kernel = average_kernels[step_kernel(call, "lerpEach", 2, 0)];
  const int elements = call.in[0].dtype == DType::f64 ? 2 : 4;
  each_table<Tensors<2>>(
      call.nin / 2,
      [&](int i, auto& entry, int64_t& blocks) {
        const TensorRef &average = call.in[2 * i], &value = call.in[2 * i + 1];
        entry.numel = average.numel;
        entry.packed = is_aligned(average, elements) && is_aligned(value, elements);
        entry.data[0] = average.data;
        entry.data[1] = value.data;
        blocks = pieces_of(entry.numel);
        return true;
      },
      [&](const Tensors<2>& tensors, int64_t blocks) {
        launch(call, kernel, Dim(blocks), Dim(kOptimThreads), 0, tensors, call.attr[0]);
      });
}

SINTER_CUDA_OP(centralizeEach) {
  check_floating(call, 1, "centralizeEach");
  for (int d = 0; d < 4; d++)
    each_table<Tensors<1>>(
        call.nin,
        [&](int i, auto& entry, int64_t& blocks) {
          const TensorRef& t = call.in[i];
          if (t.dtype != static_cast<DType>(d) || t.numel == 0 || t.rank == 0) return false;
          entry.numel = t.dim(0);
          entry.element = t.numel / t.dim(0);
          entry.data[0] = t.data;
          blocks = pieces_of(entry.numel, kCentralRows);
          return true;
        },
        [&](const Tensors<1>& tensors, int64_t blocks) {
          launch(call, centralize_kernels[d], Dim(blocks), Dim(kOptimThreads), 0, tensors);
        });
}

}  // namespace sinter::cuda
