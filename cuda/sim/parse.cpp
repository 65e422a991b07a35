// Reads PTX: the module's directives, and instructions as statements.
#include <cstdlib>

#include "reader.h"

namespace sinter::sim::ptx {

uint64_t number(const Token& token) {
  const std::string text(token.text);
  char* end = nullptr;
  const uint64_t value = std::strtoull(text.c_str(), &end, 0);
  if (*end == 'U') ++end;
  if (end == text.c_str() || *end) throw ParseError(token.line, "not an integer: '" + text + "'");
  return value;
}

Module Reader::read() {
  if (!lexer_.peek().is(".version"))
    throw ParseError(lexer_.peek().line, "PTX begins with .version, not " + lexer_.shown());
  while (lexer_.peek().kind != Token::Kind::kEnd) module_directive();
  return std::move(module_);
}

void Reader::skip_braces() {
  lexer_.expect("{");
  for (int depth = 1; depth;) {
    const Token token = lexer_.next();
    if (token.kind == Token::Kind::kEnd) throw ParseError(token.line, "'{' without its '}'");
    depth += token.is("{") - token.is("}");
  }
}

void Reader::module_directive() {
  const Token token = lexer_.next();
  if (token.is(".version") || token.is(".address_size")) {
    lexer_.next();
  } else if (token.is(".target")) {
    const Token name = lexer_.expect_word();
    if (name.text.substr(0, 3) != "sm_") refuse(name, "unknown target");
    module_.target = std::atoi(std::string(name.text.substr(3)).c_str());
    while (lexer_.accept(",")) lexer_.next();
  } else if (token.is(".file")) {
    read_file();
  } else if (token.is(".section")) {
    lexer_.next();
    skip_braces();
  } else if (token.is(".loc")) {
    read_location();
  } else if (token.is(".pragma")) {
    lexer_.next();
    lexer_.expect(";");
  } else if (token.is(".visible") || token.is(".weak") || token.is(".extern") || token.is(".common")) {
    external_ = token.is(".extern");
    declaration(lexer_.next());
    external_ = false;
  } else {
    declaration(token);
  }
}

void Reader::declaration(const Token& token) {
  if (token.is(".entry") || token.is(".func"))
    body(token);
  else if (token.is(".global") || token.is(".const") || token.is(".shared"))
    variable(token, 0);
  else
    refuse(token, "unknown directive");
}

void Reader::read_file() {
  const uint64_t index = number(lexer_.next());
  const Token name = lexer_.next();
  while (lexer_.accept(",")) lexer_.next();
  if (index > 1 << 20) refuse(name, "a file number beyond reason for");
  if (module_.files.size() <= index) module_.files.resize(index + 1);
  module_.files[index] = std::string(name.text);
}

void Reader::read_location() {
  source_.file = static_cast<uint32_t>(number(lexer_.next()));
  source_.line = static_cast<uint32_t>(number(lexer_.next()));
  lexer_.next();
  if (!lexer_.accept(",")) return;
  lexer_.expect("function_name");
  lexer_.next();
  if (lexer_.accept("+")) lexer_.next();
  lexer_.expect(",");
  lexer_.expect("inlined_at");
  for (int i = 0; i < 3; ++i) lexer_.next();
}

void Reader::block(Body& made, int scope) {
  while (!lexer_.accept("}")) {
    const Token token = lexer_.peek();
    if (token.kind == Token::Kind::kEnd) throw ParseError(token.line, "'" + std::string(made.name) + "' has no end");
    if (lexer_.accept("{"))
      block(made, open_scope(scope));
    else if (lexer_.accept(";"))
      continue;
    else if (token.text[0] == '.')
      local_directive(scope);
    else
      statement(made, scope);
  }
}

void Reader::statement(Body& made, int scope) {
  Statement it;
  it.scope = scope;
  it.source = source_;
  it.line = lexer_.peek().line;
  if (lexer_.accept("@")) {
    it.guard_negated = lexer_.accept("!");
    it.guard = lexer_.expect_word().text;
  }
  const Token first = lexer_.expect_word();
  it.line = first.line;
  if (it.guard.empty() && lexer_.accept(":")) {
    label(made, scope, first);
    return;
  }
  it.mnemonic = first.text;
  while (!lexer_.accept(";")) {
    it.operands.push_back(operand());
    if (!lexer_.peek().is(";")) lexer_.expect(",");
  }
  made.statements.push_back(std::move(it));
}

uint32_t bytes_of_type(std::string_view type) {
  if (type.size() < 3 || type[0] != '.' || std::string_view("bsuf").find(type[1]) == std::string_view::npos) return 0;
  const std::string_view bits = type.substr(2);
  return bits == "8" ? 1 : bits == "16" ? 2 : bits == "32" ? 4 : bits == "64" ? 8 : bits == "128" ? 16 : 0;
}

const Symbol* Module::find(int scope, std::string_view name, uint32_t& element) const {
  size_t digits = name.size();
  while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9') --digits;
  const std::string_view stem = name.substr(0, digits);
  element = 0;
  for (int at = scope; at >= 0; at = scopes[at].parent) {
    const auto& symbols = scopes[at].symbols;
    if (const auto found = symbols.find(name); found != symbols.end() && !found->second.count) return &found->second;
    if (digits == name.size() || name.size() - digits > 8) continue;
    const auto found = symbols.find(stem);
    if (found == symbols.end() || !found->second.count) continue;
    for (const char c : name.substr(digits)) element = element * 10 + static_cast<uint32_t>(c - '0');
    if (element < found->second.count) return &found->second;
  }
  return nullptr;
}

Module read(std::string_view text) { return Reader(text).read(); }

}  // namespace sinter::sim::ptx
