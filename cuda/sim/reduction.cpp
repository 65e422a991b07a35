// reduction.h: as an H200 does it (test/golden/ptx: bulk_reduce). 16-bit floats round once, to nearest; NaN is 0x7FFF, and min and
// max prefer a number to NaN.
#include "reduction.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

#include "small_float.h"

namespace sinter::sim {
namespace {

using Op = Reduction::Op;
using Type = Reduction::Type;

template <class T>
T combined_integers(Op op, T memory, T operand) {
  switch (op) {
    case Op::kAdd: return memory + operand;
    case Op::kMin: return memory < operand ? memory : operand;
    case Op::kMax: return memory < operand ? operand : memory;
    case Op::kInc: return memory >= operand ? 0 : memory + 1;
    case Op::kDec: return memory == 0 || memory > operand ? operand : memory - 1;
    case Op::kAnd: return memory & operand;
    case Op::kOr: return memory | operand;
    default: return memory ^ operand;
  }
}

// Signed ones: only min and max differ from unsigned ones.
template <class T>
T combined_signed(Op op, T memory, T operand) {
  if (op == Op::kMin) return memory < operand ? memory : operand;
  if (op == Op::kMax) return memory < operand ? operand : memory;
  using U = std::make_unsigned_t<T>;
  return static_cast<T>(combined_integers<U>(op, static_cast<U>(memory), static_cast<U>(operand)));
}

double combined_reals(Op op, double memory, double operand) {
  if (op == Op::kAdd) return memory + operand;
  if (std::isnan(memory)) return operand;
  if (std::isnan(operand)) return memory;
  if (memory == operand) return std::signbit(memory) == (op == Op::kMin) ? memory : operand;  // -0 is below +0
  return (memory < operand) == (op == Op::kMin) ? memory : operand;
}

uint16_t combined_f16(Op op, uint16_t memory, uint16_t operand) {
  const double result = combined_reals(op, f16_value(memory), f16_value(operand));
  if (result == 0) return std::signbit(result) ? 0x8000 : 0;
  return static_cast<uint16_t>(f16_code(rounded_to_f16(result)));
}

// A sum of two bf16 that a double does not hold lies so near the larger one that rounding twice is no different.
uint16_t combined_bf16(Op op, uint16_t memory, uint16_t operand) {
  const auto value = [](uint16_t code) { return std::bit_cast<float>(uint32_t{code} << 16); };
  const double result = combined_reals(op, value(memory), value(operand));
  if (std::isnan(result)) return 0x7FFF;
  const uint64_t bits = std::bit_cast<uint64_t>(result);
  if (std::fabs(result) < 0x1p-126) {
    const double steps = std::nearbyint(std::fabs(result) * 0x1p133);
    return static_cast<uint16_t>((bits >> 63 << 15) | static_cast<uint64_t>(steps));
  }
  if (std::isinf(result)) return result > 0 ? 0x7F80 : 0xFF80;
  const double magic = std::bit_cast<double>(((bits >> 52 & 0x7FF) + 45) << 52 | uint64_t{1} << 51);
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(static_cast<float>((result + magic) - magic)) >> 16);
}

float combined_f32(Op, float memory, float operand) { return std::bit_cast<float>(f32_code(memory + operand)); }

template <class T, class F>
void for_elements(void* memory, const void* operand, size_t bytes, F&& combine) {
  for (size_t at = 0; at + sizeof(T) <= bytes; at += sizeof(T)) {
    T m, x;
    std::memcpy(&m, static_cast<std::byte*>(memory) + at, sizeof(T));
    std::memcpy(&x, static_cast<const std::byte*>(operand) + at, sizeof(T));
    m = combine(m, x);
    std::memcpy(static_cast<std::byte*>(memory) + at, &m, sizeof(T));
  }
}

struct TypeName {
  std::string_view text;
  Type type;
  bool bitwise;
};
constexpr std::array kTypes{
    TypeName{"u32", Type::kU32, false}, TypeName{"s32", Type::kS32, false}, TypeName{"u64", Type::kU64, false},
    TypeName{"s64", Type::kS64, false}, TypeName{"f16", Type::kF16, false}, TypeName{"bf16", Type::kBF16, false},
    TypeName{"f32", Type::kF32, false}, TypeName{"f64", Type::kF64, false}, TypeName{"b32", Type::kU32, true},
    TypeName{"b64", Type::kU64, true},
};
constexpr std::array<std::string_view, 8> kOps{"add", "min", "max", "inc", "dec", "and", "or", "xor"};

Op parse_op(std::string_view op) {
  for (size_t i = 0; i < kOps.size(); ++i)
    if (kOps[i] == op) return static_cast<Op>(i);
  throw std::invalid_argument("no such reduction: " + std::string(op));
}

}  // namespace

Reduction parse_reduction(std::string_view op, std::string_view type) {
  const Op parsed = parse_op(op);
  for (const TypeName& name : kTypes) {
    if (name.text != type) continue;
    const bool bitwise = parsed == Op::kAnd || parsed == Op::kOr || parsed == Op::kXor;
    const bool count = parsed == Op::kInc || parsed == Op::kDec;
    const bool ordered = parsed == Op::kMin || parsed == Op::kMax;
    const bool wide_float = name.type == Type::kF32 || name.type == Type::kF64;
    if (bitwise == name.bitwise && (!count || name.type == Type::kU32) && !(ordered && wide_float))
      return {parsed, name.type};
  }
  throw std::invalid_argument("no reduction " + std::string(op) + " of " + std::string(type));
}

Reduction reduction_of_map(std::string_view op, int map_type) {
  // CUtensorMapDataType: u8, u16, u32, s32, u64, s64, f16, f32, f64, bf16, f32 with ftz.
  constexpr std::array<std::string_view, 11> kNames{"u8",  "u16", "u32", "s32",  "u64", "s64",
                                                    "f16", "f32", "f64", "bf16", "f32"};
  std::string_view type = map_type >= 0 && map_type < 11 ? kNames[static_cast<size_t>(map_type)] : "tf32";
  if (op == "and" || op == "or" || op == "xor")
    type = type.ends_with("64") ? "b64" : type.ends_with("32") ? "b32" : type;
  return parse_reduction(op, type);
}

int element_bytes(Type type) {
  switch (type) {
    case Type::kF16:
    case Type::kBF16: return 2;
    case Type::kU64:
    case Type::kS64:
    case Type::kF64: return 8;
    default: return 4;
  }
}

void reduce(Reduction reduction, void* memory, const void* operand, size_t bytes) {
  const Op op = reduction.op;
  const auto with = [&](auto combine) { return [=](auto m, auto x) { return combine(op, m, x); }; };
  switch (reduction.type) {
    case Type::kU32: return for_elements<uint32_t>(memory, operand, bytes, with(combined_integers<uint32_t>));
    case Type::kS32: return for_elements<int32_t>(memory, operand, bytes, with(combined_signed<int32_t>));
    case Type::kU64: return for_elements<uint64_t>(memory, operand, bytes, with(combined_integers<uint64_t>));
    case Type::kS64: return for_elements<int64_t>(memory, operand, bytes, with(combined_signed<int64_t>));
    case Type::kF16: return for_elements<uint16_t>(memory, operand, bytes, with(combined_f16));
    case Type::kBF16: return for_elements<uint16_t>(memory, operand, bytes, with(combined_bf16));
    case Type::kF32: return for_elements<float>(memory, operand, bytes, with(combined_f32));
    case Type::kF64: return for_elements<double>(memory, operand, bytes, with(combined_reals));
  }
}

}  // namespace sinter::sim
