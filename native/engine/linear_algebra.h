// The error of a matrix that a decomposition does not take: singular, not positive definite, without convergence. Place in
// the whole: beside the codes of call.h, for the few kernels that throw it.
#pragma once
#include "engine/call.h"

namespace sinter {

constexpr ErrorCode kLinearAlgebra{16};

}  // namespace sinter
