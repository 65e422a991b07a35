// Kernels of normalised channels that read elements: sums by planes and by columns, and what is applied. Place in the whole: device code
// of batch_norm.cpp and group_norm.cpp; channels.cu and channels_f64.cu export it.
//
// Bound by memory: 16 bytes a thread, at multiples of 16 wherever runs begin, so elements of other channels at the ends of a run are
// read and left out. A thread's moments are in V about one element of the channel, groups of 4 or 8 merged as in Chan, Golub and LeVeque,
// "Updating formulae and a pairwise algorithm for computing sample variances", 1979; threads and blocks meet in double, in an order that
// sizes and the number of multiprocessors fix.
#pragma once
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/norm/channels.h"
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/rows.cuh"

namespace sinter::cuda {

// Elements of 16 bytes.
template <class T>
constexpr int kWholePack = 16 / static_cast<int>(sizeof(T));

// Moments in the type that elements are computed in.
template <class V>
struct PartMoments {
  V count, mean, squares;

  // Means are weighted, not moved: an infinite one stays.
  SINTER_DEVICE void merge(V n, V m, V s) {
    const V total = count + n, share = n / total, d = m - mean;
    squares += s + d * d * (count * share);
    mean = mean * (V(1) - share) + m * share;
    count = total;
  }
};
struct MergeMoments {
  SINTER_DEVICE ChannelMoments operator()(const ChannelMoments& a, const ChannelMoments& b) const {
    const double n = a.count + b.count;
    if (n == 0) return a;
    const double share = b.count / n, d = b.mean - a.mean;
    return {n, a.mean * (1 - share) + b.mean * share, a.squares + b.squares + d * d * (a.count * share)};
  }
};
struct MergeSums {
  SINTER_DEVICE GradientSums operator()(const GradientSums& a, const GradientSums& b) const {
    return {a.g + b.g, a.gd + b.gd};
  }
};

// Elements [i, i + N) of n, zeros beyond; packs of n elements begin at multiples of 16 bytes, so only the last one is taken apart, in
// little code.
template <int N, class T>
SINTER_DEVICE Pack<T, N> load_aligned(const T* x, int64_t i, int64_t n) {
  if (i + N <= n) return load_pack<N>(x + i);
  Pack<T, N> pack;
  pack.word = {};
#pragma unroll 1
  for (int64_t e = N - 1; e >= 0; e--) {
#pragma unroll
    for (int k = N - 1; k > 0; k--) pack.at[k] = pack.at[k - 1];
    pack.at[0] = i + e < n ? x[i + e] : narrow<T>(Compute<T>(0));
  }
  return pack;
}
// Elements [low, high) of the pack at y.
template <int N, class T>
SINTER_DEVICE void store_aligned(T* y, int low, int high, Pack<T, N> pack) {
  if (low == 0 && high == N) return store_pack(y, pack);
#pragma unroll 1
  for (int e = 0; e < high; e++) {
    if (e >= low) y[e] = pack.at[0];
#pragma unroll
    for (int k = 0; k < N - 1; k++) pack.at[k] = pack.at[k + 1];
  }
}

// What elements are taken relative to: one of them, if it is a number.
template <class V>
SINTER_DEVICE V origin_of(V x) {
  return x - x == V(0) ? x : V(0);
}

// A result of each group of `members` neighbouring threads, for its first one. `partial`: a State a warp. All threads call.
template <class State, class F>
SINTER_DEVICE State group_merge(State state, int members, State* partial, F merge) {
#pragma unroll 1
  for (int distance = min(members, kWarp) / 2; distance > 0; distance /= 2)
    state = merge(state, shuffled(state, distance));
  if (members <= kWarp) return state;
  const int warp = threadIdx.x / kWarp, warps = members / kWarp, first = warp / warps * warps;
  if (threadIdx.x % kWarp == 0) partial[warp] = state;
  __syncthreads();
  state = partial[first];
#pragma unroll 1
  for (int w = 1; w < warps; w++) state = merge(state, partial[first + w]);
  return state;
}

// Which elements of a pack are those of a channel; low == high: none, and none will follow.
struct Span {
  int64_t at;
  int low, high;
  SINTER_DEVICE int count() const { return high - low; }
  SINTER_DEVICE bool has(int e) const { return e >= low && e < high; }
};
// A thread's packs of a slice of one channel, one after the other.
template <class T>
struct PlaneWalk {
  static constexpr int kPack = kWholePack<T>;
  const ChannelSums& p;
  const int64_t channel, end;
  const int member, apart;  // apart: runs that the channel's threads have at a time
  int64_t run, pack = 0, begin = 0, stop = 0;

  // `thread` of the p.shared that have channel k; a channel that is not there has no runs.
  SINTER_DEVICE PlaneWalk(const ChannelSums& sums, int64_t k, int64_t slice, int thread)
      : p(sums), channel(k), end(k < sums.c ? min((slice + 1) * sums.runs, sums.n * sums.segments) : 0),
        member(thread % sums.members), apart(sums.shared / sums.members),
        run(slice * sums.runs + thread / sums.members) {}

  SINTER_DEVICE Span next() {
    // The first run from here on that has a pack for this thread: short ones may not.
#pragma unroll 1
    for (; pack >= stop && run < end; run += apart) {
      const int64_t image = p.segments == 1 ? run : run / p.segments, first = (run - image * p.segments) * p.length;
      begin = (image * p.c + channel) * p.s + first;
      stop = begin + min(p.length, p.s - first);
      pack = begin / kPack * kPack + int64_t{member} * kPack;
    }
    if (pack >= stop) return {0, 0, 0};
    const Span span{pack, static_cast<int>(max(begin - pack, int64_t{0})),
                    static_cast<int>(min(stop - pack, int64_t{kPack}))};
    pack += int64_t{p.members} * kPack;
    return span;
  }
};
template <class T>
SINTER_DEVICE Pack<T, PlaneWalk<T>::kPack> pack_of(const void* x, const Span& span, int64_t numel) {
  constexpr int kPack = PlaneWalk<T>::kPack;
  if (span.count()) return load_aligned<kPack>(static_cast<const T*>(x), span.at, numel);
  Pack<T, kPack> nothing;
  nothing.word = {};
  return nothing;
}

template <class T>
SINTER_DEVICE void plane_moments(const ChannelSums& p) {
  using V = Compute<T>;
  constexpr int kPack = PlaneWalk<T>::kPack, kPacks = sizeof(T) == 2 ? 1 : 2;
  __shared__ ChannelMoments partial[kChannelThreads / kWarp];
  const int64_t channel = int64_t{blockIdx.x} * (kChannelThreads / p.shared) + threadIdx.x / p.shared;
  const int64_t numel = p.n * p.c * p.s;
  PlaneWalk<T> walk(p, channel, blockIdx.y, threadIdx.x % p.shared);
  const V origin = channel < p.c ? origin_of(widen(static_cast<const T*>(p.x)[channel * p.s])) : V(0);
  PartMoments<V> all{0, 0, 0};
#pragma unroll 1
  while (true) {
    Span spans[kPacks];
    Pack<T, kPack> packs[kPacks];
    int count = 0;
#pragma unroll
    for (int k = 0; k < kPacks; k++) {
      spans[k] = walk.next();
      packs[k] = pack_of<T>(p.x, spans[k], numel);
      count += spans[k].count();
    }
    if (count == 0) break;
    V total = 0, squares = 0;
    if (count == kPacks * kPack) {
#pragma unroll
      for (int k = 0; k < kPacks * kPack; k++) total += widen(packs[k / kPack].at[k % kPack]) - origin;
      const V center = total * V(1. / (kPacks * kPack));
#pragma unroll
      for (int k = 0; k < kPacks * kPack; k++) {
        const V d = widen(packs[k / kPack].at[k % kPack]) - origin - center;
        squares += d * d;
      }
      all.merge(V(kPacks * kPack), center, squares);
    } else {
#pragma unroll
      for (int k = 0; k < kPacks * kPack; k++)
        if (spans[k / kPack].has(k % kPack)) total += widen(packs[k / kPack].at[k % kPack]) - origin;
      const V center = total / static_cast<V>(count);
#pragma unroll
      for (int k = 0; k < kPacks * kPack; k++) {
        const V d = widen(packs[k / kPack].at[k % kPack]) - origin - center;
        if (spans[k / kPack].has(k % kPack)) squares += d * d;
      }
      all.merge(static_cast<V>(count), center, squares);
    }
  }
  const ChannelMoments own{static_cast<double>(all.count), static_cast<double>(all.mean),
                           static_cast<double>(all.squares)};
  const ChannelMoments found = group_merge(own, p.shared, partial, MergeMoments());
  if (channel < p.c && threadIdx.x % p.shared == 0)
    static_cast<ChannelMoments*>(p.parts)[blockIdx.y * p.c + channel] = {
        found.count, static_cast<double>(origin) + found.mean, found.squares};
}

template <class T>
SINTER_DEVICE void plane_gradients(const ChannelSums& p) {
  using V = Compute<T>;
  constexpr int kPack = PlaneWalk<T>::kPack, kPacks = sizeof(T) == 2 ? 1 : 2;
  __shared__ GradientSums partial[kChannelThreads / kWarp];
  const int64_t channel = int64_t{blockIdx.x} * (kChannelThreads / p.shared) + threadIdx.x / p.shared;
  const int64_t numel = p.n * p.c * p.s;
  PlaneWalk<T> walk(p, channel, blockIdx.y, threadIdx.x % p.shared);
  const V mean = channel < p.c ? static_cast<const V*>(p.mean)[channel / p.mean_repeat] : V(0);
  GradientSums all{0, 0};
#pragma unroll 1
  while (true) {
    Span spans[kPacks];
    Pack<T, kPack> gs[kPacks], xs[kPacks], ys[kPacks];
#pragma unroll
    for (int k = 0; k < kPacks; k++) {
      spans[k] = walk.next();
      gs[k] = pack_of<T>(p.g, spans[k], numel);
      xs[k] = pack_of<T>(p.x, spans[k], numel);
      if (p.y) ys[k] = pack_of<T>(p.y, spans[k], numel);
    }
    if (spans[0].count() == 0) break;
    V g = 0, gd = 0;
#pragma unroll
    for (int k = 0; k < kPacks; k++) {
#pragma unroll
      for (int e = 0; e < kPack; e++) {
        if (p.y && widen(ys[k].at[e]) <= V(0)) gs[k].at[e] = narrow<T>(V(0));
        const V value = spans[k].has(e) ? widen(gs[k].at[e]) : V(0);
        g += value;
        gd += spans[k].has(e) ? value * (widen(xs[k].at[e]) - mean) : V(0);
      }
      if (p.gsum) store_aligned(static_cast<T*>(p.gsum) + spans[k].at, spans[k].low, spans[k].high, gs[k]);
    }
    all.g += g;
    all.gd += gd;
  }
  all = group_merge(all, p.shared, partial, MergeSums());
  if (channel < p.c && threadIdx.x % p.shared == 0)
    static_cast<GradientSums*>(p.parts)[blockIdx.y * p.c + channel] = all;
}

// ---- by columns: a thread has kPack neighbouring columns and goes down the rows of a slice; kPack is 1 where rows do not all begin at
// multiples of 16 bytes
template <int kPack>
struct ColumnWalk {
  const int member, lane, lanes;
  const int64_t first, end, column;  // end: of the rows; column: the thread's first one
  SINTER_DEVICE explicit ColumnWalk(const ChannelSums& p)
      : member(threadIdx.x % p.members), lane(threadIdx.x / p.members), lanes(kChannelThreads / p.members),
        first(blockIdx.y * p.runs), end(min(first + p.runs, p.n)),
        column((int64_t{blockIdx.x} * p.members + member) * kPack) {}
  SINTER_DEVICE int64_t begin(const ChannelSums& p) const { return column < p.c ? first + lane : end; }
};
// For column j of a block, f(thread, rows) of the threads that had it, in their order; then store(the column of all).
template <int kPack, class F, class S>
SINTER_DEVICE void each_column(const ChannelSums& p, const ColumnWalk<kPack>& walk, F f, S store) {
  __syncthreads();
  const int64_t first = int64_t{blockIdx.x} * p.members * kPack;
#pragma unroll 1
  for (int j = threadIdx.x; j < p.members * kPack && first + j < p.c; j += kChannelThreads) {
#pragma unroll 1
    for (int lane = 0; lane < walk.lanes && lane < walk.end - walk.first; lane++)
      f(j % kPack * kChannelThreads + lane * p.members + j / kPack,
        (walk.end - walk.first - lane + walk.lanes - 1) / walk.lanes);
    store(first + j);
  }
}

// `kept`: shared memory, 2 kPack numbers a thread.
template <int kPack, class T>
SINTER_DEVICE void moments_of_columns(const ChannelSums& p, Compute<T>* kept) {
  using V = Compute<T>;
  constexpr int kRows = 4;
  const ColumnWalk<kPack> walk(p);
  const T* x = static_cast<const T*>(p.x) + walk.column;
  V origin[kPack] = {}, mean[kPack] = {}, square[kPack] = {}, count = 0;
  int64_t r = walk.begin(p);
  if (r < walk.end) {
    const Pack<T, kPack> row = load_pack<kPack>(x);
#pragma unroll
    for (int e = 0; e < kPack; e++) origin[e] = origin_of(widen(row.at[e]));
  }
#pragma unroll 1
  for (; r + (kRows - 1) * walk.lanes < walk.end; r += kRows * walk.lanes) {
    Pack<T, kPack> rows[kRows];
#pragma unroll
    for (int k = 0; k < kRows; k++) rows[k] = load_pack<kPack>(x + (r + k * walk.lanes) * p.c);
    const V total = count + V(kRows), share = V(kRows) / total, weight = count * share;
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      V sum = 0, apart = 0;
#pragma unroll
      for (int k = 0; k < kRows; k++) sum += widen(rows[k].at[e]) - origin[e];
      const V center = sum * V(1. / kRows), d = center - mean[e];
#pragma unroll
      for (int k = 0; k < kRows; k++) {
        const V distance = widen(rows[k].at[e]) - origin[e] - center;
        apart += distance * distance;
      }
      square[e] += apart + d * d * weight;
      mean[e] = mean[e] * (V(1) - share) + center * share;
    }
    count = total;
  }
#pragma unroll 1
  for (; r < walk.end; r += walk.lanes) {
    const Pack<T, kPack> row = load_pack<kPack>(x + r * p.c);
    const V total = count + V(1), share = V(1) / total, weight = count * share;
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      const V value = widen(row.at[e]) - origin[e], d = value - mean[e];
      square[e] += value - value + d * d * weight;  // infinity gives NaN
      mean[e] = mean[e] * (V(1) - share) + value * share;
    }
    count = total;
  }
#pragma unroll
  for (int e = 0; e < kPack; e++) {
    kept[e * kChannelThreads + threadIdx.x] = mean[e];
    kept[(kPack + e) * kChannelThreads + threadIdx.x] = square[e];
  }
  ChannelMoments all{0, 0, 0};
  each_column(
      p, walk,
      [&](int at, int64_t rows) {
        all = MergeMoments()(all, {static_cast<double>(rows), static_cast<double>(kept[at]),
                                   static_cast<double>(kept[kPack * kChannelThreads + at])});
      },
      [&](int64_t column) {
        all.mean += static_cast<double>(origin_of(widen(static_cast<const T*>(p.x)[column])));
        static_cast<ChannelMoments*>(p.parts)[blockIdx.y * p.c + column] = all;
        all = {0, 0, 0};
      });
}
template <class T>
SINTER_DEVICE void column_moments(const ChannelSums& p) {
  __shared__ Compute<T> kept[2 * kWholePack<T> * kChannelThreads];
  if (p.packed)
    moments_of_columns<kWholePack<T>, T>(p, kept);
  else
    moments_of_columns<1, T>(p, kept);
}

template <int kPack, class T>
SINTER_DEVICE void gradients_of_columns(const ChannelSums& p, Compute<T>* kept) {
  using V = Compute<T>;
  constexpr int kRows = 2;
  const ColumnWalk<kPack> walk(p);
  const T *g = static_cast<const T*>(p.g) + walk.column, *x = static_cast<const T*>(p.x) + walk.column;
  const T* y = p.y ? static_cast<const T*>(p.y) + walk.column : nullptr;
  const T zero = narrow<T>(V(0));
  V mean[kPack] = {}, sum[kPack] = {}, product[kPack] = {};
  if (walk.column < p.c) {
    int64_t channel = walk.column / p.mean_repeat, within = walk.column - channel * p.mean_repeat;
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      mean[e] = static_cast<const V*>(p.mean)[channel];
      if (++within < p.mean_repeat) continue;
      within = 0;
      // The last pack may end with the last channel.
      channel = walk.column + e + 1 < p.c ? channel + 1 : channel;
    }
  }
#pragma unroll 1
  for (int64_t r = walk.begin(p); r < walk.end; r += kRows * walk.lanes) {
    Pack<T, kPack> gs[kRows], xs[kRows], ys[kRows];
#pragma unroll
    for (int k = 0; k < kRows; k++) {
      const int64_t row = r + k * walk.lanes;
      gs[k].word = xs[k].word = {};
      if (row >= walk.end) continue;
      gs[k] = load_pack<kPack>(g + row * p.c);
      xs[k] = load_pack<kPack>(x + row * p.c);
      if (y) ys[k] = load_pack<kPack>(y + row * p.c);
    }
#pragma unroll
    for (int k = 0; k < kRows; k++) {
      const int64_t row = r + k * walk.lanes;
      if (row >= walk.end) continue;
#pragma unroll
      for (int e = 0; e < kPack; e++) {
        if (y && widen(ys[k].at[e]) <= V(0)) gs[k].at[e] = zero;
        const V value = widen(gs[k].at[e]);
        sum[e] += value;
        product[e] += value * (widen(xs[k].at[e]) - mean[e]);
      }
      if (p.gsum) store_pack(static_cast<T*>(p.gsum) + row * p.c + walk.column, gs[k]);
    }
  }
#pragma unroll
  for (int e = 0; e < kPack; e++) {
    kept[e * kChannelThreads + threadIdx.x] = sum[e];
    kept[(kPack + e) * kChannelThreads + threadIdx.x] = product[e];
  }
  GradientSums all{0, 0};
  each_column(
      p, walk,
      [&](int at, int64_t) {
        all.g += kept[at];
        all.gd += kept[kPack * kChannelThreads + at];
      },
      [&](int64_t column) {
        static_cast<GradientSums*>(p.parts)[blockIdx.y * p.c + column] = all;
        all = {0, 0};
      });
}
template <class T>
SINTER_DEVICE void column_gradients(const ChannelSums& p) {
  __shared__ Compute<T> kept[2 * kWholePack<T> * kChannelThreads];
  if (p.packed)
    gradients_of_columns<kWholePack<T>, T>(p, kept);
  else
    gradients_of_columns<1, T>(p, kept);
}

// ---- What is applied, over all elements as they lie: packs are at multiples of 16 bytes whatever the sizes.

// The entries of the table that the elements from i on have.
template <class V, int kPack>
SINTER_DEVICE void entries_at(const ChannelApply& p, int64_t i, V (&entries)[kPack][kTable]) {
  constexpr int kPart = 16 / static_cast<int>(sizeof(V));
  const V* table = static_cast<const V*>(p.table);
  const int64_t plane = quotient(i, p.s);
  int64_t within = i - plane * p.s.size, channel = plane - quotient(plane, p.c) * p.c.size;
#pragma unroll
  for (int e = 0; e < kPack; e++) {
    if (e > 0 && ++within < p.s.size) {
#pragma unroll
      for (int k = 0; k < kTable; k++) entries[e][k] = entries[e - 1][k];
      continue;
    }
    if (e > 0) {
      within = 0;
      channel = channel + 1 < p.c.size ? channel + 1 : 0;
    }
#pragma unroll
    for (int part = 0; part < kTable / kPart; part++) {
      const Pack<V, kPart> numbers = load_pack_constant<kPart>(table + channel * kTable + part * kPart);
#pragma unroll
      for (int k = 0; k < kPart; k++) entries[e][part * kPart + k] = numbers.at[k];
    }
  }
}

// y = f(x, other, result, entry) for every element; `other` and `result` where there are any.
template <class T, class F>
SINTER_DEVICE void apply_channels(const ChannelApply& p, F f) {
  using V = Compute<T>;
  constexpr int kPack = kWholePack<T>;
  V entries[kPack][kTable];
  const int64_t first = (int64_t{blockIdx.x} * kChannelThreads + threadIdx.x) * kPack, step = p.stride * kPack;
  if (first >= step) return;
#pragma unroll 1
  for (int64_t i = first; i < p.numel; i += step) {
    const Pack<T, kPack> x = load_aligned<kPack>(static_cast<const T*>(p.x), i, p.numel);
    Pack<T, kPack> other, result, y;
    if (p.other) other = load_aligned<kPack>(static_cast<const T*>(p.other), i, p.numel);
    if (p.result) result = load_aligned<kPack>(static_cast<const T*>(p.result), i, p.numel);
    if (!p.constant || i == first) entries_at(p, i, entries);
#pragma unroll
    for (int e = 0; e < kPack; e++)
      y.at[e] = narrow<T>(
          f(widen(x.at[e]), p.other ? widen(other.at[e]) : V(0), p.result ? widen(result.at[e]) : V(1), entries[e]));
    store_aligned(static_cast<T*>(p.y) + i, 0, static_cast<int>(min(p.numel - i, int64_t{kPack})), y);
  }
}

template <class T>
SINTER_DEVICE void apply_forward(const ChannelApply& p) {
  using V = Compute<T>;
  apply_channels<T>(p, [&p](V x, V residual, V, const V(&entry)[kTable]) {
    V y = (x - entry[0]) * entry[1] + entry[2];
    if (p.other) y += residual;
    return p.relu && y < V(0) ? V(0) : y;
  });
}
template <class T>
SINTER_DEVICE void apply_backward(const ChannelApply& p) {
  using V = Compute<T>;
  apply_channels<T>(p, [](V x, V g, V result, const V(&entry)[kTable]) {
    return (result <= V(0) ? V(0) : g) * entry[1] - ((x - entry[0]) * entry[2] + entry[3]);
  });
}

#define SINTER_CHANNEL_KERNEL(name, Parameters, ...)                                                         \
  extern "C" __global__ void __launch_bounds__(kChannelThreads) name(const __grid_constant__ Parameters p) { \
    __VA_ARGS__(p);                                                                                          \
  }
#define SINTER_CHANNELS(T)                                                      \
  SINTER_CHANNEL_KERNEL(plane_moments_##T, ChannelSums, plane_moments<T>)       \
  SINTER_CHANNEL_KERNEL(plane_gradients_##T, ChannelSums, plane_gradients<T>)   \
  SINTER_CHANNEL_KERNEL(column_moments_##T, ChannelSums, column_moments<T>)     \
  SINTER_CHANNEL_KERNEL(column_gradients_##T, ChannelSums, column_gradients<T>) \
  SINTER_CHANNEL_KERNEL(channels_forward_##T, ChannelApply, apply_forward<T>)   \
  SINTER_CHANNEL_KERNEL(channels_backward_##T, ChannelApply, apply_backward<T>)

}  // namespace sinter::cuda
