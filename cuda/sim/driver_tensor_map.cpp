// cuTensorMapEncode*: checks of pointers here, everything else by the encoder.
#include <algorithm>
#include <cstring>

#include "state.h"
#include "tensor_map.h"

namespace sinter::sim::driver {

namespace {

// What both kinds of map have in common.
struct Common {
  CUtensorMapDataType type;
  cuuint32_t rank;
  void* address;
  const cuuint64_t *dims, *strides;
  const cuuint32_t* steps;
  CUtensorMapInterleave interleave;
  CUtensorMapSwizzle swizzle;
  CUtensorMapL2promotion promotion;
  CUtensorMapFloatOOBfill fill;
};

TensorMap filled(const Common& it) {
  require(it.rank >= 1 && it.rank <= 5 && it.dims && it.steps && (it.rank == 1 || it.strides));
  TensorMap map;
  map.type = it.type;
  map.rank = static_cast<int>(it.rank);
  map.address = reinterpret_cast<uint64_t>(it.address);
  std::copy_n(it.dims, it.rank, map.dims);
  if (it.rank > 1) std::copy_n(it.strides, it.rank - 1, map.strides + 1);
  std::copy_n(it.steps, it.rank, map.steps);
  map.interleave = it.interleave;
  map.swizzle = it.swizzle;
  map.promotion = it.promotion;
  map.fill = it.fill;
  return map;
}

void encode(CUtensorMap* out, const TensorMap& map) {
  require(out && reinterpret_cast<uintptr_t>(out) % 64 == 0);
  CUtensorMap bytes{};
  require(encode_tensor_map(map, &bytes).empty());
  *out = bytes;
}

}  // namespace

CUresult cuTensorMapEncodeTiled(CUtensorMap* out, CUtensorMapDataType type, cuuint32_t rank, void* address,
                                const cuuint64_t* dims, const cuuint64_t* strides, const cuuint32_t* box,
                                const cuuint32_t* steps, CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
                                CUtensorMapL2promotion promotion, CUtensorMapFloatOOBfill fill) {
  return entry(Needs::kDriver, [&] {
    TensorMap map = filled({type, rank, address, dims, strides, steps, interleave, swizzle, promotion, fill});
    require(box != nullptr);
    std::copy_n(box, rank, map.box);
    encode(out, map);
  });
}

CUresult cuTensorMapEncodeIm2col(CUtensorMap* out, CUtensorMapDataType type, cuuint32_t rank, void* address,
                                 const cuuint64_t* dims, const cuuint64_t* strides, const int* lower, const int* upper,
                                 cuuint32_t channels, cuuint32_t pixels, const cuuint32_t* steps,
                                 CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
                                 CUtensorMapL2promotion promotion, CUtensorMapFloatOOBfill fill) {
  return entry(Needs::kDriver, [&] {
    TensorMap map = filled({type, rank, address, dims, strides, steps, interleave, swizzle, promotion, fill});
    require(rank >= 3 && lower && upper);
    map.im2col = true;
    std::copy_n(lower, rank - 2, map.lower);
    std::copy_n(upper, rank - 2, map.upper);
    map.channels = channels;
    map.pixels = pixels;
    encode(out, map);
  });
}

CUresult cuTensorMapReplaceAddress(CUtensorMap* out, void* address) {
  return entry(Needs::kDriver, [&] {
    require(out != nullptr);
    TensorMap map;
    try {
      map = decode_tensor_map(out);
    } catch (const std::exception&) {
      refuse(CUDA_ERROR_INVALID_VALUE);
    }
    map.address = reinterpret_cast<uint64_t>(address);
    encode(out, map);
  });
}

}  // namespace sinter::sim::driver
