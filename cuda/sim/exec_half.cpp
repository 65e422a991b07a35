// f16 and bf16 arithmetic, single and packed: add, sub, mul, fma, min, max, abs, neg.
#include <type_traits>

#include "decoder.h"
#include "machine.h"
#include "numbers.h"

namespace sinter::sim {

namespace {

constexpr uint16_t kFlush = 1, kSaturate = 2, kRelu = 4, kKeepNaN = 8, kXorSign = 16, kOutOfBounds = 32;

// What a tensor map's fill writes for elements outside.
constexpr uint16_t kOutOfBoundsNaN = 0x7FF7;

struct HalfFormat {
  static float value(uint16_t code) { return half_value(code); }
  static uint16_t code(float x) { return half_code(x); }
  static constexpr uint16_t kInfinity = 0x7C00, kExponent = 0x7C00;
};
struct BrainFormat {
  static float value(uint16_t code) { return brain_value(code); }
  static uint16_t code(float x) { return brain_code(x); }
  static constexpr uint16_t kInfinity = 0x7F80, kExponent = 0x7F80;
};

template <class F>
uint16_t flushed_code(uint16_t code) {
  return code & F::kExponent ? code : code & 0x8000;
}
template <class F>
bool is_nan(uint16_t code) {
  return (code & 0x7FFF) > F::kInfinity;
}

enum class Op : uint8_t { kAdd, kSub, kMul, kFma, kMin, kMax, kAbs, kNeg };

template <class F, Op kOp>
uint16_t arithmetic(uint16_t a, uint16_t b, uint16_t c, uint16_t option) {
  const double x = F::value(a), y = F::value(b);
  double exact;
  if constexpr (kOp == Op::kAdd)
    exact = odd_add(x, y);
  else if constexpr (kOp == Op::kSub)
    exact = odd_add(x, -y);
  else if constexpr (kOp == Op::kMul)
    exact = x * y;
  else
    exact = odd_add(x * y, F::value(c));
  float result = odd_float(exact);
  // What is tiny before it is rounded is flushed.
  if (option & kFlush && std::fabs(result) < 0x1p-14f) result = std::copysign(0.0f, result);
  if (option & kSaturate) result = saturated01(result);
  return F::code(result);
}

template <class F, Op kOp>
uint16_t extreme(uint16_t a, uint16_t b, uint16_t option) {
  const bool negative = (a ^ b) & 0x8000;
  if (option & kXorSign) a &= 0x7FFF, b &= 0x7FFF;
  uint16_t result;
  if (is_nan<F>(a) || is_nan<F>(b)) {
    if ((option & kKeepNaN) || (is_nan<F>(a) && is_nan<F>(b))) return kNaN16;
    result = is_nan<F>(a) ? b : a;
  } else {
    // As integers in the order of the numbers, -0 below +0.
    const auto rank = [](uint16_t code) { return code & 0x8000 ? -1 - (code & 0x7FFF) : int{code}; };
    result = (rank(a) < rank(b)) == (kOp == Op::kMin) ? a : b;
  }
  return option & kXorSign ? static_cast<uint16_t>(result | (negative ? 0x8000 : 0)) : result;
}

template <class F, Op kOp>
uint16_t compute(uint16_t a, uint16_t b, uint16_t c, uint16_t option) {
  if (option & kOutOfBounds && (a == kOutOfBoundsNaN || b == kOutOfBoundsNaN)) return 0;
  if (option & kFlush) a = flushed_code<F>(a), b = flushed_code<F>(b), c = flushed_code<F>(c);
  uint16_t result;
  if constexpr (kOp == Op::kMin || kOp == Op::kMax)
    result = extreme<F, kOp>(a, b, option);
  else if constexpr (kOp == Op::kAbs)
    result = is_nan<F>(a) ? kNaN16 : a & 0x7FFF;
  else if constexpr (kOp == Op::kNeg)
    result = is_nan<F>(a) ? kNaN16 : a ^ 0x8000;
  else
    result = arithmetic<F, kOp>(a, b, c, option);
  if (option & kFlush) result = flushed_code<F>(result);
  if (option & kRelu && !is_nan<F>(result) && (result & 0x8000)) result = 0;
  return result;
}

// bytes: 2, or 4 for two elements a lane
template <class F, Op kOp>
void run(Warp& warp, const Instruction& in, uint32_t mask) {
  const int each_lane = in.bytes / 2;
  const auto* a = warp.source<uint16_t>(in.a);
  const auto* b = in.b == kNoSlot ? a : warp.source<uint16_t>(in.b);
  const auto* c = in.c == kNoSlot ? a : warp.source<uint16_t>(in.c);
  uint16_t result[64];
  if (in.option == 0)
    for (int i = 0; i < 32 * each_lane; ++i) result[i] = compute<F, kOp>(a[i], b[i], c[i], 0);
  else
    for (int i = 0; i < 32 * each_lane; ++i) result[i] = compute<F, kOp>(a[i], b[i], c[i], in.option);
  if (each_lane == 1) {
    each(warp.lanes<uint16_t>(in.d), mask, [&](int i) { return result[i]; });
  } else {
    uint32_t words[32];
    std::memcpy(words, result, sizeof words);
    each(warp.lanes<uint32_t>(in.d), mask, [&](int i) { return words[i]; });
  }
}

template <Op kOp>
Handler pick(const Type& type) {
  return type.kind == Type::Kind::kBFloat ? run<BrainFormat, kOp> : run<HalfFormat, kOp>;
}

bool is_half(const Decoder& d) {
  for (const std::string_view word : d.rest()) {
    const Type type = parse_type(word);
    if (type.lanes && type.bits == 16 && (type.kind == Type::Kind::kFloat || type.kind == Type::Kind::kBFloat))
      return true;
  }
  return false;
}

}  // namespace

bool decode_half(Decoder& d) {
  const std::string_view op = d.operation;
  constexpr std::string_view kNames[] = {"add", "sub", "mul", "fma", "min", "max", "abs", "neg"};
  size_t which = 0;
  while (which < std::size(kNames) && op != kNames[which]) ++which;
  if (which == std::size(kNames) || !is_half(d)) return false;
  const auto kind = static_cast<Op>(which);
  const bool sums = kind <= Op::kFma, extremes = kind == Op::kMin || kind == Op::kMax;
  if (sums) d.take("rn");
  if (d.take("ftz")) d.in.option |= kFlush;
  if (sums && d.take("sat")) d.in.option |= kSaturate;
  if (kind == Op::kFma && d.take("relu")) d.in.option |= kRelu;
  if (kind == Op::kFma && d.take("oob")) d.in.option |= kOutOfBounds;
  if (extremes && d.take("NaN")) d.in.option |= kKeepNaN;
  if (extremes && d.take("xorsign")) {
    if (!d.take("abs")) d.fail("xorsign and abs go together");
    d.in.option |= kXorSign;
  }
  const Type type = d.take_type();
  const size_t sources = kind == Op::kFma ? 3 : kind == Op::kAbs || kind == Op::kNeg ? 1 : 2;
  d.expect_count(sources + 1);
  d.in.bytes = static_cast<uint8_t>(type.bytes());
  d.in.d = d.destination(0, type.bytes());
  d.in.a = d.source(1, type);
  if (sources > 1) d.in.b = d.source(2, type);
  if (sources > 2) d.in.c = d.source(3, type);
  constexpr Handler (*kPick[])(const Type&) = {pick<Op::kAdd>, pick<Op::kSub>, pick<Op::kMul>, pick<Op::kFma>,
                                               pick<Op::kMin>, pick<Op::kMax>, pick<Op::kAbs>, pick<Op::kNeg>};
  d.in.run = kPick[which](type);
  return true;
}

}  // namespace sinter::sim
