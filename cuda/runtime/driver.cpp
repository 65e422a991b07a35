#include "cuda/runtime/driver.h"

#include <dlfcn.h>

#include <cstdlib>

namespace sinter::cuda {

namespace {

DriverLibrary open_library() {
  DriverLibrary library;
  library.name = driver_name();
  void* handle = dlopen(library.name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* why = dlerror();
    library.missing = why ? why : "no reason was given";
    return library;
  }
  library.found = true;
  Driver& f = library.functions;
  const auto find = [&](auto& member, const char* symbol) {
    member = reinterpret_cast<std::remove_reference_t<decltype(member)>>(dlsym(handle, symbol));
    if (!member && library.missing.empty()) library.missing = symbol;
  };
#define DRIVER(member, symbol, parameters) find(f.member, #symbol);
#include "cuda/runtime/driver.def"
#undef DRIVER
  return library;
}

}  // namespace

const char* driver_name() {
  const char* wish = std::getenv("SINTER_CUDA_DRIVER");
  return wish && *wish ? wish : "libcuda.so.1";
}

const DriverLibrary& driver_library() {
  static const DriverLibrary* library =
      new DriverLibrary(open_library());  // never closed: storages may outlive all else
  return *library;
}

std::string describe(CUresult status) {
  const Driver& f = driver();
  const char *name = nullptr, *text = nullptr;
  if (f.error_name) f.error_name(status, &name);
  if (f.error_string) f.error_string(status, &text);
  if (!name) return "error " + std::to_string(static_cast<int>(status));
  return (text ? std::string(text) : std::string("error")) + " (" + name + ")";
}

}  // namespace sinter::cuda
