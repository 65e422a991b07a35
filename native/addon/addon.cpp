// Module entry. Place in the whole: the thin skin between N-API and the engine; everything else of it is in this folder.
#include <napi.h>

#include "addon/env.h"
#include "addon/values.h"

namespace sinter::addon {

Env& env_of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return *static_cast<Env*>(data);
}

void Env::close() {
  for (OpenStream& s : streams) s.stream.reset();
  if (completions_) napi_release_threadsafe_function(completions_, napi_tsfn_abort);
  completions_ = nullptr;
}

napi_value make_error(napi_env env, const Error& error) {
  napi_value result;
  napi_create_error(env, make_string(env, error_code_name(error.code)), make_string(env, error.message), &result);
  return result;
}

napi_value make_error(napi_env env, const ErrorInfo& info) {
  napi_value result = make_error(env, Error{info.code, info.message});
  set_value(env, result, "op", make_string(env, info.op));
  set_value(env, result, "origin", make_number(env, info.origin));
  return result;
}

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* instance = new Env(env);
  napi_set_instance_data(env, instance, [](napi_env, void* data, void*) { delete static_cast<Env*>(data); }, nullptr);
  // Runs before the environment's own teardown, while its functions still work.
  napi_add_env_cleanup_hook(env, [](void* data) { static_cast<Env*>(data)->close(); }, instance);
  exports.Set("opsHash", Napi::String::New(env, SINTER_OPS_HASH));
  register_streams(env, exports);
  register_readback(env, exports);
  register_tracking(env, exports);
  register_images(env, exports);
  register_info(env, exports);
  register_cuda(env, exports);
  register_tuning(env, exports);
  register_vendor(env, exports);
  register_test_hooks(env, exports);
  return exports;
}

}  // namespace sinter::addon

static Napi::Object sinter_init(Napi::Env env, Napi::Object exports) { return sinter::addon::init(env, exports); }
NODE_API_MODULE(sinter, sinter_init)
