// LDL systems: what ldl.cu and its host side agree on. Place in the whole: see ldl_solve.cpp.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kLdlThreads = 128;

// What row i of D is.
enum class LdlBlock : int32_t { single = 0, first = 1, second = 2 };  // the last two: of a block of order 2

}  // namespace sinter::cuda
