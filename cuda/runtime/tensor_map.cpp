#include "cuda/runtime/tensor_map.h"

#include <cstring>

#include "cuda/runtime/driver.h"
#include "engine/error.h"

namespace sinter::cuda {

TensorMap make_tensor_map(const TensorBoxes& boxes) {
  // The driver wants its alignment kept, and a value that is returned lies where the caller's compiler has put it (GCC 12: anywhere).
  uint64_t room[2 * sizeof(TensorMap) / 8];
  const auto start = (reinterpret_cast<uintptr_t>(room) + alignof(TensorMap) - 1) / alignof(TensorMap);
  TensorMap* aligned = reinterpret_cast<TensorMap*>(start * alignof(TensorMap));
  const uint32_t box[4] = {kTensorBoxElements, boxes.rows, 1, 1}, steps[4] = {1, 1, 1, 1};
  const CUresult status = driver().tensor_map_tiled(aligned, boxes.bf16 ? TensorMapType::bf16 : TensorMapType::f16, 4,
                                                    const_cast<void*>(boxes.data), boxes.dims, boxes.strides, box,
                                                    steps, TensorMapInterleave::none, TensorMapSwizzle::bytes_128,
                                                    TensorMapPromotion::l2_128, TensorMapFill::zeros);
  if (status != CUresult::success) {
    const auto number = [](uint64_t n) { return static_cast<unsigned long long>(n); };
    fail(ErrorCode::internal,
         "CUDA refused to describe a tensor of %llu x %llu x %llu x %llu, strides %llu, %llu and %llu bytes, in "
         "boxes of %u rows: %s",
         number(boxes.dims[0]), number(boxes.dims[1]), number(boxes.dims[2]), number(boxes.dims[3]),
         number(boxes.strides[0]), number(boxes.strides[1]), number(boxes.strides[2]), boxes.rows,
         describe(status).c_str());
  }
  TensorMap map;
  std::memcpy(&map, aligned, sizeof map);
  return map;
}

}  // namespace sinter::cuda
