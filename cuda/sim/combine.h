// The read-modify-write operations of atom, red and the asynchronous reductions. Place in the whole: of one element, as bits.
#pragma once
#include <cstdint>
#include <string_view>

#include "decoder.h"

namespace sinter::sim {

// old, operand, second operand (of cas) -> new
using Combine = uint64_t (*)(uint64_t old, uint64_t b, uint64_t c);

// Null where there is no such operation on the type. [flush]: float additions flush denormals, as in global memory.
Combine find_combine(std::string_view operation, const Type& type, bool flush);

}  // namespace sinter::sim
