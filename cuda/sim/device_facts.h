// Figures of real cards that simulated ones take over: limits of launches, shared memory, occupancy. Place in the whole: attributes of
// devices and functions, checks of launches. From the CUDA C++ Programming Guide, "Technical Specifications per Compute Capability";
// those of 9.0 also measured (docs/gpu-facts.md).
#pragma once
#include <optional>

#include "state.h"

namespace sinter::sim::driver {

struct DeviceFacts {
  int capability;
  int multiprocessors;
  int shared_per_block, shared_opt_in, shared_per_multiprocessor;
  int threads_per_multiprocessor, blocks_per_multiprocessor;
  int l2_bytes;
};

inline constexpr int kReservedShared = 1024;  // of each block, taken by the system
inline constexpr int kRegisters = 65536;      // of a multiprocessor
inline constexpr int kMaxThreads = 1024;
inline constexpr int kPortableCluster = 8, kLargestCluster = 16;

const DeviceFacts& facts();
// Null: cuDeviceGetAttribute knows no such attribute.
std::optional<int> device_attribute(const Device& device, int attribute);

// Threads a block of it may have: what .maxntid or .reqntid says.
int most_threads(const sim::Function& kernel);
// Registers a thread is taken to need: PTX does not say, so as many as leave the promised blocks their room.
int assumed_registers(const sim::Function& kernel);
// Blocks of [threads] that a multiprocessor holds at a time; 0: none fits.
int resident_blocks(const sim::Function& kernel, int threads, size_t dynamic_shared);

}  // namespace sinter::sim::driver
