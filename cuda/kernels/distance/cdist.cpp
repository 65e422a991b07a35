// Host side of cdist.cu; contract as in native/cpu/linalg/cdist.cpp.
#include "cuda/kernels/distance/cdist.h"

#include <algorithm>
#include <cmath>

#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_cdist;

namespace {

enum Norm { kOnes, kAbsolute, kSquares, kLargest, kPowers };

#define SINTER_DISTANCES(way, type)                                                         \
  {image_cdist, "cdist_" way "_ones_" type}, {image_cdist, "cdist_" way "_absolute_" type}, \
      {image_cdist, "cdist_" way "_squares_" type}, {                                       \
    image_cdist, "cdist_" way "_largest_" type                                              \
  }
constinit Kernel tile_kernels[2][kPowers + 1] = {
    {SINTER_DISTANCES("tiles", "f32"), {image_cdist, "cdist_tiles_powers_f32"}},
    {SINTER_DISTANCES("tiles", "f64"), {image_cdist, "cdist_tiles_powers_f64"}}};
constinit Kernel pair_kernels[2][kPowers] = {{SINTER_DISTANCES("pairs", "f32")}, {SINTER_DISTANCES("pairs", "f64")}};

Norm norm_of(double p) {
  if (p == 0) return kOnes;
  if (p == 1) return kAbsolute;
  if (p == 2) return kSquares;
  return std::isinf(p) ? kLargest : kPowers;
}

// Where a side has few rows most of a tile's pairs are none; rows are to be long enough for the lanes of a warp.
constexpr int64_t kFewRows = 8, kLongRow = 64;

}  // namespace

SINTER_CUDA_OP(cdist) {
  const TensorRef &a = call.in[0], &b = call.in[1], &y = call.out[0];
  if (a.dtype != DType::f32 && a.dtype != DType::f64)
    fail(ErrorCode::unsupported, "cdist: dtype %s is not supported on cuda", dtype_name(a.dtype));
  if (y.numel == 0) return;
  DistanceShape shape{};
  shape.m = a.dim(-2), shape.n = b.dim(-2), shape.d = a.dim(-1), shape.p = call.attr[0];
  shape.batch = y.numel / (shape.m * shape.n);
  const auto bytes = reinterpret_cast<uintptr_t>(a.data) | reinterpret_cast<uintptr_t>(b.data) |
                     static_cast<uintptr_t>(shape.d) * dtype_size(a.dtype);
  shape.packed = bytes % 16 == 0;
  const Norm norm = norm_of(shape.p);
  const int kind = a.dtype == DType::f64;
  const Dim block(kDistanceThreads);
  if (norm != kPowers && std::min(shape.m, shape.n) <= kFewRows && shape.d >= kLongRow) {
    constexpr int64_t kPairs = kDistanceThreads / 32;
    launch(call, pair_kernels[kind][norm], Dim((y.numel + kPairs - 1) / kPairs), block, 0, shape, a.data, b.data,
           y.data);
    return;
  }
  const int64_t side = norm == kPowers ? kDistanceSide<1> : kind ? kDistanceSide<2> : kDistanceSide<4>;
  const int64_t tiles = (shape.m + side - 1) / side * ((shape.n + side - 1) / side);
  launch(call, tile_kernels[kind][norm], Dim(shape.batch * tiles), block, 0, shape, a.data, b.data, y.data);
}

}  // namespace sinter::cuda
