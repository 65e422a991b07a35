// Logarithms of two operands. Place in the whole: entry points logaddexp ... xlog1py of the operator table.
//
// a, b (any views, broadcast; or one of them a number: mode, scalar) -> y contiguous. f32, f64, bf16, f16.
#include "cpu/pointwise/loops.h"
#include "cpu/simd/math_trig.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// max + ln(1 + e^-|a - b|)
template <class V>
SINTER_INLINE V log_add(V a, V b) {
  V most = (a > b) | (a != a) ? a : b;
  V y = most + vlog1p(vexp(-vabs(a - b)));
  return a == b ? a + num<V>(0.69314718055994530942) : y;  // equal infinities have no difference
}
template <class V>
SINTER_INLINE V log_add2(V a, V b) {
  V most = (a > b) | (a != a) ? a : b;
  V y = most + vlog1p(vexp2(-vabs(a - b))) * num<V>(1.44269504088896340736);
  return a == b ? a + num<V>(1) : y;
}
template <class V>
SINTER_INLINE V x_log(V x, V y) {
  return (x == num<V>(0)) & (y == y) ? V{} : x * vlog(y);
}
template <class V>
SINTER_INLINE V x_log1p(V x, V y) {
  return (x == num<V>(0)) & (y == y) ? V{} : x * vlog1p(y);
}
SINTER_BINARY(Logaddexp, true, log_add(a, b))
SINTER_BINARY(Logaddexp2, true, log_add2(a, b))
SINTER_BINARY(Xlogy, true, x_log(a, b))
SINTER_BINARY(Xlog1py, true, x_log1p(a, b))

}  // namespace

void logaddexp(const Call& c) { binary(c, floating_pair<Logaddexp>("logaddexp")); }
void logaddexp2(const Call& c) { binary(c, floating_pair<Logaddexp2>("logaddexp2")); }
void xlogy(const Call& c) { binary(c, floating_pair<Xlogy>("xlogy")); }
void xlog1py(const Call& c) { binary(c, floating_pair<Xlog1py>("xlog1py")); }

}  // namespace sinter::cpu::SINTER_ISA
