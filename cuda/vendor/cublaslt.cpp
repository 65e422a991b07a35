#include "cuda/vendor/cublaslt.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "cuda/runtime/alignment.h"
#include "cuda/runtime/library.h"
#include "cuda/runtime/probe.h"
#include "cuda/runtime/queue.h"
#include "cuda/vendor/handles.h"
#include "engine/error.h"

namespace sinter::cuda {

namespace {

LtLibrary open_lt() {
  // A library of CUDA 13 needs a driver of 13.
  Library library = probe().driver_version >= 13000
                        ? open_library("SINTER_CUBLASLT", {"libcublasLt.so.13", "libcublasLt.so.12"})
                        : open_library("SINTER_CUBLASLT", {"libcublasLt.so.12"});
  LtLibrary lt;
#define LT(member, symbol, result, parameters) \
  lt.member = reinterpret_cast<decltype(lt.member)>(find_symbol(library, #symbol));
#include "cuda/vendor/cublaslt.def"
#undef LT
  lt.missing = library.missing;
  if (lt.missing.empty()) lt.version = lt.get_version();
  return lt;
}

LtType type_of(DType dtype) {
  switch (dtype) {
    case DType::f64: return LtType::f64;
    case DType::bf16: return LtType::bf16;
    case DType::f16: return LtType::f16;
    default: return LtType::f32;
  }
}

// What algorithms are told of; null is as aligned as can be.
uint32_t told_alignment(const void* data) { return static_cast<uint32_t>(alignment_of(data, 256)); }

// The library's descriptors of a product. They are made for each call, which is little beside a launch, so
// that threads share none.
class Descriptors {
 public:
  Descriptors(const LtLibrary& lt, const LtProduct& p) : lt_(lt) {
    a_ = layout(p.dtype, p.a.transposed ? p.k : p.m, p.a.transposed ? p.m : p.k, p.a.ld, p.batch, p.a.step);
    b_ = layout(p.dtype, p.b.transposed ? p.n : p.k, p.b.transposed ? p.k : p.n, p.b.ld, p.batch, p.b.step);
    d_ = layout(p.result, p.m, p.n, p.m, p.batch, p.d_step);
    const bool doubles = p.dtype == DType::f64;
    const LtCompute compute = doubles ? LtCompute::f64 : p.tf32 ? LtCompute::f32_fast_tf32 : LtCompute::f32;
    note(lt_.operation_create(&operation_, compute, doubles ? LtType::f64 : LtType::f32));
    set(LtOperationAttribute::transpose_a, p.a.transposed ? kLtTranspose : kLtKeep);
    set(LtOperationAttribute::transpose_b, p.b.transposed ? kLtTranspose : kLtKeep);
    set(LtOperationAttribute::epilogue, p.bias ? kLtEpilogueBias : kLtEpilogueNone);
    if (p.bias) set(LtOperationAttribute::bias, p.bias);
  }
  ~Descriptors() {
    for (LtLayout layout : {a_, b_, d_})
      if (layout) lt_.layout_destroy(layout);
    if (operation_) lt_.operation_destroy(operation_);
  }
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;

  LtStatus status() const { return status_; }
  LtLayout a() const { return a_; }
  LtLayout b() const { return b_; }
  LtLayout d() const { return d_; }
  LtOperation operation() const { return operation_; }

 private:
  void note(LtStatus status) {
    if (status_ == LtStatus::success) status_ = status;
  }
  LtLayout layout(DType dtype, int64_t rows, int64_t columns, int64_t ld, int64_t batch, int64_t step) {
    LtLayout made = nullptr;
    note(lt_.layout_create(&made, type_of(dtype), static_cast<uint64_t>(rows), static_cast<uint64_t>(columns), ld));
    if (batch > 1 && status_ == LtStatus::success) {
      const auto count = static_cast<int32_t>(batch);
      note(lt_.layout_set(made, LtLayoutAttribute::batch_count, &count, sizeof count));
      note(lt_.layout_set(made, LtLayoutAttribute::batch_step, &step, sizeof step));
    }
    return made;
  }
  template <class T>
  void set(LtOperationAttribute attribute, T value) {
    if (status_ == LtStatus::success) note(lt_.operation_set(operation_, attribute, &value, sizeof value));
  }

  const LtLibrary& lt_;
  LtStatus status_ = LtStatus::success;
  LtLayout a_ = nullptr, b_ = nullptr, d_ = nullptr;
  LtOperation operation_ = nullptr;
};

// What the library's advice depends on.
using Key = std::array<int64_t, 10>;
Key key_of(int device, const LtProduct& p) {
  const uint32_t bias = p.bias ? told_alignment(p.bias) : 0;
  const int64_t kinds = device | static_cast<int64_t>(p.dtype) << 8 | static_cast<int64_t>(p.result) << 16 |
                        int64_t{p.tf32} << 24 | int64_t{p.a.transposed} << 25 | int64_t{p.b.transposed} << 26 |
                        int64_t{p.c != nullptr} << 27 | int64_t{p.c == p.d} << 28;
  const uint64_t alignments = uint64_t{told_alignment(p.a.data)} | uint64_t{told_alignment(p.b.data)} << 12 |
                              uint64_t{told_alignment(p.c)} << 24 | uint64_t{told_alignment(p.d)} << 36 |
                              uint64_t{bias} << 48;
  return {kinds, p.m, p.n, p.k, p.batch, p.a.ld, p.b.ld, p.a.step, p.b.step, static_cast<int64_t>(alignments)};
}
struct Hash {
  size_t operator()(const Key& key) const {
    VendorHash hash;
    for (const int64_t word : key) hash.add(word);
    return hash.value();
  }
};

struct Advice {
  int count = 0;
  LtHeuristic algorithms[kVendorAlgorithms];
};

// Handles, and the library's advice on products that came before.
struct State {
  std::mutex mutex;
  Handles<LtHandle, LtStatus> handles;
  std::unordered_map<Key, Advice, Hash> advice;
};
State& state() {
  static State& all = *new State;
  return all;
}
constexpr size_t kMostAdvice = 4096;

SaysOnce say_once;

void say_refused(const LtLibrary& lt, const LtProduct& p, LtStatus status) {
  char text[320];
  std::snprintf(
      text, sizeof text,
      "cuBLASLt %zu did not take a product of %s, %lldx%lldx%lld (status %d): kernels of sinter compute it, and "
      "what else it refuses (this is said once); cuda.vendorLibraries = 'off' leaves the library alone",
      lt.version, dtype_name(p.dtype), static_cast<long long>(p.n), static_cast<long long>(p.m),
      static_cast<long long>(p.k), static_cast<int>(status));
  say_once(text);
}

// Memory that algorithms may use: what NVIDIA advises.
size_t most_workspace(const DeviceInfo& device) { return size_t{device.capability() >= 90 ? 32u : 4u} << 20; }

LtStatus ask(const LtLibrary& lt, LtHandle handle, const Descriptors& made, const LtProduct& p, size_t workspace,
             Advice* advice) {
  LtPreference preference = nullptr;
  LtStatus status = lt.preference_create(&preference);
  const auto set = [&](LtPreferenceAttribute attribute, auto value) {
    if (status == LtStatus::success) status = lt.preference_set(preference, attribute, &value, sizeof value);
  };
  set(LtPreferenceAttribute::workspace, uint64_t{workspace});
  set(LtPreferenceAttribute::reduction_scheme, kLtReduceInComputeType);
  set(LtPreferenceAttribute::align_a, told_alignment(p.a.data));
  set(LtPreferenceAttribute::align_b, told_alignment(p.b.data));
  set(LtPreferenceAttribute::align_c, told_alignment(p.c ? p.c : p.d));
  set(LtPreferenceAttribute::align_d, told_alignment(p.d));
  int found = 0;
  if (status == LtStatus::success)
    status = lt.heuristic(handle, made.operation(), made.a(), made.b(), made.d(), made.d(), preference,
                          kVendorAlgorithms, advice->algorithms, &found);
  if (preference) lt.preference_destroy(preference);
  if (status != LtStatus::success) return status;
  for (int i = 0; i < std::min(found, kVendorAlgorithms); i++)
    if (advice->algorithms[i].state == LtStatus::success) advice->algorithms[advice->count++] = advice->algorithms[i];
  return advice->count ? LtStatus::success : LtStatus::not_supported;
}

}  // namespace

const LtLibrary& lt_library() {
  static const LtLibrary& library = *new LtLibrary(open_lt());  // never closed
  return library;
}

int lt_algorithms(const Call& call, const LtProduct& p) {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  const auto found = all.advice.find(key_of(device_of(call).ordinal, p));
  return found == all.advice.end() ? 0 : found->second.count;
}

bool lt_multiply(const Call& call, const LtProduct& p, int algorithm) {
  const LtLibrary& lt = lt_library();
  if (!lt.missing.empty()) {
    say_once("cuBLASLt is not here (" + lt.missing + "): kernels of sinter compute all products");
    return false;
  }
  Queue& queue = static_cast<Queue&>(*call.queue);
  queue.device().make_current();
  const DeviceInfo& device = device_of(call);
  const Key key = key_of(device.ordinal, p);
  const Descriptors made(lt, p);
  State& all = state();
  LtStatus status = made.status();
  LtHandle handle = nullptr;
  LtHeuristic chosen{};
  {
    const std::lock_guard lock(all.mutex);
    auto found = all.advice.find(key);
    if (found != all.advice.end() && found->second.count == 0) return false;
    if (status == LtStatus::success) handle = all.handles.of(lt, device.ordinal, &status);
    if (found == all.advice.end()) {
      Advice advice;
      if (status == LtStatus::success) status = ask(lt, handle, made, p, most_workspace(device), &advice);
      if (all.advice.size() >= kMostAdvice) all.advice.clear();
      found = all.advice.emplace(key, advice).first;
    }
    const Advice& advice = found->second;
    if (advice.count) chosen = advice.algorithms[algorithm < advice.count ? algorithm : 0];
  }
  if (status == LtStatus::success) {
    void* workspace = nullptr;
    if (chosen.workspace) {
      try {
        workspace = call.scratch(chosen.workspace);
      } catch (const Error& error) {
        if (error.code != ErrorCode::out_of_memory) throw;
        return false;  // our kernels take less
      }
    }
    const float alpha_f32 = static_cast<float>(p.alpha), beta_f32 = p.c ? 1 : 0;
    const double beta = p.c ? 1 : 0;
    const bool doubles = p.dtype == DType::f64;
    status =
        lt.matmul(handle, made.operation(), doubles ? static_cast<const void*>(&p.alpha) : &alpha_f32, p.a.data,
                  made.a(), p.b.data, made.b(), doubles ? static_cast<const void*>(&beta) : &beta_f32, p.c ? p.c : p.d,
                  made.d(), p.d, made.d(), &chosen.algorithm, workspace, chosen.workspace, queue.stream());
    if (status == LtStatus::success) return true;
    const std::lock_guard lock(all.mutex);
    all.advice[key].count = 0;  // not asked again
  }
  say_refused(lt, p, status);
  return false;
}

}  // namespace sinter::cuda
