// Models of what happens asynchronously: mbarrier objects, cp.async, and operations which complete through an mbarrier or a
// bulk group (cp.async.bulk and .tensor, cp.reduce.async.bulk, st.async, red.async, cp.async.mbarrier.arrive). Place in the
// whole: bookkeeping for the executor, which moves the bytes itself and decides when what is pending goes on. Tiles of tensor
// maps are in tensor_map.h.
//
// No locks: one worker executes a block, or all blocks of a cluster.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace sinter::sim {

// The mbarrier object is the 64-bit word in shared memory: everything is in its bits, so that copies of shared memory are whole.
// The high half of a state is as an H200 gives it. All throw ModelError for an object that mbarrier.init did not make and for
// what would leave the ranges of the PTX ISA.
namespace mbarrier {

inline constexpr uint32_t kMaxCount = (1u << 20) - 1;  // of arrivals, and of bytes either way

uint64_t init(uint32_t count);
bool valid(uint64_t word);
// Each gives the state before it. no_complete: it is an error if this completes the phase.
uint64_t arrive(uint64_t& word, uint32_t count = 1, bool no_complete = false);
uint64_t arrive_drop(uint64_t& word, uint32_t count = 1, bool no_complete = false);
// arrive.expect_tx and arrive_drop.expect_tx: the bytes first, then the arrival; the state is that before both.
uint64_t arrive_expect_tx(uint64_t& word, uint32_t bytes, bool drop = false);
void expect_tx(uint64_t& word, uint32_t bytes);
void complete_tx(uint64_t& word, uint32_t bytes);
// cp.async.mbarrier.arrive without .noinc: one arrival more is pending in this phase.
void increment(uint64_t& word);
// Has the phase of [state], or the one with this parity, been completed? test_wait and try_wait alike.
bool test(uint64_t word, uint64_t state);
bool test_parity(uint64_t word, uint32_t parity);
uint32_t pending_count(uint64_t state);
// For reports: "phase 1: 2 of 3 arrivals pending, 4096 bytes expected".
std::string describe(uint64_t word);

}  // namespace mbarrier

// A cp.async of a warp: 4, 8 or 16 bytes a lane from global to shared memory, of which the source gives the first source_bytes
// (0 with ignore-src) and the rest is zero.
struct AsyncCopy {
  uint32_t lanes = 0;  // mask of those still in flight
  uint32_t bytes = 0;
  uint32_t where = 0;  // the executor's: the instruction
  std::array<uint32_t, 32> to{};
  std::array<uint64_t, 32> from{};
  std::array<uint8_t, 32> source_bytes{};
};

// The cp.async of a warp that are in flight, and the groups of its lanes. A copy may land at any time between issue() and the
// wait which completes it; the queue calls complete(copy, lane) at that wait, whether the executor has landed it before or not.
class CopyQueue {
 public:
  // A number for complete_issued().
  uint64_t issue(const AsyncCopy& copy);
  void commit(uint32_t lanes);

  template <class Complete>
  void wait_group(uint32_t lanes, uint32_t pending_groups, Complete&& complete) {
    finish(lanes, complete,
           [&](const Entry& e, int lane) { return uint64_t{e.group[lane]} + pending_groups < group_[lane]; });
  }
  // wait_all: uncommitted copies too.
  template <class Complete>
  void wait_all(uint32_t lanes, Complete&& complete) {
    finish(lanes, complete, [](const Entry&, int) { return true; });
  }
  // All that was issued before and with [number].
  template <class Complete>
  void complete_issued(uint32_t lanes, uint64_t number, Complete&& complete) {
    finish(lanes, complete, [&](const Entry& e, int) { return e.number <= number; });
  }

  template <class See>
  void for_each(See&& see) const {
    for (const Entry& e : entries_) see(e.copy);
  }
  uint64_t issued() const { return issued_; }
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    AsyncCopy copy;
    std::array<uint32_t, 32> group;
    uint64_t number;
  };

  template <class Complete, class Done>
  void finish(uint32_t lanes, Complete& complete, const Done& done) {
    for (Entry& e : entries_)
      for (uint32_t rest = e.copy.lanes & lanes; rest; rest &= rest - 1) {
        const int lane = __builtin_ctz(rest);
        if (!done(e, lane)) continue;
        complete(std::as_const(e.copy), lane);
        e.copy.lanes &= ~(1u << lane);
      }
    while (!entries_.empty() && !entries_.front().copy.lanes) entries_.pop_front();
  }

  std::deque<Entry> entries_;
  std::array<uint32_t, 32> group_{};  // how many groups each lane has committed
  uint64_t issued_ = 0;
};

// The wgmma of a warp that have been issued, and their groups: what is to be done when they are waited for, if anything.
class ProductQueue {
 public:
  void add(std::function<void()> at_wait) { pending_.emplace_back(std::move(at_wait), groups_); }
  void commit() { ++groups_; }
  bool uncommitted() const { return !pending_.empty() && pending_.back().second == groups_; }
  bool empty() const { return pending_.empty(); }
  void wait(uint32_t pending_groups) {
    while (!pending_.empty() && pending_.front().second + pending_groups < groups_) {
      if (pending_.front().first) pending_.front().first();
      pending_.pop_front();
    }
  }

 private:
  std::deque<std::pair<std::function<void()>, uint64_t>> pending_;
  uint64_t groups_ = 0;
};

// Operations of the async proxy that a cluster's blocks (or a block by itself) have started. Each goes in two steps, at any time
// and in any order: read() takes the bytes of its source, write() puts them where they belong and signals the mbarrier.
class AsyncQueue {
 public:
  struct Operation {
    uint64_t thread = 0;   // who started it, any number that is the thread's own
    bool grouped = false;  // completes through the thread's bulk groups
    std::function<void()> read, write;
  };

  void start(Operation operation);
  void commit(uint64_t thread);
  // cp.async.bulk.wait_group(.read): all but the newest [pending_groups] groups of the thread; takes the steps that are missing.
  void wait_group(uint64_t thread, uint32_t pending_groups, bool read_only);
  // One step of a pending operation chosen by [random]; false: nothing is pending.
  bool step(std::mt19937_64& random);
  // All that is pending, oldest first: of a block that has ended, or where operations are to land at once.
  void finish_all();
  bool empty() const { return pending_.empty(); }

 private:
  struct Pending {
    Operation operation;
    uint64_t group;
    bool was_read = false;
  };
  std::vector<Pending> pending_;
  std::vector<std::pair<uint64_t, uint64_t>> groups_;  // how many a thread has committed
  uint64_t& committed(uint64_t thread);
  static void take_read(Pending& pending);
  void finish(size_t i);
};

}  // namespace sinter::sim
