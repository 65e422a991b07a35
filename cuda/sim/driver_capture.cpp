// Capturing streams into graphs: who takes part, what a node comes after, and what is refused meanwhile (CUDA Driver API, "Stream
// Management" and "Graph Management"; CUDA C++ Programming Guide, "Creating a Graph Using Stream Capture").
#include <algorithm>

#include "graph.h"

namespace sinter::sim::driver {

namespace {

constexpr int kGlobal = 0, kThreadLocal = 1, kRelaxed = 2;

void add_tip(std::vector<GraphNode*>& tips, GraphNode* node) {
  if (std::find(tips.begin(), tips.end(), node) == tips.end()) tips.push_back(node);
}

void require_valid(const Capture& capture) { require(capture.valid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED); }

// Work in the legacy stream would make blocking streams wait for it, captured ones among them.
void forbid_implicit(const Stream& stream) {
  if (!stream.legacy) return;
  for (Capture* capture : state().captures)
    for (const Stream* other : capture->streams)
      if (other->context == stream.context && other->blocking()) spoil(*capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
}

void leave(Capture& capture) {
  for (Stream* stream : capture.streams) {
    stream->capture.reset();
    stream->tips.clear();
  }
  state().captures.erase(&capture);
}

// Does all that was captured lead to the origin's last nodes?
bool joined(const Capture& capture) {
  std::set<const GraphNode*> reached;
  std::vector<const GraphNode*> open(capture.origin->tips.begin(), capture.origin->tips.end());
  while (!open.empty()) {
    const GraphNode* node = open.back();
    open.pop_back();
    if (reached.insert(node).second) open.insert(open.end(), node->after.begin(), node->after.end());
  }
  return std::all_of(capture.streams.begin(), capture.streams.end(), [&](const Stream* stream) {
    return std::all_of(stream->tips.begin(), stream->tips.end(),
                       [&](const GraphNode* node) { return reached.contains(node); });
  });
}

Stream& capturing_stream(CUstream handle) {
  Stream& stream = stream_of(handle);
  require(stream.capture != nullptr, CUDA_ERROR_ILLEGAL_STATE);
  return stream;
}

// CU_STREAM_CAPTURE_STATUS_NONE, _ACTIVE, _INVALIDATED
int status_of(const Stream& stream) { return !stream.capture ? 0 : stream.capture->valid ? 1 : 2; }

}  // namespace

int& thread_capture_mode() {
  thread_local int mode = kGlobal;
  return mode;
}

void spoil(Capture& capture, CUresult code) {
  capture.valid = false;
  refuse(code);
}

void abandon_capture(Stream& stream) {
  const std::shared_ptr<Capture> capture = stream.capture;
  if (!capture) return;
  capture->valid = false;
  if (capture->origin == &stream) return leave(*capture);
  std::erase(capture->streams, &stream);
  stream.capture.reset();
}

void forbid_while_capturing() {
  const int mine = thread_capture_mode();
  if (mine == kRelaxed) return;
  for (Capture* capture : state().captures) {
    const bool here = capture->thread == std::this_thread::get_id();
    if (here ? capture->mode != kRelaxed : mine == kGlobal && capture->mode == kGlobal)
      spoil(*capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  }
}

void forbid_while_captured(Stream& stream) {
  if (stream.capture) spoil(*stream.capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  forbid_implicit(stream);
}

bool capture_work(Stream& stream, const std::shared_ptr<Work>& work) {
  if (!stream.capture) {
    forbid_implicit(stream);
    return false;
  }
  require_valid(*stream.capture);
  stream.tips = {stream.capture->graph->add(work, stream.tips)};
  return true;
}

bool capture_record(Stream& stream, Event& event) {
  event.capture = stream.capture;
  event.nodes = stream.tips;
  if (!stream.capture) {
    forbid_implicit(stream);
    return false;
  }
  require_valid(*stream.capture);
  return true;
}

bool capture_wait(Stream& stream, const Event& event) {
  if (!stream.capture && !event.capture) {
    forbid_implicit(stream);
    return false;
  }
  if (!event.capture) {
    if (!event.recorded) return true;  // an event that was never recorded is no dependency
    spoil(*stream.capture, CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  }
  // The capture it was recorded in may be over.
  require(state().captures.contains(event.capture.get()), CUDA_ERROR_INVALID_VALUE);
  require_valid(*event.capture);
  if (!stream.capture) {
    if (stream.legacy) spoil(*event.capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
    stream.capture = event.capture;
    event.capture->streams.push_back(&stream);
  } else if (stream.capture != event.capture) {
    stream.capture->valid = event.capture->valid = false;
    refuse(CUDA_ERROR_STREAM_CAPTURE_MERGE);
  }
  for (GraphNode* node : event.nodes) add_tip(stream.tips, node);
  return true;
}

CUresult cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
  return entry([&] {
    Stream& stream = stream_of(handle);
    require(mode >= kGlobal && mode <= kRelaxed);
    require(!stream.legacy, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    require(!stream.capture, CUDA_ERROR_ILLEGAL_STATE);
    auto capture = std::make_shared<Capture>();
    capture->id = state().fresh_id();
    capture->graph = std::make_shared<Graph>();
    capture->origin = &stream;
    capture->streams = {&stream};
    capture->mode = mode;
    capture->thread = std::this_thread::get_id();
    state().captures.insert(capture.get());
    stream.tips.clear();
    stream.capture = std::move(capture);
  });
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  return entry([&] {
    require(graph != nullptr);
    Stream& stream = capturing_stream(handle);
    const std::shared_ptr<Capture> capture = stream.capture;
    require(capture->origin == &stream, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
    require(capture->mode == kRelaxed || capture->thread == std::this_thread::get_id(),
            CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
    *graph = nullptr;
    const bool all_joined = joined(*capture);
    leave(*capture);
    require(capture->valid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    require(all_joined, CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
    *graph = state().graphs.add(capture->graph);
  });
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus* status) {
  return entry([&] {
    const Stream& stream = stream_of(handle);
    require(status != nullptr);
    *status = status_of(stream);
  });
}

CUresult cuStreamGetCaptureInfo_v2(CUstream handle, CUstreamCaptureStatus* status, cuuint64_t* id, CUgraph* graph,
                                   const CUgraphNode** nodes, size_t* count) {
  return entry([&] {
    const Stream& stream = stream_of(handle);
    require(status != nullptr);
    *status = status_of(stream);
    if (*status != 1) return;
    if (id) *id = stream.capture->id;
    if (graph) *graph = stream.capture->graph.get();
    if (nodes) *nodes = stream.tips.data();
    if (count) *count = stream.tips.size();
  });
}

CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  return entry(Needs::kDriver, [&] {
    require(mode && *mode >= kGlobal && *mode <= kRelaxed);
    std::swap(*mode, thread_capture_mode());
  });
}

}  // namespace sinter::sim::driver
