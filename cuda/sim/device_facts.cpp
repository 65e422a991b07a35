// Attributes and occupancy by the formulas of the programming guide.
#include "device_facts.h"

#include <algorithm>

namespace sinter::sim::driver {

namespace {

// One card of each capability: A100, A10, L40S, H200, B200, RTX 5090.
constexpr DeviceFacts kFacts[] = {
    {80, 108, 49152, 166912, 167936, 2048, 32, 40 << 20},   {86, 72, 49152, 101376, 102400, 1536, 16, 6 << 20},
    {89, 142, 49152, 101376, 102400, 1536, 24, 96 << 20},   {90, 132, 49152, 232448, 233472, 2048, 32, 60 << 20},
    {100, 148, 49152, 232448, 233472, 2048, 32, 126 << 20}, {120, 170, 49152, 101376, 102400, 1536, 24, 96 << 20},
};

}  // namespace

const DeviceFacts& facts() {
  // Settled when cuInit has read the settings, as nothing asks before.
  static const DeviceFacts chosen = [] {
    const Settings& settings = state().settings;
    DeviceFacts found = *std::find_if(std::begin(kFacts), std::end(kFacts),
                                      [&](const DeviceFacts& it) { return it.capability == settings.capability; });
    if (settings.multiprocessors) found.multiprocessors = settings.multiprocessors;
    return found;
  }();
  return chosen;
}

std::optional<int> device_attribute(const Device& device, int attribute) {
  const DeviceFacts& it = facts();
  const bool clusters = it.capability >= 90;
  switch (attribute) {
    case 1: return kMaxThreads;  // threads a block
    case 2:
    case 3: return 1024;        // block dimensions x, y
    case 4: return 64;          // z
    case 5: return 0x7fffffff;  // grid dimensions x
    case 6:
    case 7: return 65535;  // y, z
    case 8: return it.shared_per_block;
    case 9: return 65536;        // constant memory
    case 10: return 32;          // warp
    case 11: return 0x7fffffff;  // largest pitch
    case 12:
    case 82: return kRegisters;  // registers a block, a multiprocessor
    case 13: return 1410000;     // clock, kHz
    case 14: return 512;         // texture alignment
    case 15: return 1;           // copies beside kernels
    case 16: return it.multiprocessors;
    case 17: return 0;                   // run-time limit on kernels
    case 18: return 0;                   // integrated
    case 19: return 1;                   // maps host memory
    case 20: return 0;                   // compute mode: default
    case 30: return 512;                 // surface alignment
    case 31: return 1;                   // concurrent kernels
    case 32: return 1;                   // ECC
    case 33: return device.ordinal + 1;  // PCI bus
    case 34:
    case 50: return 0;        // PCI device, domain
    case 35: return 0;        // TCC driver
    case 36: return 1215000;  // memory clock, kHz
    case 37: return 5120;     // bus width, bits
    case 38: return it.l2_bytes;
    case 39: return it.threads_per_multiprocessor;
    case 40: return 3;   // copy engines
    case 41: return 1;   // unified addressing
    case 51: return 32;  // texture pitch alignment
    case 75: return it.capability / 10;
    case 76: return it.capability % 10;
    case 78: return 1;  // stream priorities
    case 79:
    case 80: return 1;  // L1 for global, local memory
    case 81: return it.shared_per_multiprocessor;
    case 83: return 0;  // managed memory: the simulator has none
    case 84:
    case 85: return 0;  // several devices on a board
    case 86: return 0;  // native atomics to the host
    case 87: return 2;  // single to double precision
    case 88:
    case 89: return 0;  // pageable memory, managed memory reached concurrently
    case 90: return 1;  // preemption
    case 91: return 1;  // registered memory at the host's address
    case 92:
    case 93:
    case 94: return 0;  // stream memory operations, first version
    case 95: return 1;  // cooperative launches
    case 96: return 0;  // on several devices
    case 97: return it.shared_opt_in;
    case 98: return 0;
    case 99: return 1;  // host registration
    case 100:
    case 101: return 0;  // host page tables, direct access from the host
    case 102: return 0;  // virtual memory management: not exported
    case 103:
    case 104:
    case 105: return 0;  // handles
    case 106: return it.blocks_per_multiprocessor;
    case 107: return 0;                    // compression
    case 108: return it.l2_bytes / 8 * 5;  // persisting L2
    case 109: return 128 << 20;            // access window
    case 110: return 0;
    case 111: return kReservedShared;
    case 112:
    case 113:
    case 114: return 0;  // sparse arrays, read-only registration, timeline semaphores
    case 115: return 1;  // memory pools
    case 116:
    case 117:
    case 118:
    case 119: return 0;
    case 120: return clusters;  // cluster launches
    case 121:
    case 122:
    case 123:
    case 124:
    case 125:
    case 126: return 0;
    case 127: return clusters;  // tensor maps
    case 128:
    case 129:
    case 130: return 0;
    case 131: return -1;  // NUMA node
    case 132:
    case 133: return 0;
    case 134: return -1;  // the host's
    default: return std::nullopt;
  }
}

int most_threads(const sim::Function& kernel) {
  return kernel.max_threads ? static_cast<int>(kernel.max_threads) : kMaxThreads;
}

int assumed_registers(const sim::Function& kernel) {
  const int threads = most_threads(kernel) * static_cast<int>(std::max(1u, kernel.min_blocks));
  const int fit = std::clamp(kRegisters / threads / 8 * 8, 16, 255);
  // 128 is what the kernels' own bar allows (compiled ones say exactly).
  return std::min(kernel.max_registers ? static_cast<int>(kernel.max_registers) : 128, fit);
}

int resident_blocks(const sim::Function& kernel, int threads, size_t dynamic_shared) {
  const DeviceFacts& it = facts();
  const int warps = (threads + 31) / 32;
  // Registers are given out by the warp in units of 256, shared memory by the block in units of 128.
  const int registers = (assumed_registers(kernel) * 32 + 255) / 256 * 256 * warps;
  const size_t shared = (kernel.static_shared + dynamic_shared + kReservedShared + 127) / 128 * 128;
  return static_cast<int>(std::min({static_cast<size_t>(it.blocks_per_multiprocessor),
                                    static_cast<size_t>(it.threads_per_multiprocessor / (32 * warps)),
                                    static_cast<size_t>(kRegisters / registers),
                                    static_cast<size_t>(it.shared_per_multiprocessor) / shared}));
}

}  // namespace sinter::sim::driver
