// attentionBackward. Place in the whole: kernel of native/ops.def, compiled once per instruction set; backward.h has the computation.
#include "cpu/attention/backward.h"
#include "cpu/attention/wide.h"

namespace sinter::cpu::SINTER_ISA {

void attentionBackward(const Call& c) {
  with_floating(c.in[3].dtype, "attentionBackward", [&](auto t) { run_backward<Wide<decltype(t)>>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
