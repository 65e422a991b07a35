#include "cuda/runtime/queue.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace sinter::cuda {

namespace {

constinit std::atomic<uint64_t> read_count{0};

CUdeviceptr address(const void* p) { return reinterpret_cast<CUdeviceptr>(p); }

CUstream new_stream(Device& device) {
  CUstream stream = nullptr;
  device.make_current();
  device.check(driver().stream_create(&stream, kStreamNonBlocking), "creating a stream");
  return stream;
}

std::string sizes_text(const Dim& d) {
  return std::to_string(d.x) + "x" + std::to_string(d.y) + "x" + std::to_string(d.z);
}

}  // namespace

Queue::Queue(Device& device)
    : device_(device), stream_(new_stream(device)), staging_(device, stream_), poison_(poison_wanted()) {
  pool_ = device_.memory().open_pool(stream_);
}

Queue::~Queue() {
  try {
    wait();
  } catch (const Error&) {
    // A lost device has nothing left to wait for.
  }
  device_.memory().close_pool(pool_, nullptr);
  driver().stream_destroy(stream_);
}

void Queue::check(CUresult status, const char* doing) {
  if (status == CUresult::success) [[likely]]
    return;
  std::string said = doing;
  if (launches_) {
    said += "; launched last:";
    for (size_t i = 0; i < std::min(launches_, launched_.size()); i++)
      said += std::string(i ? ", " : " ") + launched_[(launches_ - 1 - i) % launched_.size()];
  }
  device_.raise(status, said);
}

void Queue::not_while_recording(const char* doing) {
  if (recording_) fail(ErrorCode::unsupported, "%s: not while a graph is recorded", doing);
}

DeviceBlock Queue::allocate(size_t bytes) {
  const DeviceBlock block = device_.memory().allocate(recording_ ? *recording_->pool : *pool_, bytes);
  if (poison_) fill(block.data, 0xff, block.bytes);
  return block;
}

char* Queue::recorded_room(size_t bytes) {
  std::vector<Pinned>& chunks = *recording_->uploads;
  const size_t needed = (bytes + 255) / 256 * 256;
  if (chunks.empty() || recording_->used + needed > kRecordedChunk) {
    chunks.emplace_back(device_, std::max(needed, kRecordedChunk));
    recording_->used = 0;
  }
  char* data = chunks.back().data() + recording_->used;
  recording_->used += needed;
  return data;
}

void Queue::upload(void* to, const void* from, size_t bytes) {
  if (!bytes) return;
  device_.make_current();
  if (!recording_) return staging_.upload(address(to), static_cast<const char*>(from), bytes);
  char* data = recorded_room(bytes);
  std::memcpy(data, from, bytes);
  check(driver().copy_to_device(address(to), data, bytes, stream_), "copying to the device");
}

void Queue::download(void* to, const void* from, size_t bytes) {
  not_while_recording("reading from the device");
  if (!bytes) return wait();
  device_.make_current();
  read_count.fetch_add(1, std::memory_order_relaxed);
  staging_.download(static_cast<char*>(to), address(from), bytes);
}

uint64_t Queue::reads() { return read_count.load(std::memory_order_relaxed); }

void Queue::wait() {
  not_while_recording("waiting for the device");
  device_.make_current();
  check(driver().stream_synchronize(stream_), "waiting for the device");
  staging_.idle();
}

DeviceQueue::Mapped Queue::mapped(size_t bytes) {
  Pinned memory(device_, bytes);
  std::memset(memory.data(), 0, bytes);
  CUdeviceptr seen = 0;
  check(driver().host_device_pointer(&seen, memory.data(), 0), "mapping page-locked memory");
  mapped_.push_back(std::move(memory));
  return {mapped_.back().data(), reinterpret_cast<void*>(seen)};
}

void Queue::copy(void* to, const void* from, size_t bytes) {
  if (!bytes) return;
  device_.make_current();
  check(driver().copy_on_device(address(to), address(from), bytes, stream_), "copying on the device");
}

void Queue::fill(void* to, uint8_t value, size_t bytes) {
  if (!bytes) return;
  device_.make_current();
  check(driver().set_bytes(address(to), value, bytes, stream_), "filling memory");
}

void Queue::fetch(void* to, DeviceMemory& memory, const void* from, size_t bytes) {
  Device& source = static_cast<Memory&>(memory).device();
  not_while_recording("copying from another device");
  if (!bytes) return;
  source.enable_peer(device_);
  device_.enable_peer(source);
  source.memory().order(device_, stream_, false);
  device_.make_current();
  check(driver().copy_peer(address(to), device_.context(), address(from), source.context(), bytes, stream_),
        "copying from another device");
  source.memory().order(device_, stream_, true);
}

void Queue::launch(const Kernel& kernel, const Shape& shape, void** arguments, const uint32_t* sizes, uint32_t count) {
  const Dim &g = shape.grid, &b = shape.block;
  if (!g.x || !g.y || !g.z) return;
  device_.make_current();
  const Function& f = device_.modules().find(kernel);
  device_.modules().check_parameters(f, sizes, count);
  if (shape.dynamic_shared > f.dynamic_limit)
    fail(ErrorCode::unsupported, "%s asks for %u bytes of dynamic shared memory, and a block of it has %u on %s (%s)",
         f.name, shape.dynamic_shared, f.dynamic_limit, device_name(device_.info().ordinal).c_str(),
         device_.info().name.c_str());
  device_.modules().allow_dynamic(f, shape.dynamic_shared);
  CUresult status;
  if (!shape.cluster.x && !shape.programmatic) {
    status = driver().launch(f.handle, g.x, g.y, g.z, b.x, b.y, b.z, shape.dynamic_shared, stream_, arguments, nullptr);
  } else {
    LaunchAttribute attributes[2] = {};
    uint32_t used = 0;
    if (shape.cluster.x) {
      LaunchAttribute& a = attributes[used++];
      a.id = LaunchAttributeId::cluster_dimension;
      a.cluster[0] = shape.cluster.x;
      a.cluster[1] = shape.cluster.y;
      a.cluster[2] = shape.cluster.z;
    }
    if (shape.programmatic) {
      LaunchAttribute& a = attributes[used++];
      a.id = LaunchAttributeId::programmatic_stream_serialization;
      a.allowed = 1;
    }
    const LaunchConfig config{g.x, g.y, g.z, b.x, b.y, b.z, shape.dynamic_shared, stream_, attributes, used};
    status = driver().launch_extended(&config, f.handle, arguments, nullptr);
  }
  if (status != CUresult::success) [[unlikely]]
    launch_failed(status, f, shape);
  launched_[launches_++ % launched_.size()] = f.name;
}

int Queue::resident_blocks(const Kernel& kernel, uint32_t threads, uint32_t dynamic_shared) {
  device_.make_current();
  const Function& f = device_.modules().find(kernel);
  int blocks = 0;
  if (dynamic_shared > f.dynamic_limit) return 0;
  device_.modules().allow_dynamic(f, dynamic_shared);
  check(driver().occupancy(&blocks, f.handle, static_cast<int>(threads), dynamic_shared),
        "asking for a kernel's occupancy");
  return blocks;
}

void Queue::launch_failed(CUresult status, const Function& f, const Shape& shape) {
  std::string doing =
      std::string("launching ") + f.name + ", grid " + sizes_text(shape.grid) + ", block " + sizes_text(shape.block);
  if (shape.cluster.x) doing += ", cluster " + sizes_text(shape.cluster);
  doing += ", " + std::to_string(shape.dynamic_shared) + " bytes of dynamic shared memory";
  if (uint64_t{shape.block.x} * shape.block.y * shape.block.z > f.max_threads)
    doing += " (a block of it has at most " + std::to_string(f.max_threads) + " threads)";
  check(status, doing.c_str());
  __builtin_unreachable();
}

}  // namespace sinter::cuda
