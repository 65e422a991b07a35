/* Operators from outside: what a shared object offers so that Sinter can run its kernels. Place in the whole: the one header that
 * such a library includes; plain C, so that any compiler and language can make one. TypeScript (defineOperator) adds shape rule
 * and gradient.
 *
 *   #include "sinter_operator.h"
 *
 *   static const char* axpy(const sinter_call* call) {
 *     const float *x = call->in[0].data, *y = call->in[1].data;
 *     float* out = call->out[0].data;
 *     for (int64_t i = 0; i < call->out[0].numel; i++) out[i] = (float)call->attributes[0] * x[i] + y[i];
 *     return NULL;
 *   }
 *   static const sinter_operator operators[] = {{"axpy", axpy, SINTER_CONTIGUOUS}};
 *   SINTER_EXPORT_OPERATORS(operators)
 */
#ifndef SINTER_OPERATOR_H
#define SINTER_OPERATOR_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SINTER_OPERATOR_ABI 1

/* Element types; bf16 and f16 are their bits, bool is a byte of 0 or 1, complex numbers are pairs. */
enum {
  SINTER_F32,
  SINTER_F64,
  SINTER_BF16,
  SINTER_F16,
  SINTER_I32,
  SINTER_I64,
  SINTER_U8,
  SINTER_I8,
  SINTER_BOOL,
  SINTER_C64,
  SINTER_C128
};

typedef struct sinter_tensor {
  void* data; /* first element; NULL when there is none */
  int64_t numel;
  const int64_t* dims;    /* rank of them */
  const int64_t* strides; /* in elements; 0 where a dimension is broadcast */
  int32_t rank;           /* -1: the operand is absent */
  int32_t dtype;
} sinter_tensor;

typedef struct sinter_call {
  const sinter_tensor* in;
  const sinter_tensor* out; /* fresh, contiguous, uninitialised */
  const double* attributes;
  int32_t in_count, out_count, attribute_count;
  /* 64-byte aligned memory until the kernel returns; NULL when there is none. On the kernel's own thread only. Under SINTER_DEBUG=guard
   * it is aligned as far as 64 divides its size. */
  void* (*scratch)(const struct sinter_call* call, size_t bytes);
  /* body(state, begin, end) over pieces of [0, n) of at least `grain`, on Sinter's threads; returns when all are done. */
  void (*parallel_for)(const struct sinter_call* call, int64_t n, int64_t grain,
                       void (*body)(void* state, int64_t begin, int64_t end), void* state);
  void* context; /* Sinter's */
} sinter_call;

/* Computes the results. Returns NULL, or a message (static, or living until the next call on this thread): the results are then
 * poisoned with it. It must not throw, exit, or keep pointers of the call. */
typedef const char* (*sinter_kernel)(const sinter_call* call);

#define SINTER_CONTIGUOUS 1u /* hand over contiguous copies of strided operands */

typedef struct sinter_operator {
  const char* name;
  sinter_kernel kernel;
  uint32_t flags;
} sinter_operator;

typedef struct sinter_operator_list {
  uint32_t abi; /* SINTER_OPERATOR_ABI */
  uint32_t count;
  const sinter_operator* operators;
} sinter_operator_list;

#if defined(__GNUC__)
#define SINTER_VISIBLE __attribute__((visibility("default")))
#else
#define SINTER_VISIBLE
#endif

/* The function that Sinter looks for. */
SINTER_VISIBLE const sinter_operator_list* sinter_operators(void);

#define SINTER_EXPORT_OPERATORS(array)                                                                         \
  const sinter_operator_list* sinter_operators(void) {                                                         \
    static const sinter_operator_list list = {SINTER_OPERATOR_ABI, sizeof(array) / sizeof((array)[0]), array}; \
    return &list;                                                                                              \
  }

#ifdef __cplusplus
}
#endif
#endif
