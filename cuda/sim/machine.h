// The state of an executing launch: warps, blocks, clusters. Place in the whole: handlers (exec_*.cpp) change it, scheduler.cpp
// moves it along.
//
// Divergence: a warp's lanes are in groups, each at one program counter. The group at the lowest one runs, and joins others where
// it meets them. A group that must wait (for lanes of a _sync instruction, at a barrier) is parked.
#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "async.h"
#include "code.h"
#include "interpreter.h"

namespace sinter::sim {

// Shared addresses of a block begin here: a device keeps the first 1024 bytes for itself.
inline constexpr uint32_t kSharedBase = 1024;
// The shared memory of a cluster's block r as others see it begins at (r + 1) * kWindow of the shared address space.
inline constexpr uint32_t kWindowBits = 24;
// Generic addresses of what is not in global memory; no host has memory there.
inline constexpr uint64_t kSharedWindow = uint64_t{1} << 48, kLocalWindow = uint64_t{2} << 48,
                          kParameterWindow = uint64_t{3} << 48;
inline constexpr uint64_t kWindowMask = (uint64_t{1} << 48) - 1;

inline constexpr uint32_t kAll = 0xFFFFFFFFu;
inline constexpr uint32_t kNever = 0xFFFFFFFFu;

// A fault of the program under execution; the scheduler adds where it was.
struct ExecutionFault {
  Fault fault;
  std::string message;
  int lane = -1;
};

struct Block;
struct BlockCheck;
struct Cluster;
struct Run;
struct Worker;

struct Group {
  enum class State : uint8_t { kReady, kSync, kBarrier, kCluster };
  uint32_t pc = 0, mask = 0;
  State state = State::kReady;
  uint32_t members = 0;  // kSync: lanes that are waited for; kBarrier: its number
};

struct Warp {
  // The running group.
  uint32_t pc = 0, mask = 0;
  uint32_t merge_pc = kNever;  // where another group is
  bool stop = false;           // nothing can run, or the time slice is over
  uint32_t alive = 0;          // lanes that have not exited
  uint32_t exists = 0;         // lanes that are threads of the block
  std::vector<Group> groups;   // all but the running one

  std::byte* registers = nullptr;
  const std::byte* constants = nullptr;
  std::byte* local = nullptr;
  Block* block = nullptr;
  Worker* worker = nullptr;
  const Run* run = nullptr;
  uint32_t index = 0;                        // in the block
  std::array<uint16_t, 32> tid[3];           // x, y, z of each lane
  std::array<uint64_t, 32> cluster_phase{};  // of the last barrier.cluster.arrive
  CopyQueue copies;                          // cp.async
  ProductQueue products;                     // wgmma
  std::vector<std::byte> storage;

  template <class T>
  const T* source(Slot slot) const {
    return reinterpret_cast<const T*>(slot >= 0 ? registers + slot : constants + ~slot);
  }
  template <class T>
  T* lanes(Slot slot) {
    return reinterpret_cast<T*>(registers + slot);
  }
  // One lane of a register of 2, 4 or 8 bytes.
  void set_lane(Slot slot, uint32_t bytes, int lane, uint64_t value) {
    if (bytes == 2)
      lanes<uint16_t>(slot)[lane] = static_cast<uint16_t>(value);
    else if (bytes == 4)
      lanes<uint32_t>(slot)[lane] = static_cast<uint32_t>(value);
    else
      lanes<uint64_t>(slot)[lane] = value;
  }
  uint32_t predicate(Slot slot) const { return *source<uint32_t>(slot); }
  void set_predicate(Slot slot, uint32_t mask, uint32_t value) {
    auto* word = lanes<uint32_t>(slot);
    *word = (*word & ~mask) | (value & mask);
  }

  // Chooses the group to run, joining those at one place; sets stop where none is ready.
  void select();
  // Lanes of [taken] go on at [target], the others at pc.
  void branch(uint32_t taken, uint32_t target);
  // Lanes of [waiting], of the running group, stay at the instruction that is being executed; the others go on.
  void park(uint32_t waiting, Group::State state, uint32_t members);
  // Lanes of [leaving] are done.
  void exit(uint32_t leaving);

  // The running group gives its turn to another one of the warp, and the warp its own to others.
  void yield();

  // For _sync instructions. Calls execute(team) for each set of lanes which name the same members and are all here; lanes which
  // must wait for others are parked and come here again.
  template <class Execute>
  void teams(uint32_t here, const uint32_t* members, Execute&& execute);
  // For .aligned ones: are all lanes of the warp here? If not, they are parked.
  bool aligned(uint32_t here);

  // For the checker: what the lanes did before is ordered with what others do after.
  void passed_barrier(uint32_t lanes, const void* barrier);
  void passed_warp_barrier(uint32_t lanes);

  // The PTX ISA leaves open what happens here: a report where there is a checker.
  void undefined(const std::string& what, int lane);

  bool can_run() const;
  uint64_t thread(int lane) const;  // a number of its own for each thread of the cluster, for AsyncQueue
};

struct Barrier {
  uint32_t arrived = 0;   // threads, with whole warps counted as 32
  uint32_t expected = 0;  // 0: all threads of the block
  uint32_t lanes = 0;     // that really arrived
  std::vector<uint32_t> of_warp;
  uint32_t popc = 0;
  bool all = true, any = false;
};

struct Block {
  Dim id;
  uint64_t linear = 0;
  uint32_t rank = 0;  // in the cluster
  Cluster* cluster = nullptr;
  std::vector<Warp> warps;
  std::vector<std::byte> shared;  // of the addresses from kSharedBase on
  std::array<Barrier, 16> barriers;
  std::shared_ptr<BlockCheck> check;  // the checker's
  uint64_t alive() const;

  // A group of [warp] is at barrier [id], for [expected] threads or all. True: it is complete, and all go on.
  bool arrive(Warp& warp, uint32_t lanes, uint32_t id, uint32_t expected);
  void release(uint32_t id);
  // Threads have exited: does that complete a barrier?
  void check_barriers();
};

struct Cluster {
  std::vector<std::unique_ptr<Block>> blocks;
  Dim id;
  AsyncQueue async;
  uint64_t phase = 1, arrived = 0;  // of barrier.cluster
  uint64_t polls = 0;               // waits for mbarriers in vain, since one of them changed
  void check_barrier();
};

// What a launch's workers share.
struct Run {
  const Program& program;
  const Function& function;
  const Code& code;
  const Launch& launch;
  Memory& memory;
  Checker* checker;
  Profile* profile;
  std::vector<std::byte> constants;  // with the addresses of variables
  uint32_t shared_bytes = 0;         // static and dynamic
  uint32_t warps = 0;                // a block
  std::atomic<uint64_t> next{0};     // cluster to start
  std::atomic<bool> failed{false};
};

// Of the profile, by instruction; profile.h says what it counts.
struct Traffic {
  uint64_t requests = 0, sectors = 0, ideal_sectors = 0, wavefronts = 0, ideal_wavefronts = 0;
};

struct Worker {
  Run& run;
  std::mt19937_64 random;
  std::vector<const Allocation*> hints;  // an instruction: the allocation that it accessed last
  uint64_t clock = 0;
  std::vector<uint64_t> counts;  // executions of each instruction, where those are wanted
  std::vector<Traffic> traffic;
};

// Results for the groups that wait at barrier [id], which is complete, and lets them go on.
void finish_barrier(Block& block, uint32_t id);

// Host memory behind [bytes] at shared address [address] as [warp] sees it; throws for what is not in its cluster's memory.
std::byte* find_shared(Warp& warp, uint64_t address, uint32_t bytes, int lane);
// ... behind a global address.
std::byte* find_global(Warp& warp, const Instruction& in, uint64_t address, uint32_t bytes, int lane, bool write);
// The same for what no thread loads or stores, such as asynchronous copies: to the checker, the bytes have been stored to.
std::byte* shared_bytes(Warp& warp, uint64_t address, uint32_t bytes, int lane);
// The block whose shared memory [address] lies in.
Block& block_of(Warp& warp, uint64_t address, int lane);
std::byte* global_bytes(Warp& warp, const Instruction& in, uint64_t address, uint32_t bytes, int lane, bool write);
void require_aligned(uint64_t address, uint32_t bytes, int lane);

template <class Execute>
void Warp::teams(uint32_t here, const uint32_t* members, Execute&& execute) {
  uint32_t waiting = 0, waited_for = 0;
  for (uint32_t left = here; left;) {
    const int first = std::countr_zero(left);
    const uint32_t named = members[first];
    uint32_t team = 0;
    for (uint32_t rest = left; rest; rest &= rest - 1) {
      const int lane = std::countr_zero(rest);
      if (members[lane] == named) team |= 1u << lane;
    }
    left &= ~team;
    if (team & ~named)
      throw ExecutionFault{Fault::kIllegalInstruction, "executed by a lane that its membermask does not name", first};
    if ((named & alive) == team) {
      execute(team);
    } else {
      waiting |= team;
      waited_for |= named;
    }
  }
  if (waiting) park(waiting, Group::State::kSync, waited_for);
}

// --- results of lanes ----------------------------------------------------------------------------------------------------

// d[i] = f(i) for the lanes of [mask]. f is evaluated for all lanes, so that the loop is one of vectors: it may not fault.
template <class D, class F>
inline void each(D* d, uint32_t mask, F&& f) {
  if (mask == kAll) {
#pragma GCC ivdep
    for (int i = 0; i < 32; ++i) d[i] = f(i);
    return;
  }
  D result[32];
  for (int i = 0; i < 32; ++i) result[i] = f(i);
  for (int i = 0; i < 32; ++i) d[i] = mask >> i & 1 ? result[i] : d[i];
}

// The same for what is not worth being evaluated for lanes that do not want it.
template <class D, class F>
inline void each_active(D* d, uint32_t mask, F&& f) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int i = std::countr_zero(rest);
    d[i] = f(i);
  }
}

// The lanes for which f holds.
template <class F>
inline uint32_t lanes_where(F&& f) {
  uint32_t result = 0;
  for (int i = 0; i < 32; ++i) result |= f(i) ? 1u << i : 0u;
  return result;
}

// Handlers of instructions that compute each lane by itself: D = F(sources of types S).
template <auto F, class D, class A>
void lanewise1(Warp& warp, const Instruction& in, uint32_t mask) {
  const A* a = warp.source<A>(in.a);
  each(warp.lanes<D>(in.d), mask, [&](int i) -> D { return F(a[i]); });
}
template <auto F, class D, class A, class B = A>
void lanewise2(Warp& warp, const Instruction& in, uint32_t mask) {
  const A* a = warp.source<A>(in.a);
  const B* b = warp.source<B>(in.b);
  each(warp.lanes<D>(in.d), mask, [&](int i) -> D { return F(a[i], b[i]); });
}
template <auto F, class D, class A, class B = A, class C = A>
void lanewise3(Warp& warp, const Instruction& in, uint32_t mask) {
  const A* a = warp.source<A>(in.a);
  const B* b = warp.source<B>(in.b);
  const C* c = warp.source<C>(in.c);
  each(warp.lanes<D>(in.d), mask, [&](int i) -> D { return F(a[i], b[i], c[i]); });
}

}  // namespace sinter::sim
