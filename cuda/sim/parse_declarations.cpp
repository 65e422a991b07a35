// Reads declarations: registers and variables with their initial values, parameters, functions and their attributes, labels.
#include <algorithm>
#include <cstring>

#include "reader.h"

namespace sinter::sim::ptx {

Declared Reader::declared() {
  Declared result;
  bool explicit_alignment = false;
  while (lexer_.peek().text.substr(0, 1) == ".") {
    const Token token = lexer_.next();
    if (token.is(".align")) {
      result.alignment = static_cast<uint32_t>(number(lexer_.next()));
      explicit_alignment = true;
    } else if (token.is(".ptr")) {  // what a pointer points to: [.space] .align n
      while (lexer_.peek().text.substr(0, 1) == ".") {
        if (lexer_.next().is(".align")) lexer_.next();
      }
    } else if (bytes_of_type(token.text) || token.is(".pred")) {
      result.type = token.text;
    } else {
      refuse(token, "unknown in a declaration:");
    }
  }
  const Token name = lexer_.expect_word();
  if (result.type.empty()) refuse(name, "a declaration without a type:");
  result.name = name.text;
  result.line = name.line;
  result.bytes = bytes_of_type(result.type);
  if (!explicit_alignment) result.alignment = std::max(1u, static_cast<uint32_t>(result.bytes));
  if (lexer_.accept("<")) {
    result.count = static_cast<uint32_t>(number(lexer_.next()));
    lexer_.expect(">");
  }
  while (lexer_.accept("[")) {
    if (lexer_.accept("]")) {
      result.open = true;
      continue;
    }
    result.bytes *= number(lexer_.next());
    lexer_.expect("]");
  }
  return result;
}

Symbol& Reader::declare(int scope, std::string_view name, Symbol symbol, int line) {
  symbol.id = next_id_++;
  symbol.line = line;
  const auto [at, fresh] = module_.scopes[scope].symbols.emplace(name, std::move(symbol));
  if (!fresh) throw ParseError(line, "'" + std::string(name) + "' is declared twice");
  return at->second;
}

void Reader::variable(const Token& space, int scope) {
  const Declared it = declared();
  Symbol symbol;
  symbol.type = it.type;
  symbol.bytes = it.bytes;
  symbol.alignment = it.alignment;
  if (space.is(".shared")) {
    symbol.space = Space::kShared;
    symbol.external = it.open;
  } else if (space.is(".local")) {
    symbol.space = Space::kLocal;
  } else {
    symbol.space = space.is(".const") ? Space::kConst : Space::kGlobal;
    if (external_) throw ParseError(it.line, "'" + std::string(it.name) + "' is defined in another module");
    symbol.index = static_cast<uint32_t>(module_.variables.size());
    Variable& made = module_.variables.emplace_back();
    made.name = std::string(it.name);
    made.constant = space.is(".const");
    made.bytes = it.bytes;
    made.alignment = it.alignment;
    if (lexer_.accept("=")) initializer(made, bytes_of_type(it.type));
    if (it.open) symbol.bytes = made.bytes = made.initial.size();
  }
  declare(scope, it.name, symbol, it.line);
  lexer_.expect(";");
}

void Reader::initializer(Variable& variable, uint32_t element) {
  if (lexer_.accept("{")) {
    do initializer(variable, element);
    while (lexer_.accept(","));
    lexer_.expect("}");
    return;
  }
  const Token token = lexer_.peek();
  const Operand value = operand();
  if (value.kind == Operand::Kind::kName) refuse(token, "initialized with an address, which is not supported:");
  uint64_t bits = value.value;
  if (value.kind == Operand::Kind::kFloat64 && element == 4) {
    double wide;
    std::memcpy(&wide, &bits, 8);
    const float narrow = static_cast<float>(wide);
    bits = 0;
    std::memcpy(&bits, &narrow, 4);
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(&bits);
  variable.initial.insert(variable.initial.end(), bytes, bytes + element);
}

std::vector<FormalParameter> Reader::parameters() {
  std::vector<FormalParameter> result;
  lexer_.expect("(");
  if (lexer_.accept(")")) return result;
  do {
    if (lexer_.peek().is(".reg")) refuse(lexer_.peek(), "parameters in registers are not supported:");
    lexer_.expect(".param");
    const Declared it = declared();
    result.push_back({it.name, static_cast<uint32_t>(it.bytes), it.alignment});
  } while (lexer_.accept(","));
  lexer_.expect(")");
  return result;
}

void Reader::body(const Token& kind) {
  Body made;
  made.entry = kind.is(".entry");
  made.line = kind.line;
  while (lexer_.accept(".attribute")) {
    while (!lexer_.next().is(")")) {
    }
  }
  if (lexer_.peek().is("(")) made.results = parameters();
  made.name = lexer_.expect_word().text;
  if (lexer_.peek().is("(")) made.parameters = parameters();
  while (lexer_.peek().text.substr(0, 1) == ".") performance(made);
  const auto known = std::find_if(module_.bodies.begin(), module_.bodies.end(),
                                  [&](const Body& other) { return other.name == made.name; });
  const auto index = static_cast<uint32_t>(known - module_.bodies.begin());
  const bool fresh = known == module_.bodies.end();
  if (fresh) {
    Symbol symbol;
    symbol.space = Space::kFunction;
    symbol.index = index;
    declare(0, made.name, symbol, made.line);
    module_.bodies.emplace_back();
  }
  made.defined = !lexer_.accept(";");
  if (made.defined) {
    if (module_.bodies[index].defined) throw ParseError(made.line, "'" + std::string(made.name) + "' is defined twice");
    made.scope = open_scope(0);
    for (const auto* list : {&made.results, &made.parameters})
      for (const FormalParameter& it : *list) {
        Symbol symbol;
        symbol.space = Space::kParameter;
        symbol.bytes = it.bytes;
        symbol.alignment = it.alignment;
        declare(made.scope, it.name, symbol, made.line);
      }
    source_ = {};
    lexer_.expect("{");
    block(made, made.scope);
  }
  if (made.defined || fresh) module_.bodies[index] = std::move(made);
}

Dim Reader::triple() {
  Dim result;
  result.x = static_cast<uint32_t>(number(lexer_.next()));
  if (lexer_.accept(",")) result.y = static_cast<uint32_t>(number(lexer_.next()));
  if (lexer_.accept(",")) result.z = static_cast<uint32_t>(number(lexer_.next()));
  return result;
}

void Reader::performance(Body& made) {
  const Token token = lexer_.next();
  if (token.is(".maxntid") || token.is(".reqntid")) {
    made.max_threads = static_cast<uint32_t>(triple().count());
  } else if (token.is(".minnctapersm")) {
    made.min_blocks = static_cast<uint32_t>(number(lexer_.next()));
  } else if (token.is(".maxnreg")) {
    made.max_registers = static_cast<uint32_t>(number(lexer_.next()));
  } else if (token.is(".reqnctapercluster")) {
    made.required_cluster = triple();
    made.clustered = true;
  } else if (token.is(".explicitcluster")) {
    made.clustered = true;
  } else if (token.is(".maxclusterrank")) {
    lexer_.next();
  } else if (token.is(".pragma")) {
    lexer_.next();
    lexer_.expect(";");
  } else if (!token.is(".noreturn")) {
    refuse(token, "unknown directive of a function:");
  }
}

int Reader::open_scope(int parent) {
  module_.scopes.emplace_back().parent = parent;
  return static_cast<int>(module_.scopes.size()) - 1;
}

void Reader::local_directive(int scope) {
  const Token token = lexer_.next();
  if (token.is(".reg")) {
    Declared it = declared();
    for (;;) {
      Symbol symbol;
      symbol.type = it.type;
      symbol.count = it.count;
      declare(scope, it.name, symbol, it.line);
      if (!lexer_.accept(",")) break;
      const Token name = lexer_.expect_word();
      it.name = name.text;
      it.count = 0;
      if (lexer_.accept("<")) {
        it.count = static_cast<uint32_t>(number(lexer_.next()));
        lexer_.expect(">");
      }
    }
    lexer_.expect(";");
  } else if (token.is(".shared") || token.is(".local") || token.is(".global") || token.is(".const")) {
    variable(token, scope);
  } else if (token.is(".param")) {
    const Declared it = declared();
    Symbol symbol;
    symbol.space = Space::kParameter;
    symbol.bytes = it.bytes;
    symbol.alignment = it.alignment;
    declare(scope, it.name, symbol, it.line);
    lexer_.expect(";");
  } else if (token.is(".loc")) {
    read_location();
  } else if (token.is(".pragma")) {
    lexer_.next();
    lexer_.expect(";");
  } else {
    refuse(token, "unknown directive");
  }
}

void Reader::label(Body& made, int scope, const Token& name) {
  Symbol symbol;
  symbol.space = Space::kLabel;
  symbol.index = static_cast<uint32_t>(made.statements.size());
  if (lexer_.accept(".branchtargets")) {
    symbol.space = Space::kTable;
    do symbol.labels.push_back(lexer_.expect_word().text);
    while (lexer_.accept(","));
    lexer_.expect(";");
  } else if (lexer_.peek().is(".callprototype")) {
    refuse(lexer_.peek(), "calls through pointers are not supported:");
  }
  declare(scope, name.text, symbol, name.line);
}

}  // namespace sinter::sim::ptx
