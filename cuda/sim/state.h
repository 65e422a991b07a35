// What the driver knows: devices, contexts, streams, events, modules, graphs. Place in the whole: every driver_*.cpp works on this
// state, under the one lock that entry() takes; work.h and schedule.h say what waits in streams and when it is done.
//
// Handles are addresses of these objects. A destroyed object is kept for a while, so that a stale handle is refused and does not
// happen to be the handle of something new.
#pragma once
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "abi.h"
#include "interpreter.h"
#include "memory.h"
#include "settings.h"

namespace sinter::sim::driver {

// What a call returns when it is refused: thrown by checks, caught by entry().
struct Refusal {
  CUresult code;
};
[[noreturn]] inline void refuse(CUresult code) { throw Refusal{code}; }
inline void require(bool condition, CUresult code = CUDA_ERROR_INVALID_VALUE) {
  if (!condition) refuse(code);
}

// Objects behind handles of one kind.
template <class T>
class Registry {
 public:
  T* add(std::shared_ptr<T> made) {
    T* handle = made.get();
    live_.emplace(handle, std::move(made));
    return handle;
  }
  T& get(const T* handle, CUresult otherwise = CUDA_ERROR_INVALID_HANDLE) const {
    const auto found = live_.find(handle);
    require(found != live_.end(), otherwise);
    return *found->second;
  }
  void remove(const T& object) {
    const auto found = live_.find(&object);
    gone_.push_back(std::move(found->second));
    live_.erase(found);
    if (gone_.size() > 1024) gone_.pop_front();
  }
  bool has(const T* handle) const { return live_.contains(handle); }
  size_t size() const { return live_.size(); }
  std::vector<T*> all() const {
    std::vector<T*> handles;
    for (const auto& [handle, object] : live_) handles.push_back(object.get());
    return handles;
  }

 private:
  std::unordered_map<const T*, std::shared_ptr<T>> live_;
  std::deque<std::shared_ptr<T>> gone_;
};

struct Op;
struct Capture;

// A memory pool of cuMemAllocAsync: memory stays reserved until a wait finds more than the threshold unused.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  int device = 0;
  uint64_t used = 0, used_high = 0, reserved = 0, reserved_high = 0;
  uint64_t threshold = 0, limit = 0;  // limit 0: none
  int reuse[4] = {0, 1, 1, 1};        // attributes 1 to 3, which change nothing here
  bool is_default = false;
  bool destroyed = false;
  uint32_t peers = 0;  // devices besides its own that may use its memory, a bit each
};

class Device {
 public:
  Device(AddressSpace& space, int ordinal) : ordinal(ordinal), memory(space, ordinal) {}
  int ordinal;
  Memory memory;
  uint64_t used = 0;   // bytes of its memory that are taken
  uint64_t clock = 0;  // simulated nanoseconds that its work has taken
  bool lost = false;
  Pool* default_pool = nullptr;
  Pool* pool = nullptr;
  std::shared_ptr<Context> primary;  // the active one, or null
  int retained = 0;
  unsigned primary_flags = 0;
};

class Stream {
 public:
  Context* context = nullptr;
  unsigned flags = 0;
  int priority = 0;
  uint64_t id = 0;
  bool legacy = false;                    // the default stream which blocking streams are ordered with
  bool permanent = false;                 // a default stream: it lives as long as its context
  std::deque<std::shared_ptr<Op>> queue;  // submitted and not done yet
  std::shared_ptr<Op> last;               // submitted last, done or not

  std::shared_ptr<Capture> capture;  // the one it takes part in, or null
  std::vector<GraphNode*> tips;      // what the next captured node comes after

  bool blocking() const { return !legacy && (flags & 1) == 0; }  // CU_STREAM_NON_BLOCKING is 1
};

class Event {
 public:
  Context* context = nullptr;
  unsigned flags = 0;
  std::shared_ptr<Op> recorded;  // null: never recorded
  std::shared_ptr<uint64_t> time = std::make_shared<uint64_t>(0);

  std::shared_ptr<Capture> capture;  // recorded while capturing: what a wait for it comes after
  std::vector<GraphNode*> nodes;
};

class Function : public std::enable_shared_from_this<Function> {
 public:
  Module* module = nullptr;
  const sim::Function* code = nullptr;
  int max_dynamic_shared = 0;
  int carveout = -1;
  bool nonportable_cluster = false;
};

class Module {
 public:
  Context* context = nullptr;
  uint64_t id = 0;
  std::shared_ptr<const Program> program;
  std::vector<Allocation*> variables;  // in the order of Program::variables
  std::map<std::string, std::shared_ptr<Function>, std::less<>> functions;
};

class Context {
 public:
  Device* device = nullptr;
  uint64_t id = 0;
  bool alive = true;
  CUresult error = CUDA_SUCCESS;  // what made it unusable
  unsigned flags = 0;
  std::map<int, size_t> limits;
  std::shared_ptr<Stream> legacy;
  std::vector<std::shared_ptr<Stream>> streams;  // legacy included; destroyed ones until they have nothing to do
  std::map<std::thread::id, std::shared_ptr<Stream>> per_thread;  // CU_STREAM_PER_THREAD
  std::set<int> peers;                                            // devices to whose memory access is enabled
};

// All of it. Made by cuInit, never destroyed: a program may call at exit.
class State {
 public:
  explicit State(Settings settings);

  Settings settings;
  AddressSpace space;
  std::vector<std::unique_ptr<Device>> devices;
  Registry<Context> contexts;
  Registry<Stream> streams;
  Registry<Event> events;
  Registry<Module> modules;
  Registry<Function> functions;
  Registry<Graph> graphs;
  Registry<GraphExec> executables;
  Registry<Pool> pools;
  std::set<Capture*> captures;
  std::mt19937_64 random;
  uint64_t next_id = 1, next_order = 1;
  uint64_t launches = 0, copies = 0;         // executed
  std::string fault;                         // what the last failed work said
  std::map<std::string, uint64_t> launched;  // executed launches of each kernel

  uint64_t fresh_id() { return next_id++; }
  // With a seed: a number below [n]. Without: 0.
  uint64_t choose(uint64_t n) { return settings.seed && n > 1 ? random() % n : 0; }
  // For one launch: warps and blocks take turns in the order it stands for.
  uint64_t random_seed() { return settings.seed ? random() | 1 : 0; }
  // Counts [left] down; true when it becomes 0 with this.
  static bool due(uint64_t& left) { return left > 0 && --left == 0; }
};

State& state();

// ---- the beginning of every exported function (driver_state.cpp)

enum class Needs { kNothing, kDriver, kContext };

// The calling thread's context. Throws Refusal: none is current, or it is destroyed; unusable after an error, with that error.
Context& current_context();
// The same without asking for errors, null where none is current.
Context* top_context();
std::vector<Context*>& context_stack();

CUresult enter(Needs needs, void (*body)(void*), void* data) noexcept;

// Runs [body] under the lock, after the checks that every call makes; what it refuses is returned.
template <class F>
CUresult entry(Needs needs, F&& body) {
  return enter(needs, [](void* data) { (*static_cast<std::remove_reference_t<F>*>(data))(); }, &body);
}
template <class F>
CUresult entry(F&& body) {
  return entry(Needs::kContext, std::forward<F>(body));
}

Device& device_of(CUdevice ordinal);
// The stream behind a handle, which may be 0 or one of the two constants for default streams.
Stream& stream_of(CUstream handle);
Event& event_of(CUevent handle);

// Set while a host function runs, which may not call the driver.
struct HostFunctionScope {
  HostFunctionScope();
  ~HostFunctionScope();
};

}  // namespace sinter::sim::driver
