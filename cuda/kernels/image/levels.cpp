// lookup, equalizing. Place in the whole: host side of levels.cu; contract as in native/cpu/image/lookup.cpp.
#include "cuda/kernels/image/levels.h"

#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_levels;

namespace {

constinit Kernel lookup_kernel{image_levels, "lookup_u8"};
constinit Kernel count_kernel{image_levels, "count_levels"};
constinit Kernel table_kernel{image_levels, "equalizing_tables"};

Levels levels_of(const TensorRef& x, const char* op) {
  if (x.dtype != DType::u8)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(x.dtype));
  const int64_t m = x.dims[1];
  // A plane may begin up to 15 bytes behind a multiple of 16.
  return {x.as<const uint8_t>(), m, split_of((m + kLevelBytes - 1 + kLevelBlock - 1) / kLevelBlock)};
}

}  // namespace

SINTER_CUDA_OP(lookup) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  const Levels p = levels_of(x, "lookup");
  if (y.numel == 0) return;
  launch(call, lookup_kernel, Dim(x.dims[0] * p.blocks.size), Dim(kImageThreads), 0, p, call.in[1].as<const uint8_t>(),
         y.as<uint8_t>());
}

SINTER_CUDA_OP(equalizing) {
  const TensorRef &x = call.in[0], &table = call.out[0];
  const Levels p = levels_of(x, "equalizing");
  const int64_t planes = x.dims[0];
  if (planes == 0) return;
  if (p.m > UINT32_MAX)
    fail(ErrorCode::unsupported, "equalizing: a plane of %lld pixels, at most 2^32 - 1", static_cast<long long>(p.m));
  uint32_t* counts = call.scratch_of<uint32_t>(planes * kLevels);
  set_bytes(call, counts, 0, static_cast<size_t>(planes * kLevels) * sizeof(uint32_t));
  launch(call, count_kernel, Dim(planes * p.blocks.size), Dim(kImageThreads), 0, p, counts);
  launch(call, table_kernel, Dim(planes), Dim(kLevels), 0, static_cast<const uint32_t*>(counts), p.m,
         table.as<uint8_t>());
}

}  // namespace sinter::cuda
