// Tensor maps: the 128 bytes that cuTensorMapEncodeTiled and cuTensorMapEncodeIm2col write, and what cp.async.bulk.tensor does
// with them. Place in the whole: the driver's calls encode (driver_tensor_map.cpp), the executor decodes the bytes that an
// instruction points to and moves what Tile says. The bits are those of driver 580 for compute capability 9.0
// (test/golden/ptx/manifest.json has 32 encodings).
#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace sinter::sim {

// As the driver's arguments have it: the innermost dimension first; strides in bytes, of dimensions 1 and up.
struct TensorMap {
  int type = 0;  // CUtensorMapDataType
  int rank = 0;  // 1 to 5
  uint64_t address = 0;
  uint64_t dims[5] = {};                                     // elements, 1 to 2^32
  uint64_t strides[5] = {};                                  // strides[0] is unused
  uint32_t box[5] = {};                                      // tiled
  uint32_t steps[5] = {};                                    // element strides
  int interleave = 0, swizzle = 0, promotion = 0, fill = 0;  // the driver's enumerations
  bool im2col = false;
  int lower[3] = {}, upper[3] = {};   // corners of the box of pixels, innermost spatial dimension first
  uint32_t channels = 0, pixels = 0;  // of a column

  int element_bytes() const;
};

// Fills [bytes] (128 of them); an empty string, or why the arguments are invalid (CUDA_ERROR_INVALID_VALUE).
std::string encode_tensor_map(const TensorMap& map, void* bytes);
// Throws ModelError where the bytes are no tensor map that encode_tensor_map wrote.
TensorMap decode_tensor_map(const void* bytes);

// What an instruction moves: pieces of at most 16 bytes of the box, in the order of shared memory.
struct TilePiece {
  uint64_t global = 0;  // address; where inside
  uint32_t shared = 0;  // address
  uint32_t bytes = 0;
  bool inside = false;  // else the load writes fill, and the store leaves it out
};

enum class TileAccess { kLoad, kStore, kReduce };

// Calls see() for each piece of the box at [coordinates] (rank of them, innermost first), shared memory from [shared] on; for
// im2col, [offsets] has rank - 2. Throws ModelError where a device faults. Returns the bytes that a load's mbarrier counts.
uint32_t for_each_piece(const TensorMap& map, TileAccess access, const int32_t* coordinates, const uint16_t* offsets,
                        uint32_t shared, const std::function<void(const TilePiece&)>& see);

// The bytes that a piece outside of the tensor gets.
void fill_outside(const TensorMap& map, void* bytes, uint32_t count);

}  // namespace sinter::sim
