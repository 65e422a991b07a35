// Arguments and results of native functions. Place in the whole: the addon's only conversion code. TypeScript has checked
// every argument before the call; what arrives wrong here is a bug of ours and throws a plain TypeError.
#pragma once
#include <node_api.h>

#include <cstdint>
#include <string>

#include "engine/error.h"

namespace sinter::addon {

// Reads N arguments; missing ones are undefined.
template <size_t N>
struct Args {
  napi_value v[N];
  size_t count = N;
  Args(napi_env env, napi_callback_info info) : env_(env) { napi_get_cb_info(env, info, &count, v, nullptr, nullptr); }
  uint32_t u32(size_t i) const {
    uint32_t x = 0;
    check(napi_get_value_uint32(env_, v[i], &x), i);
    return x;
  }
  double number(size_t i) const {
    double x = 0;
    check(napi_get_value_double(env_, v[i], &x), i);
    return x;
  }
  std::string string(size_t i) const {
    size_t n = 0;
    if (!check(napi_get_value_string_utf8(env_, v[i], nullptr, 0, &n), i)) return {};
    std::string s(n, '\0');
    napi_get_value_string_utf8(env_, v[i], s.data(), n + 1, &n);
    return s;
  }
  // Bytes of a typed array (shared memory included).
  bool bytes(size_t i, void** data, size_t* size) const {
    napi_typedarray_type type;
    size_t length = 0, offset = 0;
    napi_value buffer;
    if (!check(napi_get_typedarray_info(env_, v[i], &type, &length, data, &buffer, &offset), i)) return false;
    constexpr size_t sizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
    *size = length * sizes[type];
    return true;
  }

 private:
  bool check(napi_status status, size_t i) const {
    if (status == napi_ok) return true;
    bool pending = false;
    napi_is_exception_pending(env_, &pending);
    if (!pending)
      napi_throw_type_error(env_, "SINTER_INTERNAL",
                            ("native call: argument " + std::to_string(i) + " is wrong").c_str());
    return false;
  }
  napi_env env_;
};

inline napi_value make_number(napi_env env, double x) {
  napi_value v;
  napi_create_double(env, x, &v);
  return v;
}

inline napi_value make_string(napi_env env, const std::string& s) {
  napi_value v;
  napi_create_string_utf8(env, s.data(), s.size(), &v);
  return v;
}

// An Error with `code`, `op` and `origin`, from which TypeScript makes its typed error.
napi_value make_error(napi_env env, const ErrorInfo& info);
napi_value make_error(napi_env env, const Error& error);

using Function = napi_value (*)(napi_env, napi_callback_info);

inline void set_function(napi_env env, napi_value exports, const char* name, Function function) {
  napi_value f;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &f);
  napi_set_named_property(env, exports, name, f);
}

inline void set_value(napi_env env, napi_value object, const char* name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

}  // namespace sinter::addon
