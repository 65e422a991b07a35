// Host side of combine.cu. Place in the whole: see combine.h.
#include "cuda/kernels/index/combine.h"

#include <algorithm>
#include <bit>

#include "cuda/kernels/far_places.h"
#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_combine;

namespace {

constinit Kernel combine_kernels[] = {{image_combine, "combine_f32"},  {image_combine, "combine_f64"},
                                      {image_combine, "combine_bf16"}, {image_combine, "combine_f16"},
                                      {image_combine, "combine_i32"},  {image_combine, "combine_i64"},
                                      {image_combine, "combine_u8"},   {image_combine, "combine_i8"}};
constinit Kernel pack_kernels[] = {{image_combine, "combine_f32_packs"},
                                   {image_combine, "combine_f64_packs"},
                                   {image_combine, "combine_bf16_packs"},
                                   {image_combine, "combine_f16_packs"}};
SINTER_CUDA_WORDS(replace_kernels, image_combine, "replace")
constinit Kernel slice_key_kernels[] = {{image_combine, "slice_keys_u32"}, {image_combine, "slice_keys_u64"}};
constinit Kernel element_key_kernels[] = {{image_combine, "element_keys_u32"}, {image_combine, "element_keys_u64"}};

// Keys are read back as signed numbers.
bool is_wide(int64_t limit) { return limit > INT32_MAX || far_places_wanted(); }

Slices slices_of(const Combination& how, int64_t packs_a_slice, bool single) {
  return {split_of(how.outer * packs_a_slice), split_of(packs_a_slice), how.n, single ? 0 : how.k};
}

void replace(const Call& call, const Sorted& order, const TensorRef& y, const TensorRef& source,
             const Combination& how) {
  const int64_t size = static_cast<int64_t>(dtype_size(y.dtype)), run = how.inner * size;
  const int bytes = how.single ? static_cast<int>(size) : word_bytes(run, y.data, source.data);
  const Slices slices = slices_of(how, run / bytes, how.single);
  launch(call, replace_kernels[word_index(bytes)], blocks_of(order.count * slices.width.size, 1), Dim(kIndexThreads), 0,
         order, slices, how.n, source.data, y.data);
}

template <class W>
void launch_combine(const Call& call, const Kernel& kernel, int elements, const Sorted& order, const TensorRef& y,
                    const TensorRef& source, const Combination& how) {
  const Slices slices = slices_of(how, how.inner / elements, false);
  const int64_t width = slices.width.size, runs = (order.count + kCombineRun - 1) / kCombineRun;
  W* parts = call.scratch_of<W>(runs * width * elements);
  const W alpha = static_cast<W>(how.alpha);
  for (const int32_t stage : {0, 1}) {
    const int64_t units = stage == 0 ? runs - 1 : order.count;
    launch(call, kernel, blocks_of(units * width, 1), Dim(kIndexThreads), 0, stage, order, slices, how.n, source.data,
           y.data, parts, static_cast<int32_t>(how.mode), static_cast<int32_t>(how.self), alpha);
  }
}

}  // namespace

Keys make_keys(const Call& call, int64_t count, int64_t limit, const char* op, bool narrow) {
  if (count > INT32_MAX)
    fail(ErrorCode::unsupported, "%s: %lld indices in one call; on cuda there may be 2147483647", op,
         static_cast<long long>(count));
  const bool wide = !narrow && is_wide(limit);
  return {call.scratch(static_cast<size_t>(count) * (wide ? 8 : 4)), wide, count, limit};
}

Sorted sorted(const Call& call, const Keys& keys) {
  const int bits = std::bit_width(static_cast<uint64_t>(keys.limit));
  const SortedPairs pairs = PairSorter(call, keys.wide, keys.count).sort(call, keys.data, bits);
  return {{pairs.keys, keys.wide}, pairs.places, keys.count};
}

Keys slice_keys(const Call& call, const char* op, const TensorRef& indices, int64_t n, int64_t left_out,
                ReportRecord* report) {
  const Indices from = indices_of(indices, op);
  const Keys keys = make_keys(call, indices.numel, n, op);
  launch(call, slice_key_kernels[keys.wide], blocks_of(keys.count), Dim(kIndexThreads), 0, from, keys.count, n,
         left_out, keys.data, report);
  return keys;
}

void combine(const Call& call, const char* op, const Sorted& order, const TensorRef& y, const TensorRef& source,
             const Combination& how) {
  if (order.count * how.outer * how.inner == 0) return;
  if (how.mode == kReplace) return replace(call, order, y, source, how);
  const DType dtype = y.dtype;
  if (dtype >= DType::boolean)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(dtype));
  const int i = static_cast<int>(dtype);
  const int64_t size = static_cast<int64_t>(dtype_size(dtype));
  const bool packs = is_floating(dtype) && word_bytes(how.inner * size, y.data, source.data) == 16;
  const Kernel& kernel = packs ? pack_kernels[i] : combine_kernels[i];
  const int elements = packs ? 16 / static_cast<int>(size) : 1;
  switch (dtype) {
    case DType::f64: return launch_combine<double>(call, kernel, elements, order, y, source, how);
    case DType::i64: return launch_combine<int64_t>(call, kernel, elements, order, y, source, how);
    case DType::i32:
    case DType::u8:
    case DType::i8: return launch_combine<int32_t>(call, kernel, elements, order, y, source, how);
    default: return launch_combine<float>(call, kernel, elements, order, y, source, how);
  }
}

namespace {

// x, indices, source of one rank -> y
void scatter(const Call& call, const char* op, ReportRecord* (*report)(const Call&), CombineMode mode, bool self) {
  const TensorRef &x = call.in[0], &indices = call.in[1], &source = call.in[2], &y = call.out[0];
  const size_t size = dtype_size(y.dtype);
  if (mode != kReplace && y.dtype >= DType::boolean)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(y.dtype));
  const Indices from = indices_of(indices, op);
  if (y.numel > 0) copy_bytes(call, y.data, x.data, static_cast<size_t>(y.numel) * size);
  if (indices.numel == 0) return;
  const int64_t axis = call.int_attr(0) < 0 ? call.int_attr(0) + x.rank : call.int_attr(0);
  const int64_t n = x.rank == 0 ? 1 : x.dims[axis], step = x.rank == 0 ? 1 : y.strides[axis];
  // y in the shape of the indices, standing still along the axis.
  int64_t strides[kMaxRank];
  for (int d = 0; d < y.rank; d++) strides[d] = d == axis ? 0 : y.strides[d];
  TensorRef still = y;
  still.dims = indices.dims;
  still.strides = strides;
  const Keys keys = make_keys(call, indices.numel, y.numel, op);
  ReportRecord* record = report(call);
  Walk walk(indices);
  walk.add(indices);
  walk.add(still);
  int64_t first = 0;
  walk.for_each_piece<2>(1, [&](const Views<2>& views) {
    launch(call, element_key_kernels[keys.wide], blocks_of(views.numel), Dim(kIndexThreads), 0, views, from.wide, n,
           step, y.numel, y.data, static_cast<int64_t>(size), first, keys.data, record);
    first += views.numel;
  });
  const bool single = source.rank != indices.rank;
  combine(call, op, sorted(call, keys), y, source, {1, y.numel, 1, indices.numel, mode, self, 1, single});
}

// y (outer, n, inner), indices (k), source (outer, k, inner)
void at_slices(const Call& call, const char* op, const TensorRef& y, ReportRecord* report, CombineMode mode, bool self,
               double alpha) {
  const TensorRef &indices = call.in[1], &source = call.in[2];
  const Axis a(y, call.int_attr(0));
  const Keys keys = slice_keys(call, op, indices, a.n, -1, report);
  const bool single = source.rank == 0 && indices.numel * a.inner * a.outer != 1;
  combine(call, op, sorted(call, keys), y, source, {a.outer, a.n, a.inner, indices.numel, mode, self, alpha, single});
}

void copy_first(const Call& call) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  if (y.numel > 0) copy_bytes(call, y.data, x.data, static_cast<size_t>(y.numel) * dtype_size(y.dtype));
}

}  // namespace

SINTER_CUDA_OP(scatterAdd) {
  scatter(call, "scatterAdd", report_index<"scatterAdd", "entries of the axis">, kSum, true);
}

SINTER_CUDA_OP(scatterReduce) {
  scatter(call, "scatterReduce", report_index<"scatterReduce", "entries of the axis">,
          static_cast<CombineMode>(call.int_attr(1)), call.attr[2] != 0);
}

SINTER_CUDA_OP(indexAdd) {
  copy_first(call);
  at_slices(call, "indexAdd", call.out[0], report_index<"indexAdd", "entries of the axis">(call), kSum, true,
            call.attr[1]);
}

SINTER_CUDA_OP(indexReduce) {
  copy_first(call);
  at_slices(call, "indexReduce", call.out[0], report_index<"indexReduce", "entries of the axis">(call),
            static_cast<CombineMode>(call.int_attr(1)), call.attr[2] != 0, 1);
}

SINTER_CUDA_OP(indexCopyInto) {
  at_slices(call, "indexCopyInto", call.in[0], report_index<"indexCopyInto", "entries of the axis">(call), kReplace,
            true, 1);
}

}  // namespace sinter::cuda
