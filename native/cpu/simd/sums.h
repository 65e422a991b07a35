// Sums across the lanes of several vectors at once, and loops that are unrolled for certain. Place in the whole: inner loops with many
// accumulators (attention's decoding, products of few rows).
#pragma once
#include <type_traits>
#include <utility>

#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

// A lambda that is part of an inner loop.
#define SINTER_STEP __attribute__((always_inline))

// Calls f with 0 .. N - 1 as constants. GCC 12 unrolls nested loops too late for an array of accumulators to be kept in registers.
template <class F, int... I>
SINTER_INLINE void unrolled(F f, std::integer_sequence<int, I...>) {
  (f(std::integral_constant<int, I>{}), ...);
}
template <int N, class F>
SINTER_INLINE void unrolled(F f) {
  unrolled(f, std::make_integer_sequence<int, N>());
}

// ---- what reduce_add gives of each of several vectors, in fewer steps than one by one. A vector holds items of 2 W lanes each; a step adds
// the halves of each, so that two vectors become one, until there is only one.
template <class C, int W, int... I>
SINTER_INLINE Vec<C> fold_two(Vec<C> a, Vec<C> b, std::integer_sequence<int, I...>) {
  constexpr int L = kLanes<C>;  // lane I: of a, then of b; item; lane of the item
  return __builtin_shufflevector(a, b, (I / (L / 2) * L + I % (L / 2) / W * 2 * W + I % W)...) +
         __builtin_shufflevector(a, b, (I / (L / 2) * L + I % (L / 2) / W * 2 * W + I % W + W)...);
}
template <class C, int W, int... I>
SINTER_INLINE Vec<C> fold_one(Vec<C> a, std::integer_sequence<int, I...>) {
  return a + __builtin_shufflevector(a, a, (I / (2 * W) * 2 * W + (I + W) % (2 * W))...);
}
// Of the vectors x(First) to x(First + N - 1).
template <class C, int First, int N, class F>
SINTER_INLINE Vec<C> fold(F x) {
  if constexpr (N == 1)
    return x(std::integral_constant<int, First>{});
  else
    return fold_two<C, kLanes<C> / N>(fold<C, First, N / 2>(x), fold<C, First + N / 2, N / 2>(x),
                                      std::make_integer_sequence<int, kLanes<C>>{});
}
template <class C, int W>
SINTER_INLINE Vec<C> fold_rest(Vec<C> x) {
  if constexpr (W == 0)
    return x;
  else
    return fold_rest<C, W / 2>(fold_one<C, W>(x, std::make_integer_sequence<int, kLanes<C>>{}));
}
// sums[i] = reduce_add(x(i)), i a constant.
template <class C, int N, class F>
SINTER_INLINE void reduce_add_all(F x, C (&sums)[N]) {
  constexpr int L = kLanes<C>, at_once = N < L ? N : L;
  unrolled<N / at_once>([&](auto turn) SINTER_STEP {
    C lanes[L];
    store(lanes, fold_rest<C, L / at_once / 2>(fold<C, turn * at_once, at_once>(x)));
    unrolled<at_once>([&](auto i) SINTER_STEP { sums[turn * at_once + i] = lanes[i * (L / at_once)]; });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
