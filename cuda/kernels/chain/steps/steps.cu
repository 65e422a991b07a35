// What a step of a chain computes, as functions: the functors of the pointwise family, one function for each of their kernels. Place in the
// whole: the build compiles this to PTX, of which scripts/chain-steps.mjs makes the text that the generator pastes into kernels. No
// kernel itself.
//
// A function takes operands in the types that they are computed in, then the operator's numbers, and gives its result before it is
// narrowed to an element; `convert_V_T` narrows to an element of T and widens again, `read_T` and `write_T` are elements as bits.
#include "cuda/kernels/pointwise/pointwise.cuh"

namespace sinter::cuda {

template <class V>
struct Bare {
  using type = V;
};
template <>
struct Bare<boolean> {
  using type = i32;
};
template <>
struct Bare<bool> {
  using type = i32;
};

// The numbers of an operator as a function's parameters, in the type that it computes in.
template <class V>
SINTER_DEVICE Numbers numbers_from(V n0, V n1, V n2) {
  Numbers p{};
  const V n[3] = {n0, n1, n2};
#pragma unroll
  for (int k = 0; k < 3; k++) {
    p.f64[k] = static_cast<double>(n[k]);
    p.f32[k] = static_cast<float>(n[k]);
    p.whole[k] = static_cast<int64_t>(n[k]);
  }
  return p;
}

}  // namespace sinter::cuda

// The lists of the family make functions here where they make kernels there.
#undef SINTER_POINTWISE
#define SINTER_STEP_ARITY(_1, _2, _3, name, ...) name
#define SINTER_STEP_1(name, Op, A)                                                                    \
  extern "C" __device__ auto step_##name(Compute<A> a, Compute<A> n0, Compute<A> n1, Compute<A> n2) { \
    return static_cast<typename Bare<decltype(Op::apply(numbers_from(n0, n1, n2), a))>::type>(        \
        Op::apply(numbers_from(n0, n1, n2), a));                                                      \
  }
#define SINTER_STEP_2(name, Op, A, B)                                                                               \
  extern "C" __device__ auto step_##name(Compute<A> a, Compute<B> b, Compute<A> n0, Compute<A> n1, Compute<A> n2) { \
    return static_cast<typename Bare<decltype(Op::apply(numbers_from(n0, n1, n2), a, b))>::type>(                   \
        Op::apply(numbers_from(n0, n1, n2), a, b));                                                                 \
  }
#define SINTER_STEP_3(name, Op, A, B, C)                                                                         \
  extern "C" __device__ auto step_##name(Compute<A> a, Compute<B> b, Compute<C> c, Compute<A> n0, Compute<A> n1, \
                                         Compute<A> n2) {                                                        \
    return static_cast<typename Bare<decltype(Op::apply(numbers_from(n0, n1, n2), a, b, c))>::type>(             \
        Op::apply(numbers_from(n0, n1, n2), a, b, c));                                                           \
  }
#define SINTER_POINTWISE(name, Op, Out, ...) \
  SINTER_STEP_ARITY(__VA_ARGS__, SINTER_STEP_3, SINTER_STEP_2, SINTER_STEP_1)(name, Op, __VA_ARGS__)
// Elements of other dtypes are computed in these types.
#undef SINTER_FLOAT_KERNELS
#define SINTER_FLOAT_KERNELS(op, Op, IN)       \
  SINTER_POINTWISE(op##_f32, Op, f32, IN(f32)) \
  SINTER_POINTWISE(op##_f64, Op, f64, IN(f64))
#undef SINTER_INTEGER_KERNELS
#define SINTER_INTEGER_KERNELS(op, Op, IN)     \
  SINTER_POINTWISE(op##_i32, Op, i32, IN(i32)) \
  SINTER_POINTWISE(op##_i64, Op, i64, IN(i64))
#undef SINTER_INTEGRAL_KERNELS
#define SINTER_INTEGRAL_KERNELS SINTER_INTEGER_KERNELS
#undef SINTER_TEST_KERNELS
#define SINTER_TEST_KERNELS SINTER_REAL_KERNELS

#include "cuda/kernels/pointwise/activations.cu"
#include "cuda/kernels/pointwise/arithmetic.cu"
#include "cuda/kernels/pointwise/circular.cu"
#include "cuda/kernels/pointwise/compare.cu"
#include "cuda/kernels/pointwise/exponential.cu"
#include "cuda/kernels/pointwise/gradients.cu"
#include "cuda/kernels/pointwise/pairs.cu"
#include "cuda/kernels/pointwise/special.cu"
#include "cuda/kernels/pointwise/ternary.cu"
#include "cuda/kernels/pointwise/unary.cu"

namespace sinter::cuda {

#define SINTER_CONVERT(V, T) \
  extern "C" __device__ Compute<T> convert_##V##_##T(V x) { return widen(narrow<T>(x)); }
#define SINTER_CONVERSIONS(V) \
  SINTER_CONVERT(V, f32)      \
  SINTER_CONVERT(V, f64)      \
  SINTER_CONVERT(V, bf16)     \
  SINTER_CONVERT(V, f16)      \
  SINTER_CONVERT(V, i32)      \
  SINTER_CONVERT(V, i64)      \
  SINTER_CONVERT(V, u8)       \
  SINTER_CONVERT(V, i8)       \
  SINTER_CONVERT(V, boolean)
SINTER_CONVERSIONS(f32)
SINTER_CONVERSIONS(f64)
SINTER_CONVERSIONS(i32)
SINTER_CONVERSIONS(i64)

// Bits in the lowest places, whatever is above them.
#define SINTER_HALF_BITS(T, Bits, read, write)                                                           \
  extern "C" __device__ f32 read_##T(uint32_t bits) { return widen(read(static_cast<uint16_t>(bits))); } \
  extern "C" __device__ uint32_t write_##T(f32 x) { return write(narrow<T>(x)); }
SINTER_HALF_BITS(bf16, uint16_t, __ushort_as_bfloat16, __bfloat16_as_ushort)
SINTER_HALF_BITS(f16, uint16_t, __ushort_as_half, __half_as_ushort)
extern "C" __device__ i32 read_u8(uint32_t bits) { return static_cast<uint8_t>(bits); }
extern "C" __device__ i32 read_i8(uint32_t bits) { return static_cast<int8_t>(bits); }
extern "C" __device__ i32 read_boolean(uint32_t bits) { return static_cast<uint8_t>(bits); }
extern "C" __device__ uint32_t write_u8(i32 x) { return static_cast<uint8_t>(x); }
extern "C" __device__ uint32_t write_i8(i32 x) { return static_cast<uint8_t>(x); }
extern "C" __device__ uint32_t write_boolean(i32 x) { return x != 0; }

}  // namespace sinter::cuda
