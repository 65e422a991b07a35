// fragments.h.
#include "fragments.h"

#include <bit>

#include "small_float.h"

namespace sinter::sim {
namespace {

// Element j of a word.
template <int kBits, int kLow>
uint32_t extract(uint32_t word, int j) {
  constexpr uint32_t kMask = kBits == 32 ? ~0u : (1u << kBits % 32) - 1;
  return word >> (kLow + j * kBits) & kMask;
}

template <int kBits, int kLow = 0>
void split_a(ReadRegisters a, int rows, int terms, uint32_t* codes) {
  constexpr int kInWord = 32 / kBits;
  const int words = terms / kInWord, halves = rows / 8;
  for (int r = 0; r < words / 4 * halves; ++r)
    for (int g = 0; g < 8; ++g) {
      const uint32_t* lanes = a[r] + 4 * g;
      uint32_t* row = codes + (g + 8 * (r % halves)) * terms + 4 * (r / halves);
      for (int j = 0; j < kInWord; ++j)
        for (int t = 0; t < 4; ++t) row[j * words + t] = extract<kBits, kLow>(lanes[t], j);
    }
}

template <int kBits, int kLow = 0>
void split_b(ReadRegisters b, int terms, uint32_t* codes) {
  constexpr int kInWord = 32 / kBits;
  const int words = terms / kInWord;
  for (int r = 0; r < words / 4; ++r)
    for (int t = 0; t < 4; ++t)
      for (int g = 0; g < 8; ++g) {
        const uint32_t word = b[r][4 * g + t];
        for (int j = 0; j < kInWord; ++j) codes[(j * words + t + 4 * r) * 8 + g] = extract<kBits, kLow>(word, j);
      }
}

}  // namespace

void codes_of_a(ReadRegisters a, int rows, int terms, Element type, uint32_t* codes) {
  if (type == Element::kTF32) return split_a<32, 13>(a, rows, terms, codes);
  switch (bits_of(type)) {
    case 4: return split_a<4>(a, rows, terms, codes);
    case 8: return split_a<8>(a, rows, terms, codes);
    case 16: return split_a<16>(a, rows, terms, codes);
    default: return split_a<32>(a, rows, terms, codes);
  }
}

void codes_of_b(ReadRegisters b, int terms, Element type, uint32_t* codes) {
  if (type == Element::kTF32) return split_b<32, 13>(b, terms, codes);
  switch (bits_of(type)) {
    case 4: return split_b<4>(b, terms, codes);
    case 8: return split_b<8>(b, terms, codes);
    case 16: return split_b<16>(b, terms, codes);
    default: return split_b<32>(b, terms, codes);
  }
}

void sums_from(ReadRegisters c, Element type, float* sums) {
  for (int lane = 0; lane < 32; ++lane) {
    float* at = sums + (lane >> 2) * 8 + 2 * (lane & 3);
    for (int half = 0; half < 2; ++half, at += 64)
      for (int j = 0; j < 2; ++j)
        at[j] = type == Element::kF16 ? f16_value(c[half][lane] >> (16 * j) & 0xFFFF)
                                      : std::bit_cast<float>(c[2 * half + j][lane]);
  }
}

void sums_to(const float* sums, Element type, Registers d) {
  for (int lane = 0; lane < 32; ++lane) {
    const float* at = sums + (lane >> 2) * 8 + 2 * (lane & 3);
    for (int half = 0; half < 2; ++half, at += 64) {
      if (type == Element::kF16)
        d[half][lane] = f16_code(at[0]) | f16_code(at[1]) << 16;
      else
        for (int j = 0; j < 2; ++j) d[2 * half + j][lane] = f32_code(at[j]);
    }
  }
}

}  // namespace sinter::sim
