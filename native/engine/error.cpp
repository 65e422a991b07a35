#include "engine/error.h"

#include <cstdarg>
#include <cstdio>

#include "engine/linear_algebra.h"

namespace sinter {

void fail(ErrorCode code, const char* format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof text, format, args);
  va_end(args);
  throw Error{code, text};
}

const char* error_code_name(ErrorCode code) {
  if (code == kLinearAlgebra) return "SINTER_LINEAR_ALGEBRA";
  switch (code) {
    case ErrorCode::out_of_memory: return "SINTER_OUT_OF_MEMORY";
    case ErrorCode::index_out_of_range: return "SINTER_INDEX_OUT_OF_RANGE";
    case ErrorCode::unsupported: return "SINTER_UNSUPPORTED";
    case ErrorCode::device_lost: return "SINTER_DEVICE_LOST";
    case ErrorCode::internal: break;
  }
  return "SINTER_INTERNAL";
}

}  // namespace sinter
