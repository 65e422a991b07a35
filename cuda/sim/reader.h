// The reader of PTX: its state, shared by parse.cpp (directives and statements), parse_declarations.cpp (variables, parameters,
// functions) and parse_operands.cpp. Place in the whole: behind read() of ptx.h.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lexer.h"
#include "ptx.h"

namespace sinter::sim::ptx {

struct Declared {
  std::string_view type, name;
  uint64_t bytes = 0;
  uint32_t alignment = 1, count = 0;
  bool open = false;  // name[]
  int line = 0;
};

uint64_t number(const Token& token);

class Reader {
 public:
  explicit Reader(std::string_view text) : lexer_(text) { module_.scopes.emplace_back(); }
  Module read();

 private:
  [[noreturn]] static void refuse(const Token& token, const std::string& what) {
    throw ParseError(token.line, what + " '" + std::string(token.text) + "'");
  }

  void skip_braces();
  void module_directive();
  void declaration(const Token& token);
  void read_file();

  // .loc file line column [, function_name name [+ offset], inlined_at file line column]
  void read_location();

  // [.align n] [.ptr ...] .type name [count] or <count>
  Declared declared();
  Symbol& declare(int scope, std::string_view name, Symbol symbol, int line);
  void variable(const Token& space, int scope);
  void initializer(Variable& variable, uint32_t element);
  std::vector<FormalParameter> parameters();
  void body(const Token& kind);
  Dim triple();
  void performance(Body& made);
  int open_scope(int parent);

  // Up to the closing brace.
  void block(Body& made, int scope);
  void local_directive(int scope);
  void statement(Body& made, int scope);
  void label(Body& made, int scope, const Token& name);
  Operand operand();
  void list(Operand& into, std::string_view end);
  Operand simple_operand();
  static void negate(Operand& it);
  static Operand literal(const Token& token);

  Lexer lexer_;
  Module module_;
  Source source_;
  uint32_t next_id_ = 1;
  bool external_ = false;
};

}  // namespace sinter::sim::ptx
