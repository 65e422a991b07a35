// What a measurement chose for a product (cpu/tuning.h), brought to the product at hand. Place in the whole: the plans of plan.h and
// product_bf16.cpp ask it, and tell it what they came to.
#pragma once
#include <algorithm>

#include "cpu/gemm/product.h"
#include "cpu/rounding.h"
#include "cpu/threads/pool.h"
#include "cpu/tuning.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kMostOwnRows = 512;  // that a task multiplies by the panels it packs
constexpr int64_t kMostBlock = 4096;   // rows or columns of a task, whatever a measurement chose

SINTER_INLINE unsigned source_bit(Source source) { return 1u << static_cast<unsigned>(source); }

template <class S>
constexpr DType kElement = DType::f32;
template <>
constexpr DType kElement<double> = DType::f64;
template <>
constexpr DType kElement<bf16> = DType::bf16;
template <>
constexpr DType kElement<f16> = DType::f16;

template <class S>
class Chosen {
 public:
  Source source;  // the usual one, where nothing else was chosen
  int threads;    // to plan for
  int limit = 0;  // the most that take part; 0: all

  // legal: the sources that give the same bits, of source_bit.
  Chosen(const Product<S>& p, Source usual, unsigned legal)
      : source(usual), threads(pool_threads()), active_(tuning_active()), legal_(legal) {
    if (!active_) return;
    key_ = {kElement<S>, p.csa != 1, !p.packed_b && p.csb != 1, p.packed_b != nullptr, threads, p.batch.count, p.m,
            p.n,         p.k};
    choice_ = tuned_choice(key_);
    if (choice_.has_source && !(legal & source_bit(choice_.source))) choice_ = {};  // its blocks belong to that source
    if (choice_.has_source) source = choice_.source;
    if (choice_.threads && choice_.threads < threads) limit = threads = choice_.threads;
  }

  // In whole tiles, no more than the product or `most`.
  Blocks blocks(const Blocks& usual, const Blocks& tile, const Blocks& most) const {
    Blocks b = usual;
    if (choice_.rows) b.rows = std::min({round_up(choice_.rows, tile.rows), most.rows, round_up(key_.m, tile.rows)});
    if (choice_.cols) b.cols = std::min({round_up(choice_.cols, tile.cols), most.cols, round_up(key_.n, tile.cols)});
    return b;
  }

  void tell(const Blocks& blocks, const Blocks& tile, int64_t tasks) const {
    if (active_) watch_product({key_, legal_, source, blocks, tile, tasks});
  }

 private:
  bool active_;
  unsigned legal_;
  ProductKey key_{};
  ProductChoice choice_;
};

// Tasks to hand over at once, so that no more than `limit` threads take part.
SINTER_INLINE int64_t limited_grain(int64_t grain, int64_t tasks, int limit) {
  return limit ? std::max(grain, ceil_div(tasks, limit)) : grain;
}

}  // namespace sinter::cpu::SINTER_ISA
