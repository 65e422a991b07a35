// Comparisons and selections: setp, set, selp, slct, testp.
#include "decoder.h"
#include "machine.h"
#include "numbers.h"

namespace sinter::sim {

namespace {

// A comparison is the set of outcomes for which it holds.
constexpr uint16_t kLess = 1, kEqual = 2, kGreater = 4, kUnordered = 8, kFlush = 16;
// How setp joins it with a predicate.
constexpr uint16_t kAnd = 32, kOr = 64, kXor = 128, kNegated = 256;

struct Comparison {
  const char* name;
  uint16_t outcomes;
};
constexpr Comparison kComparisons[] = {{"eq", kEqual},
                                       {"ne", kLess | kGreater},
                                       {"lt", kLess},
                                       {"le", kLess | kEqual},
                                       {"gt", kGreater},
                                       {"ge", kGreater | kEqual},
                                       {"lo", kLess},
                                       {"ls", kLess | kEqual},
                                       {"hi", kGreater},
                                       {"hs", kGreater | kEqual},
                                       {"equ", kEqual | kUnordered},
                                       {"neu", kLess | kGreater | kUnordered},
                                       {"ltu", kLess | kUnordered},
                                       {"leu", kLess | kEqual | kUnordered},
                                       {"gtu", kGreater | kUnordered},
                                       {"geu", kGreater | kEqual | kUnordered},
                                       {"num", kLess | kEqual | kGreater},
                                       {"nan", kUnordered}};

struct Half {
  uint16_t code;
  operator float() const { return half_value(code); }
};
struct Brain {
  uint16_t code;
  operator float() const { return brain_value(code); }
};

// The lanes for which the comparison holds. [stride] and [skip] pick the halves of packed types.
template <class T>
uint32_t compared(const T* a, const T* b, uint16_t outcomes, int stride = 1, int skip = 0) {
  uint32_t less = 0, equal = 0, greater = 0;
  for (int i = 0; i < 32; ++i) {
    const T x = a[i * stride + skip], y = b[i * stride + skip];
    less |= (x < y ? 1u : 0u) << i;
    equal |= (x == y ? 1u : 0u) << i;
    greater |= (x > y ? 1u : 0u) << i;
  }
  return (outcomes & kLess ? less : 0) | (outcomes & kEqual ? equal : 0) | (outcomes & kGreater ? greater : 0) |
         (outcomes & kUnordered ? ~(less | equal | greater) : 0);
}

template <class T>
uint32_t outcome(const Warp& warp, const Instruction& in, int stride = 1, int skip = 0) {
  const T *a = warp.source<T>(in.a), *b = warp.source<T>(in.b);
  if constexpr (std::is_same_v<T, float>)
    if (in.option & kFlush) {
      float x[32], y[32];
      for (int i = 0; i < 32; ++i) x[i] = flushed(a[i]), y[i] = flushed(b[i]);
      return compared(x, y, in.option);
    }
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, Brain>) {
    float x[32], y[32];
    for (int i = 0; i < 32; ++i) x[i] = a[i * stride + skip], y[i] = b[i * stride + skip];
    if (in.option & kFlush)
      for (int i = 0; i < 32; ++i) {
        if (std::fabs(x[i]) < 0x1p-14f) x[i] = 0;
        if (std::fabs(y[i]) < 0x1p-14f) y[i] = 0;
      }
    return compared(x, y, in.option);
  }
  return compared(a, b, in.option, stride, skip);
}

uint32_t joined(const Warp& warp, const Instruction& in, uint32_t value, uint32_t mask) {
  if (in.c == kNoSlot) return value;
  uint32_t with = warp.predicate(in.c);
  if (in.option & kNegated) with = ~with;
  (void)mask;
  return in.option & kAnd ? value & with : in.option & kOr ? value | with : value ^ with;
}

template <class T>
void run_setp(Warp& warp, const Instruction& in, uint32_t mask) {
  const uint32_t value = outcome<T>(warp, in);
  const uint32_t first = joined(warp, in, value, mask), second = joined(warp, in, ~value, mask);
  warp.set_predicate(in.d, mask, first);
  if (in.p != kNoSlot) warp.set_predicate(in.p, mask, second);
}

// Of two halves: one predicate each.
template <class T>
void run_setp2(Warp& warp, const Instruction& in, uint32_t mask) {
  const uint32_t low = joined(warp, in, outcome<T>(warp, in, 2, 0), mask);
  const uint32_t high = joined(warp, in, outcome<T>(warp, in, 2, 1), mask);
  warp.set_predicate(in.d, mask, low);
  warp.set_predicate(in.p, mask, high);
}

// immediate: what a lane gets for which it holds
template <class T>
void run_set(Warp& warp, const Instruction& in, uint32_t mask) {
  const uint32_t value = joined(warp, in, outcome<T>(warp, in), mask);
  const auto yes = static_cast<uint32_t>(in.immediate);
  if (in.bytes == 2)
    each(warp.lanes<uint16_t>(in.d), mask, [&](int i) { return static_cast<uint16_t>(value >> i & 1 ? yes : 0); });
  else
    each(warp.lanes<uint32_t>(in.d), mask, [&](int i) { return value >> i & 1 ? yes : 0; });
}

template <class T>
void run_set2(Warp& warp, const Instruction& in, uint32_t mask) {
  const uint32_t low = joined(warp, in, outcome<T>(warp, in, 2, 0), mask);
  const uint32_t high = joined(warp, in, outcome<T>(warp, in, 2, 1), mask);
  const auto yes = static_cast<uint32_t>(in.immediate);
  each(warp.lanes<uint32_t>(in.d), mask,
       [&](int i) { return (low >> i & 1 ? yes : 0) | (high >> i & 1 ? yes << 16 : 0); });
}

template <class T>
void run_select(Warp& warp, const Instruction& in, uint32_t mask) {
  const T *a = warp.source<T>(in.a), *b = warp.source<T>(in.b);
  const uint32_t which = in.option ? ~warp.predicate(in.p) : warp.predicate(in.p);
  each(warp.lanes<T>(in.d), mask, [&](int i) { return which >> i & 1 ? a[i] : b[i]; });
}

// a where c >= 0, else b; NaN is not.
template <class T, class C>
void run_slct(Warp& warp, const Instruction& in, uint32_t mask) {
  const T *a = warp.source<T>(in.a), *b = warp.source<T>(in.b);
  const C* c = warp.source<C>(in.c);
  each(warp.lanes<T>(in.d), mask, [&](int i) {
    C by = c[i];
    if constexpr (std::is_same_v<C, float>)
      if (in.option) by = flushed(by);
    return by >= 0 ? a[i] : b[i];
  });
}

enum class Test : uint16_t { kFinite, kInfinite, kNumber, kNotANumber, kNormal, kSubnormal };

template <class T>
void run_test(Warp& warp, const Instruction& in, uint32_t mask) {
  const T* a = warp.source<T>(in.a);
  warp.set_predicate(in.d, mask, lanes_where([&](int i) {
                       const int kind = std::fpclassify(a[i]);
                       switch (static_cast<Test>(in.option)) {
                         case Test::kFinite: return kind != FP_NAN && kind != FP_INFINITE;
                         case Test::kInfinite: return kind == FP_INFINITE;
                         case Test::kNumber: return kind != FP_NAN;
                         case Test::kNotANumber: return kind == FP_NAN;
                         case Test::kNormal: return kind == FP_NORMAL || kind == FP_ZERO;  // as a device has it
                         case Test::kSubnormal: return kind == FP_SUBNORMAL;
                       }
                       return false;
                     }));
}

// --- decoding ------------------------------------------------------------------------------------------------------------

void take_comparison(Decoder& d) {
  for (const Comparison& it : kComparisons)
    if (d.take(it.name)) {
      d.in.option = it.outcomes;
      if (d.take("ftz")) d.in.option |= kFlush;
      return;
    }
  d.fail("a comparison is missing");
}

void take_joining(Decoder& d, size_t operand) {
  const int with = d.take_any({"and", "or", "xor"});
  if (with < 0) return;
  d.in.option |= with == 0 ? kAnd : with == 1 ? kOr : kXor;
  bool negated = false;
  d.in.c = d.predicate_source(d.operand(operand), &negated);
  if (negated) d.in.option |= kNegated;
}

template <template <class> class Run>
Handler pick(Decoder& d, const Type& type) {
  using Kind = Type::Kind;
  if (type.lanes == 1) switch (type.kind) {
      case Kind::kFloat:
        if (type.bits == 16) return Run<Half>::run;
        return type.bits == 32 ? Run<float>::run : Run<double>::run;
      case Kind::kBFloat: return Run<Brain>::run;
      case Kind::kBits:
      case Kind::kUnsigned:
      case Kind::kSigned: return for_integer(d, type, []<class T>() -> Handler { return Run<T>::run; });
      default: break;
    }
  d.fail("type ." + std::string(type.name) + " is not possible");
}
template <class T>
struct Setp {
  static void run(Warp& w, const Instruction& in, uint32_t mask) { run_setp<T>(w, in, mask); }
};
template <class T>
struct Set {
  static void run(Warp& w, const Instruction& in, uint32_t mask) { run_set<T>(w, in, mask); }
};

bool decode_setp(Decoder& d) {
  take_comparison(d);
  take_joining(d, 3);
  const Type type = d.take_type();
  d.expect_count(d.in.c == kNoSlot ? 3 : 4);
  const ptx::Operand& result = d.operand(0);
  if (result.kind == ptx::Operand::Kind::kPair) {
    d.in.d = d.destination(result.parts[0], 0);
    d.in.p = d.destination(result.parts[1], 0);
  } else {
    d.in.d = d.destination(result, 0);
  }
  d.in.a = d.source(1, type), d.in.b = d.source(2, type);
  if (type.lanes == 2) {
    if (d.in.p == kNoSlot) d.fail("two predicates are needed");
    d.in.run = type.kind == Type::Kind::kBFloat ? run_setp2<Brain> : run_setp2<Half>;
  } else {
    d.in.run = pick<Setp>(d, type);
  }
  return true;
}

bool decode_set(Decoder& d) {
  take_comparison(d);
  take_joining(d, 3);
  const Type result = d.take_type(), type = d.take_type();
  d.expect_count(d.in.c == kNoSlot ? 3 : 4);
  d.in.d = d.destination(0, result.bytes());
  d.in.a = d.source(1, type), d.in.b = d.source(2, type);
  d.in.bytes = static_cast<uint8_t>(result.bytes());
  if (result.bytes() > 4) d.fail("type ." + std::string(result.name) + " is not possible");
  d.in.immediate = result.integer()                     ? int64_t{kAll}
                   : result.kind == Type::Kind::kBFloat ? 0x3F80
                   : result.bits == 16                  ? 0x3C00
                                                        : 0x3F800000;
  if (type.lanes == 2) {
    if (result.integer()) d.in.immediate = 0xFFFF;
    d.in.run = type.kind == Type::Kind::kBFloat ? run_set2<Brain> : run_set2<Half>;
  } else {
    d.in.run = pick<Set>(d, type);
  }
  return true;
}

}  // namespace

bool decode_compare(Decoder& d) {
  const std::string_view op = d.operation;
  if (op == "setp") return decode_setp(d);
  if (op == "set") return decode_set(d);
  if (op == "selp") {
    const Type type = d.take_type();
    d.expect_count(4);
    d.in.d = d.destination(0, type.bytes());
    d.in.a = d.source(1, type), d.in.b = d.source(2, type);
    bool negated = false;
    d.in.p = d.predicate_source(d.operand(3), &negated);
    d.in.option = negated;
    d.in.run = type.bytes() == 2   ? run_select<uint16_t>
               : type.bytes() == 4 ? run_select<uint32_t>
                                   : run_select<uint64_t>;
    return true;
  }
  if (op == "slct") {
    d.in.option = d.take("ftz");
    const Type type = d.take_type(), by = d.take_type();
    d.expect_count(4);
    d.in.d = d.destination(0, type.bytes());
    d.in.a = d.source(1, type), d.in.b = d.source(2, type), d.in.c = d.source(3, by);
    const bool real = by.kind == Type::Kind::kFloat;
    if (type.bytes() < 4 || by.bytes() != 4) d.fail("types of 32 bits are needed");
    if (type.bytes() == 4)
      d.in.run = real ? run_slct<uint32_t, float> : run_slct<uint32_t, int32_t>;
    else
      d.in.run = real ? run_slct<uint64_t, float> : run_slct<uint64_t, int32_t>;
    return true;
  }
  if (op == "testp") {
    const int test = d.take_any({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
    if (test < 0) d.fail("what to test for is missing");
    const Type type = d.take_type();
    d.expect_count(2);
    d.in.option = static_cast<uint16_t>(test);
    d.in.d = d.destination(0, 0);
    d.in.a = d.source(1, type);
    d.in.run = type.bytes() == 4 ? run_test<float> : run_test<double>;
    return true;
  }
  return false;
}

}  // namespace sinter::sim
