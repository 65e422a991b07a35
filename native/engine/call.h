// What a kernel receives. Place in the whole: the only interface between the engine and its backends; a kernel sees raw
// operands, never slots, storages, JavaScript or N-API.
#pragma once
#include "engine/dtype.h"

// Code that several instruction-set units include must leave no weak function behind: the linker would keep one copy for all.
#define SINTER_INLINE inline __attribute__((always_inline))

namespace sinter {

constexpr int kMaxRank = 16;

enum class ErrorCode : uint8_t {
  out_of_memory,
  index_out_of_range,
  unsupported,
  unsupported_on_device,  // the backend has no form of the operator, others may
  internal,
  device_lost,
  linear_algebra,  // a matrix that a decomposition does not take: singular, not positive definite, without convergence
  kernel,          // what an operator from outside reports
};

// Throws an Error (engine/error.h) with a printf-formatted message; the engine turns it into a poisoned result.
// Not to be called inside a parallel_for body: detect there, report after it.
[[noreturn]] void fail(ErrorCode code, const char* format, ...) __attribute__((format(printf, 2, 3)));

// One operand. Strides are in elements and may be 0 (broadcast) or, for inputs, anything a view can make.
struct TensorRef {
  void* data = nullptr;  // first element, offset applied; null: operand absent
  int64_t numel = 0;
  const int64_t* dims = nullptr;
  const int64_t* strides = nullptr;
  int32_t rank = -1;  // -1: operand absent
  DType dtype = DType::f32;
  bool contiguous = true;  // row-major without gaps

  SINTER_INLINE bool present() const { return rank >= 0; }
  template <class T>
  SINTER_INLINE T* as() const {
    return static_cast<T*>(data);
  }
  // Dimension i, negative from the end.
  SINTER_INLINE int64_t dim(int i) const { return dims[i < 0 ? i + rank : i]; }
};

class DeviceQueue;
class Workspace;
struct ReportRecord;

struct Call {
  const TensorRef* in;
  const TensorRef* out;
  const double* attr;
  int32_t nin, nout, nattr;
  Workspace* workspace;          // the engine's, for the functions below
  DeviceQueue* queue = nullptr;  // of a backend with memory of its own (device.h)

  // Memory where the operands' is: on the host 64-byte aligned (SINTER_DEBUG=guard aligns whole lines only) until the kernel
  // returns, on a device 256-byte aligned until what the kernel queued has run. Uninitialised. Throws out_of_memory. Call it on the
  // kernel's own thread, not inside parallel_for.
  void* scratch(size_t bytes) const;
  // Host memory until the kernel returns, on any backend.
  void* host_scratch(size_t bytes) const;
  // On a device: the address of a zeroed record, where what is queued reports that it failed (report.h).
  // `text` writes the message that the record stands for.
  ReportRecord* report(ErrorCode code, void (*text)(const ReportRecord&, char* message, size_t size)) const;
  template <class T>
  SINTER_INLINE T* scratch_of(int64_t n) const {
    return static_cast<T*>(scratch(static_cast<size_t>(n) * sizeof(T)));
  }
  // Operand i, or an absent one.
  SINTER_INLINE TensorRef opt(int i) const { return i < nin ? in[i] : TensorRef{}; }
  SINTER_INLINE int64_t int_attr(int i) const { return static_cast<int64_t>(attr[i]); }
};

using Kernel = void (*)(const Call&);

}  // namespace sinter
