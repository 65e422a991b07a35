// A device with memory of its own, as the engine sees it. Place in the whole: the only thing that storages, decoder and kernel calls
// know of such devices; cuda/runtime implements it. A backend whose kernels read and write host memory has none.
//
// A queue is one stream of work on one device. What is queued runs in order, later than the call that queued it; memory is taken and
// given back in the same order, so a block may be reused at once by whatever the queue runs next.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

namespace sinter {

struct DeviceBlock {
  void* data = nullptr;  // a device address: host code does not follow it
  size_t bytes = 0;      // size of the block, at least what was asked
  void* handle = nullptr;
};

// A device's memory; lives as long as the process, since storages may outlive the queue that they came from.
class DeviceMemory {
 public:
  // Any thread. What the queue of the block was given before may still use it.
  virtual void free(const DeviceBlock& block) noexcept = 0;

 protected:
  ~DeviceMemory() = default;
};

// Work that is recorded, and then done as often as wanted: all of it, with the addresses and numbers of its time. Functions throw Error.
class DeviceGraph {
 public:
  virtual ~DeviceGraph() = default;  // waits for what was launched
  // Ends the recording that record() began; once, and on failure too, for which there is nothing to launch.
  virtual void end() = 0;
  virtual void launch() = 0;
  // Whether the block came from the queue while it recorded: it is the graph's alone, which keeps it. Others have to outlive the graph.
  virtual bool owns(const DeviceBlock& block) const = 0;
};

// All functions but the destructor throw Error: out_of_memory, or device_lost when the device answers no more.
class DeviceQueue {
 public:
  virtual ~DeviceQueue() = default;  // waits for what is queued

  virtual DeviceMemory& memory() = 0;
  // bytes > 0. 256-byte aligned, uninitialised.
  virtual DeviceBlock allocate(size_t bytes) = 0;
  // The queue will use a block of memory() that it may not have allocated itself: a tensor that another environment shares.
  virtual void adopt(const DeviceBlock& block) = 0;
  // `from` may change as soon as it returns.
  virtual void upload(void* to, const void* from, size_t bytes) = 0;
  // Waits for what is queued and for the bytes.
  virtual void download(void* to, const void* from, size_t bytes) = 0;
  // From another device's memory, after what that device's queues have been given.
  virtual void fetch(void* to, DeviceMemory& memory, const void* from, size_t bytes) = 0;
  virtual void wait() = 0;
  // What the queue is given from here to the graph's end() is recorded instead of done; reading and waiting are errors meanwhile.
  virtual std::unique_ptr<DeviceGraph> record() = 0;
  // Memory that host and device both see, zeroed, for the queue's life: where kernels report what they find wrong (report.h).
  struct Mapped {
    void* host;
    void* device;
  };
  virtual Mapped mapped(size_t bytes) = 0;
};

}  // namespace sinter
