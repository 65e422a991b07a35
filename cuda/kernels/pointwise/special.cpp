// Special functions. Place in the whole: entry points lgamma ... airyAi and zeta ... orthogonalPolynomial of the operator table on CUDA.
//
// x, or a and b (any views, broadcast; or one of them a number), -> y contiguous. f32, f64, bf16, f16.
#include "cuda/kernels/pointwise/special.h"

#include "cuda/kernels/pointwise/launch.h"

namespace sinter::cuda {

extern const Image image_special;
extern const Image image_bessel;
extern const Image image_special_pairs;

#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_special, op, costly)
SINTER_SPECIAL(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_bessel, op, costly)
SINTER_BESSEL(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_special_pairs, op, costly)
SINTER_SPECIAL_PAIRS(SINTER_OPERATION)
#undef SINTER_OPERATION

#define SINTER_PLAIN(op) \
  SINTER_CUDA_OP(op) { plain(call, operation_##op); }
SINTER_PLAIN(lgamma)
SINTER_PLAIN(digamma)
SINTER_PLAIN(erfinv)
SINTER_PLAIN(erfcx)
SINTER_PLAIN(ndtr)
SINTER_PLAIN(ndtri)
SINTER_PLAIN(logNdtr)
SINTER_PLAIN(entr)
SINTER_PLAIN(logit)
SINTER_PLAIN(i0)
SINTER_PLAIN(i0e)
SINTER_PLAIN(i1)
SINTER_PLAIN(i1e)
SINTER_PLAIN(besselJ0)
SINTER_PLAIN(besselJ1)
SINTER_PLAIN(besselY0)
SINTER_PLAIN(besselY1)
SINTER_PLAIN(sphericalBesselJ0)
SINTER_PLAIN(sphericalBesselJ1)
SINTER_PLAIN(airyAi)
#undef SINTER_PLAIN

SINTER_CUDA_OP(polygamma) {
  plain(call, call.attr[0] == 0 ? operation_digamma : call.attr[0] == 1 ? operation_trigamma : operation_polygamma);
}
SINTER_CUDA_OP(modifiedBesselK) {
  const bool first = call.attr[0] != 0, scaled = call.attr[1] != 0;
  plain(call, first ? (scaled ? operation_scaledBesselK1 : operation_besselK1)
                    : (scaled ? operation_scaledBesselK0 : operation_besselK0));
}

SINTER_CUDA_OP(zeta) { binary(call, operation_zeta); }
SINTER_CUDA_OP(igamma) { binary(call, operation_igamma); }
SINTER_CUDA_OP(igammac) { binary(call, operation_igammac); }
SINTER_CUDA_OP(orthogonalPolynomial) { binary(call, operation_orthogonalPolynomial); }

}  // namespace sinter::cuda
