// How sums over channels are cut into blocks, and launches. Place in the whole: see channel_plan.h.
#include "cuda/kernels/norm/channel_plan.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/pointwise/move.h"

namespace sinter::cuda {

extern const Image image_channels, image_channels_f64;

#define SINTER_KERNELS(name)              \
  static constinit Kernel name[] = {      \
      {image_channels, #name "_f32"},     \
      {image_channels_f64, #name "_f64"}, \
      {image_channels, #name "_bf16"},    \
      {image_channels, #name "_f16"},     \
  };
SINTER_KERNELS(plane_moments)
SINTER_KERNELS(plane_gradients)
SINTER_KERNELS(column_moments)
SINTER_KERNELS(column_gradients)
SINTER_KERNELS(channels_forward)
SINTER_KERNELS(channels_backward)
#undef SINTER_KERNELS

namespace {

constexpr int64_t kMostSlices = 65535;   // of a grid
constexpr int64_t kLeastSegment = 4096;  // elements of a run that is worth cutting
constexpr int64_t kBlocksEach = 4;       // of a multiprocessor, so that it is full
constexpr int64_t kApplyBlocksEach = 8;

int64_t power_of_two(int64_t n, int64_t most) {
  return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::clamp<int64_t>(n, 1, most))));
}
int64_t elements_of_pack(DType dtype) { return 16 / static_cast<int64_t>(dtype_size(dtype)); }
int64_t multiprocessors(const Call& call) { return device_of(call).multiprocessors; }

}  // namespace

ChannelShape::ChannelShape(const TensorRef& x) : n(x.dims[0]), c(x.dims[1]), s(1) {
  for (int i = 2; i < x.rank; i++) s *= x.dims[i];
}

void require_floating(const char* op, DType dtype) {
  if (!is_floating(dtype)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(dtype));
}

const void* aligned(const Call& call, const TensorRef& t) {
  if (!t.present() || reinterpret_cast<uintptr_t>(t.data) % 16 == 0) return t.data;
  return converted(call, t, t.dtype);
}
const void* converted(const Call& call, const TensorRef& t, DType dtype) {
  TensorRef copy = t;
  copy.dtype = dtype;
  copy.data = call.scratch(static_cast<size_t>(std::max<int64_t>(t.numel, 1)) * dtype_size(dtype));
  copy_to(call, copy, t);
  return copy.data;
}

void* table_for(const Call& call, DType dtype, int64_t entries) {
  return call.scratch(static_cast<size_t>(std::max<int64_t>(entries, 1) * kTable) * dtype_size(computed_in(dtype)));
}

ChannelPlan::ChannelPlan(const Call& call, DType dtype, int64_t n, int64_t c, int64_t s, bool columns)
    : by_columns(columns) {
  const int64_t wanted = multiprocessors(call) * kBlocksEach, pack = elements_of_pack(dtype);
  sums.n = n, sums.c = c, sums.s = s;
  sums.segments = 1, sums.length = s;
  sums.mean_repeat = 1;
  int64_t blocks, runs, most;  // of the channels; of a channel; slices that have enough to do
  if (by_columns) {
    sums.packed = c % pack == 0;
    const int64_t packs = sums.packed ? c / pack : c;
    sums.members = static_cast<int32_t>(power_of_two(packs, 32));
    sums.shared = kChannelThreads;
    blocks = ceil_div(packs, sums.members);
    runs = n;
    most = n * sums.members / (kChannelThreads * 8);
  } else {
    if (n * c < wanted && s >= 2 * kLeastSegment) {
      const int64_t cuts = std::min(ceil_div(wanted, std::max<int64_t>(n * c, 1)), s / kLeastSegment);
      sums.length = ceil_div(ceil_div(s, cuts), pack) * pack;
      sums.segments = ceil_div(s, sums.length);
    }
    // A run may begin and end within packs. Every thread has two packs of it, and four of its channel.
    const int64_t packs = ceil_div(sums.length, pack) + (s % pack != 0);
    runs = n * sums.segments;
    sums.members = static_cast<int32_t>(power_of_two(ceil_div(packs, 2), kChannelThreads));
    sums.shared =
        static_cast<int32_t>(std::max<int64_t>(power_of_two(ceil_div(runs * packs, 4), kChannelThreads), sums.members));
    blocks = ceil_div(c, kChannelThreads / sums.shared);
    most = runs * packs / (sums.shared * 4);
  }
  slices = std::clamp<int64_t>(ceil_div(wanted, std::max<int64_t>(blocks, 1)), 1,
                               std::clamp<int64_t>(std::min(most, runs), 1, kMostSlices));
  sums.runs = ceil_div(runs, slices);
  slices = sums.runs ? ceil_div(runs, sums.runs) : 0;
  grid = Dim(blocks, slices);
}

void sum_moments(const Call& call, ChannelPlan& plan, DType dtype) {
  plan.sums.parts = call.scratch_of<ChannelMoments>(std::max<int64_t>(plan.slices * plan.sums.c, 1));
  launch(call, (plan.by_columns ? column_moments : plane_moments)[static_cast<int>(dtype)], plan.grid,
         Dim(kChannelThreads), 0, plan.sums);
}

void sum_gradients(const Call& call, ChannelPlan& plan, DType dtype) {
  plan.sums.parts = call.scratch_of<GradientSums>(std::max<int64_t>(plan.slices * plan.sums.c, 1));
  launch(call, (plan.by_columns ? column_gradients : plane_gradients)[static_cast<int>(dtype)], plan.grid,
         Dim(kChannelThreads), 0, plan.sums);
}

void apply_table(const Call& call, ChannelApply p, DType dtype, int64_t s, int64_t c, bool gradient) {
  const int64_t pack = elements_of_pack(dtype), packs = ceil_div(p.numel, pack);
  if (packs == 0) return;
  p.s = split_of(s);
  p.c = split_of(c);
  const int64_t threads = multiprocessors(call) * kApplyBlocksEach * kChannelThreads;
  // After so many packs channels come again: a thread whose packs are multiples of that apart reads the table once.
  const int64_t period = c * s / std::gcd(c * s, pack);
  p.stride = threads;
  if (packs > threads && period <= threads) {
    p.stride = threads / period * period;
    p.constant = 1;
  }
  launch(call, (gradient ? channels_backward : channels_forward)[static_cast<int>(dtype)],
         Dim(ceil_div(std::min(p.stride, packs), kChannelThreads)), Dim(kChannelThreads), 0, p);
}

}  // namespace sinter::cuda
