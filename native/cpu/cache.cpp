#include "cpu/cache.h"

#include <algorithm>

#if defined(__linux__)
#include <unistd.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace sinter {

namespace {

int64_t ask(int level) {
#if defined(__linux__) && defined(_SC_LEVEL1_DCACHE_SIZE)
  return sysconf(level == 1 ? _SC_LEVEL1_DCACHE_SIZE : level == 2 ? _SC_LEVEL2_CACHE_SIZE : _SC_LEVEL3_CACHE_SIZE);
#elif defined(__APPLE__)
  int64_t bytes = 0;
  size_t size = sizeof bytes;
  const char* name = level == 1 ? "hw.l1dcachesize" : level == 2 ? "hw.l2cachesize" : "hw.l3cachesize";
  return sysctlbyname(name, &bytes, &size, nullptr, 0) == 0 ? bytes : 0;
#else
  (void)level;
  return 0;
#endif
}

int64_t known(int64_t bytes, int64_t otherwise, int64_t least, int64_t most) {
  return std::clamp(bytes > 0 ? bytes : otherwise, least, most);
}

}  // namespace

const CacheSizes& cache_sizes() {
  static const CacheSizes sizes{known(ask(1), 32 << 10, 16 << 10, 1 << 20),
                                known(ask(2), 512 << 10, 256 << 10, 8 << 20), known(ask(3), 8 << 20, 2 << 20, 1 << 30)};
  return sizes;
}

}  // namespace sinter
