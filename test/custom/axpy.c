// A library of operators as a user would write it: test/custom/operator.test.ts compiles and loads it.
#include "sinter_operator.h"

typedef struct {
  const sinter_call* call;
} state_t;

static void axpy_f32(void* state, int64_t begin, int64_t end) {
  const sinter_call* c = ((state_t*)state)->call;
  const float *x = c->in[0].data, *y = c->in[1].data;
  float* out = c->out[0].data;
  const float a = (float)c->attributes[0];
  for (int64_t i = begin; i < end; i++) out[i] = a * x[i] + y[i];
}

static void axpy_f64(void* state, int64_t begin, int64_t end) {
  const sinter_call* c = ((state_t*)state)->call;
  const double *x = c->in[0].data, *y = c->in[1].data;
  double* out = c->out[0].data;
  for (int64_t i = begin; i < end; i++) out[i] = c->attributes[0] * x[i] + y[i];
}

// out = a x + y
static const char* axpy(const sinter_call* call) {
  state_t state = {call};
  if (call->in[0].dtype == SINTER_F32)
    call->parallel_for(call, call->out[0].numel, 1024, axpy_f32, &state);
  else if (call->in[0].dtype == SINTER_F64)
    call->parallel_for(call, call->out[0].numel, 1024, axpy_f64, &state);
  else
    return "takes f32 or f64";
  return NULL;
}

// The running sum of a vector, through scratch, to have used it.
static const char* running(const sinter_call* call) {
  const double* x = call->in[0].data;
  double* out = call->out[0].data;
  double* copy = call->scratch(call, (size_t)call->in[0].numel * sizeof(double));
  if (!copy) return "no memory";
  double sum = 0;
  for (int64_t i = 0; i < call->in[0].numel; i++) copy[i] = sum += x[i];
  for (int64_t i = 0; i < call->in[0].numel; i++) out[i] = copy[i];
  return NULL;
}

static const sinter_operator operators[] = {
    {"axpy", axpy, SINTER_CONTIGUOUS},
    {"running", running, SINTER_CONTIGUOUS},
};
SINTER_EXPORT_OPERATORS(operators)
