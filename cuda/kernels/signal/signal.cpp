// overlapAdd, bandProduct. Place in the whole: host side of overlap_add.cu and band_product.cu; contracts as in native/cpu/fft/overlap.cpp and
// native/cpu/audio/bands.cpp.
#include "cuda/kernels/signal/signal.h"

#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_overlap_add;
extern const Image image_band_product;

namespace {

constinit Kernel overlap_kernels[] = {{image_overlap_add, "overlap_add_f32"}, {image_overlap_add, "overlap_add_f64"}};
constinit Kernel find_kernels[] = {{image_band_product, "find_bands_f32"}, {image_band_product, "find_bands_f64"}};
constinit Kernel product_kernels[] = {{image_band_product, "band_product_f32"},
                                      {image_band_product, "band_product_f64"}};

bool is_wide(DType dtype, const char* op) {
  if (dtype != DType::f32 && dtype != DType::f64)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(dtype));
  return dtype == DType::f64;
}

template <class T>
void band_product(const Call& call, BandProduct p, bool wide) {
  const int64_t m = p.columns.size;
  const T *x = call.in[0].as<const T>(), *a = call.in[1].as<const T>();
  Band* bands = call.scratch_of<Band>(m);
  p.bands = bands;
  launch(call, find_kernels[wide], Dim((m + kBandColumns - 1) / kBandColumns), Dim(kSignalThreads), 0, p.k, m, a,
         bands);
  launch(call, product_kernels[wide], blocks_of(p.total, 1), Dim(kSignalThreads), 0, p, x, a, call.out[0].as<T>());
}

}  // namespace

SINTER_CUDA_OP(overlapAdd) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  const bool wide = is_wide(x.dtype, "overlapAdd");
  const Overlap p{split_of(y.dims[1]), split_of(call.int_attr(0)), x.dims[1], x.dims[2], y.numel};
  if (y.numel == 0) return;
  if (wide)
    launch(call, overlap_kernels[1], blocks_of(p.total, 1), Dim(kSignalThreads), 0, p, x.as<const double>(),
           y.as<double>());
  else
    launch(call, overlap_kernels[0], blocks_of(p.total, 1), Dim(kSignalThreads), 0, p, x.as<const float>(),
           y.as<float>());
}

SINTER_CUDA_OP(bandProduct) {
  const TensorRef &x = call.in[0], &a = call.in[1], &y = call.out[0];
  const bool wide = is_wide(x.dtype, "bandProduct");
  if (y.numel == 0) return;
  const BandProduct p{nullptr, split_of(x.dims[2]), split_of(a.dims[1]), a.dims[0], y.numel};
  if (wide)
    band_product<double>(call, p, wide);
  else
    band_product<float>(call, p, wide);
}

}  // namespace sinter::cuda
