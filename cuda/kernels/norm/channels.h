// Normalisation of channels: what host and kernels agree on. Place in the whole: batch_norm.cpp and group_norm.cpp plan and launch,
// channels.cuh and channel_tables.cu compute.
//
// x (n, c, s), s the product of the spatial dimensions. A channel's statistics are parts, one for each slice of its elements, which a
// second kernel joins in their order and makes a table of: four numbers a channel, which the last kernel applies to every element.
// A group of groupNorm is a channel of (1, n groups, its elements), and its table has an entry for each channel of each sample.
#pragma once
#include <cstdint>

#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kChannelThreads = 256;
constexpr int kTable = 4;  // numbers of a table's entry, of V, the type that elements are computed in

// Tensors of elements begin at multiples of 16 bytes.

// What is known of a slice of a channel.
struct ChannelMoments {
  double count, mean, squares;  // squares: the sum of squared distances from the mean
};
struct GradientSums {
  double g, gd;  // sums of g and of g (x - mean)
};

// Sums over channels. By planes: neighbouring threads have neighbouring elements of a channel, whose runs of s are cut into `segments`
// of `length`; by columns: of the matrix (n, c s), s is 1 and c the number of columns.
struct ChannelSums {
  const void *x, *g, *y;  // g, y: of a gradient; y: where a relu followed, else null
  void* gsum;             // receives g as it counts, or null
  const void* mean;       // of a gradient, of V: that of channel k is mean[k / mean_repeat]
  void* parts;            // ChannelMoments or GradientSums [slice][channel]
  int64_t n, c, s;
  int64_t segments, length;  // columns: 1, 1
  int64_t runs;              // of a slice: segments of runs, or rows of the matrix
  int32_t shared;            // planes: threads of a channel, a power of two
  int32_t members;           // of one run, or columns of packs of a block: a power of two
  int32_t packed;            // columns: rows begin at multiples of 16 bytes
  int64_t mean_repeat;
};

// y = then((x - mean) scale + shift), or gx = g scale - ((x - mean) slope + offset): the table's entries in this order.
struct ChannelApply {
  const void *x, *table;
  const void* other;   // the residual, or g
  const void* result;  // of a gradient: y where a relu followed and g is not yet what counts
  void* y;
  int64_t numel;
  int64_t stride;  // packs from one of a thread's to the next
  Split s, c;
  int32_t relu;
  int32_t constant;  // all packs of a thread have the same channels
};

// ---- channel_tables.cu: a warp joins the parts of a channel
struct MomentsTable {
  const ChannelMoments* parts;
  void *table, *mean, *rstd;          // of `dtype`
  const void *weight, *bias;          // of their dtypes, or null
  int64_t slices, channels, columns;  // columns of a channel
  int64_t repeat, parameters;         // entries of the table that a channel makes; entry e has parameter e % parameters
  double eps;
  int32_t dtype, weight_dtype, bias_dtype;
};
// batchNormEval: of given statistics.
struct ConstantTable {
  const void *mean, *var, *weight, *bias;
  void* table;
  int64_t channels;
  double eps;
  int32_t dtype, mean_dtype, var_dtype, weight_dtype, bias_dtype;
};
struct GradientTable {
  const GradientSums* parts;
  void* table;
  const void *mean, *rstd, *weight;
  void *gweight, *gbias;
  int64_t slices, channels, columns;
  double count;  // elements that a mean is over; 0: statistics are constants
  int32_t dtype, mean_dtype, rstd_dtype, weight_dtype, gweight_dtype, gbias_dtype;
};
// groupNorm's: planes are the channels of all samples, `channels` of them a group.
struct GroupGradientTable {
  const GradientSums* parts;  // [slice][plane]
  GradientSums* sums;         // [plane]
  void* table;
  const void *mean, *rstd, *weight;
  void *gweight, *gbias;
  int64_t slices, rows, channels, c, samples;
  double count;
  int32_t dtype, weight_dtype, gweight_dtype, gbias_dtype;  // mean and rstd are of `dtype`
};
struct RunningStatistics {
  void *mean, *var;
  const void *batch_mean, *batch_rstd;  // of `dtype`
  int64_t channels, mean_stride, var_stride;
  double eps, momentum, unbias;
  int32_t dtype, mean_dtype, var_dtype;
};

}  // namespace sinter::cuda
