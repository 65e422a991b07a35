// The processor's cache sizes, read once. Place in the whole: kernels cut their work by them.
#pragma once
#include <cstdint>

namespace sinter {

struct CacheSizes {
  int64_t l1, l2, l3;  // bytes: data caches of one core, and the last level that cores share
};
// What the system says, within what a kernel can rely on: 16 KB to 1 MB, 256 KB to 8 MB, 2 MB to 1 GB. Where it says nothing,
// 32 KB, 512 KB and 8 MB.
const CacheSizes& cache_sizes();

}  // namespace sinter
