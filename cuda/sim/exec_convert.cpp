// cvt in all its forms. Every conversion goes through an exact value (a double, or an integer of 128 bits); the common ones have
// loops of their own.
#include <algorithm>
#include <limits>

#include "decoder.h"
#include "machine.h"
#include "numbers.h"

namespace sinter::sim {

namespace {

enum class Format : uint8_t {
  kU8,
  kS8,
  kU16,
  kS16,
  kU32,
  kS32,
  kU64,
  kS64,
  kF16,
  kBF16,
  kTF32,
  kF32,
  kF64,
  kE4M3,
  kE5M2
};

struct Conversion {
  Format from{}, to{};
  Rounding rounding = Rounding::kNearest;
  bool integral = false;  // rni and so on: to a whole number
  bool flush = false, saturate = false, relu = false, finite = false;
  uint8_t from_bytes = 0, to_bytes = 0;  // of the registers
};

bool is_integer(Format f) { return f <= Format::kS64; }
bool is_signed(Format f) { return is_integer(f) && (static_cast<int>(f) & 1); }
int integer_bits(Format f) { return 8 << (static_cast<int>(f) / 2); }

struct Value {
  bool integer = false;
  __int128 whole = 0;
  double real = 0;
};

Value load(Format from, uint64_t bits) {
  Value value;
  if (is_integer(from)) {
    const int shift = 64 - integer_bits(from);
    value.integer = true;
    value.whole = is_signed(from) ? static_cast<__int128>(static_cast<int64_t>(bits << shift) >> shift)
                                  : static_cast<__int128>(bits << shift >> shift);
    return value;
  }
  switch (from) {
    case Format::kF16: value.real = half_value(static_cast<uint16_t>(bits)); break;
    case Format::kBF16: value.real = brain_value(static_cast<uint16_t>(bits)); break;
    case Format::kF64: value.real = std::bit_cast<double>(bits); break;
    case Format::kE4M3: value.real = widen(bits & 0xFF, kSmall4); break;
    case Format::kE5M2: value.real = widen(bits & 0xFF, kSmall5); break;
    default: value.real = std::bit_cast<float>(static_cast<uint32_t>(bits));
  }
  return value;
}

double to_whole(double x, Rounding rounding) {
  switch (rounding) {
    case Rounding::kZero: return std::trunc(x);
    case Rounding::kDown: return std::floor(x);
    case Rounding::kUp: return std::ceil(x);
    default: return std::nearbyint(x);
  }
}

uint64_t store_integer(const Conversion& c, const Value& value) {
  const int bits = integer_bits(c.to);
  const bool sign = is_signed(c.to);
  const __int128 least = sign ? -(static_cast<__int128>(1) << (bits - 1)) : 0;
  const __int128 most = (static_cast<__int128>(1) << (sign ? bits - 1 : bits)) - 1;
  __int128 whole = value.whole;
  if (!value.integer) {
    const double x = to_whole(value.real, c.rounding);
    // As a device has it: of f64 to 32 bits otherwise than of f32.
    if (x != x) return bits == 64 ? uint64_t{1} << 63 : c.from == Format::kF64 && bits == 32 ? uint64_t{1} << 31 : 0;
    whole = x >= 0x1p64 ? most : x <= -0x1p64 ? least : static_cast<__int128>(x);
  }
  if (c.saturate || !value.integer) whole = std::clamp(whole, least, most);
  const auto result = static_cast<uint64_t>(whole);
  // The register may be wider than the type: then the value is extended as the type says.
  const int shift = 64 - bits;
  return sign ? static_cast<uint64_t>(static_cast<int64_t>(result << shift) >> shift) : result << shift >> shift;
}

// An integer as a double rounded to odd, or to the direction when that is the result.
double integer_to_double(__int128 whole, Rounding rounding, bool is_result) {
  const auto nearest = static_cast<double>(whole);
  const __int128 lost = whole - static_cast<__int128>(nearest);
  if (is_result) return directed(nearest, lost > 0, lost < 0, rounding);
  return odd(nearest, lost < 0 ? -1.0 : lost > 0 ? 1.0 : 0.0);
}

uint64_t store_real(const Conversion& c, Value value) {
  double x = value.integer ? integer_to_double(value.whole, c.rounding, c.to == Format::kF64) : value.real;
  if (c.integral) x = to_whole(x, c.rounding);
  if (c.saturate) x = x > 0 ? std::min(x, 1.0) : 0.0;
  const Rounding rounding = c.integral ? Rounding::kNearest : c.rounding;
  const bool nan = x != x;
  if (c.relu && !nan && (std::signbit(x))) x = 0;
  switch (c.to) {
    case Format::kF64: return nan ? 0x7FF8000000000000u : std::bit_cast<uint64_t>(x);
    case Format::kF32: {
      const float result = to_float(x, rounding);
      return std::bit_cast<uint32_t>(canonical(c.flush ? flushed(result) : result));
    }
    case Format::kF16: return narrow(x, kHalf, rounding, c.finite);
    case Format::kBF16: return narrow(x, kBrain, rounding, c.finite);
    case Format::kTF32: {
      constexpr Narrow kTensor{8, 10, 0x3FBFF, 0x3FC00, 0x3FFFF};
      return nan ? 0x7FFFE000 : uint64_t{narrow(x, kTensor, rounding, c.finite)} << 13;
    }
    case Format::kE4M3: return narrow(x, kSmall4, rounding, true);
    default: return narrow(x, kSmall5, rounding, c.finite);
  }
}

// rna to tf32 is an addition to the bits, whatever they are, cut off; .satfinite takes one from what is not finite.
uint64_t round_away_to_tf32(uint32_t bits, bool finite) {
  const bool special = (bits & 0x7F800000) == 0x7F800000;
  const uint32_t result = (special ? bits : bits + 0x1000) & 0xFFFFE000;
  return finite && (result & 0x7F800000) == 0x7F800000 ? result - 0x2000 : result;
}

// NaN to and from f64 keeps its sign and the upper part of its payload, and is made quiet.
uint64_t convert_nan(const Conversion& c, uint64_t bits) {
  const uint64_t wide =
      c.from == Format::kF64 ? bits : (bits & 0x80000000) << 32 | uint64_t{0x7FF} << 52 | (bits & 0x7FFFFF) << 29;
  const uint64_t sign = wide >> 63, payload = (wide & ((uint64_t{1} << 52) - 1)) | uint64_t{1} << 51;
  switch (c.to) {
    case Format::kF64: return sign << 63 | uint64_t{0x7FF} << 52 | payload;
    case Format::kF32: return sign << 31 | 0x7F800000 | payload >> 29;
    case Format::kF16: return sign << 15 | 0x7C00 | payload >> 42;
    default: return sign << 15 | 0x7F80 | payload >> 45;
  }
}

bool real(Format f) { return f == Format::kF64 || f == Format::kF32 || f == Format::kF16 || f == Format::kBF16; }

uint64_t convert(const Conversion& c, uint64_t bits) {
  if (c.to == Format::kTF32 && c.rounding == Rounding::kAway)
    return round_away_to_tf32(static_cast<uint32_t>(bits), c.finite);
  if (c.flush && c.from == Format::kF32)
    bits = std::bit_cast<uint32_t>(flushed(std::bit_cast<float>(static_cast<uint32_t>(bits))));
  const Value value = load(c.from, bits);
  const bool wide = c.from == Format::kF64 ? real(c.to) : c.from == Format::kF32 && c.to == Format::kF64;
  if (value.real != value.real && wide && !c.saturate) {
    if (c.from == Format::kF32 && c.flush) bits = kNaN32;
    return convert_nan(c, bits);
  }
  return is_integer(c.to) ? store_integer(c, value) : store_real(c, value);
}

uint64_t read(const Warp& warp, Slot slot, uint32_t bytes, int lane) {
  switch (bytes) {
    case 2: return warp.source<uint16_t>(slot)[lane];
    case 4: return warp.source<uint32_t>(slot)[lane];
    default: return warp.source<uint64_t>(slot)[lane];
  }
}

void write(Warp& warp, Slot slot, uint32_t bytes, int lane, uint64_t value) {
  switch (bytes) {
    case 2: warp.lanes<uint16_t>(slot)[lane] = static_cast<uint16_t>(value); break;
    case 4: warp.lanes<uint32_t>(slot)[lane] = static_cast<uint32_t>(value); break;
    default: warp.lanes<uint64_t>(slot)[lane] = value;
  }
}

const Conversion& conversion(const Instruction& in) { return *static_cast<const Conversion*>(in.extra->model.get()); }

void run_general(Warp& warp, const Instruction& in, uint32_t mask) {
  const Conversion& c = conversion(in);
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    write(warp, in.d, c.to_bytes, lane, convert(c, read(warp, in.a, c.from_bytes, lane)));
  }
}

// Two values into one register, the first above. option: bits of each
void run_two(Warp& warp, const Instruction& in, uint32_t mask) {
  const Conversion& c = conversion(in);
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    const uint64_t high = convert(c, read(warp, in.a, 4, lane)), low = convert(c, read(warp, in.b, 4, lane));
    write(warp, in.d, c.to_bytes, lane, high << in.option | low);
  }
}

// Both halves of a register; option: bits of a source, target: of a result
void run_halves(Warp& warp, const Instruction& in, uint32_t mask) {
  const Conversion& c = conversion(in);
  const uint64_t field = (1u << in.option) - 1;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    const uint64_t both = read(warp, in.a, c.from_bytes, lane);
    write(warp, in.d, c.to_bytes, lane, convert(c, both & field) | convert(c, both >> in.option) << in.target);
  }
}

// cvt.pack: a above b, and of 8 bits c above those, shifted
void run_pack(Warp& warp, const Instruction& in, uint32_t mask) {
  const Conversion& c = conversion(in);
  const int bits = integer_bits(c.to);
  const uint64_t field = (uint64_t{1} << bits) - 1;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    uint64_t result =
        (convert(c, read(warp, in.a, 4, lane)) & field) << bits | (convert(c, read(warp, in.b, 4, lane)) & field);
    if (in.c != kNoSlot) result |= read(warp, in.c, 4, lane) << 2 * bits;
    write(warp, in.d, 4, lane, result);
  }
}

// --- loops for what kernels do all the time ----------------------------------------------------------------------------------

template <class To, class From>
To integers(From a) {
  return static_cast<To>(a);
}
uint16_t f32_to_half(float a) { return half_code(a); }
uint16_t f32_to_brain(float a) { return brain_code(a); }
float half_to_f32(uint16_t a) { return canonical(half_value(a)); }
float brain_to_f32(uint16_t a) { return brain_value(a); }
uint32_t f32_to_half2(float high, float low) { return uint32_t{half_code(high)} << 16 | half_code(low); }
uint32_t f32_to_brain2(float high, float low) { return uint32_t{brain_code(high)} << 16 | brain_code(low); }
float s32_to_f32(int32_t a) { return static_cast<float>(a); }
float u32_to_f32(uint32_t a) { return static_cast<float>(a); }
double f32_to_f64(float a) { return a; }
float f64_to_f32(double a) { return static_cast<float>(a); }
int32_t f32_to_s32(float a) {
  const float x = a != a ? 0.0f : std::trunc(a);
  return x >= 0x1p31f ? INT32_MAX : static_cast<int32_t>(std::max(x, -0x1p31f));
}

bool plain(const Conversion& c) {
  return !c.flush && !c.saturate && !c.relu && !c.finite && c.rounding == Rounding::kNearest;
}

template <class From>
Handler widened(const Conversion& c) {
  switch (c.to_bytes) {
    case 2: return lanewise1<integers<uint16_t, From>, uint16_t, From>;
    case 4: return lanewise1<integers<uint32_t, From>, uint32_t, From>;
    default: return lanewise1<integers<uint64_t, From>, uint64_t, From>;
  }
}

// Integers whose register has their own size, and results that fill theirs.
Handler integer_loop(const Conversion& c) {
  if (c.saturate || !is_integer(c.from) || !is_integer(c.to)) return nullptr;
  if (integer_bits(c.from) != 8 * c.from_bytes || integer_bits(c.to) != 8 * c.to_bytes) return nullptr;
  switch (c.from) {
    case Format::kU16: return widened<uint16_t>(c);
    case Format::kS16: return widened<int16_t>(c);
    case Format::kU32: return widened<uint32_t>(c);
    case Format::kS32: return widened<int32_t>(c);
    default: return widened<uint64_t>(c);
  }
}

Handler loop(const Conversion& c) {
  using F = Format;
  if (const Handler found = integer_loop(c)) return found;
  if (c.from == F::kF32 && c.to == F::kS32 && c.integral && c.rounding == Rounding::kZero && !c.flush &&
      c.to_bytes == 4)
    return lanewise1<f32_to_s32, int32_t, float>;
  if (!plain(c) || c.integral) return nullptr;
  if (c.from == F::kF32 && c.to == F::kF16) return lanewise1<f32_to_half, uint16_t, float>;
  if (c.from == F::kF32 && c.to == F::kBF16) return lanewise1<f32_to_brain, uint16_t, float>;
  if (c.from == F::kF16 && c.to == F::kF32) return lanewise1<half_to_f32, float, uint16_t>;
  if (c.from == F::kBF16 && c.to == F::kF32) return lanewise1<brain_to_f32, float, uint16_t>;
  if (c.from == F::kS32 && c.to == F::kF32 && c.from_bytes == 4) return lanewise1<s32_to_f32, float, int32_t>;
  if (c.from == F::kU32 && c.to == F::kF32 && c.from_bytes == 4) return lanewise1<u32_to_f32, float, uint32_t>;
  if (c.from == F::kF32 && c.to == F::kF64) return lanewise1<f32_to_f64, double, float>;
  if (c.from == F::kF64 && c.to == F::kF32) return lanewise1<f64_to_f32, float, double>;
  return nullptr;
}

// --- decoding ------------------------------------------------------------------------------------------------------------

Format format_of(Decoder& d, const Type& type) {
  using Kind = Type::Kind;
  if (type.integer() && type.kind != Kind::kBits) {
    const int size = type.bits == 8 ? 0 : type.bits == 16 ? 1 : type.bits == 32 ? 2 : 3;
    if (type.lanes == 1) return static_cast<Format>(2 * size + type.is_signed());
  }
  if (type.kind == Kind::kFloat) return type.bits == 16 ? Format::kF16 : type.bits == 32 ? Format::kF32 : Format::kF64;
  if (type.kind == Kind::kBFloat) return Format::kBF16;
  if (type.kind == Kind::kTF32) return Format::kTF32;
  if (type.is("e4m3x2")) return Format::kE4M3;
  if (type.is("e5m2x2")) return Format::kE5M2;
  d.fail("type ." + std::string(type.name) + " is not possible");
}

void take_options(Decoder& d, Conversion& c) {
  const int whole = d.take_any({"rni", "rzi", "rmi", "rpi"});
  const int rounding = whole >= 0 ? whole : d.take_any({"rn", "rz", "rm", "rp", "rna"});
  c.integral = whole >= 0;
  if (rounding >= 0) c.rounding = static_cast<Rounding>(rounding);
  c.flush = d.take("ftz");
  c.saturate = d.take("sat");
  c.relu = d.take("relu");
  c.finite = d.take("satfinite");
}

// A register at least as wide as the type; integers may be in wider ones.
uint8_t loose_bytes(Decoder& d, size_t index, const Type& type) {
  const int bytes = d.register_bytes(d.operand(index));
  if (bytes < 0) return static_cast<uint8_t>(std::max(type.bytes(), 2u));
  if (bytes == 0 || static_cast<uint32_t>(bytes) < type.bytes())
    d.fail("a register too small for ." + std::string(type.name));
  return static_cast<uint8_t>(bytes);
}

Type bits_type(uint32_t bytes) { return {Type::Kind::kBits, static_cast<uint8_t>(8 * bytes), 1, "b"}; }

Slot loose_source(Decoder& d, size_t index, const Type& type, uint8_t& bytes) {
  bytes = loose_bytes(d, index, type);
  return d.source(index, bytes == type.bytes() ? type : bits_type(bytes));
}

bool decode_pack(Decoder& d, Conversion& c) {
  c.saturate = d.take("sat");
  const Type to = d.take_type(), from = d.take_type();
  c.to = format_of(d, to);
  c.from = format_of(d, from);
  if (!c.saturate || from.bytes() != 4 || to.bytes() > 2) d.fail("this packing is not possible");
  const bool three = d.has_type();
  if (three) d.take_type();
  d.expect_count(three ? 4 : 3);
  d.in.d = d.destination(0, 4);
  d.in.a = d.source(1, from), d.in.b = d.source(2, from);
  if (three) d.in.c = d.source(3, bits_type(4));
  d.extra().model = std::make_shared<Conversion>(c);
  d.in.run = run_pack;
  return true;
}

}  // namespace

bool decode_convert(Decoder& d) {
  if (d.operation != "cvt") return false;
  Conversion c;
  if (d.take("pack")) return decode_pack(d, c);
  take_options(d, c);
  const Type to = d.take_type(), from = d.take_type();
  c.to = format_of(d, to);
  c.from = format_of(d, from);
  c.to_bytes = loose_bytes(d, 0, to);
  d.in.d = d.destination(0, c.to_bytes);
  if (to.lanes == 2 && from.lanes == 1) {
    d.expect_count(3);
    d.in.a = d.source(1, from), d.in.b = d.source(2, from);
    d.in.option = to.bits;
    d.in.run = run_two;
    if (plain(c) && c.from == Format::kF32 && c.to == Format::kF16) d.in.run = lanewise2<f32_to_half2, uint32_t, float>;
    if (plain(c) && c.from == Format::kF32 && c.to == Format::kBF16)
      d.in.run = lanewise2<f32_to_brain2, uint32_t, float>;
  } else if (to.lanes == 2) {
    d.expect_count(2);
    d.in.a = loose_source(d, 1, from, c.from_bytes);
    d.in.option = from.bits;
    d.in.target = to.bits;
    d.in.run = run_halves;
  } else {
    d.expect_count(2);
    d.in.a = loose_source(d, 1, from, c.from_bytes);
    const Handler found = loop(c);
    d.in.run = found ? found : run_general;
  }
  d.extra().model = std::make_shared<Conversion>(c);
  return true;
}

}  // namespace sinter::sim
