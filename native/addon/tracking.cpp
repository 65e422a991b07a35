// The net under tensors that nobody disposes of. A weak reference whose object was collected reads as null at once, even in
// a synchronous loop where finalizers cannot run; so the list is polled, and V8 is told of external bytes so that it collects.
#include "addon/env.h"
#include "addon/values.h"

namespace sinter::addon {

namespace {

// track(object, key)
napi_value track(napi_env env, napi_callback_info info) {
  Args<2> a(env, info);
  Tracked t{nullptr, a.u32(1)};
  if (napi_create_reference(env, a.v[0], 0, &t.object) == napi_ok) env_of(env).tracked.push_back(t);
  return nullptr;
}

// adjustExternalMemory(bytes)
napi_value adjust(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  int64_t total = 0;
  napi_adjust_external_memory(env, static_cast<int64_t>(a.number(0)), &total);
  return make_number(env, static_cast<double>(total));
}

// poll(keys: Uint32Array) -> how many keys of collected objects were written; call again when it filled the array.
napi_value poll(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  void* data = nullptr;
  size_t bytes = 0;
  if (!a.bytes(0, &data, &bytes)) return nullptr;
  auto* keys = static_cast<uint32_t*>(data);
  const size_t room = bytes / sizeof(uint32_t);
  auto& tracked = env_of(env).tracked;
  size_t dead = 0, kept = 0;
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  for (size_t i = 0; i < tracked.size(); i++) {
    if (i % 1024 == 1023) {  // bounded handle memory
      napi_close_handle_scope(env, scope);
      napi_open_handle_scope(env, &scope);
    }
    napi_value object = nullptr;
    if (dead < room) napi_get_reference_value(env, tracked[i].object, &object);
    if (object || dead == room) {
      tracked[kept++] = tracked[i];
      continue;
    }
    napi_delete_reference(env, tracked[i].object);
    keys[dead++] = tracked[i].key;
  }
  napi_close_handle_scope(env, scope);
  tracked.resize(kept);
  return make_number(env, static_cast<double>(dead));
}

}  // namespace

void register_tracking(napi_env env, napi_value exports) {
  set_function(env, exports, "track", track);
  set_function(env, exports, "adjustExternalMemory", adjust);
  set_function(env, exports, "poll", poll);
}

}  // namespace sinter::addon
