// The scan engine: running combinations along an axis. Place in the whole: the .cu files of this family state a scan as an Op; what
// is here feeds it, on the pattern of native/cpu/scan/engine.h.
//
// An Op has
//   C            what is computed in: float, double or 64-bit integers; kFloats: which dtypes double stands for
//   State        what is combined; kInputs 1 or 2 operands; kIndexed: the second result is a place along the axis
//   identity, element(x, factor, place, shape), join(earlier, later), up(state, lanes): of a lane below; result(state, shape), place(state)
//
//   rows     inner 1: a block brings a tile to shared memory in 16 bytes a thread, each thread combines neighbours, then warps and the
//            block scan the threads' totals. A tile is part of a row, or several whole ones: nothing is carried past a row's first element.
//   columns  a thread a column, which reads several elements ahead; lanes are neighbours
//
// Few long lines are cut into parts: one launch for their totals, one for the results, whose blocks combine the totals before theirs.
// Cuts depend on sizes alone and blocks do not wait for one another: results are the same in every run. Bound: operands read once
// (twice where cut), results written once.
#pragma once
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/scan/scan.h"

namespace sinter::cuda {

// Elements as they lie in memory: halves and bytes by their bits, what these mean is decided as the kernel runs.
template <class C, class S>
SINTER_DEVICE C from_storage(S x, int32_t storage) {
  if constexpr (kSame<S, uint16_t>) {
    const float half = __half2float(__ushort_as_half(x)), brief = __uint_as_float(static_cast<uint32_t>(x) << 16);
    return storage == kBF16 ? brief : half;
  } else if constexpr (kSame<S, uint8_t>) {
    return storage == kI8 ? static_cast<int8_t>(x) : x;
  } else {
    return static_cast<C>(x);
  }
}
template <class S, class C>
SINTER_DEVICE S to_storage(C x, int32_t storage) {
  if constexpr (kSame<S, uint16_t>) {
    const uint16_t half = __half_as_ushort(__float2half_rn(static_cast<float>(x)));
    const uint16_t brief = __bfloat16_as_ushort(__float2bfloat16_rn(static_cast<float>(x)));
    return storage == kBF16 ? brief : half;
  } else if constexpr (kSame<S, uint8_t>) {
    return storage == kBool ? x != 0 : static_cast<uint8_t>(x);
  } else {
    return static_cast<S>(x);
  }
}

// f(S{}) with the type that elements lie in memory as, of those that the operator computes in C.
template <class Op, class F>
SINTER_DEVICE void with_storage(int32_t storage, F f) {
  using C = typename Op::C;
  if constexpr (kSame<C, float>) {
    if (Op::kFloats == kF32InF32 && storage == kF32) return f(float{});
    f(uint16_t{});
  } else if constexpr (kSame<C, double>) {
    if (Op::kFloats != kF32InF32 && storage == kF32) return f(float{});
    if (Op::kFloats == kAllInF64 && storage != kF64) return f(uint16_t{});
    f(double{});
  } else {
    if (storage == kI64) return f(i64{});
    if (storage == kI32) return f(i32{});
    f(uint8_t{});
  }
}

// ---- rows

// A row of shared memory gets an element more, so that threads whose elements are neighbours meet no bank twice.
template <class C>
constexpr int kScanRow = 128 / static_cast<int>(sizeof(C));
template <class C>
constexpr int kScanShared = kScanTile + kScanTile / kScanRow<C>;
template <class C>
SINTER_DEVICE int shared_place(int i) {
  return i + i / kScanRow<C>;
}

// whole(i), one(i) for what this thread has of `count` elements at `data`: N of them from i on, as an access of 16 bytes, where they all
// lie in the tile, one by one where not.
template <int N, class S, class Whole, class One>
SINTER_DEVICE void each_access(const S* data, int count, Whole whole, One one) {
  const int shift = static_cast<int>(reinterpret_cast<uintptr_t>(data) / sizeof(S)) & (N - 1);
#pragma unroll 1
  for (int at = threadIdx.x * N - shift; at < count; at += kScanThreads * N) {
    if (at >= 0 && at + N <= count) {
      whole(at);
      continue;
    }
#pragma unroll 1
    for (int i = max(at, 0); i < min(at + N, count); i++) one(i);
  }
}

template <class S>
constexpr int kAccess = sizeof(S) == 1 ? 4 : 16 / static_cast<int>(sizeof(S));

template <class S, class C>
SINTER_DEVICE void bring_tile(const S* from, int count, bool reverse, int32_t storage, C* tile) {
  constexpr int N = kAccess<S>;
  const int origin = reverse ? count - 1 : 0, step = reverse ? -1 : 1;
  auto put = [=](int i, S x) { tile[shared_place<C>(origin + step * i)] = from_storage<C>(x, storage); };
  each_access<N>(
      from, count,
      [=](int i) {
        const Pack<S, N> pack = load_pack_constant<N>(from + i);
#pragma unroll
        for (int e = 0; e < N; e++) put(i + e, pack.at[e]);
      },
      [=](int i) { put(i, from[i]); });
}

template <class S, class C>
SINTER_DEVICE void take_tile(const C* tile, int count, bool reverse, int32_t storage, S* to) {
  constexpr int N = kAccess<S>;
  const int origin = reverse ? count - 1 : 0, step = reverse ? -1 : 1;
  auto get = [=](int i) { return to_storage<S>(tile[shared_place<C>(origin + step * i)], storage); };
  each_access<N>(
      to, count,
      [=](int i) {
        Pack<S, N> pack;
#pragma unroll
        for (int e = 0; e < N; e++) pack.at[e] = get(i + e);
        store_pack(to + i, pack);
      },
      [=](int i) { to[i] = get(i); });
}

// A running combination: what was combined since the last beginning of a row, if there was one.
template <class Op>
struct Running {
  typename Op::State state;
  bool begun;
};

// The carry and what the threads before this one have; `carry` becomes that of the next tile. All threads call. `totals`: a value a
// warp, free when the block comes here.
template <class Op>
SINTER_DEVICE typename Op::State scan_block(const Running<Op>& own, Running<Op>* totals, typename Op::State& carry) {
  using State = typename Op::State;
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  const uint32_t begun = __ballot_sync(kAllLanes, own.begun);
  // The last lane up to this one where a row begins: nothing is combined past it.
  const uint32_t here = begun & (0xffffffffu >> (31 - lane));
  const int first = here ? 31 - __clz(here) : 0;
  State state = own.state;
#pragma unroll 1
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const State before = Op::up(state, distance);
    if (lane - distance >= first) state = Op::join(before, state);
  }
  if (lane == kWarp - 1) totals[warp] = {state, begun != 0};
  State before = Op::up(state, 1);
  __syncthreads();
  State block = carry;
#pragma unroll 1
  for (int w = 0; w < kScanThreads / kWarp; w++) {
    if (w == warp) {
      if (lane == 0) before = block;
      if (lane > 0 && (begun & ((1u << lane) - 1)) == 0) before = Op::join(block, before);
    }
    block = totals[w].begun ? totals[w].state : Op::join(block, totals[w].state);
  }
  carry = block;
  return before;
}

template <class Op>
SINTER_DEVICE void scan_rows(const ScanShape& shape, const void* x0, const void* x1, void* y0, int64_t* y1,
                             typename Op::State* totals) {
  using C = typename Op::C;
  using State = typename Op::State;
  constexpr int kSecond = Op::kInputs == 2 ? kScanShared<C> : 1, kPlaces = Op::kIndexed ? kScanShared<uint32_t> : 1;
  __shared__ C tile[kScanShared<C>];
  __shared__ C factors[kSecond];
  __shared__ C factor_before;  // of a reversed recurrence: that of the position before the tile
  __shared__ uint32_t places[kPlaces];
  __shared__ Running<Op> warps[kScanThreads / kWarp];
  const bool reverse = shape.reverse != 0, lag = Op::kInputs == 2 && reverse;
  const int64_t unit = blockIdx.x, row = unit / shape.parts * shape.rows_per_tile;
  const int part = static_cast<int>(unit % shape.parts);
  // Of several rows, as if they were one; of one row, this block's part.
  const int64_t length = min(static_cast<int64_t>(shape.rows_per_tile), shape.outer - row) * shape.n;
  const int64_t begin = part * shape.part, end = min(begin + shape.part, length);
  State carry = Op::identity();
  // What the parts before this one come to is combined as if it were a tile in front of it.
  const bool continues = part > 0 && !shape.totals_only;
#pragma unroll 1
  for (int64_t at = continues ? begin - kScanTile : begin; at < end; at += kScanTile) {
    Running<Op> own{Op::identity(), false};
    const bool earlier = at < begin;
    const int count = static_cast<int>(min(static_cast<int64_t>(kScanTile), end - at));
    const int64_t lowest = row * shape.n + (reverse ? length - at - count : at);
    const int mine = threadIdx.x * kScanItems, beyond = min(mine + kScanItems, count);
    // The first element's place along the axis.
    const uint32_t place =
        shape.rows_per_tile > 1 ? mine - divide(mine, shape.row) * shape.row.value : static_cast<uint32_t>(at + mine);
    auto element = [&](int i, uint32_t along) {
      C factor = 0;
      if constexpr (Op::kInputs == 2)
        factor = !lag ? factors[shared_place<C>(i)] : i > 0 ? factors[shared_place<C>(i - 1)] : factor_before;
      return Op::element(tile[shared_place<C>(i)], factor, along, shape);
    };
    if (earlier) {
      const State* all = totals + unit - part;
      const int each = (part + kScanThreads - 1) / kScanThreads, from = min(static_cast<int>(threadIdx.x) * each, part);
#pragma unroll 1
      for (int k = from; k < min(from + each, part); k++) own.state = k == from ? all[k] : Op::join(own.state, all[k]);
      own.begun = threadIdx.x == 0;  // the first part begins the row
    } else {
      with_storage<Op>(shape.storage, [&](auto zero) {
        using S = decltype(zero);
        bring_tile(static_cast<const S*>(Op::kInputs == 2 ? x1 : x0) + lowest, count, reverse, shape.storage, tile);
        if constexpr (Op::kInputs == 2) {
          const S* a = static_cast<const S*>(x0) + lowest;
          bring_tile(a, count, reverse, shape.storage, factors);
          if (threadIdx.x == 0) factor_before = lag && at > 0 ? from_storage<C>(a[count], shape.storage) : C(0);
        }
      });
      __syncthreads();
      uint32_t along = place;
#pragma unroll 1
      for (int i = mine; i < beyond; i++) {
        const State next = element(i, along);
        own.state = i == mine || along == 0 ? next : Op::join(own.state, next);
        own.begun |= along == 0;
        along = along + 1 == shape.n ? 0 : along + 1;
      }
    }
    State state = scan_block<Op>(own, warps, carry);
    if (!earlier && !shape.totals_only) {
      uint32_t along = place;
#pragma unroll 1
      for (int i = mine; i < beyond; i++) {
        const State next = element(i, along);
        state = along == 0 ? next : Op::join(state, next);
        tile[shared_place<C>(i)] = Op::result(state, shape);
        if constexpr (Op::kIndexed) places[shared_place<uint32_t>(i)] = Op::place(state);
        along = along + 1 == shape.n ? 0 : along + 1;
      }
      __syncthreads();
      with_storage<Op>(shape.storage, [&](auto zero) {
        take_tile(tile, count, reverse, shape.storage, static_cast<decltype(zero)*>(y0) + lowest);
      });
      if constexpr (Op::kIndexed) take_tile(places, count, reverse, shape.storage, y1 + lowest);
    }
    __syncthreads();
  }
  if (shape.totals_only && threadIdx.x == 0) totals[unit] = carry;
}

// ---- columns

// values[k] = x[at + k step] for the first `left`.
template <class Op, class C>
SINTER_DEVICE void read_ahead(const ScanShape& shape, const void* x, int64_t at, int64_t step, int left,
                              C (&values)[kColumnAhead]) {
  with_storage<Op>(shape.storage, [&](auto zero) {
    using S = decltype(zero);
    const S* from = static_cast<const S*>(x) + at;
#pragma unroll
    for (int k = 0; k < kColumnAhead; k++, from += step)
      values[k] = k < left ? from_storage<C>(*from, shape.storage) : C(0);
  });
}

template <class Op>
SINTER_DEVICE void scan_columns(const ScanShape& shape, const void* x0, const void* x1, void* y0, int64_t* y1,
                                typename Op::State* totals) {
  using C = typename Op::C;
  using State = typename Op::State;
  const int64_t column = static_cast<int64_t>(blockIdx.x) * kColumnThreads + threadIdx.x;
  const int64_t columns = shape.outer * shape.inner.size;
  const int part = blockIdx.y;
  if (column >= columns) return;
  const int64_t outer = quotient(column, shape.inner), inner = shape.inner.size;
  const bool reverse = shape.reverse != 0;
  const int64_t step = reverse ? -inner : inner, begin = part * shape.part, end = min(begin + shape.part, shape.n);
  // Where the scan's position j lies.
  int64_t at = (outer * shape.n + (reverse ? shape.n - 1 - begin : begin)) * inner + (column - outer * inner);
  State state = Op::identity();
  if (!shape.totals_only)
#pragma unroll 1
    for (int p = 0; p < part; p++) state = p == 0 ? totals[column] : Op::join(state, totals[p * columns + column]);
  C factor_before = 0;  // of a reversed recurrence: that of the position before
  if (Op::kInputs == 2 && reverse && begin > 0) {
    C one[kColumnAhead];
    read_ahead<Op>(shape, x0, at - step, step, 1, one);
    factor_before = one[0];
  }
#pragma unroll 1
  for (int64_t j = begin; j < end; j += kColumnAhead, at += kColumnAhead * step) {
    const int left = static_cast<int>(min(end - j, static_cast<int64_t>(kColumnAhead)));
    C values[kColumnAhead], factors[kColumnAhead];
    uint32_t places[kColumnAhead];
    read_ahead<Op>(shape, Op::kInputs == 2 ? x1 : x0, at, step, left, values);
    if constexpr (Op::kInputs == 2) read_ahead<Op>(shape, x0, at, step, left, factors);
#pragma unroll
    for (int k = 0; k < kColumnAhead; k++) {
      C factor = 0;
      if constexpr (Op::kInputs == 2) {
        factor = reverse ? factor_before : factors[k];
        factor_before = factors[k];
      }
      if (k >= left) continue;
      const State element = Op::element(values[k], factor, static_cast<uint32_t>(j + k), shape);
      state = k == 0 && j == 0 ? element : Op::join(state, element);
      values[k] = Op::result(state, shape);
      if constexpr (Op::kIndexed) places[k] = Op::place(state);
    }
    if (shape.totals_only) continue;
    with_storage<Op>(shape.storage, [&](auto zero) {
      using S = decltype(zero);
      S* to = static_cast<S*>(y0) + at;
#pragma unroll
      for (int k = 0; k < kColumnAhead; k++, to += step)
        if (k < left) *to = to_storage<S>(values[k], shape.storage);
    });
    if constexpr (Op::kIndexed) {
#pragma unroll
      for (int k = 0; k < kColumnAhead; k++)
        if (k < left) y1[at + k * step] = places[k];
    }
  }
  if (shape.totals_only) totals[part * columns + column] = state;
}

#define SINTER_SCAN(name, Op)                                                                                        \
  extern "C" __global__ void __launch_bounds__(kScanThreads, 3)                                                      \
      name##_rows(const __grid_constant__ ScanShape shape, const void* __restrict__ x0, const void* __restrict__ x1, \
                  void* __restrict__ y0, int64_t* __restrict__ y1, void* totals) {                                   \
    scan_rows<Op>(shape, x0, x1, y0, y1, static_cast<Op::State*>(totals));                                           \
  }                                                                                                                  \
  extern "C" __global__ void __launch_bounds__(kColumnThreads, 6)                                                    \
      name##_columns(const __grid_constant__ ScanShape shape, const void* __restrict__ x0,                           \
                     const void* __restrict__ x1, void* __restrict__ y0, int64_t* __restrict__ y1, void* totals) {   \
    scan_columns<Op>(shape, x0, x1, y0, y1, static_cast<Op::State*>(totals));                                        \
  }

}  // namespace sinter::cuda
