// The largest error of elementary functions of f32, in units in the last place, over all bit patterns. Place in the whole: compiled
// by scripts/accuracy.mjs with the flags of an instruction set's kernels; not part of any module.
//
//   sweep 1 exp log ...      one line of JSON a function, those of functions.mjs with one operand; 1: every vector of numbers, else
//                            every so many, to be had sooner
//
// The reference is the form for doubles, which is held against 240 bits (accuracy.test.ts) and shares no polynomial with f32's: its own
// error, some units of 2^-53, is 2^-28 of a unit here.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cpu/simd/math_trig.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

struct Function {
  const char* name;
  Vf (*f32)(Vf);
  Vd (*f64)(Vd);
  bool symmetric, periodic;
};
#define FUNCTION(name, symmetric, periodic) \
  {#name, [](Vf x) { return v##name(x); }, [](Vd x) { return v##name(x); }, symmetric, periodic}
const Function kFunctions[] = {
    FUNCTION(exp, false, false),     FUNCTION(exp2, false, false), FUNCTION(expm1, false, false),
    FUNCTION(log, false, false),     FUNCTION(log2, false, false), FUNCTION(log10, false, false),
    FUNCTION(log1p, false, false),   FUNCTION(sin, true, true),    FUNCTION(cos, true, true),
    FUNCTION(tan, true, true),       FUNCTION(asin, true, false),  FUNCTION(acos, false, false),
    FUNCTION(atan, true, false),     FUNCTION(sinh, true, false),  FUNCTION(cosh, true, false),
    FUNCTION(tanh, true, false),     FUNCTION(asinh, true, false), FUNCTION(acosh, false, false),
    FUNCTION(atanh, true, false),    FUNCTION(erf, true, false),   FUNCTION(erfc, false, false),
    FUNCTION(sigmoid, false, false),
};

// The error of each lane in units of f32 over 2^23; infinite where only one is NaN, or where signs differ.
SINTER_INLINE Vd errors(Vd got, Vd wanted) {
  const double beyond = 0x1p128;  // what f32 rounds to infinity
  Vl none = (got != got) & (wanted != wanted), sign = ((Vl)got ^ (Vl)wanted) < 0;
  Vd y = vmax(vmin(got, Vd{} + beyond), Vd{} - beyond), w = vmax(vmin(wanted, Vd{} + beyond), Vd{} - beyond);
  Vd power = (Vd)((Vl)w & 0x7ff0000000000000ll);
  power = vmin(vmax(power, Vd{} + 0x1p-126), Vd{} + 0x1p127);
  Vd error = vabs(y - w) / power;
  error = ((got != got) != (wanted != wanted)) | sign ? Vd{} + __builtin_inf() : error;
  return none ? Vd{} : error;
}

void sweep(const Function& f, int64_t step) {
  // One sign of odd and even functions (a test compares the other). Large arguments of periodic ones go through libm in both
  // precisions, a lane at a time: every 1021st vector.
  const int64_t end = int64_t{1} << (f.symmetric ? 31 : 32), libm = f.periodic ? 0x49800000 : end;
  Vd worst{};
  double error = 0;
  float at = 0;
  Vu lane;
  for (int i = 0; i < kLanes<float>; i++) lane[i] = static_cast<uint32_t>(i);
  for (int64_t i = 0; i < end; i += kLanes<float> * (i < libm ? step : 1021)) {
    const Vf x = (Vf)(lane + static_cast<uint32_t>(i)), y = f.f32(x);
    const Vd low = errors(low_half(y), f.f64(low_half(x))), high = errors(high_half(y), f.f64(high_half(x)));
    if (__builtin_expect(!any_lane((low > worst) | (high > worst)), 1)) continue;
    for (int k = 0; k < kLanes<float>; k++) {
      const double e = k < kLanes<double> ? low[k] : high[k - kLanes<double>];
      if (e > error) error = e, at = x[k];
    }
    worst = Vd{} + error;
  }
  std::printf("{\"name\":\"%s\",\"error\":\"%.17g\",\"at\":\"%.9g\"}\n", f.name, error * 0x1p23, at);
  std::fflush(stdout);
}

}  // namespace
}  // namespace sinter::cpu::SINTER_ISA

int main(int count, char** words) {
  for (int i = 2; i < count; i++)
    for (const auto& f : sinter::cpu::SINTER_ISA::kFunctions)
      if (std::string_view(words[i]) == f.name) sinter::cpu::SINTER_ISA::sweep(f, std::atoll(words[1]));
}
