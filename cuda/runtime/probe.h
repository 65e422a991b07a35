// Is there a CUDA driver that works, and a device? Place in the whole: asked before anything else of cuda/runtime touches the driver;
// what it finds is what `sinter info`, cuda.isAvailable() and device('cuda') say.
//
// Some installations crash or hang as soon as their driver is loaded or started (a library of one version over a kernel module of
// another, a broken preload). So the first question is put by a child process, and this process loads the driver only if it came back.
#pragma once
#include <string>

namespace sinter::cuda {

struct Probe {
  int devices = 0;         // usable ones, at most kMaxDevices; 0: CUDA is not available
  int driver_version = 0;  // 13000: CUDA 13.0; 0: not known
  std::string reason;      // one sentence: what was found, or why there is nothing and what to do
};

// At most once a process (any thread); takes some 0.1 to 0.3 s where there is a device.
const Probe& probe();

}  // namespace sinter::cuda
