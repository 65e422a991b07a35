#include "cuda/runtime/graph.h"

namespace sinter::cuda {

namespace {

// Destroys what was recorded when it goes out of scope.
class Recorded {
 public:
  explicit Recorded(CUgraph graph) : graph_(graph) {}
  Recorded(const Recorded&) = delete;
  Recorded& operator=(const Recorded&) = delete;
  ~Recorded() {
    if (graph_) driver().graph_destroy(graph_);
  }
  CUgraph get() const { return graph_; }

 private:
  CUgraph graph_;
};

}  // namespace

Graph::Graph(Queue& queue, const std::function<void()>& work)
    : queue_(queue), pool_(queue.device_.memory().open_keeping_pool(queue.stream_)) {
  try {
    const Recorded recorded(record(work, uploads_));
    exec_ = instantiate(recorded.get());
  } catch (...) {
    queue.device_.memory().close_pool(pool_, queue.pool_);
    throw;
  }
}

Graph::~Graph() {
  try {
    queue_.wait();
  } catch (const Error&) {
    // A lost device runs nothing any more.
  }
  driver().graph_exec_destroy(exec_);
  queue_.device_.memory().close_pool(pool_, queue_.pool_);
}

CUgraph Graph::record(const std::function<void()>& work, std::vector<Pinned>& uploads) {
  Device& device = queue_.device_;
  queue_.not_while_recording("recording a graph");
  device.make_current();
  const Driver& f = driver();
  Queue::Recording recording{pool_, &uploads, 0};
  // Relaxed: what other threads do on other streams is no part of it, nor is taking memory.
  device.check(f.stream_begin_capture(queue_.stream_, CaptureMode::relaxed), "beginning to record a graph");
  device.memory().begin_capture(queue_.stream_);
  queue_.recording_ = &recording;
  const auto end = [&](CUgraph* graph) {
    queue_.recording_ = nullptr;
    const CUresult status = f.stream_end_capture(queue_.stream_, graph);
    device.memory().end_capture(queue_.stream_);
    return status;
  };
  try {
    work();
  } catch (...) {
    CUgraph dropped = nullptr;
    if (end(&dropped) == CUresult::success && dropped) f.graph_destroy(dropped);
    throw;
  }
  CUgraph graph = nullptr;
  queue_.check(end(&graph), "recording a graph");
  return graph;
}

CUgraphExec Graph::instantiate(CUgraph graph) {
  const Driver& f = driver();
  CUgraphExec exec = nullptr;
  size_t nodes = 0;
  queue_.check(f.graph_nodes(graph, nullptr, &nodes), "counting a graph's nodes");
  queue_.check(f.graph_instantiate(&exec, graph, 0), "preparing a graph");
  nodes_ = nodes;
  return exec;
}

void Graph::launch() {
  queue_.not_while_recording("launching a graph");
  queue_.device_.make_current();
  queue_.check(driver().graph_launch(exec_, queue_.stream_), "launching a graph");
}

bool Graph::update(const std::function<void()>& work) {
  std::vector<Pinned> uploads;
  const Recorded recorded(record(work, uploads));
  // What was launched still reads the old uploads.
  queue_.wait();
  const Driver& f = driver();
  GraphUpdateResult result{};
  const CUresult status = f.graph_update(exec_, recorded.get(), &result);
  if (status == CUresult::graph_exec_update_failure) {
    CUgraphExec exec = instantiate(recorded.get());
    f.graph_exec_destroy(exec_);
    exec_ = exec;
  } else {
    queue_.check(status, "updating a graph");
  }
  uploads_ = std::move(uploads);
  return status == CUresult::success;
}

}  // namespace sinter::cuda
