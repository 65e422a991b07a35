// stft. Place in the whole: frames as lines for plan.cpp; contract as in native/cpu/fft/stft.cpp. Frames are read where they lie, windowed
// as they are loaded, and spectra or their powers stored where they belong: nothing else is in memory where a frame fits a block.
#include "cuda/kernels/fft/plan.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

// {size, hop, pad, mode, scale, power}
SINTER_CUDA_OP(stft) {
  const TensorRef &x = call.in[0], &y = call.out[0], window = call.opt(1);
  if (x.dtype != DType::f32 && x.dtype != DType::f64)
    fail(ErrorCode::unsupported, "stft: dtype %s is not supported on cuda", dtype_name(x.dtype));
  if (y.numel == 0) return;
  const bool wide = x.dtype == DType::f64;
  const int64_t size = call.int_attr(0), bins = y.dims[1], frames = y.dims[2];
  const bool halved = size % 2 == 0 && fits_block(size / 2, wide);
  FftProblem p = fft_problem(wide, halved ? size / 2 : size, x.dims[0], frames);
  p.from.kind = halved ? kFromFramePairs : kFromFrames;
  p.from.x = x.data, p.from.window = window.present() ? window.data : nullptr;
  p.from.base[0] = p.from.signal = x.dims[1];
  p.from.start[3] = call.int_attr(1), p.from.pad = call.int_attr(2);
  p.from.beyond = static_cast<int32_t>(call.int_attr(3));
  p.to.kind = halved ? kToHalf : kToComplex;
  p.to.y = y.data;
  p.to.base[0] = bins * frames, p.to.base[3] = 1, p.to.stride = frames, p.to.kept = bins;
  p.to.whole = size;
  p.to.scale = p.to.scale_im = call.attr[4], p.to.power = call.attr[5];
  transform(call, p);
}

}  // namespace sinter::cuda
