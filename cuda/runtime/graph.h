// A list of launches and copies that the driver knows as one. Place in the whole: what the engine's captured command lists become on a
// device; a node costs 0.5 us on the device where a launch costs the host 3 to 4 (docs/gpu-facts.md).
//
// What is recorded names addresses, so these stay the graph's: memory that the recorded work allocates comes from a pool that nobody
// else uses while the graph lives, whether the work gives it back or not, and uploads are kept in page-locked memory as they were.
// Memory from outside has to outlive the graph, which its owner sees to.
#pragma once
#include <functional>
#include <vector>

#include "cuda/runtime/queue.h"

namespace sinter::cuda {

class Graph final : public DeviceGraph {
 public:
  // Begins to record. Reading from the device and waiting for it are errors until end(). Throws Error.
  explicit Graph(Queue& queue);
  // Records `work`, which gives the queue work. Throws what `work` throws, and Error.
  Graph(Queue& queue, const std::function<void()>& work);
  ~Graph() override;  // waits for the queue, which must still be there
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void end() override;
  // Everything once more, in the queue's order.
  void launch() override;
  bool owns(const DeviceBlock& block) const override;
  // Records `work` in place of what was recorded. True: the same kernels and copies in the same order, of which only parameters had to
  // be changed; false: prepared anew, which takes some us a node. When it throws, the graph is what it was.
  bool update(const std::function<void()>& work);
  size_t nodes() const { return nodes_; }

 private:
  void begin(std::vector<Pinned>& uploads);
  CUgraph finish();  // null where nothing is being recorded, or the recording was spoilt
  CUgraphExec instantiate(CUgraph graph);

  Queue& queue_;
  Memory::Pool* pool_;
  Queue::Recording recording_{};
  CUresult spoilt_ = CUresult::success;
  CUgraphExec exec_ = nullptr;
  std::vector<Pinned> uploads_;
  size_t nodes_ = 0;
};

}  // namespace sinter::cuda
