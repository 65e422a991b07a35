// Happens-before over vector clocks of warps; lanes of a warp by when they were together last.
#include "checker.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace sinter::sim {

namespace {

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string triple(uint32_t x, uint32_t y, uint32_t z) {
  return '(' + std::to_string(x) + ", " + std::to_string(y) + ", " + std::to_string(z) + ")";
}

void join(Clock& into, const Clock& from) {
  for (const auto& [block, times] : from) {
    auto& known = into[block];
    if (known.size() < times.size()) known.resize(times.size());
    for (size_t i = 0; i < times.size(); ++i) known[i] = std::max(known[i], times[i]);
  }
}

BlockCheck::OfWarp& state_of(Warp& warp) { return warp.block->check->warps[warp.index]; }

uint32_t index_of(const Run& run, const Instruction& in) {
  return static_cast<uint32_t>(&in - run.code.instructions.data());
}

// A byte of memory is 1 where something was stored to it: are n bytes, and may they be from now on? Nearly all accesses are of these
// sizes, for which a call would cost more.
template <class Word>
constexpr Word kWritten = static_cast<Word>(0x0101010101010101u);
template <class Word>
bool all_written(const uint8_t* written) {
  Word word;
  std::memcpy(&word, written, sizeof word);
  return word == kWritten<Word>;
}
bool lacks(const uint8_t* written, uint32_t n) {
  switch (n) {
    case 2: return !all_written<uint16_t>(written);
    case 4: return !all_written<uint32_t>(written);
    case 8: return !all_written<uint64_t>(written);
    case 16: return !all_written<uint64_t>(written) || !all_written<uint64_t>(written + 8);
    default: return std::memchr(written, 0, n) != nullptr;
  }
}
void mark(uint8_t* written, uint32_t n) {
  switch (n) {
    case 2: std::memcpy(written, &kWritten<uint16_t>, 2); break;
    case 4: std::memcpy(written, &kWritten<uint32_t>, 4); break;
    case 8: std::memcpy(written, &kWritten<uint64_t>, 8); break;
    default: std::memset(written, 1, n);
  }
}

}  // namespace

void Checker::launch_begins(const Run& run) {
  run_ = &run;
  told_.clear();
  global_.clear();
  epochs_.clear();
  togethers_.clear();
  last_cells_ = nullptr;
}

void Checker::block_begins(Block& block) {
  block.check = std::make_shared<BlockCheck>();
  block.check->warps.resize(run_->warps + 1);
  for (BlockCheck::OfWarp& warp : block.check->warps) {
    warp.here = &warp.known[block.linear];
    warp.here->resize(run_->warps + 1);
  }
  block.check->asynchronous = std::make_shared<Warp>();
  block.check->asynchronous->block = &block;
  block.check->asynchronous->run = run_;
  block.check->asynchronous->index = run_->warps;
  block.check->written.resize(block.shared.size());
  block.check->in_flight.resize(block.shared.size());
}

void Checker::release(Warp& warp, const void* key) {
  BlockCheck::OfWarp& own = state_of(warp);
  (*own.here)[warp.index] = own.time++;
  own.epoch.reset();
  join(told_[key], own.known);
}

void Checker::acquire(Warp& warp, const void* key) {
  if (const auto told = told_.find(key); told != told_.end()) join(state_of(warp).known, told->second);
}

void Checker::in_flight(Warp& warp, uint64_t address, uint32_t bytes, int lane, bool arrived) {
  Block& block = block_of(warp, address, lane);
  const uint64_t offset = (address & ((1u << kWindowBits) - 1)) - kSharedBase;
  if (offset + bytes > block.shared.size()) return;
  block.check->copies += arrived ? -1u : 1u;
  const auto begin = block.check->in_flight.begin() + static_cast<std::ptrdiff_t>(offset);
  std::for_each(begin, begin + bytes,
                [&](uint8_t& count) { count = static_cast<uint8_t>(count + (arrived ? -1 : 1)); });
}

Warp& Checker::asynchronous(Warp& warp) {
  Warp& other = *warp.block->check->asynchronous;
  release(warp, &other);
  acquire(other, &other);
  return other;
}

void Checker::waited(Warp& warp) {
  Warp& other = *warp.block->check->asynchronous;
  release(other, &other);
  acquire(warp, &other);
}

void Checker::together(Warp& warp, uint32_t lanes) {
  BlockCheck::OfWarp& own = state_of(warp);
  ++own.stamp;
  own.epoch.reset();
  own.together_at.reset();
  for (uint32_t rest = lanes; rest; rest &= rest - 1)
    own.together[static_cast<size_t>(std::countr_zero(rest))] = own.stamp;
}

inline uint32_t Checker::epoch_of(Warp& warp) {
  BlockCheck::OfWarp& own = state_of(warp);
  if (!own.epoch) {
    if (!own.together_at) {
      own.together_at = static_cast<uint32_t>(togethers_.size());
      togethers_.push_back(own.together);
    }
    own.epoch = static_cast<uint32_t>(epochs_.size());
    epochs_.push_back({static_cast<uint32_t>(warp.block->linear), warp.index, own.time, *own.together_at});
  }
  return *own.epoch;
}

inline bool Checker::ordered(Warp& warp, const Stamp& now, const Stamp& before) const {
  const bool same_lane = now.lane() == before.lane();
  if (before.epoch == now.epoch) return same_lane;
  const Epoch& then = epochs_[before.epoch];
  const BlockCheck::OfWarp& own = state_of(warp);
  if (then.block != static_cast<uint32_t>(warp.block->linear)) {
    const auto known = own.known.find(then.block);
    return known != own.known.end() && then.warp < known->second.size() && known->second[then.warp] >= then.time;
  }
  if (then.warp != warp.index) return (*own.here)[then.warp] >= then.time;
  const uint32_t together = togethers_[then.together][before.lane()];
  return same_lane || (own.together[before.lane()] > together && own.together[now.lane()] > together);
}

void Checker::visit(Warp& warp, const Instruction& in, Cells& cells, uint64_t offset, uint32_t bytes, int lane,
                    Access access, const Allocation* allocation) {
  const uint32_t atomic = access == Access::kAtomic ? Stamp::kAtomic : 0;
  Stamp now{epoch_of(warp), index_of(*run_, in) << 10 | static_cast<uint32_t>(lane) << 5 | atomic};
  const bool stores = access != Access::kLoad;
  const auto conflicts = [&](const Stamp& other) {
    return (other.what & now.what & Stamp::kBytes) && !(other.what & atomic) && !ordered(warp, now, other);
  };
  // Lanes of one instruction that store to one place: it is not said which wins, and all store the same as a rule.
  const auto same_instruction = [&](const Stamp& other) {
    const Epoch &one = epochs_[other.epoch], &own = epochs_[now.epoch];
    return other.at() == now.at() && one.block == own.block && one.warp == own.warp;
  };
  for (uint64_t at = offset; at < offset + bytes;) {
    const uint64_t end = std::min((at / 4 + 1) * 4, offset + bytes);
    now.what = (now.what & ~Stamp::kBytes) | (((1u << (end - at)) - 1) << at % 4 & Stamp::kBytes);
    Cell& cell = cells.at(at / 4);
    if (conflicts(cell.store) && !(stores && same_instruction(cell.store)))
      race(warp, in, cell.store, true, stores, lane, allocation, offset);
    if (stores) {
      for (const Stamp& load : cell.loads)
        if (conflicts(load)) race(warp, in, load, false, true, lane, allocation, offset);
      cell.store = now;
    } else {
      const bool keep = (cell.loads[0].what & Stamp::kBytes) && !ordered(warp, now, cell.loads[0]);
      cell.loads[keep] = now;
    }
    at = end;
  }
}

Checker::Cells& Checker::cells_of(const Allocation& allocation) {
  if (!last_cells_ || last_id_ != allocation.id) {
    last_id_ = allocation.id;
    last_cells_ = &global_[allocation.id];
  }
  return *last_cells_;
}

void Checker::global(Warp& warp, const Instruction& in, uint64_t address, uint32_t bytes, int lane, Access access) {
  Allocation* found = run_->memory.reach(address, bytes);
  if (!found) return;  // the access itself has said so
  const uint64_t offset = address - found->address;
  if (!found->written.empty()) {
    uint8_t* const written = found->written.data() + offset;
    if (access != Access::kStore && lacks(written, bytes))
      undefined(warp, in,
                "a load of " + std::to_string(bytes) + " bytes that nothing was stored to, " + std::to_string(offset) +
                    " bytes into " + found->what,
                lane);
    if (access != Access::kLoad) mark(written, bytes);
  }
  if (access == Access::kAtomic) acquire(warp, found->at(address));
  Cells& cells = cells_of(*found);
  if ((cells.at(offset / 4).store.what & Stamp::kBytes) &&
      run_->code.origins[index_of(*run_, in)].mnemonic.find(".nc") != std::string::npos)
    undefined(warp, in,
              "a load past the coherent caches of bytes that this launch stores to, " + std::to_string(offset) +
                  " bytes into " + found->what,
              lane);
  visit(warp, in, cells, offset, bytes, lane, access, found);
  if (access == Access::kAtomic) release(warp, found->at(address));
}

void Checker::shared(Warp& warp, const Instruction& in, uint64_t address, uint32_t bytes, int lane, Access access) {
  Block& block = block_of(warp, address, lane);
  const uint64_t offset = (address & ((1u << kWindowBits) - 1)) - kSharedBase;
  if (offset + bytes > block.shared.size()) return;
  uint8_t* const written = block.check->written.data() + offset;
  if (access == Access::kLoad && lacks(written, bytes))
    undefined(
        warp, in,
        "a load of " + std::to_string(bytes) + " bytes that nothing was stored to, at shared address " + hex(address),
        lane);
  const auto copies = block.check->in_flight.begin() + static_cast<std::ptrdiff_t>(offset);
  if (access == Access::kLoad && block.check->copies &&
      std::any_of(copies, copies + bytes, [](uint8_t count) { return count != 0; }))
    undefined(warp, in,
              "a load of " + std::to_string(bytes) +
                  " bytes that a copy goes to which was not waited for, at shared address " + hex(address),
              lane);
  if (access != Access::kLoad) mark(written, bytes);
  const void* key = block.shared.data() + offset;
  if (access == Access::kAtomic) acquire(warp, key);
  visit(warp, in, block.check->cells, offset, bytes, lane, access, nullptr);
  if (access == Access::kAtomic) release(warp, key);
}

std::string Checker::described(uint64_t block, uint32_t warp, uint32_t lane) const {
  const Dim& grid = run_->launch.grid;
  const Dim& shape = run_->launch.block;
  const std::string of_block =
      "block " + triple(static_cast<uint32_t>(block % grid.x), static_cast<uint32_t>(block / grid.x % grid.y),
                        static_cast<uint32_t>(block / grid.x / grid.y));
  if (warp == run_->warps) return "an asynchronous operation of " + of_block;
  const uint32_t thread = warp * 32 + lane;
  return of_block + ", thread " + triple(thread % shape.x, thread / shape.x % shape.y, thread / shape.x / shape.y);
}

void Checker::race(Warp& warp, const Instruction& in, const Stamp& other, bool other_stores, bool stores, int lane,
                   const Allocation* allocation, uint64_t offset) {
  const std::string where = allocation ? std::to_string(offset) + " bytes into " + allocation->what
                                       : "at shared address " + hex(kSharedBase + offset);

  const uint32_t at = index_of(*run_, in);
  const Epoch& then = epochs_[other.epoch];
  add(1 + uint64_t{other.at()} * 4 + stores * 2 + other_stores, *run_, at,
      std::string("race: ") + (stores ? "a store" : "a load") + " by " +
          described(warp.block->linear, warp.index, static_cast<uint32_t>(lane)) + ", " + where + ", and " +
          (other_stores ? "a store" : "a load") + " by " + described(then.block, then.warp, other.lane()) + " at " +
          describe_origin(run_->program, run_->code.origins[other.at()]) + ", which nothing orders");
}

void Checker::undefined(Warp& warp, const Instruction& in, const std::string& what, int lane) {
  add(0, *run_, index_of(*run_, in),
      what + ", by " + described(warp.block->linear, warp.index, static_cast<uint32_t>(lane)));
}

void Checker::add(uint64_t kind, const Run& run, uint32_t at, const std::string& text) {
  Report& report = reports_[{kind, at}];
  if (report.count++ == 0)
    report.text = run.function.name + ": " + describe_origin(run.program, run.code.origins[at]) + ": " + text;
}

std::vector<Checker::Report> Checker::take() {
  std::vector<Report> result;
  for (auto& [key, report] : reports_) result.push_back(std::move(report));
  reports_.clear();
  return result;
}

}  // namespace sinter::sim
