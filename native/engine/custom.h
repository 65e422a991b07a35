// Operators from shared objects (native/include/sinter_operator.h). Place in the whole: behind opcodes from kFirstCustom; the
// decoder runs them like any other, on every backend whose memory is the host's.
#pragma once
#include <string>
#include <vector>

#include "engine/backend.h"

namespace sinter {

constexpr int kFirstCustom = 4096;

struct CustomInfo {
  std::string name;
  int opcode;
};

// Opens the library and registers its operators, once a process and path. Throws Error naming what is wrong.
std::vector<CustomInfo> load_operators(const std::string& path);
// Null when there is no such operator.
const OpInfo* custom_info(int opcode);
// Runs it; throws Error with the kernel's message.
void run_custom(int opcode, const Call& call, const Backend& backend);

}  // namespace sinter
