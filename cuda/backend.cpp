#include "cuda/backend.h"

#include "cuda/runtime/probe.h"
#include "cuda/runtime/queue.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

namespace {

std::unique_ptr<DeviceQueue> open_queue(const Backend& backend) {
  return std::make_unique<Queue>(Device::open(backend.ordinal));
}

// One for each device that the probe found; for ever, as streams refer to theirs.
struct Backends {
  std::vector<std::string> names;
  std::vector<Backend> list;
  Backends() {
    for (int i = 0; i < probe().devices; i++) names.push_back(device_name(i));
    for (const std::string& name : names)
      list.push_back(
          {name.c_str(), registered_kernels(), nullptr, open_queue, static_cast<int>(list.size()), late_kernels()});
  }
};

}  // namespace

const Backend* cuda_backend(int ordinal, std::string* reason) {
  static const Backends* backends = new Backends;
  const int n = static_cast<int>(backends->list.size());
  if (ordinal >= 0 && ordinal < n) return &backends->list[static_cast<size_t>(ordinal)];
  if (reason)
    *reason =
        n == 0 ? probe().reason
               : "devices are cuda:0 to " + device_name(n - 1) + ", and " + device_name(ordinal) + " is none of them";
  return nullptr;
}

}  // namespace sinter::cuda
