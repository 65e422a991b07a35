// The driver API's types, as far as the runtime uses them. Place in the whole: below driver.h; nothing of the build includes a CUDA
// header, so facts of the ABI stand here once (CUDA Driver API reference), and test/cuda/runtime/abi_test.cpp holds them against cuda.h where
// there is one. Handles are pointers to types that nobody defines, so that they do not mix.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sinter::cuda {

using CUdevice = int;
using CUdeviceptr = uint64_t;
using CUcontext = struct ContextHandle*;
using CUmodule = struct ModuleHandle*;
using CUfunction = struct FunctionHandle*;
using CUstream = struct StreamHandle*;
using CUevent = struct EventHandle*;
using CUgraph = struct GraphHandle*;
using CUgraphExec = struct GraphExecHandle*;
using CUgraphNode = struct GraphNodeHandle*;

// Those that the runtime tells apart; every other value is the driver's to explain.
enum class CUresult : int {
  success = 0,
  out_of_memory = 2,
  deinitialized = 4,
  stub_library = 34,
  device_unavailable = 46,
  no_device = 100,
  invalid_image = 200,
  no_binary_for_gpu = 209,
  ecc_uncorrectable = 214,
  nvlink_uncorrectable = 220,
  unsupported_ptx_version = 222,
  contained = 226,
  illegal_address = 700,
  launch_timeout = 702,
  context_is_destroyed = 709,
  assertion = 710,
  hardware_stack_error = 714,
  illegal_instruction = 715,
  misaligned_address = 716,
  invalid_address_space = 717,
  invalid_pc = 718,
  launch_failed = 719,
  tensor_memory_leak = 721,
  system_not_ready = 802,
  system_driver_mismatch = 803,
  mps_client_terminated = 810,
  graph_exec_update_failure = 910,
  external_device = 911,
  unknown = 999,
};

enum class DeviceAttribute : int {
  clock_rate = 13,
  multiprocessors = 16,
  memory_clock_rate = 36,
  memory_bus_width = 37,
  l2_size = 38,
  threads_per_multiprocessor = 39,
  capability_major = 75,
  capability_minor = 76,
  shared_per_multiprocessor = 81,
  registers_per_multiprocessor = 82,
  shared_per_block_optin = 97,
};

enum class FunctionAttribute : int { threads_per_block = 0, shared_bytes = 1, dynamic_shared_bytes = 8 };

enum class JitOption : int { error_log = 5, error_log_bytes = 6 };

enum class CaptureMode : int { relaxed = 2 };

// Of CUtensorMap, which tensor_map.h has.
struct TensorMap;
enum class TensorMapType : int { f16 = 6, bf16 = 9 };
enum class TensorMapInterleave : int { none = 0 };
enum class TensorMapSwizzle : int { bytes_128 = 3 };
enum class TensorMapPromotion : int { l2_128 = 2 };
enum class TensorMapFill : int { zeros = 0 };

enum class LaunchAttributeId : uint32_t { cluster_dimension = 4, programmatic_stream_serialization = 6 };

struct LaunchAttribute {
  LaunchAttributeId id;
  uint32_t pad;
  union {
    uint32_t cluster[3];
    int allowed;
    char bytes[64];
  };
};

struct LaunchConfig {
  uint32_t grid_x, grid_y, grid_z, block_x, block_y, block_z;
  uint32_t dynamic_shared;
  CUstream stream;
  LaunchAttribute* attributes;
  uint32_t count;
};

struct GraphUpdateResult {
  int result;
  CUgraphNode error_node, error_from_node;
};

constexpr unsigned kStreamNonBlocking = 1;   // CU_STREAM_NON_BLOCKING: no ties to the legacy default stream
constexpr unsigned kEventDisableTiming = 2;  // CU_EVENT_DISABLE_TIMING
constexpr unsigned kHostAllocPortable = 1;   // CU_MEMHOSTALLOC_PORTABLE: pinned for every context
constexpr unsigned kHostAllocDeviceMap = 2;  // CU_MEMHOSTALLOC_DEVICEMAP

}  // namespace sinter::cuda
