// Graphs and how streams are captured into them. Place in the whole: schedule.cpp hands work here while its stream is being captured;
// driver_capture.cpp begins and ends that, driver_graph.cpp instantiates and launches what came out.
#pragma once
#include <thread>

#include "schedule.h"

namespace sinter::sim::driver {

struct GraphNode {
  size_t index = 0;  // in its graph
  std::shared_ptr<Work> work;
  std::vector<GraphNode*> after;
};

class Graph {
 public:
  std::vector<std::unique_ptr<GraphNode>> nodes;  // each behind those it comes after

  GraphNode* add(std::shared_ptr<Work> work, std::vector<GraphNode*> after);
};

class GraphExec {
 public:
  std::shared_ptr<const std::vector<GraphRun::Node>> nodes;
  std::vector<const GraphNode*> sources;  // the graph's node that each was made from
  std::shared_ptr<Op> last;               // launches of one executable come one after the other
};

// A capture in progress.
struct Capture {
  uint64_t id = 0;
  std::shared_ptr<Graph> graph;
  Stream* origin = nullptr;
  std::vector<Stream*> streams;  // those that take part
  int mode = 0;
  std::thread::id thread;
  bool valid = true;
};

// False: the stream is not being captured, do the work as usual. Throws Refusal where the work cannot be captured, or where it would
// make a capture depend on the legacy stream.
bool capture_work(Stream& stream, const std::shared_ptr<Work>& work);

// The same for recording an event and for waiting for one.
bool capture_record(Stream& stream, Event& event);
bool capture_wait(Stream& stream, const Event& event);

// For calls that may wait or allocate: refused, and the capture is spoilt, while a capture is on that forbids them to this thread.
void forbid_while_capturing();
// For calls that wait for this stream or use it otherwise: likewise, where it takes part in a capture.
void forbid_while_captured(Stream& stream);
// The stream is destroyed: a capture that it took part in cannot end well, one that it began is over.
void abandon_capture(Stream& stream);
[[noreturn]] void spoil(Capture& capture, CUresult code);

// The capture mode that cuThreadExchangeStreamCaptureMode sets.
int& thread_capture_mode();

}  // namespace sinter::sim::driver
