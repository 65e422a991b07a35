// Measures the machine's limits: floating-point and dot-product peaks, cache and memory bandwidth. Place in the whole: behind
// measure_peak (peak.h), for the bench. Compiled once, for the baseline instruction set; the loops for wider ones switch the
// compiler's target for their own text (kernels.inc) and run only where cpuid allows.
#include "cpu/peak.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "cpu/dispatch.h"
#include "cpu/simd/tile_config.h"

#if defined(__linux__)
#include <sched.h>
#include <sys/mman.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sinter {
namespace {

volatile float sink;  // where results go so that no loop is dead

struct Kernels {
  double (*fma_f32)(long);
  double (*fma_f64)(long);
  double (*read)(const float*, long, long);
  double (*write)(float*, long);
  double (*write_nt)(float*, long);
  double (*rmw_inplace)(float*, long);
  double (*copy)(float*, const float*, long);
  double (*copy_nt)(float*, const float*, long);
  double (*triad)(float*, const float*, const float*, long);
  double (*triad_nt)(float*, const float*, const float*, long);
};

#if defined(__clang__)
#define SINTER_PEAK_UNROLL _Pragma("clang loop unroll(full)")
#else
#define SINTER_PEAK_UNROLL _Pragma("GCC unroll 12")
#endif

#if defined(__x86_64__)
#define SINTER_PEAK_OPAQUE(x, y) asm volatile("" : "+v"(x), "+v"(y))
#define SINTER_PEAK_FENCE() _mm_sfence()

namespace baseline {
#define SINTER_PEAK_BYTES 16
#define SINTER_PEAK_STREAM(p, v) _mm_stream_ps(p, (__m128)(v))
#include "cpu/peak/kernels.inc"
#undef SINTER_PEAK_BYTES
#undef SINTER_PEAK_STREAM
}  // namespace baseline

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
namespace avx2 {
#define SINTER_PEAK_BYTES 32
#define SINTER_PEAK_STREAM(p, v) _mm256_stream_ps(p, (__m256)(v))
#include "cpu/peak/kernels.inc"
#undef SINTER_PEAK_BYTES
#undef SINTER_PEAK_STREAM
}  // namespace avx2
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif
namespace avx512 {
#define SINTER_PEAK_BYTES 64
#define SINTER_PEAK_STREAM(p, v) _mm512_stream_ps(p, (__m512)(v))
#include "cpu/peak/kernels.inc"
#undef SINTER_PEAK_BYTES
#undef SINTER_PEAK_STREAM
}  // namespace avx512
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

__attribute__((target("avx512f,avx512bf16"))) double dot_bf16(long iterations) {
  __m512 acc[12];
  for (auto& a : acc) a = _mm512_setzero_ps();
  __m512i x = _mm512_set1_epi16(0x3c00), y = _mm512_set1_epi16(0x3c01);
  for (long i = 0; i < iterations; i++) {
    for (int u = 0; u < 4; u++) {
      SINTER_PEAK_UNROLL
      for (int j = 0; j < 12; j++) acc[j] = _mm512_dpbf16_ps(acc[j], (__m512bh)x, (__m512bh)y);
      SINTER_PEAK_OPAQUE(x, y);
    }
  }
  for (int j = 1; j < 12; j++) acc[0] = _mm512_add_ps(acc[0], acc[j]);
  sink = acc[0][0];
  return static_cast<double>(iterations) * 4 * 12 * 32 * 2;
}

__attribute__((target("avx512f,avx512vnni"))) double dot_i8(long iterations) {
  __m512i acc[12];
  for (auto& a : acc) a = _mm512_setzero_si512();
  __m512i x = _mm512_set1_epi32(0x03030303), y = _mm512_set1_epi32(0x7e7e7e7e);
  for (long i = 0; i < iterations; i++) {
    for (int u = 0; u < 4; u++) {
      SINTER_PEAK_UNROLL
      for (int j = 0; j < 12; j++) acc[j] = _mm512_dpbusd_epi32(acc[j], x, y);
      SINTER_PEAK_OPAQUE(x, y);
    }
  }
  for (int j = 1; j < 12; j++) acc[0] = _mm512_add_epi32(acc[0], acc[j]);
  sink = static_cast<float>(acc[0][0]);
  return static_cast<double>(iterations) * 4 * 12 * 64 * 2;
}

#if defined(__linux__)
// Sums of two tiles by two, of zeros.
#define SINTER_PEAK_TILES(name, instructions, product, depth)           \
  __attribute__((target(instructions))) double name(long iterations) {  \
    _tile_loadconfig(&kFullTiles);                                      \
    for (long i = 0; i < iterations; i++) {                             \
      product(0, 4, 6);                                                 \
      product(1, 4, 7);                                                 \
      product(2, 5, 6);                                                 \
      product(3, 5, 7);                                                 \
    }                                                                   \
    _tile_release();                                                    \
    return static_cast<double>(iterations) * 4 * 16 * 16 * (depth) * 2; \
  }
SINTER_PEAK_TILES(dot_bf16_tiles, "amx-tile,amx-bf16", _tile_dpbf16ps, 32)
SINTER_PEAK_TILES(dot_i8_tiles, "amx-tile,amx-int8", _tile_dpbusd, 64)
#undef SINTER_PEAK_TILES
#endif

// Products of bytes as exact sums of pairs of 16-bit numbers: what AVX2 has without assumptions about the operands.
__attribute__((target("avx2"))) double dot_i8_pairs(long iterations) {
  __m256i acc[12];
  for (auto& a : acc) a = _mm256_setzero_si256();
  __m256i x = _mm256_set1_epi16(3), y = _mm256_set1_epi16(126);
  for (long i = 0; i < iterations; i++) {
    for (int u = 0; u < 4; u++) {
      SINTER_PEAK_UNROLL
      for (int j = 0; j < 12; j++) {
        acc[j] = _mm256_add_epi32(acc[j], _mm256_madd_epi16(x, y));
        SINTER_PEAK_OPAQUE(
            x, acc[j]);  // else one product serves all sums, or all products come first and sums are spilled
      }
    }
  }
  for (int j = 1; j < 12; j++) acc[0] = _mm256_add_epi32(acc[0], acc[j]);
  sink = static_cast<float>(_mm256_cvtsi256_si32(acc[0]));
  return static_cast<double>(iterations) * 4 * 12 * 16 * 2;
}

const Kernels& widest() {
  if (__builtin_cpu_supports("avx512f")) return avx512::kKernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kKernels;
  return baseline::kKernels;
}

#else  // arm64: NEON is the baseline
#define SINTER_PEAK_OPAQUE(x, y) asm volatile("" : "+w"(x), "+w"(y))
#define SINTER_PEAK_FENCE() asm volatile("" ::: "memory")
namespace neon {
#define SINTER_PEAK_BYTES 16
#define SINTER_PEAK_STREAM(p, v) (*reinterpret_cast<VecF*>(p) = (v))
#include "cpu/peak/kernels.inc"
}  // namespace neon

const Kernels& widest() { return neon::kKernels; }
#endif

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Pins the calling thread to the index-th processor that the process may use. Only for this file's own short-lived threads.
void pin(int index) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &allowed) || index-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
#else
  (void)index;
#endif
}

// Which round counts. The arithmetic peak never changes, and the fastest of many short rounds shows it even beside a
// neighbour. Memory is shared with whoever else is on the host: its best moment is not what a kernel can expect.
enum class Pick { fastest, median };

// body(thread) returns its work. A round lasts from the first thread's start to the last one's end; the answer is the picked
// round's rate, in units of 1e9 a second.
template <class Body>
double rate(int threads, Pick pick, Body body) {
  constexpr int kRounds = 19, kWarmup = 3;
  struct alignas(64) Lane {
    double start, end, work;
  };
  std::vector<Lane> lanes(static_cast<size_t>(threads));
  std::vector<double> rates;
  std::barrier sync(threads);
  const auto run = [&](int thread) {
    if (threads > 1) pin(thread);
    Lane& lane = lanes[static_cast<size_t>(thread)];
    for (int round = 0; round < kRounds + kWarmup; round++) {
      sync.arrive_and_wait();
      lane.start = now_seconds();
      lane.work = body(thread);
      lane.end = now_seconds();
      sync.arrive_and_wait();
      if (thread != 0 || round < kWarmup) continue;
      double first = lane.start, last = lane.end, work = 0;
      for (const Lane& l : lanes) {
        first = std::min(first, l.start);
        last = std::max(last, l.end);
        work += l.work;
      }
      rates.push_back(work / (last - first));
    }
  };
  std::vector<std::thread> helpers;  // none of them is the caller, which must never be pinned
  for (int i = 0; i < threads; i++) helpers.emplace_back(run, i);
  for (std::thread& t : helpers) t.join();
  std::sort(rates.begin(), rates.end());
  return (pick == Pick::fastest ? rates.back() : rates[kRounds / 2]) / 1e9;
}

// Arrays of 256 MB, far beyond the last cache, in huge pages where the system has them, written once.
class Arrays {
 public:
  static constexpr long kFloats = 64L << 20;

  explicit Arrays(int count) : bytes_(static_cast<size_t>(count) * kFloats * 4) {
    data_ = static_cast<float*>(std::aligned_alloc(size_t{2} << 20, bytes_));
    if (!data_) return;
#if defined(__linux__)
    madvise(data_, bytes_, MADV_HUGEPAGE);
#endif
    std::fill(data_, data_ + bytes_ / 4, 1.0f);
  }
  ~Arrays() { std::free(data_); }
  Arrays(const Arrays&) = delete;
  Arrays& operator=(const Arrays&) = delete;

  float* operator[](int i) const { return data_ + i * kFloats; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  float* data_ = nullptr;
  size_t bytes_;
};

double cache_read(const Kernels& k, long floats, long repeats, int threads) {
  const Arrays m(1);
  if (!m) return NAN;
  const long part = Arrays::kFloats / threads / 1024 * 1024;
  return rate(threads, Pick::fastest, [&](int t) { return k.read(m[0] + t * part, std::min(floats, part), repeats); });
}

double memory(const Kernels& k, const char* pattern, int threads) {
  const auto is = [&](const char* name) { return std::strcmp(pattern, name) == 0; };
  const long n = Arrays::kFloats / threads / 1024 * 1024;  // floats a thread
  const bool one = is("read") || is("write") || is("write_nt") || is("rmw_inplace");
  const bool two = is("copy") || is("copy_nt"), three = is("triad") || is("triad_nt");
  if (!one && !two && !three) return NAN;
  const Arrays m(one ? 1 : two ? 2 : 3);
  if (!m) return NAN;
  return rate(threads, Pick::median, [&](int t) {
    float* a = m[0] + t * n;
    if (is("read")) return k.read(a, n, 1);
    if (is("write")) return k.write(a, n);
    if (is("write_nt")) return k.write_nt(a, n);
    if (is("rmw_inplace")) return k.rmw_inplace(a, n);
    const float* b = m[1] + t * n;
    if (is("copy")) return k.copy(a, b, n);
    if (is("copy_nt")) return k.copy_nt(a, b, n);
    const float* c = m[2] + t * n;
    return is("triad") ? k.triad(a, b, c, n) : k.triad_nt(a, b, c, n);
  });
}

double arithmetic(double (*loop)(long), long iterations, int threads) {
  return rate(threads, Pick::fastest, [&](int) { return loop(iterations); });
}

}  // namespace

double measure_peak(const char* name, int threads) {
  if (threads < 1 || threads > 1024) return NAN;
  const auto is = [&](const char* known) { return std::strcmp(name, known) == 0; };
  constexpr long kIterations = 300'000;  // about 4 ms
  const Kernels& k = widest();
#if defined(__x86_64__)
  if (is("fma_f32_baseline")) return arithmetic(baseline::fma_f32, kIterations, threads);
  if (is("fma_f64_baseline")) return arithmetic(baseline::fma_f64, kIterations, threads);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    if (is("fma_f32_avx2")) return arithmetic(avx2::fma_f32, kIterations, threads);
    if (is("fma_f64_avx2")) return arithmetic(avx2::fma_f64, kIterations, threads);
    if (is("dot_i8_avx2")) return arithmetic(dot_i8_pairs, kIterations, threads);
  }
  if (__builtin_cpu_supports("avx512f")) {
    if (is("fma_f32_avx512")) return arithmetic(avx512::fma_f32, kIterations, threads);
    if (is("fma_f64_avx512")) return arithmetic(avx512::fma_f64, kIterations, threads);
    if (is("dot_bf16_avx512") && __builtin_cpu_supports("avx512bf16"))
      return arithmetic(dot_bf16, kIterations, threads);
    if (is("dot_i8_avx512_vnni") && __builtin_cpu_supports("avx512vnni"))
      return arithmetic(dot_i8, kIterations, threads);
  }
#if defined(__linux__)
  if (cpu::matrix_unit_granted()) {
    if (is("dot_bf16_amx")) return arithmetic(dot_bf16_tiles, kIterations / 4, threads);
    if (is("dot_i8_amx")) return arithmetic(dot_i8_tiles, kIterations / 4, threads);
  }
#endif
#else
  if (is("fma_f32_neon")) return arithmetic(neon::fma_f32, kIterations, threads);
  if (is("fma_f64_neon")) return arithmetic(neon::fma_f64, kIterations, threads);
#endif
  if (is("cache_read_l1_16k")) return cache_read(k, 4096, 20'000, threads);
  if (is("cache_read_l2_512k")) return cache_read(k, 131'072, 500, threads);
  if (is("cache_read_l3_6m")) return cache_read(k, 1'572'864, 40, threads);
  if (std::strncmp(name, "mem_", 4) == 0) return memory(k, name + 4, threads);
  return NAN;
}

}  // namespace sinter
