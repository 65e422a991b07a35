// Mnemonics of mma and wgmma, and which combinations of shape and types the PTX ISA has. Place in the whole: matrix.h's
// parse_mma and parse_wgmma, called once an instruction when a program is loaded.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "matrix.h"

namespace sinter::sim {
namespace {

struct Name {
  std::string_view text;
  Element type;
  int bits;
};
constexpr std::array kNames{
    Name{"f64", Element::kF64, 64},  Name{"f32", Element::kF32, 32},   Name{"tf32", Element::kTF32, 32},
    Name{"f16", Element::kF16, 16},  Name{"bf16", Element::kBF16, 16}, Name{"e4m3", Element::kE4M3, 8},
    Name{"e5m2", Element::kE5M2, 8}, Name{"s32", Element::kS32, 32},   Name{"s8", Element::kS8, 8},
    Name{"u8", Element::kU8, 8},     Name{"s4", Element::kS4, 4},      Name{"u4", Element::kU4, 4},
    Name{"b1", Element::kB1, 1},
};

std::optional<Element> type_of(std::string_view text) {
  for (const Name& name : kNames)
    if (name.text == text) return name.type;
  return {};
}

[[noreturn]] void refuse(std::string_view mnemonic, const std::string& why) {
  throw std::invalid_argument(std::string(mnemonic) + ": " + why);
}

// What a mnemonic says, piece by piece.
struct Pieces {
  std::vector<std::string_view> rest;  // in order; shape and types taken out
  std::vector<Element> types;
  int m = 0, n = 0, k = 0;

  bool take(std::string_view piece) {
    const auto at = std::find(rest.begin(), rest.end(), piece);
    if (at == rest.end()) return false;
    rest.erase(at);
    return true;
  }
};

bool parse_shape(std::string_view text, Pieces& pieces) {
  const char *at = text.data(), *end = at + text.size();
  const auto number = [&](char letter, int& value) {
    if (at == end || *at != letter) return false;
    const auto [next, error] = std::from_chars(at + 1, end, value);
    at = next;
    return error == std::errc();
  };
  return number('m', pieces.m) && number('n', pieces.n) && number('k', pieces.k) && at == end;
}

Pieces pieces_of(std::string_view mnemonic) {
  Pieces pieces;
  for (size_t from = 0; from <= mnemonic.size();) {
    const size_t dot = std::min(mnemonic.find('.', from), mnemonic.size());
    const std::string_view piece = mnemonic.substr(from, dot - from);
    from = dot + 1;
    if (const auto type = type_of(piece))
      pieces.types.push_back(*type);
    else if (pieces.m || !parse_shape(piece, pieces))
      pieces.rest.push_back(piece);
  }
  return pieces;
}

bool is_int8(Element type) { return type == Element::kS8 || type == Element::kU8; }
bool is_int4(Element type) { return type == Element::kS4 || type == Element::kU4; }
bool is_float8(Element type) { return type == Element::kE4M3 || type == Element::kE5M2; }
bool is_integer(Element type) { return is_int8(type) || is_int4(type) || type == Element::kB1; }

// Types that stand together, and with which accumulators.
bool types_fit(Element a, Element b, Element sum) {
  if (is_float8(a)) return is_float8(b) && (sum == Element::kF32 || sum == Element::kF16);
  if (is_int8(a)) return is_int8(b) && sum == Element::kS32;
  if (is_int4(a)) return is_int4(b) && sum == Element::kS32;
  if (a != b) return false;
  switch (a) {
    case Element::kF16: return sum == Element::kF32 || sum == Element::kF16;
    case Element::kBF16:
    case Element::kTF32: return sum == Element::kF32;
    case Element::kF64: return sum == Element::kF64;
    case Element::kB1: return sum == Element::kS32;
    default: return false;
  }
}

bool shape_fits(const Mma& op) {
  const auto one_of = [&](std::initializer_list<int> ks) { return std::find(ks.begin(), ks.end(), op.k) != ks.end(); };
  if (op.n != 8 || (op.m != 16 && op.m != 8)) return false;
  const int bits = bits_of(op.a);
  if (op.sparse)
    return op.m == 16 && bits > 1 && bits < 64 && (op.k * bits == 512 || (op.k * bits == 256 && !is_float8(op.a)));
  if (op.m == 8) {
    if (op.a == Element::kF64) return op.k == 4;
    return is_integer(op.a) && op.k * bits == 128;
  }
  if (op.a == Element::kF64) return one_of({4, 8, 16});
  return op.k * bits == 256 || op.k * bits == 128;
}

}  // namespace

int bits_of(Element type) {
  for (const Name& name : kNames)
    if (name.type == type) return name.bits;
  throw std::logic_error("bits_of");
}

Mma parse_mma(std::string_view mnemonic) {
  Pieces pieces = pieces_of(mnemonic);
  Mma op;
  op.m = pieces.m, op.n = pieces.n, op.k = pieces.k;
  if (!pieces.take("mma") || !pieces.take("sync") || !pieces.take("aligned")) refuse(mnemonic, "not mma.sync.aligned");
  op.ordered = pieces.take("sp::ordered_metadata");
  op.sparse = op.ordered || pieces.take("sp");
  op.saturate = pieces.take("satfinite");
  op.exclusive = pieces.take("xor");
  const bool bitwise = op.exclusive || pieces.take("and");
  const bool popc = pieces.take("popc");
  if (!pieces.take("row") || !pieces.take("col")) refuse(mnemonic, "A must be .row and B .col");
  if (!pieces.rest.empty()) refuse(mnemonic, "." + std::string(pieces.rest.front()) + " is not modelled");
  if (!op.m) refuse(mnemonic, "it has no shape");
  if (pieces.types.size() != 4 || pieces.types[0] != pieces.types[3])
    refuse(mnemonic, "it needs the types of d, a, b and c, d's and c's the same");
  op.sum = pieces.types[0], op.a = pieces.types[1], op.b = pieces.types[2];
  if (!types_fit(op.a, op.b, op.sum)) refuse(mnemonic, "these types do not go together");
  if (!shape_fits(op)) refuse(mnemonic, "the types do not have this shape");
  if ((op.a == Element::kB1) != bitwise || bitwise != popc)
    refuse(mnemonic, "b1, and only b1, takes .and.popc or .xor.popc");
  if (op.saturate && !is_int8(op.a) && !is_int4(op.a)) refuse(mnemonic, ".satfinite is for integers");
  const int width = op.a == Element::kF64 ? 64 : 32;
  op.registers_a = op.m * op.k * bits_of(op.a) / (op.sparse ? 64 : 32) / width;
  op.registers_b = op.n * op.k * bits_of(op.b) / 32 / width;
  op.registers_sum = op.m * op.n * bits_of(op.sum) / 32 / width;
  return op;
}

Wgmma parse_wgmma(std::string_view mnemonic) {
  Pieces pieces = pieces_of(mnemonic);
  Wgmma op;
  op.n = pieces.n, op.k = pieces.k;
  if (!pieces.take("wgmma") || !pieces.take("mma_async") || !pieces.take("sync") || !pieces.take("aligned"))
    refuse(mnemonic, "not wgmma.mma_async.sync.aligned");
  op.sparse = pieces.take("sp");
  op.saturate = pieces.take("satfinite");
  op.sum = pieces.types.empty() ? Element::kF64 : pieces.types[0];
  const bool bitwise = pieces.take("and"), popc = pieces.take("popc");
  if (!pieces.rest.empty()) refuse(mnemonic, "." + std::string(pieces.rest.front()) + " is not modelled");
  if (pieces.types.size() != 3) refuse(mnemonic, "it needs the types of d, a and b");
  op.a = pieces.types[1], op.b = pieces.types[2];
  if (!types_fit(op.a, op.b, op.sum) || is_int4(op.a) || op.a == Element::kF64)
    refuse(mnemonic, "these types do not go together");
  if ((op.a == Element::kB1) != bitwise || bitwise != popc) refuse(mnemonic, "b1, and only b1, takes .and.popc");
  if (op.sparse && op.a == Element::kB1) refuse(mnemonic, "b1 has no sparse form");
  if (op.saturate && !is_int8(op.a)) refuse(mnemonic, ".satfinite is for 8-bit integers");
  const bool wide_steps = is_integer(op.a);  // n by 8 up to 32, then by 16
  const bool n_fits =
      op.n >= 8 && op.n <= 256 && op.n % 8 == 0 && (!wide_steps || op.n % 16 == 0 || op.n == 8 || op.n == 24);
  if (pieces.m != 64 || !n_fits || op.k * bits_of(op.a) != (op.sparse ? 512 : 256))
    refuse(mnemonic, "the types do not have this shape");
  op.registers_sum = 64 * op.n * bits_of(op.sum) / 32 / 128;
  return op;
}

}  // namespace sinter::sim
