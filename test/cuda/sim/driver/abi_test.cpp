// Is cuda/sim/abi.h what cuda.h says? Compiled where a CUDA toolkit is (13.0 or later), never run: every exported function's
// parameters and every structure are compared with the toolkit's, by size and kind, as the names of the types differ.
#define __CUDA_API_VERSION_INTERNAL  // also declares the versions that macros of cuda.h hide
#include <cuda.h>
#include <cudaProfiler.h>

#include <cstddef>
#include <type_traits>

#define SIM_LINKAGE
#include "../../../../cuda/sim/abi.h"

namespace {

template <class T>
constexpr int kind() {
  if (std::is_pointer_v<T>) return std::is_function_v<std::remove_pointer_t<T>> ? 1 : 2;
  return std::is_enum_v<T> || std::is_integral_v<T> ? 3 : 4;
}

// Enumerations against ints; pointers to structures of equal size; pointers to pointers likewise.
template <class A, class B>
constexpr bool same() {
  if (sizeof(A) != sizeof(B) || kind<A>() != kind<B>()) return false;
  if constexpr (std::is_pointer_v<A> && std::is_pointer_v<B>) {
    using PA = std::remove_cv_t<std::remove_pointer_t<A>>;
    using PB = std::remove_cv_t<std::remove_pointer_t<B>>;
    if (std::is_const_v<std::remove_pointer_t<A>> != std::is_const_v<std::remove_pointer_t<B>>) return false;
    if constexpr (
        requires { sizeof(PA); } && requires { sizeof(PB); } && !std::is_void_v<PA> && !std::is_void_v<PB> &&
        !std::is_function_v<PA> && !std::is_function_v<PB>)
      return sizeof(PA) == sizeof(PB);
  }
  return true;
}

template <class A, class B>
struct Compared : std::false_type {};
template <class... A, class... B>
struct Compared<CUresult (*)(A...), sinter::sim::driver::CUresult (*)(B...)> {
  static constexpr bool value = [] {
    if constexpr (sizeof...(A) == sizeof...(B)) return (same<A, B>() && ...);
    return false;
  }();
};

}  // namespace

#define SIM_EXPORT(name, parameters)                                                            \
  static_assert(Compared<decltype(&::name), decltype(&sinter::sim::driver::name)>::value, #name \
                " differs from "                                                                \
                "cuda.h");
#include "../../../../cuda/sim/exports.def"
#undef SIM_EXPORT

#define SIM_ERROR(name, value) static_assert(::name == value);
#include "../../../../cuda/sim/errors.def"
#undef SIM_ERROR

#define SAME_STRUCT(name)                                              \
  static_assert(sizeof(::name) == sizeof(sinter::sim::driver::name) && \
                alignof(::name) == alignof(sinter::sim::driver::name))
#define SAME_FIELD(name, field) static_assert(offsetof(::name, field) == offsetof(sinter::sim::driver::name, field))
SAME_STRUCT(CUuuid);
static_assert(sizeof(::CUtensorMap) == sizeof(sinter::sim::driver::CUtensorMap));
SAME_STRUCT(CUmemLocation);
SAME_STRUCT(CUmemAccessDesc);
SAME_STRUCT(CUmemPoolProps);
SAME_FIELD(CUmemPoolProps, location);
SAME_FIELD(CUmemPoolProps, maxSize);
SAME_STRUCT(CUDA_MEMCPY2D);
SAME_FIELD(CUDA_MEMCPY2D, srcDevice);
SAME_FIELD(CUDA_MEMCPY2D, srcPitch);
SAME_FIELD(CUDA_MEMCPY2D, dstMemoryType);
SAME_FIELD(CUDA_MEMCPY2D, dstDevice);
SAME_FIELD(CUDA_MEMCPY2D, dstPitch);
SAME_FIELD(CUDA_MEMCPY2D, Height);
SAME_STRUCT(CUlaunchAttributeValue);
SAME_STRUCT(CUlaunchAttribute);
SAME_FIELD(CUlaunchAttribute, value);
SAME_STRUCT(CUlaunchConfig);
SAME_FIELD(CUlaunchConfig, sharedMemBytes);
SAME_FIELD(CUlaunchConfig, hStream);
SAME_FIELD(CUlaunchConfig, numAttrs);
SAME_STRUCT(CUDA_KERNEL_NODE_PARAMS);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, kernelParams);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, ctx);
SAME_STRUCT(CUgraphExecUpdateResultInfo);
SAME_FIELD(CUgraphExecUpdateResultInfo, errorFromNode);
SAME_STRUCT(CUgraphEdgeData);
