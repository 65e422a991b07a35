#include "engine/error.h"

#include <cstdarg>
#include <cstdio>

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
  switch (code) {
    case ErrorCode::out_of_memory: return "SINTER_OUT_OF_MEMORY";
    case ErrorCode::index_out_of_range: return "SINTER_INDEX_OUT_OF_RANGE";
    case ErrorCode::unsupported: return "SINTER_UNSUPPORTED";
    case ErrorCode::device_lost: return "SINTER_DEVICE_LOST";
    case ErrorCode::unsupported_on_device: return "SINTER_UNSUPPORTED_ON_DEVICE";
    case ErrorCode::linear_algebra: return "SINTER_LINEAR_ALGEBRA";
    case ErrorCode::kernel: return "SINTER_KERNEL";
    case ErrorCode::internal: break;
  }
  return "SINTER_INTERNAL";
}

}  // namespace sinter
