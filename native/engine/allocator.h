// The caching host allocator. Place in the whole: storages and kernel scratch come from here, for every stream of the process.
//
// Fresh 4 KB pages cost up to fifty times a reused block, so memory comes from the system in 2 MB-aligned chunks advised for
// huge pages and is kept. Blocks up to 64 KB live in size classes with free lists; larger ones are cut best-fit from
// segments and coalesced with free neighbours when they return. Those of up to 2 MB rest whole at first, for the next one
// of their size: a training step asks for the same sizes again and again, and gets memory that its cores have in their
// caches, the same rows on the same core. Where nothing fits, or too much rests, they are coalesced too. Reuse needs no
// waiting: allocation and release happen at execution, in stream order.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace sinter {

// Whether SINTER_DEBUG asks for blocks to be filled when they come and when they go.
bool poison_wanted();

struct MemoryStats {
  uint64_t live;         // bytes in blocks handed out
  uint64_t cached;       // bytes kept for reuse
  uint64_t peak;         // highest `live` since start or reset
  uint64_t reserved;     // bytes held from the system: live + cached + cutting waste
  uint64_t limit;        // bound of `live` and of `reserved`
  uint64_t allocations;  // blocks handed out since start
  uint64_t live_blocks;
};

class Allocator {
 public:
  struct LargeBlock;
  struct Block {
    void* data = nullptr;
    size_t bytes = 0;             // size of the block, at least what was asked
    LargeBlock* large = nullptr;  // set for blocks over kSmallLimit
  };

  static Allocator& host();

  // Throws Error{out_of_memory}; bytes > 0. 64-byte aligned; under guard only as the size allows.
  Block allocate(size_t bytes);
  void free(const Block& block);

  MemoryStats stats();
  void reset_peak();
  void set_limit(uint64_t bytes);  // 0: SINTER_MEMORY_LIMIT, or the machine's (or container's) memory
  uint64_t empty_cache();          // gives whole free segments back; returns their bytes
  // Test hook: the n-th allocation of at least `min_bytes` from now fails (1: the next); 0 switches it off.
  void inject_failure(int64_t n, uint64_t min_bytes);

 private:
  static constexpr size_t kSmallLimit = 64 * 1024;
  static constexpr int kSmallClasses = 16 + 4 * 6;

  struct BySize {
    bool operator()(const LargeBlock* a, const LargeBlock* b) const;
  };

  Allocator();
  static int small_class(size_t bytes);
  static size_t small_class_bytes(int c);
  Block take(size_t bytes);
  Block allocate_guarded(size_t bytes);
  Block allocate_small(size_t bytes);
  Block allocate_large(size_t bytes);
  LargeBlock* rested(size_t size);
  LargeBlock* fitting(size_t size);
  LargeBlock* new_segment(size_t bytes);
  void join(LargeBlock* block);
  void settle();
  void release_segment(LargeBlock* whole);
  uint64_t release_free_segments();
  void charge(size_t bytes);
  [[noreturn]] void exhausted(size_t bytes);

  std::mutex mutex_;
  void* free_small_[kSmallClasses] = {};
  char* chunk_next_ = nullptr;
  char* chunk_end_ = nullptr;
  std::set<LargeBlock*, BySize> free_large_;
  std::map<size_t, std::vector<LargeBlock*>> resting_;  // by size; the last one is taken first
  uint64_t resting_bytes_ = 0;
  uint64_t live_ = 0, cached_ = 0, peak_ = 0, reserved_ = 0, limit_ = 0, allocations_ = 0, live_blocks_ = 0;
  uint64_t free_segments_ = 0;  // bytes of segments that are one free block
  const bool poison_;           // SINTER_DEBUG: blocks are filled when they come and when they go
  const bool guard_;            // SINTER_DEBUG: every block has its own mapping and ends at a closed page (guard.h)
  int64_t fail_countdown_ = 0;
  uint64_t fail_min_bytes_ = 0;
};

}  // namespace sinter
