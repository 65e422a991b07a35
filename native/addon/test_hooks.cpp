// What only test builds have: the reference backend, fault injection, and the reports of instrumented builds.
#include "addon/env.h"
#include "addon/values.h"
#include "cpu/dispatch.h"
#include "cpu/threads/loan.h"
#include "cuda/runtime/queue.h"
#include "cuda/runtime/registry.h"

#ifdef SINTER_COVERAGE
extern "C" void __gcov_dump();
extern "C" void __gcov_reset();
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace sinter {
#ifdef SINTER_TEST
namespace reference {
#define OP(name, code, group, mutates, contiguous) void name(const Call&);
#include "ops.def"
#undef OP
}  // namespace reference
#ifdef SINTER_HAS_AVX2PAIRS
namespace cpu::avx2pairs {
void override_table(Kernel*);
}
namespace cpu::avx2amxint8 {
void override_table(Kernel*);
}
namespace cpu::avx2amxbf16 {
void override_table(Kernel*);
}
#endif
#endif

namespace addon {

#ifdef SINTER_TEST
namespace {

const Backend* make_reference_backend() {
  static Kernel table[kMaxOpcode] = {};
#define OP(name, code, group, mutates, contiguous) table[code] = reference::name;
#include "ops.def"
#undef OP
  static const Backend backend{"reference", table,
                               [](int64_t n, int64_t, void (*body)(void*, int64_t, int64_t), void* state) {
                                 if (n > 0) body(state, 0, n);
                               }};
  return &backend;
}

// injectAllocationFailure(n, minBytes): the n-th allocation of at least minBytes from now fails; 0 switches it off.
napi_value inject(napi_env env, napi_callback_info info) {
  Args<2> a(env, info);
  Allocator::host().inject_failure(static_cast<int64_t>(a.number(0)), static_cast<uint64_t>(a.number(1)));
  return nullptr;
}

// cudaOperators(): the operators that CUDA has a form of, as opcodes.
napi_value cuda_operators(napi_env env, napi_callback_info) {
  const Kernel* kernels = cuda::registered_kernels();
  napi_value list;
  napi_create_array(env, &list);
  uint32_t n = 0;
  for (int opcode = 0; opcode < kMaxOpcode; opcode++)
    if (kernels[opcode]) napi_set_element(env, list, n++, make_number(env, opcode));
  return list;
}

// cudaReads(): how often something waited to read from a device.
napi_value cuda_reads(napi_env env, napi_callback_info) {
  return make_number(env, static_cast<double>(cuda::Queue::reads()));
}

// lentCores(): of the pool's, now.
napi_value lent_cores(napi_env env, napi_callback_info) { return make_number(env, pool_lent_cores()); }

// report(): what an instrumented build does at exit, now: the runner kills its workers, which then never come to it. Writes the
// counts of coverage; returns whether LeakSanitizer found anything.
napi_value report(napi_env env, napi_callback_info) {
  bool leaks = false;
#ifdef SINTER_COVERAGE
  __gcov_dump();
  __gcov_reset();
#endif
#ifdef __SANITIZE_ADDRESS__
  leaks = __lsan_do_recoverable_leak_check() != 0;
#endif
  napi_value result;
  napi_get_boolean(env, leaks, &result);
  return result;
}

}  // namespace

void register_test_hooks(napi_env env, napi_value exports) {
  set_reference_backend(make_reference_backend());
#ifdef SINTER_HAS_AVX2PAIRS
  cpu::add_test_isa("avx2pairs", "avx2", cpu::avx2pairs::override_table);
  cpu::add_test_isa("avx2amx", "avx2", [](Kernel* table) {
    cpu::avx2amxint8::override_table(table);
    cpu::avx2amxbf16::override_table(table);
  });
#endif
  set_function(env, exports, "injectAllocationFailure", inject);
  set_function(env, exports, "cudaOperators", cuda_operators);
  set_function(env, exports, "cudaReads", cuda_reads);
  set_function(env, exports, "lentCores", lent_cores);
  set_function(env, exports, "report", report);
}
#else
void register_test_hooks(napi_env, napi_value) {}
#endif

}  // namespace addon
}  // namespace sinter
