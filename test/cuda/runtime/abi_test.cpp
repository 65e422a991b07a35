// Is cuda/runtime/abi.h what cuda.h says? Compiled where a CUDA toolkit is (12.4 or later), never run: the parameters of every function
// of the table by size and kind, as the names of the types differ; values; structures, field by field.
#define __CUDA_API_VERSION_INTERNAL  // also declares the versions that macros of cuda.h hide
#include <cuda.h>

#include <cstddef>
#include <type_traits>

#include "../../../cuda/runtime/driver.h"
#include "../../../cuda/runtime/tensor_map.h"

namespace {

namespace own = sinter::cuda;

template <class T>
constexpr int kind() {
  if (std::is_pointer_v<T>) return std::is_function_v<std::remove_pointer_t<T>> ? 1 : 2;
  return std::is_enum_v<T> || std::is_integral_v<T> ? 3 : 4;
}

// Equal size and kind; what pointers point to as well, where both sides say what that is.
template <class A, class B>
constexpr bool same() {
  if (sizeof(A) != sizeof(B) || kind<A>() != kind<B>()) return false;
  if constexpr (std::is_pointer_v<A>) {
    using PA = std::remove_pointer_t<A>;
    using PB = std::remove_pointer_t<B>;
    if (std::is_const_v<PA> != std::is_const_v<PB>) return false;
    if constexpr (requires { sizeof(PA); } && requires { sizeof(PB); } && !std::is_void_v<PA> && !std::is_void_v<PB>)
      return sizeof(PA) == sizeof(PB);
  }
  return true;
}

template <class A, class B>
struct Compared : std::false_type {};
template <class... A, class... B>
struct Compared<CUresult (*)(A...), own::CUresult (*)(B...)> {
  static constexpr bool count = sizeof...(A) == sizeof...(B);
  static constexpr bool value = [] {
    if constexpr (count) return (same<A, B>() && ...);
    return false;
  }();
};

#define DRIVER(member, symbol, parameters) \
  static_assert(Compared<decltype(&::symbol), decltype(own::Driver::member)>::value, #symbol);
#include "../../../cuda/runtime/driver.def"
#undef DRIVER

template <class A, class B>
constexpr bool equal(A a, B b) {
  return static_cast<long>(a) == static_cast<long>(b);
}
#define SAME(theirs, ours) static_assert(equal(theirs, own::ours), #theirs)
SAME(CUDA_SUCCESS, CUresult::success);
SAME(CUDA_ERROR_OUT_OF_MEMORY, CUresult::out_of_memory);
SAME(CUDA_ERROR_DEINITIALIZED, CUresult::deinitialized);
SAME(CUDA_ERROR_STUB_LIBRARY, CUresult::stub_library);
SAME(CUDA_ERROR_DEVICE_UNAVAILABLE, CUresult::device_unavailable);
SAME(CUDA_ERROR_NO_DEVICE, CUresult::no_device);
SAME(CUDA_ERROR_ECC_UNCORRECTABLE, CUresult::ecc_uncorrectable);
SAME(CUDA_ERROR_NVLINK_UNCORRECTABLE, CUresult::nvlink_uncorrectable);
SAME(CUDA_ERROR_CONTAINED, CUresult::contained);
SAME(CUDA_ERROR_ILLEGAL_ADDRESS, CUresult::illegal_address);
SAME(CUDA_ERROR_LAUNCH_TIMEOUT, CUresult::launch_timeout);
SAME(CUDA_ERROR_CONTEXT_IS_DESTROYED, CUresult::context_is_destroyed);
SAME(CUDA_ERROR_ASSERT, CUresult::assertion);
SAME(CUDA_ERROR_HARDWARE_STACK_ERROR, CUresult::hardware_stack_error);
SAME(CUDA_ERROR_ILLEGAL_INSTRUCTION, CUresult::illegal_instruction);
SAME(CUDA_ERROR_MISALIGNED_ADDRESS, CUresult::misaligned_address);
SAME(CUDA_ERROR_INVALID_ADDRESS_SPACE, CUresult::invalid_address_space);
SAME(CUDA_ERROR_INVALID_PC, CUresult::invalid_pc);
SAME(CUDA_ERROR_LAUNCH_FAILED, CUresult::launch_failed);
SAME(CUDA_ERROR_TENSOR_MEMORY_LEAK, CUresult::tensor_memory_leak);
SAME(CUDA_ERROR_SYSTEM_NOT_READY, CUresult::system_not_ready);
SAME(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, CUresult::system_driver_mismatch);
SAME(CUDA_ERROR_MPS_CLIENT_TERMINATED, CUresult::mps_client_terminated);
SAME(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, CUresult::graph_exec_update_failure);
SAME(CUDA_ERROR_EXTERNAL_DEVICE, CUresult::external_device);
SAME(CUDA_ERROR_UNKNOWN, CUresult::unknown);

SAME(CU_DEVICE_ATTRIBUTE_CLOCK_RATE, DeviceAttribute::clock_rate);
SAME(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, DeviceAttribute::multiprocessors);
SAME(CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, DeviceAttribute::memory_clock_rate);
SAME(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, DeviceAttribute::memory_bus_width);
SAME(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, DeviceAttribute::l2_size);
SAME(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, DeviceAttribute::threads_per_multiprocessor);
SAME(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, DeviceAttribute::capability_major);
SAME(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, DeviceAttribute::capability_minor);
SAME(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, DeviceAttribute::shared_per_multiprocessor);
SAME(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, DeviceAttribute::registers_per_multiprocessor);
SAME(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, DeviceAttribute::shared_per_block_optin);

SAME(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, FunctionAttribute::threads_per_block);
SAME(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, FunctionAttribute::shared_bytes);
SAME(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, FunctionAttribute::dynamic_shared_bytes);
SAME(CU_JIT_ERROR_LOG_BUFFER, JitOption::error_log);
SAME(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, JitOption::error_log_bytes);
SAME(CU_STREAM_CAPTURE_MODE_RELAXED, CaptureMode::relaxed);
SAME(CU_TENSOR_MAP_DATA_TYPE_FLOAT16, TensorMapType::f16);
SAME(CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, TensorMapType::bf16);
SAME(CU_TENSOR_MAP_INTERLEAVE_NONE, TensorMapInterleave::none);
SAME(CU_TENSOR_MAP_SWIZZLE_128B, TensorMapSwizzle::bytes_128);
SAME(CU_TENSOR_MAP_L2_PROMOTION_L2_128B, TensorMapPromotion::l2_128);
SAME(CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE, TensorMapFill::zeros);
SAME(CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION, LaunchAttributeId::cluster_dimension);
SAME(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, LaunchAttributeId::programmatic_stream_serialization);
SAME(CU_STREAM_NON_BLOCKING, kStreamNonBlocking);
SAME(CU_EVENT_DISABLE_TIMING, kEventDisableTiming);
SAME(CU_MEMHOSTALLOC_PORTABLE, kHostAllocPortable);
SAME(CU_MEMHOSTALLOC_DEVICEMAP, kHostAllocDeviceMap);

#define FIELD(Theirs, theirs, Ours, ours)                                                                         \
  static_assert(                                                                                                  \
      offsetof(Theirs, theirs) == offsetof(own::Ours, ours) && sizeof(Theirs::theirs) == sizeof(own::Ours::ours), \
      #Theirs "." #theirs)
static_assert(sizeof(CUtensorMap) == sizeof(own::TensorMap) && alignof(CUtensorMap) <= alignof(own::TensorMap));
static_assert(sizeof(CUlaunchAttribute) == sizeof(own::LaunchAttribute));
FIELD(CUlaunchAttribute, id, LaunchAttribute, id);
FIELD(CUlaunchAttribute, value.clusterDim, LaunchAttribute, cluster);
FIELD(CUlaunchAttribute, value.programmaticStreamSerializationAllowed, LaunchAttribute, allowed);
static_assert(sizeof(CUlaunchConfig) == sizeof(own::LaunchConfig));
FIELD(CUlaunchConfig, gridDimX, LaunchConfig, grid_x);
FIELD(CUlaunchConfig, blockDimZ, LaunchConfig, block_z);
FIELD(CUlaunchConfig, sharedMemBytes, LaunchConfig, dynamic_shared);
FIELD(CUlaunchConfig, hStream, LaunchConfig, stream);
FIELD(CUlaunchConfig, attrs, LaunchConfig, attributes);
FIELD(CUlaunchConfig, numAttrs, LaunchConfig, count);
static_assert(sizeof(CUgraphExecUpdateResultInfo) == sizeof(own::GraphUpdateResult));
FIELD(CUgraphExecUpdateResultInfo, errorNode, GraphUpdateResult, error_node);
FIELD(CUgraphExecUpdateResultInfo, errorFromNode, GraphUpdateResult, error_from_node);

}  // namespace
