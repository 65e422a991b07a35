// Bit operations: logic, shifts, fields, counts, permutations.
#include <algorithm>
#include <bit>

#include "decoder.h"
#include "machine.h"

namespace sinter::sim {

namespace {

template <class T>
T bit_and(T a, T b) {
  return a & b;
}
template <class T>
T bit_or(T a, T b) {
  return a | b;
}
template <class T>
T bit_xor(T a, T b) {
  return a ^ b;
}
template <class T>
T bit_not(T a) {
  return static_cast<T>(~a);
}
template <class T>
T is_zero(T a) {
  return a == 0;
}

// Shifts by the width or more shift everything out.
template <class T>
T shift_left(T a, uint32_t by) {
  return by >= 8 * sizeof(T) ? T{0} : static_cast<T>(a << by);
}
template <class T>
T shift_right(T a, uint32_t by) {
  constexpr uint32_t kLast = 8 * sizeof(T) - 1;
  if constexpr (std::is_signed_v<T>) return static_cast<T>(a >> std::min(by, kLast));
  return by > kLast ? T{0} : static_cast<T>(a >> by);
}

// The low word of (b:a) >> n, and the high word of (b:a) << n.
uint32_t funnel_right(uint32_t a, uint32_t b, uint32_t by) {
  return static_cast<uint32_t>((uint64_t{b} << 32 | a) >> by);
}
uint32_t funnel_left(uint32_t a, uint32_t b, uint32_t by) {
  return static_cast<uint32_t>((uint64_t{b} << 32 | a) << by >> 32);
}
uint32_t funnel_right_clamp(uint32_t a, uint32_t b, uint32_t by) { return funnel_right(a, b, std::min(by, 32u)); }
uint32_t funnel_right_wrap(uint32_t a, uint32_t b, uint32_t by) { return funnel_right(a, b, by & 31); }
uint32_t funnel_left_clamp(uint32_t a, uint32_t b, uint32_t by) { return funnel_left(a, b, std::min(by, 32u)); }
uint32_t funnel_left_wrap(uint32_t a, uint32_t b, uint32_t by) { return funnel_left(a, b, by & 31); }

// Positions and lengths of fields: of 32 bits, the low byte counts; of 64 bits, all of it.
template <class T>
uint32_t field_number(uint32_t x) {
  return sizeof(T) == 4 ? x & 0xFF : std::min(x, 255u);
}

// [length] bits from [position] on; beyond the word a signed value goes on with its sign.
template <class T>
T extract(T a, uint32_t position, uint32_t length) {
  constexpr int kBits = 8 * sizeof(T);
  using U = std::make_unsigned_t<T>;
  const int from = static_cast<int>(field_number<T>(position)), count = static_cast<int>(field_number<T>(length));
  bool sign = false;
  if constexpr (std::is_signed_v<T>)
    sign = count != 0 && (static_cast<U>(a) >> std::min(from + count - 1, kBits - 1) & 1) != 0;
  const int taken = std::max(0, std::min(count, kBits - from));
  U result = from < kBits ? static_cast<U>(a) >> from : 0;
  if (taken < kBits) {
    const U keep = (U{1} << taken) - 1;
    result = (result & keep) | (sign ? ~keep : U{0});
  }
  return static_cast<T>(result);
}

template <class T>
T insert(T a, T b, uint32_t position, uint32_t length) {
  constexpr uint32_t kBits = 8 * sizeof(T);
  const uint32_t from = field_number<T>(position), count = field_number<T>(length);
  if (from >= kBits || count == 0) return b;
  const T field = count >= kBits ? ~T{0} : (T{1} << count) - 1;
  return static_cast<T>((b & ~(field << from)) | (a & field) << from);
}

template <class T>
void run_insert(Warp& warp, const Instruction& in, uint32_t mask) {
  const T *a = warp.source<T>(in.a), *b = warp.source<T>(in.b);
  const auto *position = warp.source<uint32_t>(in.c), *length = warp.source<uint32_t>(in.p);
  each(warp.lanes<T>(in.d), mask, [&](int i) { return insert<T>(a[i], b[i], position[i], length[i]); });
}

// The highest bit that differs from the sign (of unsigned: that is set); shiftamt: the shift that brings it to the top.
template <class T, bool kShift>
uint32_t find_bit(T a) {
  using U = std::make_unsigned_t<T>;
  const U bits = a < 0 ? static_cast<U>(~a) : static_cast<U>(a);
  if (bits == 0) return kAll;
  const auto leading = static_cast<uint32_t>(std::countl_zero(bits));
  return kShift ? leading : static_cast<uint32_t>(8 * sizeof(T) - 1) - leading;
}

// The n-th set bit from [base] on, upwards for positive offsets, downwards for negative.
uint32_t find_nth(uint32_t a, uint32_t base, int32_t offset) {
  if (base > 31) return kAll;
  if (offset == 0) return a >> base & 1 ? base : kAll;
  const int step = offset > 0 ? 1 : -1;
  int64_t left = offset > 0 ? int64_t{offset} : -int64_t{offset};
  for (int at = static_cast<int>(base); at >= 0 && at < 32; at += step)
    if ((a >> at & 1) && --left == 0) return static_cast<uint32_t>(at);
  return kAll;
}

template <bool kClamp>
uint32_t bit_mask(uint32_t position, uint32_t length) {
  if (!kClamp) position &= 31, length &= 31;
  if (position > 31) return 0;
  const uint32_t field = length >= 32 ? kAll : (1u << length) - 1;
  return field << position;
}

// The low [bits] of a, extended with their sign or with zeros.
template <class T, bool kClamp>
T extend(T a, uint32_t bits) {
  if (!kClamp) bits &= 31;
  if (bits >= 32) return a;
  if (bits == 0) return 0;
  return static_cast<T>(static_cast<T>(static_cast<uint32_t>(a) << (32 - bits)) >> (32 - bits));
}

template <class T>
uint32_t count_ones(T a) {
  return static_cast<uint32_t>(std::popcount(a));
}
template <class T>
uint32_t leading_zeros(T a) {
  return static_cast<uint32_t>(std::countl_zero(a));
}
template <class T>
T reverse(T a) {
  T result = 0;
  for (unsigned i = 0; i < 8 * sizeof(T); ++i) result = static_cast<T>(result << 1 | (a >> i & 1));
  return result;
}

// --- prmt ----------------------------------------------------------------------------------------------------------------

uint32_t permute(uint32_t a, uint32_t b, uint32_t selectors) {
  const uint64_t bytes = uint64_t{b} << 32 | a;
  uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    const uint32_t selector = selectors >> 4 * i & 15;
    auto byte = static_cast<uint8_t>(bytes >> 8 * (selector & 7));
    if (selector & 8) byte = byte & 0x80 ? 0xFF : 0;
    result |= uint32_t{byte} << 8 * i;
  }
  return result;
}

// For the modes, selectors by the low two bits of c.
constexpr uint32_t kForward[] = {0x3210, 0x4321, 0x5432, 0x6543}, kBackward[] = {0x5670, 0x6701, 0x7012, 0x0123},
                   kReplicate8[] = {0x0000, 0x1111, 0x2222, 0x3333}, kEdgeLeft[] = {0x3210, 0x3211, 0x3222, 0x3333},
                   kEdgeRight[] = {0x0000, 0x1110, 0x2210, 0x3210}, kReplicate16[] = {0x1010, 0x3232, 0x1010, 0x3232};

template <const uint32_t* kSelectors>
uint32_t permute_mode(uint32_t a, uint32_t b, uint32_t c) {
  return permute(a, b, kSelectors[c & 3]);
}

void run_lop3(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto *a = warp.source<uint32_t>(in.a), *b = warp.source<uint32_t>(in.b), *c = warp.source<uint32_t>(in.c);
  uint32_t term[8];
  for (int i = 0; i < 8; ++i) term[i] = in.option >> i & 1 ? kAll : 0;
  each(warp.lanes<uint32_t>(in.d), mask, [&](int i) {
    const uint32_t x = a[i], y = b[i], z = c[i];
    return (term[0] & ~x & ~y & ~z) | (term[1] & ~x & ~y & z) | (term[2] & ~x & y & ~z) | (term[3] & ~x & y & z) |
           (term[4] & x & ~y & ~z) | (term[5] & x & ~y & z) | (term[6] & x & y & ~z) | (term[7] & x & y & z);
  });
}

// --- predicates: one word for the warp ---------------------------------------------------------------------------------------

enum class Logic : uint16_t { kAnd, kOr, kXor, kNot };

void run_predicate_logic(Warp& warp, const Instruction& in, uint32_t mask) {
  const uint32_t a = warp.predicate(in.a), b = in.b == kNoSlot ? 0 : warp.predicate(in.b);
  uint32_t value = 0;
  switch (static_cast<Logic>(in.option)) {
    case Logic::kAnd: value = a & b; break;
    case Logic::kOr: value = a | b; break;
    case Logic::kXor: value = a ^ b; break;
    case Logic::kNot: value = ~a; break;
  }
  warp.set_predicate(in.d, mask, value);
}

// --- decoding ------------------------------------------------------------------------------------------------------------

constexpr Type kU32{Type::Kind::kUnsigned, 32, 1, "u32"};

// Handler of make<T>() for unsigned T of the type's bits, 16 to 64.
template <class Make>
Handler for_bits(Decoder& d, const Type& type, Make&& make, uint32_t least = 16) {
  if (type.lanes == 1 && type.integer() && type.bits >= least) switch (type.bits) {
      case 16: return make.template operator()<uint16_t>();
      case 32: return make.template operator()<uint32_t>();
      case 64: return make.template operator()<uint64_t>();
      default: break;
    }
  d.fail("type ." + std::string(type.name) + " is not possible");
}

bool decode_logic(Decoder& d, Logic logic) {
  const Type type = d.take_type();
  const bool one = logic == Logic::kNot;
  d.expect_count(one ? 2 : 3);
  if (type.kind == Type::Kind::kPredicate) {
    d.in.d = d.destination(0, 0);
    d.in.a = d.predicate_source(d.operand(1), nullptr);
    if (!one) d.in.b = d.predicate_source(d.operand(2), nullptr);
    d.in.option = static_cast<uint16_t>(logic);
    d.in.run = run_predicate_logic;
    return true;
  }
  d.in.d = d.destination(0, type.bytes());
  d.in.a = d.source(1, type);
  if (!one) d.in.b = d.source(2, type);
  d.in.run = for_bits(d, type, [&]<class T>() -> Handler {
    switch (logic) {
      case Logic::kAnd: return lanewise2<bit_and<T>, T, T>;
      case Logic::kOr: return lanewise2<bit_or<T>, T, T>;
      case Logic::kXor: return lanewise2<bit_xor<T>, T, T>;
      default: return lanewise1<bit_not<T>, T, T>;
    }
  });
  return true;
}

bool decode_shift(Decoder& d, bool left) {
  const Type type = d.take_type();
  d.expect_count(3);
  d.in.d = d.destination(0, type.bytes());
  d.in.a = d.source(1, type);
  d.in.b = d.source(2, kU32);
  d.in.run = left
                 ? for_bits(d, type, []<class T>() -> Handler { return lanewise2<shift_left<T>, T, T, uint32_t>; })
                 : for_integer(d, type, []<class T>() -> Handler { return lanewise2<shift_right<T>, T, T, uint32_t>; });
  return true;
}

bool decode_funnel(Decoder& d) {
  const int side = d.take_any({"l", "r"}), mode = d.take_any({"clamp", "wrap"});
  if (side < 0 || mode < 0) d.fail("l or r and clamp or wrap are needed");
  const Type type = d.take_type();
  d.expect_count(4);
  d.in.d = d.destination(0, 4);
  d.in.a = d.source(1, type), d.in.b = d.source(2, type), d.in.c = d.source(3, type);
  constexpr Handler kTable[2][2] = {
      {lanewise3<funnel_left_clamp, uint32_t, uint32_t>, lanewise3<funnel_left_wrap, uint32_t, uint32_t>},
      {lanewise3<funnel_right_clamp, uint32_t, uint32_t>, lanewise3<funnel_right_wrap, uint32_t, uint32_t>}};
  d.in.run = kTable[side][mode];
  return true;
}

bool decode_field(Decoder& d) {
  const bool extracts = d.operation == "bfe";
  const Type type = d.take_type();
  if (type.bits < 32) d.fail("of 32 and 64 bits only");
  d.expect_count(extracts ? 4 : 5);
  d.in.d = d.destination(0, type.bytes());
  d.in.a = d.source(1, type);
  if (extracts) {
    d.in.b = d.source(2, kU32);
    d.in.c = d.source(3, kU32);
    d.in.run =
        for_integer(d, type, []<class T>() -> Handler { return lanewise3<extract<T>, T, T, uint32_t, uint32_t>; });
  } else {
    d.in.b = d.source(2, type);
    d.in.c = d.source(3, kU32);
    d.in.p = d.source(4, kU32);
    d.in.run = type.bits == 32 ? run_insert<uint32_t> : run_insert<uint64_t>;
  }
  return true;
}

bool decode_count(Decoder& d) {
  const std::string_view op = d.operation;
  const bool shift = op == "bfind" && d.take("shiftamt");
  const Type type = d.take_type();
  if (type.bits < 32) d.fail("of 32 and 64 bits only");
  d.expect_count(2);
  d.in.d = d.destination(0, 4);
  d.in.a = d.source(1, type);
  if (op == "bfind") {
    d.in.run = for_integer(d, type, [&]<class T>() -> Handler {
      return shift ? lanewise1<find_bit<T, true>, uint32_t, T> : lanewise1<find_bit<T, false>, uint32_t, T>;
    });
  } else {
    const bool ones = op == "popc";
    d.in.run = for_bits(
        d, type,
        [&]<class T>() -> Handler {
          return ones ? lanewise1<count_ones<T>, uint32_t, T> : lanewise1<leading_zeros<T>, uint32_t, T>;
        },
        32);
  }
  return true;
}

bool decode_permute(Decoder& d) {
  const Type type = d.take_type();
  const int mode = d.take_any({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"});
  constexpr Handler kModes[] = {lanewise3<permute_mode<kForward>, uint32_t, uint32_t>,
                                lanewise3<permute_mode<kBackward>, uint32_t, uint32_t>,
                                lanewise3<permute_mode<kReplicate8>, uint32_t, uint32_t>,
                                lanewise3<permute_mode<kEdgeLeft>, uint32_t, uint32_t>,
                                lanewise3<permute_mode<kEdgeRight>, uint32_t, uint32_t>,
                                lanewise3<permute_mode<kReplicate16>, uint32_t, uint32_t>};
  d.expect_count(4);
  d.in.d = d.destination(0, 4);
  d.in.a = d.source(1, type), d.in.b = d.source(2, type), d.in.c = d.source(3, type);
  d.in.run = mode < 0 ? lanewise3<permute, uint32_t, uint32_t> : kModes[mode];
  return true;
}

bool decode_mask_or_extend(Decoder& d) {
  const bool masks = d.operation == "bmsk";
  const int mode = d.take_any({"clamp", "wrap"});
  if (mode < 0) d.fail("clamp or wrap is missing");
  const bool clamp = mode == 0;
  const Type type = d.take_type();
  d.expect_count(3);
  d.in.d = d.destination(0, 4);
  d.in.a = d.source(1, type), d.in.b = d.source(2, kU32);
  if (masks)
    d.in.run = clamp ? lanewise2<bit_mask<true>, uint32_t, uint32_t> : lanewise2<bit_mask<false>, uint32_t, uint32_t>;
  else if (type.is_signed())
    d.in.run = clamp ? lanewise2<extend<int32_t, true>, int32_t, int32_t, uint32_t>
                     : lanewise2<extend<int32_t, false>, int32_t, int32_t, uint32_t>;
  else
    d.in.run = clamp ? lanewise2<extend<uint32_t, true>, uint32_t, uint32_t>
                     : lanewise2<extend<uint32_t, false>, uint32_t, uint32_t>;
  return true;
}

}  // namespace

bool decode_bits(Decoder& d) {
  const std::string_view op = d.operation;
  if (op == "and") return decode_logic(d, Logic::kAnd);
  if (op == "or") return decode_logic(d, Logic::kOr);
  if (op == "xor") return decode_logic(d, Logic::kXor);
  if (op == "not") return decode_logic(d, Logic::kNot);
  if (op == "shl" || op == "shr") return decode_shift(d, op == "shl");
  if (op == "shf") return decode_funnel(d);
  if (op == "bfe" || op == "bfi") return decode_field(d);
  if (op == "bfind" || op == "popc" || op == "clz") return decode_count(d);
  if (op == "prmt") return decode_permute(d);
  if (op == "bmsk" || op == "szext") return decode_mask_or_extend(d);
  if (op == "cnot" || op == "brev") {
    const Type type = d.take_type();
    d.expect_count(2);
    d.in.d = d.destination(0, type.bytes());
    d.in.a = d.source(1, type);
    const bool zero = op == "cnot";
    d.in.run = for_bits(d, type, [&]<class T>() -> Handler {
      return zero ? lanewise1<is_zero<T>, T, T> : lanewise1<reverse<T>, T, T>;
    });
  } else if (op == "fns") {
    const Type type = d.take_type();
    d.expect_count(4);
    d.in.d = d.destination(0, 4);
    d.in.a = d.source(1, type), d.in.b = d.source(2, kU32), d.in.c = d.source(3, kU32);
    d.in.run = lanewise3<find_nth, uint32_t, uint32_t, uint32_t, int32_t>;
  } else if (op == "lop3") {
    const Type type = d.take_type();
    d.expect_count(5);
    d.in.d = d.destination(0, 4);
    d.in.a = d.source(1, type), d.in.b = d.source(2, type), d.in.c = d.source(3, type);
    d.in.option = static_cast<uint16_t>(d.immediate(4) & 0xFF);
    d.in.run = run_lop3;
  } else {
    return false;
  }
  return true;
}

}  // namespace sinter::sim
