// Backends and the operator table. Place in the whole: the engine's only knowledge of backends; generated from ops.def.
#pragma once
#include <memory>

#include "engine/call.h"
#include "engine/device.h"

namespace sinter {

constexpr int kMaxOpcode = 1024;  // built-in operators; custom ones start at 4096

// Engine commands: executed by the decoder itself, the same for every backend.
enum EngineCommand : int {
  kCommandView = 1,     // {id, source, dtype, offset, rank, dims..., strides...}: shares the source's storage
  kCommandRelease = 2,  // {n, ids...}
  kCommandBind = 3,     // {id, dtype, storage pointer, byte offset, rank, dims...}: takes over one storage reference
  kCommandMark = 4,     // {kind, value}: for the profiler; see profile.h
  kCommandSkip = 5,     // {flag}: until {0}, commands without results do not run if the flag (one f32) is not zero
  kCommandLess = 6,     // {id, k}: attribute k of the next operator is less by what the tensor (one f32) holds
  kCommandGraph = 7,    // {kind, id, seedLo, seedHi, offset}: see recorded.h
  kLastCommand = kCommandGraph,
};

struct OpInfo {
  const char* name;  // null: no such operator
  int group;
  uint32_t mutates;
  bool contiguous;
  bool mutates_operand(int i) const { return mutates >> (group ? i % group : i) & 1u; }
};

const OpInfo& op_info(int opcode);

struct Backend {
  const char* name;
  const Kernel* kernels;  // by opcode, kMaxOpcode entries
  // body(state, begin, end) over pieces of [0, n), for kernels from outside; null where memory is not the host's
  void (*parallel)(int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* state);
  // A queue on the backend's device, for one stream; null: kernels work on host memory and are done when they return. Throws Error.
  std::unique_ptr<DeviceQueue> (*open)(const Backend&) = nullptr;
  int ordinal = 0;  // of the device
  // By opcode, kMaxOpcode entries: kernels that take late_of(call) (late.h). On devices; copyInto is one.
  const bool* late = nullptr;
};

const Backend& cpu_backend();        // native/cpu/dispatch.cpp chooses the instruction set
const Backend* reference_backend();  // null outside test builds
void set_reference_backend(const Backend* backend);

}  // namespace sinter
