#include "engine/allocator.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "engine/debug.h"
#include "engine/error.h"
#include "engine/guard.h"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace sinter {

namespace {

constexpr size_t kHugePage = 2 << 20;
constexpr size_t kSegmentBytes = 32 << 20;
constexpr size_t kLargeGranule = 4096;
constexpr size_t kMinSplit = 64 * 1024;
// Blocks that rest, and all of them together: what caches hold. With larger ones, or more, a step of ResNet-18 took 11 to 15 % more memory.
constexpr size_t kLargestResting = 2 << 20;
constexpr uint64_t kMostResting = 64 << 20;

size_t round_up(size_t x, size_t to) { return (x + to - 1) / to * to; }

// 2 MB-aligned anonymous memory advised for huge pages; null when the system has none.
void* map_pages(size_t bytes) {
  void* raw =
      mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  const auto base = reinterpret_cast<uintptr_t>(raw), aligned = round_up(base, kHugePage);
  if (aligned > base) munmap(raw, aligned - base);
  const size_t tail = base + bytes + kHugePage - (aligned + bytes);
  if (tail) munmap(reinterpret_cast<void*>(aligned + bytes), tail);
#ifdef MADV_HUGEPAGE
  madvise(reinterpret_cast<void*>(aligned), bytes, MADV_HUGEPAGE);
#endif
  return reinterpret_cast<void*>(aligned);
}

// The container's limit where there is one, else the machine's memory.
uint64_t machine_memory() {
  uint64_t bytes = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGE_SIZE));
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    if (FILE* f = std::fopen(path, "r")) {
      unsigned long long limit = 0;
      if (std::fscanf(f, "%llu", &limit) == 1 && limit > 0 && limit < bytes) bytes = limit;
      std::fclose(f);
    }
  }
  return bytes;
}

// SINTER_MEMORY_LIMIT: bytes, or a number with K, M, G or T (powers of 1024); lib/native/load.ts refuses what this would
// not understand. Without it the machine's memory.
uint64_t default_limit() {
  const char* text = std::getenv("SINTER_MEMORY_LIMIT");
  if (!text || !*text) return machine_memory();
  char* end = nullptr;
  double bytes = std::strtod(text, &end);
  for (const char* unit = "KMGT"; *unit; unit++) {
    bytes *= 1024;
    if (*end == *unit || *end == *unit + ('a' - 'A')) return static_cast<uint64_t>(bytes);
  }
  return static_cast<uint64_t>(std::strtod(text, nullptr));
}

// NaN in every floating-point type, -1 in integers: what reads memory that nobody has written, or that was freed, shows.
constexpr int kPoison = 0xff;

// What AddressSanitizer may see touched: of a block the bytes that were asked for, of a free one none, and kFence bytes between any
// two. Without this it would know of whole segments only, and a kernel that reads past its operand would read another's.
#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kFence = 64;
void expose(const void* data, size_t bytes) { ASAN_UNPOISON_MEMORY_REGION(data, bytes); }
void hide(const void* data, size_t bytes) { ASAN_POISON_MEMORY_REGION(data, bytes); }
#else
constexpr size_t kFence = 0;
void expose(const void*, size_t) {}
void hide(const void*, size_t) {}
#endif

}  // namespace

// By 1, all and guard as well as by its name.
bool poison_wanted() { return debug_asks("poison") || debug_asks("1") || debug_asks("all") || guard::wanted(); }

// A piece of a segment; neighbours in address order are linked so that free ones can be joined.
struct Allocator::LargeBlock {
  char* data;
  size_t bytes;
  LargeBlock *previous, *next;
  bool free;
};

bool Allocator::BySize::operator()(const LargeBlock* a, const LargeBlock* b) const {
  return a->bytes != b->bytes ? a->bytes < b->bytes : a->data < b->data;
}

Allocator& Allocator::host() {
  static Allocator* allocator = new Allocator;  // leaked: worker threads may release after exit handlers ran
  return *allocator;
}

Allocator::Allocator() : limit_(default_limit()), poison_(poison_wanted()), guard_(guard::wanted()) {}

// Classes: 64, 128, ... 1024 bytes, then four steps a doubling up to kSmallLimit.
int Allocator::small_class(size_t bytes) {
  if (bytes <= 1024) return static_cast<int>((bytes + 63) / 64) - 1;
  const int log = 63 - __builtin_clzll(bytes - 1);  // 2^log < bytes <= 2^(log+1)
  const int step = static_cast<int>((bytes - 1) >> (log - 2)) & 3;
  return 16 + (log - 10) * 4 + step;
}

size_t Allocator::small_class_bytes(int c) {
  if (c < 16) return static_cast<size_t>(c + 1) * 64;
  const int log = 10 + (c - 16) / 4, step = (c - 16) % 4;
  return (size_t{1} << log) + static_cast<size_t>(step + 1) * (size_t{1} << (log - 2));
}

void Allocator::exhausted(size_t bytes) {
  fail(
      ErrorCode::out_of_memory,
      "out of memory: %.1f MB asked, %.1f MB live, %.1f MB reserved, limit %.1f MB; free tensors (scope, dispose), use "
      "smaller batches, or raise the limit with engine.setMemoryLimit",
      static_cast<double>(bytes) / 1e6, static_cast<double>(live_) / 1e6, static_cast<double>(reserved_) / 1e6,
      static_cast<double>(limit_) / 1e6);
}

void Allocator::charge(size_t bytes) {
  live_ += bytes;
  if (live_ > peak_) peak_ = live_;
  live_blocks_++;
  allocations_++;
}

Allocator::Block Allocator::allocate(size_t bytes) {
  const Block block = take(guard_ ? bytes : bytes + kFence);
  expose(block.data, block.bytes);
  if (poison_) std::memset(block.data, kPoison, block.bytes);
  hide(static_cast<char*>(block.data) + bytes, block.bytes - bytes);
  return block;
}

Allocator::Block Allocator::take(size_t bytes) {
  std::lock_guard lock(mutex_);
  if (fail_countdown_ > 0 && bytes >= fail_min_bytes_ && --fail_countdown_ == 0) exhausted(bytes);
  if (bytes > limit_ || live_ + bytes > limit_) exhausted(bytes);
  const Block block = guard_                 ? allocate_guarded(bytes)
                      : bytes <= kSmallLimit ? allocate_small(bytes)
                                             : allocate_large(bytes);
  charge(block.bytes);
  return block;
}

Allocator::Block Allocator::allocate_guarded(size_t bytes) {
  void* data = guard::open(bytes);
  if (!data) exhausted(bytes);
  reserved_ += guard::footprint(bytes);
  return {data, bytes, nullptr};
}

Allocator::Block Allocator::allocate_small(size_t bytes) {
  const int c = small_class(bytes);
  const size_t size = small_class_bytes(c);
  if (void* head = free_small_[c]) {
    expose(head, sizeof(void*));
    free_small_[c] = *static_cast<void**>(head);
    cached_ -= size;
    return {head, size, nullptr};
  }
  if (static_cast<size_t>(chunk_end_ - chunk_next_) < size) {
    if (reserved_ + kHugePage > limit_) release_free_segments();
    void* chunk = reserved_ + kHugePage > limit_ ? nullptr : map_pages(kHugePage);
    if (!chunk) exhausted(bytes);
    reserved_ += kHugePage;
    chunk_next_ = static_cast<char*>(chunk);
    chunk_end_ = chunk_next_ + kHugePage;
  }
  void* data = chunk_next_;
  chunk_next_ += size;
  return {data, size, nullptr};
}

Allocator::LargeBlock* Allocator::new_segment(size_t bytes) {
  // A full-size segment first; close to the limit just what is needed.
  const size_t least = round_up(bytes, kHugePage);
  for (size_t size : {least > kSegmentBytes ? least : kSegmentBytes, least}) {
    if (reserved_ + size > limit_) release_free_segments();
    if (reserved_ + size > limit_) continue;
    if (void* data = map_pages(size)) {
      reserved_ += size;
      cached_ += size;
      free_segments_ += size;
      return new LargeBlock{static_cast<char*>(data), size, nullptr, nullptr, true};
    }
  }
  exhausted(bytes);
}

// A resting block that wastes no more than one that is cut.
Allocator::LargeBlock* Allocator::rested(size_t size) {
  const auto at = resting_.lower_bound(size);
  if (at == resting_.end() || at->first - size >= kMinSplit) return nullptr;
  LargeBlock* block = at->second.back();
  at->second.pop_back();
  if (at->second.empty()) resting_.erase(at);
  resting_bytes_ -= block->bytes;
  cached_ -= block->bytes;
  return block;
}

// The smallest free block that is large enough.
Allocator::LargeBlock* Allocator::fitting(size_t size) {
  LargeBlock key{nullptr, size, nullptr, nullptr, true};
  const auto at = free_large_.lower_bound(&key);
  if (at == free_large_.end()) return nullptr;
  LargeBlock* block = *at;
  free_large_.erase(at);
  return block;
}

Allocator::Block Allocator::allocate_large(size_t bytes) {
  const size_t size = round_up(bytes, kLargeGranule);
  if (LargeBlock* block = rested(size)) return {block->data, block->bytes, block};
  LargeBlock* block = fitting(size);
  if (!block && resting_bytes_) {
    settle();
    block = fitting(size);
  }
  if (!block) block = new_segment(size);
  if (!block->previous && !block->next) free_segments_ -= block->bytes;
  cached_ -= block->bytes;
  block->free = false;
  if (block->bytes - size >= kMinSplit) {
    auto* rest = new LargeBlock{block->data + size, block->bytes - size, block, block->next, true};
    if (rest->next) rest->next->previous = rest;
    block->next = rest;
    block->bytes = size;
    cached_ += rest->bytes;
    free_large_.insert(rest);
  }
  return {block->data, block->bytes, block};
}

void Allocator::free(const Block& block) {
  expose(block.data, block.bytes);
  if (poison_) std::memset(block.data, kPoison, block.bytes);
  std::lock_guard lock(mutex_);
  live_ -= block.bytes;
  live_blocks_--;
  if (guard_) {
    guard::close(block.data, block.bytes);
    reserved_ -= guard::footprint(block.bytes);
    return;
  }
  if (!block.large) {
    const int c = small_class(block.bytes);
    *static_cast<void**>(block.data) = free_small_[c];
    free_small_[c] = block.data;
    cached_ += block.bytes;
    hide(block.data, block.bytes);
    return;
  }
  hide(block.data, block.bytes);
  cached_ += block.bytes;
  if (block.bytes > kLargestResting) return join(block.large);
  resting_bytes_ += block.bytes;
  resting_[block.bytes].push_back(block.large);
  if (resting_bytes_ > std::min(kMostResting, limit_ / 4)) settle();
}

// Joins all resting blocks with their free neighbours.
void Allocator::settle() {
  const auto resting = std::move(resting_);
  resting_.clear();
  resting_bytes_ = 0;
  for (const auto& [size, blocks] : resting)
    for (LargeBlock* block : blocks) join(block);
}

void Allocator::join(LargeBlock* b) {
  b->free = true;
  if (LargeBlock* n = b->next; n && n->free) {
    free_large_.erase(n);
    b->bytes += n->bytes;
    b->next = n->next;
    if (b->next) b->next->previous = b;
    delete n;
  }
  if (LargeBlock* p = b->previous; p && p->free) {
    free_large_.erase(p);
    p->bytes += b->bytes;
    p->next = b->next;
    if (p->next) p->next->previous = p;
    delete b;
    b = p;
  }
  free_large_.insert(b);
  if (!b->previous && !b->next) {
    free_segments_ += b->bytes;
    // Keep a quarter of the limit at most in segments that nobody uses.
    if (free_segments_ > limit_ / 4) release_segment(b);
  }
}

void Allocator::release_segment(LargeBlock* whole) {
  free_large_.erase(whole);
  expose(whole->data, whole->bytes);
  munmap(whole->data, whole->bytes);
  reserved_ -= whole->bytes;
  cached_ -= whole->bytes;
  free_segments_ -= whole->bytes;
  delete whole;
}

uint64_t Allocator::release_free_segments() {
  const uint64_t before = reserved_;
  settle();
  for (auto it = free_large_.begin(); it != free_large_.end();) {
    LargeBlock* b = *it++;
    if (!b->previous && !b->next) release_segment(b);
  }
  return before - reserved_;
}

uint64_t Allocator::empty_cache() {
  std::lock_guard lock(mutex_);
  return release_free_segments();
}

MemoryStats Allocator::stats() {
  std::lock_guard lock(mutex_);
  return {live_, cached_, peak_, reserved_, limit_, allocations_, live_blocks_};
}

void Allocator::reset_peak() {
  std::lock_guard lock(mutex_);
  peak_ = live_;
}

void Allocator::set_limit(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  limit_ = bytes ? bytes : default_limit();
  if (reserved_ > limit_) release_free_segments();
}

void Allocator::inject_failure(int64_t n, uint64_t min_bytes) {
  std::lock_guard lock(mutex_);
  fail_countdown_ = n;
  fail_min_bytes_ = min_bytes;
}

}  // namespace sinter
