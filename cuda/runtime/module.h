// Device code loaded on one device. Place in the whole: behind the kernels of launch.h; an image is loaded at the first launch of one
// of its kernels, and stays.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "cuda/runtime/abi.h"
#include "cuda/runtime/archive.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

class Device;

struct Function {
  const char* name;
  CUfunction handle = nullptr;
  uint32_t max_threads = 0;                          // a block may have, by its registers and launch bounds
  uint32_t static_shared = 0;                        // bytes
  uint32_t dynamic_limit = 0;                        // bytes that a block may ask for beside them
  mutable std::atomic<uint32_t> dynamic_allowed{0};  // what the driver has been told to allow
  mutable std::atomic<bool> checked{false};          // the parameters of a launch have been compared
};

class Modules {
 public:
  explicit Modules(Device& device) : device_(device) {}

  // The kernel on this device, loaded if need be. Throws Error: what the driver's compiler says about the image. The context is
  // current in all of them.
  const Function& find(const Kernel& kernel);
  // An image that is text and no kernel. Throws Error.
  const char* text(const Image& image);
  // Throws Error when the kernel's parameters are not of these sizes; asks once a function.
  void check_parameters(const Function& function, const uint32_t* sizes, uint32_t count);
  // Tells the driver that blocks of the function will ask for so much dynamic shared memory.
  void allow_dynamic(const Function& function, uint32_t bytes);
  // Unloads a kernel whose image has no other, and which nobody launches any more. Waits for the device.
  void forget(const Kernel& kernel);

  // The next archive that this device's kernels come from and that nobody has unpacked; null: nothing is missing.
  const Archive* wanted();
  // Its contents. Where the driver does not take the machine code, or images have none, the PTX is wanted next. Throws Error.
  void give(const Archive& archive, std::span<const std::byte> unpacked);

 private:
  struct Loaded {
    CUmodule module = nullptr;
    std::string error;  // kept: compiling it again would take as long and say the same
  };

  const Function& load(const Kernel& kernel, std::atomic<const Function*>& resolved);
  CUmodule load_image(const Image& image);
  const void* code_of(const Image& image) const;
  const Archive* choose() const;
  void use(const Archive& archive, const UnpackedArchive& unpacked);

  Device& device_;
  std::mutex mutex_;
  bool refused_ = false;  // the driver does not take our machine code
  // Shared by the devices of a kind, for good: modules load from them lazily. PTX where an image has no machine code.
  const UnpackedArchive *machine_ = nullptr, *ptx_ = nullptr, *texts_ = nullptr;
  std::unordered_map<const Image*, Loaded> images_;
  std::vector<std::unique_ptr<Function>> functions_;
};

}  // namespace sinter::cuda
