// lookup: bytes through a table, one for each plane; equalizing: the table that spreads a plane's histogram evenly. Place in the
// whole: kernels of native/ops.def, compiled once per instruction set; every map of single bytes is a table of 256.
//   lookup      x u8 (planes, m), table u8 (planes, 256) -> y u8 (planes, m)
//   equalizing  x u8 (planes, m)                         -> table u8 (planes, 256)
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

void lookup(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t planes = x.dims[0], m = x.dims[1], piece = 16384;
  if (c.out[0].numel == 0) return;
  const uint8_t *from = x.as<uint8_t>(), *tables = c.in[1].as<uint8_t>();
  uint8_t* y = c.out[0].as<uint8_t>();
  const int64_t pieces = (m + piece - 1) / piece;
  parallel_for(planes * pieces, grain_of(std::min(m, piece)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t plane = i / pieces, first = i % pieces * piece, last = std::min(m, first + piece);
      const uint8_t* __restrict table = tables + plane * 256, * __restrict in = from + plane * m;
      uint8_t* __restrict out = y + plane * m;
      for (int64_t k = first; k < last; k++) out[k] = table[in[k]];
    }
  });
}

// Definition: PIL.ImageOps.equalize. With h the histogram and `step` the number of pixels that are not of the brightest level
// present, over 255: level k becomes (step / 2 + sum of h below k) / step, whole numbers; where step is 0, levels stay.
void equalizing(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t planes = x.dims[0], m = x.dims[1];
  const uint8_t* from = x.as<uint8_t>();
  uint8_t* tables = c.out[0].as<uint8_t>();
  parallel_for(planes, grain_of(m + 256), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; plane++) {
      // Four histograms: equal neighbours do not wait for one another's counts.
      uint32_t counts[4][256] = {};
      const uint8_t* p = from + plane * m;
      int64_t i = 0;
      for (; i + 4 <= m; i += 4)
        for (int u = 0; u < 4; u++) counts[u][p[i + u]]++;
      for (; i < m; i++) counts[0][p[i]]++;
      int64_t brightest = 0;
      for (int k = 0; k < 256; k++) {
        counts[0][k] += counts[1][k] + counts[2][k] + counts[3][k];
        if (counts[0][k] > 0) brightest = counts[0][k];
      }
      const int64_t step = (m - brightest) / 255;
      uint8_t* table = tables + plane * 256;
      int64_t below = step / 2;
      for (int k = 0; k < 256; k++) {
        table[k] = static_cast<uint8_t>(step == 0 ? k : std::min<int64_t>(255, below / step));
        below += counts[0][k];
      }
    }
  });
}

}  // namespace sinter::cpu::SINTER_ISA
