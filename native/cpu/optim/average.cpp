// lerpEach: running averages of many tensors; centralizeEach: gradients without their rows' means. Place in the whole:
// kernels of native/ops.def, compiled once per instruction set: one pass over all tensors each.
//   lerpEach        (average, value)* {weight}: average += weight (value - average); an average in f32 takes values in bf16
//                   and f16, too
//   centralizeEach  (g (n, ...))*: g[i] -= mean(g[i]) (Yong et al., "Gradient centralization", 2020)
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int kAverageOperands = 2;

template <class T, class G>
void lerp_all(const Call& c) {
  using C = Compute<T>;
  const C weight = static_cast<C>(c.attr[0]);
  const bool whole = c.attr[0] == 1;
  each_group_piece(c, kAverageOperands, [=](const TensorRef* t, int64_t begin, int64_t end) {
    T* average = t[kParameter].as<T>() + begin;
    const G* value = t[kGradient].as<G>() + begin;
    each_step<T>(end - begin, [&](int64_t i, auto part) {
      const Vec<C> v = get(part, value + i), a = get(part, average + i);
      put(part, average + i, whole ? v : a + weight * (v - a));
    });
  });
}

template <class T>
void centralize(T* g, int64_t n) {
  const double total = row_sum<T>(n, [&](int64_t i, auto part) { return get(part, g + i); });
  const Compute<T> mean = static_cast<Compute<T>>(total / static_cast<double>(n));
  each_step<T>(n, [&](int64_t i, auto part) { put(part, g + i, get(part, g + i) - mean); });
}

int64_t rows_of(const TensorRef& t) { return t.numel == 0 || t.rank == 0 ? 0 : t.dim(0); }

}  // namespace

void lerpEach(const Call& c) {
  with_parameters(c, "lerpEach", kAverageOperands, 0, [&](auto t, auto g) { lerp_all<decltype(t), decltype(g)>(c); });
}

void centralizeEach(const Call& c) {
  if (c.nin == 0) return;
  int64_t elements = 0;
  for (int i = 0; i < c.nin; i++) {
    if (!is_floating(c.in[i].dtype))
      fail(ErrorCode::unsupported, "centralizeEach: dtype %s is not supported on cpu", dtype_name(c.in[i].dtype));
    elements += c.in[i].numel;
  }
  int64_t* starts = c.scratch_of<int64_t>(c.nin + 1);
  starts[0] = 0;
  for (int i = 0; i < c.nin; i++) starts[i + 1] = starts[i] + rows_of(c.in[i]);
  const int64_t tensors = c.nin, rows = starts[tensors];
  if (rows == 0) return;
  const TensorRef* in = c.in;
  parallel_for(rows, grain_of(elements / rows), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t tensor = last_at_or_below(starts, tensors, i);
      const TensorRef& t = in[tensor];
      const int64_t n = t.numel / t.dim(0);
      with_floating(t.dtype, "centralizeEach", [&](auto element) {
        using T = decltype(element);
        centralize(t.as<T>() + (i - starts[tensor]) * n, n);
      });
    }
  });
}

}  // namespace sinter::cpu::SINTER_ISA
