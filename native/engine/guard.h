// Blocks that end at a page which nobody may touch. Place in the whole: the allocator cuts every block this way under
// SINTER_DEBUG=guard, so that a kernel that reads or writes past its operands, results or scratch memory ends in a segmentation fault
// instead of in its neighbour's bytes. Two mappings a block and a page at least: for tests and for hunting, not for use.
//
// The end is flush, so a block is aligned only as its size allows: an f32 tensor of 13 elements starts at an address that 4 divides.
// Kernels thereby also meet operands that no vector is aligned to. Addresses are never used twice: what is freed stays closed.
#pragma once
#include <cstddef>

namespace sinter::guard {

// Whether SINTER_DEBUG (lib/engine/debug.ts) asks for it, which it does only by name.
bool wanted();

// Bytes that a block of `bytes` takes from the system, the closed page excluded.
size_t footprint(size_t bytes);
// The block; null when the system has no more mappings or memory.
void* open(size_t bytes);
// Closes it. Ends the process when somebody wrote into the page's bytes before the block.
void close(void* data, size_t bytes);

}  // namespace sinter::guard
