// Atomic operations on one element.
#include "combine.h"

#include <algorithm>

#include "numbers.h"

namespace sinter::sim {

namespace {

template <class T>
T value(uint64_t bits) {
  if constexpr (sizeof(T) == 8) return std::bit_cast<T>(bits);
  if constexpr (sizeof(T) == 4) return std::bit_cast<T>(static_cast<uint32_t>(bits));
  return static_cast<T>(bits);
}

uint64_t add(uint64_t a, uint64_t b, uint64_t) { return a + b; }
uint64_t bit_and(uint64_t a, uint64_t b, uint64_t) { return a & b; }
uint64_t bit_or(uint64_t a, uint64_t b, uint64_t) { return a | b; }
uint64_t bit_xor(uint64_t a, uint64_t b, uint64_t) { return a ^ b; }
uint64_t exchange(uint64_t, uint64_t b, uint64_t) { return b; }
uint64_t compare_and_swap(uint64_t a, uint64_t b, uint64_t c) { return a == b ? c : a; }
uint64_t increment(uint64_t a, uint64_t b, uint64_t) { return a >= b ? 0 : a + 1; }
uint64_t decrement(uint64_t a, uint64_t b, uint64_t) { return a == 0 || a > b ? b : a - 1; }

template <class T>
uint64_t least(uint64_t a, uint64_t b, uint64_t) {
  return static_cast<std::make_unsigned_t<T>>(std::min(value<T>(a), value<T>(b)));
}
template <class T>
uint64_t most(uint64_t a, uint64_t b, uint64_t) {
  return static_cast<std::make_unsigned_t<T>>(std::max(value<T>(a), value<T>(b)));
}

template <bool kFlush>
uint64_t add_f32(uint64_t a, uint64_t b, uint64_t) {
  float x = value<float>(a), y = value<float>(b);
  if (kFlush) x = flushed(x), y = flushed(y);
  const float sum = x + y;
  return std::bit_cast<uint32_t>(canonical(kFlush ? flushed(sum) : sum));
}
uint64_t add_f64(uint64_t a, uint64_t b, uint64_t) {
  const double sum = value<double>(a) + value<double>(b);
  return sum != sum ? 0x7FF8000000000000u : std::bit_cast<uint64_t>(sum);
}

// One element of f16 or bf16, and two in a word.
template <bool kBrainFormat>
float element(uint64_t bits) {
  const auto code = static_cast<uint16_t>(bits);
  return kBrainFormat ? brain_value(code) : half_value(code);
}
template <bool kBrainFormat>
uint64_t code(double x) {
  const float narrowed = odd_float(x);
  return kBrainFormat ? brain_code(narrowed) : half_code(narrowed);
}
template <bool kBrainFormat>
uint64_t add16(uint64_t a, uint64_t b, uint64_t) {
  return code<kBrainFormat>(odd_add(element<kBrainFormat>(a), element<kBrainFormat>(b)));
}
// Of a number and NaN, the number; -0 is below +0.
template <bool kBrainFormat, bool kLeast>
uint64_t extreme16(uint64_t a, uint64_t b, uint64_t) {
  const float x = element<kBrainFormat>(a), y = element<kBrainFormat>(b);
  if (x != x && y != y) return kNaN16;
  if (x != x || y != y) return (x != x ? b : a) & 0xFFFF;
  if (x == y) return (std::signbit(x) == kLeast ? a : b) & 0xFFFF;
  return ((x < y) == kLeast ? a : b) & 0xFFFF;
}
template <Combine kEach>
uint64_t both(uint64_t a, uint64_t b, uint64_t) {
  return (kEach(a, b, 0) & 0xFFFF) | (kEach(a >> 16, b >> 16, 0) & 0xFFFF) << 16;
}

Combine find_float(std::string_view operation, const Type& type, bool flush) {
  const bool brain = type.kind == Type::Kind::kBFloat, packed = type.lanes == 2;
  if (type.bits == 64) return operation == "add" ? add_f64 : nullptr;
  if (type.bits == 32) return operation != "add" ? nullptr : flush ? add_f32<true> : add_f32<false>;
  if (operation == "add") {
    if (packed) return brain ? both<add16<true>> : both<add16<false>>;
    return brain ? add16<true> : add16<false>;
  }
  if (operation == "min") {
    if (packed) return brain ? both<extreme16<true, true>> : both<extreme16<false, true>>;
    return brain ? extreme16<true, true> : extreme16<false, true>;
  }
  if (operation == "max") {
    if (packed) return brain ? both<extreme16<true, false>> : both<extreme16<false, false>>;
    return brain ? extreme16<true, false> : extreme16<false, false>;
  }
  return nullptr;
}

}  // namespace

Combine find_combine(std::string_view operation, const Type& type, bool flush) {
  if (type.lanes == 0 || type.kind == Type::Kind::kPredicate) return nullptr;
  if (!type.integer()) return find_float(operation, type, flush);
  const bool sign = type.is_signed(), wide = type.bits == 64;
  if (operation == "cas") return type.bits >= 16 ? compare_and_swap : nullptr;
  if (type.bits < 32 || type.lanes != 1) return nullptr;
  if (operation == "exch") return exchange;
  if (operation == "and") return bit_and;
  if (operation == "or") return bit_or;
  if (operation == "xor") return bit_xor;
  if (type.kind == Type::Kind::kBits) return nullptr;
  if (operation == "add") return add;
  if (operation == "inc") return !sign && !wide ? increment : nullptr;
  if (operation == "dec") return !sign && !wide ? decrement : nullptr;
  if (operation == "min") {
    if (wide) return sign ? least<int64_t> : least<uint64_t>;
    return sign ? least<int32_t> : least<uint32_t>;
  }
  if (operation == "max") {
    if (wide) return sign ? most<int64_t> : most<uint64_t>;
    return sign ? most<int32_t> : most<uint32_t>;
  }
  return nullptr;
}

}  // namespace sinter::sim
