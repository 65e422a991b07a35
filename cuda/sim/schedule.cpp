// The order in which submitted work is done.
#include "schedule.h"

#include <algorithm>

#include "graph.h"

namespace sinter::sim::driver {

namespace {

constexpr size_t kQueueDepth = 1024;  // work that waits in a stream before submitting more has to wait, too

bool ready(const Op& op) {
  return std::all_of(op.after.begin(), op.after.end(), [](const auto& it) { return it->done; });
}

// The next node of a graph's launch: the first whose predecessors are done, or with a seed any of those.
size_t next_node(const GraphRun& run) {
  std::vector<size_t> candidates;
  for (size_t i = 0; i < run.nodes->size(); ++i) {
    const auto& after = (*run.nodes)[i].after;
    if (!run.done[i] && std::all_of(after.begin(), after.end(), [&](size_t j) { return run.done[j]; }))
      candidates.push_back(i);
    if (!candidates.empty() && !state().settings.seed) break;
  }
  return candidates[state().choose(candidates.size())];
}

void perform(Context& context, Work& work) {
  Device& device = *context.device;
  const bool always = work.kind == WorkKind::kHost && static_cast<HostWork&>(work).always;
  if (context.error && !always) return;  // an unusable context does nothing any more
  device.clock += work.nanoseconds();
  Outcome outcome;
  try {
    outcome = work.run(context);
  } catch (const std::exception& error) {
    outcome = {CUDA_ERROR_UNKNOWN, error.what()};
  }
  if (outcome.error && !context.error) {
    context.error = outcome.error;
    state().fault = outcome.message;
  }
}

// Streams that are destroyed stay in the context's list until they have nothing left to do.
void forget_if_over(Stream& stream) {
  if (!stream.queue.empty() || stream.permanent) return;
  auto& streams = stream.context->streams;
  const auto& live = state().streams;
  for (auto it = streams.begin(); it != streams.end(); ++it)
    if (it->get() == &stream) {
      if (!live.has(&stream)) streams.erase(it);
      return;
    }
}

// Does the work at the front of [stream], or a node of it.
void step(Stream& stream) {
  const std::shared_ptr<Op> op = stream.queue.front();
  Context& context = *stream.context;
  if (op->graph && op->graph->left > 0) {
    GraphRun& run = *op->graph;
    const size_t node = next_node(run);
    perform(context, *(*run.nodes)[node].work);
    run.done[node] = 1;
    if (--run.left > 0) return;
  } else if (op->work) {
    perform(context, *op->work);
  }
  op->done = true;
  op->after.clear();
  op->work.reset();
  op->graph.reset();
  stream.queue.pop_front();
  forget_if_over(stream);
}

// Streams whose front could be done now, of all contexts.
std::vector<Stream*> runnable() {
  std::vector<Stream*> found;
  for (const auto& device : state().devices)
    if (device->primary)
      for (const auto& stream : device->primary->streams)
        if (!stream->queue.empty() && ready(*stream->queue.front())) found.push_back(stream.get());
  return found;
}

// One step that [op] needs: the front of its stream, or of a stream which that has to wait for, and so on. What an op comes after
// was submitted before it, so this ends.
void step_towards(const Op& op) {
  if (state().settings.seed) {
    const auto streams = runnable();
    step(*streams[state().choose(streams.size())]);
    return;
  }
  const Op* wanted = &op;
  for (;;) {
    Op& front = *wanted->stream->queue.front();
    const auto blocker = std::find_if(front.after.begin(), front.after.end(), [](const auto& it) { return !it->done; });
    if (blocker == front.after.end()) break;
    wanted = blocker->get();
  }
  step(*wanted->stream);
}

// The legacy default stream and blocking streams wait for each other.
void order_default_streams(Stream& stream, Op& op) {
  if (stream.legacy) {
    for (const auto& other : stream.context->streams)
      if (other->blocking() && other->last && !other->last->done) op.after.push_back(other->last);
  } else if (stream.blocking()) {
    const auto& legacy = stream.context->legacy->last;
    if (legacy && !legacy->done) op.after.push_back(legacy);
  }
}

std::shared_ptr<Op> enqueue(Stream& stream, std::shared_ptr<Op> op) {
  op->stream = &stream;
  op->order = state().next_order++;
  order_default_streams(stream, *op);
  stream.queue.push_back(op);
  stream.last = op;
  while (stream.queue.size() > kQueueDepth) step_towards(*stream.queue.front());
  // A real card is often done with something before the program goes on.
  if (state().settings.seed && state().choose(3) == 0)
    for (uint64_t steps = state().choose(6); steps > 0; --steps) {
      const auto streams = runnable();
      if (streams.empty()) break;
      step(*streams[state().choose(streams.size())]);
    }
  return op;
}

}  // namespace

std::shared_ptr<Op> submit(Stream& stream, std::shared_ptr<Work> work) {
  if (capture_work(stream, work)) return nullptr;
  auto op = std::make_shared<Op>();
  op->work = std::move(work);
  return enqueue(stream, std::move(op));
}

std::shared_ptr<Op> submit(Stream& stream, std::unique_ptr<GraphRun> graph, std::shared_ptr<Op> also_after) {
  auto op = std::make_shared<Op>();
  op->graph = std::move(graph);
  if (also_after && !also_after->done) op->after.push_back(std::move(also_after));
  return enqueue(stream, std::move(op));
}

void wait_for(Stream& stream, const std::shared_ptr<Op>& op) {
  if (!op || op->done) return;
  auto waiting = std::make_shared<Op>();
  if (op->stream != &stream) waiting->after.push_back(op);
  enqueue(stream, std::move(waiting));
}

void finish(const std::shared_ptr<Op>& op) {
  while (op && !op->done) step_towards(*op);
}

void finish(Stream& stream) { finish(std::shared_ptr<Op>(stream.last)); }

void finish(Context& context) {
  // A copy: streams that were destroyed leave the list when they are through.
  for (const auto& stream : std::vector(context.streams)) finish(*stream);
}

void advance(const std::shared_ptr<Op>& op) {
  if (op && !op->done) step_towards(*op);
}

}  // namespace sinter::sim::driver
