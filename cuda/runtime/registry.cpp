#include "cuda/runtime/registry.h"

namespace sinter::cuda {

namespace {

// Constant-initialised: registrations of other files may come before this file's turn.
constinit sinter::Kernel table[kMaxOpcode] = {};
constinit bool late_table[kMaxOpcode] = {};
constinit bool any = false;

}  // namespace

Registration::Registration(Opcode opcode, sinter::Kernel kernel, bool late) noexcept {
  table[static_cast<int>(opcode)] = kernel;
  late_table[static_cast<int>(opcode)] = late;
  any = true;
}

const sinter::Kernel* registered_kernels() { return table; }
const bool* late_kernels() { return late_table; }
bool any_registered() { return any; }

}  // namespace sinter::cuda
