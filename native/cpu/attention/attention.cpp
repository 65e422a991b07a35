// attention: y = softmax(scale q k^T) v, lse = log sum exp of the scores. Place in the whole: kernels of native/ops.def, compiled once
// per instruction set: few queries by decode.h, others by forward.h; problem.h describes the operands.
#include "cpu/attention/decode.h"
#include "cpu/attention/forward.h"
#include "cpu/attention/pages.h"
#include "cpu/attention/wide.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
void attention_forward(const Call& c, const Problem& p, Compute<T>* lse) {
  if (Decode<T>::takes(p)) return Decode<T>{p, HeadRows(c.out[0].data, p.h, p.t, p.e, p.by_rows), lse}.run(c);
  run_forward<Wide<T>>(c, p, lse);
}

}  // namespace

void attentionFactors(const Call& c) {
  const TensorRef& y = c.out[0];
  if (y.dtype != DType::f32 && y.dtype != DType::f64)
    fail(ErrorCode::unsupported, "attentionFactors: dtype %s is not supported on cpu", dtype_name(y.dtype));
  if (y.numel == 0) return;
  with_floating(y.dtype, "attentionFactors", [&](auto zero) {
    using C = Compute<decltype(zero)>;
    const int64_t s = y.dim(3), n = ceil_div(s, kKeysPerDraw);
    const auto seed_low = static_cast<uint32_t>(c.int_attr(1)), seed_high = static_cast<uint32_t>(c.int_attr(2));
    const auto threshold = drop_threshold(c.attr[0]), offset = static_cast<uint64_t>(c.int_attr(3));
    const C kept = static_cast<C>(kept_factor(threshold));
    parallel_for(y.numel / s, grain_of(4 * s), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++)
        for (int64_t draw = 0; draw < n; draw++) {
          const PhiloxBlock words = philox(seed_low, seed_high, offset + static_cast<uint64_t>(row * n + draw));
          C* to = y.as<C>() + row * s + draw * kKeysPerDraw;
          for (int64_t k = 0; k < std::min(kKeysPerDraw, s - draw * kKeysPerDraw); k++)
            to[k] = (words.w[k / 2] >> (k % 2 * 16) & 0xffff) >= threshold ? kept : C(0);
        }
    });
  });
}

void attention(const Call& c) {
  const Problem p(c, "attention", c.in, c.nin);
  if (c.out[0].numel == 0 && c.out[1].numel == 0) return;
  with_floating(c.in[0].dtype, "attention", [&](auto t) {
    using T = decltype(t);
    attention_forward<T>(c, p, c.out[1].as<Compute<T>>());
  });
}

void pagedAttention(const Call& c) {
  const Problem p = paged_problem(c);
  if (c.out[0].numel == 0) return;
  with_floating(c.in[0].dtype, "pagedAttention", [&](auto t) {
    using T = decltype(t);
    attention_forward<T>(c, p, c.scratch_of<Compute<T>>(p.b * p.h * p.t));
  });
}

}  // namespace sinter::cpu::SINTER_ISA
