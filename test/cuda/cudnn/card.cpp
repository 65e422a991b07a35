// cuDNN itself, without a card: what it says of graphs. Place in the whole: build/cuda/libcudnncard.so; exports what cuda/vendor/cudnn.def
// names and hands everything to the library that SINTER_CUDNN_REAL names, or libcudnn.so.9. Where a handle is told, which needs a card,
// it gives a description of an H100 instead (the DEVICEPROP descriptor, from 9.8 on). So graphs are checked and engines found by the
// library, and nothing runs: plans are not made, and executing one says on standard error that it was accepted, and fails.
//
// The library wants cublasLt, NVRTC and a libcuda.so.1, of which it takes no more than the symbols.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "cuda/vendor/cudnn_abi.h"

namespace {

using namespace sinter::cuda;
using A = DnnAttribute;

// What callers of the product never name.
constexpr auto kCardKind = static_cast<DnnKind>(38);
constexpr auto kCardText = static_cast<A>(2702), kHeuristicsCard = static_cast<A>(204),
               kConfigWorkspace = static_cast<A>(303);
constexpr auto kText = static_cast<DnnValue>(24);

// As cuDNN 9.24 wants it.
constexpr char kCard[] =
    R"({"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"deviceVer":900,"driverVer":13000,)"
    R"("regsPerBlock":65536,"multiProcessorCount":132,"smCountOrigin":0,"smClockRateKHz":1980000,"memClockRateKHz":2619000,)"
    R"("l2CacheSize":52428800,"warpSize":32,"maxSharedMemoryPerBlock":49152,"maxSharedMemoryPerBlockOptin":232448,)"
    R"("reservedSharedMemoryPerBlock":1024,"maxRegistersPerSM":65536,"maxCtasPerSM":32,"maxThreadsPerBlock":1024,)"
    R"("maxThreadsPerSM":2048,"isTccDriver":0,"supportCoopLaunch":1,"totalGlobalMem":85899345920,"cudaDeviceId":0,)"
    R"("pciDeviceId":0,"deviceName":"NVIDIA H100 80GB HBM3"})";

struct Real {
#define DNN(member, symbol, result, parameters) result(*member) parameters = nullptr;
#include "cuda/vendor/cudnn.def"
#undef DNN
  DnnDescriptor card = nullptr;  // null: the library is not here, or knows no descriptions of cards
};
const Real& real() {
  static const Real table = [] {
    Real r;
    const char* name = std::getenv("SINTER_CUDNN_REAL");
    void* library = dlopen(name && *name ? name : "libcudnn.so.9", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      std::fprintf(stderr, "cudnncard: %s\n", dlerror());
      return r;
    }
#define DNN(member, symbol, result, parameters) \
  r.member = reinterpret_cast<decltype(r.member)>(dlsym(library, #symbol));
#include "cuda/vendor/cudnn.def"
#undef DNN
    DnnDescriptor card = nullptr;
    if (r.make(kCardKind, &card) == DnnStatus::success &&
        r.set(card, kCardText, kText, sizeof kCard, kCard) == DnnStatus::success &&
        r.finalize(card) == DnnStatus::success)
      r.card = card;
    return r;
  }();
  return table;
}

std::map<DnnDescriptor, DnnKind>& kinds() {
  static auto& all = *new std::map<DnnDescriptor, DnnKind>;
  return all;
}
// By plan.
std::map<DnnDescriptor, DnnDescriptor>& configs() {
  static auto& all = *new std::map<DnnDescriptor, DnnDescriptor>;
  return all;
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT size_t cudnnGetVersion() { return real().card ? real().get_version() : 0; }
EXPORT void cudnnGetLastErrorString(char* message, size_t size) {
  if (real().card)
    real().last_error(message, size);
  else if (size)
    message[0] = 0;
}
EXPORT DnnStatus cudnnCreate(DnnHandle* handle) {
  *handle = reinterpret_cast<DnnHandle>(real().card);
  return real().card ? DnnStatus::success : DnnStatus::not_initialized;
}
EXPORT DnnStatus cudnnSetStream(DnnHandle, CUstream) { return DnnStatus::success; }

EXPORT DnnStatus cudnnBackendCreateDescriptor(DnnKind kind, DnnDescriptor* descriptor) {
  if (!real().card) return DnnStatus::not_initialized;
  const DnnStatus status = real().make(kind, descriptor);
  if (status == DnnStatus::success) kinds()[*descriptor] = kind;
  return status;
}
EXPORT DnnStatus cudnnBackendDestroyDescriptor(DnnDescriptor descriptor) {
  kinds().erase(descriptor);
  configs().erase(descriptor);
  return real().destroy(descriptor);
}
EXPORT DnnStatus cudnnBackendSetAttribute(DnnDescriptor descriptor, DnnAttribute name, DnnValue type, int64_t count,
                                          const void* values) {
  if (name == A::graph_handle || name == A::plan_handle) return DnnStatus::success;
  if (name == A::plan_config) configs()[descriptor] = *static_cast<const DnnDescriptor*>(values);
  return real().set(descriptor, name, type, count, values);
}
EXPORT DnnStatus cudnnBackendFinalize(DnnDescriptor descriptor) {
  const DnnKind kind = kinds()[descriptor];
  if (kind == DnnKind::plan) return DnnStatus::success;
  if (kind == DnnKind::heuristics) {
    const DnnStatus status = real().set(descriptor, kHeuristicsCard, DnnValue::descriptor, 1, &real().card);
    if (status != DnnStatus::success) return status;
  }
  return real().finalize(descriptor);
}
EXPORT DnnStatus cudnnBackendGetAttribute(DnnDescriptor descriptor, DnnAttribute name, DnnValue type, int64_t asked,
                                          int64_t* count, void* values) {
  if (name == A::plan_workspace) return real().get(configs()[descriptor], kConfigWorkspace, type, asked, count, values);
  return real().get(descriptor, name, type, asked, count, values);
}
EXPORT DnnStatus cudnnBackendExecute(DnnHandle, DnnDescriptor, DnnDescriptor) {
  std::fprintf(stderr, "cudnncard: accepted\n");
  return DnnStatus::not_supported;
}
