// What the models of instructions throw: something the program did that a device faults on, or that the PTX ISA leaves
// undefined. Place in the whole: the executor catches it, adds kernel, source line, block and thread, and ends the launch with
// the driver's code for the fault.
#pragma once
#include <stdexcept>
#include <string>

namespace sinter::sim {

class ModelError : public std::runtime_error {
 public:
  enum class Kind {
    kIllegalInstruction,  // CUDA_ERROR_ILLEGAL_INSTRUCTION, as a device said of such operands
    kMisaligned,          // CUDA_ERROR_MISALIGNED_ADDRESS
    kOutOfBounds,         // CUDA_ERROR_ILLEGAL_ADDRESS
    kUndefined,           // undefined by the PTX ISA: a device may do anything; reported always
  };
  ModelError(Kind kind, const std::string& what) : std::runtime_error(what), kind(kind) {}
  const Kind kind;
};

}  // namespace sinter::sim
