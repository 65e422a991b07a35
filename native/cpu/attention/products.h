// Products that leave out what queries do not see. Place in the whole: forward.h and backward.h, over wide.h's or pairs.h's products;
// what is left out would add zeros, so sums of finite operands stay the same to the bit.
#pragma once
#include "cpu/attention/scores.h"

namespace sinter::cpu::SINTER_ISA {

// out (keys, W) = the products of rows, keys or values, with a panel of queries.
template <class Products, class Rows>
void scores_of(const Span& span, int64_t terms, Rows rows, const typename Products::Element* queries,
               typename Products::C unit, typename Products::C* out) {
  constexpr int L = Products::L, W = Products::W;
  const auto [low, half, high] = span;
  Products::template scores<2>(half - low, terms, rows.from(low), queries, unit, out + low * W);
  if (half < high)
    Products::template scores<1>(high - half, terms, rows.from(half), queries + L, unit, out + half * W + L);
}

// out (width, W) += the sums over a block's keys of columns, of values or keys, times weights.
template <class Products, class Columns>
void over_keys(const Span& span, int64_t width, Columns columns, const typename Products::Element* weights,
               typename Products::C* out) {
  using C = typename Products::C;
  constexpr int L = Products::L, W = Products::W;
  const auto [low, half, high] = span;
  const auto at = [&](int64_t key) { return weights + key / Products::kKeys * W; };
  if (low < half)
    product<C, 2>(width, Products::terms(half - low), Products::from_key(columns, low), at(low), out, Added{});
  if (half < high)
    product<C, 1>(width, Products::terms(high - half), Products::from_key(columns, half), at(half) + L, out + L,
                  Added{});
}

// to (n, width) += block (n, queries) rows (queries, width), for keys from j0 and queries from i0 on. block: `panels` panels of factors,
// (kKeyBlock, W); rows and to: panels of columns side by side, to's `lines` rows each. Each tile of keys takes the panels that see one
// of them, from the first query that does; a panel of factors is therefore read up to kTileRows beyond the rows that it sees. A tile is
// by itself in a function, as in product().
template <class Products>
void over_queries(const Sight& sight, int64_t i0, int64_t j0, int64_t n, int64_t panels,
                  const typename Products::Factor* block, const typename Products::Element* rows, int64_t width,
                  int64_t lines, typename Products::C* to) {
  using C = typename Products::C;
  constexpr int64_t W = Products::W, stride = kKeyBlock * W;
  for (int64_t column = 0; column < width; column += W, rows += Products::terms(kQueryBlock) * W, to += lines * W)
    each_tile<2>(n, [&](int64_t j, auto height) __attribute__((noinline)) {
      constexpr int kRows = decltype(height)::value;
      const int64_t first = std::max<int64_t>(0, sight.first_query(j0 + j) - i0), panel = first / W;
      const int64_t end = std::min(panels * W, sight.end_query(j0 + j + kRows) - i0);
      if (first >= end) return;
      const int64_t unseen = Products::terms(W) - Products::terms(W - first % W);
      tile<C, kRows, 2>(Products::factors(block + panel * stride + j * W, W), rows + panel * Products::terms(W) * W,
                        to + j * W, Products::terms(W), ceil_div(end, W) - panel, stride, unseen / kTerms, Added{});
    });
}

}  // namespace sinter::cpu::SINTER_ISA
