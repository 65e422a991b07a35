// Fourier transforms of any length, put together from passes. Place in the whole: what the operators fftComplex, fftReal, fftHermitian and
// stft share; fft.h says what a pass is.
#pragma once
#include "cuda/kernels/fft/fft.h"
#include "engine/call.h"

namespace sinter::cuda {

// Lines (outer, inner) of transforms of length n. In `from` and `to`, base[0] and base[3] (start too) belong to the two indices, and
// steps, indices, roots, factors, turns and whether lines are taken across are the plan's to fill in.
struct FftProblem {
  bool wide;  // f64
  int64_t n, outer, inner;
  FftSource from;
  FftTarget to;
};

FftProblem fft_problem(bool wide, int64_t n, int64_t outer, int64_t inner);

// Whether a block has all of a line of n, as kToHalf needs it.
bool fits_block(int64_t n, bool wide);

// Throws Error where no plan is found, for lengths beyond some 2^30.
void transform(const Call& call, const FftProblem& problem);

}  // namespace sinter::cuda
