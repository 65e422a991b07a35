// Tensor maps: how copies of whole boxes find a tensor in memory (compute capability 9.0). Place in the whole: made on the host, handed to
// kernels as a parameter (`const __grid_constant__`), read by the instructions of cuda/kernels/ptx_sm90.cuh.
#pragma once
#include <cstdint>

namespace sinter::cuda {

// The driver's CUtensorMap, which CUDA 12 aligned to 64 bytes.
struct alignas(128) TensorMap {
  uint64_t opaque[16];
};

// A tensor of 16-bit floating-point numbers of four dimensions, the innermost first, and the box that a copy brings: its innermost extent is
// 128 bytes, whose 16 bytes are exchanged among eight such rows (swizzled), as wgmma wants them.
struct TensorBoxes {
  const void* data = nullptr;  // at a multiple of 16 bytes
  bool bf16 = false;           // else f16
  uint64_t dims[4] = {1, 1, 1, 1};
  uint64_t strides[3] = {16, 16,
                         16};  // bytes, of all dimensions but the first: multiples of 16 below kMostTensorStride
  uint32_t rows = 1;           // of a box, along the second dimension: 256 at most
};
constexpr uint64_t kMostTensorStride = uint64_t{1} << 40;
constexpr uint64_t kTensorBoxElements = 64;

// Throws Error: what the driver says.
TensorMap make_tensor_map(const TensorBoxes& boxes);

}  // namespace sinter::cuda
