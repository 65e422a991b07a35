// When the work of streams is done. Place in the whole: everything that reaches a stream is submitted here and waits until something
// waits for it; then no more is done than that takes. So a program that forgets to wait reads old bytes, every time.
//
// With a seed other streams' work is done in between, and some work as soon as it is submitted, in an order that depends on the seed
// alone: as far ahead or behind as events and the legacy stream's rules allow.
#pragma once
#include "work.h"

namespace sinter::sim::driver {

// One launch of a graph: its nodes are done one by one, with other streams' work in between.
struct GraphRun {
  struct Node {
    std::shared_ptr<Work> work;
    std::vector<size_t> after;
  };
  std::shared_ptr<const std::vector<Node>> nodes;
  std::vector<uint8_t> done;
  size_t left = 0;
};

struct Op {
  Stream* stream = nullptr;
  uint64_t order = 0;
  bool done = false;
  std::shared_ptr<Work> work;  // or, for a graph's launch:
  std::unique_ptr<GraphRun> graph;
  std::vector<std::shared_ptr<Op>> after;  // of other streams; its own stream is in order anyhow
};

// Puts work behind everything that is in the stream; into the graph where the stream is being captured. The op is null then.
std::shared_ptr<Op> submit(Stream& stream, std::shared_ptr<Work> work);
std::shared_ptr<Op> submit(Stream& stream, std::unique_ptr<GraphRun> graph, std::shared_ptr<Op> also_after);

// Makes the stream wait for [op].
void wait_for(Stream& stream, const std::shared_ptr<Op>& op);

// Does what it takes until [op] is done. The context's error afterwards is the caller's to return.
void finish(const std::shared_ptr<Op>& op);
void finish(Stream& stream);
void finish(Context& context);
// One step towards [op], for queries: each of them brings it nearer.
void advance(const std::shared_ptr<Op>& op);

}  // namespace sinter::sim::driver
