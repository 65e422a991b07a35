// maxPool2dBackward: g (n, c, oh, ow), indices i64 (n, c, oh, ow) -> gx (n, c, h, w): each g is added where its maximum
// was. Place in the whole: the gradient of max_pool.cpp. A task owns whole planes, so additions to one element have one
// order.
#include <algorithm>

#include "cpu/conv/problem.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class S>
void max_pool_backward(const Call& c) {
  using T = Compute<S>;
  const TensorRef &g = c.in[0], &gx = c.out[0];
  const int64_t* indices = c.in[1].as<int64_t>();
  int64_t plane = gx.dim(-2) * gx.dim(-1), planes = gx.numel / plane, outputs = g.numel / planes;
  int64_t grain = std::max<int64_t>(1, 32768 / (plane + 2 * outputs));
  bool outside = false;
  // bf16 and f16 are summed in f32 beside the plane.
  Workplaces places(c, std::is_same_v<S, T> ? 0 : plane * sizeof(T), ceil_div(planes, grain));
  parallel_for(planes, grain, [&](int64_t begin, int64_t end) {
    int64_t place = places.claim();
    for (int64_t i = begin; i < end; i++) {
      S* out = gx.as<S>() + i * plane;
      T* sums = std::is_same_v<S, T> ? reinterpret_cast<T*>(out) : reinterpret_cast<T*>(places.memory(place));
      std::memset(sums, 0, plane * sizeof(T));
      for (int64_t j = i * outputs; j < (i + 1) * outputs; j++) {
        if (static_cast<uint64_t>(indices[j]) < static_cast<uint64_t>(plane)) [[likely]]
          sums[indices[j]] += widen(g.as<S>()[j]);
        else
          __atomic_store_n(&outside, true, __ATOMIC_RELAXED);
      }
      if constexpr (!std::is_same_v<S, T>)
        for (int64_t j = 0; j < plane; j++) out[j] = narrow<S>(sums[j]);
    }
    places.release(place);
  });
  if (outside)
    fail(ErrorCode::index_out_of_range, "maxPool2dBackward: an index lies outside of a plane of %lld elements",
         static_cast<long long>(plane));
}

}  // namespace

void maxPool2dBackward(const Call& c) {
  const TensorRef& gx = c.out[0];
  if (gx.numel == 0) return;
  if (!with_float_type(gx.dtype, [&](auto zero) { max_pool_backward<decltype(zero)>(c); }))
    fail(ErrorCode::unsupported, "maxPool2dBackward: dtype %s is not supported on cpu", dtype_name(gx.dtype));
}

}  // namespace sinter::cpu::SINTER_ISA
