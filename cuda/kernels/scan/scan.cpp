// Host side of the scans; contracts as in native/cpu/scan/scans.cpp.
#include "cuda/kernels/scan/scan.h"

#include <algorithm>

#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

static_assert(kF32 == static_cast<int>(DType::f32) && kBF16 == static_cast<int>(DType::bf16) &&
              kI64 == static_cast<int>(DType::i64) && kBool == static_cast<int>(DType::boolean));

extern const Image image_scan_sum, image_scan_product, image_scan_log, image_scan_extreme, image_scan_linear;

namespace {

// What is computed in.
enum Computing { kInF32, kInF64, kInI64, kWays };

struct Scans {
  const char* op;
  Floats floats;
  bool integers;
  const Kernel* rows[kWays];
  const Kernel* columns[kWays];
  size_t state_bytes[kWays];  // of the kernels' states
};

#define SINTER_SCAN_KERNELS(family, way)                                                         \
  constinit Kernel family##_##way##_rows{image_scan_##family, "scan_" #family "_" #way "_rows"}; \
  constinit Kernel family##_##way##_columns{image_scan_##family, "scan_" #family "_" #way "_columns"};
SINTER_SCAN_KERNELS(sum, f32)
SINTER_SCAN_KERNELS(sum, f64)
SINTER_SCAN_KERNELS(sum, i64)
SINTER_SCAN_KERNELS(product, f64)
SINTER_SCAN_KERNELS(product, i64)
SINTER_SCAN_KERNELS(extreme, f32)
SINTER_SCAN_KERNELS(extreme, f64)
SINTER_SCAN_KERNELS(extreme, i64)
SINTER_SCAN_KERNELS(log, f32)
SINTER_SCAN_KERNELS(log, f64)
SINTER_SCAN_KERNELS(linear, f64)

constexpr Scans kSum{"cumsum",
                     kF32InF64,
                     true,
                     {&sum_f32_rows, &sum_f64_rows, &sum_i64_rows},
                     {&sum_f32_columns, &sum_f64_columns, &sum_i64_columns},
                     {4, 8, 8}};
constexpr Scans kProduct{"cumprod",
                         kAllInF64,
                         true,
                         {nullptr, &product_f64_rows, &product_i64_rows},
                         {nullptr, &product_f64_columns, &product_i64_columns},
                         {0, 16, 8}};
constexpr Scans kExtreme{"cummax",
                         kF32InF32,
                         true,
                         {&extreme_f32_rows, &extreme_f64_rows, &extreme_i64_rows},
                         {&extreme_f32_columns, &extreme_f64_columns, &extreme_i64_columns},
                         {8, 16, 16}};
constexpr Scans kLog{"logcumsumexp",
                     kF32InF32,
                     false,
                     {&log_f32_rows, &log_f64_rows, nullptr},
                     {&log_f32_columns, &log_f64_columns, nullptr},
                     {8, 16, 0}};
constexpr Scans kLinear{
    "linearScan", kAllInF64, false, {nullptr, &linear_f64_rows, nullptr}, {nullptr, &linear_f64_columns, nullptr},
    {0, 24, 0}};

// Throws Error where the operator has no such dtype.
Computing computing(const Scans& scans, DType d) {
  if (is_complex(d) || (!scans.integers && !is_floating(d)))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", scans.op, dtype_name(d));
  if (!is_floating(d)) return kInI64;
  const bool in_f64 = d == DType::f64 || scans.floats == kAllInF64 || (d == DType::f32 && scans.floats == kF32InF64);
  return in_f64 ? kInF64 : kInF32;
}

// Parts are whole multiples of `unit` elements, at least two of them, where there are too few lines for a device.
constexpr int64_t kBusyBlocks = 1024, kBusyColumns = 65536, kColumnUnit = 128;
void cut(ScanShape& shape, int64_t lines, int64_t busy, int64_t most, int64_t unit) {
  shape.part = shape.n;
  shape.parts = 1;
  if (lines * 4 > busy || shape.n <= 4 * unit) return;
  const int64_t wanted = std::clamp<int64_t>(busy / lines, 1, most);
  const int64_t units = std::max<int64_t>(2, (shape.n + wanted * unit - 1) / (wanted * unit));
  shape.part = units * unit;
  shape.parts = static_cast<int32_t>((shape.n + shape.part - 1) / shape.part);
}

struct ScanOptions {
  bool reverse = false, smallest = false;
};

void scan(const Call& call, const Scans& scans, ScanOptions options) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  const Computing in = computing(scans, x.dtype);
  if (y.numel == 0) return;
  const Axis axis(y, call.int_attr(0));
  if (axis.n > UINT32_MAX)
    fail(ErrorCode::unsupported, "%s: an axis of %lld elements; on cuda it may have 4294967295", scans.op,
         static_cast<long long>(axis.n));
  ScanShape shape{};
  shape.outer = axis.outer, shape.n = axis.n, shape.inner = split_of(axis.inner);
  shape.storage = static_cast<int32_t>(x.dtype);
  shape.reverse = options.reverse, shape.smallest = options.smallest;
  shape.rows_per_tile = 1;
  const bool rows = axis.inner == 1;
  if (rows && axis.n <= kScanTile / 2) {
    shape.rows_per_tile = static_cast<int32_t>(kScanTile / axis.n);
    shape.row = divisor_of(static_cast<uint32_t>(axis.n));
    shape.part = kScanTile, shape.parts = 1;
  } else if (rows) {
    cut(shape, axis.outer, kBusyBlocks, kBusyBlocks, kScanTile);
  } else {
    cut(shape, axis.outer * axis.inner, kBusyColumns, 64, kColumnUnit);
  }
  const int64_t columns = axis.outer * axis.inner, tiles = (axis.outer + shape.rows_per_tile - 1) / shape.rows_per_tile;
  const Dim grid = rows ? Dim(tiles * shape.parts) : Dim((columns + kColumnThreads - 1) / kColumnThreads, shape.parts);
  const Dim block(rows ? kScanThreads : kColumnThreads);
  const Kernel& kernel = *(rows ? scans.rows : scans.columns)[in];
  void* totals = nullptr;
  const void* second = call.nin > 1 ? call.in[1].data : nullptr;
  void* places = call.nout > 1 ? call.out[1].data : nullptr;
  if (shape.parts > 1) {
    totals = call.scratch(static_cast<size_t>(columns * shape.parts) * scans.state_bytes[in]);
    shape.totals_only = 1;
    launch(call, kernel, grid, block, 0, shape, x.data, second, y.data, places, totals);
    shape.totals_only = 0;
  }
  launch(call, kernel, grid, block, 0, shape, x.data, second, y.data, places, totals);
}

}  // namespace

SINTER_CUDA_OP(cumsum) { scan(call, kSum, {.reverse = call.attr[1] != 0}); }
SINTER_CUDA_OP(cumprod) { scan(call, kProduct, {}); }
SINTER_CUDA_OP(cummax) { scan(call, kExtreme, {.smallest = call.attr[1] != 0}); }
SINTER_CUDA_OP(logcumsumexp) { scan(call, kLog, {}); }
SINTER_CUDA_OP(linearScan) { scan(call, kLinear, {.reverse = call.attr[1] != 0}); }

}  // namespace sinter::cuda
