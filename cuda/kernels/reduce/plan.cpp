#include "cuda/kernels/reduce/plan.h"

#include <algorithm>
#include <bit>

#include "cpu/rounding.h"
#include "cuda/kernels/far_places.h"
#include "cuda/kernels/walk.h"

namespace sinter::cuda {

static_assert(kMaxViewRank == kMaxRank);

namespace {

struct Dimension {
  int64_t size, stride;
};

// Dimensions of x, outermost first, as few as they can be.
struct Dimensions {
  Dimension at[kMaxRank];
  int rank = 0;
  int64_t count = 1;

  void add(int64_t size, int64_t stride) {
    count *= size;
    if (size != 1) at[rank++] = {size, stride};
  }
  void collapse() {
    int kept = 0;
    for (int d = 0; d < rank; d++) {
      if (kept > 0 && at[kept - 1].stride == at[d].size * at[d].stride)
        at[kept - 1] = {at[kept - 1].size * at[d].size, at[d].stride};
      else
        at[kept++] = at[d];
    }
    rank = kept;
  }
  int64_t inner_stride() const { return rank ? at[rank - 1].stride : 0; }
  int64_t inner_size() const { return rank ? at[rank - 1].size : 1; }
  Extents extents() const {
    Extents e{};
    e.count = count;
    e.rank = rank;
    e.wide = count > INT32_MAX || far_places_wanted();
    for (int d = 0; d < rank; d++) {
      const Dimension& from = at[rank - 1 - d];
      e.sizes[d] = from.size;
      e.strides[d] = from.stride;
      e.inverse[d] = 1 / static_cast<double>(from.size);
      if (!e.wide && count > 0) e.dims[d] = divisor_of(static_cast<uint32_t>(from.size));
    }
    return e;
  }
};

int64_t power_of_two(int64_t n) {
  return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(n, 1))));
}

bool reads_packs(const TensorRef& x, const Dimensions& kept, const Dimensions& reduced) {
  if (reduced.rank != 1 || reduced.inner_stride() != 1) return false;
  const int64_t size = static_cast<int64_t>(dtype_size(x.dtype));
  if (reinterpret_cast<uintptr_t>(x.data) % 16) return false;
  return std::all_of(kept.at, kept.at + kept.rank, [&](const Dimension& d) { return d.stride * size % 16 == 0; });
}

bool is_wide(DType d) { return d == DType::f64 || d == DType::i64; }
int computing_type(DType d) { return (is_floating(d) ? 0 : 2) + (is_wide(d) ? 1 : 0); }

}  // namespace

void reduce(const Call& call, const Reducing& op, const char* name, const TensorRef& x, uint64_t axes,
            const TensorRef& y, int32_t finish, double parameter) {
  const int type = static_cast<int>(x.dtype);
  if (type >= op.count)
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", name, dtype_name(x.dtype));
  // What reducers give (reduction.cuh).
  if (y.dtype != x.dtype && y.dtype != DType::i64 && y.dtype != DType::boolean)
    fail(ErrorCode::unsupported, "%s: a result in %s of %s is not supported on cuda", name, dtype_name(y.dtype),
         dtype_name(x.dtype));
  if (y.numel == 0) return;
  Dimensions kept, reduced;
  for (int d = 0; d < x.rank; d++) (axes >> d & 1 ? reduced : kept).add(x.dims[d], x.strides[d]);
  // In whatever order they lie in memory, where none is asked for.
  if (!op.ordered)
    std::stable_sort(reduced.at, reduced.at + reduced.rank,
                     [](const Dimension& a, const Dimension& b) { return std::abs(a.stride) > std::abs(b.stride); });
  kept.collapse();
  reduced.collapse();

  Reduction p{};
  p.x = x.data;
  p.y = y.data;
  p.kept = kept.extents();
  p.reduced = reduced.extents();
  p.dtype = static_cast<int32_t>(y.dtype);
  p.finish = finish;
  p.parameter = parameter;
  p.columns = kept.inner_stride() == 1 && reduced.inner_stride() != 1 && reduced.count > 1;
  p.packed = !p.columns && reads_packs(x, kept, reduced);
  // Along a row two packs a thread; of columns at least a warp's width, then a few rows a thread.
  const int64_t pack = p.packed ? reduce_pack(static_cast<int>(dtype_size(x.dtype)), 16) : 1;
  const int64_t width = std::min<int64_t>(power_of_two(kept.inner_size()), dtype_size(x.dtype) < 4 ? 64 : 32);
  const int64_t most = p.columns ? kReduceThreads / width : kReduceThreads;
  p.members = static_cast<int32_t>(std::min(most, power_of_two(ceil_div(reduced.count, p.columns ? 4 : 2 * pack))));
  const int64_t results = kReduceThreads / p.members, blocks = ceil_div(kept.count, results);

  // Few results: their elements are shared by so many blocks that the device is full, each with some work.
  const int64_t wanted = ceil_div(int64_t{device_of(call).multiprocessors} * 8, blocks);
  const int64_t share =
      ceil_div(reduced.count,
               std::max<int64_t>(1, std::min({wanted, reduced.count / (p.members * int64_t{32}), int64_t{4096}})));
  p.chunk = std::max<int64_t>(1, ceil_div(share, kReduceAligned)) * kReduceAligned;
  p.chunks = static_cast<int32_t>(std::max<int64_t>(1, ceil_div(reduced.count, p.chunk)));
  const int64_t state = is_wide(x.dtype) ? op.wide_state : op.state;
  if (p.chunks > 1) p.partial = call.scratch(static_cast<size_t>(kept.count * p.chunks * state));
  launch(call, op.kernels[type], Dim(blocks, p.chunks), Dim(kReduceThreads), 0, p);
  if (p.chunks > 1)
    launch(call, op.chunks[computing_type(x.dtype)], Dim(ceil_div(kept.count, kReduceThreads / 32)),
           Dim(kReduceThreads), 0, p);
}

}  // namespace sinter::cuda
