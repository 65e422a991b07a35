#include "cuda/kernels/chain/cache.h"

#include <list>
#include <mutex>
#include <unordered_map>

#include "cuda/kernels/chain/generator.h"
#include "cuda/runtime/queue.h"

namespace sinter::cuda {

namespace {

constexpr size_t kMostKernels = 256;

struct Entry {
  std::string key;
  std::shared_ptr<CompiledChain> chain;
};

std::mutex mutex;
std::list<Entry> entries;  // used last first
std::unordered_map<std::string, std::list<Entry>::iterator> by_key;

// All that the text depends on.
std::string key_of(const Call& call, const ChainLayout& layout) {
  std::string key(reinterpret_cast<const char*>(call.attr), sizeof(double) * static_cast<size_t>(call.nattr));
  for (int k = 0; k < layout.operands(); k++) {
    key += static_cast<char>(layout.dtypes[k]);
    key += static_cast<char>(layout.ways[k]);
  }
  for (const int x : {call.nout, layout.walk.rank, layout.elements}) key += static_cast<char>(x);
  return key;
}

// Unloads the one that was not used for the longest time, but for those that somebody is about to launch or that a graph launches.
void evict_one() {
  for (auto entry = entries.end(); entry != entries.begin();) {
    --entry;
    if (entry->chain.use_count() > 1 || entry->chain->recorded) continue;
    for (int ordinal = 0; ordinal < kMaxDevices; ordinal++)
      if (Device* device = Device::opened(ordinal)) device->modules().forget(entry->chain->kernel());
    by_key.erase(entry->key);
    entries.erase(entry);
    return;
  }
}

}  // namespace

CompiledChain::CompiledChain(std::string text)
    : text_(std::move(text)), image_{"a fused function", text_.c_str(), text_.size()}, kernel_(image_, kChainKernel) {}

std::shared_ptr<CompiledChain> compiled(const Call& call, const Chain& chain, const ChainLayout& layout) {
  Queue& queue = static_cast<Queue&>(*call.queue);
  std::string key = key_of(call, layout);
  std::lock_guard lock(mutex);
  auto known = by_key.find(key);
  if (known != by_key.end()) {
    entries.splice(entries.begin(), entries, known->second);
  } else {
    // Unloading waits for the device, which nobody may while a graph is recorded.
    if (entries.size() >= kMostKernels && !queue.recording()) evict_one();
    entries.push_front(
        {key, std::make_shared<CompiledChain>(generate(steps_of(queue.device()), chain, layout, call.nout))});
    by_key.emplace(std::move(key), entries.begin());
  }
  CompiledChain& found = *entries.front().chain;
  found.recorded |= queue.recording();
  return entries.front().chain;
}

}  // namespace sinter::cuda
