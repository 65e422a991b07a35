// Rows shared by groups of a block's threads: their elements in packs, of which a thread keeps the first few in registers. Place in the
// whole: softmax, norms and losses read a row from memory once, if it is not longer than what a block can keep.
#pragma once
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// Over groups of `members` neighbouring threads, a power of two up to the block. `partial`: shared memory, a value a warp. All threads
// of the block call; partial may be used again at once.
template <class V, class F>
SINTER_DEVICE V group_reduce(V x, int members, V* partial, F combine) {
#pragma unroll 1
  for (int distance = min(members, kWarp) / 2; distance > 0; distance /= 2)
    x = combine(x, __shfl_xor_sync(kAllLanes, x, distance));
  if (members <= kWarp) return x;
  const int warp = threadIdx.x / kWarp, warps = members / kWarp, first = warp / warps * warps;
  if (threadIdx.x % kWarp == 0) partial[warp] = x;
  __syncthreads();
  x = partial[first];
#pragma unroll 1
  for (int w = 1; w < warps; w++) x = combine(x, partial[first + w]);
  __syncthreads();
  return x;
}

// A thread's share of a row of n elements at x, `member` of `members`: packs member, member + members, ..., the first kKept of them in
// registers. What lies beyond the row is `rest`; a row that is not there has none of its elements.
template <class T, int kKept>
struct RowShare {
  static constexpr int kPack = 16 / static_cast<int>(sizeof(T));
  using V = Compute<T>;
  const T* x;
  int64_t n;
  int member, members;
  T rest;
  Pack<T, kPack> kept[kKept];

  SINTER_DEVICE RowShare(const T* row, int64_t count, int which, int of, T beyond)
      : x(row), n(count), member(which), members(of), rest(beyond) {
#pragma unroll
    for (int k = 0; k < kKept; k++) kept[k] = pack_at(place(k));
  }
  SINTER_DEVICE int64_t place(int64_t k) const { return (k * members + member) * kPack; }
  SINTER_DEVICE Pack<T, kPack> pack_at(int64_t i) const { return load_pack_ragged<kPack>(x, i, n, rest); }
  // f(i, pack) for all of this thread's packs that begin in the row.
  template <class F>
  SINTER_DEVICE void each(F f) const {
#pragma unroll
    for (int k = 0; k < kKept; k++)
      if (place(k) < n) f(place(k), kept[k]);
#pragma unroll 1
    for (int64_t i = place(kKept); i < n; i += int64_t{members} * kPack) f(i, pack_at(i));
  }
};

// f(i, a's pack, b's pack) for two rows of one length.
template <class T, int kKept, class F>
SINTER_DEVICE void each_pair(const RowShare<T, kKept>& a, const RowShare<T, kKept>& b, F f) {
#pragma unroll
  for (int k = 0; k < kKept; k++)
    if (a.place(k) < a.n) f(a.place(k), a.kept[k], b.kept[k]);
#pragma unroll 1
  for (int64_t i = a.place(kKept); i < a.n; i += int64_t{a.members} * RowShare<T, kKept>::kPack)
    f(i, a.pack_at(i), b.pack_at(i));
}

}  // namespace sinter::cuda
