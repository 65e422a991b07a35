// Where the random numbers of a recorded graph begin, in device memory, anew for every launch. Place in the whole: of late.h; known to
// device code.
#pragma once
#include <cstdint>

namespace sinter {

struct LateStream {
  uint32_t key0, key1;  // in place of the seed that was recorded
  uint64_t offset;      // added to the one that was recorded
};

}  // namespace sinter
