// The CUDA devices as backends of the engine. Place in the whole: the addon opens streams on 'cuda:N' with what this returns.
#pragma once
#include <string>

#include "engine/backend.h"

namespace sinter::cuda {

// The backend of device `ordinal`; null where there is none, and then `reason` (one sentence), if asked for, says why. Does not open the
// device: that is done with the first stream on it, and may throw.
const Backend* cuda_backend(int ordinal, std::string* reason = nullptr);

}  // namespace sinter::cuda
