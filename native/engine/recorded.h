// A list of commands that a device has as one graph (device.h). Place in the whole: what the decoder keeps of each, by the number that
// JavaScript gave it.
//
// From kRecord to kEnd commands are recorded: their results get ids and memory, but no values before the graph is launched, and every
// launch gives them new ones. What they write that was there before is written at every launch. Random numbers are drawn where the launch
// says: by its seed, and by its offset further than when they were recorded. Operands from outside are held, as the graph has their
// addresses. What kernels report belongs to the graph, too: a failure that is found after a launch poisons what depends on
// it, for good, as everything else does that fails.
#pragma once
#include <memory>
#include <vector>

#include "engine/late_stream.h"
#include "engine/report.h"
#include "engine/storage.h"

namespace sinter {

class Recorded {
 public:
  enum Kind : int { kRecord = 0, kEnd = 1, kLaunch = 2, kDrop = 3 };

  Recorded(DeviceQueue& queue, std::unique_ptr<Reports> reports)
      : reports_(std::move(reports)), stream_(Storage::create(sizeof(LateStream), queue)) {
    try {
      graph_ = queue.record();
    } catch (...) {
      stream_->release();
      throw;
    }
  }
  Recorded(const Recorded&) = delete;
  Recorded& operator=(const Recorded&) = delete;
  ~Recorded() {
    graph_.reset();
    stream_->release();
    for (Storage* s : held_) s->release();
  }

  DeviceGraph& graph() { return *graph_; }
  // On the device: written by each launch.
  LateStream* stream() { return reinterpret_cast<LateStream*>(stream_->data()); }
  Reports& reports() { return *reports_; }
  // Once the queue has been waited for and nothing is launched any more; they may serve another graph.
  std::unique_ptr<Reports> take_reports() { return std::move(reports_); }

  // A command uses the storage.
  void hold(Storage* storage) {
    if (storage->bytes() && !graph_->owns(storage->device_block())) held_.push_back(storage->retain());
  }

  bool failed = false;    // some command of it, or its end: it cannot be launched
  bool launched = false;  // since reports were last looked at

 private:
  std::unique_ptr<Reports> reports_;
  Storage* stream_;
  std::unique_ptr<DeviceGraph> graph_;
  std::vector<Storage*> held_;
};

}  // namespace sinter
