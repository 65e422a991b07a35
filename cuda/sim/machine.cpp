// Groups of lanes, barriers, and addresses.
#include "machine.h"

#include <algorithm>
#include <cstdio>

#include "checker.h"

namespace sinter::sim {

// --- groups --------------------------------------------------------------------------------------------------------------

void Warp::select() {
  if (mask) {
    if (groups.empty()) {
      merge_pc = kNever;
      return;
    }
    groups.push_back({pc, mask, Group::State::kReady, 0});
    mask = 0;
  }
  uint32_t lowest = kNever;
  for (const Group& it : groups)
    if (it.state == Group::State::kReady) lowest = std::min(lowest, it.pc);
  merge_pc = kNever;
  if (lowest == kNever) {
    stop = true;
    return;
  }
  pc = lowest;
  // Groups that wait for lanes at the same instruction wait for these.
  std::erase_if(groups, [&](const Group& it) {
    const bool joins = it.pc == pc && (it.state == Group::State::kReady || it.state == Group::State::kSync);
    if (joins) mask |= it.mask;
    return joins;
  });
  for (const Group& it : groups)
    if (it.state == Group::State::kReady || (it.state == Group::State::kSync && it.pc > pc))
      merge_pc = std::min(merge_pc, it.pc);
}

void Warp::branch(uint32_t taken, uint32_t target) {
  const uint32_t rest = mask & ~taken;
  if (rest) groups.push_back({pc, rest, Group::State::kReady, 0});
  pc = target;
  mask = taken;
  if (!groups.empty()) select();
}

void Warp::park(uint32_t waiting, Group::State state, uint32_t members) {
  groups.push_back({pc - 1, waiting, state, members});
  mask &= ~waiting;
  select();
}

void Warp::yield() {
  stop = true;
  for (Group& it : groups) {
    if (it.state != Group::State::kReady) continue;
    std::swap(pc, it.pc);
    std::swap(mask, it.mask);
    merge_pc = kNever;
    return;
  }
}

void Warp::exit(uint32_t leaving) {
  alive &= ~leaving;
  mask &= ~leaving;
  for (Group& it : groups)
    if (it.state == Group::State::kSync) it.state = Group::State::kReady;
  block->check_barriers();
  block->cluster->check_barrier();
  select();
}

bool Warp::aligned(uint32_t here) {
  if (here == alive) return true;
  park(here, Group::State::kSync, alive);
  return false;
}

bool Warp::can_run() const {
  return mask ||
         std::any_of(groups.begin(), groups.end(), [](const Group& it) { return it.state == Group::State::kReady; });
}

uint64_t Warp::thread(int lane) const {
  return uint64_t{block->rank} << 32 | (index * 32u + static_cast<uint32_t>(lane));
}

void Warp::undefined(const std::string& what, int lane) {
  if (Checker* checker = run->checker) checker->undefined(*this, run->code.instructions[pc - 1], what, lane);
}

void Warp::passed_barrier(uint32_t lanes, const void* barrier) {
  Checker* checker = run->checker;
  if (!checker) return;
  checker->acquire(*this, barrier);
  checker->together(*this, lanes);
}

void Warp::passed_warp_barrier(uint32_t lanes) {
  if (Checker* checker = run->checker) checker->together(*this, lanes);
}

// --- barriers ------------------------------------------------------------------------------------------------------------

uint64_t Block::alive() const {
  uint64_t total = 0;
  for (const Warp& it : warps) total += static_cast<uint64_t>(std::popcount(it.alive));
  return total;
}

bool Block::arrive(Warp& warp, uint32_t lanes, uint32_t id, uint32_t expected) {
  if (id >= barriers.size())
    throw ExecutionFault{Fault::kIllegalInstruction, "there is no barrier " + std::to_string(id)};
  if (expected % 32)
    throw ExecutionFault{Fault::kIllegalInstruction,
                         "a barrier for " + std::to_string(expected) + " threads, which is no multiple of 32"};
  Barrier& it = barriers[id];
  if (Checker* checker = warp.run->checker) checker->release(warp, &it);
  if (it.arrived && it.expected != expected)
    throw ExecutionFault{Fault::kIllegalInstruction, "barrier " + std::to_string(id) + " is awaited by " +
                                                         std::to_string(it.expected) + " threads and by " +
                                                         std::to_string(expected) + " (0: all)"};
  it.expected = expected;
  it.of_warp.resize(warps.size());
  uint32_t& there = it.of_warp[warp.index];
  there |= lanes;
  it.lanes += static_cast<uint32_t>(std::popcount(lanes));
  it.arrived += static_cast<uint32_t>(std::popcount(lanes));
  // Threads that a warp does not have count as if they came with the others.
  if ((there & warp.alive) == warp.alive) it.arrived += 32u - static_cast<uint32_t>(std::popcount(there));
  if (expected) {
    const bool whole = (there & warp.alive) == warp.alive;
    if (whole) there = 0;  // the warp may arrive again, for the next one, when others are still to come
    return it.arrived >= expected;
  }
  return it.lanes >= alive();
}

void Block::release(uint32_t id) {
  if (Checker* checker = warps[0].run->checker) checker->forget(&barriers[id]);
  barriers[id] = {};
  for (Warp& warp : warps)
    for (Group& it : warp.groups)
      if (it.state == Group::State::kBarrier && it.members == id) {
        it.state = Group::State::kReady;
        ++it.pc;
      }
}

void Block::check_barriers() {
  const uint64_t left = alive();
  for (uint32_t id = 0; id < barriers.size(); ++id) {
    const Barrier& it = barriers[id];
    if (it.lanes && !it.expected && it.lanes >= left && left) finish_barrier(*this, id);
  }
}

void Cluster::check_barrier() {
  uint64_t left = 0;
  for (const auto& block : blocks) left += block->alive();
  if (!arrived || arrived < left) return;
  arrived = 0;
  ++phase;
  for (const auto& block : blocks)
    for (Warp& warp : block->warps)
      for (Group& it : warp.groups)
        if (it.state == Group::State::kCluster) it.state = Group::State::kReady;
}

// --- addresses -----------------------------------------------------------------------------------------------------------

namespace {

std::string hex(uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

void require_aligned(uint64_t address, uint32_t bytes, int lane) {
  if (address % bytes)
    throw ExecutionFault{Fault::kMisalignedAddress,
                         "address " + hex(address) + " is no multiple of " + std::to_string(bytes), lane};
}

Block& block_of(Warp& warp, uint64_t address, int lane) {
  const uint64_t window = address >> kWindowBits;
  if (window == 0) return *warp.block;
  auto& blocks = warp.block->cluster->blocks;
  if (window > blocks.size())
    throw ExecutionFault{Fault::kIllegalAddress, "shared address " + hex(address) + " is in no block of the cluster",
                         lane};
  Block& block = *blocks[window - 1];
  if (!block.alive())
    throw ExecutionFault{Fault::kIllegalAddress,
                         "shared memory of block " + std::to_string(block.rank) + " of the cluster, which has exited",
                         lane};
  return block;
}

std::byte* find_shared(Warp& warp, uint64_t address, uint32_t bytes, int lane) {
  Block& block = block_of(warp, address, lane);
  const uint64_t offset = (address & ((1u << kWindowBits) - 1)) - kSharedBase;
  if (offset > block.shared.size() || block.shared.size() - offset < bytes)
    throw ExecutionFault{Fault::kIllegalAddress,
                         std::to_string(bytes) + " bytes at shared address " + hex(address) + "; the block has " +
                             std::to_string(block.shared.size()) + " bytes from " + hex(kSharedBase) + " on",
                         lane};
  return block.shared.data() + offset;
}

std::byte* shared_bytes(Warp& warp, uint64_t address, uint32_t bytes, int lane) {
  std::byte* data = find_shared(warp, address, bytes, lane);
  Block& block = block_of(warp, address, lane);
  if (block.check) std::fill_n(block.check->written.begin() + (data - block.shared.data()), bytes, uint8_t{1});
  return data;
}

std::byte* find_global(Warp& warp, const Instruction& in, uint64_t address, uint32_t bytes, int lane, bool write) {
  Worker& worker = *warp.worker;
  const Allocation*& hint = worker.hints[static_cast<size_t>(&in - warp.run->code.instructions.data())];
  if (!hint || address - hint->address > hint->bytes || hint->end() - address < bytes) {
    hint = warp.run->memory.reach(address, bytes);
    if (!hint) throw ExecutionFault{Fault::kIllegalAddress, warp.run->memory.explain(address, bytes), lane};
  }
  if (write && hint->read_only)
    throw ExecutionFault{Fault::kIllegalAddress, "a store to constant memory, " + hint->what, lane};
  return hint->at(address);
}

std::byte* global_bytes(Warp& warp, const Instruction& in, uint64_t address, uint32_t bytes, int lane, bool write) {
  std::byte* data = find_global(warp, in, address, bytes, lane, write);
  if (write && warp.run->checker) AddressSpace::mark_written(*warp.run->memory.reach(address, bytes), address, bytes);
  return data;
}

}  // namespace sinter::sim
