// What groups.cu, weight_only.cu and their host sides agree on: weights of 4 or 8 bits with a scale for every group of inputs. Place in
// the whole: native/cpu/quant/groups.h describes them; they lie on a device as they do there, so that they move as they are:
//   codes   u32 (panels, words, 32)    32 / bits inputs of one output a word, the first in the lowest bits; zero beyond `in` and `out`
//   scales  f16 or bf16 (panels, groups, 32)
//   zeros   u8 (panels, groups, 32), or none: then the zero is 2^(bits - 1) for all
#pragma once
#include <cstdint>

namespace sinter::cuda {

struct GroupedWeight {
  const uint32_t* codes;
  const uint16_t* scales;
  const uint8_t* zeros;
  int64_t out, in, words, groups;
  int32_t group_shift;  // a group is 2^group_shift inputs: 32, 64 or 128
  int32_t bf16_scales;
};

constexpr int kGroupPanel = 32;  // outputs
constexpr int kGroupThreads = 256;
constexpr int kGroupWords = 8;    // of each output, that a block of the conversions has
constexpr int kQuantizeQuad = 4;  // neighbouring elements of a thread of quantize_groups

struct Fault;

// quantize_groups. A row's groups, the last one filled up, are quads; group / 4 lanes share a group.
struct GroupQuantizing {
  const void* w;
  void* codes;
  void* scales;
  uint8_t* zeros;  // null: codes are signed
  int64_t in, groups, threads;
  int32_t bits, group;
  int32_t bf16_scales;
};

// pack_groups, unpack_groups: codes (out, in) bytes, `offset` less than those in words.
struct GroupPacking {
  const void* from;
  void* to;
  Fault* fault;
  int64_t out, in, words;
  int32_t offset;
};

}  // namespace sinter::cuda
