// Which registers of a function can share a place. PTX has a register for every value; a warp's file of all of them would not fit in
// any cache. Place in the whole: decode.cpp decodes a kernel once to learn where registers are used, and again with their places.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

namespace sinter::sim {

struct Occurrence {
  uint32_t at = 0;        // instruction
  uint32_t number = 0;    // of the register
  bool reads = false;     // its old value matters
  bool replaces = false;  // its value is new in every lane that is here
};

// Where control goes from an instruction, other than to the next one alone.
struct Jump {
  bool falls = false;  // to the next one, too
  std::vector<uint32_t> targets;
};

struct Region {
  uint32_t begin = 0, end = 0;  // instructions of a function
  std::vector<Occurrence> occurrences;
  std::map<uint32_t, Jump> jumps;
};

// The place in the file of each register that occurs in the region, from [base] on, by the bytes (0: predicate) of each; gives where
// the places end. What is live at once never shares, nor do the operands of one instruction.
uint32_t share_registers(const Region& region, const std::vector<uint32_t>& bytes, uint32_t base,
                         std::vector<uint32_t>& places);

// Bytes that a register takes in the file.
inline uint32_t file_bytes(uint32_t bytes) { return bytes == 0 ? 4 : bytes == 2 ? 64 : 32 * bytes; }

}  // namespace sinter::sim
