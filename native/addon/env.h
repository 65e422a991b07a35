// What one Node environment (main thread or worker) owns. Place in the whole: instance data of the addon, so that no static
// ever holds a JavaScript reference; torn down by a cleanup hook.
#pragma once
#include <node_api.h>

#include <memory>
#include <vector>

#include "engine/stream.h"

namespace sinter::addon {

struct OpenStream {
  std::unique_ptr<Stream> stream;
  const double* words = nullptr;  // the JavaScript side's command buffer
  napi_ref buffer = nullptr;
};

struct Tracked {
  napi_ref object;
  uint32_t key;
};

class Env {
 public:
  explicit Env(napi_env env) : env_(env) {}

  std::vector<OpenStream> streams;
  std::vector<Tracked> tracked;

  // Resolves or rejects on the JavaScript thread; created at the first asynchronous read.
  napi_threadsafe_function completions();
  void begin_pending();
  void end_pending();
  void close();  // stops the streams; further calls from JavaScript cannot come

 private:
  napi_env env_;
  napi_threadsafe_function completions_ = nullptr;
  int pending_ = 0;
};

Env& env_of(napi_env env);

// Registration, one function a source file.
void register_streams(napi_env env, napi_value exports);
void register_readback(napi_env env, napi_value exports);
void register_tracking(napi_env env, napi_value exports);
void register_images(napi_env env, napi_value exports);
void register_info(napi_env env, napi_value exports);
napi_value make_memory(napi_env env, const MemoryStats& stats);  // MemoryStats of lib/native/types.ts
void register_cuda(napi_env env, napi_value exports);
void register_tuning(napi_env env, napi_value exports);
void register_vendor(napi_env env, napi_value exports);
void register_test_hooks(napi_env env, napi_value exports);

}  // namespace sinter::addon
