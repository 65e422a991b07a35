#include "cuda/kernels/attention/operands.h"

#include <algorithm>
#include <cstdio>

#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/random/stream_of.h"

namespace sinter::cuda {
namespace {

long long ll(int64_t x) { return x; }

Fault* fault_of(const Call& call, ReportText text) {
  return reinterpret_cast<Fault*>(call.report(ErrorCode::index_out_of_range, text));
}

int32_t counted(int64_t n, const char* name) {
  if (n >= int64_t{1} << 30)
    fail(ErrorCode::unsupported, "%s: %lld rows of a head are more than kernels count (2^30) on cuda", name, ll(n));
  return static_cast<int32_t>(n);
}

void report_starts(const ReportRecord& r, const char* name, char* message, size_t size) {
  std::snprintf(message, size, "%s: sequence %lld takes %s %lld to %lld of %lld: starts must not decrease", name,
                ll(r.kind >> 1), r.kind & 1 ? "keys" : "queries", ll(r.value[0]), ll(r.value[1]), ll(r.value[2]));
}

void set_shape(AttentionArgs& args, const TensorRef& q, const TensorRef& k, const TensorRef& v, int64_t s,
               const char* name) {
  args.q = head_rows(q), args.k = head_rows(k), args.v = head_rows(v);
  args.b = counted(q.dim(0), name), args.h = counted(q.dim(1), name), args.t = counted(q.dim(2), name);
  args.d = counted(q.dim(3), name), args.e = counted(v.dim(3), name);
  args.s = counted(s, name);
  args.group = k.dim(1) ? static_cast<int32_t>(q.dim(1) / k.dim(1)) : 1;
  args.sequences = -1;
  args.slices = args.parts = 1;
}

// What is as good as no end is none: places are then 32 bits.
int32_t side_of(int64_t n, const AttentionArgs& args) {
  return n < 0 || n >= int64_t{args.t} + args.s ? -1 : static_cast<int32_t>(n);
}

void set_slopes(AttentionArgs& args, const TensorRef& slopes, const char* name) {
  if (!slopes.present()) return;
  require_attention(slopes.dtype, name);
  args.slopes = slopes.data;
  args.slopes_dtype = static_cast<int32_t>(slopes.dtype);
  std::copy_n(slopes.strides, 2, args.slope_strides);
  args.adjusted = 1;
}

}  // namespace

void require_attention(DType dtype, const char* name) {
  if (!is_floating(dtype))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", name, dtype_name(dtype));
}

HeadRows head_rows(const TensorRef& x) { return {x.data, x.strides[0], x.strides[1], x.strides[2]}; }
HeadRows result_rows(void* to, int64_t h, int64_t rows, int64_t width, bool by_rows) {
  return {to, h * rows * width, by_rows ? width : rows * width, by_rows ? h * width : width};
}

bool is_aligned(const HeadRows& x, int64_t b, int64_t h, int64_t rows, DType dtype) {
  const int64_t steps = (b > 1 ? x.batch : 0) | (h > 1 ? x.head : 0) | (rows > 1 ? x.row : 0);
  const auto bits = static_cast<uint64_t>(steps) * dtype_size(dtype) | reinterpret_cast<uintptr_t>(x.data);
  return bits % 16 == 0;
}

AttentionArgs attention_args(const Call& call, const char* name, int first) {
  const TensorRef &q = call.in[first], &k = call.in[first + 1], &v = call.in[first + 2];
  require_attention(q.dtype, name);
  AttentionArgs args{};
  set_shape(args, q, k, v, k.dim(2), name);
  args.scale = call.attr[0], args.cap = call.attr[4];
  args.unit = args.cap != 0 ? args.scale / args.cap : args.scale;
  args.first_place = call.int_attr(1) == 2;
  args.left = side_of(call.int_attr(2), args), args.right = side_of(call.int_attr(3), args);

  const TensorRef mask = call.opt(first + 3);
  if (mask.present()) {
    args.mask = mask.data;
    std::copy_n(mask.strides, 4, args.mask_strides);
    args.mask_kind = mask.dtype == DType::boolean ? kBooleanMask : kAddedMask;
    if (args.mask_kind == kAddedMask && mask.dtype != q.dtype)
      fail(ErrorCode::unsupported, "%s: a mask of %s for operands of %s, expected bool or %s", name,
           dtype_name(mask.dtype), dtype_name(q.dtype), dtype_name(q.dtype));
    args.adjusted = 1;
  }
  set_slopes(args, call.opt(first + 4), name);

  args.threshold = static_cast<uint32_t>(std::min(65535., call.attr[5] * 65536 + 0.5));
  args.kept = 65536. / (65536 - args.threshold);
  args.stream = stream_of(call, 6);
  args.draws = (int64_t{args.s} + 7) / 8;

  const TensorRef q_starts = call.opt(first + 5), k_starts = call.opt(first + 6);
  if (q_starts.present()) {
    args.sequences = counted(q_starts.numel - 1, name);
    args.q_starts = indices_of(q_starts, name);
    args.k_starts = indices_of(k_starts, name);
    args.starts_fault = fault_of(
        call, first ? +[](const ReportRecord& r, char* message,
                          size_t size) { report_starts(r, "attentionBackward", message, size); }
                    : +[](const ReportRecord& r, char* message, size_t size) {
                        report_starts(r, "attention", message, size);
                      });
  }
  return args;
}

AttentionArgs paged_args(const Call& call) {
  const char* name = "pagedAttention";
  const TensorRef &q = call.in[0], &keys = call.in[1], &values = call.in[2], &table = call.in[3], &lengths = call.in[4];
  require_attention(q.dtype, name);
  AttentionArgs args{};
  const int64_t columns = table.dim(1), size = keys.dim(2);
  set_shape(args, q, keys, values, columns * size, name);
  args.scale = call.attr[0], args.cap = call.attr[3];
  args.unit = args.cap != 0 ? args.scale / args.cap : args.scale;
  args.left = side_of(call.int_attr(1), args), args.right = side_of(call.int_attr(2), args);
  set_slopes(args, call.opt(5), name);
  args.table = indices_of(table, name), args.lengths = indices_of(lengths, name);
  std::copy_n(table.strides, 2, args.table_strides);
  args.length_stride = lengths.strides[0];
  args.page = divisor_of(static_cast<uint32_t>(std::max<int64_t>(size, 1)));
  args.columns = size ? static_cast<int32_t>(columns) : 0;
  args.blocks = keys.dim(0);
  args.length_fault = fault_of(call, [](const ReportRecord& r, char* message, size_t size) {
    std::snprintf(message, size, "pagedAttention: sequence %lld has length %lld, expected 0 to %lld", ll(r.value[0]),
                  ll(r.value[1]), ll(r.value[2]));
  });
  args.block_fault = fault_of(call, [](const ReportRecord& r, char* message, size_t size) {
    std::snprintf(message, size,
                  "pagedAttention: the table of sequence %lld has block %lld at %lld, expected 0 to %lld",
                  ll(r.value[0]), ll(r.value[1]), ll(r.kind), ll(r.value[2] - 1));
  });
  return args;
}

void set_blocks(AttentionArgs& args, bool keys, int64_t rows, int64_t width, int64_t columns) {
  const int64_t own = keys ? args.s : args.t;
  args.tiles = static_cast<uint32_t>(args.sequences < 0 ? (own + rows - 1) / rows : own / rows + args.sequences + 2);
  args.slices = static_cast<uint32_t>(std::max<int64_t>(1, (width + columns - 1) / columns));
}
int64_t block_count(const AttentionArgs& args, bool keys) {
  return int64_t{args.tiles} * args.slices * args.parts * (keys ? args.h / args.group : args.h) * args.b;
}

}  // namespace sinter::cuda
