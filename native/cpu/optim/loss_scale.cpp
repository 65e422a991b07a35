// unscaleEach, updateScale: dynamic loss scaling (Micikevicius et al., "Mixed precision training", 2018) as torch.amp.GradScaler
// defines it, without reading anything back. Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   unscaleEach  (g, scale (), found ())*: g /= scale, in place; found, one for all groups, becomes 1 if any element was
//                infinite or NaN, and stays as it is otherwise. scale and found f32
//   updateScale  scale () f32, tracker () f32, found () f32 {growth, backoff, interval}:
//                found != 0  scale *= backoff, tracker = 0
//                else        tracker += 1; at the interval: scale *= growth (unless that is infinite), tracker = 0
#include <atomic>

#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int kGroup = 3;

// g *= inverse; whether all of g was finite.
template <class T>
bool unscale(T* g, int64_t n, Compute<T> inverse) {
  using C = Compute<T>;
  Vec<C> nothing{};  // x - x: zero, or a NaN that stays
  each_step<T>(n, [&](int64_t i, auto part) {
    const Vec<C> v = get(part, g + i);
    nothing += v - v;
    put(part, g + i, v * inverse);
  });
  return reduce_add<C>(nothing) == C(0);
}

}  // namespace

void unscaleEach(const Call& c) {
  if (c.nin == 0) return;
  for (int i = 0; i < c.nin; i += kGroup)
    if (!is_floating(c.in[i].dtype))
      fail(ErrorCode::unsupported, "unscaleEach: dtype %s is not supported on cpu", dtype_name(c.in[i].dtype));
  // PyTorch's inverse: the quotient in f64, rounded to f32.
  const auto inverse = static_cast<float>(1.0 / read_any(c.in[1], 0));
  std::atomic<bool> bad{false};
  each_group_piece(c, kGroup, [inverse, &bad](const TensorRef* t, int64_t begin, int64_t end) {
    with_floating(t->dtype, "unscaleEach", [&](auto element) {
      using T = decltype(element);
      if (!unscale(t->as<T>() + begin, end - begin, Compute<T>(inverse))) bad.store(true, std::memory_order_relaxed);
    });
  });
  if (bad) write_any(c.in[2], 0, 1);
}

void updateScale(const Call& c) {
  const double scale = read_any(c.in[0], 0);
  if (read_any(c.in[2], 0) != 0) {
    write_any(c.in[0], 0, scale * c.attr[1]);
    write_any(c.in[1], 0, 0);
    return;
  }
  const double successes = read_any(c.in[1], 0) + 1;
  const bool grows = successes == c.attr[2];
  const auto grown = static_cast<float>(scale * c.attr[0]);
  if (grows && std::isfinite(grown)) write_any(c.in[0], 0, grown);
  write_any(c.in[1], 0, grows ? 0 : successes);
}

}  // namespace sinter::cpu::SINTER_ISA
