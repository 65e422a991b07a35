// maxPoolBackward: g, indices i64 or i32 -> gx (..., spatial) {r}: each g is added where its maximum was; maxUnpool: the same, but
// a value replaces what stands there. Place in the whole: the gradient of max_pool.cpp and irregular_max.cpp, and the way
// back from them. A task owns whole planes, so additions to one element have one order.
#include "cpu/pool/sweep.h"
#include "cpu/simd/streaming.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kPlaneBytes = 64 << 10;  // up to here a plane is made in a cache before it is written past them

// As stream_run, and leaves zeros for the next plane.
template <class T>
void stream_and_clear(T* values, int64_t n, T* to) {
  constexpr int kL = kLanes<T>;
  int64_t i = streaming_head(to, n);
  for (int64_t k = 0; k < i; k++) to[k] = values[k], values[k] = 0;
  for (; i + kL <= n; i += kL) {
    put_streaming(to + i, load(values + i));
    store(values + i, Vec<T>{});
  }
  for (; i < n; i++) to[i] = values[i], values[i] = 0;
}

// Sixteen elements are fetched: one line of four-byte ones.
template <class T>
SINTER_INLINE void fetch_line(const T* p) {
  __builtin_prefetch(p);
  if constexpr (sizeof(T) == 8) __builtin_prefetch(p + 8);
}

template <class S, class At, bool kAdd>
void scatter_planes(const Call& c, const char* op) {
  using T = std::conditional_t<kAdd, Compute<S>, S>;
  const TensorRef &g = c.in[0], &gx = c.out[0];
  const At* indices = c.in[1].as<At>();
  int64_t plane = Extent(gx, static_cast<int>(c.int_attr(0))).size(), planes = gx.numel / plane;
  int64_t outputs = g.numel / planes, grain = std::max<int64_t>(1, 32768 / (plane + 2 * outputs));
  bool outside = false;
  // bf16 and f16 are summed in f32 beside the plane.
  const bool stream =
      std::is_same_v<S, T> && streams(gx.as<S>(), gx.numel) && plane * static_cast<int64_t>(sizeof(T)) <= kPlaneBytes;
  const bool beside = stream || !std::is_same_v<S, T>;
  Workplaces places(c, beside ? plane * sizeof(T) : 0, ceil_div(planes, grain));
  parallel_for(planes, grain, [&](int64_t begin, int64_t end) {
    int64_t place = places.claim();
    if (stream) std::memset(places.memory(place), 0, plane * sizeof(T));
    for (int64_t i = begin; i < end; i++) {
      S* out = gx.as<S>() + i * plane;
      T* values = beside ? reinterpret_cast<T*>(places.memory(place)) : reinterpret_cast<T*>(out);
      if (!stream) std::memset(static_cast<void*>(values), 0, plane * sizeof(T));
      const auto put_one = [&](int64_t j) __attribute__((always_inline)) {
        if (static_cast<uint64_t>(static_cast<int64_t>(indices[j])) < static_cast<uint64_t>(plane)) [[likely]] {
          if constexpr (kAdd)
            values[indices[j]] += to_compute(g.as<S>()[j]);
          else
            values[indices[j]] = g.as<S>()[j];
        } else {
          __atomic_store_n(&outside, true, __ATOMIC_RELAXED);
        }
      };
      int64_t j = i * outputs;
      // Neighbouring windows often share their maximum, and an addition to it waits for the one before: four parts of the plane
      // take turns, while the next plane's operands are fetched in their order, which the processor cannot guess from eight
      // streams. What replaces keeps the order, as the last one stays.
      if constexpr (kAdd) {
        const int64_t part = outputs / 4, begin_of_plane = j;
        for (int64_t k = 0; k < part; k++, j++) {
          if (k % 4 == 0) {
            fetch_line(indices + begin_of_plane + outputs + 4 * k);
            fetch_line(g.as<S>() + begin_of_plane + outputs + 4 * k);
          }
          for (int q = 0; q < 4; q++) put_one(j + q * part);
        }
        j += 3 * part;
      }
      for (; j < (i + 1) * outputs; j++) put_one(j);
      if constexpr (sizeof(S) >= 4) {
        if (stream) stream_and_clear(values, plane, out);
      } else if constexpr (!std::is_same_v<S, T>) {
        for (int64_t j = 0; j < plane; j++) out[j] = narrow<S>(values[j]);
      }
    }
    end_streaming(stream);
    places.release(place);
  });
  if (outside)
    fail(ErrorCode::index_out_of_range, "%s: an index lies outside of a plane of %lld elements", op,
         static_cast<long long>(plane));
}

template <bool kAdd>
void scatter(const Call& c, const char* op) {
  const TensorRef& gx = c.out[0];
  if (gx.numel == 0) return;
  const bool known = with_float_type(gx.dtype, [&](auto zero) {
    if (c.in[1].dtype == DType::i32)
      scatter_planes<decltype(zero), int32_t, kAdd>(c, op);
    else
      scatter_planes<decltype(zero), int64_t, kAdd>(c, op);
  });
  if (!known) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", op, dtype_name(gx.dtype));
}

}  // namespace

void maxPoolBackward(const Call& c) { scatter<true>(c, "maxPoolBackward"); }
void maxUnpool(const Call& c) { scatter<false>(c, "maxUnpool"); }

}  // namespace sinter::cpu::SINTER_ISA
