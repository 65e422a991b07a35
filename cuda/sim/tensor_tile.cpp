// What cp.async.bulk.tensor moves. Place in the whole: tensor_map.h's for_each_piece and fill_outside.
//
// A box lies in shared memory row by row, the innermost dimension along a row; a row narrower than the swizzle's span is put a
// span from the next. The swizzle exclusive-ors bits 4 to 6 of the shared address with bits 7 to 9 (one, two or three of them).
#include <algorithm>
#include <string>

#include "model_error.h"
#include "tensor_map.h"

namespace sinter::sim {
namespace {

using Kind = ModelError::Kind;

// The rows of a box as they come: where they are in the tensor, innermost dimension aside.
class Rows {
 public:
  virtual ~Rows() = default;
  int64_t offset = 0;  // bytes from the tensor's start
  bool inside = true;
  virtual bool next() = 0;  // false behind the last
};

class TiledRows : public Rows {
 public:
  TiledRows(const TensorMap& map, const int32_t* coordinates) : map_(map), start_(coordinates) {}

  bool next() override {
    if (first_) {
      first_ = false;
    } else {
      int i = 1;
      for (; i < map_.rank; ++i) {
        at_[i] += map_.steps[i];
        if (at_[i] < map_.box[i]) break;
        at_[i] = 0;
      }
      if (i == map_.rank) return false;
    }
    offset = 0;
    inside = true;
    for (int i = 1; i < map_.rank; ++i) {
      const int64_t c = int64_t{start_[i]} + at_[i];
      inside &= c >= 0 && c < static_cast<int64_t>(map_.dims[i]);
      offset += c * static_cast<int64_t>(map_.strides[i]);
    }
    return true;
  }

 private:
  const TensorMap& map_;
  const int32_t* start_;
  uint32_t at_[5] = {};
  bool first_ = true;
};

// Pixels in raster order from a corner of the filter's first position on, each moved by the offset within the filter. The
// positions stay in the box from `lower` to `upper` less than the last pixel.
class Im2colRows : public Rows {
 public:
  Im2colRows(const TensorMap& map, const int32_t* coordinates, const uint16_t* offsets) : map_(map), offsets_(offsets) {
    for (int i = 1; i < map.rank; ++i) at_[i] = coordinates[i];
  }

  bool next() override {
    if (done_ == map_.pixels) return false;
    if (done_++) advance();
    offset = 0;
    inside = true;
    for (int i = 1; i < map_.rank; ++i) {
      const bool spatial = i < map_.rank - 1;
      const int64_t c = at_[i] + (spatial && offsets_ ? int64_t{offsets_[i - 1]} : 0);
      inside &= c >= 0 && c < static_cast<int64_t>(map_.dims[i]);
      offset += c * static_cast<int64_t>(map_.strides[i]);
    }
    return true;
  }

 private:
  void advance() {
    for (int i = 1; i < map_.rank - 1; ++i) {
      at_[i] += map_.steps[i];
      if (at_[i] < static_cast<int64_t>(map_.dims[i]) + map_.upper[i - 1]) return;
      at_[i] = map_.lower[i - 1];
    }
    ++at_[map_.rank - 1];
  }

  const TensorMap& map_;
  const uint16_t* offsets_;
  int64_t at_[5] = {};
  uint32_t done_ = 0;
};

void check(const TensorMap& map, TileAccess access, const int32_t* coordinates, uint32_t shared) {
  if (map.interleave) throw ModelError(Kind::kUndefined, "interleaved tensor maps are not modelled");
  if (int64_t{coordinates[0]} * map.element_bytes() % 16)
    throw ModelError(Kind::kIllegalInstruction, "a box of a tensor map starts at element " +
                                                    std::to_string(coordinates[0]) +
                                                    " of the innermost dimension, which is no multiple of 16 bytes");
  if (access != TileAccess::kLoad)
    for (int i = 0; i < map.rank; ++i)
      if (coordinates[i] < 0 && !map.im2col)
        throw ModelError(Kind::kIllegalInstruction,
                         "a store through a tensor map starts at coordinate " + std::to_string(coordinates[i]));
  if (shared % 128)
    throw ModelError(Kind::kMisaligned,
                     "the box's shared address is " + std::to_string(shared % 128) + " bytes beyond a multiple of 128");
}

}  // namespace

uint32_t for_each_piece(const TensorMap& map, TileAccess access, const int32_t* coordinates, const uint16_t* offsets,
                        uint32_t shared, const std::function<void(const TilePiece&)>& see) {
  check(map, access, coordinates, shared);
  TiledRows tiled(map, coordinates);
  Im2colRows im2col(map, coordinates, offsets);
  Rows& rows = map.im2col ? static_cast<Rows&>(im2col) : tiled;
  const int64_t size = map.element_bytes();
  const uint32_t row_bytes = (map.im2col ? map.channels : map.box[0]) * static_cast<uint32_t>(size);
  const uint32_t span = map.swizzle ? 16u << map.swizzle : 0;
  const int64_t first = coordinates[0] * size, past = static_cast<int64_t>(map.dims[0]) * size;
  uint32_t at = shared, moved = 0;
  while (rows.next()) {
    for (uint32_t byte = 0; byte < row_bytes; byte += 16) {
      const uint32_t address = at + byte;
      TilePiece piece;
      piece.shared = span ? address ^ (((address >> 7) & (span / 16 - 1)) << 4) : address;
      const int64_t in_row = first + byte;
      // The tensor may end within 16 bytes; it never starts within.
      const int64_t there = rows.inside && in_row >= 0 ? std::min<int64_t>(std::max<int64_t>(past - in_row, 0), 16) : 0;
      piece.global = map.address + static_cast<uint64_t>(rows.offset + in_row);
      piece.inside = true;
      piece.bytes = static_cast<uint32_t>(there);
      if (there) see(piece);
      piece.inside = false;
      piece.shared += static_cast<uint32_t>(there);
      piece.bytes = static_cast<uint32_t>(16 - there);
      if (there < 16) see(piece);
    }
    at += std::max(row_bytes, span);
    moved += row_bytes;
  }
  return moved;
}

void fill_outside(const TensorMap& map, void* bytes, uint32_t count) {
  constexpr uint8_t kNaN[] = {0xF7, 0x7F};  // of every float type
  for (uint32_t i = 0; i < count; ++i) static_cast<uint8_t*>(bytes)[i] = map.fill ? kNaN[i % 2] : 0;
}

}  // namespace sinter::sim
