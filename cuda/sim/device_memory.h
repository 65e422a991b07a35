// Counting of device memory, shared by cuMemAlloc, pools and modules.
#pragma once
#include "schedule.h"

namespace sinter::sim::driver {

// What an allocation of [bytes] takes of its device.
uint64_t counted(uint64_t bytes);
// False: the device has not so much left.
bool take_memory(Device& device, uint64_t bytes);
// The allocation, not freed, that [address] lies in.
Allocation& live_allocation(uint64_t address, CUresult otherwise);

// A pooled allocation at once, without its stream.
void give_back_to_pool(Allocation& allocation);
// After a wait: pools keep no more unused memory than their threshold says.
void trim_pools(const Context& context);

}  // namespace sinter::sim::driver
