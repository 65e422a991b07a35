// Loads and stores of neighbouring elements as one access. Place in the whole: global memory is read and written 16 bytes a thread
// where elements allow it; nvcc splits what it is not told to keep whole.
#pragma once
#include "cuda/kernels/dtype.cuh"

namespace sinter::cuda {

namespace detail {
template <int kBytes>
struct Word;
template <>
struct Word<1> {
  using type = uint8_t;
};
template <>
struct Word<2> {
  using type = uint16_t;
};
template <>
struct Word<4> {
  using type = uint32_t;
};
template <>
struct Word<8> {
  using type = uint2;
};
template <>
struct Word<16> {
  using type = uint4;
};
}  // namespace detail

// N elements in registers. Its address is that of an access, so it is aligned to its size.
template <class T, int N>
struct Pack {
  static constexpr int kBytes = static_cast<int>(sizeof(T)) * N;
  static_assert(kBytes <= 16 && (kBytes & (kBytes - 1)) == 0, "an access is of 1, 2, 4, 8 or 16 bytes");
  using Word = typename detail::Word<kBytes>::type;
  union {
    Word word;
    T at[N];
  };
  SINTER_DEVICE Pack() {}
};

// `from` and `to` are aligned to the pack.
template <int N, class T>
SINTER_DEVICE Pack<T, N> load_pack(const T* from) {
  Pack<T, N> pack;
  pack.word = *reinterpret_cast<const typename Pack<T, N>::Word*>(from);
  return pack;
}
template <int N, class T>
SINTER_DEVICE void store_pack(T* to, const Pack<T, N>& pack) {
  *reinterpret_cast<typename Pack<T, N>::Word*>(to) = pack.word;
}

// Of memory that the launch never writes: by way of the read-only cache.
template <int N, class T>
SINTER_DEVICE Pack<T, N> load_pack_constant(const T* from) {
  Pack<T, N> pack;
  pack.word = __ldg(reinterpret_cast<const typename Pack<T, N>::Word*>(from));
  return pack;
}

// What of a row of n elements lies in [i, i + N): the first elements of the pack, the others are `rest`.
template <int N, class T>
SINTER_DEVICE Pack<T, N> load_pack_ragged(const T* row, int64_t i, int64_t n, T rest) {
  if (i + N <= n && (reinterpret_cast<uintptr_t>(row + i) & (Pack<T, N>::kBytes - 1)) == 0)
    return load_pack<N>(row + i);
  Pack<T, N> pack;
#pragma unroll
  for (int e = 0; e < N; e++) pack.at[e] = i + e < n ? row[i + e] : rest;
  return pack;
}
template <int N, class T>
SINTER_DEVICE void store_pack_ragged(T* row, int64_t i, int64_t n, const Pack<T, N>& pack) {
  if (i + N <= n && (reinterpret_cast<uintptr_t>(row + i) & (Pack<T, N>::kBytes - 1)) == 0)
    return store_pack(row + i, pack);
#pragma unroll
  for (int e = 0; e < N; e++)
    if (i + e < n) row[i + e] = pack.at[e];
}

}  // namespace sinter::cuda
