// The checker: finds what executes without a fault and is wrong all the same. Place in the whole: handlers of memory and barriers
// tell it what threads do (access.h, machine.cpp); it collects reports until somebody takes them.
//
// - Races, in shared and global memory: two accesses to a byte, one of them a store, by threads that nothing orders. What orders:
//   barriers of blocks and clusters (warps' vector clocks), bar.warp.sync (lanes of a warp), and atomics and mbarrier operations,
//   each of which passes on what its address has been told. So a program that is ordered by atomics alone and lacks a fence
//   passes, as does a race which another order would have shown: run more seeds.
// - Loads of bytes that nobody has stored to since they were allocated (global) or the block began (shared).
// - Loads of shared bytes that a cp.async brings, before the wait for it.
// - Loads with .nc of bytes that the same launch has stored to.
// - Values from lanes that do not take part in a shfl.
//
// What a device stops at (bounds, alignment, freed memory, deadlocks) is a fault, with the checker or without.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine.h"

namespace sinter::sim {

enum class Access : uint8_t { kLoad, kStore, kAtomic };

// Of warps, by block: what of each has happened before.
using Clock = std::map<uint64_t, std::vector<uint32_t>>;

class Checker {
 public:
  // One launch at a time, with one worker.
  void launch_begins(const Run& run);
  void block_begins(Block& block);

  void global(Warp& warp, const Instruction& in, uint64_t address, uint32_t bytes, int lane, Access access);
  void shared(Warp& warp, const Instruction& in, uint64_t address, uint32_t bytes, int lane, Access access);

  // What [warp] has done so far happens before what others do that acquire [key] afterwards.
  void release(Warp& warp, const void* key);
  void acquire(Warp& warp, const void* key);
  // [lanes] have been together: what each did is ordered with what the others do.
  void together(Warp& warp, uint32_t lanes);
  // What is asynchronous is done by a warp of its own in each block, after what [warp] has done so far; gives that warp. And
  // [warp] has waited for what it has done.
  Warp& asynchronous(Warp& warp);
  void waited(Warp& warp);
  // A copy sets out for shared bytes, or it has been waited for; in between they are not to be loaded.
  void in_flight(Warp& warp, uint64_t address, uint32_t bytes, int lane, bool arrived);
  void forget(const void* key) { told_.erase(key); }

  void undefined(Warp& warp, const Instruction& in, const std::string& what, int lane);

  struct Report {
    std::string text;
    uint64_t count = 0;
  };
  // Those so far, each kind at each place once.
  std::vector<Report> take();

 private:
  // What the accesses of a warp between two synchronizations have in common; a launch has few of them.
  struct Epoch {
    uint32_t block, warp, time;
    uint32_t together;  // in togethers_
  };
  // Most of a checked access is waiting for what it is compared with, so that is small.
  struct Stamp {
    uint32_t epoch = 0;  // in epochs_
    // Bytes of the cell, a bit each (0: there was no access), whether atomic, 5 bits of lane, 22 of instruction: not bit-fields, as what
    // is written by parts and read whole waits for its store.
    uint32_t what = 0;

    static constexpr uint32_t kBytes = 15, kAtomic = 16;
    uint32_t lane() const { return what >> 5 & 31; }
    uint32_t at() const { return what >> 10; }
  };
  static_assert(sizeof(Stamp) == 8);
  // Of four bytes: the last store, and two loads of different threads.
  struct Cell {
    Stamp store, loads[2];
  };
  // The cells of some memory. They are made where accesses come, as a launch sees little of what its allocations hold.
  class Cells {
   public:
    Cell& at(uint64_t index) {
      const uint64_t chunk = index / kChunk;
      if (chunk >= chunks_.size()) chunks_.resize(chunk + 1);
      if (!chunks_[chunk]) chunks_[chunk] = std::make_unique<Cell[]>(kChunk);
      return chunks_[chunk][index % kChunk];
    }

   private:
    static constexpr uint64_t kChunk = 256;
    std::vector<std::unique_ptr<Cell[]>> chunks_;
  };
  friend struct BlockCheck;

  void visit(Warp& warp, const Instruction& in, Cells& cells, uint64_t offset, uint32_t bytes, int lane, Access access,
             const Allocation* allocation);
  uint32_t epoch_of(Warp& warp);
  // Of an access of [warp] that is going on: did what [before] says happen before it?
  bool ordered(Warp& warp, const Stamp& now, const Stamp& before) const;
  void race(Warp& warp, const Instruction& in, const Stamp& other, bool other_stores, bool stores, int lane,
            const Allocation* allocation, uint64_t offset);
  void add(uint64_t kind, const Run& run, uint32_t at, const std::string& text);
  std::string described(uint64_t block, uint32_t warp, uint32_t lane) const;

  Cells& cells_of(const Allocation& allocation);

  const Run* run_ = nullptr;
  // By Allocation::id, of this launch; the last one used is the next one, as a rule.
  std::map<uint64_t, Cells> global_;
  uint64_t last_id_ = 0;
  Cells* last_cells_ = nullptr;
  std::vector<Epoch> epochs_;
  std::vector<std::array<uint32_t, 32>> togethers_;
  std::map<const void*, Clock> told_;
  std::map<std::pair<uint64_t, uint32_t>, Report> reports_;  // by kind and other place, and by place
};

// What the checker keeps of a block.
struct BlockCheck {
  struct OfWarp {
    uint32_t time = 1, stamp = 0;
    std::optional<uint32_t> epoch, together_at;  // in the checker's lists, once an access wants them
    Clock known;
    std::vector<uint32_t>* here = nullptr;  // known of its own block
    std::array<uint32_t, 32> together{};
  };
  std::vector<OfWarp> warps;  // the last one is asynchronous
  std::shared_ptr<Warp> asynchronous;
  Checker::Cells cells;
  std::vector<uint8_t> written, in_flight;  // a byte each: copies that are on their way to it
  uint32_t copies = 0;                      // that are on their way
};

// "file.cu:12 (ld.global.f32)"
std::string describe_origin(const Program& program, const Origin& origin);

}  // namespace sinter::sim
