// Native code's flags of SINTER_DEBUG. Place in the whole: lib/engine/debug.ts names them all, says what each does and refuses others.
#pragma once
#include <cstdlib>
#include <string_view>

namespace sinter {

// Whether SINTER_DEBUG names the flag.
inline bool debug_asks(std::string_view flag) {
  const char* text = std::getenv("SINTER_DEBUG");
  return text && std::string_view(text).find(flag) != std::string_view::npos;
}

}  // namespace sinter
