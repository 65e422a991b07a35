// A tensor map's 128 bytes. Place in the whole: tensor_map.h's encoding and its inverse; tensor_tile.cpp moves by it.
//
// As driver 580 writes them for compute capability 9.0, in words of 32 bits:
//   0, 1    address
//   2       bit 0 im2col, 4 rank - 1, 7 type, 11 interleave, 13 swizzle, 15 fill, 17 promotion
//   3 to 6  strides of dimensions 1 to 4, in 16 bytes; their bits 32 to 35 in the nibbles of 7
//   8 to 12 dimensions less 1
//   13      element strides less 1, three bits each; from bit 24 the box's first extent (im2col: channels) less 1
//   14      tiled: the box's other extents less 1, a byte each; im2col: lower corner, upper corner in the high half
//   15      im2col: pixels less 1
//   16      bytes of a box, extents divided by element strides without a remainder
//   18      the swizzle's period: 16 bytes without, else 8 rows
// Not confirmed by a recording: word 7, the types of tf32 and of f32 with ftz, corners of other than two dimensions.
#include "tensor_map.h"

#include <array>
#include <cstring>

#include "model_error.h"

namespace sinter::sim {
namespace {

struct MapType {
  int bytes;
  uint32_t code;
  bool is_float;
};
// By CUtensorMapDataType: u8, u16, u32, s32, u64, s64, f16, f32, f64, bf16, f32 ftz, tf32, tf32 ftz.
constexpr std::array<MapType, 13> kTypes{{{1, 0, false},
                                          {2, 1, false},
                                          {4, 2, false},
                                          {4, 3, false},
                                          {8, 4, false},
                                          {8, 5, false},
                                          {2, 6, true},
                                          {4, 7, true},
                                          {8, 9, true},
                                          {2, 10, true},
                                          {4, 8, true},
                                          {4, 11, true},
                                          {4, 12, true}}};
constexpr uint32_t kSwizzleBytes[] = {16, 32, 64, 128};

using Words = std::array<uint32_t, 32>;

// How corners of im2col are packed: bits each, in one half of a word.
int corner_bits(int rank) { return rank == 3 ? 16 : rank == 4 ? 8 : 5; }

uint32_t packed_corner(const int* corner, int rank) {
  const int bits = corner_bits(rank);
  uint32_t packed = 0;
  for (int i = 0; i < rank - 2; ++i) packed |= (static_cast<uint32_t>(corner[i]) & ((1u << bits) - 1)) << (bits * i);
  return packed;
}

void unpack_corner(uint32_t packed, int rank, int* corner) {
  const int bits = corner_bits(rank);
  for (int i = 0; i < rank - 2; ++i) corner[i] = static_cast<int32_t>(packed << (32 - bits * (i + 1))) >> (32 - bits);
}

uint32_t period(const TensorMap& map) { return map.swizzle ? 8 * kSwizzleBytes[map.swizzle] : 16; }

std::string out_of_range(const std::string& what, uint64_t value, const std::string& range) {
  return what + " is " + std::to_string(value) + "; it must be " + range;
}

// What im2col asks for beyond a tiled map.
std::string check_im2col(const TensorMap& map) {
  if (map.rank < 3) return out_of_range("tensorRank", static_cast<uint64_t>(map.rank), "3, 4 or 5 with im2col");
  const int limit = 1 << (corner_bits(map.rank) - 1);
  for (int i = 0; i < map.rank - 2; ++i) {
    for (const int corner : {map.lower[i], map.upper[i]})
      if (corner < -limit || corner >= limit)
        return "a corner of the pixel box is " + std::to_string(corner) + "; it must be in [" + std::to_string(-limit) +
               ", " + std::to_string(limit - 1) + "] with rank " + std::to_string(map.rank);
    if (static_cast<int64_t>(map.dims[i + 1]) + map.upper[i] - map.lower[i] <= 0) return "the box of pixels is empty";
  }
  if (map.channels == 0 || map.channels > 256) return out_of_range("channelsPerPixel", map.channels, "1 to 256");
  if (map.pixels == 0 || map.pixels > 1024) return out_of_range("pixelsPerColumn", map.pixels, "1 to 1024");
  return {};
}

// The requirements which cuda.h states.
std::string check(const TensorMap& map) {
  if (map.type < 0 || map.type >= static_cast<int>(kTypes.size()))
    return out_of_range("tensorDataType", static_cast<uint64_t>(map.type), "a type of compute capability 9.0");
  if (map.rank < 1 || map.rank > 5) return out_of_range("tensorRank", static_cast<uint64_t>(map.rank), "1 to 5");
  if (map.interleave < 0 || map.interleave > 2 || map.promotion < 0 || map.promotion > 3 || map.fill < 0 ||
      map.fill > 1 || map.swizzle < 0 || map.swizzle > 3)
    return "interleave, swizzle, l2Promotion or oobFill is no value of compute capability 9.0";
  const uint64_t unit = map.interleave == 2 ? 32 : 16;
  if (map.address % unit) return "globalAddress is not a multiple of " + std::to_string(unit);
  if (map.interleave && map.rank < 3) return "interleaved tensors have a rank of 3 or more";
  if (map.interleave == 2 && map.swizzle != 1) return "CU_TENSOR_MAP_INTERLEAVE_32B needs CU_TENSOR_MAP_SWIZZLE_32B";
  if (map.fill && !kTypes[static_cast<size_t>(map.type)].is_float) return "oobFill of NaN is for float types";
  for (int i = 0; i < map.rank; ++i) {
    if (map.dims[i] == 0 || map.dims[i] > uint64_t{1} << 32) return out_of_range("globalDim", map.dims[i], "1 to 2^32");
    if (i && (map.strides[i] % unit || map.strides[i] >= uint64_t{1} << 40))
      return out_of_range("globalStrides", map.strides[i], "a multiple of " + std::to_string(unit) + " below 2^40");
    if (map.steps[i] == 0 || map.steps[i] > 8) return out_of_range("elementStrides", map.steps[i], "1 to 8");
    if (!map.im2col && (map.box[i] == 0 || map.box[i] > 256)) return out_of_range("boxDim", map.box[i], "1 to 256");
  }
  if (map.im2col)
    if (std::string why = check_im2col(map); !why.empty()) return why;
  const uint32_t inner = (map.im2col ? map.channels : map.box[0]) * static_cast<uint32_t>(map.element_bytes());
  if (map.interleave == 0 && inner % 16)
    return out_of_range("the box's innermost extent in bytes", inner, "a multiple of 16");
  if (map.interleave == 0 && map.swizzle && inner > kSwizzleBytes[map.swizzle])
    return out_of_range("the box's innermost extent in bytes", inner,
                        "at most the swizzle's " + std::to_string(kSwizzleBytes[map.swizzle]));
  return {};
}

}  // namespace

int TensorMap::element_bytes() const { return kTypes[static_cast<size_t>(type)].bytes; }

std::string encode_tensor_map(const TensorMap& map, void* bytes) {
  if (std::string why = check(map); !why.empty()) return why;
  Words w{};
  const auto u = [](auto value) { return static_cast<uint32_t>(value); };
  w[0] = u(map.address);
  w[1] = u(map.address >> 32);
  w[2] = u(map.im2col) | u(map.rank - 1) << 4 | kTypes[static_cast<size_t>(map.type)].code << 7 |
         u(map.interleave) << 11 | u(map.swizzle) << 13 | u(map.fill) << 15 | u(map.promotion) << 17;
  uint32_t box_bytes = u(map.element_bytes());
  for (int i = 0; i < map.rank; ++i) {
    const size_t at = static_cast<size_t>(i);
    if (i) {
      w[2 + at] = u(map.strides[i] >> 4);
      w[7] |= u(map.strides[i] >> 36) << (4 * (i - 1));
    }
    w[8 + at] = u(map.dims[i] - 1);
    w[13] |= (map.steps[i] - 1) << (3 * i);
    if (map.im2col) continue;
    if (i)
      w[14] |= (map.box[i] - 1) << (8 * (i - 1));
    else
      w[13] |= (map.box[0] - 1) << 24;
    box_bytes *= map.box[i] / map.steps[i];
  }
  if (map.im2col) {
    w[13] |= (map.channels - 1) << 24;
    w[14] = packed_corner(map.lower, map.rank) | packed_corner(map.upper, map.rank) << 16;
    w[15] = map.pixels - 1;
    box_bytes *= map.channels * map.pixels;
  }
  w[16] = box_bytes;
  w[18] = period(map);
  std::memcpy(bytes, w.data(), sizeof w);
  return {};
}

TensorMap decode_tensor_map(const void* bytes) {
  Words w;
  std::memcpy(w.data(), bytes, sizeof w);
  TensorMap map;
  map.address = w[0] | uint64_t{w[1]} << 32;
  map.im2col = w[2] & 1;
  map.rank = static_cast<int>(w[2] >> 4 & 7) + 1;
  map.type = -1;
  for (size_t i = 0; i < kTypes.size(); ++i)
    if (kTypes[i].code == (w[2] >> 7 & 15)) map.type = static_cast<int>(i);
  map.interleave = w[2] >> 11 & 3;
  map.swizzle = w[2] >> 13 & 3;
  map.fill = w[2] >> 15 & 1;
  map.promotion = w[2] >> 17 & 3;
  for (int i = 0; i < map.rank && map.rank <= 5; ++i) {
    const size_t at = static_cast<size_t>(i);
    if (i) map.strides[i] = uint64_t{w[2 + at]} << 4 | uint64_t{w[7] >> (4 * (i - 1)) & 15} << 36;
    map.dims[i] = uint64_t{w[8 + at]} + 1;
    map.steps[i] = (w[13] >> (3 * i) & 7) + 1;
    if (!map.im2col) map.box[i] = (i ? w[14] >> (8 * (i - 1)) & 255 : w[13] >> 24) + 1;
  }
  if (map.im2col && map.rank >= 3 && map.rank <= 5) {
    map.channels = (w[13] >> 24) + 1;
    map.pixels = w[15] + 1;
    unpack_corner(w[14] & 0xFFFF, map.rank, map.lower);
    unpack_corner(w[14] >> 16, map.rank, map.upper);
  }
  Words again{};
  const std::string why = encode_tensor_map(map, again.data());
  if (!why.empty() || again != w)
    throw ModelError(ModelError::Kind::kIllegalInstruction,
                     "the 128 bytes are no tensor map of cuTensorMapEncode*" + (why.empty() ? "" : ": " + why));
  return map;
}

}  // namespace sinter::sim
