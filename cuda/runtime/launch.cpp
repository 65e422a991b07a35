#include "cuda/runtime/launch.h"

#include "cuda/runtime/queue.h"

namespace sinter::cuda {

namespace {

Queue& queue_of(const Call& call) { return static_cast<Queue&>(*call.queue); }

}  // namespace

void detail::launch(const Call& call, const Kernel& kernel, const Shape& shape, void** arguments, const uint32_t* sizes,
                    uint32_t count) {
  queue_of(call).launch(kernel, shape, arguments, sizes, count);
}

const DeviceInfo& device_of(const Call& call) { return queue_of(call).device().info(); }

int resident_blocks(const Call& call, const Kernel& kernel, uint32_t threads, uint32_t dynamic_shared) {
  return queue_of(call).resident_blocks(kernel, threads, dynamic_shared);
}

void set_bytes(const Call& call, void* to, uint8_t value, size_t bytes) { queue_of(call).fill(to, value, bytes); }

void copy_bytes(const Call& call, void* to, const void* from, size_t bytes) { queue_of(call).copy(to, from, bytes); }

}  // namespace sinter::cuda
