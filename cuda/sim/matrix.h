// Models of the matrix instructions: mma.sync, mma.sp, wgmma.mma_async, ldmatrix, stmatrix, movmatrix. Place in the whole: the
// executor decodes an instruction once (parse_mma, parse_wgmma), then calls these with pointers to its registers; nothing here
// knows of programs, memory spaces or scheduling.
//
// Sums are bit-equal with those of an H200 (test/golden/ptx): tensor_core.h says how it rounds.
//
// A warp's 32-bit register is 32 words, one a lane; "registers" are an array of pointers to such, one a register of the operand
// in the order in which PTX writes them. Results may be the same registers as operands: everything is read before it is written.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sinter::sim {

enum class Element : uint8_t { kF64, kF32, kTF32, kF16, kBF16, kE4M3, kE5M2, kS32, kS8, kU8, kS4, kU4, kB1 };

int bits_of(Element type);

using ReadRegisters = const uint32_t* const*;
using Registers = uint32_t* const*;

// --- mma.sync and mma.sp -------------------------------------------------------------------------------------------------

struct Mma {
  int m = 0, n = 0, k = 0;
  Element a{}, b{}, sum{};                                  // operands; accumulators and results, which have one type
  bool saturate = false;                                    // .satfinite of integers
  bool exclusive = false;                                   // b1: .xor.popc, else .and.popc
  bool sparse = false;                                      // A is 16 x k/2, with metadata
  bool ordered = false;                                     // .sp::ordered_metadata
  int registers_a = 0, registers_b = 0, registers_sum = 0;  // a lane has; of 64 bits for f64, else of 32
};

// Of the whole mnemonic, "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32". Throws std::invalid_argument, saying why, for
// what the PTX ISA does not have or this file does not model (m8n8k4 of f16, which is Volta's; .kind, block scaling).
Mma parse_mma(std::string_view mnemonic);

void mma(const Mma& op, Registers d, ReadRegisters a, ReadRegisters b, ReadRegisters c);
// Registers of 64 bits, as bits of doubles.
void mma_f64(const Mma& op, uint64_t* const* d, const uint64_t* const* a, const uint64_t* const* b,
             const uint64_t* const* c);
// The metadata register of all lanes; selector: the instruction's last operand.
void mma_sparse(const Mma& op, Registers d, ReadRegisters a, ReadRegisters b, ReadRegisters c, const uint32_t* metadata,
                uint32_t selector);

// --- wgmma.mma_async -----------------------------------------------------------------------------------------------------

struct Wgmma {
  int n = 0, k = 0;  // m is 64
  Element a{}, b{}, sum{};
  bool saturate = false, sparse = false;
  int registers_sum = 0;  // a lane has; A from registers always has 4
};

// Of "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16" and its .sp and .satfinite forms; throws as parse_mma.
Wgmma parse_wgmma(std::string_view mnemonic);

struct WgmmaOperands {
  ReadRegisters a = nullptr;  // 4 registers, or null: A comes through its descriptor
  uint64_t descriptor_a = 0, descriptor_b = 0;
  const uint32_t* metadata = nullptr;  // of sparse A
  uint32_t selector = 0;
  bool accumulate = true;                         // scale-d
  bool negate_a = false, negate_b = false;        // imm-scale of -1
  bool transpose_a = false, transpose_b = false;  // imm-trans of 1: M-major A, N-major B
};

// The bytes of a block's shared memory from the shared address [base] on.
struct SharedBytes {
  const std::byte* data = nullptr;
  uint32_t base = 0, bytes = 0;
};

// What one warp of the warpgroup computes: rows 16 * warp to 16 * warp + 15 of the 64, warp being its rank in the group.
// Throws ModelError where a descriptor leads out of shared memory.
void wgmma(const Wgmma& op, int warp, Registers d, const WgmmaOperands& operands, SharedBytes shared);

// The shared addresses which warp [warp]'s part of the instruction reads, in pieces of 16 bytes (for checkers): calls
// see(context, address) for each.
void wgmma_reads(const Wgmma& op, int warp, const WgmmaOperands& operands, void (*see)(void* context, uint32_t address),
                 void* context);

// --- matrices of 8 x 8 b16 -----------------------------------------------------------------------------------------------

// [count] 1, 2 or 4 matrices. rows[8 * i + r]: the 16 bytes of row r of matrix i; rows beyond 8 * count are not looked at.
void ldmatrix(int count, bool transpose, Registers d, const std::byte* const rows[32]);
void stmatrix(int count, bool transpose, std::byte* const rows[32], ReadRegisters source);
void movmatrix(uint32_t* d, const uint32_t* a);

}  // namespace sinter::sim
