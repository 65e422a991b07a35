// Kernels that do what no kernel may. Place in the whole: guard.test.ts calls them with and without SINTER_DEBUG=guard, to show that
// the guard sees what would otherwise pass.
#include "sinter_operator.h"

static const char* read_past_operand(const sinter_call* call) {
  const float* x = call->in[0].data;
  *(float*)call->out[0].data = x[call->in[0].numel];
  return NULL;
}

static const char* read_past_scratch(const sinter_call* call) {
  const volatile float* x = call->scratch(call, 13 * sizeof(float));
  *(float*)call->out[0].data = x[13];
  return NULL;
}

static const char* write_past_result(const sinter_call* call) {
  ((volatile char*)call->out[0].data)[sizeof(float)] = 1;
  return NULL;
}

static const char* write_before_result(const sinter_call* call) {
  ((volatile char*)call->out[0].data)[-1] = 1;
  return NULL;
}

// The operand of the call before, which is freed by now.
static const char* read_freed(const sinter_call* call) {
  static const volatile float* last;
  *(float*)call->out[0].data = last ? *last : 0;
  last = call->in[0].data;
  return NULL;
}

static const sinter_operator operators[] = {
    {"read_past_operand", read_past_operand, SINTER_CONTIGUOUS},
    {"read_past_scratch", read_past_scratch, SINTER_CONTIGUOUS},
    {"write_past_result", write_past_result, SINTER_CONTIGUOUS},
    {"write_before_result", write_before_result, SINTER_CONTIGUOUS},
    {"read_freed", read_freed, SINTER_CONTIGUOUS},
};
SINTER_EXPORT_OPERATORS(operators)
