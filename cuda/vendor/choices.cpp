#include "cuda/vendor/choices.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "cuda/runtime/queue.h"

namespace sinter::cuda {

namespace {

struct Hash {
  size_t operator()(const VendorTask& task) const {
    VendorHash hash;
    hash.add(task);
    return hash.value();
  }
};

struct Timed {
  WatchedTask what;
  Device* device;
  CUevent begin, end;
};
void forget(const Timed& timed) {
  for (CUevent event : {timed.begin, timed.end})
    if (event) driver().event_destroy(event);
}
constexpr size_t kMostTimed = 4096;

struct State {
  std::atomic<VendorUse> use{VendorUse::automatic};
  std::atomic<bool> watching{false};
  std::shared_mutex mutex;  // of what follows
  std::unordered_map<VendorTask, int, Hash> choices;
  std::array<int, kMaxDevices> counts;
  std::vector<Timed> timed;
};
State& state() {
  static State& all = *[] {
    State* made = new State;
    made->counts.fill(-1);
    return made;
  }();
  return all;
}

// With the mutex.
void note_activity(State& all) {
  const VendorUse use = all.use.load();
  detail::vendor_active.store(use == VendorUse::always || (use == VendorUse::automatic && !all.choices.empty()) ||
                              all.watching.load());
}

}  // namespace

VendorUse vendor_use() { return state().use.load(); }
void set_vendor_use(VendorUse use) {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  all.use.store(use);
  note_activity(all);
}

int vendor_choice(const VendorTask& task) {
  State& all = state();
  const VendorUse use = all.use.load();
  if (use == VendorUse::off) return kOwnKernels;
  const std::shared_lock lock(all.mutex);
  const auto found = all.choices.find(task);
  if (use == VendorUse::automatic) return found == all.choices.end() ? kOwnKernels : found->second;
  return found == all.choices.end() || found->second < 0 ? 0 : found->second;
}

VendorWatch::VendorWatch(const Call& call, const VendorTask& task) : call_(call), task_(task) {
  if (!state().watching.load()) return;
  Queue& queue = static_cast<Queue&>(*call.queue);
  queue.device().make_current();
  if (driver().event_create(&begin_, 0) != CUresult::success) {
    begin_ = nullptr;
    return;
  }
  driver().event_record(begin_, queue.stream());
}

// The task was not computed.
VendorWatch::~VendorWatch() {
  if (begin_) driver().event_destroy(begin_);
}

void VendorWatch::done(int by, int algorithms) {
  if (!begin_) return;
  Queue& queue = static_cast<Queue&>(*call_.queue);
  queue.device().make_current();
  Timed timed{{task_, by, algorithms, -1}, &queue.device(), std::exchange(begin_, nullptr), nullptr};
  if (driver().event_create(&timed.end, 0) == CUresult::success)
    driver().event_record(timed.end, queue.stream());
  else
    timed.end = nullptr;
  State& all = state();
  const std::lock_guard lock(all.mutex);
  if (all.timed.size() == kMostTimed) {
    forget(all.timed.front());
    all.timed.erase(all.timed.begin());
  }
  all.timed.push_back(timed);
}

void set_vendor_choices(int device, const std::vector<VendorChoice>& choices) {
  if (device < 0 || device >= kMaxDevices) return;
  State& all = state();
  const std::lock_guard lock(all.mutex);
  std::erase_if(all.choices, [&](const auto& entry) { return entry.first.device == device; });
  for (const VendorChoice& choice : choices)
    if (choice.task.device == device) all.choices[choice.task] = choice.algorithm;
  all.counts[static_cast<size_t>(device)] = static_cast<int>(choices.size());
  note_activity(all);
}

int vendor_choices(int device) {
  if (device < 0 || device >= kMaxDevices) return -1;
  State& all = state();
  const std::shared_lock lock(all.mutex);
  return all.counts[static_cast<size_t>(device)];
}

bool watch_vendor() {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  if (all.watching.exchange(true)) return false;
  note_activity(all);
  return true;
}

void unwatch_vendor() {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  all.watching.store(false);
  for (const Timed& timed : all.timed) forget(timed);
  all.timed.clear();
  note_activity(all);
}

std::vector<WatchedTask> take_watched_vendor() {
  State& all = state();
  std::vector<Timed> timed;
  {
    const std::lock_guard lock(all.mutex);
    timed = std::exchange(all.timed, {});
  }
  std::vector<WatchedTask> taken;
  for (Timed& one : timed) {
    one.device->make_current();
    float milliseconds = 0;
    if (one.end && driver().event_synchronize(one.end) == CUresult::success &&
        driver().event_elapsed(&milliseconds, one.begin, one.end) == CUresult::success)
      one.what.milliseconds = milliseconds;
    forget(one);
    taken.push_back(one.what);
  }
  return taken;
}

}  // namespace sinter::cuda
