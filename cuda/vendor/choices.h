// Which products a vendor's library computes. Place in the whole: cuda/kernels/gemm asks for every product; `cuda.vendorLibraries` sets the
// rule, `sinter tune --device cuda` measures both ways with events and fills the table (lib/tune/library.ts), the tuning file keeps it.
#pragma once
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

struct VendorProduct {
  int device = 0;
  DType dtype = DType::f32;
  bool tf32 = false;                                // f32 may be rounded to it
  bool transposed_a = false, transposed_b = false;  // stored (k, m), (n, k)
  int64_t batch = 1, m = 0, n = 0, k = 0;
};
constexpr int kOwnKernels = -1;

// Something may be chosen, or products are watched: else that is all that a product costs.
namespace detail {
inline std::atomic<bool> vendor_active{false};
}  // namespace detail
inline bool vendor_active() { return detail::vendor_active.load(std::memory_order_relaxed); }

// The library's algorithm that is to compute the product, or kOwnKernels.
int vendor_choice(const VendorProduct& product);

// ---- for the products that are watched
struct WatchedProduct {
  VendorProduct product;
  int by = kOwnKernels;     // who computed it
  int algorithms = 0;       // that the library named
  float milliseconds = -1;  // on the device; -1: not known
};
// Between two of these, what is queued is timed by events. `algorithms` as above.
class ProductWatch {
 public:
  ProductWatch(const Call& call, const VendorProduct& product);
  ~ProductWatch();
  ProductWatch(const ProductWatch&) = delete;
  ProductWatch& operator=(const ProductWatch&) = delete;
  void done(int by, int algorithms);

 private:
  const Call& call_;
  VendorProduct product_;
  CUevent begin_ = nullptr;
};

// ---- for native/addon
struct VendorChoice {
  VendorProduct product;
  int algorithm;
};
// Takes the place of what a device had.
void set_vendor_choices(int device, const std::vector<VendorChoice>& choices);
int vendor_choices(int device);  // -1: never set in this process

// One watcher a process: false where there is one already. The latest 4096 products are kept until they are taken, which waits for them.
bool watch_vendor();
void unwatch_vendor();
std::vector<WatchedProduct> take_watched_vendor();

}  // namespace sinter::cuda
