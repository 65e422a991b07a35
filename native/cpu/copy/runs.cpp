// Casts and moves of single runs. Place in the whole: see runs.h. No entry point of the operator table lives here.
//
// Casts go through a table of 6 x 7 plain loops, which the compiler vectorises; bf16 and f16 pass through f32 in blocks
// that stay in the first-level cache, complex numbers through their parts.
#include "cpu/copy/runs.h"

#include <algorithm>

#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kBlock = 512;

template <class I, class F>
SINTER_INLINE I saturate(F x) {
  constexpr bool is_unsigned = I(-1) > I(0);
  constexpr int bits = static_cast<int>(sizeof(I)) * 8 - (is_unsigned ? 0 : 1);
  constexpr F above = bits == 63 ? F(0x1p63) : F(int64_t{1} << (bits % 63)), below = is_unsigned ? F(0) : -above;
  constexpr I most = static_cast<I>(is_unsigned ? ~uint64_t{0} : (uint64_t{1} << bits) - 1);
  constexpr I least = is_unsigned ? I(0) : static_cast<I>(-most - 1);
  bool fits = x > below - 1 && x < above;
  I inside = static_cast<I>(fits ? x : F(0));
  return x >= above ? most : x <= below ? least : inside;
}

struct Bool {
  uint8_t value;
};

template <class To, class From>
SINTER_INLINE To cast(From x) {
  if constexpr (__is_same(To, Bool))
    return Bool{static_cast<uint8_t>(x != From(0))};
  else if constexpr (From(0.5) != From(0) && To(0.5) == To(0))
    return saturate<To>(x);
  else
    return static_cast<To>(x);
}

template <class From, class To>
void cast_loop(const void* src, void* dst, int64_t n) {
  const From* __restrict x = static_cast<const From*>(src);
  To* __restrict y = static_cast<To*>(dst);
  for (int64_t i = 0; i < n; i++) y[i] = cast<To>(x[i]);
}

using Loop = void (*)(const void*, void*, int64_t);
template <class From>
constexpr Loop kFrom[7] = {cast_loop<From, float>,   cast_loop<From, double>,  cast_loop<From, int32_t>,
                           cast_loop<From, int64_t>, cast_loop<From, uint8_t>, cast_loop<From, int8_t>,
                           cast_loop<From, Bool>};

// Row or column of the table; stored booleans are 0 or 1 and read like u8.
constexpr int base_index(DType d) {
  constexpr int index[kDTypes] = {0, 1, -1, -1, 2, 3, 4, 5, 6, -1, -1};
  return index[static_cast<int>(d)];
}
Loop base_loop(DType from, DType to) {
  constexpr const Loop* rows[7] = {kFrom<float>,   kFrom<double>, kFrom<int32_t>, kFrom<int64_t>,
                                   kFrom<uint8_t>, kFrom<int8_t>, kFrom<uint8_t>};
  return rows[base_index(from)][base_index(to)];
}

template <class H>
void widen(const void* src, float* dst, int64_t n) {
  const H* x = static_cast<const H*>(src);
  int64_t i = 0;
  for (; i + kLanes<float> <= n; i += kLanes<float>) store_f32(dst + i, load_f32(x + i));
  for (; i < n; i++) dst[i] = to_f32(x[i]);
}
template <class H>
void narrow(const float* x, void* dst, int64_t n) {
  H* y = static_cast<H*>(dst);
  int64_t i = 0;
  for (; i + kLanes<float> <= n; i += kLanes<float>) store_f32(y + i, load(x + i));
  for (; i < n; i++) {
    if constexpr (__is_same(H, bf16))
      y[i] = to_bf16(x[i]);
    else
      y[i] = to_f16(x[i]);
  }
}
bool is_half(DType d) { return d == DType::bf16 || d == DType::f16; }
void widen(DType from, const void* src, float* dst, int64_t n) {
  from == DType::bf16 ? widen<bf16>(src, dst, n) : widen<f16>(src, dst, n);
}
void narrow(DType to, const float* src, void* dst, int64_t n) {
  to == DType::bf16 ? narrow<bf16>(src, dst, n) : narrow<f16>(src, dst, n);
}

template <class From>
void from_complex(const From* src, DType part, DType to, char* dst, int64_t n) {
  using Part = decltype(src->re);
  Part re[kBlock];
  uint8_t* truth = reinterpret_cast<uint8_t*>(dst);
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    int64_t count = std::min(kBlock, n - begin);
    const From* x = src + begin;
    if (to == DType::boolean) {
      for (int64_t i = 0; i < count; i++) truth[begin + i] = (x[i].re != 0) | (x[i].im != 0);
      continue;
    }
    for (int64_t i = 0; i < count; i++) re[i] = x[i].re;
    convert_run(part, re, to, dst + begin * static_cast<int64_t>(dtype_size(to)), count);
  }
}
template <class To>
void to_complex(DType from, const char* src, DType part, To* dst, int64_t n) {
  decltype(dst->re) re[kBlock];
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    int64_t count = std::min(kBlock, n - begin);
    convert_run(from, src + begin * static_cast<int64_t>(dtype_size(from)), part, re, count);
    for (int64_t i = 0; i < count; i++) dst[begin + i] = To{re[i], 0};
  }
}

void convert_complex(DType from, const void* src, DType to, void* dst, int64_t n) {
  DType part_from = from == DType::c64 ? DType::f32 : DType::f64, part_to = to == DType::c64 ? DType::f32 : DType::f64;
  if (is_complex(from) && is_complex(to)) {
    convert_run(part_from, src, part_to, dst, 2 * n);
  } else if (from == DType::c64) {
    from_complex(static_cast<const c64*>(src), part_from, to, static_cast<char*>(dst), n);
  } else if (from == DType::c128) {
    from_complex(static_cast<const c128*>(src), part_from, to, static_cast<char*>(dst), n);
  } else if (to == DType::c64) {
    to_complex(from, static_cast<const char*>(src), part_to, static_cast<c64*>(dst), n);
  } else {
    to_complex(from, static_cast<const char*>(src), part_to, static_cast<c128*>(dst), n);
  }
}

template <class F>
SINTER_INLINE void by_size(size_t size, F f) {
  switch (size) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    case 8: return f(uint64_t{});
    default: return f(c128{});
  }
}

// memcpy, from the end where the destination lies a little behind the source modulo 4096: forwards, every load would take the last
// stores for its own address, whose low twelve bits the processor compares first, and wait for them (five times slower).
void copy_bytes(void* dst, const void* src, int64_t n) {
  constexpr int64_t kStep = 64;
  const uintptr_t apart = (reinterpret_cast<uintptr_t>(dst) - reinterpret_cast<uintptr_t>(src)) & 4095;
  if (apart == 0 || apart >= 2 * kStep || n < 8 * kStep) {
    std::memcpy(dst, src, static_cast<size_t>(n));
    return;
  }
  char* y = static_cast<char*>(dst);
  const char* x = static_cast<const char*>(src);
  int64_t at = n;
  for (; at >= kStep; at -= kStep) {
    typedef char Line __attribute__((vector_size(kStep)));
    Line line;
    std::memcpy(&line, x + at - kStep, kStep);
    std::memcpy(y + at - kStep, &line, kStep);
  }
  std::memcpy(y, x, static_cast<size_t>(at));
}

}  // namespace

void convert_run(DType from, const void* src, DType to, void* dst, int64_t n) {
  if (n <= 0) return;
  if (from == to) {
    copy_bytes(dst, src, n * static_cast<int64_t>(dtype_size(to)));
  } else if (is_complex(from) || is_complex(to)) {
    convert_complex(from, src, to, dst, n);
  } else if (is_half(from) && to == DType::f32) {
    widen(from, src, static_cast<float*>(dst), n);
  } else if (from == DType::f32 && is_half(to)) {
    narrow(to, static_cast<const float*>(src), dst, n);
  } else if (is_half(from) || is_half(to)) {
    float block[kBlock];
    const char* x = static_cast<const char*>(src);
    char* y = static_cast<char*>(dst);
    int64_t from_size = static_cast<int64_t>(dtype_size(from)), to_size = static_cast<int64_t>(dtype_size(to));
    for (int64_t i = 0; i < n; i += kBlock) {
      int64_t count = std::min(kBlock, n - i);
      convert_run(from, x + i * from_size, DType::f32, block, count);
      convert_run(DType::f32, block, to, y + i * to_size, count);
    }
  } else {
    base_loop(from, to)(src, dst, n);
  }
}

void gather_run(size_t size, const void* src, int64_t stride, void* dst, int64_t n) {
  by_size(size, [&](auto tag) {
    using T = decltype(tag);
    const T* x = static_cast<const T*>(src);
    T* __restrict y = static_cast<T*>(dst);
    // Backwards, with a constant stride that the compiler turns into loads and a shuffle.
    if (stride == -1) {
      for (int64_t i = 0; i < n; i++) y[i] = x[-i];
      return;
    }
    for (int64_t i = 0; i < n; i++) y[i] = x[i * stride];
  });
}

void scatter_run(size_t size, const void* src, void* dst, int64_t stride, int64_t n) {
  by_size(size, [&](auto tag) {
    using T = decltype(tag);
    const T* x = static_cast<const T*>(src);
    T* __restrict y = static_cast<T*>(dst);
    for (int64_t i = 0; i < n; i++) y[i * stride] = x[i];
  });
}

void fill_run(size_t size, const void* value, void* dst, int64_t n) {
  by_size(size, [&](auto tag) {
    using T = decltype(tag);
    T v;
    std::memcpy(&v, value, sizeof v);
    T* y = static_cast<T*>(dst);
    for (int64_t i = 0; i < n; i++) y[i] = v;
  });
}

void stream_copy(void* dst, const void* src, int64_t bytes) {
#if defined(__x86_64__)
  char* y = static_cast<char*>(dst);
  const char* x = static_cast<const char*>(src);
  int64_t lead = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(y) & 63);
  if (lead > bytes) lead = bytes;
  std::memcpy(y, x, static_cast<size_t>(lead));
  int64_t i = lead;
  for (; i + 64 <= bytes; i += 64) {
#if defined(__AVX512F__)
    _mm512_stream_si512(reinterpret_cast<__m512i*>(y + i), _mm512_loadu_si512(x + i));
#elif defined(__AVX2__)
    for (int j = 0; j < 64; j += 32)
      _mm256_stream_si256(reinterpret_cast<__m256i*>(y + i + j),
                          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + i + j)));
#else
    for (int j = 0; j < 64; j += 16)
      _mm_stream_si128(reinterpret_cast<__m128i*>(y + i + j),
                       _mm_loadu_si128(reinterpret_cast<const __m128i*>(x + i + j)));
#endif
  }
  std::memcpy(y + i, x + i, static_cast<size_t>(bytes - i));
#else
  std::memcpy(dst, src, static_cast<size_t>(bytes));
#endif
}

void stream_fence() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

}  // namespace sinter::cpu::SINTER_ISA
