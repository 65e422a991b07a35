// What a measurement chose for single products. Place in the whole: product.cpp asks for every product that it plans, whatever thread
// it runs on; `sinter tune` fills the table, and watches the plans while it measures.
//
// A choice is a wish: product.cpp keeps to what is legal for the product. Nothing in it changes an element's order of additions.
#pragma once
#include <cstdint>
#include <vector>

#include "cpu/blocking.h"
#include "engine/call.h"

namespace sinter {

// How the panels of B come about (product.cpp).
enum class Source : uint8_t { in_place, own, shared, ready };

struct ProductKey {
  DType dtype;
  bool transposed_a, transposed_b;  // stored (k, m), (n, k)
  bool packed;                      // B
  int threads;                      // of the pool
  int64_t batch, m, n, k;
};

struct ProductChoice {
  bool has_source = false;
  Source source = Source::in_place;
  int64_t rows = 0, cols = 0;  // of a task; 0: as product.cpp chooses
  int threads = 0;             // the most that take part; 0: all
};

struct PlannedProduct {
  ProductKey key;
  unsigned legal;  // bit i: Source i
  Source source;
  Blocks blocks, tile;
  int64_t tasks;
};

// Something is listed, or plans are watched: else that is all a product costs. (Not std::atomic: see SINTER_INLINE.)
extern bool tuning_flag;
SINTER_INLINE bool tuning_active() { return __atomic_load_n(&tuning_flag, __ATOMIC_RELAXED); }

// For a batch of about that size: powers of two are one class.
ProductChoice tuned_choice(const ProductKey& key);
void watch_product(const PlannedProduct& product);

// ---- for native/addon
struct TunedProduct {
  ProductKey key;
  ProductChoice choice;
};
// Takes the place of the table before; products that run meanwhile have either.
void set_tuned_products(const std::vector<TunedProduct>& products);
int tuned_products();  // -1: never set in this process

// One watcher a process: false where there is one already. Plans are kept until they are taken, the latest 256 of them.
bool watch_products();
void unwatch_products();
std::vector<PlannedProduct> take_watched();

}  // namespace sinter
