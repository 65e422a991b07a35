// Opening streams, submitting commands, bringing bytes in.
#include <cstdlib>
#include <cstring>

#include "addon/env.h"
#include "addon/values.h"
#include "cuda/backend.h"
#include "engine/custom.h"
#include "engine/shared.h"

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
    const Backend* backend = nullptr;
    if (device == "cpu") backend = &cpu_backend();
    if (device == "reference") backend = reference_backend();
    if (device.starts_with("cuda:")) {
      std::string reason;
      backend = cuda::cuda_backend(std::atoi(device.c_str() + 5), &reason);
      if (!backend) fail(ErrorCode::unsupported, "device '%s' is not available: %s", device.c_str(), reason.c_str());
    }
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

// submit(stream, words, costNs, commands, bytes, newTurn) -> 1 when they are left to the executor, else 0
napi_value submit(napi_env env, napi_callback_info info) {
  Args<6> a(env, info);
  OpenStream& s = env_of(env).streams[a.u32(0)];
  return make_number(env, s.stream->submit(s.words, a.u32(1), a.number(2), a.u32(3), a.number(4), a.u32(5) != 0));
}

// turnOver(stream): the event loop comes to wait.
napi_value turn_over(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  env_of(env).streams[a.u32(0)].stream->turn_over();
  return nullptr;
}

// takeProfile(stream) -> Float64Array of the rows of engine/profile.h, when everything submitted has run.
napi_value take_profile(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  Stream& s = *env_of(env).streams[a.u32(0)].stream;
  s.wait_idle();
  const std::vector<double> rows = s.decoder().take_profile();
  void* data = nullptr;
  napi_value buffer, result;
  napi_create_arraybuffer(env, rows.size() * sizeof(double), &data, &buffer);
  if (!rows.empty()) std::memcpy(data, rows.data(), rows.size() * sizeof(double));
  napi_create_typedarray(env, napi_float64_array, rows.size(), buffer, 0, &result);
  return result;
}

// thisThread() -> what rows of profiles call the calling thread.
napi_value this_thread(napi_env env, napi_callback_info) { return make_number(env, Profile::this_thread()); }

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

// openShared(key) -> undefined, or [storage pointer for one bind command, dtype, byte offset, dims...]
napi_value open_shared_tensor(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  SharedTensor t;
  if (!open_shared(a.string(0), &t)) return nullptr;
  napi_value result;
  napi_create_array_with_length(env, 3 + static_cast<size_t>(t.rank), &result);
  napi_set_element(env, result, 0, make_number(env, static_cast<double>(reinterpret_cast<uintptr_t>(t.storage))));
  napi_set_element(env, result, 1, make_number(env, static_cast<double>(t.dtype)));
  napi_set_element(env, result, 2, make_number(env, static_cast<double>(t.byte_offset)));
  for (int32_t i = 0; i < t.rank; i++)
    napi_set_element(env, result, 3 + static_cast<uint32_t>(i), make_number(env, static_cast<double>(t.dims[i])));
  return result;
}

// withdrawShared(key) -> 1, or 0 when there was none
napi_value withdraw_shared_tensor(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  return make_number(env, withdraw_shared(a.string(0)) ? 1 : 0);
}

// loadOperators(path) -> [name, opcode, name, opcode, ...]; throws.
napi_value load_operator_library(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  try {
    const std::vector<CustomInfo> ops = load_operators(a.string(0));
    napi_value result;
    napi_create_array_with_length(env, ops.size() * 2, &result);
    for (size_t i = 0; i < ops.size(); i++) {
      napi_set_element(env, result, static_cast<uint32_t>(2 * i), make_string(env, ops[i].name));
      napi_set_element(env, result, static_cast<uint32_t>(2 * i + 1), make_number(env, ops[i].opcode));
    }
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
  set_function(env, exports, "turnOver", turn_over);
  set_function(env, exports, "takeProfile", take_profile);
  set_function(env, exports, "thisThread", this_thread);
  set_function(env, exports, "upload", upload);
  set_function(env, exports, "mapFile", map_file);
  set_function(env, exports, "loadOperators", load_operator_library);
  set_function(env, exports, "openShared", open_shared_tensor);
  set_function(env, exports, "withdrawShared", withdraw_shared_tensor);
}

}  // namespace sinter::addon
