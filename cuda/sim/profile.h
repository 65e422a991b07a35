// The profile: what kernels executed.
#pragma once
#include <cstdint>
#include <vector>

#include "machine.h"

namespace sinter::sim {

enum class Where : uint8_t;

class Profile {
 public:
  void add_counts(const Run&, const std::vector<uint64_t>&) {}
  void access(Warp&, const Instruction&, Where, const uint64_t*, uint32_t, uint32_t) {}
};

}  // namespace sinter::sim
