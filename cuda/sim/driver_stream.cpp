// Streams, and functions of the host that are called in a stream's order.
#include <algorithm>

#include "device_memory.h"
#include "graph.h"

namespace sinter::sim::driver {

namespace {

void create(CUstream* handle, unsigned flags, int priority) {
  Context& context = current_context();
  require(handle && flags <= 1);
  auto stream = std::make_shared<Stream>();
  stream->context = &context;
  stream->flags = flags;
  stream->priority = std::clamp(priority, -5, 0);
  stream->id = state().fresh_id();
  context.streams.push_back(stream);
  *handle = state().streams.add(std::move(stream));
}

}  // namespace

Outcome HostWork::run(Context& context) {
  // With the lock held: a host function that waits for another thread's call would wait for ever, as with a real driver it may.
  const HostFunctionScope scope;
  function(context.error);
  return {};
}

CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
  return entry([&] { create(stream, flags, 0); });
}

CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int priority) {
  return entry([&] { create(stream, flags, priority); });
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  return entry(Needs::kDriver, [&] {
    require(reinterpret_cast<uintptr_t>(handle) > 2, CUDA_ERROR_INVALID_HANDLE);
    Stream& stream = state().streams.get(handle);
    Context& context = *stream.context;
    abandon_capture(stream);
    // What is in it will still be done.
    state().streams.remove(stream);
    if (stream.queue.empty()) std::erase_if(context.streams, [&](const auto& it) { return it.get() == &stream; });
    require(!context.error, context.error);
  });
}

CUresult cuStreamGetPriority(CUstream handle, int* priority) {
  return entry([&] {
    const Stream& stream = stream_of(handle);
    require(priority != nullptr);
    *priority = stream.priority;
  });
}

CUresult cuStreamGetFlags(CUstream handle, unsigned* flags) {
  return entry([&] {
    const Stream& stream = stream_of(handle);
    require(flags != nullptr);
    *flags = stream.flags;
  });
}

CUresult cuStreamGetId(CUstream handle, unsigned long long* id) {
  return entry([&] {
    const Stream& stream = stream_of(handle);
    require(id != nullptr);
    *id = stream.id;
  });
}

CUresult cuStreamGetCtx(CUstream handle, CUcontext* context) {
  return entry([&] {
    const Stream& stream = stream_of(handle);
    require(context != nullptr);
    *context = stream.context;
  });
}

CUresult cuStreamSynchronize(CUstream handle) {
  return entry([&] {
    Stream& stream = stream_of(handle);
    forbid_while_captured(stream);
    forbid_while_capturing();
    // To wait for the legacy stream is to wait for the blocking streams, too.
    if (stream.legacy)
      for (const auto& other : std::vector(stream.context->streams))
        if (other->blocking()) finish(*other);
    finish(stream);
    require(!stream.context->error, stream.context->error);
    trim_pools(*stream.context);
  });
}

CUresult cuStreamQuery(CUstream handle) {
  return entry([&] {
    Stream& stream = stream_of(handle);
    forbid_while_captured(stream);
    forbid_while_capturing();
    const auto last = stream.last;
    if (!last || last->done) return;
    // Not at once: a program that asks only once, and is always lucky here, is not with a real card.
    advance(last);
    require(!stream.context->error, stream.context->error);
    refuse(CUDA_ERROR_NOT_READY);
  });
}

CUresult cuStreamWaitEvent(CUstream handle, CUevent event_handle, unsigned flags) {
  return entry([&] {
    Stream& stream = stream_of(handle);
    const Event& event = event_of(event_handle);
    require(flags <= 1);  // 1: external, only of meaning in captures
    if (capture_wait(stream, event)) return;
    wait_for(stream, event.recorded);
  });
}

CUresult cuStreamAddCallback(CUstream handle, CUstreamCallback callback, void* data, unsigned flags) {
  return entry([&] {
    Stream& stream = stream_of(handle);
    require(callback && flags == 0);
    require(!stream.capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    submit(stream, std::make_shared<HostWork>([=](CUresult status) { callback(handle, status, data); }, true));
  });
}

CUresult cuLaunchHostFunc(CUstream handle, CUhostFn function, void* data) {
  return entry([&] {
    Stream& stream = stream_of(handle);
    require(function != nullptr);
    submit(stream, std::make_shared<HostWork>([=](CUresult) { function(data); }, false));
  });
}

}  // namespace sinter::sim::driver
