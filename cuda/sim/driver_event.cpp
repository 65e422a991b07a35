// Events. Their times are simulated: what work is said to take, from a clock of the device, so that a run gives the same times again.
#include "device_memory.h"
#include "graph.h"

namespace sinter::sim::driver {

namespace {

constexpr unsigned kDisableTiming = 2, kKnownFlags = 7;  // 1: blocking wait, 4: between processes

void record(CUevent event_handle, CUstream handle) {
  Stream& stream = stream_of(handle);
  Event& event = event_of(event_handle);
  require(event.context == stream.context, CUDA_ERROR_INVALID_HANDLE);
  if (capture_record(stream, event)) return;
  event.time = std::make_shared<uint64_t>(0);
  event.recorded = submit(stream, std::make_shared<InnerWork>(WorkKind::kRecord, [time = event.time](Context& context) {
                            *time = context.device->clock;
                            return Outcome{};
                          }));
}

// Events of captures are none that anybody could wait for.
Event& waitable(CUevent handle) {
  Event& event = event_of(handle);
  require(!event.capture, CUDA_ERROR_CAPTURED_EVENT);
  forbid_while_capturing();
  return event;
}

}  // namespace

CUresult cuEventCreate(CUevent* handle, unsigned flags) {
  return entry([&] {
    Context& context = current_context();
    require(handle && (flags & ~kKnownFlags) == 0);
    require((flags & 4) == 0 || (flags & kDisableTiming) != 0);
    auto event = std::make_shared<Event>();
    event->context = &context;
    event->flags = flags;
    *handle = state().events.add(std::move(event));
  });
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
  return entry([&] { record(event, stream); });
}

CUresult cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned flags) {
  return entry([&] {
    require(flags == 0, flags == 1 ? CUDA_ERROR_NOT_SUPPORTED : CUDA_ERROR_INVALID_VALUE);  // 1: external event nodes
    record(event, stream);
  });
}

CUresult cuEventQuery(CUevent handle) {
  return entry([&] {
    const Event& event = waitable(handle);
    if (!event.recorded || event.recorded->done) return require(!event.context->error, event.context->error);
    advance(event.recorded);
    require(!event.context->error, event.context->error);
    refuse(CUDA_ERROR_NOT_READY);
  });
}

CUresult cuEventSynchronize(CUevent handle) {
  return entry([&] {
    const Event& event = waitable(handle);
    finish(event.recorded);
    require(!event.context->error, event.context->error);
    trim_pools(*event.context);
  });
}

CUresult cuEventDestroy_v2(CUevent handle) {
  return entry(Needs::kDriver, [&] {
    const Event& event = event_of(handle);
    const Context& context = *event.context;
    state().events.remove(event);
    require(!context.error, context.error);
  });
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
  return cuEventElapsedTime_v2(milliseconds, start, end);
}

CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) {
  return entry([&] {
    const Event &first = event_of(start), &second = event_of(end);
    require(milliseconds != nullptr);
    for (const Event* event : {&first, &second})
      require((event->flags & kDisableTiming) == 0 && event->recorded, CUDA_ERROR_INVALID_HANDLE);
    require(first.context == second.context, CUDA_ERROR_INVALID_HANDLE);
    require(first.recorded->done && second.recorded->done, CUDA_ERROR_NOT_READY);
    *milliseconds = static_cast<float>(static_cast<double>(*second.time) - static_cast<double>(*first.time)) * 1e-6f;
  });
}

}  // namespace sinter::sim::driver
