// Weights of 4 or 8 bits with a scale a group of inputs. Place in the whole: the operators groups*.cpp, and what reads their packed
// form.
//
// A weight (out, in) is (code - zero) * scale: a scale, and where it has them a zero point, for each output and each group of 32, 64
// or 128 neighbouring inputs; the last group may be shorter. Outputs lie in panels of 32, so that vectors run along outputs whatever
// their width, and a kernel reads each panel from its beginning to its end:
//   codes   u32 (panels, words, 32)    32 / bits inputs of one output a word, the first in the lowest bits; zero beyond `in` and `out`
//   scales  f16 or bf16 (panels, groups, 32)
//   zeros   u8 (panels, groups, 32), or none: then the zero is 2^(bits - 1) for all
#pragma once
#include "cpu/simd/activation.h"
#include "cpu/simd/half.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int kPanelOutputs = 32;
constexpr int kPanelVectors = kPanelOutputs / kLanes<float>;

struct GroupWeight {
  int64_t out, in;
  int bits;
  int64_t group;  // inputs
  int64_t words, groups;
  const uint32_t* codes;
  const uint16_t* scales;
  bool bf16_scales;
  const uint8_t* zeros;

  SINTER_INLINE int64_t panels() const { return (out + kPanelOutputs - 1) / kPanelOutputs; }
  SINTER_INLINE int codes_a_word() const { return 32 / bits; }
};

// The operands {codes, scales, zeros?} from `first` on, of a weight (out, in).
static inline GroupWeight read_groups(const Call& c, int first, int64_t out, int64_t in) {
  const TensorRef &codes = c.in[first], &scales = c.in[first + 1], zeros = c.opt(first + 2);
  return {out,
          in,
          static_cast<int>(c.int_attr(0)),
          c.int_attr(1),
          codes.dims[1],
          scales.dims[1],
          codes.as<uint32_t>(),
          scales.as<uint16_t>(),
          scales.dtype == DType::bf16,
          zeros.present() ? zeros.as<uint8_t>() : nullptr};
}

SINTER_INLINE Vf load_scales(const uint16_t* p, bool bf16_scales) {
  return bf16_scales ? load_f32(reinterpret_cast<const bf16*>(p)) : load_f32(reinterpret_cast<const f16*>(p));
}

// As many zero points as Vf has lanes. (The compiler's conversion of vectors takes bytes one at a time.)
SINTER_INLINE Vi load_zeros(const uint8_t* p) {
#if defined(__AVX512F__)
  return (Vi)_mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif defined(__AVX2__)
  return (Vi)_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
#elif defined(__SSE4_1__)
  int bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  return (Vi)_mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes));
#else
  typedef uint8_t VuByte __attribute__((vector_size(kVecBytes / 4)));
  VuByte bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  return __builtin_convertvector(bytes, Vi);
#endif
}

SINTER_INLINE Vu load_words(const uint32_t* p) {
  Vu words;
  std::memcpy(&words, p, sizeof words);
  return words;
}

// The weights of `panel` at inputs k0 .. k0 + n as f32; k0 is a multiple of 32. Vector v of the outputs at input k0 + kk goes to
// to + v / 2 * pair_stride + kk * ld + v % 2 * lanes: two vectors are a panel of gemm.h with ld = kNR.
void decode_panel(const GroupWeight& w, int64_t panel, int64_t k0, int64_t n, float* to, int64_t pair_stride,
                  int64_t ld);

// What follows a product: y (n) = activation(sums (n) + bias (n) or nothing), rounded. `sums` may be y.
struct GroupEpilogue {
  const float* bias;  // of all outputs, or null
  Activation activation;
};
template <class S>
void finish_row(const float* sums, int64_t n, const GroupEpilogue& epilogue, int64_t first, S* y);

// y (m, out) = x (m, in) times the weight's transpose, m <= kFewRowsOfGroups, at the speed at which codes can be read. A row that
// holds an infinity or NaN is left alone and its bit set in what is returned. form: 0 the faster one here, 1 codes are converted, 2
// codes are read as subnormal numbers; the results are the same.
constexpr int64_t kFewRowsOfGroups = 8;
template <class S>
unsigned few_rows_product(const Call& call, const GroupWeight& w, const S* x, int64_t m, S* y,
                          const GroupEpilogue& epilogue, int form);

}  // namespace sinter::cpu::SINTER_ISA
