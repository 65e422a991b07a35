// What a family reads of a statement: modifiers, types, immediate operands. Place in the whole: the part of Decoder that knows
// nothing of the kernel around.
#include "decoder.h"

#include <algorithm>
#include <map>

namespace sinter::sim {

void Decoder::fail(const std::string& what) const {
  throw ParseError(statement->line, what + ": " + std::string(statement->mnemonic));
}

const ptx::Operand& Decoder::operand(size_t index) const {
  if (index >= statement->operands.size()) fail("an operand is missing");
  return statement->operands[index];
}

void Decoder::expect_count(size_t least, size_t most) const {
  if (count() < least || count() > most) fail("wrong number of operands, " + std::to_string(count()));
}

bool Decoder::take(std::string_view modifier) {
  const auto at = std::find(words_.begin(), words_.end(), modifier);
  if (at == words_.end()) return false;
  words_.erase(at);
  return true;
}

int Decoder::take_any(std::initializer_list<std::string_view> choices) {
  int index = 0;
  for (const std::string_view choice : choices) {
    if (take(choice)) return index;
    ++index;
  }
  return -1;
}

bool Decoder::has_type() const {
  return std::any_of(words_.begin(), words_.end(), [](std::string_view word) { return parse_type(word).lanes; });
}

Type Decoder::take_type() {
  for (size_t i = 0; i < words_.size(); ++i) {
    const Type type = parse_type(words_[i]);
    if (!type.lanes) continue;
    words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(i));
    return type;
  }
  fail("a type is missing");
}

std::vector<std::string_view> Decoder::rest() const { return words_; }

int64_t Decoder::immediate(size_t index) const {
  if (!is_immediate(index)) fail("operand " + std::to_string(index + 1) + " must be an integer constant");
  return static_cast<int64_t>(operand(index).value);
}

void Decoder::begin(const ptx::Statement& it) {
  statement = &it;
  words_.clear();
  const std::string_view all = it.mnemonic;
  for (size_t at = 0; at < all.size();) {
    const size_t end = std::min(all.find('.', at), all.size());
    words_.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  operation = words_[0];
  words_.erase(words_.begin());
}

void Decoder::finish() const {
  if (!words_.empty()) fail("unknown modifier ." + std::string(words_[0]));
}

Type parse_type(std::string_view name) {
  static const std::map<std::string_view, Type> known = [] {
    using Kind = Type::Kind;
    std::map<std::string_view, Type> types;
    const auto add = [&](std::string_view name, Kind kind, int bits, int lanes) {
      types[name] = {kind, static_cast<uint8_t>(bits), static_cast<uint8_t>(lanes), name};
    };
    add("b8", Kind::kBits, 8, 1), add("b16", Kind::kBits, 16, 1), add("b32", Kind::kBits, 32, 1),
        add("b64", Kind::kBits, 64, 1);
    add("u8", Kind::kUnsigned, 8, 1), add("u16", Kind::kUnsigned, 16, 1), add("u32", Kind::kUnsigned, 32, 1),
        add("u64", Kind::kUnsigned, 64, 1);
    add("s8", Kind::kSigned, 8, 1), add("s16", Kind::kSigned, 16, 1), add("s32", Kind::kSigned, 32, 1),
        add("s64", Kind::kSigned, 64, 1);
    add("u16x2", Kind::kUnsigned, 16, 2), add("s16x2", Kind::kSigned, 16, 2);
    add("f16", Kind::kFloat, 16, 1), add("f32", Kind::kFloat, 32, 1), add("f64", Kind::kFloat, 64, 1),
        add("f16x2", Kind::kFloat, 16, 2);
    add("bf16", Kind::kBFloat, 16, 1), add("bf16x2", Kind::kBFloat, 16, 2), add("tf32", Kind::kTF32, 32, 1);
    add("e4m3x2", Kind::kOther, 8, 2), add("e5m2x2", Kind::kOther, 8, 2);
    add("pred", Kind::kPredicate, 0, 1);
    return types;
  }();
  const auto found = known.find(name);
  return found == known.end() ? Type{Type::Kind::kOther, 0, 0, name} : found->second;
}

}  // namespace sinter::sim
