// fftComplex, fftReal, fftHermitian. Place in the whole: what lines they take and make, for plan.cpp; contract as in native/cpu/fft/fft.cpp.
// Real lines of even length go through complex ones of half of it, those that are read where they fit a block.
#include <algorithm>

#include "cuda/kernels/fft/plan.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

namespace {

// {axis, n, sign, scale, weight}
struct Lines {
  int64_t outer = 1, inner = 1, from, to, n;  // from, to: lengths of x and y along the axis
  bool inverse;
  double scale, weight;

  explicit Lines(const Call& call)
      : from(call.in[0].dims[call.int_attr(0)]), to(call.out[0].dims[call.int_attr(0)]), n(call.int_attr(1)),
        inverse(call.attr[2] > 0), scale(call.attr[3]), weight(call.nattr > 4 ? call.attr[4] : 1) {
    const int axis = static_cast<int>(call.int_attr(0));
    for (int d = 0; d < call.in[0].rank; d++)
      if (d != axis) (d < axis ? outer : inner) *= call.in[0].dims[d];
  }

  // Transforms of `length`, `count` elements of x and `kept` of y a line.
  FftProblem problem(const Call& call, bool wide, int64_t length, int64_t count, int64_t kept) const {
    FftProblem p = fft_problem(wide, length, outer, inner);
    p.from.x = call.in[0].data, p.to.y = call.out[0].data;
    p.from.base[0] = from * inner, p.to.base[0] = to * inner;
    p.from.base[3] = p.to.base[3] = 1;
    p.from.stride = p.to.stride = inner;
    p.from.count = count, p.to.kept = kept;
    p.to.scale = p.to.scale_im = scale;
    return p;
  }
};

// y's elements beyond the transform are zero.
void clear_beyond(const Call& call, int64_t to, int64_t kept) {
  const TensorRef& y = call.out[0];
  if (to > kept) set_bytes(call, y.data, 0, static_cast<size_t>(y.numel) * dtype_size(y.dtype));
}

// Throws Error where the operands' dtypes are not what the operator takes.
bool wide_of(const Call& call, const char* op, DType narrow_from, DType wide_from, DType narrow_to, DType wide_to) {
  const DType from = call.in[0].dtype, to = call.out[0].dtype;
  if (from == narrow_from && to == narrow_to) return false;
  if (from == wide_from && to == wide_to) return true;
  fail(ErrorCode::unsupported, "%s: dtypes %s and %s are not supported on cuda", op, dtype_name(from), dtype_name(to));
}

}  // namespace

SINTER_CUDA_OP(fftComplex) {
  const bool wide = wide_of(call, "fftComplex", DType::c64, DType::c128, DType::c64, DType::c128);
  if (call.out[0].numel == 0) return;
  const Lines l(call);
  const int64_t kept = std::min(l.to, l.n);
  clear_beyond(call, l.to, kept);
  FftProblem p = l.problem(call, wide, l.n, std::min(l.from, l.n), kept);
  p.from.swapped = p.to.swapped = l.inverse;
  transform(call, p);
}

SINTER_CUDA_OP(fftReal) {
  const bool wide = wide_of(call, "fftReal", DType::f32, DType::f64, DType::c64, DType::c128);
  if (call.out[0].numel == 0) return;
  const Lines l(call);
  const int64_t h = l.n / 2, kept = std::min(l.to, h + 1);
  const bool halved = l.n % 2 == 0 && fits_block(h, wide);
  clear_beyond(call, l.to, kept);
  FftProblem p = l.problem(call, wide, halved ? h : l.n, std::min(l.from, l.n), kept);
  p.from.kind = halved ? kFromPairs : kFromReal;
  p.to.kind = halved ? kToHalf : kToComplex;
  p.to.whole = l.n, p.to.weight = l.weight;
  if (l.inverse) p.to.scale_im = -l.scale;
  transform(call, p);
}

SINTER_CUDA_OP(fftHermitian) {
  const bool wide = wide_of(call, "fftHermitian", DType::c64, DType::c128, DType::f32, DType::f64);
  if (call.out[0].numel == 0) return;
  const Lines l(call);
  const int64_t h = l.n / 2, kept = std::min(l.to, l.n);
  const bool halved = l.n % 2 == 0;
  clear_beyond(call, l.to, kept);
  FftProblem p = l.problem(call, wide, halved ? h : l.n, std::min(l.from, h + 1), halved ? (kept + 1) / 2 : kept);
  p.from.kind = halved ? kFromPackedHalf : kFromHalf;
  p.from.whole = l.n, p.from.weight = l.weight, p.from.sign = l.inverse ? 1 : -1;
  // Always the inverse transform, of conjugate elements where the other is wanted.
  p.from.swapped = p.to.swapped = 1;
  p.to.kind = halved ? kToPairs : kToReal;
  p.to.whole = kept;
  transform(call, p);
}

}  // namespace sinter::cuda
