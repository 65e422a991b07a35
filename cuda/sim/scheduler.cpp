// Runs a launch: host threads take clusters of blocks one after another, and give the warps of those that are resident turns.
//
// With seed 0, warps run in order and until they must wait, blocks one after another. With another seed the order and the length
// of turns are drawn from it. A cluster that does not come to an end within its turn (its warps wait for another block, perhaps)
// stays resident while the next one is started, so that blocks which wait for each other all get there. A launch that goes on and on
// without a block's end is stopped, by a count of instructions: the same in every run, however fast the machine.
#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

#include "checker.h"
#include "machine.h"
#include "model_error.h"
#include "profile.h"

namespace sinter::sim {

namespace {

constexpr uint32_t kWarpTurn = 50000;         // instructions
constexpr uint64_t kClusterTurn = 4'000'000;  // instructions, before another cluster is started beside it
constexpr size_t kResidentClusters = 1024;

Fault fault_of(const ModelError& error) {
  switch (error.kind) {
    case ModelError::Kind::kMisaligned: return Fault::kMisalignedAddress;
    case ModelError::Kind::kOutOfBounds: return Fault::kIllegalAddress;
    default: return Fault::kIllegalInstruction;
  }
}

class Runner {
 public:
  Runner(Run& run, unsigned index) : run_(run), worker_{run, {}, {}, 0, {}, {}} {
    worker_.random.seed(run.launch.seed * 0x9E3779B97F4A7C15u + index);
    worker_.hints.resize(run.code.instructions.size());
    if (counted()) worker_.counts.resize(run.code.instructions.size());
    if (run.profile) worker_.traffic.resize(run.code.instructions.size());
  }

  // The first fault, if any.
  LaunchResult work() {
    try {
      while (!run_.failed && start_or_go_on()) turn_of_cluster();
    } catch (const ExecutionFault& fault) {
      return report(fault.fault, fault.message, fault.lane);
    } catch (const ModelError& error) {
      return report(fault_of(error), error.what(), -1);
    }
    if (run_.profile) run_.profile->add_counts(run_, worker_);
    return {Fault::kNone, {}, std::move(worker_.counts)};
  }

 private:
  bool counted() const { return run_.profile || run_.launch.counted; }

  // Starts a cluster where none is resident, or none of those that are came to its end in its turn; all of them at once for a
  // cooperative launch. False: there is nothing left to do.
  bool start_or_go_on() {
    const uint64_t clusters = run_.launch.grid.count() / run_.launch.cluster.count();
    do {
      const bool wanted = resident_.empty() || (stuck_ >= resident_.size() && resident_.size() < kResidentClusters);
      if (all_started_ || !(wanted || run_.launch.cooperative)) break;
      const uint64_t index = run_.next++;
      all_started_ = index >= clusters;
      if (!all_started_) {
        resident_.push_back(make(index));
        stuck_ = 0;
      }
    } while (run_.launch.cooperative);
    return !resident_.empty();
  }

  std::unique_ptr<Cluster> make(uint64_t index) {
    std::unique_ptr<Cluster> cluster;
    if (!spare_.empty()) {
      cluster = std::move(spare_.back());
      spare_.pop_back();
    } else {
      cluster = std::make_unique<Cluster>();
      for (uint64_t i = 0; i < run_.launch.cluster.count(); ++i) cluster->blocks.push_back(std::make_unique<Block>());
    }
    const Launch& launch = run_.launch;
    const Dim clusters{launch.grid.x / launch.cluster.x, launch.grid.y / launch.cluster.y,
                       launch.grid.z / launch.cluster.z};
    cluster->id = {static_cast<uint32_t>(index % clusters.x), static_cast<uint32_t>(index / clusters.x % clusters.y),
                   static_cast<uint32_t>(index / clusters.x / clusters.y)};
    cluster->phase = 1;
    cluster->arrived = 0;
    cluster->async = {};
    cluster->polls = 0;
    uint32_t rank = 0;
    for (auto& block : cluster->blocks) {
      block->rank = rank;
      block->cluster = cluster.get();
      const Dim& shape = launch.cluster;
      block->id = {cluster->id.x * shape.x + rank % shape.x, cluster->id.y * shape.y + rank / shape.x % shape.y,
                   cluster->id.z * shape.z + rank / shape.x / shape.y};
      block->linear = block->id.x + uint64_t{launch.grid.x} * (block->id.y + uint64_t{launch.grid.y} * block->id.z);
      ++rank;
      reset(*block);
    }
    return cluster;
  }

  void reset(Block& block) {
    const uint64_t threads = run_.launch.block.count();
    block.shared.assign(run_.shared_bytes, std::byte{kFresh});
    block.barriers = {};
    block.warps.resize(run_.warps);
    if (run_.checker) run_.checker->block_begins(block);
    uint32_t index = 0;
    for (Warp& warp : block.warps) {
      const uint64_t left = threads - index * uint64_t{32};
      warp.exists = warp.alive = warp.mask = left >= 32 ? kAll : (1u << left) - 1;
      warp.pc = run_.code.entry;
      warp.merge_pc = kNever;
      warp.groups.clear();
      warp.block = &block;
      warp.worker = &worker_;
      warp.run = &run_;
      warp.index = index++;
      warp.constants = run_.constants.data();
      warp.copies = {};
      warp.products = {};
      warp.cluster_phase = {};
      const size_t registers = (run_.code.register_bytes + 63) / 64 * 64;
      warp.storage.assign(registers + 64 + size_t{32} * run_.code.local_bytes, std::byte{kFresh});
      const auto at = reinterpret_cast<uintptr_t>(warp.storage.data());
      warp.registers = warp.storage.data() + (64 - at % 64) % 64;
      warp.local = warp.registers + registers;
      for (uint32_t lane = 0; lane < 32; ++lane) {
        const uint32_t thread = warp.index * 32 + lane;
        const Dim& shape = run_.launch.block;
        warp.tid[0][lane] = static_cast<uint16_t>(thread % shape.x);
        warp.tid[1][lane] = static_cast<uint16_t>(thread / shape.x % shape.y);
        warp.tid[2][lane] = static_cast<uint16_t>(thread / shape.x / shape.y);
      }
    }
  }

  // Gives one resident cluster its turn.
  void turn_of_cluster() {
    if (next_ >= resident_.size()) next_ = 0;
    if (run_.launch.seed) next_ = worker_.random() % resident_.size();
    Cluster& cluster = *resident_[next_];
    const uint64_t begin = worker_.clock;
    std::vector<Warp*> ready;
    while (worker_.clock - begin < kClusterTurn) {
      if (run_.failed) return;
      ready.clear();
      bool alive = false;
      for (auto& block : cluster.blocks)
        for (Warp& warp : block->warps) {
          alive = alive || warp.alive;
          if (warp.alive && warp.can_run()) ready.push_back(&warp);
        }
      if (!alive) {
        while (cluster.async.step(worker_.random)) {
        }
        finish(next_);
        return;
      }
      if (ready.empty()) {
        if (!cluster.async.step(worker_.random)) throw_deadlock(cluster);
        continue;
      }
      if (run_.launch.seed) std::shuffle(ready.begin(), ready.end(), worker_.random);
      for (Warp* warp : ready) {
        if (!warp->can_run()) continue;
        const uint32_t turn = run_.launch.seed ? 1 + static_cast<uint32_t>(worker_.random() % 400) : kWarpTurn;
        run_warp(*warp, turn);
        if (!cluster.async.empty() && worker_.random() % 2) cluster.async.step(worker_.random);
        if (run_.launch.cooperative) worker_.clock += 64;
      }
      if (run_.launch.cooperative && worker_.clock - begin > 100'000) break;
    }
    ++stuck_;
    ++next_;
  }

  void finish(size_t index) {
    spare_.push_back(std::move(resident_[index]));
    resident_.erase(resident_.begin() + static_cast<std::ptrdiff_t>(index));
    stuck_ = 0;
    progress_ = worker_.clock;
  }

  void run_warp(Warp& warp, uint32_t turn) {
    current_ = &warp;
    warp.stop = false;
    if (!warp.mask) warp.select();
    if (counted())
      steps<true>(warp, turn);
    else
      steps<false>(warp, turn);
    if (run_.launch.budget && worker_.clock - progress_ > run_.launch.budget)
      throw ExecutionFault{Fault::kEndless, "still running after " + std::to_string(worker_.clock - progress_) +
                                                " instructions in which no block has ended (SINTER_SIM_BUDGET)"};
    current_ = nullptr;
  }

  template <bool kCounted>
  void steps(Warp& warp, uint32_t turn) {
    const Instruction* code = run_.code.instructions.data();
    uint32_t left = turn;
    while (!warp.stop && left) {
      --left;
      const Instruction& in = code[warp.pc];
      at_ = &in;
      uint32_t mask = warp.mask;
      if (in.guard != kNoSlot) {
        const uint32_t value = warp.predicate(in.guard);
        mask &= in.guard_negated ? ~value : value;
      }
      if constexpr (kCounted) ++worker_.counts[warp.pc];
      ++warp.pc;
      if (mask) in.run(warp, in, mask);
      if (warp.pc >= warp.merge_pc) warp.select();
    }
    worker_.clock += turn - left;
    // Lanes that spin until others of their warp have done something must not keep those from running.
    if (!left && !warp.groups.empty() && warp.mask) warp.yield();
  }

  std::string place() const {
    if (!at_) return {};
    const Origin& origin = run_.code.origins[static_cast<size_t>(at_ - run_.code.instructions.data())];
    return describe_origin(run_.program, origin);
  }

  [[noreturn]] void throw_deadlock(const Cluster& cluster) {
    std::string text = "no thread can go on:";
    int shown = 0;
    for (const auto& block : cluster.blocks)
      for (const Warp& warp : block->warps)
        for (const Group& it : warp.groups) {
          if (++shown > 6) continue;
          const Origin& origin = run_.code.origins[it.pc];
          char lanes[16];
          std::snprintf(lanes, sizeof lanes, "%08x", it.mask);
          text += "\n  warp " + std::to_string(warp.index) + ", lanes " + lanes + ": " +
                  describe_origin(run_.program, origin);
        }
    if (shown > 6) text += "\n  and " + std::to_string(shown - 6) + " more groups of lanes";
    at_ = nullptr;
    deadlocked_ = cluster.blocks[0].get();
    throw ExecutionFault{Fault::kDeadlock, text, -1};
  }

  LaunchResult report(Fault fault, const std::string& what, int lane) {
    run_.failed = true;
    std::string text;
    const Block* block = current_ ? current_->block : deadlocked_;
    if (at_) text += place() + ": ";
    if (block)
      text += "block (" + std::to_string(block->id.x) + ", " + std::to_string(block->id.y) + ", " +
              std::to_string(block->id.z) + ")";
    if (current_ && lane >= 0) {
      const auto i = static_cast<size_t>(lane);
      text += ", thread (" + std::to_string(current_->tid[0][i]) + ", " + std::to_string(current_->tid[1][i]) + ", " +
              std::to_string(current_->tid[2][i]) + ")";
    } else if (current_) {
      text += ", warp " + std::to_string(current_->index);
    }
    return {fault, text + ": " + what};
  }

  Run& run_;
  Worker worker_;
  std::vector<std::unique_ptr<Cluster>> resident_, spare_;
  size_t next_ = 0, stuck_ = 0;
  uint64_t progress_ = 0;  // the clock when a cluster last came to its end
  bool all_started_ = false;
  const Instruction* at_ = nullptr;
  const Warp* current_ = nullptr;
  const Block* deadlocked_ = nullptr;
};

// The launch's constants, with the addresses of its module's variables.
std::vector<std::byte> constants_of(const Code& code, const Launch& launch) {
  std::vector<std::byte> result = code.constants;
  for (const Code::VariableAddress& it : code.addresses) {
    const uint64_t address = launch.variables.at(it.variable) + it.add;
    for (uint32_t lane = 0; lane < 32; ++lane) std::memcpy(&result[it.offset + lane * it.bytes], &address, it.bytes);
  }
  return result;
}

}  // namespace

std::string describe_origin(const Program& program, const Origin& origin) {
  std::string text;
  if (origin.line && origin.file < program.files.size())
    text = program.files[origin.file] + ":" + std::to_string(origin.line);
  else
    text = "PTX line " + std::to_string(origin.ptx_line);
  return text + " (" + origin.mnemonic + ")";
}

LaunchResult execute(const Program& program, const Function& function, const Launch& launch, Memory& memory,
                     Checker* checker, Profile* profile) {
  Run run{program, function, *function.code, launch, memory, checker, profile, constants_of(*function.code, launch), 0,
          0,       {0},      {false}};
  run.shared_bytes = function.static_shared + launch.dynamic_shared;
  run.warps = static_cast<uint32_t>((launch.block.count() + 31) / 32);
  if (checker) checker->launch_begins(run);
  if (profile) profile->launched(run);
  const uint64_t clusters = launch.grid.count() / launch.cluster.count();
  // Blocks that wait for each other must be resident together: in one worker. The checker has no locks.
  const uint64_t most = launch.cooperative || checker ? 1 : std::min<uint64_t>(launch.workers, clusters);
  LaunchResult result;
  std::mutex lock;
  const auto work = [&](unsigned index) {
    LaunchResult own = Runner(run, index).work();
    const std::lock_guard guard(lock);
    if (launch.counted) {
      result.counts.resize(function.code->instructions.size());
      for (size_t i = 0; i < own.counts.size(); ++i) result.counts[i] += own.counts[i];
    }
    if (own.fault != Fault::kNone && result.fault == Fault::kNone) {
      result.fault = own.fault;
      result.message = std::move(own.message);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < most; ++i) threads.emplace_back(work, i);
  work(0);
  for (std::thread& it : threads) it.join();
  return result;
}

}  // namespace sinter::sim
