// Branches, calls, returns, barriers of blocks and clusters.
#include "checker.h"
#include "control.h"
#include "decoder.h"
#include "machine.h"

namespace sinter::sim {

namespace {

void run_branch(Warp& warp, const Instruction& in, uint32_t mask) { warp.branch(mask, in.target); }

// Sends each lane to target(lane).
template <class Target>
void scatter(Warp& warp, uint32_t mask, Target&& target) {
  const uint32_t rest = warp.mask & ~mask;
  if (rest) warp.groups.push_back({warp.pc, rest, Group::State::kReady, 0});
  for (uint32_t left = mask; left;) {
    const uint32_t to = target(std::countr_zero(left));
    uint32_t same = 0;
    for (uint32_t each = left; each; each &= each - 1) {
      const int lane = std::countr_zero(each);
      if (target(lane) == to) same |= 1u << lane;
    }
    left &= ~same;
    warp.groups.push_back({to, same, Group::State::kReady, 0});
  }
  warp.mask = 0;
  warp.select();
}

void run_branch_table(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto* index = warp.source<uint32_t>(in.a);
  const auto& targets = in.extra->targets;
  scatter(warp, mask, [&](int lane) {
    if (index[lane] >= targets.size())
      throw ExecutionFault{
          Fault::kIllegalInstruction,
          "index " + std::to_string(index[lane]) + " of a branch with " + std::to_string(targets.size()) + " targets",
          lane};
    return targets[index[lane]];
  });
}

void run_return(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto* back = warp.source<uint32_t>(in.a);
  scatter(warp, mask, [&](int lane) { return back[lane]; });
}

void run_exit(Warp& warp, const Instruction&, uint32_t mask) {
  if (mask == warp.alive && !warp.products.empty())
    throw ExecutionFault{Fault::kIllegalInstruction, "a warp ends with a wgmma that it has not waited for", -1};
  warp.exit(mask);
}

void run_trap(Warp&, const Instruction&, uint32_t mask) {
  throw ExecutionFault{Fault::kTrap, "trap", std::countr_zero(mask)};
}

void run_assert(Warp&, const Instruction&, uint32_t mask) {
  throw ExecutionFault{Fault::kAssert, "an assertion failed", std::countr_zero(mask)};
}

void run_nothing(Warp&, const Instruction&, uint32_t) {}

// --- barriers ------------------------------------------------------------------------------------------------------------

enum class Reduction : uint16_t { kNone, kPopc, kAnd, kOr };

// option: Reduction, plus 8 for arrive, 16 for .aligned
constexpr uint16_t kArrive = 8, kAligned = 16;

uint32_t uniform(const Warp& warp, Slot slot, uint32_t mask, const char* what) {
  const auto* value = warp.source<uint32_t>(slot);
  const uint32_t first = value[std::countr_zero(mask)];
  for (uint32_t rest = mask; rest; rest &= rest - 1)
    if (value[std::countr_zero(rest)] != first)
      throw ExecutionFault{Fault::kIllegalInstruction, std::string("lanes of a warp name different ") + what,
                           std::countr_zero(rest)};
  return first;
}

void write_reduction(Warp& warp, const Instruction& in, uint32_t mask, const Barrier& barrier) {
  switch (static_cast<Reduction>(in.option & 7)) {
    case Reduction::kNone: break;
    case Reduction::kPopc: each(warp.lanes<uint32_t>(in.d), mask, [&](int) { return barrier.popc; }); break;
    case Reduction::kAnd: warp.set_predicate(in.d, mask, barrier.all ? kAll : 0); break;
    case Reduction::kOr: warp.set_predicate(in.d, mask, barrier.any ? kAll : 0); break;
  }
}

void run_barrier(Warp& warp, const Instruction& in, uint32_t mask) {
  if ((in.option & kAligned) && !warp.aligned(mask)) return;
  Block& block = *warp.block;
  const uint32_t id = uniform(warp, in.a, mask, "barriers");
  const uint32_t expected = in.b == kNoSlot ? 0 : uniform(warp, in.b, mask, "numbers of threads");
  const bool complete = block.arrive(warp, mask, id, expected);
  if ((in.option & 7) != 0) {
    uint32_t value = warp.predicate(in.p);
    if (in.immediate) value = ~value;
    Barrier& barrier = block.barriers[id];
    barrier.popc += static_cast<uint32_t>(std::popcount(value & mask));
    barrier.all = barrier.all && (value & mask) == mask;
    barrier.any = barrier.any || (value & mask);
  }
  if (complete) {
    write_reduction(warp, in, mask, block.barriers[id]);
    if (!(in.option & kArrive)) warp.passed_barrier(mask, &block.barriers[id]);
    finish_barrier(block, id);
    if (!warp.groups.empty()) warp.select();
  } else if (!(in.option & kArrive)) {
    warp.park(mask, Group::State::kBarrier, id);
  }
}

void run_cluster_arrive(Warp& warp, const Instruction& in, uint32_t mask) {
  if (in.option && !warp.aligned(mask)) return;
  Cluster& cluster = *warp.block->cluster;
  each_active(warp.cluster_phase.data(), mask, [&](int) { return cluster.phase; });
  cluster.arrived += static_cast<uint64_t>(std::popcount(mask));
  if (Checker* checker = warp.run->checker) checker->release(warp, &cluster);
  cluster.check_barrier();
  if (!warp.groups.empty()) warp.select();
}

void run_cluster_wait(Warp& warp, const Instruction& in, uint32_t mask) {
  if (in.option && !warp.aligned(mask)) return;
  Cluster& cluster = *warp.block->cluster;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    const uint64_t phase = warp.cluster_phase[static_cast<size_t>(lane)];
    if (phase == 0) throw ExecutionFault{Fault::kIllegalInstruction, "barrier.cluster.wait without its arrive", lane};
    if (phase >= cluster.phase) {
      warp.park(mask, Group::State::kCluster, 0);
      return;
    }
  }
  each_active(warp.cluster_phase.data(), mask, [](int) { return uint64_t{0}; });
  warp.passed_barrier(mask, &cluster);
}

void run_warp_barrier(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto* members = warp.source<uint32_t>(in.a);
  warp.teams(mask, members, [&](uint32_t team) { warp.passed_warp_barrier(team); });
}

bool decode_block_barrier(Decoder& d) {
  // bar is barrier.cta.aligned
  d.take("cta");
  const bool aligned = d.take("aligned") || d.operation == "bar";
  const int kind = d.take_any({"sync", "arrive", "red"});
  if (kind < 0) d.fail("sync, arrive or red is missing");
  d.in.run = run_barrier;
  d.in.option = aligned ? kAligned : 0;
  const Type u32 = parse_type("u32");
  size_t at = 0;
  size_t trailing = 0;
  if (kind == 1) d.in.option |= kArrive;
  if (kind == 2) {
    const int reduction = d.take_any({"popc", "and", "or"});
    if (reduction < 0) d.fail("popc, and or or is missing");
    const Type type = d.take_type();
    d.in.option |= static_cast<uint16_t>(reduction + 1);
    d.in.d = d.destination(at++, type.kind == Type::Kind::kPredicate ? 0 : 4);
    if ((reduction == 0) != (type.bits == 32)) d.fail("popc gives .u32, and and or .pred");
    trailing = 1;
    bool negated = false;
    d.in.p = d.predicate_source(d.operand(d.count() - 1), &negated);
    d.in.immediate = negated;
  }
  d.in.a = d.source(at++, u32);
  if (at + trailing < d.count()) d.in.b = d.source(at++, u32);
  d.expect_count(at + trailing);
  if (kind == 1 && d.in.b == kNoSlot) d.fail("arrive needs the number of threads");
  return true;
}

bool decode_barrier(Decoder& d) {
  if (d.take("warp")) {
    if (!d.take("sync")) d.fail("sync is missing");
    d.expect_count(1);
    d.in.a = d.source(0, parse_type("b32"));
    d.in.run = run_warp_barrier;
    return true;
  }
  if (!d.take("cluster")) return decode_block_barrier(d);
  d.take_any({"acquire", "release", "relaxed"});
  d.in.option = d.take("aligned");
  const int kind = d.take_any({"arrive", "wait"});
  if (kind < 0) d.fail("arrive or wait is missing");
  d.in.run = kind == 0 ? run_cluster_arrive : run_cluster_wait;
  d.expect_count(0);
  return true;
}

bool decode_call(Decoder& d) {
  d.take("uni");
  std::string_view name;
  if (d.call(name)) return true;
  if (name != "__assertfail") d.fail("a call to '" + std::string(name) + "', which has no body");
  d.in.run = run_assert;
  return true;
}

// Orders memory between threads. The simulator runs one warp at a time and its memory is in order anyway.
bool decode_fence(Decoder& d) {
  d.take("proxy");
  d.expect_count(d.take("tensormap::generic") ? 2 : 0);
  d.take_any({"sc", "acq_rel", "acquire", "release"});
  d.take_any({"mbarrier_init", "alias", "async", "async.global", "async::generic"});
  d.take_any({"sync_restrict::shared::cta", "sync_restrict::shared::cluster"});
  d.take_any({"release", "acquire"});
  d.take_any({"global", "shared::cta", "shared::cluster"});
  d.take_any({"cta", "cluster", "gpu", "sys", "gl"});
  d.in.run = run_nothing;
  return true;
}

}  // namespace

void finish_barrier(Block& block, uint32_t id) {
  const Barrier barrier = block.barriers[id];
  const auto& instructions = block.warps[0].run->code.instructions;
  for (Warp& warp : block.warps)
    for (const Group& it : warp.groups)
      if (it.state == Group::State::kBarrier && it.members == id) {
        write_reduction(warp, instructions[it.pc], it.mask, barrier);
        warp.passed_barrier(it.mask, &block.barriers[id]);
      }
  block.release(id);
}

void run_call(Warp& warp, const Instruction& in, uint32_t mask) {
  each(warp.lanes<uint32_t>(in.d), mask, [&](int) { return warp.pc; });
  warp.branch(mask, in.target);
}

void run_copy_local(Warp& warp, const Instruction& in, uint32_t mask) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    std::byte* local = warp.local + static_cast<size_t>(std::countr_zero(rest)) * warp.run->code.local_bytes;
    std::memcpy(local + in.immediate, local + in.target, in.option);
  }
}

bool decode_control(Decoder& d) {
  const std::string_view op = d.operation;
  if (op == "bra") {
    d.take("uni");
    d.expect_count(1);
    d.in.run = run_branch;
    d.branch_to(d.operand(0));
    return true;
  }
  if (op == "brx") {
    if (!d.take("idx")) return false;
    d.take("uni");
    d.expect_count(2);
    d.in.run = run_branch_table;
    d.in.a = d.source(0, parse_type("u32"));
    d.branch_table(d.operand(1));
    return true;
  }
  if (op == "call") return decode_call(d);
  if (op == "ret") {
    d.take("uni");
    d.in.a = d.return_address();
    d.in.run = d.in.a == kNoSlot ? run_exit : run_return;
    return true;
  }
  if (op == "exit") {
    d.in.run = run_exit;
    return true;
  }
  if (op == "trap") {
    d.in.run = run_trap;
    return true;
  }
  if (op == "bar" || op == "barrier") return decode_barrier(d);
  if (op == "membar") return decode_fence(d);
  if (op == "fence") return decode_fence(d);
  if (op == "nanosleep" || op == "griddepcontrol") {
    if (op == "nanosleep") d.take_type();
    d.take_any({"launch_dependents", "wait"});
    d.in.run = run_nothing;
    return true;
  }
  return false;
}

}  // namespace sinter::sim
