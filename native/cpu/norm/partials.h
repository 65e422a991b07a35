// Sums that blocks of rows made on their own, added up. Place in the whole: gradients of the weights of layer and RMS norms,
// and the columns of batch norms.
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kPartialColumns = 64;  // at once: their totals stay near while the blocks are read row by row

// write(i, total) for the columns [begin, end) of partial (blocks, .), rows `stride` apart, added in f64 in the blocks' order.
template <class C, class F>
void add_partials(const C* partial, int64_t blocks, int64_t stride, int64_t begin, int64_t end, F write) {
  for (int64_t i = begin; i < end; i += kPartialColumns) {
    const int64_t width = std::min(kPartialColumns, end - i);
    double total[kPartialColumns] = {};
    for (int64_t k = 0; k < blocks; k++)
      for (int64_t j = 0; j < width; j++) total[j] += static_cast<double>(partial[k * stride + i + j]);
    for (int64_t j = 0; j < width; j++) write(i + j, total[j]);
  }
}

}  // namespace sinter::cpu::SINTER_ISA
