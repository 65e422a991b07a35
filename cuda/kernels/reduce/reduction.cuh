// The reduction kernel: any set of axes of a tensor of any strides. Place in the whole: device code of reduction.cpp; a .cu file states
// Reducers, and SINTER_REDUCTION exports them.
//
// A Reducer<V>, V the type that elements are computed in, is
//   State                       plain data, a multiple of 4 bytes, without padding
//   kMost                       elements folded in at once, at most: fewer where folding is much code
//   none()                      the state of no elements
//   fold(state, x, places)      folds N elements in; places[k] is where x[k] lies in the reduced range
//   merge(a, b)                 of two states
//   finish(p, state)            the result, a number
//
// Bound: every element is read once, in whole sectors (16 bytes a thread along rows that allow it), so the memory's bandwidth. Elements
// are folded in groups in V and groups in double (or exact integers), so errors do not grow with the length. What meets in which order
// depends on sizes and on the number of multiprocessors, never on time.
#pragma once
#include <cstring>
#include <type_traits>

#include "cuda/kernels/indexing.cuh"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/reduce/reduction.h"
#include "cuda/kernels/store_number.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// n / size for n below 2^52: the product is off by less than one.
SINTER_DEVICE int64_t wide_quotient(int64_t n, int64_t size, double inverse) {
  const int64_t quotient = static_cast<int64_t>(static_cast<double>(n) * inverse), rest = n - quotient * size;
  return quotient + (rest >= size) - (rest < 0);
}

// Offsets of the elements first, first + step, ...
template <int kCount>
SINTER_DEVICE void offsets_of(const Extents& e, int64_t first, int64_t step, int64_t (&at)[kCount]) {
  int64_t i[kCount];
#pragma unroll
  for (int k = 0; k < kCount; k++) {
    at[k] = 0;
    i[k] = first + k * step;
  }
#pragma unroll 1
  for (int d = 0; d < e.rank - 1; d++) {
#pragma unroll
    for (int k = 0; k < kCount; k++) {
      const int64_t rest =
          e.wide ? wide_quotient(i[k], e.sizes[d], e.inverse[d]) : divide(static_cast<uint32_t>(i[k]), e.dims[d]);
      at[k] += (i[k] - rest * e.sizes[d]) * e.strides[d];
      i[k] = rest;
    }
  }
  if (e.rank == 0) return;
#pragma unroll
  for (int k = 0; k < kCount; k++) at[k] += i[k] * e.strides[e.rank - 1];
}
SINTER_DEVICE int64_t offset_of(const Extents& e, int64_t i) {
  int64_t at[1];
  offsets_of(e, i, 0, at);
  return at[0];
}

// Where the elements of a fold lie in the reduced range: kPack neighbours, then a jump to the next ones.
template <int kPack>
struct Places {
  int64_t first, jump;
  double parameter;  // of the operator
  SINTER_DEVICE int64_t operator[](int k) const { return first + k / kPack * jump + k % kPack; }
};

// The types of a reducer's results, given those of the elements: what a reducer inherits.
struct GivesElements {
  template <class Elements>
  using Results = Elements;
};
struct GivesPlaces {
  template <class Elements>
  using Results = Types<i64>;
};
// Sums of integers are i64 unless they are asked for in the elements' type.
template <class V>
struct GivesSums {
  template <class Elements>
  using Results = std::conditional_t<kSame<V, i32>, typename Prepended<i64, Elements>::Type, Elements>;
};
// Counts, truths, and of floating-point elements counts in their type.
template <class V>
struct GivesCounts {
  template <class Elements>
  using Results = std::conditional_t<kIsInteger<V>, Types<i64, boolean>,
                                     typename Prepended<i64, typename Prepended<boolean, Elements>::Type>::Type>;
};

template <class R, class T>
struct Reduce {
  using V = Compute<T>;
  using State = typename R::State;
  static constexpr int kElements = sizeof(T) == 8 ? (R::kMost < 8 ? R::kMost : 8) : R::kMost;
  static constexpr int kPack = reduce_pack(sizeof(T), kElements);
  static constexpr int kPacks = kElements / kPack;
  static constexpr int kApart = kElements < 4 ? kElements : 4;  // elements at once where they are read one by one

  // Elements [begin, end) of the row x, of which this thread takes every `members`-th pack, from `member` on.
  static SINTER_DEVICE void fold_packs(const Reduction& p, State& state, const T* x, int64_t begin, int64_t end,
                                       int member, int members) {
    const int64_t step = int64_t{members} * kPack;
    int64_t i = begin + member * kPack;
    for (; i + (kPacks - 1) * step + kPack <= end; i += kPacks * step) {
      Pack<T, kPack> packs[kPacks];
#pragma unroll
      for (int u = 0; u < kPacks; u++) packs[u] = load_pack_constant<kPack>(x + i + u * step);
      V values[kElements];
#pragma unroll
      for (int k = 0; k < kElements; k++) values[k] = widen(packs[k / kPack].at[k % kPack]);
      R::fold(state, values, Places<kPack>{i, step, p.parameter});
    }
    if constexpr (kPacks > 1) {
#pragma unroll 1
      for (; i + kPack <= end; i += step) {
        const Pack<T, kPack> pack = load_pack_constant<kPack>(x + i);
        V values[kPack];
#pragma unroll
        for (int k = 0; k < kPack; k++) values[k] = widen(pack.at[k]);
        R::fold(state, values, Places<kPack>{i, step, p.parameter});
      }
    }
#pragma unroll 1
    for (i = begin + (end - begin) / kPack * kPack + member; i < end; i += members) {
      const V value[1] = {widen(x[i])};
      R::fold(state, value, Places<1>{i, 1, p.parameter});
    }
  }
  static SINTER_DEVICE void fold_apart(const Reduction& p, State& state, const T* x, int64_t begin, int64_t end,
                                       int member, int members) {
    int64_t i = begin + member;
    if constexpr (kApart > 1) {
#pragma unroll 1
      for (; i + (kApart - 1) * int64_t{members} < end; i += kApart * int64_t{members}) {
        int64_t at[kApart];
        offsets_of(p.reduced, i, members, at);
        T elements[kApart];
#pragma unroll
        for (int k = 0; k < kApart; k++) elements[k] = x[at[k]];
        V values[kApart];
#pragma unroll
        for (int k = 0; k < kApart; k++) values[k] = widen(elements[k]);
        R::fold(state, values, Places<1>{i, members, p.parameter});
      }
    }
#pragma unroll 1
    for (; i < end; i += members) {
      const V value[1] = {widen(x[offset_of(p.reduced, i)])};
      R::fold(state, value, Places<1>{i, 1, p.parameter});
    }
  }

  static SINTER_DEVICE void run(const Reduction& p) {
    __shared__ State states[kReduceThreads];
    const int members = p.members, results = kReduceThreads / members, thread = threadIdx.x;
    const int member = p.columns ? thread / results : thread % members;
    const int64_t result = int64_t{blockIdx.x} * results + (p.columns ? thread % results : thread / members);
    const bool present = result < p.kept.count;
    State state = R::none();
    if (present) {
      const T* x = static_cast<const T*>(p.x) + offset_of(p.kept, result);
      const int64_t begin = blockIdx.y * p.chunk, end = min(begin + p.chunk, p.reduced.count);
      bool folded = false;
      if constexpr (kPack > 1) {
        if (p.packed) {
          fold_packs(p, state, x, begin, end, member, members);
          folded = true;
        }
      }
      if (!folded) fold_apart(p, state, x, begin, end, member, members);
    }
    if (p.columns) {
      states[thread] = state;
      __syncthreads();
#pragma unroll 1
      for (int half = members / 2; half > 0; half /= 2) {
        if (member < half) states[thread] = state = R::merge(state, states[thread + half * results]);
        __syncthreads();
      }
    } else {
#pragma unroll 1
      for (int distance = 1; distance < min(members, kWarp); distance *= 2) {
        const State other = shuffled(state, distance);
        state = R::merge(state, other);
      }
      if (members > kWarp) {
        if (thread % kWarp == 0) states[thread / kWarp] = state;
        __syncthreads();
        if (member == 0) {
#pragma unroll 1
          for (int w = 1; w < members / kWarp; w++) state = R::merge(state, states[thread / kWarp + w]);
        }
      }
    }
    if (!present || member != 0) return;
    if (p.partial)
      static_cast<State*>(p.partial)[result * p.chunks + blockIdx.y] = state;
    else
      store_number(typename R::template Results<Types<T>>{}, p.y, p.dtype, result, R::finish(p, state));
  }
};

// The chunks of each result, a warp a result.
template <class R, class V>
SINTER_DEVICE void reduce_chunks(const Reduction& p) {
  using State = typename R::State;
  using Results = typename R::template Results<typename ElementsIn<V>::Type>;
  const int64_t result = int64_t{blockIdx.x} * (kReduceThreads / kWarp) + threadIdx.x / kWarp;
  if (result >= p.kept.count) return;
  const State* chunks = static_cast<const State*>(p.partial) + result * p.chunks;
  State state = R::none();
#pragma unroll 1
  for (int k = threadIdx.x % kWarp; k < p.chunks; k += kWarp) state = R::merge(state, chunks[k]);
#pragma unroll 1
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const State other = shuffled(state, distance);
    state = R::merge(state, other);
  }
  if (threadIdx.x % kWarp == 0) store_number(Results{}, p.y, p.dtype, result, R::finish(p, state));
}

}  // namespace sinter::cuda

// Exports the kernel <op>_<T> of a Reducer, and <op>_chunks_<V> behind it. For bytes one block a multiprocessor is enough: asked for
// nothing (0), ptxas spills registers to have more.
#define SINTER_REDUCTION(op, Reducer, T)                                                                       \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kReduceThreads, sizeof(::sinter::cuda::T) == 1) \
      op##_##T(const __grid_constant__ ::sinter::cuda::Reduction p) {                                          \
    ::sinter::cuda::Reduce<Reducer<::sinter::cuda::Compute<T>>, T>::run(p);                                    \
  }
#define SINTER_REDUCTION_CHUNKS(op, Reducer, V)                                \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kReduceThreads) \
      op##_chunks_##V(const __grid_constant__ ::sinter::cuda::Reduction p) {   \
    ::sinter::cuda::reduce_chunks<Reducer<V>, ::sinter::cuda::V>(p);           \
  }
#define SINTER_REDUCTION_FLOATS(op, Reducer) \
  SINTER_REDUCTION(op, Reducer, f32)         \
  SINTER_REDUCTION(op, Reducer, f64)         \
  SINTER_REDUCTION(op, Reducer, bf16)        \
  SINTER_REDUCTION(op, Reducer, f16)         \
  SINTER_REDUCTION_CHUNKS(op, Reducer, f32)  \
  SINTER_REDUCTION_CHUNKS(op, Reducer, f64)
#define SINTER_REDUCTION_REALS(op, Reducer) \
  SINTER_REDUCTION_FLOATS(op, Reducer)      \
  SINTER_REDUCTION(op, Reducer, i32)        \
  SINTER_REDUCTION(op, Reducer, i64)        \
  SINTER_REDUCTION(op, Reducer, u8)         \
  SINTER_REDUCTION(op, Reducer, i8)         \
  SINTER_REDUCTION(op, Reducer, boolean)    \
  SINTER_REDUCTION_CHUNKS(op, Reducer, i32) \
  SINTER_REDUCTION_CHUNKS(op, Reducer, i64)
