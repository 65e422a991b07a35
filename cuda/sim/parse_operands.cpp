// Reads operands: names, literals, vectors, addresses.
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "reader.h"

namespace sinter::sim::ptx {

Operand Reader::operand() {
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

void Reader::list(Operand& into, std::string_view end) {
  if (lexer_.accept(end)) return;
  do into.parts.push_back(operand());
  while (lexer_.accept(","));
  lexer_.expect(end);
}

Operand Reader::simple_operand() {
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

void Reader::negate(Operand& it) {
  if (it.kind == Operand::Kind::kInteger)
    it.value = -it.value;
  else
    it.value ^= it.kind == Operand::Kind::kFloat32 ? uint64_t{1} << 31 : uint64_t{1} << 63;
}

Operand Reader::literal(const Token& token) {
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

}  // namespace sinter::sim::ptx
