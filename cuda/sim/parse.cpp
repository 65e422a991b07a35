// Reads PTX: directives, declarations, and instructions as statements.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "lexer.h"
#include "ptx.h"

namespace sinter::sim::ptx {

namespace {

struct Declared {
  std::string_view type, name;
  uint64_t bytes = 0;
  uint32_t alignment = 1, count = 0;
  bool open = false;  // name[]
  int line = 0;
};

uint64_t number(const Token& token) {
  const std::string text(token.text);
  char* end = nullptr;
  const uint64_t value = std::strtoull(text.c_str(), &end, 0);
  if (*end == 'U') ++end;
  if (end == text.c_str() || *end) throw ParseError(token.line, "not an integer: '" + text + "'");
  return value;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : lexer_(text) { module_.scopes.emplace_back(); }

  Module read() {
    if (!lexer_.peek().is(".version"))
      throw ParseError(lexer_.peek().line, "PTX begins with .version, not " + lexer_.shown());
    while (lexer_.peek().kind != Token::Kind::kEnd) module_directive();
    return std::move(module_);
  }

 private:
  [[noreturn]] static void refuse(const Token& token, const std::string& what) {
    throw ParseError(token.line, what + " '" + std::string(token.text) + "'");
  }

  void skip_braces() {
    lexer_.expect("{");
    for (int depth = 1; depth;) {
      const Token token = lexer_.next();
      if (token.kind == Token::Kind::kEnd) throw ParseError(token.line, "'{' without its '}'");
      depth += token.is("{") - token.is("}");
    }
  }

  void module_directive() {
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

  void declaration(const Token& token) {
    if (token.is(".entry") || token.is(".func"))
      body(token);
    else if (token.is(".global") || token.is(".const") || token.is(".shared"))
      variable(token, 0);
    else
      refuse(token, "unknown directive");
  }

  void read_file() {
    const uint64_t index = number(lexer_.next());
    const Token name = lexer_.next();
    while (lexer_.accept(",")) lexer_.next();
    if (index > 1 << 20) refuse(name, "a file number beyond reason for");
    if (module_.files.size() <= index) module_.files.resize(index + 1);
    module_.files[index] = std::string(name.text);
  }

  // .loc file line column [, function_name name [+ offset], inlined_at file line column]
  void read_location() {
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

  // [.align n] [.ptr ...] .type name [count] or <count>
  Declared declared() {
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

  Symbol& declare(int scope, std::string_view name, Symbol symbol, int line) {
    symbol.id = next_id_++;
    symbol.line = line;
    const auto [at, fresh] = module_.scopes[scope].symbols.emplace(name, std::move(symbol));
    if (!fresh) throw ParseError(line, "'" + std::string(name) + "' is declared twice");
    return at->second;
  }

  void variable(const Token& space, int scope) {
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

  void initializer(Variable& variable, uint32_t element) {
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

  std::vector<FormalParameter> parameters() {
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

  void body(const Token& kind) {
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
      if (module_.bodies[index].defined)
        throw ParseError(made.line, "'" + std::string(made.name) + "' is defined twice");
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

  Dim triple() {
    Dim result;
    result.x = static_cast<uint32_t>(number(lexer_.next()));
    if (lexer_.accept(",")) result.y = static_cast<uint32_t>(number(lexer_.next()));
    if (lexer_.accept(",")) result.z = static_cast<uint32_t>(number(lexer_.next()));
    return result;
  }

  void performance(Body& made) {
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

  int open_scope(int parent) {
    module_.scopes.emplace_back().parent = parent;
    return static_cast<int>(module_.scopes.size()) - 1;
  }

  // Up to the closing brace.
  void block(Body& made, int scope) {
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

  void local_directive(int scope) {
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

  void statement(Body& made, int scope) {
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

  void label(Body& made, int scope, const Token& name) {
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

  Operand operand() {
    Operand result = simple_operand();
    if (lexer_.accept("|")) {
      Operand pair;
      pair.kind = Operand::Kind::kPair;
      pair.parts.push_back(std::move(result));
      pair.parts.push_back(simple_operand());
      return pair;
    }
    return result;
  }

  void list(Operand& into, std::string_view end) {
    if (lexer_.accept(end)) return;
    do into.parts.push_back(operand());
    while (lexer_.accept(","));
    lexer_.expect(end);
  }

  Operand simple_operand() {
    Operand result;
    if (lexer_.accept("{")) {
      result.kind = Operand::Kind::kVector;
      list(result, "}");
    } else if (lexer_.accept("(")) {
      result.kind = Operand::Kind::kList;
      list(result, ")");
    } else if (lexer_.accept("[")) {
      result.kind = Operand::Kind::kAddress;
      list(result, "]");
      result.value = result.parts.at(0).value;
      if (result.parts[0].kind == Operand::Kind::kInteger) return result;
      result.parts[0].value = 0;
    } else if (lexer_.accept("-")) {
      result = literal(lexer_.next());
      negate(result);
    } else if (lexer_.peek().kind == Token::Kind::kNumber) {
      result = literal(lexer_.next());
    } else {
      result.negated = lexer_.accept("!");
      const Token name = lexer_.expect_word();
      if (name.is("_")) return result;
      result.kind = Operand::Kind::kName;
      result.name = name.text;
      if (lexer_.accept("+")) {
        const bool minus = lexer_.accept("-");
        const uint64_t value = number(lexer_.next());
        result.value = minus ? -value : value;
      } else if (lexer_.accept("-")) {
        result.value = -number(lexer_.next());
      }
    }
    return result;
  }

  static void negate(Operand& it) {
    if (it.kind == Operand::Kind::kInteger)
      it.value = -it.value;
    else
      it.value ^= it.kind == Operand::Kind::kFloat32 ? uint64_t{1} << 31 : uint64_t{1} << 63;
  }

  static Operand literal(const Token& token) {
    Operand result;
    const std::string text(token.text);
    const char kind = text.size() > 1 && text[0] == '0' ? static_cast<char>(std::tolower(text[1])) : ' ';
    char* end = nullptr;
    if (kind == 'f' || kind == 'd') {
      result.kind = kind == 'f' ? Operand::Kind::kFloat32 : Operand::Kind::kFloat64;
      result.value = std::strtoull(text.c_str() + 2, &end, 16);
      if (*end || text.size() != (kind == 'f' ? 10u : 18u)) refuse(token, "not a number:");
    } else if (kind != 'x' && text.find_first_of(".eE") != std::string::npos) {
      result.kind = Operand::Kind::kFloat64;
      const double value = std::strtod(text.c_str(), &end);
      if (*end) refuse(token, "not a number:");
      std::memcpy(&result.value, &value, 8);
    } else {
      result.kind = Operand::Kind::kInteger;
      result.value = number(token);
    }
    return result;
  }

  Lexer lexer_;
  Module module_;
  Source source_;
  uint32_t next_id_ = 1;
  bool external_ = false;
};

}  // namespace

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
