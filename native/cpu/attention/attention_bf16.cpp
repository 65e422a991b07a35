// attention, pagedAttention and attentionBackward of bf16 by pairs. Place in the whole: this set's kernels replace avx512's where the processor has AVX512-BF16; other types,
// and few queries, which are bound by reading keys and values, go on to those.
#include "cpu/attention/attention_bf16.h"

#include "cpu/attention/backward.h"
#include "cpu/attention/decode.h"
#include "cpu/attention/forward.h"
#include "cpu/attention/pages.h"
#include "cpu/attention/pairs.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// The kernels that these are put in front of. Set once, before any call.
Kernel wide_attention, wide_paged, wide_attention_backward;

void attention_bf16(const Call& c) {
  if (c.in[0].dtype != DType::bf16 || c.out[0].numel == 0) return wide_attention(c);
  const Problem p(c, "attention", c.in, c.nin);
  if (Decode<bf16>::takes(p)) return wide_attention(c);
  run_forward<Pairs>(c, p, c.out[1].as<float>());
}

void paged_bf16(const Call& c) {
  if (c.in[0].dtype != DType::bf16 || c.out[0].numel == 0) return wide_paged(c);
  const Problem p = paged_problem(c);
  if (Decode<bf16>::takes(p)) return wide_paged(c);
  run_forward<Pairs>(c, p, c.scratch_of<float>(p.b * p.h * p.t));
}

void backward_bf16(const Call& c) {
  c.in[3].dtype == DType::bf16 ? run_backward<Pairs>(c) : wide_attention_backward(c);
}

}  // namespace

void override_attention(Kernel* attention, Kernel* paged, Kernel* backward) {
  wide_attention = *attention;
  wide_paged = *paged;
  *attention = attention_bf16;
  *paged = paged_bf16;
  wide_attention_backward = *backward;
  *backward = backward_bf16;
}

}  // namespace sinter::cpu::SINTER_ISA
