// Launching kernels. Place in the whole: all that the host side of an operator (cuda/kernels/*/X.cpp) needs of the runtime. What is
// launched runs on the call's queue, after what was launched there before.
//
//   extern const Image image_softmax;
//   static constinit Kernel rows_f32{image_softmax, "softmax_rows_f32"};
//   ...
//   launch(call, rows_f32, Dim(rows), Dim(256), 0, x.as<const float>(), y.as<float>(), n);
//
// The arguments are handed over as the bytes that they are, so their types must be the kernel's: pass int64_t where the kernel takes
// int64_t. The first launch of a kernel on a device compares number and sizes with what the device code says.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

#include "cuda/runtime/device_info.h"
#include "cuda/runtime/image.h"
#include "engine/call.h"

namespace sinter::cuda {

constexpr int kMaxDevices = 16;  // ordinals from here on are not listed

struct Dim {
  uint32_t x = 1, y = 1, z = 1;
  constexpr Dim() = default;
  // Sizes of tensors are int64_t; what does not fit a launch becomes an error of the launch, not a smaller grid.
  constexpr explicit Dim(int64_t x, int64_t y = 1, int64_t z = 1) : x(clamped(x)), y(clamped(y)), z(clamped(z)) {}

 private:
  static constexpr uint32_t clamped(int64_t n) {
    return n < 0 || n > INT64_C(0xffffffff) ? 0xffffffffu : static_cast<uint32_t>(n);
  }
};

struct Function;  // a kernel on one device (module.h)

// An exported kernel (extern "C" __global__) of an image. A constant-initialised static: it costs nothing until it is launched.
class Kernel {
 public:
  constexpr Kernel(const Image& image, const char* name) : image_(&image), name_(name) {}
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  const Image& image() const { return *image_; }
  const char* name() const { return name_; }

 private:
  friend class Modules;
  const Image* image_;
  const char* name_;
  mutable std::array<std::atomic<const Function*>, kMaxDevices> functions_{};
};

struct Shape {
  Dim grid, block;
  uint32_t dynamic_shared = 0;
  Dim cluster{0, 0, 0};  // blocks a cluster (compute capability 9.0 and up); zeros: none
  bool programmatic =
      false;  // may start before the kernel in front of it has ended: it waits with griddepcontrol itself
};

namespace detail {
void launch(const Call& call, const Kernel& kernel, const Shape& shape, void** arguments, const uint32_t* sizes,
            uint32_t count);
}  // namespace detail

// Throws Error: it names kernel, shape, device and what the driver said. A grid with no blocks is not launched.
template <class... Args>
void launch(const Call& call, const Kernel& kernel, const Shape& shape, Args... args) {
  static_assert((std::is_trivially_copyable_v<Args> && ...), "arguments of kernels are copied as bytes");
  constexpr uint32_t count = sizeof...(Args);
  const uint32_t sizes[count + 1] = {static_cast<uint32_t>(sizeof(Args))..., 0};
  void* arguments[count + 1] = {const_cast<void*>(static_cast<const void*>(&args))..., nullptr};
  detail::launch(call, kernel, shape, arguments, sizes, count);
}
template <class... Args>
void launch(const Call& call, const Kernel& kernel, Dim grid, Dim block, uint32_t dynamic_shared, Args... args) {
  launch(call, kernel, Shape{grid, block, dynamic_shared}, args...);
}

// The device that the call runs on.
const DeviceInfo& device_of(const Call& call);
// Blocks of the kernel that one multiprocessor holds at a time; 0: not even one. Throws Error.
int resident_blocks(const Call& call, const Kernel& kernel, uint32_t threads, uint32_t dynamic_shared);

// Device memory, in the queue's order. Throw Error.
void set_bytes(const Call& call, void* to, uint8_t value, size_t bytes);
void copy_bytes(const Call& call, void* to, const void* from, size_t bytes);  // the ranges do not overlap

}  // namespace sinter::cuda
