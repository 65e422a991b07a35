// Loading operands and storing results, for every kernel of this folder. A column is n elements; `word` is where its first
// one stands, in units of n words: 64-bit columns take two such units and hold their elements whole, low word first.
#pragma once
#include <cstdint>

#define DEVICE __device__ __forceinline__

DEVICE uint32_t load_r(const uint32_t* in, uint32_t word, uint32_t n, uint32_t i) { return in[word * n + i]; }
DEVICE uint16_t load_h(const uint32_t* in, uint32_t word, uint32_t n, uint32_t i) { return static_cast<uint16_t>(in[word * n + i]); }
DEVICE float load_f(const uint32_t* in, uint32_t word, uint32_t n, uint32_t i) { return __uint_as_float(in[word * n + i]); }
DEVICE uint64_t load_l(const uint32_t* in, uint32_t word, uint32_t n, uint32_t i) {
  const uint32_t* p = in + word * n + 2 * i;
  return p[0] | static_cast<uint64_t>(p[1]) << 32;
}
DEVICE double load_d(const uint32_t* in, uint32_t word, uint32_t n, uint32_t i) { return __longlong_as_double(load_l(in, word, n, i)); }

DEVICE void store_r(uint32_t* out, uint32_t word, uint32_t n, uint32_t i, uint32_t x) { out[word * n + i] = x; }
DEVICE void store_h(uint32_t* out, uint32_t word, uint32_t n, uint32_t i, uint16_t x) { out[word * n + i] = x; }
DEVICE void store_f(uint32_t* out, uint32_t word, uint32_t n, uint32_t i, float x) { out[word * n + i] = __float_as_uint(x); }
DEVICE void store_l(uint32_t* out, uint32_t word, uint32_t n, uint32_t i, uint64_t x) {
  uint32_t* p = out + word * n + 2 * i;
  p[0] = static_cast<uint32_t>(x);
  p[1] = static_cast<uint32_t>(x >> 32);
}
DEVICE void store_d(uint32_t* out, uint32_t word, uint32_t n, uint32_t i, double x) { store_l(out, word, n, i, __double_as_longlong(x)); }

// The 32-bit shared-window address of a pointer into shared memory.
DEVICE uint32_t shared(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }
