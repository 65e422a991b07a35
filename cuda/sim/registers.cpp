// Live ranges by data flow over the function's basic blocks, then places in order of where ranges begin.
#include "registers.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <set>

namespace sinter::sim {

namespace {

using Bits = std::vector<uint64_t>;

struct BasicBlock {
  uint32_t begin = 0, end = 0;
  std::vector<size_t> next;
  Bits needed, replaced, live_in, live_out;  // of registers, by their rank in the region
};

bool has(const Bits& bits, size_t i) { return bits[i / 64] >> i % 64 & 1; }
void add(Bits& bits, size_t i) { bits[i / 64] |= uint64_t{1} << i % 64; }

class Ranges {
 public:
  explicit Ranges(const Region& region) : region_(region) {
    for (const Occurrence& it : region.occurrences) numbers_.push_back(it.number);
    std::sort(numbers_.begin(), numbers_.end());
    numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
    make_blocks();
    flow();
    measure();
  }

  const std::vector<uint32_t>& numbers() const { return numbers_; }
  uint32_t first(size_t rank) const { return first_[rank]; }
  uint32_t last(size_t rank) const { return last_[rank]; }

 private:
  size_t rank(uint32_t number) const {
    return static_cast<size_t>(std::lower_bound(numbers_.begin(), numbers_.end(), number) - numbers_.begin());
  }
  size_t block_at(uint32_t instruction) const {
    const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), instruction,
                                        [](uint32_t at, const BasicBlock& it) { return at < it.begin; });
    return static_cast<size_t>(after - blocks_.begin()) - 1;
  }

  void make_blocks() {
    std::set<uint32_t> begins{region_.begin};
    for (const auto& [at, jump] : region_.jumps) {
      begins.insert(at + 1);
      begins.insert(jump.targets.begin(), jump.targets.end());
    }
    begins.erase(begins.lower_bound(region_.end), begins.end());
    for (const uint32_t begin : begins) {
      if (!blocks_.empty()) blocks_.back().end = begin;
      blocks_.emplace_back().begin = begin;
    }
    blocks_.back().end = region_.end;
    for (size_t i = 0; i < blocks_.size(); ++i) {
      const auto jump = region_.jumps.find(blocks_[i].end - 1);
      if ((jump == region_.jumps.end() || jump->second.falls) && i + 1 < blocks_.size())
        blocks_[i].next.push_back(i + 1);
      if (jump != region_.jumps.end())
        for (const uint32_t target : jump->second.targets) blocks_[i].next.push_back(block_at(target));
    }
    const Bits none((numbers_.size() + 63) / 64);
    for (BasicBlock& it : blocks_) it.needed = it.replaced = it.live_in = it.live_out = none;
    // An instruction reads before it replaces.
    for (size_t i = 0; i < region_.occurrences.size();) {
      const uint32_t at = region_.occurrences[i].at;
      BasicBlock& block = blocks_[block_at(at)];
      size_t end = i;
      for (; end < region_.occurrences.size() && region_.occurrences[end].at == at; ++end) {
        const Occurrence& it = region_.occurrences[end];
        if (it.reads && !has(block.replaced, rank(it.number))) add(block.needed, rank(it.number));
      }
      for (; i < end; ++i)
        if (region_.occurrences[i].replaces) add(block.replaced, rank(region_.occurrences[i].number));
    }
  }

  void flow() {
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = blocks_.size(); i-- > 0;) {
        BasicBlock& block = blocks_[i];
        for (size_t w = 0; w < block.live_in.size(); ++w) {
          uint64_t out = 0;
          for (const size_t next : block.next) out |= blocks_[next].live_in[w];
          block.live_out[w] = out;
          const uint64_t in = block.needed[w] | (out & ~block.replaced[w]);
          changed = changed || in != block.live_in[w];
          block.live_in[w] = in;
        }
      }
    }
  }

  void measure() {
    first_.assign(numbers_.size(), UINT32_MAX);
    last_.assign(numbers_.size(), 0);
    const auto at = [&](size_t rank, uint32_t instruction) {
      first_[rank] = std::min(first_[rank], instruction);
      last_[rank] = std::max(last_[rank], instruction);
    };
    for (const Occurrence& it : region_.occurrences) at(rank(it.number), it.at);
    for (const BasicBlock& block : blocks_)
      for (size_t i = 0; i < numbers_.size(); ++i) {
        if (has(block.live_in, i)) at(i, block.begin);
        if (has(block.live_out, i)) at(i, block.end - 1);
      }
  }

  const Region& region_;
  std::vector<uint32_t> numbers_, first_, last_;
  std::vector<BasicBlock> blocks_;
};

}  // namespace

uint32_t share_registers(const Region& region, const std::vector<uint32_t>& bytes, uint32_t base,
                         std::vector<uint32_t>& places) {
  const Ranges ranges(region);
  std::vector<size_t> order(ranges.numbers().size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return ranges.first(a) != ranges.first(b) ? ranges.first(a) < ranges.first(b) : a < b;
  });
  // Of each size: free places, and those that become free.
  struct Pool {
    std::set<uint32_t> free;
    std::priority_queue<std::pair<uint32_t, uint32_t>, std::vector<std::pair<uint32_t, uint32_t>>, std::greater<>> busy;
  };
  std::map<uint32_t, Pool> pools;
  uint32_t end = base;
  for (const size_t rank : order) {
    const uint32_t number = ranges.numbers()[rank], size = file_bytes(bytes[number]);
    Pool& pool = pools[size];
    while (!pool.busy.empty() && pool.busy.top().first < ranges.first(rank)) {
      pool.free.insert(pool.busy.top().second);
      pool.busy.pop();
    }
    uint32_t place;
    if (!pool.free.empty()) {
      place = *pool.free.begin();
      pool.free.erase(pool.free.begin());
    } else {
      if (size >= 64) end = (end + 63) / 64 * 64;
      place = end;
      end += size;
    }
    places[number] = place;
    pool.busy.emplace(ranges.last(rank), place);
  }
  return end;
}

}  // namespace sinter::sim
