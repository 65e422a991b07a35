// Decoded kernels. Place in the whole: decode.cpp makes them of PTX's syntax, scheduler.cpp runs them.
//
// All of a kernel's code, with the functions that it calls in front, is one array of instructions; a program counter is an index
// into it. Each function has registers of its own in the warp's one register file: there is no recursion, as in CUDA's .func
// without a stack.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter.h"

namespace sinter::sim {

struct Warp;
struct Instruction;

// Executes the instruction for the lanes of [mask], which is never empty.
using Handler = void (*)(Warp& warp, const Instruction& in, uint32_t mask);

// Where an operand is: the byte offset of 32 lanes (of a predicate: of one word of 32 bits) in the warp's register file, or of a
// constant in Code::constants, then as ~offset.
using Slot = int32_t;
inline constexpr Slot kNoSlot = INT32_MIN;

// What the few instructions with more than three operands need.
struct Extra {
  std::vector<Slot> d, a, b, c;       // registers of vectors and fragments
  std::vector<Slot> more;             // further operands
  std::vector<uint32_t> targets;      // of brx, or the one of a call
  std::shared_ptr<const void> model;  // what a family of instructions has decoded for itself
};

struct Instruction {
  Handler run = nullptr;
  Slot d = kNoSlot, a = kNoSlot, b = kNoSlot, c = kNoSlot;
  Slot p = kNoSlot;      // second result, or predicate operand
  Slot guard = kNoSlot;  // predicate
  bool guard_negated = false;
  uint8_t bytes = 0;  // a lane accesses
  uint16_t option = 0;
  uint32_t target = 0;    // of a branch
  int64_t immediate = 0;  // offset of an address, or the handler's own
  const Extra* extra = nullptr;
};

// Beside each instruction; for reports.
struct Origin {
  uint32_t file = 0, line = 0;  // of the source, 0: not said
  int ptx_line = 0;
  std::string mnemonic;
};

struct Code {
  std::vector<Instruction> instructions;
  std::vector<Origin> origins;
  std::vector<std::unique_ptr<Extra>> extras;
  std::vector<std::byte> constants;
  // Constants that are known at launch: (offset of 32 lanes of 64 or 32 bits, index of the variable, what is added).
  struct VariableAddress {
    uint32_t offset, bytes, variable;
    uint64_t add;
  };
  std::vector<VariableAddress> addresses;
  uint32_t entry = 0;           // the first instruction
  uint32_t register_bytes = 0;  // of a warp
  uint32_t local_bytes = 0;     // of a thread
  uint32_t shared_bytes = 0;    // static
};

}  // namespace sinter::sim
