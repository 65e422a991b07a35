// The CUDA driver: a table of its functions, opened on first use. Place in the whole: everything in cuda/runtime calls CUDA through
// it, so that the addon needs no CUDA library to load, and so that SINTER_CUDA_DRIVER can name another driver: the stand-in of the
// tests (cuda/sim), or a libcuda.so.1 in an unusual place.
#pragma once
#include <string>

#include "cuda/runtime/abi.h"

namespace sinter::cuda {

// The oldest driver that takes what the build embeds: PTX of version 8.4 (cmake/SinterCuda.cmake).
constexpr int kOldestDriver = 12040;
constexpr int kOldestCapability = 80;  // what its PTX is written for

struct Driver {
#define DRIVER(member, symbol, parameters) CUresult(*member) parameters = nullptr;
#include "cuda/runtime/driver.def"
#undef DRIVER
};

struct DriverLibrary {
  Driver functions;
  bool found = false;   // the library was opened
  std::string name;     // what was opened or looked for
  std::string missing;  // a function that it does not export, or why it was not opened
  bool complete() const { return found && missing.empty(); }
};

// SINTER_CUDA_DRIVER, or the name under which Linux has the driver (Windows would say nvcuda.dll).
const char* driver_name();
// Opens it, at most once a process (any thread). Nothing is called in it, but its initialisers run: see probe.h, which asks in a child
// process first.
const DriverLibrary& driver_library();
// The table, once a device is known to be there.
inline const Driver& driver() { return driver_library().functions; }

// "invalid argument (CUDA_ERROR_INVALID_VALUE)"
std::string describe(CUresult status);

}  // namespace sinter::cuda
