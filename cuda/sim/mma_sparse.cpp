// mma.sp: which dense column of A each of its elements stands for. Place in the whole: one of matrix.h's models; sums are those
// of mma, over the half of the terms that A has.
//
// Metadata, as an H200 reads it (test/golden/ptx/README.md); a nibble tells where the two elements of four dense columns are (of
// 4-bit types two pairs of eight; of tf32 which one of two):
//   16- and 32-bit types: rows g and g + 8 share a word, low half and high half. Four nibbles a row: in lane 4g + selector.
//   Eight: the first four in lane 4g + 2 selector, the others in the next.
//   8- and 4-bit types: a row has its own words of eight nibbles: lane 4g + 2 selector for row g, the next for row g + 8; with
//   sixteen nibbles, lanes 4g and 4g + 1 for the first eight of both rows, 4g + 2 and 4g + 3 for the others.
#include <string>

#include "fragments.h"
#include "metadata.h"
#include "mma_integer.h"
#include "model_error.h"
#include "tensor_core.h"

namespace sinter::sim {

void read_metadata(Element type, int k, bool ordered, const uint32_t* metadata, uint32_t selector, uint8_t* pick,
                   int stride) {
  const int bits = bits_of(type);
  const int group = bits == 32 ? 2 : bits == 4 ? 8 : 4;  // dense columns that a nibble speaks of
  const int groups = k / group, kept = group / 2;
  const bool shared = bits >= 16;
  const uint32_t selectors = shared ? (groups == 4 ? 4 : 2) : (groups == 8 ? 2 : 1);
  if (selector >= selectors)
    throw ModelError(ModelError::Kind::kUndefined, "sparsity selector " + std::to_string(selector) +
                                                       ", but there are " + std::to_string(selectors) +
                                                       " of this shape");
  for (int row = 0; row < 16; ++row)
    for (int i = 0; i < groups; ++i) {
      const int high = row / 8, s = static_cast<int>(selector);
      const int lane = 4 * (row % 8) + (!shared       ? high + 2 * (groups == 8 ? s : i / 8)
                                        : groups == 4 ? s
                                                      : 2 * s + i / 4);
      const uint32_t nibble = metadata[lane] >> (shared ? 16 * high + 4 * (i % 4) : 4 * (i % 8)) & 15;
      const uint32_t low = nibble & 3, next = nibble >> 2;
      if (group != 2 && (low == next || (ordered && low > next)))
        throw ModelError(ModelError::Kind::kUndefined, "sparsity metadata " + std::to_string(nibble) +
                                                           ": the two indices must " +
                                                           (ordered ? "increase" : "differ"));
      if (group == 2 && nibble != 4 && nibble != 14)
        throw ModelError(ModelError::Kind::kUndefined,
                         "sparsity metadata " + std::to_string(nibble) + ": 4 or 14 of 32-bit types");
      for (int x = 0; x < kept; ++x) {
        const int at = group == 2   ? nibble == 14
                       : group == 4 ? static_cast<int>(x ? next : low)
                                    : 2 * static_cast<int>(x < 2 ? low : next) + x % 2;
        pick[row * stride + term_of(i * kept + x, k / 2, bits)] =
            static_cast<uint8_t>(term_of(i * group + at, k, bits));
      }
    }
}

void mma_sparse(const Mma& op, Registers d, ReadRegisters a, ReadRegisters b, ReadRegisters c, const uint32_t* metadata,
                uint32_t selector) {
  const int terms = op.k / 2;
  uint32_t codes_a[16 * kMaxIntegerTerms / 2], codes_b[kMaxIntegerTerms * 8];
  codes_of_a(a, 16, terms, op.a, codes_a);
  codes_of_b(b, op.k, op.b, codes_b);
  if (op.sum == Element::kS32) {
    uint8_t pick[16 * kMaxIntegerTerms / 2];
    read_metadata(op.a, op.k, op.ordered, metadata, selector, pick, terms);
    int32_t sums[128];
    integers_from(c, 16, sums);
    integer_sums({.a = op.a,
                  .b = op.b,
                  .saturate = op.saturate,
                  .terms = terms,
                  .codes_a = codes_a,
                  .codes_b = codes_b,
                  .pick = pick},
                 sums, sums);
    return integers_to(sums, 16, d);
  }
  uint8_t pick[16][kMaxTerms];
  read_metadata(op.a, op.k, op.ordered, metadata, selector, pick[0], kMaxTerms);
  TensorRows rows;
  TensorColumns columns;
  decode_rows(op.a, codes_a, terms, rows);
  decode_columns(op.b, codes_b, op.k, columns);
  rows.pick = pick;
  float sums[128];
  sums_from(c, op.sum, sums);
  if (bits_of(op.a) == 8)
    float8_sums(rows, columns, terms, op.sum, sums, sums);
  else
    tensor_sums(rows, columns, 0, terms, sums, sums, {.to_f16 = op.sum == Element::kF16});
  sums_to(sums, op.sum, d);
}

}  // namespace sinter::sim
