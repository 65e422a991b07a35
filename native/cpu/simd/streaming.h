// Results past the caches. Place in the whole: kernels that are bound by memory write large results this way.
#pragma once
#include <algorithm>

#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

// From this size on a result leaves nothing useful in the caches, and ordinary stores would first read every line.
constexpr int64_t kStreamBytes = int64_t{1} << 24;

template <class T>
SINTER_INLINE bool streams(const T*, int64_t n) {
  return sizeof(T) >= 4 && n * static_cast<int64_t>(sizeof(T)) >= kStreamBytes;
}
template <class C>
SINTER_INLINE void put_streaming(C* p, Vec<C> v) {  // p aligned to the vector
#if defined(__AVX512F__)
  _mm512_stream_si512(reinterpret_cast<__m512i*>(p), (__m512i)v);
#elif defined(__AVX2__)
  _mm256_stream_si256(reinterpret_cast<__m256i*>(p), (__m256i)v);
#elif defined(__x86_64__)
  _mm_stream_si128(reinterpret_cast<__m128i*>(p), (__m128i)v);
#else
  store(p, v);
#endif
}
// Orders streaming stores before whatever tells another thread that the range is done.
SINTER_INLINE void end_streaming(bool stream) {
#if defined(__x86_64__)
  if (stream) _mm_sfence();
#else
  (void)stream;
#endif
}
// Elements before the first that is aligned to a vector.
template <class T>
SINTER_INLINE int64_t streaming_head(const T* p, int64_t n) {
  const int64_t misaligned = static_cast<int64_t>(reinterpret_cast<uintptr_t>(p) % kVecBytes);
  return std::min<int64_t>(n, (kVecBytes - misaligned) % kVecBytes / static_cast<int64_t>(sizeof(T)));
}

// to[i] = from[i]: what was made in a cache goes to its place. The caller ends its range with end_streaming(true).
template <class T>
SINTER_INLINE void stream_run(const T* from, int64_t n, T* to) {
  constexpr int kL = kLanes<T>;
  int64_t i = streaming_head(to, n);
  if (i > 0) store_n(to, load_n(from, static_cast<int>(i)), static_cast<int>(i));
  for (; i + kL <= n; i += kL) put_streaming(to + i, load(from + i));
  if (i < n) store_n(to + i, load_n(from + i, static_cast<int>(n - i)), static_cast<int>(n - i));
}

}  // namespace sinter::cpu::SINTER_ISA
