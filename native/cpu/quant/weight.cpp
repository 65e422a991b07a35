// Packed weights: w (n, k) i8 -> packed, sums (i32: panels * kTileCols at most), and back. Place in the whole: made once by
// quantizeWeight, read by the linear layers; panels.h says what is in it.
#include "cpu/quant/panels.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// A panel's limits: activations up to limits[0] for dot4, up to limits[1] for dot8.
void find_limits(const int8_t* panel, int64_t k, uint8_t* limits) {
  int pairs = 1, fours = 1;  // the largest sums of weights of one sign
  for (int64_t g = 0; g < turns_of(k) * (kDepth / 4); g += 2, panel += 2 * kGroupBytes) {
    for (int i = 0; i < kGroupBytes; i += 2) {
      const int8_t *x = panel + i, *y = x + kGroupBytes;
      const int up = std::max<int>(x[0], 0) + std::max<int>(x[1], 0), down = up - x[0] - x[1];
      const int up2 = std::max<int>(y[0], 0) + std::max<int>(y[1], 0), down2 = up2 - y[0] - y[1];
      pairs = std::max({pairs, up, down, up2, down2});
      fours = std::max({fours, up + up2, down + down2});
    }
  }
  limits[0] = static_cast<uint8_t>(std::min(255, INT16_MAX / pairs));
  limits[1] = static_cast<uint8_t>(std::min(255, INT16_MAX / fours));
}

}  // namespace

void packInt8(const Call& c) {
  const int64_t n = c.in[0].dims[0], k = c.in[0].dims[1], panels = panels_of(n), bytes = panel_bytes(k);
  int8_t* packed = c.out[0].as<int8_t>();
  uint8_t* limits = reinterpret_cast<uint8_t*>(packed + panels * bytes);
  parallel_for(panels, 1 + 32768 / std::max<int64_t>(1, bytes), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++) {
      const int64_t j = p * kTileCols;
      pack_bytes(c.in[0].as<int8_t>() + j * k, 1, k, k, std::min<int64_t>(kTileCols, n - j), packed + p * bytes);
      sum_columns(packed + p * bytes, k, c.out[1].as<int32_t>() + j);
      find_limits(packed + p * bytes, k, limits + 2 * p);
    }
  });
}

void unpackInt8(const Call& c) {
  const int64_t n = c.out[0].dims[0], k = c.out[0].dims[1];
  const int8_t* packed = c.in[0].as<int8_t>();
  parallel_for(n, 1 + 32768 / std::max<int64_t>(1, k), [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; j++) {
      const int8_t* from = packed + j / kTileCols * panel_bytes(k) + j % kTileCols * 4;
      int8_t* to = c.out[0].as<int8_t>() + j * k;
      for (int64_t kk = 0; kk < k; kk++) to[kk] = from[kk / 4 * kGroupBytes + kk % 4];
    }
  });
}

}  // namespace sinter::cpu::SINTER_ISA
