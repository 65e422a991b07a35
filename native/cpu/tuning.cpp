#include "cpu/tuning.h"

#include <atomic>
#include <bit>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

namespace sinter {

bool tuning_flag = false;

namespace {

struct Key {
  int64_t words[5];
  bool operator==(const Key&) const = default;
};

Key key_of(const ProductKey& p) {
  const int64_t flags = p.transposed_a | p.transposed_b << 1 | p.packed << 2;
  const int64_t batch = std::bit_width(static_cast<uint64_t>(p.batch));
  return {{p.m, p.n, p.k, static_cast<int64_t>(p.dtype) << 3 | flags, batch << 16 | p.threads}};
}

struct Hash {
  size_t operator()(const Key& key) const {
    uint64_t h = 0;
    for (const int64_t word : key.words) {
      h = (h ^ static_cast<uint64_t>(word)) * 0x9e3779b97f4a7c15u;
      h ^= h >> 32;
    }
    return h;
  }
};

using Table = std::unordered_map<Key, ProductChoice, Hash>;

// A table never changes; a new one takes its place. Readers say that they read before they fetch it, so the old one can go when
// none reads after it was replaced. All of this is sequentially consistent.
std::atomic<const Table*> table{nullptr};
std::atomic<int> readers{0};

std::mutex setting;  // guards what follows, and replacing the table
int count = -1;
bool watched = false;
std::vector<PlannedProduct> seen;
constexpr size_t kSeen = 256;

void note_activity() { __atomic_store_n(&tuning_flag, count > 0 || watched, __ATOMIC_RELAXED); }

}  // namespace

ProductChoice tuned_choice(const ProductKey& key) {
  ProductChoice choice;
  readers.fetch_add(1);
  if (const Table* now = table.load()) {
    const auto found = now->find(key_of(key));
    if (found != now->end()) choice = found->second;
  }
  readers.fetch_sub(1);
  return choice;
}

void set_tuned_products(const std::vector<TunedProduct>& products) {
  auto next = std::make_unique<Table>();
  for (const TunedProduct& p : products) (*next)[key_of(p.key)] = p.choice;
  const std::lock_guard<std::mutex> hold(setting);
  count = static_cast<int>(next->size());
  const std::unique_ptr<const Table> last(table.exchange(next.release()));
  note_activity();
  while (readers.load() != 0) std::this_thread::yield();
}

int tuned_products() {
  const std::lock_guard<std::mutex> hold(setting);
  return count;
}

void watch_product(const PlannedProduct& product) {
  const std::lock_guard<std::mutex> hold(setting);
  if (!watched) return;
  if (seen.size() == kSeen) seen.erase(seen.begin());
  seen.push_back(product);
}

bool watch_products() {
  const std::lock_guard<std::mutex> hold(setting);
  if (watched) return false;
  watched = true;
  note_activity();
  return true;
}

void unwatch_products() {
  const std::lock_guard<std::mutex> hold(setting);
  watched = false;
  seen = {};
  note_activity();
}

std::vector<PlannedProduct> take_watched() {
  const std::lock_guard<std::mutex> hold(setting);
  return std::exchange(seen, {});
}

}  // namespace sinter
