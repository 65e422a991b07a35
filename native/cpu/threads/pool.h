// The process's one thread pool. Place in the whole: kernels call parallel_for; nothing else starts compute threads.
// The caller is one of the threads; it waits for claimed ranges only, so a descheduled helper delays its own range,
// not the others. A second caller (another Node thread) runs its loop serially instead of waiting.
#pragma once
#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace sinter {

int pool_threads();            // threads that a parallel_for may use, the caller included
void pool_set_threads(int n);  // 1 .. 256; holds from the next parallel_for on

// How the helper threads are placed and why, for engine.info(): "none: 2 threads of 4 cores". Valid until the next
// call.
const char* pool_affinity();

using RangeFn = void (*)(void* context, int64_t begin, int64_t end);
void pool_run(int64_t n, int64_t grain, RangeFn fn, void* context);

// Calls f(begin, end) over [0, n) in ranges of `grain` (the last may be shorter), on any thread, in any order. Ranges
// do not depend on the number of threads, so what is computed per range is reproducible. f must not throw. Serial
// when n <= grain.
template <class F>
inline void parallel_for(int64_t n, int64_t grain, F&& f) {
  if (n <= 0) return;
  using Fn = std::remove_reference_t<F>;
  pool_run(
      n, grain, [](void* context, int64_t begin, int64_t end) { (*static_cast<Fn*>(context))(begin, end); },
      const_cast<void*>(static_cast<const void*>(&f)));
}

// The grain of n elements (or bytes) where `worth` of them pay for waking a thread: once it is awake shorter ranges do, with which
// threads end together.
inline int64_t shared_grain(int64_t n, int64_t worth) { return n > worth ? std::max<int64_t>(1, worth / 4) : worth; }

// The same for an element-wise pass, and longer where memory is what is waited for. Threads that work on neighbouring stretches of an
// array meet in the same rows of DRAM: measured, 88 GB/s with ranges of 64 KB and 106 with 2 MB.
inline int64_t streaming_grain(int64_t n, int64_t worth) {
  constexpr int64_t kRanges = 128, kLongest = 1 << 19;
  const int64_t least = shared_grain(n, worth);
  return std::clamp(n / kRanges, least, std::max(least, kLongest));
}

}  // namespace sinter
