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

Graph::Graph(Queue& queue) : queue_(queue), pool_(queue.device_.memory().open_keeping_pool(queue.stream_)) {
  try {
    begin(uploads_);
  } catch (...) {
    queue.device_.memory().close_pool(pool_, queue.pool_);
    throw;
  }
}

Graph::Graph(Queue& queue, const std::function<void()>& work) : Graph(queue) {
  work();
  end();
}

Graph::~Graph() {
  const Recorded dropped(finish());
  try {
    queue_.wait();
  } catch (const Error&) {
    // A lost device runs nothing any more.
  }
  if (exec_) driver().graph_exec_destroy(exec_);
  queue_.device_.memory().close_pool(pool_, queue_.pool_);
}

void Graph::begin(std::vector<Pinned>& uploads) {
  Device& device = queue_.device_;
  queue_.not_while_recording("recording a graph");
  device.make_current();
  // Relaxed: what other threads do on other streams is no part of it, nor is taking memory.
  device.check(driver().stream_begin_capture(queue_.stream_, CaptureMode::relaxed), "beginning to record a graph");
  device.memory().begin_capture(queue_.stream_);
  recording_ = {pool_, &uploads, 0};
  queue_.recording_ = &recording_;
}

CUgraph Graph::finish() {
  if (queue_.recording_ != &recording_) return nullptr;
  queue_.recording_ = nullptr;
  CUgraph graph = nullptr;
  spoilt_ = driver().stream_end_capture(queue_.stream_, &graph);
  queue_.device_.memory().end_capture(queue_.stream_);
  return graph;
}

void Graph::end() {
  queue_.device_.make_current();
  const Recorded recorded(finish());
  queue_.check(spoilt_, "recording a graph");
  if (!recorded.get()) fail(ErrorCode::internal, "the end of a graph that is not being recorded");
  exec_ = instantiate(recorded.get());
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
  if (!exec_) fail(ErrorCode::internal, "a graph that was not recorded to its end");
  queue_.device_.make_current();
  queue_.check(driver().graph_launch(exec_, queue_.stream_), "launching a graph");
}

bool Graph::owns(const DeviceBlock& block) const { return queue_.device_.memory().is_of(block, pool_); }

bool Graph::update(const std::function<void()>& work) {
  std::vector<Pinned> uploads;
  begin(uploads);
  try {
    work();
  } catch (...) {
    const Recorded dropped(finish());
    throw;
  }
  const Recorded recorded(finish());
  queue_.check(spoilt_, "recording a graph");
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

std::unique_ptr<DeviceGraph> Queue::record() { return std::make_unique<Graph>(*this); }

}  // namespace sinter::cuda
