// SINTER_DEBUG=far: kernels find the places of elements as in tensors of more than 2^31, whatever the size. Place in the whole: asked by
// the host sides that choose; tests reach those paths so, as no test has room for such a tensor.
#pragma once
#include <cstdlib>
#include <string_view>

namespace sinter::cuda {

// Whether SINTER_DEBUG (lib/engine/debug.ts) asks for it, which it does only by name.
inline bool far_places_wanted() {
  static const bool wanted = [] {
    const char* text = std::getenv("SINTER_DEBUG");
    return text && std::string_view(text).find("far") != std::string_view::npos;
  }();
  return wanted;
}

}  // namespace sinter::cuda
