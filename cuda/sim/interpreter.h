// The interpreter of PTX: what the simulated driver (executor.cpp) calls. Place in the whole: parse.cpp reads the text, decode.cpp
// turns it into instructions with a handler each (exec_*.cpp), scheduler.cpp runs grids of them over the memory of memory.h.
//
// What a program says is checked when it is parsed: an instruction, modifier or directive that nothing here models is a ParseError
// with its line, never something that is passed over.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "memory.h"

namespace sinter::sim {

class Checker;
class Profile;

class ParseError : public std::runtime_error {
 public:
  ParseError(int line, const std::string& what)
      : std::runtime_error("line " + std::to_string(line) + ": " + what), line(line) {}
  const int line;
};

struct Parameter {
  std::string name;
  uint32_t offset = 0, bytes = 0, alignment = 1;
};

// A .global or .const variable of the module, for which the driver finds memory.
struct Variable {
  std::string name;
  bool constant = false;
  uint64_t bytes = 0;
  uint32_t alignment = 1;
  std::vector<std::byte> initial;  // the bytes that follow are zero
};

struct Dim {
  uint32_t x = 1, y = 1, z = 1;
  uint64_t count() const { return uint64_t{x} * y * z; }
};

struct Code;  // code.h

// A kernel.
struct Function {
  std::string name;
  std::vector<Parameter> parameters;
  uint32_t parameter_bytes = 0;
  uint32_t static_shared = 0;  // bytes a block
  uint32_t local = 0;          // bytes a thread
  uint32_t max_threads = 0;    // .maxntid or .reqntid; 0: not said
  uint32_t min_blocks = 0;     // .minnctapersm
  uint32_t max_registers = 0;  // .maxnreg
  bool clustered = false;      // .reqnctapercluster or .explicitcluster
  Dim required_cluster;        // .reqnctapercluster
  std::shared_ptr<const Code> code;
};

struct Program {
  std::vector<Function> functions;
  std::vector<Variable> variables;
  std::vector<std::string> files;  // index: the number of .file
  int target = 0;                  // 80, 90, ...

  const Function* find(std::string_view name) const;
};

std::shared_ptr<const Program> parse(std::string_view ptx);

struct Launch {
  Dim grid, block, cluster;
  bool clustered = false;                 // a cluster was asked for, if only of one block
  uint32_t dynamic_shared = 0;            // bytes
  const std::byte* parameters = nullptr;  // Function::parameter_bytes
  std::vector<uint64_t> variables;        // device addresses, in the order of Program::variables
  uint64_t seed = 0;                      // orders warps and blocks; 0: in order, blocks one after another
  unsigned workers = 1;                   // host threads
  bool cooperative = false;               // all blocks are resident at once
  uint64_t budget = 0;                    // warp instructions until a block must have ended, 0: any number
  bool counted = false;                   // LaunchResult::counts is wanted
  uint64_t grid_id = 0;                   // %gridid
};

enum class Fault : uint8_t {
  kNone,
  kIllegalAddress,
  kMisalignedAddress,
  kIllegalInstruction,
  kInvalidAddressSpace,
  kAssert,
  kTrap,
  kDeadlock,  // no thread can go on; a device would hang
  kEndless,   // the budget is spent
};

struct LaunchResult {
  Fault fault = Fault::kNone;
  std::string message;             // kernel, file:line, block and thread, what happened
  std::vector<uint64_t> counts{};  // of a counted launch without a fault: how often each instruction was executed
};

// Runs the launch to its end, or to its first fault. Either of checker and profile may be null.
LaunchResult execute(const Program& program, const Function& function, const Launch& launch, Memory& memory,
                     Checker* checker = nullptr, Profile* profile = nullptr);

}  // namespace sinter::sim
