// ex2, lg2, rcp, rsqrt, sqrt, sin, cos, tanh with .approx. A device computes them with errors that its makers state; these here are
// as exact as float64 rounded once, so within a device's error of the truth but not its bits. test/golden/ptx/README.md has the
// largest errors of an H200, which the tests hold the difference against.
#include <array>

#include "decoder.h"
#include "machine.h"
#include "numbers.h"

namespace sinter::sim {

namespace {

enum class Curve : uint16_t { kEx2, kLg2, kRcp, kRsqrt, kSqrt, kSin, kCos, kTanh };
constexpr std::string_view kNames[] = {"ex2", "lg2", "rcp", "rsqrt", "sqrt", "sin", "cos", "tanh"};

constexpr uint16_t kFlush = 16, kHalfType = 32, kBrainType = 64;

// 2^x for |x| below 1000: 2^round(x) by the exponent's bits, the rest by a series that is exact to 2^-50 for floats' needs. The
// one function of these that is in every softmax, so it is a loop of vectors.
inline double power_of_two(double x) {
  const double whole = std::nearbyint(x);
  const double t = (x - whole) * 0.693147180559945309417232121458;
  double sum = 1.0 / 479001600;
  constexpr double kTerms[] = {1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
                               1.0 / 120,      1.0 / 24,      1.0 / 6,      0.5,         1.0,        1.0};
  for (const double term : kTerms) sum = sum * t + term;
  return sum * std::bit_cast<double>(static_cast<uint64_t>(static_cast<int64_t>(whole) + 1023) << 52);
}

inline float exp2_float(float x) {
  const double inside = x > 200.0f ? 200.0 : x > -200.0f ? double{x} : -200.0;
  return canonical(x != x ? x : static_cast<float>(power_of_two(inside)));
}

double evaluate(Curve function, double x) {
  switch (function) {
    case Curve::kEx2: return std::exp2(x);
    case Curve::kLg2: return std::log2(x);
    case Curve::kRcp: return 1 / x;
    case Curve::kRsqrt: return 1 / std::sqrt(x);
    case Curve::kSqrt: return std::sqrt(x);
    case Curve::kSin: return std::sin(x);
    case Curve::kCos: return std::cos(x);
    case Curve::kTanh: return std::tanh(x);
  }
  return x;
}

template <bool kFlushed>
float exp2_lane(float x) {
  if constexpr (kFlushed) return flushed(exp2_float(flushed(x)));
  return exp2_float(x);
}

template <bool kFlushed>
float rcp_lane(float x) {
  if constexpr (kFlushed) return canonical(flushed(1.0f / flushed(x)));
  return canonical(1.0f / x);
}

template <bool kFlushed>
float sqrt_lane(float x) {
  if constexpr (kFlushed) return canonical(std::sqrt(flushed(x)));
  return canonical(std::sqrt(x));
}

void run_f32(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto* a = warp.source<float>(in.a);
  const auto function = static_cast<Curve>(in.option & 15);
  const bool flush = in.option & kFlush;
  each_active(warp.lanes<float>(in.d), mask, [&](int i) {
    const float x = flush ? flushed(a[i]) : a[i];
    const auto result = static_cast<float>(evaluate(function, x));
    return canonical(flush ? flushed(result) : result);
  });
}

uint16_t half_lane(uint16_t code, uint16_t option) {
  const auto function = static_cast<Curve>(option & 15);
  const bool brain = option & kBrainType;
  double x = brain ? brain_value(code) : half_value(code);
  if (brain && (option & kFlush) && !(code & 0x7F80)) x = std::copysign(0.0, x);
  const auto result = static_cast<uint16_t>(narrow(evaluate(function, x), brain ? kBrain : kHalf, Rounding::kNearest));
  return brain && (option & kFlush) && !(result & 0x7F80) ? result & 0x8000 : result;
}

void run_half(Warp& warp, const Instruction& in, uint32_t mask) {
  if (in.bytes == 2) {
    const auto* a = warp.source<uint16_t>(in.a);
    each_active(warp.lanes<uint16_t>(in.d), mask, [&](int i) { return half_lane(a[i], in.option); });
  } else {
    const auto* a = warp.source<uint32_t>(in.a);
    each_active(warp.lanes<uint32_t>(in.d), mask, [&](int i) {
      return half_lane(static_cast<uint16_t>(a[i]), in.option) |
             uint32_t{half_lane(static_cast<uint16_t>(a[i] >> 16), in.option)} << 16;
    });
  }
}

// Of f64, rcp and rsqrt are approximations of 20 bits: the low word of the result does not count, with .ftz the operand's neither.
void run_f64(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto* a = warp.source<double>(in.a);
  const auto function = static_cast<Curve>(in.option & 15);
  each_active(warp.lanes<double>(in.d), mask, [&](int i) {
    constexpr uint64_t kHigh = 0xFFFFFFFF00000000u;
    double x = a[i];
    if (in.option & kFlush) x = std::bit_cast<double>(std::bit_cast<uint64_t>(x) & kHigh);
    if ((in.option & kFlush) && std::fabs(x) < std::numeric_limits<double>::min()) x = std::copysign(0.0, x);
    double result = evaluate(function, x);
    if (result != result)
      result = std::bit_cast<double>(in.option & kFlush ? 0x7FFFFFFF00000000u
                                     : x != x           ? std::bit_cast<uint64_t>(x) | uint64_t{1} << 51
                                                        : 0xFFF8000000000000u);
    if ((in.option & kFlush) && std::fabs(result) < std::numeric_limits<double>::min())
      result = std::copysign(0.0, result);
    return std::bit_cast<double>(std::bit_cast<uint64_t>(result) & kHigh);
  });
}

Handler f32_handler(Curve function, bool flush) {
  switch (function) {
    case Curve::kEx2:
      return flush ? lanewise1<exp2_lane<true>, float, float> : lanewise1<exp2_lane<false>, float, float>;
    case Curve::kRcp: return flush ? lanewise1<rcp_lane<true>, float, float> : lanewise1<rcp_lane<false>, float, float>;
    case Curve::kSqrt:
      return flush ? lanewise1<sqrt_lane<true>, float, float> : lanewise1<sqrt_lane<false>, float, float>;
    default: return run_f32;
  }
}

}  // namespace

bool decode_approximate(Decoder& d) {
  size_t which = 0;
  while (which < std::size(kNames) && d.operation != kNames[which]) ++which;
  if (which == std::size(kNames)) return false;
  const auto function = static_cast<Curve>(which);
  if (!d.take("approx")) d.fail("approx is missing");
  d.in.option = static_cast<uint16_t>(which);
  const bool flush = d.take("ftz");
  if (flush) d.in.option |= kFlush;
  const Type type = d.take_type();
  d.expect_count(2);
  d.in.d = d.destination(0, type.bytes());
  d.in.a = d.source(1, type);
  d.in.bytes = static_cast<uint8_t>(type.bytes());
  const bool half = function == Curve::kEx2 || function == Curve::kTanh;
  if (type.is("f32")) {
    d.in.run = f32_handler(function, flush);
  } else if (type.is("f64") && (function == Curve::kRcp || function == Curve::kRsqrt)) {
    d.in.run = run_f64;
  } else if (half && type.bits == 16 && type.kind != Type::Kind::kBits) {
    d.in.option |= type.kind == Type::Kind::kBFloat ? kBrainType : kHalfType;
    d.in.run = run_half;
  } else {
    d.fail("type ." + std::string(type.name) + " is not possible");
  }
  return true;
}

}  // namespace sinter::sim
