// SINTER_DEBUG=far: kernels find the places of elements as in tensors of more than 2^31, whatever the size. Place in the whole: asked by
// the host sides that choose; tests reach those paths so, as no test has room for such a tensor.
#pragma once
#include "engine/debug.h"

namespace sinter::cuda {

// Whether SINTER_DEBUG names it.
inline bool far_places_wanted() {
  static const bool wanted = debug_asks("far");
  return wanted;
}

}  // namespace sinter::cuda
