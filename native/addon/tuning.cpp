// Choices for single products, in and out. TypeScript has checked the numbers; they are bounded again here, as they come from a file.
#include "cpu/tuning.h"

#include "addon/env.h"
#include "addon/values.h"

namespace sinter::addon {

namespace {

// A row of setTunedProducts: dtype, transposed a, b, packed, threads, batch, m, n, k; then source (-1: none), rows, columns, threads.
constexpr size_t kKeyWords = 9, kChoiceWords = kKeyWords + 4;

// A whole number of 0 .. most.
int64_t whole(double x, int64_t most) {
  if (!(x >= 0)) return 0;
  return x >= static_cast<double>(most) ? most : static_cast<int64_t>(x);
}

ProductKey read_key(const double* w) {
  constexpr int64_t size = int64_t{1} << 53;
  return {static_cast<DType>(whole(w[0], kDTypes - 1)),
          w[1] == 1,
          w[2] == 1,
          w[3] == 1,
          static_cast<int>(whole(w[4], 256)),
          whole(w[5], size),
          whole(w[6], size),
          whole(w[7], size),
          whole(w[8], size)};
}

ProductChoice read_choice(const double* w) {
  constexpr int64_t block = 1 << 30;
  ProductChoice choice;
  choice.has_source = w[0] >= 0 && w[0] <= static_cast<double>(Source::ready);
  choice.source = static_cast<Source>(choice.has_source ? whole(w[0], static_cast<int64_t>(Source::ready)) : 0);
  choice.rows = whole(w[1], block);
  choice.cols = whole(w[2], block);
  choice.threads = static_cast<int>(whole(w[3], 256));
  return choice;
}

napi_value set(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  void* data = nullptr;
  size_t bytes = 0;
  if (!a.bytes(0, &data, &bytes)) return nullptr;
  const auto* words = static_cast<const double*>(data);
  std::vector<TunedProduct> products;
  for (size_t n = bytes / sizeof(double); n >= kChoiceWords; n -= kChoiceWords, words += kChoiceWords)
    products.push_back({read_key(words), read_choice(words + kKeyWords)});
  set_tuned_products(products);
  return nullptr;
}

napi_value count(napi_env env, napi_callback_info) { return make_number(env, tuned_products()); }

napi_value watch(napi_env env, napi_callback_info) {
  napi_value started;
  napi_get_boolean(env, watch_products(), &started);
  return started;
}

napi_value unwatch(napi_env, napi_callback_info) {
  unwatch_products();
  return nullptr;
}

// An array of 16 numbers a plan: the key's nine, legal sources, source, rows, columns, the tile's rows and columns, tasks.
napi_value take(napi_env env, napi_callback_info) {
  napi_value rows;
  napi_create_array(env, &rows);
  uint32_t at = 0;
  for (const PlannedProduct& p : take_watched()) {
    const ProductKey& k = p.key;
    const double words[] = {static_cast<double>(k.dtype),       k.transposed_a ? 1.0 : 0.0,
                            k.transposed_b ? 1.0 : 0.0,         k.packed ? 1.0 : 0.0,
                            static_cast<double>(k.threads),     static_cast<double>(k.batch),
                            static_cast<double>(k.m),           static_cast<double>(k.n),
                            static_cast<double>(k.k),           static_cast<double>(p.legal),
                            static_cast<double>(p.source),      static_cast<double>(p.blocks.rows),
                            static_cast<double>(p.blocks.cols), static_cast<double>(p.tile.rows),
                            static_cast<double>(p.tile.cols),   static_cast<double>(p.tasks)};
    for (const double word : words) napi_set_element(env, rows, at++, make_number(env, word));
  }
  return rows;
}

}  // namespace

void register_tuning(napi_env env, napi_value exports) {
  set_function(env, exports, "setTunedProducts", set);
  set_function(env, exports, "tunedProducts", count);
  set_function(env, exports, "watchProducts", watch);
  set_function(env, exports, "unwatchProducts", unwatch);
  set_function(env, exports, "takeWatchedProducts", take);
}

}  // namespace sinter::addon
