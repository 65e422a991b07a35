#include "engine/shared.h"

#include <mutex>
#include <unordered_map>

namespace sinter {

namespace {

struct Registry {
  std::mutex mutex;
  std::unordered_map<std::string, SharedTensor> tensors;
};

Registry& registry() {
  static Registry* r = new Registry;  // leaked: environments may close after exit handlers ran
  return *r;
}

}  // namespace

bool publish_shared(const std::string& key, const Slot& slot) {
  SharedTensor t{slot.storage, slot.dtype, slot.byte_offset, slot.rank, {}};
  std::memcpy(t.dims, slot.dims, sizeof t.dims);
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  if (!r.tensors.emplace(key, t).second) return false;
  slot.storage->retain();
  return true;
}

bool open_shared(const std::string& key, SharedTensor* tensor) {
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  const auto it = r.tensors.find(key);
  if (it == r.tensors.end()) return false;
  *tensor = it->second;
  tensor->storage->retain();
  return true;
}

bool withdraw_shared(const std::string& key) {
  Registry& r = registry();
  Storage* storage;
  {
    std::lock_guard lock(r.mutex);
    const auto it = r.tensors.find(key);
    if (it == r.tensors.end()) return false;
    storage = it->second.storage;
    r.tensors.erase(it);
  }
  storage->release();
  return true;
}

}  // namespace sinter
