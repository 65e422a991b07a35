// What a vendor's library computes. Place in the whole: cuda/kernels/gemm, conv and attention ask for every call; `cuda.vendorLibraries`
// sets the rule, `sinter tune --device cuda` measures both ways with events and fills the table (lib/tune/library.ts), the tuning file
// keeps it.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "cuda/runtime/abi.h"
#include "engine/call.h"

namespace sinter::cuda {

// automatic: what was measured to be faster there; off: nothing; always: everything that a library takes.
enum class VendorUse : int { automatic, off, always };
VendorUse vendor_use();
void set_vendor_use(VendorUse use);

// What is computed. With `words` all that tells one call from another for who is to measure it:
//   product                        dtype, tf32 (f32 may be rounded to it), transposed a (stored (k, m)), transposed b ((n, k)), batch, m, n, k
//   conv, and its two gradients    see cuda/kernels/conv/by_library.h
//   attention, and its gradients   see cuda/kernels/attention/by_library.cpp
// lib/engine/vendor-task.ts writes the same words.
enum class VendorKind : int { product, conv, conv_input_grad, conv_weight_grad, attention, attention_backward };
constexpr int kVendorKinds = 6;
constexpr int kVendorWords = 28;
struct VendorTask {
  int device = 0;
  VendorKind kind = VendorKind::product;
  std::array<int64_t, kVendorWords> words{};
  bool operator==(const VendorTask&) const = default;
};
class VendorHash {
 public:
  void add(int64_t word) {
    hash_ = (hash_ ^ static_cast<uint64_t>(word)) * 0x9e3779b97f4a7c15u;
    hash_ ^= hash_ >> 32;
  }
  void add(const VendorTask& task) {
    add(task.device);
    add(static_cast<int64_t>(task.kind));
    for (const int64_t word : task.words) add(word);
  }
  size_t value() const { return hash_; }

 private:
  uint64_t hash_ = 0;
};
constexpr int kVendorAlgorithms = 8;  // of a task, as its library orders them, that are told apart
constexpr int kOwnKernels = -1;

// Something may be chosen, or tasks are watched: else that is all that a task costs.
namespace detail {
inline std::atomic<bool> vendor_active{false};
}  // namespace detail
inline bool vendor_active() { return detail::vendor_active.load(std::memory_order_relaxed); }

// The library's algorithm that is to compute the task, or kOwnKernels.
int vendor_choice(const VendorTask& task);

// ---- for the tasks that are watched
struct WatchedTask {
  VendorTask task;
  int by = kOwnKernels;     // who computed it
  int algorithms = 0;       // that the library named
  float milliseconds = -1;  // on the device; -1: not known
};
// Between two of these, what is queued is timed by events. `algorithms` as above.
class VendorWatch {
 public:
  VendorWatch(const Call& call, const VendorTask& task);
  ~VendorWatch();
  VendorWatch(const VendorWatch&) = delete;
  VendorWatch& operator=(const VendorWatch&) = delete;
  void done(int by, int algorithms);

 private:
  const Call& call_;
  VendorTask task_;
  CUevent begin_ = nullptr;
};

// Who computes the task: by_library(algorithm, &algorithms) says whether the library did, else own() does.
template <class ByLibrary, class Own>
void by_choice(const Call& call, const VendorTask& task, ByLibrary by_library, Own own) {
  const int choice = vendor_choice(task);
  VendorWatch watch(call, task);
  int algorithms = 0;
  const bool library = choice != kOwnKernels && by_library(choice, &algorithms);
  if (!library) own();
  watch.done(library ? choice : kOwnKernels, algorithms);
}

// ---- for native/addon
struct VendorChoice {
  VendorTask task;
  int algorithm;
};
// Takes the place of what a device had.
void set_vendor_choices(int device, const std::vector<VendorChoice>& choices);
int vendor_choices(int device);  // -1: never set in this process

// One watcher a process: false where there is one already. The latest 4096 tasks are kept until they are taken, which waits for them.
bool watch_vendor();
void unwatch_vendor();
std::vector<WatchedTask> take_watched_vendor();

}  // namespace sinter::cuda
