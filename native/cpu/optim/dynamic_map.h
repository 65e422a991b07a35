// Optimizer states in one byte. Place in the whole: adam_8bit.cpp. The code is the dynamic tree quantization of Dettmers
// et al. ("8-bit optimizers via block-wise quantization", 2022): a block of 256 elements is divided by its largest
// magnitude; seven decades 10^-6 .. 1 are divided evenly, each into twice as many values as the one below; 0 and 1 are
// values too. Numbered in rising order:
//   signed    0 .. 126 negative, 127 zero, 128 .. 254 positive (2^k in decade k), 255 one
//   unsigned  0 zero, 1 .. 254 (2^(k + 1) in decade k), 255 one
// Value j of N in decade k lies in the middle of its part: 10^(k - 6) (0.1 + 0.9 (j + 1/2) / N). The nearest value is
// found without a search: by comparison with the decades' ends, then evenly.
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kCodeBlock = 256;
constexpr int kDecades = 7;

template <bool kSigned>
struct DynamicMap {
  float values[256];
  // Decade k: from threshold[k] on; its part at x is floor(x scale + offset), at most last. Beyond threshold[kDecades]
  // lies one, below threshold[0] zero.
  float threshold[kDecades + 1], scale[kDecades], offset[kDecades], last[kDecades];

  DynamicMap() {
    const auto parts = [](int k) { return static_cast<double>(1 << (kSigned ? k : k + 1)); };
    const auto value = [&](int k, double j) {
      return std::pow(10.0, static_cast<double>(k - 6)) * (0.1 + 0.9 * (j + 0.5) / parts(k));
    };
    values[kSigned ? 127 : 0] = 0;
    values[255] = 1;
    int first = 1;  // the decade's first number, counted from zero upwards
    double below = 0;
    for (int k = 0; k < kDecades; k++) {
      const int n = static_cast<int>(parts(k));
      for (int j = 0; j < n; j++) {
        const float v = static_cast<float>(value(k, j));
        values[(kSigned ? 127 : 0) + first + j] = v;
        if (kSigned) values[127 - first - j] = -v;
      }
      threshold[k] = static_cast<float>((below + value(k, 0)) / 2);
      scale[k] = static_cast<float>(n / 0.9 * std::pow(10.0, static_cast<double>(6 - k)));
      offset[k] = static_cast<float>(first - n / 9.0);
      last[k] = static_cast<float>(first + n - 1);
      below = value(k, n - 1);
      first += n;
    }
    threshold[kDecades] = static_cast<float>((below + 1) / 2);
  }

  // The numbers, counted from zero upwards, of magnitudes 0 <= x <= 1.
  SINTER_INLINE Vf nearest(Vf x) const {
    Vf s{}, o{}, top{};
    for (int k = 0; k < kDecades; k++) {
      const Vi above = x >= threshold[k];
      s = above ? splat(scale[k]) : s;
      o = above ? splat(offset[k]) : o;
      top = above ? splat(last[k]) : top;
    }
    const Vf number = vmin(x * s + o, top);
    // No negative value has the magnitude one.
    return x >= threshold[kDecades] ? splat(kSigned ? 128.0f : 255.0f) : number;
  }

  // Codes of n elements of a block, given 1 / its largest magnitude.
  void encode(const float* x, int64_t n, float inverse, uint8_t* codes) const {
    for (int64_t i = 0; i < n; i += kLanes<float>) {
      const Vf v = load(x + i) * inverse;  // x holds a whole block
      Vi number = __builtin_convertvector(nearest(kSigned ? vabs(v) : v), Vi);
      if constexpr (kSigned) number = v < Vf{} ? 127 - (number > 127 ? Vi{} + 127 : number) : 127 + number;
      typedef uint8_t Codes __attribute__((vector_size(kVecBytes / 4)));
      const Codes packed = __builtin_convertvector(number, Codes);
      std::memcpy(codes + i, &packed, static_cast<size_t>(std::min<int64_t>(kLanes<float>, n - i)));
    }
  }
  void decode(const uint8_t* codes, int64_t n, float scale_of_block, float* x) const {
    for (int64_t i = 0; i < n; i++) x[i] = values[codes[i]] * scale_of_block;
  }
};

}  // namespace sinter::cpu::SINTER_ISA
