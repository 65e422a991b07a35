#include "engine/guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/debug.h"

namespace sinter::guard {

namespace {

// What the bytes between the first page's start and the block hold.
constexpr unsigned char kSlack = 0xfe;

size_t page() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

bool wanted() { return debug_asks("guard"); }

size_t footprint(size_t bytes) { return (bytes + page() - 1) / page() * page(); }

void* open(size_t bytes) {
  const size_t pages = footprint(bytes), slack = pages - bytes;
  void* raw = mmap(nullptr, pages + page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  if (mprotect(raw, pages, PROT_READ | PROT_WRITE) != 0) {
    munmap(raw, pages + page());
    return nullptr;
  }
  std::memset(raw, kSlack, slack);
  return static_cast<char*>(raw) + slack;
}

void close(void* data, size_t bytes) {
  const size_t pages = footprint(bytes), slack = pages - bytes;
  auto* raw = static_cast<unsigned char*>(data) - slack;
  for (size_t i = 0; i < slack; i++) {
    if (raw[i] == kSlack) continue;
    std::fprintf(stderr, "sinter: a block of %zu bytes was written %zu bytes before its start\n", bytes, slack - i);
    std::abort();
  }
  // A fresh mapping in its place gives the pages back and keeps the addresses.
  if (mmap(raw, pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED) {
    mprotect(raw, pages, PROT_NONE);
  }
}

}  // namespace sinter::guard
