// Opening streams, submitting commands, bringing bytes in.
#include <cstring>

#include "addon/env.h"
#include "addon/values.h"

namespace sinter::addon {

namespace {

// openStream(device, mode, words: Float64Array) -> index. mode: 0 auto, 1 inline, 2 async.
napi_value open_stream(napi_env env, napi_callback_info info) {
  Args<3> a(env, info);
  const std::string device = a.string(0);
  void* words = nullptr;
  size_t bytes = 0;
  if (!a.bytes(2, &words, &bytes)) return nullptr;
  try {
    const Backend* backend = device == "reference" ? reference_backend() : device == "cpu" ? &cpu_backend() : nullptr;
    if (!backend) fail(ErrorCode::unsupported, "device '%s' is not available in this build", device.c_str());
    OpenStream s;
    s.stream = std::make_unique<Stream>(*backend, static_cast<StreamMode>(a.u32(1)));
    s.words = static_cast<const double*>(words);
    napi_create_reference(env, a.v[2], 1, &s.buffer);
    Env& e = env_of(env);
    e.streams.push_back(std::move(s));
    return make_number(env, static_cast<double>(e.streams.size() - 1));
  } catch (const Error& error) {
    napi_throw(env, make_error(env, error));
    return nullptr;
  }
}

// submit(stream, words, costNs, commands, bytes)
napi_value submit(napi_env env, napi_callback_info info) {
  Args<5> a(env, info);
  OpenStream& s = env_of(env).streams[a.u32(0)];
  s.stream->submit(s.words, a.u32(1), a.number(2), a.u32(3), a.number(4));
  return nullptr;
}

// upload(typedArray) -> storage pointer for a bind command. Copies now; an exhausted allocator gives a poisoned storage.
napi_value upload(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  void* data = nullptr;
  size_t bytes = 0;
  if (!a.bytes(0, &data, &bytes)) return nullptr;
  Storage* storage;
  try {
    storage = Storage::create(bytes);
    if (bytes) std::memcpy(storage->data(), data, bytes);
  } catch (const Error& error) {
    auto* e = new ErrorInfo(error.code, error.message, "tensor", 0);
    storage = Storage::poisoned(e);
    e->release();
  }
  return make_number(env, static_cast<double>(reinterpret_cast<uintptr_t>(storage)));
}

// mapFile(path) -> [storage pointer, bytes]; throws.
napi_value map_file(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  try {
    size_t bytes = 0;
    Storage* storage = Storage::map_file(a.string(0).c_str(), &bytes);
    napi_value result;
    napi_create_array_with_length(env, 2, &result);
    napi_set_element(env, result, 0, make_number(env, static_cast<double>(reinterpret_cast<uintptr_t>(storage))));
    napi_set_element(env, result, 1, make_number(env, static_cast<double>(bytes)));
    return result;
  } catch (const Error& error) {
    napi_throw(env, make_error(env, error));
    return nullptr;
  }
}

}  // namespace

void register_streams(napi_env env, napi_value exports) {
  set_function(env, exports, "openStream", open_stream);
  set_function(env, exports, "submit", submit);
  set_function(env, exports, "upload", upload);
  set_function(env, exports, "mapFile", map_file);
}

}  // namespace sinter::addon
