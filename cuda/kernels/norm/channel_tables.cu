// From the parts of statistics to results and tables. Place in the whole: the small kernels between those of channels.cuh; a warp joins
// what belongs together, in double, and types are known at run time: there are a few numbers a channel.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/norm/channels.cuh"
#include "cuda/kernels/numbers.cuh"

namespace sinter::cuda {

namespace {

constexpr int kWarps = kChannelThreads / kWarp;

SINTER_DEVICE int64_t warp_of_grid() { return int64_t{blockIdx.x} * kWarps + threadIdx.x / kWarp; }
SINTER_DEVICE int lane_of_warp() { return threadIdx.x % kWarp; }

// The parts of a channel that has `columns` neighbours of `width` in each slice, joined; every lane has the result of lane 0.
template <class State, class F>
SINTER_DEVICE State joined(const State* parts, int64_t slices, int64_t width, int64_t first, int64_t columns, F merge) {
  State state{};
#pragma unroll 1
  for (int64_t q = lane_of_warp(); q < slices * columns; q += kWarp) {
    const int64_t slice = columns == 1 ? q : q / columns;
    state = merge(state, parts[slice * width + first + (q - slice * columns)]);
  }
#pragma unroll 1
  for (int distance = kWarp / 2; distance > 0; distance /= 2) state = merge(state, shuffled(state, distance));
  return state;
}

// Tables, means and reciprocal deviations are f32 or f64.
SINTER_DEVICE void store_entry(void* table, int dtype, int64_t entry, double a, double b, double c, double d) {
  if (dtype == 1) {
    double* to = static_cast<double*>(table) + entry * kTable;
    to[0] = a, to[1] = b, to[2] = c, to[3] = d;
  } else {
    Pack<float, kTable> pack;
    pack.at[0] = static_cast<float>(a), pack.at[1] = static_cast<float>(b);
    pack.at[2] = static_cast<float>(c), pack.at[3] = static_cast<float>(d);
    store_pack(static_cast<float*>(table) + entry * kTable, pack);
  }
}
SINTER_DEVICE double load_statistic(const void* x, int dtype, int64_t k) {
  return dtype == 1 ? static_cast<const double*>(x)[k] : static_cast<double>(static_cast<const float*>(x)[k]);
}
SINTER_DEVICE void store_statistic(void* x, int dtype, int64_t k, double value) {
  if (dtype == 1)
    static_cast<double*>(x)[k] = value;
  else
    static_cast<float*>(x)[k] = static_cast<float>(value);
}
// As it will be read: mean and rstd are rounded before they are used.
SINTER_DEVICE double rounded(double x, int dtype) {
  return dtype == 0 ? static_cast<double>(static_cast<float>(x)) : x;
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kChannelThreads) table_of_moments(const __grid_constant__ MomentsTable p) {
  const int64_t k = warp_of_grid();
  if (k >= p.channels) return;
  const ChannelMoments all =
      joined(p.parts, p.slices, p.channels * p.columns, k * p.columns, p.columns, MergeMoments());
  // The mean of nothing is not a number.
  const double mean = all.count > 0 ? all.mean : all.squares / all.count,
               rstd = 1 / sqrt_of(all.squares / all.count + p.eps);
  if (lane_of_warp() == 0) {
    store_statistic(p.mean, p.dtype, k, mean);
    store_statistic(p.rstd, p.dtype, k, rstd);
  }
#pragma unroll 1
  for (int64_t e = k * p.repeat + lane_of_warp(); e < (k + 1) * p.repeat; e += kWarp) {
    const int64_t parameter = e % p.parameters;
    store_entry(p.table, p.dtype, e, mean, rounded(rstd, p.dtype) * load_float(p.weight, p.weight_dtype, parameter, 1),
                load_float(p.bias, p.bias_dtype, parameter, 0), 0);
  }
}

extern "C" __global__ void __launch_bounds__(kChannelThreads)
    table_of_constants(const __grid_constant__ ConstantTable p) {
  const int64_t k = int64_t{blockIdx.x} * kChannelThreads + threadIdx.x;
  if (k >= p.channels) return;
  const double rstd = 1 / sqrt_of(load_float(p.var, p.var_dtype, k) + p.eps);
  store_entry(p.table, p.dtype, k, load_float(p.mean, p.mean_dtype, k),
              rstd * load_float(p.weight, p.weight_dtype, k, 1), load_float(p.bias, p.bias_dtype, k, 0), 0);
}

extern "C" __global__ void __launch_bounds__(kChannelThreads)
    table_of_gradients(const __grid_constant__ GradientTable p) {
  const int64_t k = warp_of_grid();
  if (k >= p.channels) return;
  const GradientSums all = joined(p.parts, p.slices, p.channels * p.columns, k * p.columns, p.columns, MergeSums());
  if (lane_of_warp() != 0) return;
  const double rstd = load_float(p.rstd, p.rstd_dtype, k), scale = rstd * load_float(p.weight, p.weight_dtype, k, 1);
  const double share = p.count > 0 ? scale / p.count : 0;
  store_float(p.gweight, p.gweight_dtype, k, all.gd * rstd);
  store_float(p.gbias, p.gbias_dtype, k, all.g);
  store_entry(p.table, p.dtype, k, load_float(p.mean, p.mean_dtype, k), scale, share * rstd * rstd * all.gd,
              share * all.g);
}

// A group's: gx = rstd (g weight - mean of g weight - (x - mean) rstd^2 mean of g weight (x - mean)); the sums of its planes are kept.
extern "C" __global__ void __launch_bounds__(kChannelThreads)
    table_of_group_gradients(const __grid_constant__ GroupGradientTable p) {
  const int64_t r = warp_of_grid();
  if (r >= p.rows) return;
  GradientSums all{0, 0};
#pragma unroll 1
  for (int64_t j = lane_of_warp(); j < p.channels; j += kWarp) {
    const int64_t plane = r * p.channels + j;
    GradientSums sums{0, 0};
#pragma unroll 1
    for (int64_t slice = 0; slice < p.slices; slice++)
      sums = MergeSums()(sums, p.parts[slice * p.rows * p.channels + plane]);
    p.sums[plane] = sums;
    const double weight = load_float(p.weight, p.weight_dtype, plane % p.c, 1);
    all.g += weight * sums.g;
    all.gd += weight * sums.gd;
  }
#pragma unroll 1
  for (int distance = kWarp / 2; distance > 0; distance /= 2) all = MergeSums()(all, shuffled(all, distance));
  const double mean = load_statistic(p.mean, p.dtype, r), rstd = load_statistic(p.rstd, p.dtype, r);
#pragma unroll 1
  for (int64_t j = lane_of_warp(); j < p.channels; j += kWarp) {
    const int64_t plane = r * p.channels + j;
    store_entry(p.table, p.dtype, plane, mean, rstd * load_float(p.weight, p.weight_dtype, plane % p.c, 1),
                rstd * rstd * rstd * all.gd / p.count, rstd * all.g / p.count);
  }
}
// gweight and gbias of a channel, over the samples.
extern "C" __global__ void __launch_bounds__(kChannelThreads)
    group_parameter_gradients(const __grid_constant__ GroupGradientTable p) {
  const int64_t k = warp_of_grid();
  if (k >= p.c) return;
  GradientSums all{0, 0};
#pragma unroll 1
  for (int64_t i = lane_of_warp(); i < p.samples; i += kWarp) {
    const GradientSums sums = p.sums[i * p.c + k];
    all.g += sums.g;
    all.gd += sums.gd * load_statistic(p.rstd, p.dtype, (i * p.c + k) / p.channels);
  }
#pragma unroll 1
  for (int distance = kWarp / 2; distance > 0; distance /= 2) all = MergeSums()(all, shuffled(all, distance));
  if (lane_of_warp() != 0) return;
  store_float(p.gweight, p.gweight_dtype, k, all.gd);
  store_float(p.gbias, p.gbias_dtype, k, all.g);
}

extern "C" __global__ void __launch_bounds__(kChannelThreads)
    update_running_statistics(const __grid_constant__ RunningStatistics p) {
  const int64_t k = int64_t{blockIdx.x} * kChannelThreads + threadIdx.x;
  if (k >= p.channels) return;
  const double rstd = load_statistic(p.batch_rstd, p.dtype, k), found = 1 / (rstd * rstd) - p.eps;
  const double var = (found < 0 ? 0 : found) * p.unbias;
  store_float(p.mean, p.mean_dtype, k * p.mean_stride,
              (1 - p.momentum) * load_float(p.mean, p.mean_dtype, k * p.mean_stride) +
                  p.momentum * load_statistic(p.batch_mean, p.dtype, k));
  store_float(p.var, p.var_dtype, k * p.var_stride,
              (1 - p.momentum) * load_float(p.var, p.var_dtype, k * p.var_stride) + p.momentum * var);
}

}  // namespace sinter::cuda
