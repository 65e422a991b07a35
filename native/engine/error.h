// Errors inside the engine. Place in the whole: kernels and engine throw Error (through fail, call.h); the stream catches it
// and poisons the command's results with an ErrorInfo, which travels with them until a read reports it.
#pragma once
#include <atomic>
#include <string>

#include "engine/call.h"

namespace sinter {

struct Error {
  ErrorCode code;
  std::string message;
};

const char* error_code_name(ErrorCode code);  // "SINTER_OUT_OF_MEMORY", ...

// Shared by all results that one failure reaches.
class ErrorInfo {
 public:
  ErrorInfo(ErrorCode code, std::string message, const char* op, uint32_t origin)
      : code(code), message(std::move(message)), op(op), origin(origin) {}
  ErrorInfo* retain() {
    refs_.fetch_add(1, std::memory_order_relaxed);
    return this;
  }
  void release() {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  const ErrorCode code;
  const std::string message;
  const char* const op;   // operator that failed
  const uint32_t origin;  // id of its first result (or mutated operand), by which debug mode finds the call site
  std::atomic<bool> observed{false};

 private:
  ~ErrorInfo() = default;
  std::atomic<int> refs_{1};
};

}  // namespace sinter
