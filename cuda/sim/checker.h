// The checker: finds what executes without a fault and is wrong all the same. Place in the whole: handlers of memory and barriers
// tell it what threads do; what it reports is collected until somebody takes it.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "machine.h"

namespace sinter::sim {

enum class Access : uint8_t { kLoad, kStore, kAtomic };

class Checker {
 public:
  void launch_begins(Run&) {}
  void launch_ends(Run&) {}
  void block_begins(Block&) {}
  void block_ends(Block&) {}
  void global(Warp&, const Instruction&, uint64_t, uint32_t, int, Access) {}
  void shared(Warp&, const Instruction&, uint64_t, uint32_t, int, Access) {}
};

// "file.cu:12 (ld.global.f32)"
std::string describe_origin(const Program& program, const Origin& origin);

}  // namespace sinter::sim
