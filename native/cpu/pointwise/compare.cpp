// Comparisons and logic. Place in the whole: entry points eq ... logicalXor of the operator table.
//
// a, b (any views, broadcast; or one of them a number) -> y bool. All real dtypes, eq and ne complex ones too; logic reads every non-zero value,
// NaN included, as true, and takes complex operands too.
#include "cpu/complex/arithmetic.h"
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

SINTER_BINARY(Eq, false, a == b)
SINTER_BINARY(Ne, false, a != b)
SINTER_BINARY(Lt, false, a < b)
SINTER_BINARY(Le, false, a <= b)
SINTER_BINARY(Gt, false, a > b)
SINTER_BINARY(Ge, false, a >= b)
SINTER_BINARY(And, false, a& b)
SINTER_BINARY(Or, false, a | b)
SINTER_BINARY(Xor, false, a ^ b)

template <class Op>
constexpr Pointwise comparison(const char* name) {
  return {.name = name,
          .f32 = compare_run<Op, float>,
          .f64 = compare_run<Op, double>,
          .i32 = compare_run<Op, int32_t>,
          .i64 = compare_run<Op, int64_t>,
          .to_bool = true,
          .steps = 3};
}
template <class Op>
constexpr Pointwise logic(const char* name) {
  return {.name = name, .truth = compare_run<Op, uint8_t>, .to_bool = true, .steps = 3};
}

}  // namespace

void eq(const Call& c) { is_complex(c.in[0].dtype) ? complex_eq(c) : binary(c, comparison<Eq>("eq")); }
void ne(const Call& c) { is_complex(c.in[0].dtype) ? complex_ne(c) : binary(c, comparison<Ne>("ne")); }
void lt(const Call& c) { binary(c, comparison<Lt>("lt")); }
void le(const Call& c) { binary(c, comparison<Le>("le")); }
void gt(const Call& c) { binary(c, comparison<Gt>("gt")); }
void ge(const Call& c) { binary(c, comparison<Ge>("ge")); }
void logicalAnd(const Call& c) { binary(c, logic<And>("logicalAnd")); }
void logicalOr(const Call& c) { binary(c, logic<Or>("logicalOr")); }
void logicalXor(const Call& c) { binary(c, logic<Xor>("logicalXor")); }

}  // namespace sinter::cpu::SINTER_ISA
