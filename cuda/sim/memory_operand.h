// What loads and stores keep beside their instruction.
#pragma once
#include "code.h"

namespace sinter::sim {

struct MemoryModel {
  uint32_t element = 0;    // bytes in memory
  uint32_t registers = 0;  // bytes of each register
  bool sign = false;       // extended with its sign where the register is wider
};

inline const MemoryModel& memory_model(const Instruction& in) {
  return *static_cast<const MemoryModel*>(in.extra->model.get());
}

}  // namespace sinter::sim
