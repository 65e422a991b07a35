// f32 and f64 arithmetic: add, sub, mul, fma, div, rcp, sqrt with their roundings, min, max, abs, neg, copysign.
#include "decoder.h"
#include "machine.h"
#include "numbers.h"

namespace sinter::sim {

namespace {

// option: Rounding in the low bits
constexpr uint16_t kFlush = 8, kSaturate = 16, kKeepNaN = 32, kXorSign = 64, kAbs = 128;

template <class T>
constexpr bool kSingle = std::is_same_v<T, float>;

// NaN of f32 is always the same; of f64, the first operand's that is one, quiet, or else that with the sign.
inline double passed_on(double x) { return std::bit_cast<double>(std::bit_cast<uint64_t>(x) | uint64_t{1} << 51); }
inline float clean(float x, float, float, float) { return canonical(x); }
inline double clean(double x, double a, double b, double c) {
  if (x == x) return x;
  return a != a   ? passed_on(a)
         : b != b ? passed_on(b)
         : c != c ? passed_on(c)
                  : std::bit_cast<double>(uint64_t{0xFFF8000000000000});
}

enum class Op : uint8_t { kAdd, kSub, kMul, kFma, kDiv, kSqrt };

template <Op kOp, class T>
T nearest(T a, T b, T c) {
  if constexpr (kOp == Op::kAdd) return a + b;
  if constexpr (kOp == Op::kSub) return a - b;
  if constexpr (kOp == Op::kMul) return a * b;
  if constexpr (kOp == Op::kFma) return std::fma(a, b, c);
  if constexpr (kOp == Op::kDiv) return a / b;
  return std::sqrt(a);
}

// Type with more than twice the bits.
template <class T>
using Wider = std::conditional_t<kSingle<T>, double, __float128>;

template <class W>
W absolute(W x) {
  return x < 0 ? -x : x;
}

// To the direction: [nearest] against the exact result, which is high + low in the wider type.
template <Op kOp, class T>
T rounded(T a, T b, T c, Rounding rounding) {
  using W = Wider<T>;
  const T result = nearest<kOp, T>(a, b, c);
  if (rounding == Rounding::kNearest || result != result) return result;
  const W wa = a, wb = b, wc = c;
  W high = 0, low = 0;
  if constexpr (kOp == Op::kAdd || kOp == Op::kSub) {
    const W other = kOp == Op::kAdd ? wb : -wb;
    high = wa + other;
    low = lost_by_add<W>(wa, other, high);
  } else if constexpr (kOp == Op::kMul) {
    high = wa * wb;
  } else if constexpr (kOp == Op::kFma) {
    high = wa * wb + wc;
    low = lost_by_add<W>(wa * wb, wc, high);
  } else if constexpr (kOp == Op::kDiv) {
    if (std::isinf(a) || b == 0 || std::isinf(b)) return result;
    // The sign of what is left tells on which side the quotient is.
    const W left = wa - W{result} * wb;
    if (std::isinf(result)) return directed<T>(result, result < 0, result > 0, rounding);
    const bool above = wb > 0 ? left > 0 : left < 0;
    return directed<T>(result, above, left != 0 && !above, rounding);
  } else {
    const W left = wa - W{result} * W{result};
    return directed<T>(result, left > 0, left < 0, rounding);
  }
  if (std::isinf(a) || std::isinf(b) || std::isinf(c)) return result;
  if (result == 0 && high == 0 && low == 0) {
    // An exact zero of operands with different signs is -0 in this direction alone.
    constexpr bool kProduct = kOp == Op::kMul;
    if (kProduct || rounding != Rounding::kDown) return result;
    bool first = std::signbit(a), second = std::signbit(b);
    if constexpr (kOp == Op::kSub) second = !second;
    if constexpr (kOp == Op::kFma) first = std::signbit(a) != std::signbit(b), second = std::signbit(c);
    return first != second ? T{-0.0} : result;
  }
  const W difference = std::isinf(result) ? (result > 0 ? W{-1} : W{1}) : (high - W{result}) + low;
  return directed<T>(result, difference > 0, difference < 0, rounding);
}

template <Op kOp, class T>
T compute(T a, T b, T c, uint16_t option) {
  if constexpr (kSingle<T>)
    if (option & kFlush) a = flushed(a), b = flushed(b), c = flushed(c);
  T result = rounded<kOp, T>(a, b, c, static_cast<Rounding>(option & 7));
  if constexpr (kSingle<T>) {
    if (option & kFlush) result = flushed(result);
    if (option & kSaturate) return saturated01(result);
  }
  return clean(result, a, b, c);
}

// Directed and saturated forms.
template <Op kOp, class T>
void run_general(Warp& warp, const Instruction& in, uint32_t mask) {
  const T* a = warp.source<T>(in.a);
  const T* b = in.b == kNoSlot ? a : warp.source<T>(in.b);
  const T* c = in.c == kNoSlot ? a : warp.source<T>(in.c);
  each_active(warp.lanes<T>(in.d), mask, [&](int i) { return compute<kOp, T>(a[i], b[i], c[i], in.option); });
}

// To nearest: loops of vectors.
template <Op kOp, class T, bool kFlushed>
T plain(T a, T b, T c) {
  if constexpr (kFlushed) return canonical(flushed(nearest<kOp, T>(flushed(a), flushed(b), flushed(c))));
  return clean(nearest<kOp, T>(a, b, c), a, b, c);
}
template <Op kOp, class T, bool kFlushed>
T plain2(T a, T b) {
  return plain<kOp, T, kFlushed>(a, b, T{0});
}
template <class T, bool kFlushed>
T plain_sqrt(T a) {
  return plain<Op::kSqrt, T, kFlushed>(a, T{0}, T{0});
}

template <Op kOp, class T>
Handler pick_plain(bool flush) {
  constexpr bool kCan = kSingle<T>;
  if constexpr (kOp == Op::kSqrt)
    return flush ? lanewise1<plain_sqrt<T, kCan>, T, T> : lanewise1<plain_sqrt<T, false>, T, T>;
  if constexpr (kOp == Op::kFma)
    return flush ? lanewise3<plain<kOp, T, kCan>, T, T> : lanewise3<plain<kOp, T, false>, T, T>;
  return flush ? lanewise2<plain2<kOp, T, kCan>, T, T> : lanewise2<plain2<kOp, T, false>, T, T>;
}

template <Op kOp>
void set_handler(Decoder& d, const Type& type) {
  const bool general = d.in.option & (kSaturate | 7);
  if (type.bits == 32)
    d.in.run = general ? run_general<kOp, float> : pick_plain<kOp, float>(d.in.option & kFlush);
  else
    d.in.run = general ? run_general<kOp, double> : pick_plain<kOp, double>(false);
}

// --- min and max ---------------------------------------------------------------------------------------------------------

// -0 is below +0; of a number and NaN, the number, but with .NaN, NaN.
template <class T>
T extreme(T a, T b, uint16_t option, bool least) {
  if constexpr (kSingle<T>)
    if (option & kFlush) a = flushed(a), b = flushed(b);
  const bool negative = std::signbit(a) != std::signbit(b);
  if (option & kXorSign) a = std::fabs(a), b = std::fabs(b);
  T result;
  if (a != a || b != b) {
    if ((option & kKeepNaN) || (a != a && b != b)) return clean(std::numeric_limits<T>::quiet_NaN(), a, b, b);
    result = a != a ? b : a;
  } else if (a == b) {
    result = std::signbit(a) == least ? a : b;
  } else {
    result = (a < b) == least ? a : b;
  }
  return option & kXorSign ? (negative ? -result : result) : result;
}

template <class T, bool kLeast>
void run_extreme(Warp& warp, const Instruction& in, uint32_t mask) {
  const T *a = warp.source<T>(in.a), *b = warp.source<T>(in.b);
  const uint16_t option = in.option;
  each(warp.lanes<T>(in.d), mask, [&](int i) { return extreme<T>(a[i], b[i], option, kLeast); });
}

float absolute32(float x) { return canonical(std::fabs(x)); }
float absolute32_flushed(float x) { return canonical(flushed(std::fabs(x))); }
float negative32(float x) { return canonical(-x); }
float negative32_flushed(float x) { return canonical(flushed(-x)); }
double absolute64(double x) { return x != x ? x : std::fabs(x); }
double negative64(double x) { return x != x ? x : -x; }
template <class T>
T sign_of_first(T a, T b) {
  return std::copysign(b, a);
}

// --- decoding ------------------------------------------------------------------------------------------------------------

void take_options(Decoder& d) {
  const int rounding = d.take_any({"rn", "rz", "rm", "rp"});
  d.in.option = static_cast<uint16_t>(std::max(rounding, 0));
  if (d.take("ftz")) d.in.option |= kFlush;
  if (d.take("sat")) d.in.option |= kSaturate;
}

Type take_real(Decoder& d) {
  const Type type = d.take_type();
  if (type.kind != Type::Kind::kFloat || type.bits < 32) d.fail("type ." + std::string(type.name) + " is not possible");
  if (type.bits == 64 && (d.in.option & (kFlush | kSaturate))) d.fail("ftz and sat are for .f32");
  return type;
}

void operands(Decoder& d, const Type& type, size_t sources) {
  d.expect_count(sources + 1);
  d.in.d = d.destination(0, type.bytes());
  d.in.a = d.source(1, type);
  if (sources > 1) d.in.b = d.source(2, type);
  if (sources > 2) d.in.c = d.source(3, type);
}

bool is_real(const Decoder& d) {
  for (const std::string_view word : d.rest())
    if (word == "f32" || word == "f64") return true;
  return false;
}

bool decode_extreme(Decoder& d) {
  const bool least = d.operation == "min";
  if (d.take("ftz")) d.in.option |= kFlush;
  if (d.take("NaN")) d.in.option |= kKeepNaN;
  if (d.take("xorsign")) d.in.option |= kXorSign;
  if (d.take("abs")) d.in.option |= kAbs;
  if (!(d.in.option & kXorSign) != !(d.in.option & kAbs)) d.fail("xorsign and abs go together");
  const Type type = take_real(d);
  operands(d, type, 2);
  if (type.bits == 32)
    d.in.run = least ? run_extreme<float, true> : run_extreme<float, false>;
  else
    d.in.run = least ? run_extreme<double, true> : run_extreme<double, false>;
  return true;
}

bool decode_sign(Decoder& d) {
  const bool negate = d.operation == "neg", flush = d.take("ftz");
  const Type type = take_real(d);
  operands(d, type, 1);
  if (type.bits == 64)
    d.in.run = negate ? lanewise1<negative64, double, double> : lanewise1<absolute64, double, double>;
  else if (flush)
    d.in.run = negate ? lanewise1<negative32_flushed, float, float> : lanewise1<absolute32_flushed, float, float>;
  else
    d.in.run = negate ? lanewise1<negative32, float, float> : lanewise1<absolute32, float, float>;
  return true;
}

// div.approx: divisors above 2^126, whose reciprocals a device flushes, give zero.
float approximate_quotient(float a, float b) {
  const bool large = std::fabs(b) > 0x1p126f && !std::isinf(b);
  return canonical(large ? a * std::copysign(0.0f, b) : a / b);
}
float approximate_quotient_flushed(float a, float b) {
  return canonical(flushed(approximate_quotient(flushed(a), flushed(b))));
}

// div, rcp and sqrt. div.full has an error of up to two ulp on a device, none here.
bool decode_division(Decoder& d) {
  const std::string_view op = d.operation;
  const int fast = op == "div" ? d.take_any({"approx", "full"}) : -1;
  take_options(d);
  if (fast == 0) {
    const Type type = take_real(d);
    operands(d, type, 2);
    if (type.bits != 32) d.fail("approx is for .f32");
    d.in.run = d.in.option & kFlush ? lanewise2<approximate_quotient_flushed, float, float>
                                    : lanewise2<approximate_quotient, float, float>;
    return true;
  }
  const Type type = take_real(d);
  if (op == "sqrt") {
    operands(d, type, 1);
    set_handler<Op::kSqrt>(d, type);
    return true;
  }
  if (op == "rcp") {
    operands(d, type, 1);
    d.in.b = d.in.a;
    d.in.a = type.bits == 32 ? d.constant(0x3F800000, 4) : d.constant(0x3FF0000000000000, 8);
  } else {
    operands(d, type, 2);
  }
  set_handler<Op::kDiv>(d, type);
  return true;
}

}  // namespace

bool decode_float(Decoder& d) {
  const std::string_view op = d.operation;
  if (!is_real(d)) return false;
  if (op == "min" || op == "max") return decode_extreme(d);
  if (op == "abs" || op == "neg") return decode_sign(d);
  if (op == "copysign") {
    const Type type = take_real(d);
    operands(d, type, 2);
    d.in.run = type.bits == 32 ? lanewise2<sign_of_first<float>, float, float>
                               : lanewise2<sign_of_first<double>, double, double>;
    return true;
  }
  if (op == "div" || op == "rcp" || op == "sqrt") {
    if (op != "div")
      for (const std::string_view word : d.rest())
        if (word == "approx") return false;
    return decode_division(d);
  }
  const bool three = op == "fma" || op == "mad";
  if (op != "add" && op != "sub" && op != "mul" && !three) return false;
  take_options(d);
  const Type type = take_real(d);
  operands(d, type, three ? 3 : 2);
  if (three)
    set_handler<Op::kFma>(d, type);
  else if (op == "add")
    set_handler<Op::kAdd>(d, type);
  else if (op == "sub")
    set_handler<Op::kSub>(d, type);
  else
    set_handler<Op::kMul>(d, type);
  return true;
}

}  // namespace sinter::sim
