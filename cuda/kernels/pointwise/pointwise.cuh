// The pointwise kernel: y[i] = Op(x0[i], x1[i], ...) over operands of any strides and types. Place in the whole: every kernel of this
// family is an instance; a file of operators states functors, and SINTER_POINTWISE exports them.
//
// Contract: views[0] is the result, the others are the inputs; an input without memory is the number in its slot (pointwise.h). A
// thread takes a pack of neighbours where all operands allow it: 16 bytes of the widest of them. Where one does not, the block's
// threads walk its elements side by side, so that accesses still meet in sectors. The result may be an input: every element is read by
// the thread that writes it, before it does.
#pragma once
#include <utility>

#include "cuda/kernels/indexing.cuh"
#include "cuda/kernels/pointwise/pointwise.h"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// Number k in the type V, a computing type; of elements that are only moved there is one, whose bytes lie in the last two doubles.
template <class V>
SINTER_DEVICE V number(const Numbers& p, int k) {
  if constexpr (kIsRaw<V>)
    return *reinterpret_cast<const V*>(&p.f64[kNumbers - 2]);
  else if constexpr (kSame<V, float>)
    return p.f32[k];
  else if constexpr (kSame<V, double>)
    return p.f64[k];
  else if constexpr (kIsInteger<V>)
    return static_cast<V>(p.whole[k]);
  else
    return narrow<V>(p.f64[k]);
}

constexpr int widest(int a) { return a; }
template <class... Rest>
constexpr int widest(int a, int b, Rest... rest) {
  return widest(a > b ? a : b, rest...);
}

// The functor for results of T: where no argument of that type needs all of Op, a file of operators names a shorter one.
template <class Op, class T>
struct FormOf {
  using type = Op;
};
#define SINTER_FORM(Name, T, Form) \
  template <>                      \
  struct FormOf<Name, T> {         \
    using type = Form;             \
  };
// Whether the first operand is the result itself, an update in place: none of its rows are of one value.
template <class Op>
constexpr bool kUpdates = false;
// Whether the operand K of T may be a number. bool beside one is promoted (lib/ops), but where it is updated.
template <class Op, int K, class T>
constexpr bool kMayBeNumber = (Op::kNumberOperands >> (K - 1) & 1) != 0 && (kUpdates<Op> || !kSame<T, boolean>);

template <class Op, class Out, class... In>
struct Pointwise {
  static constexpr int kInputs = sizeof...(In);
  static constexpr int kElements = pointwise_elements(Op::kCostly, widest(sizeof(Out), sizeof(In)...));
  static constexpr uint32_t kAll = (2u << kInputs) - 1;
  using Operands = Views<kInputs + 1>;
  using Form = typename FormOf<Op, Out>::type;
  using Places = int64_t[kInputs + 1];

  static SINTER_DEVICE void places(const Operands& views, uint32_t i, Places& at) {
    if (views.flat == kAll) {
#pragma unroll
      for (int k = 0; k <= kInputs; k++) at[k] = i;
      return;
    }
    offsets_of<0>(views, i, at);
#pragma unroll
    for (int k = 0; k <= kInputs; k++)
      if (views.flat >> k & 1) at[k] = i;
  }

  // Values of operand K in the type that they are computed in.
  template <class T>
  struct Values {
    Compute<T> at[kElements];
  };
  template <int K, class T>
  static SINTER_DEVICE Compute<T> element(const Operands& views, const Numbers& p, const Places& at) {
    if constexpr (kMayBeNumber<Op, K, T>)
      if (!views.data[K]) return number<Compute<T>>(p, kNumber);
    return widen(static_cast<const T*>(views.data[K])[at[K]]);
  }
  template <int K, class T>
  static SINTER_DEVICE Values<T> values(const Operands& views, const Numbers& p, const Places& at) {
    Values<T> x;
    if constexpr (!kUpdates<Op> || K != 1) {
      if (views.constant >> K & 1) {
        const Compute<T> one = element<K, T>(views, p, at);
#pragma unroll
        for (int e = 0; e < kElements; e++) x.at[e] = one;
        return x;
      }
    }
    const Pack<T, kElements> pack = load_pack<kElements>(static_cast<const T*>(views.data[K]) + at[K]);
#pragma unroll
    for (int e = 0; e < kElements; e++) x.at[e] = widen(pack.at[e]);
    return x;
  }

  template <int... K>
  static SINTER_DEVICE void run(const Operands& views, const Numbers& p, std::integer_sequence<int, K...>) {
    Out* y = static_cast<Out*>(views.data[0]);
    const uint32_t first = blockIdx.x * (kPointwiseThreads * kElements);
    uint32_t i = first + threadIdx.x, step = kPointwiseThreads;
    uint32_t end = min(views.numel, first + kPointwiseThreads * kElements);
    Places at;
    if constexpr (kElements > 1) {
      if (views.packed == kAll) {
        i = first + threadIdx.x * kElements;
        if (i + kElements <= views.numel) {
          places(views, i, at);
          apply_packs(y + at[0], p, values<K + 1, In>(views, p, at)...);
          return;
        }
        step = 1;  // the last elements are the last thread's
      }
    }
#pragma unroll 1
    for (; i < end; i += step) {
      places(views, i, at);
      y[at[0]] = narrow<Out>(Form::apply(p, element<K + 1, In>(views, p, at)...));
    }
  }
  static SINTER_DEVICE void apply_packs(Out* y, const Numbers& p, const Values<In>&... x) {
    Pack<Out, kElements> result;
#pragma unroll
    for (int e = 0; e < kElements; e++) result.at[e] = narrow<Out>(Form::apply(p, x.at[e]...));
    store_pack(y, result);
  }
};

}  // namespace sinter::cuda

// Exports the kernel `name` of the functor Op, for a result type and operand types.
#define SINTER_POINTWISE(name, Op, ...)                                                        \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kPointwiseThreads)              \
      name(const __grid_constant__ ::sinter::cuda::Pointwise<Op, __VA_ARGS__>::Operands views, \
           const __grid_constant__ ::sinter::cuda::Numbers numbers) {                          \
    using Instance = ::sinter::cuda::Pointwise<Op, __VA_ARGS__>;                               \
    Instance::run(views, numbers, std::make_integer_sequence<int, Instance::kInputs>());       \
  }

// A functor. `expression` is of x, y, z (the operands) and p (the numbers), in V, the type that they are computed in. `numbers`: the
// operands, from bit 0 on, that may be a number in its slot.
#define SINTER_FUNCTOR(Name, costly, ...)                                     \
  struct Name {                                                               \
    static constexpr bool kCostly = costly;                                   \
    static constexpr uint32_t kNumberOperands = 0;                            \
    template <class V>                                                        \
    static SINTER_DEVICE auto apply([[maybe_unused]] const Numbers& p, V x) { \
      return __VA_ARGS__;                                                     \
    }                                                                         \
  };
#define SINTER_FUNCTOR_2_TAKING(numbers, Name, costly, ...)                        \
  struct Name {                                                                    \
    static constexpr bool kCostly = costly;                                        \
    static constexpr uint32_t kNumberOperands = numbers;                           \
    template <class V>                                                             \
    static SINTER_DEVICE auto apply([[maybe_unused]] const Numbers& p, V x, V y) { \
      return __VA_ARGS__;                                                          \
    }                                                                              \
  };
// An update in place of x, whose y may be a number where `numbers` says so.
#define SINTER_UPDATE_TAKING(numbers, Name, ...)             \
  SINTER_FUNCTOR_2_TAKING(numbers, Name, false, __VA_ARGS__) \
  template <>                                                \
  constexpr bool kUpdates<Name> = true;
#define SINTER_FUNCTOR_3_TAKING(numbers, Name, costly, ...)                             \
  struct Name {                                                                         \
    static constexpr bool kCostly = costly;                                             \
    static constexpr uint32_t kNumberOperands = numbers;                                \
    template <class V>                                                                  \
    static SINTER_DEVICE auto apply([[maybe_unused]] const Numbers& p, V x, V y, V z) { \
      return __VA_ARGS__;                                                               \
    }                                                                                   \
  };
// Of two operands either may be a number, as operators of the table take one (ops.def).
#define SINTER_FUNCTOR_2(Name, costly, ...) SINTER_FUNCTOR_2_TAKING(3, Name, costly, __VA_ARGS__)
#define SINTER_FUNCTOR_2_OF_TENSORS(Name, costly, ...) SINTER_FUNCTOR_2_TAKING(0, Name, costly, __VA_ARGS__)
#define SINTER_FUNCTOR_3_OF_TENSORS(Name, costly, ...) SINTER_FUNCTOR_3_TAKING(0, Name, costly, __VA_ARGS__)

// Kernels of a functor for all dtypes of a kind, op_<dtype>; IN repeats a type once for each operand.
#define SINTER_IN_1(T) T
#define SINTER_IN_2(T) T, T
#define SINTER_IN_3(T) T, T, T
#define SINTER_FLOAT_KERNELS(op, Op, IN)          \
  SINTER_POINTWISE(op##_f32, Op, f32, IN(f32))    \
  SINTER_POINTWISE(op##_f64, Op, f64, IN(f64))    \
  SINTER_POINTWISE(op##_bf16, Op, bf16, IN(bf16)) \
  SINTER_POINTWISE(op##_f16, Op, f16, IN(f16))
#define SINTER_INTEGER_KERNELS(op, Op, IN)     \
  SINTER_POINTWISE(op##_i32, Op, i32, IN(i32)) \
  SINTER_POINTWISE(op##_i64, Op, i64, IN(i64)) \
  SINTER_POINTWISE(op##_u8, Op, u8, IN(u8))    \
  SINTER_POINTWISE(op##_i8, Op, i8, IN(i8))
#define SINTER_INTEGRAL_KERNELS(op, Op, IN) \
  SINTER_INTEGER_KERNELS(op, Op, IN)        \
  SINTER_POINTWISE(op##_bool, Op, boolean, IN(boolean))
#define SINTER_NUMBER_KERNELS(op, Op, IN) \
  SINTER_FLOAT_KERNELS(op, Op, IN)        \
  SINTER_INTEGER_KERNELS(op, Op, IN)
#define SINTER_REAL_KERNELS(op, Op, IN) \
  SINTER_FLOAT_KERNELS(op, Op, IN)      \
  SINTER_INTEGRAL_KERNELS(op, Op, IN)
// The same, giving bool.
#define SINTER_TEST_KERNELS(op, Op, IN)              \
  SINTER_POINTWISE(op##_f32, Op, boolean, IN(f32))   \
  SINTER_POINTWISE(op##_f64, Op, boolean, IN(f64))   \
  SINTER_POINTWISE(op##_bf16, Op, boolean, IN(bf16)) \
  SINTER_POINTWISE(op##_f16, Op, boolean, IN(f16))   \
  SINTER_POINTWISE(op##_i32, Op, boolean, IN(i32))   \
  SINTER_POINTWISE(op##_i64, Op, boolean, IN(i64))   \
  SINTER_POINTWISE(op##_u8, Op, boolean, IN(u8))     \
  SINTER_POINTWISE(op##_i8, Op, boolean, IN(i8))     \
  SINTER_POINTWISE(op##_bool, Op, boolean, IN(boolean))
