// Bits and divisors of integers. Place in the whole: entry points bitwiseAnd ... lcm of the operator table.
//
// a, b (any views, broadcast; or one of them a number: mode, scalar) -> y contiguous. i32, i64, u8, i8; and, or, xor also bool.
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T>
constexpr T kBits = sizeof(T) * 8;

// A distance outside the type's width shifts everything out, as PyTorch has it.
template <class T>
SINTER_INLINE T left(T a, T b) {
  using U = typename UnsignedOf<T>::type;
  return b < 0 || b >= kBits<T> ? T(0) : static_cast<T>(static_cast<U>(a) << b);
}
template <class T>
SINTER_INLINE T right(T a, T b) {
  return a >> (b < 0 || b >= kBits<T> ? kBits<T> - 1 : b);
}
template <class T>
SINTER_INLINE T magnitude(T x) {
  return x < 0 ? minus(T(0), x) : x;
}
template <class T>
SINTER_INLINE T common_divisor(T x, T y) {
  using U = typename UnsignedOf<T>::type;
  U a = static_cast<U>(magnitude(x)), b = static_cast<U>(magnitude(y));
  while (b != 0) {
    const U rest = a % b;
    a = b;
    b = rest;
  }
  return static_cast<T>(a);
}
template <class T>
SINTER_INLINE T common_multiple(T a, T b) {
  const T g = common_divisor(a, b);
  return g == 0 ? 0 : magnitude(times(g == -1 ? minus(T(0), a) : a / g, b));
}

SINTER_BINARY(And, false, a& b)
SINTER_BINARY(Or, false, a | b)
SINTER_BINARY(Xor, false, a ^ b)
SINTER_BINARY(ShiftLeft, false, left(a, b))
SINTER_BINARY(ShiftRight, false, right(a, b))
SINTER_BINARY(Gcd, false, common_divisor(a, b))
SINTER_BINARY(Lcm, false, common_multiple(a, b))

template <class Op>
constexpr Pointwise integral(const char* name, int64_t grain = kCheap) {
  return {.name = name, .i32 = binary_run<Op, int32_t>, .i64 = binary_run<Op, int64_t>, .steps = 3, .grain = grain};
}

}  // namespace

void bitwiseAnd(const Call& c) { binary(c, integral<And>("bitwiseAnd")); }
void bitwiseOr(const Call& c) { binary(c, integral<Or>("bitwiseOr")); }
void bitwiseXor(const Call& c) { binary(c, integral<Xor>("bitwiseXor")); }
void bitwiseLeftShift(const Call& c) { binary(c, integral<ShiftLeft>("bitwiseLeftShift")); }
void bitwiseRightShift(const Call& c) { binary(c, integral<ShiftRight>("bitwiseRightShift")); }
void gcd(const Call& c) { binary(c, integral<Gcd>("gcd", kCostly)); }
void lcm(const Call& c) { binary(c, integral<Lcm>("lcm", kCostly)); }

}  // namespace sinter::cpu::SINTER_ISA
