// The driver's ABI as libcudasim.so exports it: handles, constants and structures under the names that cuda.h gives them, so that
// the simulator builds where no CUDA toolkit is. Facts from cuda.h of CUDA 13.0; test/cuda/sim/driver/abi_test.cpp holds them against it.
//
// Enumerations are ints here: what a program passes is checked by the function it is passed to.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sinter::sim::driver {

enum CUresult : int {
#define SIM_ERROR(name, value) name = value,
#include "errors.def"
#undef SIM_ERROR
};

// Handles are pointers to the simulator's own objects.
class Context;
class Event;
class Function;
class Graph;
class GraphExec;
struct GraphNode;
class Module;
class Pool;
class Stream;
using CUcontext = Context*;
using CUevent = Event*;
using CUfunction = Function*;
using CUgraph = Graph*;
using CUgraphExec = GraphExec*;
using CUgraphNode = GraphNode*;
using CUmodule = Module*;
using CUmemoryPool = Pool*;
using CUstream = Stream*;
using CUarray = void*;
using CUkernel = void*;
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using cuuint32_t = uint32_t;
using cuuint64_t = uint64_t;

using CUdevice_attribute = int;
using CUdevice_P2PAttribute = int;
using CUdriverProcAddressQueryResult = int;
using CUfunc_cache = int;
using CUfunction_attribute = int;
using CUgraphExecUpdateResult = int;
using CUgraphNodeType = int;
using CUjit_option = int;
using CUlaunchAttributeID = int;
using CUlimit = int;
using CUmemAccess_flags = int;
using CUmemAllocationHandleType = int;
using CUmemAllocationType = int;
using CUmemLocationType = int;
using CUmemPool_attribute = int;
using CUmemorytype = int;
using CUpointer_attribute = int;
using CUstreamCaptureMode = int;
using CUstreamCaptureStatus = int;
using CUtensorMapDataType = int;
using CUtensorMapFloatOOBfill = int;
using CUtensorMapInterleave = int;
using CUtensorMapL2promotion = int;
using CUtensorMapSwizzle = int;

using CUhostFn = void (*)(void* data);
using CUstreamCallback = void (*)(CUstream stream, CUresult status, void* data);
using CUoccupancyB2DSize = size_t (*)(int threads);

struct CUuuid {
  char bytes[16];
};

struct CUtensorMap {
  cuuint64_t opaque[16];
};

struct CUmemLocation {
  CUmemLocationType type;
  int id;
};

struct CUmemAccessDesc {
  CUmemLocation location;
  CUmemAccess_flags flags;
};

struct CUmemPoolProps {
  CUmemAllocationType allocType;
  CUmemAllocationHandleType handleTypes;
  CUmemLocation location;
  void* win32SecurityAttributes;
  size_t maxSize;
  unsigned short usage;
  unsigned char reserved[54];
};

struct CUDA_MEMCPY2D {
  size_t srcXInBytes, srcY;
  CUmemorytype srcMemoryType;
  const void* srcHost;
  CUdeviceptr srcDevice;
  CUarray srcArray;
  size_t srcPitch;
  size_t dstXInBytes, dstY;
  CUmemorytype dstMemoryType;
  void* dstHost;
  CUdeviceptr dstDevice;
  CUarray dstArray;
  size_t dstPitch;
  size_t WidthInBytes, Height;
};

union alignas(8) CUlaunchAttributeValue {
  char pad[64];
  int cooperative;
  struct {
    unsigned x, y, z;
  } clusterDim;
  int programmaticStreamSerializationAllowed;
  int priority;
  unsigned sharedMemCarveout;
};

struct alignas(8) CUlaunchAttribute {
  CUlaunchAttributeID id;
  char pad[4];
  CUlaunchAttributeValue value;
};

struct CUlaunchConfig {
  unsigned gridDimX, gridDimY, gridDimZ;
  unsigned blockDimX, blockDimY, blockDimZ;
  unsigned sharedMemBytes;
  CUstream hStream;
  CUlaunchAttribute* attrs;
  unsigned numAttrs;
};

struct CUDA_KERNEL_NODE_PARAMS {
  CUfunction func;
  unsigned gridDimX, gridDimY, gridDimZ;
  unsigned blockDimX, blockDimY, blockDimZ;
  unsigned sharedMemBytes;
  void** kernelParams;
  void** extra;
  CUkernel kern;
  CUcontext ctx;
};

struct CUgraphExecUpdateResultInfo {
  CUgraphExecUpdateResult result;
  CUgraphNode errorNode;
  CUgraphNode errorFromNode;
};

struct CUgraphEdgeData {
  unsigned char from_port, to_port, type;
  unsigned char reserved[5];
};

}  // namespace sinter::sim::driver

// In the test that compares these declarations with cuda.h's, they are functions of the namespace.
#ifndef SIM_LINKAGE
#define SIM_LINKAGE extern "C" __attribute__((visibility("default")))
#endif

namespace sinter::sim::driver {

#define SIM_EXPORT(name, parameters) SIM_LINKAGE CUresult name parameters;
#include "exports.def"
#undef SIM_EXPORT

}  // namespace sinter::sim::driver
