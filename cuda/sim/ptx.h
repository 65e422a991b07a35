// The syntax of a PTX module, as parse.cpp reads it and decode.cpp resolves it. Place in the whole: text in, this out; knows
// directives and the shape of operands, not what instructions mean. All string_views point into the module's text.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter.h"

namespace sinter::sim::ptx {

struct Operand {
  enum class Kind : uint8_t {
    kName,     // register, variable, label or function, with an offset perhaps
    kInteger,  // value
    kFloat32,  // value: the bits of 0fXXXXXXXX
    kFloat64,  // value: the bits of 0dXXXXXXXXXXXXXXXX, or of a decimal number
    kAddress,  // [parts...]; value: what is added to the first
    kVector,   // {parts...}
    kPair,     // first|second
    kList,     // (parts...) of a call
    kSink,     // _
  };
  Kind kind = Kind::kSink;
  bool negated = false;  // !p
  std::string_view name;
  uint64_t value = 0;
  std::vector<Operand> parts;
};

struct Source {
  uint32_t file = 0, line = 0;  // of .loc; 0: none
};

struct Statement {
  int line = 0;  // of the PTX text
  Source source;
  int scope = 0;
  std::string_view guard;  // predicate register, empty: none
  bool guard_negated = false;
  std::string_view mnemonic;  // the whole of it
  std::vector<Operand> operands;
};

enum class Space : uint8_t { kRegister, kShared, kGlobal, kConst, kLocal, kParameter, kLabel, kTable, kFunction };

struct Symbol {
  Space space = Space::kRegister;
  std::string_view type;  // ".b32"
  uint64_t bytes = 0;
  uint32_t alignment = 1;
  bool external = false;  // .extern .shared x[]: dynamic shared memory
  uint32_t count = 0;     // of registers %r<count>; 0: a single one
  uint32_t index = 0;     // label: of a statement; variable: of Module::variables; function: of Module::bodies
  uint32_t id = 0;        // unique in the module
  int line = 0;
  std::vector<std::string_view> labels;  // of .branchtargets
};

struct Scope {
  int parent = -1;
  std::map<std::string_view, Symbol> symbols;
};

struct FormalParameter {
  std::string_view name;
  uint32_t bytes = 0, alignment = 1;
};

// .entry or .func
struct Body {
  std::string_view name;
  int line = 0, scope = 0;
  bool entry = false, defined = false;
  std::vector<FormalParameter> results, parameters;
  uint32_t max_threads = 0, min_blocks = 0, max_registers = 0;
  bool clustered = false;
  Dim required_cluster;
  std::vector<Statement> statements;
};

struct Module {
  int target = 0;
  std::vector<std::string> files;
  std::vector<Variable> variables;
  std::vector<Body> bodies;
  std::vector<Scope> scopes;  // 0: the module's

  // [name] as seen from [scope], or null. [element]: which of parameterized registers.
  const Symbol* find(int scope, std::string_view name, uint32_t& element) const;
};

Module read(std::string_view text);

// Bytes of ".b32" and so on; 0 for .pred and for what is no type.
uint32_t bytes_of_type(std::string_view type);

}  // namespace sinter::sim::ptx
