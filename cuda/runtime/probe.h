// Is there a CUDA driver and a device? Place in the whole: what `sinter info` and device('cuda') say. The driver library is
// opened at run time; the addon needs no CUDA library to load.
#pragma once
#include <string>

namespace sinter::cuda {

struct Probe {
  int devices;         // usable devices, 0 when there is none
  std::string reason;  // one sentence: what was found, or why there is none
};

Probe probe();

}  // namespace sinter::cuda
