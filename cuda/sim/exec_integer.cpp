// Integer arithmetic: add to rem, multiply-add, carry chains, dot products.
#include <limits>
#include <type_traits>

#include "decoder.h"
#include "machine.h"

namespace sinter::sim {

namespace {

// Arithmetic wraps: computed without a sign, of at least 32 bits.
template <class T>
using Modular = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
template <class T>
using Wide =
    std::conditional_t<sizeof(T) == 2, std::conditional_t<std::is_signed_v<T>, int32_t, uint32_t>,
                       std::conditional_t<sizeof(T) == 4, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>,
                                          std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>>>;

template <class T>
T add(T a, T b) {
  return static_cast<T>(static_cast<Modular<T>>(a) + static_cast<Modular<T>>(b));
}
template <class T>
T sub(T a, T b) {
  return static_cast<T>(static_cast<Modular<T>>(a) - static_cast<Modular<T>>(b));
}
template <class T>
T mul_lo(T a, T b) {
  return static_cast<T>(static_cast<Modular<T>>(a) * static_cast<Modular<T>>(b));
}
template <class T>
T mul_hi(T a, T b) {
  return static_cast<T>(static_cast<Wide<T>>(a) * b >> (8 * sizeof(T)));
}
template <class T>
Wide<T> mul_wide(T a, T b) {
  return static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b);
}
template <class T>
T mad_lo(T a, T b, T c) {
  return add<T>(mul_lo<T>(a, b), c);
}
template <class T>
T mad_hi(T a, T b, T c) {
  return add<T>(mul_hi<T>(a, b), c);
}
template <class T>
Wide<T> mad_wide(T a, T b, Wide<T> c) {
  return add<Wide<T>>(mul_wide<T>(a, b), c);
}
int32_t saturated(int64_t x) {
  return static_cast<int32_t>(std::min<int64_t>(std::max<int64_t>(x, INT32_MIN), INT32_MAX));
}
int32_t add_sat(int32_t a, int32_t b) { return saturated(int64_t{a} + b); }
int32_t sub_sat(int32_t a, int32_t b) { return saturated(int64_t{a} - b); }
int32_t mad_hi_sat(int32_t a, int32_t b, int32_t c) { return saturated(int64_t{mul_hi<int32_t>(a, b)} + c); }

// What a device gives for 0 as divisor: all ones; of 16 bits the low ones of the 32-bit division, which is the same.
template <class T>
T div(T a, T b) {
  if (b == 0) return static_cast<T>(-1);
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return sub<T>(0, a);
  return static_cast<T>(a / b);
}
template <class T>
T rem(T a, T b) {
  if (b == 0) return static_cast<T>(-1);
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return 0;
  return static_cast<T>(a % b);
}
template <class T>
T least(T a, T b) {
  return a < b ? a : b;
}
template <class T>
T most(T a, T b) {
  return a > b ? a : b;
}
int32_t least_relu(int32_t a, int32_t b) { return most(least(a, b), 0); }
int32_t most_relu(int32_t a, int32_t b) { return most(most(a, b), 0); }
template <class T>
T sad(T a, T b, T c) {
  return add<T>(c, a < b ? sub<T>(b, a) : sub<T>(a, b));
}
template <class T>
T negative(T a) {
  return sub<T>(0, a);
}
template <class T>
T absolute(T a) {
  return a < 0 ? sub<T>(0, a) : a;
}

// Of 24 bits: the low ones of the operands; hi is bits 16 to 47 of the product.
template <class T>
int64_t mul24(T a, T b) {
  if constexpr (std::is_signed_v<T>)
    return int64_t{static_cast<int32_t>(static_cast<uint32_t>(a) << 8) >> 8} *
           (static_cast<int32_t>(static_cast<uint32_t>(b) << 8) >> 8);
  else
    return static_cast<int64_t>(uint64_t{a & 0xFFFFFF} * (b & 0xFFFFFF));
}
template <class T>
T mul24_lo(T a, T b) {
  return static_cast<T>(mul24(a, b));
}
template <class T>
T mul24_hi(T a, T b) {
  return static_cast<T>(mul24(a, b) >> 16);
}
template <class T>
T mad24_lo(T a, T b, T c) {
  return add<T>(mul24_lo(a, b), c);
}
template <class T>
T mad24_hi(T a, T b, T c) {
  return add<T>(mul24_hi(a, b), c);
}
int32_t mad24_hi_sat(int32_t a, int32_t b, int32_t c) { return saturated((mul24(a, b) >> 16) + c); }

// Two halves of 16 bits, each by itself.
template <class T, auto F>
uint32_t halves(uint32_t a, uint32_t b) {
  const auto low = static_cast<uint16_t>(F(static_cast<T>(a), static_cast<T>(b)));
  const auto high = static_cast<uint16_t>(F(static_cast<T>(a >> 16), static_cast<T>(b >> 16)));
  return low | uint32_t{high} << 16;
}
int16_t least_relu16(int16_t a, int16_t b) { return most<int16_t>(least(a, b), 0); }
int16_t most_relu16(int16_t a, int16_t b) { return most<int16_t>(most(a, b), 0); }

// --- carry chains: 32 and 64 bits, a + b + carry; option: 1 reads the carry, 2 writes it, 4 subtracts ------------------------

template <class T>
void chain(Warp& warp, const Instruction& in, uint32_t mask, const T* a, const T* b) {
  const bool subtract = in.option & 4;
  // A device subtracts by adding the complement, and a carry there is no borrow.
  const uint32_t carry = in.option & 1 ? warp.predicate(in.p) : subtract ? kAll : 0;
  T* d = warp.lanes<T>(in.d);
  uint32_t out = 0;
  T result[32];
  for (int i = 0; i < 32; ++i) {
    const unsigned __int128 in_carry = carry >> i & 1;
    const T other = subtract ? static_cast<T>(~b[i]) : b[i];
    const unsigned __int128 sum = static_cast<unsigned __int128>(a[i]) + other + in_carry;
    result[i] = static_cast<T>(sum);
    out |= static_cast<uint32_t>(sum >> (8 * sizeof(T)) & 1) << i;
  }
  each(d, mask, [&](int i) { return result[i]; });
  if (in.option & 2) warp.set_predicate(in.p, mask, out);
}

template <class T>
void run_chain(Warp& warp, const Instruction& in, uint32_t mask) {
  chain<T>(warp, in, mask, warp.source<T>(in.a), warp.source<T>(in.b));
}

// option 8: the high half of the product
template <class T>
void run_mad_chain(Warp& warp, const Instruction& in, uint32_t mask) {
  using U = std::make_unsigned_t<T>;
  const T *a = warp.source<T>(in.a), *b = warp.source<T>(in.b);
  U product[32];
  for (int i = 0; i < 32; ++i)
    product[i] = static_cast<U>(in.option & 8 ? mul_hi<T>(a[i], b[i]) : mul_lo<T>(a[i], b[i]));
  chain<U>(warp, in, mask, product, warp.source<U>(in.c));
}

// --- dot products: option is 1 for a signed, 2 for b signed, 4 for the high half of b --------------------------------------

void run_dp4a(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto *a = warp.source<uint32_t>(in.a), *b = warp.source<uint32_t>(in.b), *c = warp.source<uint32_t>(in.c);
  each(warp.lanes<uint32_t>(in.d), mask, [&](int i) {
    uint32_t sum = c[i];
    for (int k = 0; k < 32; k += 8) {
      const int x = in.option & 1 ? static_cast<int8_t>(a[i] >> k) : static_cast<uint8_t>(a[i] >> k);
      const int y = in.option & 2 ? static_cast<int8_t>(b[i] >> k) : static_cast<uint8_t>(b[i] >> k);
      sum += static_cast<uint32_t>(x * y);
    }
    return sum;
  });
}

void run_dp2a(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto *a = warp.source<uint32_t>(in.a), *b = warp.source<uint32_t>(in.b), *c = warp.source<uint32_t>(in.c);
  const int from = in.option & 4 ? 16 : 0;
  each(warp.lanes<uint32_t>(in.d), mask, [&](int i) {
    uint32_t sum = c[i];
    for (int k = 0; k < 2; ++k) {
      const int x = in.option & 1 ? static_cast<int16_t>(a[i] >> 16 * k) : static_cast<uint16_t>(a[i] >> 16 * k);
      const uint32_t byte = b[i] >> (from + 8 * k);
      const int y = in.option & 2 ? static_cast<int8_t>(byte) : static_cast<uint8_t>(byte);
      sum += static_cast<uint32_t>(x * y);
    }
    return sum;
  });
}

// --- decoding ------------------------------------------------------------------------------------------------------------

void operands(Decoder& d, const Type& type, size_t sources) {
  d.expect_count(sources + 1);
  d.in.d = d.destination(0, type.bytes());
  d.in.a = d.source(1, type);
  if (sources > 1) d.in.b = d.source(2, type);
  if (sources > 2) d.in.c = d.source(3, type);
}

Handler pick_add_sub(Decoder& d, const Type& type) {
  const bool subtract = d.operation == "sub";
  if (d.take("sat")) {
    if (!type.is("s32")) d.fail("sat is for .s32");
    return subtract ? lanewise2<sub_sat, int32_t, int32_t> : lanewise2<add_sat, int32_t, int32_t>;
  }
  if (type.lanes == 2) {
    if (subtract) d.fail("there is no such instruction");
    return lanewise2<halves<uint16_t, add<uint16_t>>, uint32_t, uint32_t>;
  }
  return for_integer(d, type, [&]<class T>() -> Handler {
    using U = std::make_unsigned_t<T>;
    return subtract ? lanewise2<sub<U>, U, U> : lanewise2<add<U>, U, U>;
  });
}

Handler pick_extreme(Decoder& d, const Type& type) {
  const bool least_of = d.operation == "min", relu = d.take("relu");
  if (relu && type.is("s32"))
    return least_of ? lanewise2<least_relu, int32_t, int32_t> : lanewise2<most_relu, int32_t, int32_t>;
  if (type.is("s16x2")) {
    if (relu)
      return least_of ? lanewise2<halves<int16_t, least_relu16>, uint32_t, uint32_t>
                      : lanewise2<halves<int16_t, most_relu16>, uint32_t, uint32_t>;
    return least_of ? lanewise2<halves<int16_t, least<int16_t>>, uint32_t, uint32_t>
                    : lanewise2<halves<int16_t, most<int16_t>>, uint32_t, uint32_t>;
  }
  if (relu) d.fail("relu is not possible");
  if (type.is("u16x2"))
    return least_of ? lanewise2<halves<uint16_t, least<uint16_t>>, uint32_t, uint32_t>
                    : lanewise2<halves<uint16_t, most<uint16_t>>, uint32_t, uint32_t>;
  return for_integer(
      d, type, [&]<class T>() -> Handler { return least_of ? lanewise2<least<T>, T, T> : lanewise2<most<T>, T, T>; });
}

bool decode_chain(Decoder& d) {
  const std::string_view op = d.operation;
  const bool multiply = op == "mad" || op == "madc";
  d.in.option = (op == "addc" || op == "subc" || op == "madc" ? 1 : 0) | (op == "sub" || op == "subc" ? 4 : 0);
  if (d.take("cc")) d.in.option |= 2;
  d.in.p = d.carry();
  if (multiply) {
    const int half = d.take_any({"lo", "hi"});
    if (half < 0) d.fail("lo or hi is missing");
    if (half == 1) d.in.option |= 8;
  }
  const Type type = d.take_type();
  if (type.bits < 32) d.fail("carries are of 32 and 64 bits");
  operands(d, type, multiply ? 3 : 2);
  d.in.run = for_integer(
      d, type, [&]<class T>() -> Handler { return multiply ? run_mad_chain<T> : run_chain<std::make_unsigned_t<T>>; });
  return true;
}

bool decode_multiply(Decoder& d) {
  const bool mad = d.operation == "mad";
  const int part = d.take_any({"lo", "hi", "wide"});
  if (part < 0) return false;
  const bool saturate = d.take("sat");
  const Type type = d.take_type();
  d.expect_count(mad ? 4 : 3);
  d.in.a = d.source(1, type);
  d.in.b = d.source(2, type);
  Type result = type;
  if (part == 2) {
    if (type.bits > 32) d.fail("wide is for 16 and 32 bits");
    result.bits = static_cast<uint8_t>(2 * type.bits);
  }
  d.in.d = d.destination(0, result.bytes());
  if (mad) d.in.c = d.source(3, result);
  if (saturate) {
    if (!mad || part != 1 || !type.is("s32")) d.fail("sat is for mad.hi.s32");
    d.in.run = lanewise3<mad_hi_sat, int32_t, int32_t>;
    return true;
  }
  d.in.run = for_integer(d, type, [&]<class T>() -> Handler {
    if (part == 0) return mad ? lanewise3<mad_lo<T>, T, T> : lanewise2<mul_lo<T>, T, T>;
    if (part == 1) return mad ? lanewise3<mad_hi<T>, T, T> : lanewise2<mul_hi<T>, T, T>;
    if constexpr (sizeof(T) < 8)
      return mad ? lanewise3<mad_wide<T>, Wide<T>, T, T, Wide<T>> : lanewise2<mul_wide<T>, Wide<T>, T>;
    return nullptr;
  });
  return true;
}

bool decode_24(Decoder& d) {
  const bool mad = d.operation == "mad24";
  const int half = d.take_any({"lo", "hi"});
  if (half < 0) d.fail("lo or hi is missing");
  const bool saturate = d.take("sat");
  const Type type = d.take_type();
  if (!type.is("s32") && !type.is("u32")) d.fail("of 32 bits only");
  if (saturate && !(mad && half == 1 && type.is_signed())) d.fail("sat is for mad24.hi.s32");
  operands(d, type, mad ? 3 : 2);
  const auto pick = [&]<class T>() -> Handler {
    if (mad) return half == 0 ? lanewise3<mad24_lo<T>, T, T> : lanewise3<mad24_hi<T>, T, T>;
    return half == 0 ? lanewise2<mul24_lo<T>, T, T> : lanewise2<mul24_hi<T>, T, T>;
  };
  d.in.run = saturate           ? lanewise3<mad24_hi_sat, int32_t, int32_t>
             : type.is_signed() ? pick.operator()<int32_t>()
                                : pick.operator()<uint32_t>();
  return true;
}

bool decode_dot(Decoder& d) {
  const bool two = d.operation == "dp2a";
  if (two) {
    const int half = d.take_any({"lo", "hi"});
    if (half < 0) d.fail("lo or hi is missing");
    if (half == 1) d.in.option |= 4;
  }
  const Type a = d.take_type(), b = d.take_type();
  if (a.bits != 32 || b.bits != 32) d.fail("of 32 bits only");
  d.in.option |= (a.is_signed() ? 1 : 0) | (b.is_signed() ? 2 : 0);
  operands(d, a, 3);
  d.in.run = two ? run_dp2a : run_dp4a;
  return true;
}

bool is_float(const Decoder& d) {
  for (const std::string_view word : d.rest()) {
    const Type type = parse_type(word);
    if (type.lanes && !type.integer()) return true;
  }
  return false;
}

}  // namespace

bool decode_integer(Decoder& d) {
  const std::string_view op = d.operation;
  if (op == "dp4a" || op == "dp2a") return decode_dot(d);
  if (op == "mul24" || op == "mad24") return decode_24(d);
  if (op == "addc" || op == "subc" || op == "madc") return decode_chain(d);
  if (is_float(d)) return false;
  if (op == "add" || op == "sub" || op == "mad") {
    for (const std::string_view word : d.rest())
      if (word == "cc") return decode_chain(d);
  }
  if (op == "mul" || op == "mad") return decode_multiply(d);
  if (op == "add" || op == "sub") {
    const Type type = d.take_type();
    operands(d, type, 2);
    d.in.run = pick_add_sub(d, type);
  } else if (op == "min" || op == "max") {
    const Type type = d.take_type();
    operands(d, type, 2);
    d.in.run = pick_extreme(d, type);
  } else if (op == "div" || op == "rem") {
    const Type type = d.take_type();
    operands(d, type, 2);
    const bool quotient = op == "div";
    d.in.run = for_integer(
        d, type, [&]<class T>() -> Handler { return quotient ? lanewise2<div<T>, T, T> : lanewise2<rem<T>, T, T>; });
  } else if (op == "sad") {
    const Type type = d.take_type();
    operands(d, type, 3);
    d.in.run = for_integer(d, type, []<class T>() -> Handler { return lanewise3<sad<T>, T, T>; });
  } else if (op == "neg" || op == "abs") {
    const Type type = d.take_type();
    if (!type.is_signed()) d.fail("for signed integers only");
    operands(d, type, 1);
    const bool negate = op == "neg";
    d.in.run = for_integer(d, type, [&]<class T>() -> Handler {
      return negate ? lanewise1<negative<T>, T, T> : lanewise1<absolute<T>, T, T>;
    });
  } else {
    return false;
  }
  return true;
}

}  // namespace sinter::sim
