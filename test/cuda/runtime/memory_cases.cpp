// Memory: caching, limits, statistics, exhaustion, and what several streams share.
#include <cstring>
#include <thread>

#include "harness.h"

namespace sinter::cuda::test {

namespace {

constexpr size_t kMB = 1 << 20;

void free_all(Bench& b) {
  for (const DeviceBlock& block : b.blocks) b.queue.memory().free(block);
  b.blocks.clear();
}

DeviceBlock take(Bench& b, size_t bytes) {
  b.blocks.push_back(b.queue.allocate(bytes));
  return b.blocks.back();
}

}  // namespace

CASE(statistics) {
  Bench b;
  Memory& memory = b.queue.device().memory();
  EXPECT(memory.stats().reserved == 0);
  EXPECT(memory.stats().limit == b.queue.device().info().memory_bytes);
  const DeviceBlock one = take(b, 1), two = take(b, 1000), big = take(b, 5 * kMB + 3);
  for (const DeviceBlock& block : {one, two, big}) EXPECT(reinterpret_cast<uintptr_t>(block.data) % 256 == 0);
  EXPECT(one.bytes >= 1 && two.bytes >= 1000 && big.bytes >= 5 * kMB + 3);
  MemoryStats s = memory.stats();
  EXPECT(s.live == one.bytes + two.bytes + big.bytes);
  EXPECT(s.peak == s.live && s.live_blocks == 3 && s.allocations == 3);
  EXPECT(s.reserved == s.live + s.cached);
  free_all(b);
  s = memory.stats();
  EXPECT(s.live == 0 && s.live_blocks == 0 && s.cached == s.reserved && s.peak > 0);
  memory.reset_peak();
  EXPECT(memory.stats().peak == 0);
  // What was given back in pieces is whole again: a block of the segment's size fits without another one.
  take(b, 2 * kMB - 512);
  take(b, 30 * kMB);
  EXPECT(memory.stats().reserved == s.reserved);
  free_all(b);
  EXPECT(memory.empty_cache() == s.reserved);
  EXPECT(memory.stats().reserved == 0 && memory.stats().cached == 0);
}

CASE(reuse_is_immediate) {
  Bench b;
  const DeviceBlock first = b.queue.allocate(4096);
  b.queue.memory().free(first);
  const DeviceBlock second = b.queue.allocate(4000);
  EXPECT(second.data == first.data);
  b.queue.memory().free(second);
}

// In stream order: a block that was given back is written by what is launched next, after what was launched before has read it.
CASE(reuse_keeps_order) {
  Bench b;
  const size_t n = 1000;
  uint32_t* sum = b.put(std::vector<uint32_t>(n, 0));
  for (uint32_t round = 0; round < 20; round++) {
    const DeviceBlock block = b.queue.allocate(n * 4);
    const std::vector<uint32_t> values(n, round);
    b.queue.upload(block.data, values.data(), n * 4);
    // sum = 3 * (that) + round, kept in another block that comes and goes
    const DeviceBlock other = b.queue.allocate(n * 4);
    b.run_affine(static_cast<uint32_t*>(other.data), static_cast<uint32_t*>(block.data), n, 3, round);
    b.queue.memory().free(block);
    const DeviceBlock overwritten = b.queue.allocate(n * 4);
    EXPECT(overwritten.data == block.data);
    b.queue.fill(overwritten.data, 0xff, n * 4);
    b.queue.memory().free(overwritten);
    b.queue.copy(sum, other.data, n * 4);
    b.queue.memory().free(other);
  }
  EXPECT(b.get(sum, n) == std::vector<uint32_t>(n, 4 * 19));
}

// SINTER_SIM_MEMORY is 256 MB.
CASE(exhaustion_is_survived) {
  Bench b;
  Memory& memory = b.queue.device().memory();
  const uint64_t total = b.queue.device().info().memory_bytes;
  EXPECT(total == 256 * kMB);
  const Error too_much = error_of([&] { take(b, total + 1); });
  EXPECT(too_much.code == ErrorCode::out_of_memory && says(too_much, "cuda:0 is out of memory: 268.4 MB asked"));
  const Error error = error_of([&] {
    for (;;) take(b, 3 * kMB);
  });
  EXPECT(error.code == ErrorCode::out_of_memory && says(error, "3.1 MB asked") && says(error, "live"));
  EXPECT(b.blocks.size() > 60);
  // Small blocks are still cut from what is left of larger segments, and then it is over for them too.
  const Error small = error_of([&] {
    for (;;) take(b, 100'000);
  });
  EXPECT(small.code == ErrorCode::out_of_memory);
  free_all(b);
  // All of it is in segments that are too small for this: they are given back, and it is tried again.
  const DeviceBlock most = take(b, 200 * kMB);
  EXPECT(memory.stats().live == most.bytes);
  uint32_t* p = static_cast<uint32_t*>(most.data);
  const std::vector<uint32_t> values = counting(1000);
  b.queue.upload(p, values.data(), 4000);
  EXPECT(b.get(p, 1000) == values);
}

// SINTER_SIM_FAIL_ALLOC=1: the first allocation of the driver fails, as if others had taken the memory in between.
CASE(failed_allocation_is_survived) {
  Bench b;
  const std::vector<uint32_t> values = counting(3 * kMB);
  EXPECT(b.get(b.put(values), values.size()) == values);
}

CASE(limit_holds) {
  Bench b;
  Memory& memory = b.queue.device().memory();
  memory.set_limit(40 * kMB);
  take(b, 10 * kMB);
  const Error error = error_of([&] { take(b, 31 * kMB); });
  EXPECT(error.code == ErrorCode::out_of_memory && says(error, "at the limit of 41.9 MB") &&
         says(error, "raise the limit"));
  take(b, 2 * kMB);
  free_all(b);
  // The cache counts as well: it makes room.
  take(b, 39 * kMB);
  EXPECT(memory.stats().reserved <= 40 * kMB);
  free_all(b);
  memory.set_limit(kMB);
  EXPECT(memory.stats().reserved == 0);
  memory.set_limit(0);
  take(b, 60 * kMB);
}

// Blocks outlive their queue, and the next queue has what the last one left.
CASE(queues_come_and_go) {
  Memory& memory = Device::open(0).memory();
  DeviceBlock kept;
  {
    Bench b;
    kept = b.queue.allocate(1000);
    take(b, 30 * kMB);
  }
  const uint64_t reserved = memory.stats().reserved;
  EXPECT(memory.stats().live == kept.bytes);
  {
    Bench b;
    take(b, 30 * kMB);
    EXPECT(memory.stats().reserved == reserved);
    memory.free(kept);
  }
  EXPECT(memory.stats().live == 0);
  EXPECT(memory.empty_cache() == reserved);
}

// The first queue gives a block back and uses it again at once, while the second has yet to read it.
CASE(shared_blocks_wait_for_the_others) {
  const size_t n = 5000;
  Bench owner, other;
  uint32_t* result = other.words(n);
  for (uint32_t round = 0; round < 10; round++) {
    const DeviceBlock block = owner.queue.allocate(n * 4);
    const std::vector<uint32_t> values = counting(n, round);
    owner.queue.upload(block.data, values.data(), n * 4);
    owner.queue.wait();
    other.queue.adopt(block);
    other.run_affine(result, static_cast<uint32_t*>(block.data), n, 1, 0);
    owner.queue.memory().free(block);
    const DeviceBlock again = owner.queue.allocate(n * 4);
    EXPECT(again.data == block.data);
    owner.queue.fill(again.data, 0xee, n * 4);
    owner.queue.wait();
    owner.queue.memory().free(again);
    EXPECT(other.get(result, n) == values);
  }
}

// SINTER_DEBUG=guard: a block ends where it was asked to, and nothing of it stays when it is given back.
CASE(guarded_blocks) {
  Bench b;
  Memory& memory = b.queue.device().memory();
  uint32_t* x = b.put(counting(101));
  EXPECT(b.blocks.back().bytes == 404 && memory.stats().reserved == 404);
  uint32_t* y = b.words(100);
  b.run_affine(y, x, 100, 1, 1);
  memory.free(b.blocks.back());
  b.blocks.pop_back();
  EXPECT(memory.stats().reserved == 404);
  b.run_affine(b.words(100), x, 101, 1, 1);
  EXPECT(error_of([&] { b.queue.wait(); }).code == ErrorCode::device_lost);
}

// Several threads, a queue each; blocks are given back by the neighbour.
CASE(threads) {
  constexpr size_t kThreads = 4, kRounds = 30, n = 3000;
  std::vector<std::unique_ptr<Bench>> benches;
  for (size_t t = 0; t < kThreads; t++) benches.push_back(std::make_unique<Bench>());
  std::vector<std::string> failures(kThreads);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; t++)
    threads.emplace_back([&, t] {
      try {
        Bench& b = *benches[t];
        for (uint32_t round = 0; round < kRounds; round++) {
          const DeviceBlock block = b.queue.allocate(n * 4);
          auto* p = static_cast<uint32_t*>(block.data);
          const std::vector<uint32_t> values = counting(n, static_cast<uint32_t>(t) * 1000 + round);
          b.queue.upload(p, values.data(), n * 4);
          b.run_affine(p, p, n, 2, 1);
          const std::vector<uint32_t> got = b.get(p, n);
          for (size_t i = 0; i < n; i++) EXPECT(got[i] == values[i] * 2 + 1);
          // Through with it everywhere: the memory is one for all queues of the device.
          benches[(t + 1) % kThreads]->queue.memory().free(block);
        }
      } catch (const Failure& f) {
        failures[t] = f.text;
      } catch (const Error& e) {
        failures[t] = e.message;
      }
    });
  for (std::thread& t : threads) t.join();
  for (const std::string& f : failures)
    if (!f.empty()) throw Failure{f};
  EXPECT(Device::open(0).memory().stats().live == 0);
}

}  // namespace sinter::cuda::test
