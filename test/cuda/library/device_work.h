// What a stand-in for one of NVIDIA's libraries does on the device: it reads, computes on the host, and writes, in a stream's order.
// Place in the whole: shared by the stand-ins beside this folder, over whatever driver SINTER_CUDA_DRIVER names.
#pragma once
#include <dlfcn.h>

#include <cstddef>
#include <cstdlib>
#include <type_traits>
#include <vector>

#include "cuda/runtime/abi.h"

namespace standin {

using sinter::cuda::CUdeviceptr;
using sinter::cuda::CUresult;
using sinter::cuda::CUstream;

struct Driver {
  CUresult (*synchronize)(CUstream) = nullptr;
  CUresult (*capturing)(CUstream, int*) = nullptr;
  CUresult (*to_host)(void*, CUdeviceptr, size_t, CUstream) = nullptr;
  CUresult (*to_device)(CUdeviceptr, const void*, size_t, CUstream) = nullptr;
  CUresult (*set)(CUdeviceptr, unsigned char, size_t, CUstream) = nullptr;
  bool complete = false;
};
inline const Driver& driver() {
  static const Driver table = [] {
    Driver d;
    const char* name = std::getenv("SINTER_CUDA_DRIVER");
    void* library = dlopen(name && *name ? name : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    const auto find = [&](auto& member, const char* symbol) {
      member = library ? reinterpret_cast<std::remove_reference_t<decltype(member)>>(dlsym(library, symbol)) : nullptr;
      return member != nullptr;
    };
    d.complete = find(d.synchronize, "cuStreamSynchronize") && find(d.capturing, "cuStreamIsCapturing") &&
                 find(d.to_host, "cuMemcpyDtoHAsync_v2") && find(d.to_device, "cuMemcpyHtoDAsync_v2") &&
                 find(d.set, "cuMemsetD8Async");
    return d;
  }();
  return table;
}

class DeviceWork {
 public:
  explicit DeviceWork(CUstream stream) : stream_(stream) {}

  // Whether all went well so far.
  bool good() const { return driver().complete && good_; }
  // What computes on the host cannot be recorded.
  bool recorded() const {
    int capturing = 0;
    return !driver().complete || driver().capturing(stream_, &capturing) != CUresult::success || capturing;
  }

  std::vector<std::byte> read(const void* from, size_t bytes) {
    std::vector<std::byte> data(bytes);
    if (good() && bytes) note(driver().to_host(data.data(), address(from), bytes, stream_));
    if (good()) note(driver().synchronize(stream_));
    return data;
  }
  void write(void* to, const std::vector<std::byte>& data) {
    if (good() && !data.empty()) note(driver().to_device(address(to), data.data(), data.size(), stream_));
    if (good()) note(driver().synchronize(stream_));
  }
  // Work memory: nothing that is in it stays.
  void scribble(void* to, size_t bytes) {
    if (good() && bytes) note(driver().set(address(to), 0xa5, bytes, stream_));
  }

 private:
  static CUdeviceptr address(const void* p) { return static_cast<CUdeviceptr>(reinterpret_cast<uintptr_t>(p)); }
  void note(CUresult result) { good_ = good_ && result == CUresult::success; }

  CUstream stream_;
  bool good_ = true;
};

}  // namespace standin
