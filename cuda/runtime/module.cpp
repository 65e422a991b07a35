#include "cuda/runtime/module.h"

#include <map>

#include "cuda/runtime/device.h"

namespace sinter::cuda {

namespace {

constexpr size_t kLogBytes = 4096;
constexpr uint32_t kDynamicByDefault = 48 << 10;  // more than this, with the static part, a kernel has to ask for

// Unpacked archives of this process, by their places in archives().
std::mutex unpacking;
std::map<const Archive*, const UnpackedArchive*> unpacked_archives;

// What a driver says of machine code that it does not know (CUDA Driver API, CUresult).
bool refuses(CUresult status) {
  return status == CUresult::invalid_image || status == CUresult::no_binary_for_gpu ||
         status == CUresult::unsupported_ptx_version;
}

}  // namespace

const Archive* Modules::choose() const {
  const Archive *machine = nullptr, *ptx = nullptr, *texts = nullptr;
  for (const Archive& a : archives()) {
    if (a.generation == device_.info().major) machine = &a;
    if (a.generation == kPtx) ptx = &a;
    if (a.generation == kTexts) texts = &a;
  }
  if (machine && !machine_ && !refused_) return machine;
  if (texts && !texts_) return texts;
  return !ptx_ && (!machine_ || machine_->partial()) ? ptx : nullptr;
}

const Archive* Modules::wanted() {
  std::lock_guard lock(mutex_);
  for (;;) {
    const Archive* archive = choose();
    if (!archive) return nullptr;
    const UnpackedArchive* unpacked;
    {
      std::lock_guard shared(unpacking);
      unpacked = unpacked_archives[archive];
    }
    if (!unpacked) return archive;
    use(*archive, *unpacked);  // another device of the kind was first
  }
}

void Modules::give(const Archive& archive, std::span<const std::byte> bytes) {
  std::lock_guard lock(mutex_);
  if (choose() != &archive) return;  // another thread was first
  const UnpackedArchive* unpacked;
  {
    std::lock_guard shared(unpacking);
    const UnpackedArchive*& kept = unpacked_archives[&archive];
    if (!kept) kept = new UnpackedArchive(bytes);
    unpacked = kept;
  }
  use(archive, *unpacked);
}

void Modules::use(const Archive& archive, const UnpackedArchive& unpacked) {
  if (archive.generation == kPtx || archive.generation == kTexts) {
    (archive.generation == kPtx ? ptx_ : texts_) = &unpacked;
    return;
  }
  const void* sample = unpacked.sample(device_.info().capability());
  CUmodule module = nullptr;
  device_.make_current();
  const CUresult status =
      sample ? driver().module_load(&module, sample, 0, nullptr, nullptr) : CUresult::no_binary_for_gpu;
  if (refuses(status)) {
    refused_ = true;
    return;
  }
  device_.check(status, "loading kernels");
  device_.check(driver().module_unload(module), "unloading kernels");
  machine_ = &unpacked;
}

const void* Modules::code_of(const Image& image) const {
  if (image.data) return image.data;
  for (const UnpackedArchive* archive : {machine_, ptx_, texts_})
    if (const void* code = archive ? archive->find(image.name, device_.info().capability()) : nullptr) return code;
  fail(ErrorCode::internal, "the kernels of %s %s", image.name,
       machine_ || ptx_ ? "are not in this build's archives" : "were asked for before their archive was unpacked");
}

const char* Modules::text(const Image& image) {
  std::lock_guard lock(mutex_);
  return static_cast<const char*>(code_of(image));
}

CUmodule Modules::load_image(const Image& image) {
  Loaded& loaded = images_[&image];
  if (loaded.module) return loaded.module;
  if (loaded.error.empty()) {
    char log[kLogBytes] = "";
    JitOption options[] = {JitOption::error_log, JitOption::error_log_bytes};
    void* values[] = {log, reinterpret_cast<void*>(kLogBytes)};
    const void* code = code_of(image);
    const auto load = [&] { return driver().module_load(&loaded.module, code, 2, options, values); };
    CUresult status = load();
    if (status == CUresult::out_of_memory && device_.memory().empty_cache()) status = load();
    if (status == CUresult::success) return loaded.module;
    loaded.module = nullptr;
    log[kLogBytes - 1] = 0;
    std::string doing = std::string("loading the kernels of ") + image.name;
    if (*log) doing += std::string(" (the driver's compiler: ") + log + ")";
    try {
      device_.raise(status, doing);
    } catch (const Error& e) {
      if (e.code == ErrorCode::internal) loaded.error = e.message;
      throw;
    }
  }
  fail(ErrorCode::internal, "%s", loaded.error.c_str());
}

const Function& Modules::find(const Kernel& kernel) {
  std::atomic<const Function*>& resolved = kernel.functions_[static_cast<size_t>(device_.info().ordinal)];
  const Function* f = resolved.load(std::memory_order_acquire);
  return f ? *f : load(kernel, resolved);
}

const Function& Modules::load(const Kernel& kernel, std::atomic<const Function*>& resolved) {
  std::lock_guard lock(mutex_);
  if (const Function* f = resolved.load(std::memory_order_acquire)) return *f;
  const Driver& d = driver();
  auto f = std::make_unique<Function>();
  f->name = kernel.name();
  const CUmodule module = load_image(kernel.image());
  device_.check(d.module_function(&f->handle, module, kernel.name()),
                (std::string("finding the kernel ") + kernel.name() + " in " + kernel.image().name).c_str());
  const auto attribute = [&](FunctionAttribute a) {
    int value = 0;
    device_.check(d.function_attribute(&value, a, f->handle), "reading a kernel's attributes");
    return static_cast<uint32_t>(value);
  };
  f->max_threads = attribute(FunctionAttribute::threads_per_block);
  f->static_shared = attribute(FunctionAttribute::shared_bytes);
  const auto most = static_cast<uint32_t>(device_.info().shared_per_block);
  f->dynamic_limit = most > f->static_shared ? most - f->static_shared : 0;
  f->dynamic_allowed = kDynamicByDefault > f->static_shared ? kDynamicByDefault - f->static_shared : 0;
  functions_.push_back(std::move(f));
  const Function* done = functions_.back().get();
  resolved.store(done, std::memory_order_release);
  return *done;
}

void Modules::forget(const Kernel& kernel) {
  std::lock_guard lock(mutex_);
  const auto loaded = images_.find(&kernel.image());
  if (loaded == images_.end()) return;
  if (loaded->second.module) {
    device_.make_current();
    device_.check(driver().context_synchronize(), "waiting for the device");
    device_.check(driver().module_unload(loaded->second.module), "unloading kernels");
  }
  images_.erase(loaded);
  const Function* gone = kernel.functions_[static_cast<size_t>(device_.info().ordinal)].exchange(nullptr);
  std::erase_if(functions_, [gone](const std::unique_ptr<Function>& f) { return f.get() == gone; });
}

// A launch copies as many bytes as the kernel declares from each argument: too short a one would be read past its end.
void Modules::check_parameters(const Function& f, const uint32_t* sizes, uint32_t count) {
  if (f.checked.load(std::memory_order_relaxed)) return;
  const Driver& d = driver();
  for (uint32_t i = 0;; i++) {
    size_t offset = 0, size = 0;
    const bool declared = d.function_parameter(f.handle, i, &offset, &size) == CUresult::success;
    if (declared && i < count && size == sizes[i]) continue;
    if (!declared && i == count) break;
    if (declared && i < count)
      fail(ErrorCode::internal, "%s: parameter %u has %zu bytes in the kernel and %u in the launch", f.name, i, size,
           sizes[i]);
    fail(ErrorCode::internal, "%s: the kernel has %s parameters than the %u of the launch", f.name,
         declared ? "more" : "fewer", count);
  }
  f.checked.store(true, std::memory_order_relaxed);
}

void Modules::allow_dynamic(const Function& f, uint32_t bytes) {
  if (bytes <= f.dynamic_allowed.load(std::memory_order_relaxed)) return;
  std::lock_guard lock(mutex_);
  if (bytes <= f.dynamic_allowed.load(std::memory_order_relaxed)) return;
  device_.check(driver().function_set_attribute(f.handle, FunctionAttribute::dynamic_shared_bytes,
                                                static_cast<int>(f.dynamic_limit)),
                (std::string("asking for shared memory for ") + f.name).c_str());
  f.dynamic_allowed.store(f.dynamic_limit, std::memory_order_relaxed);
}

}  // namespace sinter::cuda
