// fragments.h.
#include "fragments.h"

#include <bit>

#include "small_float.h"

namespace sinter::sim {
namespace {

// Element j of a word.
struct Extract {
  explicit Extract(Element type)
      : bits(bits_of(type)), low(type == Element::kTF32 ? 13 : 0), mask(bits == 32 ? ~0u : (1u << bits) - 1) {}
  uint32_t operator()(uint32_t word, int j) const { return word >> (low + j * bits) & mask; }
  int bits, low;
  uint32_t mask;
};

}  // namespace

void codes_of_a(ReadRegisters a, int rows, int terms, Element type, uint32_t* codes) {
  const Extract extract(type);
  const int in_word = 32 / extract.bits, words = terms / in_word, halves = rows / 8;
  for (int r = 0; r < words / 4 * halves; ++r)
    for (int g = 0; g < 8; ++g) {
      const uint32_t* lanes = a[r] + 4 * g;
      uint32_t* row = codes + (g + 8 * (r % halves)) * terms + 4 * (r / halves);
      for (int j = 0; j < in_word; ++j)
        for (int t = 0; t < 4; ++t) row[j * words + t] = extract(lanes[t], j);
    }
}

void codes_of_b(ReadRegisters b, int terms, Element type, uint32_t* codes) {
  const Extract extract(type);
  const int in_word = 32 / extract.bits, words = terms / in_word;
  for (int r = 0; r < words / 4; ++r)
    for (int j = 0; j < in_word; ++j)
      for (int t = 0; t < 4; ++t) {
        uint32_t* row = codes + (j * words + t + 4 * r) * 8;
        for (int g = 0; g < 8; ++g) row[g] = extract(b[r][4 * g + t], j);
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
