// What was chosen and why, memory, threads and peaks.
#include "addon/env.h"
#include "addon/values.h"
#include "cpu/dispatch.h"
#include "cpu/peak.h"
#include "cpu/threads/pool.h"

namespace sinter::addon {

namespace {

napi_value info(napi_env env, napi_callback_info) {
  try {
    const cpu::IsaChoice& isa = cpu::isa_choice();
    napi_value o;
    napi_create_object(env, &o);
    set_value(env, o, "isa", make_string(env, isa.name));
    set_value(env, o, "isaReason", make_string(env, isa.reason));
    set_value(env, o, "isaSupported", make_string(env, isa.supported));
    set_value(env, o, "kernels", make_string(env, isa.kernels));
    set_value(env, o, "threads", make_number(env, pool_threads()));
    set_value(env, o, "affinity", make_string(env, pool_affinity()));
    set_value(env, o, "compiler", make_string(env, __VERSION__));
    set_value(env, o, "reference", make_number(env, reference_backend() ? 1 : 0));
    return o;
  } catch (const Error& error) {
    napi_throw(env, make_error(env, error));
    return nullptr;
  }
}

napi_value memory(napi_env env, napi_callback_info) { return make_memory(env, Allocator::host().stats()); }

napi_value set_memory_limit(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  Allocator::host().set_limit(static_cast<uint64_t>(a.number(0)));
  return nullptr;
}

napi_value empty_cache(napi_env env, napi_callback_info) {
  return make_number(env, static_cast<double>(Allocator::host().empty_cache()));
}

napi_value reset_peak(napi_env, napi_callback_info) {
  Allocator::host().reset_peak();
  return nullptr;
}

napi_value threads(napi_env env, napi_callback_info) { return make_number(env, pool_threads()); }

napi_value set_threads(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  pool_set_threads(static_cast<int>(a.u32(0)));
  return nullptr;
}

// measurePeak(name, threads) -> GFLOP/s or GB/s; 0 when the name is unknown on this machine. Blocks for some tens of ms.
napi_value peak(napi_env env, napi_callback_info info) {
  Args<2> a(env, info);
  return make_number(env, measure_peak(a.string(0).c_str(), static_cast<int>(a.u32(1))));
}

}  // namespace

napi_value make_memory(napi_env env, const MemoryStats& m) {
  napi_value o;
  napi_create_object(env, &o);
  const std::pair<const char*, uint64_t> fields[] = {
      {"live", m.live},   {"cached", m.cached},           {"peak", m.peak},         {"reserved", m.reserved},
      {"limit", m.limit}, {"allocations", m.allocations}, {"blocks", m.live_blocks}};
  for (const auto& [name, value] : fields) set_value(env, o, name, make_number(env, static_cast<double>(value)));
  return o;
}

void register_info(napi_env env, napi_value exports) {
  set_function(env, exports, "info", info);
  set_function(env, exports, "memory", memory);
  set_function(env, exports, "setMemoryLimit", set_memory_limit);
  set_function(env, exports, "emptyCache", empty_cache);
  set_function(env, exports, "resetPeak", reset_peak);
  set_function(env, exports, "threads", threads);
  set_function(env, exports, "setThreads", set_threads);
  set_function(env, exports, "measurePeak", peak);
}

}  // namespace sinter::addon
