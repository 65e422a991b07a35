// Sparsity metadata of mma.sp and wgmma.mma_async.sp. Place in the whole: mma_sparse.cpp reads it for both.
#pragma once
#include <cstdint>

#include "matrix.h"

namespace sinter::sim {

// Which term of B's k (fragments.h) each of A's k / 2 terms is multiplied with, pick[16 rows][stride], from a warp's metadata
// registers. Throws ModelError for metadata or a selector that the PTX ISA does not have: a nibble's indices must differ, and
// [ordered] ones increase.
void read_metadata(Element type, int k, bool ordered, const uint32_t* metadata, uint32_t selector, uint8_t* pick,
                   int stride);

}  // namespace sinter::sim
