// wgmma.mma_async: a warp's 16 rows of 64 x n, eight columns at a time. Place in the whole: one of matrix.h's models, on the sums
// of tensor_core.cpp and mma_integer.cpp.
//
// Matrices in shared memory consist of pieces of 16 bytes along their contiguous dimension ("inner"): k, or rows of A and
// columns of B where they are transposed. Eight pieces, of eight neighbours in the other dimension ("outer"), are a core matrix.
#include <array>
#include <cstring>
#include <string>

#include "fragments.h"
#include "metadata.h"
#include "mma_integer.h"
#include "model_error.h"
#include "tensor_core.h"

namespace sinter::sim {
namespace {

using Piece = std::array<uint8_t, 16>;

constexpr uint32_t kWindow = 1 << 18;  // what 14 bits of 16 bytes reach: descriptors know shared addresses modulo this

// PTX ISA, "Matrix Descriptor Format" of wgmma; confirmed by the recordings.
struct SharedMatrix {
  SharedMatrix(uint64_t descriptor, bool transposed, int bytes)
      : start(static_cast<uint32_t>(descriptor & 0x3FFF) << 4),
        lead(static_cast<uint32_t>(descriptor >> 16 & 0x3FFF) << 4),
        stride(static_cast<uint32_t>(descriptor >> 32 & 0x3FFF) << 4),
        base(static_cast<uint32_t>(descriptor >> 49 & 7)), span(kSpans[descriptor >> 62]), transposed(transposed),
        per_piece(16 / bytes) {}

  // The address, modulo kWindow, of piece [inner] (in units of 16 bytes) of line [outer].
  uint32_t address(int inner, int outer) const {
    const uint32_t line = static_cast<uint32_t>(outer) % 8, block = static_cast<uint32_t>(outer) / 8;
    const uint32_t piece = static_cast<uint32_t>(inner);
    if (!span) return start + line * 16 + piece * (transposed ? stride : lead) + block * (transposed ? lead : stride);
    const uint32_t in_span = span / 16;
    const uint32_t at = start + line * span + block * stride +
                        (transposed ? piece % in_span * 16 + piece / in_span * lead : piece * 16);
    return at ^ (((at >> 7) - base) & (in_span - 1)) << 4;
  }

  static constexpr uint32_t kSpans[] = {0, 128, 64, 32};  // bytes of a swizzled line
  uint32_t start, lead, stride, base, span;
  bool transposed;
  int per_piece;  // elements
};

Piece read(SharedBytes shared, uint32_t address) {
  const uint32_t at = (address - shared.base) & (kWindow - 1);
  if (at + 16 > shared.bytes || at + 16 < at)
    throw ModelError(ModelError::Kind::kOutOfBounds,
                     "wgmma reads 16 bytes at offset " + std::to_string(at) + " of a block's shared memory of " +
                         std::to_string(shared.bytes) + " bytes: a descriptor is wrong");
  Piece piece;
  std::memcpy(piece.data(), shared.data + at, 16);
  return piece;
}

// The element's code as fragments.h has them; b1 as words.
uint32_t code_of(const Piece& piece, int i, Element type, uint32_t flip) {
  const int bytes = type == Element::kB1 ? 4 : bits_of(type) / 8;
  uint32_t code = 0;
  std::memcpy(&code, piece.data() + i * bytes, static_cast<size_t>(bytes));
  return (type == Element::kTF32 ? code >> 13 : code) ^ flip;
}

// Calls see(piece's address, line of 8 or 16, first k, whether elements go along k) for each piece of [lines] rows or columns
// from line [first] on; k elements a line.
template <class See>
void for_each_piece(const SharedMatrix& m, int first, int lines, int k, See&& see) {
  if (m.transposed)
    for (int outer = 0; outer < k; ++outer)
      for (int line = 0; line < lines; line += m.per_piece)
        see(m.address((first + line) / m.per_piece, outer), line, outer);
  else
    for (int line = 0; line < lines; ++line)
      for (int inner = 0; inner < k; inner += m.per_piece)
        see(m.address(inner / m.per_piece, first + line), line, inner);
}

// Codes of the matrix: put(line, k, code).
template <class Put>
void read_codes(const SharedMatrix& m, SharedBytes shared, Element type, bool negate, int first, int lines, int k,
                Put&& put) {
  const int bits = type == Element::kTF32 ? 19 : bits_of(type);
  const uint32_t flip = negate ? 1u << (bits - 1) : 0;
  for_each_piece(m, first, lines, k, [&](uint32_t address, int line, int at_k) {
    const Piece piece = read(shared, address);
    for (int i = 0; i < m.per_piece; ++i)
      put(m.transposed ? line + i : line, m.transposed ? at_k : at_k + i, code_of(piece, i, type, flip));
  });
}

// Elements a row of A has, a column of B: b1 counts words.
struct Extents {
  explicit Extents(const Wgmma& op)
      : bytes(op.a == Element::kB1 ? 4 : bits_of(op.a) / 8), b(op.a == Element::kB1 ? op.k / 32 : op.k),
        a(op.sparse ? b / 2 : b) {}
  int bytes, b, a;
};

}  // namespace

void wgmma(const Wgmma& op, int warp, Registers d, const WgmmaOperands& operands, SharedBytes shared) {
  const Extents k(op);
  const int bits = 8 * k.bytes;
  const bool integer = op.sum == Element::kS32;
  uint32_t codes_a[16 * kMaxTerms], codes_b[kMaxTerms * 8];
  if (operands.a) {
    codes_of_a(operands.a, 16, k.a, op.a == Element::kB1 ? Element::kS32 : op.a, codes_a);
    if (operands.negate_a)
      for (int i = 0; i < 16 * k.a; ++i) codes_a[i] ^= 1u << (op.a == Element::kTF32 ? 18 : bits - 1);
  } else {
    read_codes({operands.descriptor_a, operands.transpose_a, k.bytes}, shared, op.a, operands.negate_a, 16 * warp, 16,
               k.a, [&](int row, int at, uint32_t code) { codes_a[row * k.a + term_of(at, k.a, bits)] = code; });
  }
  uint8_t pick[16][kMaxTerms];
  if (op.sparse)
    read_metadata(op.a, op.k, true, operands.metadata, operands.selector, pick[0], integer ? k.a : kMaxTerms);
  TensorRows rows;
  if (!integer) decode_rows(op.a, codes_a, k.a, rows);
  if (op.sparse) rows.pick = pick;
  const TensorRounding rounding{.fraction = bits == 8 ? 13 : 25,
                                .significand = bits == 8 ? 14 : 24,  // of 8-bit floats it keeps less
                                .to_f16 = op.sum == Element::kF16};
  const SharedMatrix b(operands.descriptor_b, operands.transpose_b, k.bytes);
  for (int block = 0; block < op.n / 8; ++block) {
    read_codes(b, shared, op.b, operands.negate_b, 8 * block, 8, k.b,
               [&](int col, int at, uint32_t code) { codes_b[term_of(at, k.b, bits) * 8 + col] = code; });
    const Registers at = d + block * (op.sum == Element::kF16 ? 2 : 4);
    if (integer) {
      int32_t sums[128] = {};
      if (operands.accumulate) integers_from(at, 16, sums);
      integer_sums({.a = op.a,
                    .b = op.b,
                    .saturate = op.saturate,
                    .terms = k.a,
                    .codes_a = codes_a,
                    .codes_b = codes_b,
                    .pick = op.sparse ? pick[0] : nullptr},
                   sums, sums);
      integers_to(sums, 16, at);
    } else {
      TensorColumns columns;
      decode_columns(op.b, codes_b, k.b, columns);
      float sums[128] = {};
      if (operands.accumulate) sums_from(at, op.sum, sums);
      tensor_sums(rows, columns, 0, k.a, sums, sums, rounding);
      sums_to(sums, op.sum, at);
    }
  }
}

void wgmma_reads(const Wgmma& op, int warp, const WgmmaOperands& operands, void (*see)(void* context, uint32_t address),
                 void* context) {
  const Extents k(op);
  const auto tell = [&](uint32_t address, int, int) { see(context, address & (kWindow - 1)); };
  if (!operands.a)
    for_each_piece(SharedMatrix(operands.descriptor_a, operands.transpose_a, k.bytes), 16 * warp, 16, k.a, tell);
  for_each_piece(SharedMatrix(operands.descriptor_b, operands.transpose_b, k.bytes), 0, op.n, k.b, tell);
}

}  // namespace sinter::sim
