// Vendor libraries: which there are, what they are used for, choices of single products in and out. TypeScript has checked the numbers;
// they are bounded again here, as they come from a file.

#include "addon/env.h"
#include "addon/values.h"
#include "cuda/runtime/launch.h"
#include "cuda/vendor/choices.h"
#include "cuda/vendor/libraries.h"

namespace sinter::addon {

namespace {

// A row of cudaSetVendorChoices: kind, words; then the algorithm, -1 for our kernels.
constexpr size_t kKeyWords = 1 + cuda::kVendorWords, kChoiceWords = kKeyWords + 1;

// A whole number of 0 .. most.
int64_t whole(double x, int64_t most) {
  if (!(x >= 0)) return 0;
  return x >= static_cast<double>(most) ? most : static_cast<int64_t>(x);
}

cuda::VendorChoice read_choice(int device, const double* w) {
  constexpr int64_t size = int64_t{1} << 53;
  cuda::VendorTask task{device, static_cast<cuda::VendorKind>(whole(w[0], cuda::kVendorKinds - 1)), {}};
  for (size_t i = 0; i < task.words.size(); i++) task.words[i] = whole(w[1 + i], size);
  const double algorithm = w[kKeyWords];
  return {task, algorithm < 0 ? cuda::kOwnKernels : static_cast<int>(whole(algorithm, cuda::kVendorAlgorithms - 1))};
}

// cudaLibrary(i) -> { name, version, missing }: opens it; undefined: there are no more
napi_value library(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  const uint32_t i = a.u32(0);
  if (i >= cuda::kVendorLibraries) return nullptr;
  const cuda::VendorLibrary found = cuda::vendor_library(static_cast<int>(i));
  napi_value o;
  napi_create_object(env, &o);
  set_value(env, o, "name", make_string(env, found.name));
  set_value(env, o, "version", make_string(env, found.version));
  set_value(env, o, "missing", make_string(env, found.missing));
  return o;
}

// cudaSetVendorUse(use): of the process, as VendorUse counts
napi_value set_use(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  cuda::set_vendor_use(static_cast<cuda::VendorUse>(whole(a.u32(0), 2)));
  return nullptr;
}

napi_value use(napi_env env, napi_callback_info) { return make_number(env, static_cast<int>(cuda::vendor_use())); }

// cudaSetVendorChoices(ordinal, words)
napi_value set_choices(napi_env env, napi_callback_info info) {
  Args<2> a(env, info);
  const int device = static_cast<int>(whole(a.u32(0), cuda::kMaxDevices));
  void* data = nullptr;
  size_t bytes = 0;
  if (!a.bytes(1, &data, &bytes)) return nullptr;
  const auto* words = static_cast<const double*>(data);
  std::vector<cuda::VendorChoice> choices;
  for (size_t n = bytes / sizeof(double); n >= kChoiceWords; n -= kChoiceWords, words += kChoiceWords)
    choices.push_back(read_choice(device, words));
  cuda::set_vendor_choices(device, choices);
  return nullptr;
}

// cudaVendorChoices(ordinal) -> how many; -1: never set
napi_value count(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  return make_number(env, cuda::vendor_choices(static_cast<int>(whole(a.u32(0), cuda::kMaxDevices))));
}

napi_value watch(napi_env env, napi_callback_info) {
  napi_value started;
  napi_get_boolean(env, cuda::watch_vendor(), &started);
  return started;
}

napi_value unwatch(napi_env, napi_callback_info) {
  cuda::unwatch_vendor();
  return nullptr;
}

// An array of numbers for each task: device, kind, its words, who computed it, the library's algorithms, milliseconds. Waits.
napi_value take(napi_env env, napi_callback_info) {
  napi_value rows;
  try {
    napi_create_array(env, &rows);
    uint32_t at = 0;
    const auto add = [&](double word) { napi_set_element(env, rows, at++, make_number(env, word)); };
    for (const cuda::WatchedTask& w : cuda::take_watched_vendor()) {
      add(w.task.device);
      add(static_cast<double>(w.task.kind));
      for (const int64_t word : w.task.words) add(static_cast<double>(word));
      add(w.by);
      add(w.algorithms);
      add(static_cast<double>(w.milliseconds));
    }
  } catch (const Error& error) {
    napi_throw(env, make_error(env, error));
    return nullptr;
  }
  return rows;
}

}  // namespace

void register_vendor(napi_env env, napi_value exports) {
  set_function(env, exports, "cudaLibrary", library);
  set_function(env, exports, "cudaSetVendorUse", set_use);
  set_function(env, exports, "cudaVendorUse", use);
  set_function(env, exports, "cudaSetVendorChoices", set_choices);
  set_function(env, exports, "cudaVendorChoices", count);
  set_function(env, exports, "cudaWatchVendor", watch);
  set_function(env, exports, "cudaUnwatchVendor", unwatch);
  set_function(env, exports, "cudaTakeVendor", take);
}

}  // namespace sinter::addon
