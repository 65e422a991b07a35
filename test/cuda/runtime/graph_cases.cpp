// Graphs: recorded, launched again, changed.
#include "harness.h"

namespace sinter::cuda::test {

CASE(graphs_run_again) {
  Bench b;
  const size_t n = 700;
  uint32_t* x = b.put(std::vector<uint32_t>(n, 1));
  {
    Graph graph(b.queue, [&] {
      b.run_affine(x, x, n, 2, 0);
      b.run_affine(x, x, n, 1, 3);
    });
    EXPECT(graph.nodes() == 2);
    EXPECT(b.get(x, n) == std::vector<uint32_t>(n, 1));  // recorded, not done
    graph.launch();
    graph.launch();
    EXPECT(b.get(x, n) == std::vector<uint32_t>(n, 13));
    // Other parameters in the same order.
    EXPECT(graph.update([&] {
      b.run_affine(x, x, n, 1, 1);
      b.run_affine(x, x, n, 10, 0);
    }));
    graph.launch();
    EXPECT(b.get(x, n) == std::vector<uint32_t>(n, 140));
    // Something else.
    EXPECT(!graph.update([&] { b.queue.fill(x, 0, n * 4); }));
    EXPECT(graph.nodes() == 1);
    graph.launch();
    EXPECT(b.get(x, n) == std::vector<uint32_t>(n, 0));
  }
  b.run_affine(x, x, n, 1, 5);
  EXPECT(b.get(x, n) == std::vector<uint32_t>(n, 5));
}

// What the recorded work takes and gives back stays its own: nobody else's tensor comes to lie there.
CASE(graphs_keep_their_memory) {
  Bench b;
  const size_t n = 4000;
  const uint32_t* x = b.put(counting(n));
  uint32_t* y = b.words(n);
  void* inside = nullptr;
  const uint64_t before = b.queue.device().memory().stats().live;
  {
    Graph graph(b.queue, [&] {
      const DeviceBlock temporary = b.queue.allocate(n * 4);
      inside = temporary.data;
      b.run_affine(static_cast<uint32_t*>(inside), x, n, 3, 0);
      b.run_affine(y, static_cast<uint32_t*>(inside), n, 1, 1);
      b.queue.memory().free(temporary);
    });
    std::vector<uint32_t*> outside;
    for (int i = 0; i < 20; i++) outside.push_back(b.put(std::vector<uint32_t>(n, 77)));
    graph.launch();
    for (uint32_t* p : outside) {
      EXPECT(p != inside);
      EXPECT(b.get(p, n) == std::vector<uint32_t>(n, 77));
    }
    EXPECT(b.get(y, n) == counting(n, 1, 3));
    // Giving back unused memory does not reach the graph's.
    b.queue.device().memory().empty_cache();
    graph.launch();
    EXPECT(b.get(y, n) == counting(n, 1, 3));
  }
  EXPECT(b.queue.device().memory().stats().live >= before);
}

// Uploads are recorded with the bytes of their time.
CASE(graphs_keep_their_uploads) {
  Bench b;
  const size_t n = 40'000;
  uint32_t *small = b.words(10), *large = b.words(n);
  std::vector<uint32_t> few = counting(10), many = counting(n, 5, 7);
  Graph graph(b.queue, [&] {
    b.queue.upload(small, few.data(), 40);
    b.queue.upload(large, many.data(), n * 4);
  });
  few.assign(10, 0);
  many.assign(n, 0);
  for (int i = 0; i < 2; i++) {
    b.queue.fill(small, 0, 40);
    b.queue.fill(large, 0, n * 4);
    graph.launch();
    EXPECT(b.get(small, 10) == counting(10));
    EXPECT(b.get(large, n) == counting(n, 5, 7));
  }
}

CASE(recording_that_fails) {
  Bench b;
  uint32_t* x = b.put(std::vector<uint32_t>(10, 1));
  const Error read = error_of([&] { Graph(b.queue, [&] { b.get(x, 10); }); });
  EXPECT(read.code == ErrorCode::unsupported && says(read, "not while a graph is recorded"));
  EXPECT(error_of([&] { Graph(b.queue, [&] { b.queue.wait(); }); }).code == ErrorCode::unsupported);
  EXPECT(error_of([&] { Graph(b.queue, [&] { Graph(b.queue, [] {}); }); }).code == ErrorCode::unsupported);
  // The queue works on, and nothing of what was recorded was done.
  Graph graph(b.queue, [&] { b.run_affine(x, x, 10, 1, 1); });
  EXPECT(error_of([&] { graph.update([&] { b.run_affine(x, x, 10, 5, 5), b.queue.wait(); }); }).code ==
         ErrorCode::unsupported);
  graph.launch();
  EXPECT(b.get(x, 10) == std::vector<uint32_t>(10, 2));
}

// What was there before can be given back while a graph is recorded.
CASE(giving_back_while_recording) {
  Bench b;
  uint32_t* x = b.put(std::vector<uint32_t>(10, 1));
  const DeviceBlock block = b.queue.allocate(4000);
  Graph graph(b.queue, [&] {
    b.queue.memory().free(block);
    b.run_affine(x, x, 10, 1, 1);
    b.queue.device().memory().empty_cache();
  });
  graph.launch();
  EXPECT(b.get(x, 10) == std::vector<uint32_t>(10, 2));
}

// While one queue records, what another shares with it waits for the end of that.
CASE(recording_beside_others) {
  Bench recorder, other;
  const size_t n = 300;
  uint32_t* x = recorder.put(std::vector<uint32_t>(n, 1));
  const DeviceBlock block = other.queue.allocate(n * 4);
  other.queue.fill(block.data, 0, n * 4);
  other.queue.wait();
  recorder.queue.adopt(block);
  Graph graph(recorder.queue, [&] {
    recorder.run_affine(x, x, n, 1, 1);
    other.queue.memory().free(block);
    const DeviceBlock fresh = other.queue.allocate(n * 4);
    EXPECT(fresh.data != block.data);
    const std::vector<uint32_t> values = counting(n);
    other.queue.upload(fresh.data, values.data(), n * 4);
    EXPECT(other.get(static_cast<uint32_t*>(fresh.data), n) == values);
    other.queue.memory().free(fresh);
  });
  EXPECT(graph.nodes() == 1);
  graph.launch();
  EXPECT(recorder.get(x, n) == std::vector<uint32_t>(n, 2));
  EXPECT(Device::open(0).memory().stats().live_blocks == recorder.blocks.size());
}

}  // namespace sinter::cuda::test
