// crossEntropy, crossEntropyBackward, crossEntropyInto. Place in the whole: device code of cross_entropy.cpp.
//
// A group of threads has a row, and a thread keeps its part of it: logits are read once, their gradient is written once, for rows of up
// to 4,096 classes of f32, 8,192 of halves (half of that where both are done); longer rows are read again, from L2 as a rule. Losses meet in one block, in double.
// sinter: cubins 80 90 100 120
#include <type_traits>

#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/loss/cross_entropy.h"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/rows.cuh"
#include "cuda/kernels/store_number.cuh"

namespace sinter::cuda {

struct Greater {
  template <class V>
  SINTER_DEVICE V operator()(V a, V b) const {
    return a > b ? a : b;
  }
};

SINTER_DEVICE double number_at(const void* p, int dtype, int64_t i) {
  switch (dtype) {
    case 0: return static_cast<const f32*>(p)[i];
    case 1: return static_cast<const f64*>(p)[i];
    case 2: return widen(static_cast<const bf16*>(p)[i]);
    default: return widen(static_cast<const f16*>(p)[i]);
  }
}

// A thread's row and the class that is its target; `counts`: the row is there, its target a class that is not ignored.
template <class T, int kKept>
struct LossRow {
  using V = Compute<T>;
  static constexpr int kPack = 16 / static_cast<int>(sizeof(T));
  using Elements = Pack<T, kPack>;
  const CrossEntropy& p;
  int member;
  int64_t row, first, n, target;
  bool present, counts;

  SINTER_DEVICE explicit LossRow(const CrossEntropy& call) : p(call) {
    member = threadIdx.x % p.members;
    row = int64_t{blockIdx.x} * (kLossThreads / p.members) + threadIdx.x / p.members;
    present = row < p.rows;
    n = present ? p.classes : 0;
    first = present ? row * p.classes : 0;
    target = !present ? 0 : p.wide ? static_cast<const i64*>(p.target)[row] : static_cast<const i32*>(p.target)[row];
    counts = present && target != p.ignored;
    if (counts && (target < 0 || target >= p.classes)) {
      counts = false;
      if (member == 0) report(p.fault, 0, target, p.classes);
    }
  }
  SINTER_DEVICE V weight_of(int64_t j) const { return p.weight ? static_cast<const V*>(p.weight)[j] : V(1); }

  struct Loss {
    double loss;
    V lse, of_target;  // of_target: the target's logit
  };
  // All threads of the block call.
  SINTER_DEVICE Loss loss(const RowShare<T, kKept>& x, V* maxima, double* sums) const {
    V top = static_cast<V>(-__builtin_huge_val()), of_target = 0;
    x.each([&](int64_t i, const Elements& pack) {
#pragma unroll
      for (int e = 0; e < kPack; e++) {
        const V v = widen(pack.at[e]);
        top = v > top ? v : top;
        of_target = i + e == target ? v : of_target;
      }
    });
    top = group_reduce(top, p.members, maxima, Greater());
    of_target = group_reduce(of_target, p.members, maxima, Plus());  // zero but for one
    double sum = 0, below = 0, weights = 0;
    x.each([&](int64_t i, const Elements& pack) {
      V part = 0, part_below = 0, part_weights = 0;
#pragma unroll
      for (int e = 0; e < kPack; e++) {
        const V v = widen(pack.at[e]) - top;
        part += exp_of(v);
        if (p.smoothing != 0 && i + e < n) {
          const V w = weight_of(i + e);
          part_below += v * w;
          part_weights += w;
        }
      }
      sum += part;
      below += part_below;
      weights += part_weights;
    });
    sum = group_reduce(sum, p.members, sums, Plus());
    const double log_sum = log_of(sum);
    const double w = counts ? weight_of(target) : V(1),
                 nll = log_sum - (static_cast<double>(of_target) - static_cast<double>(top));
    double loss = w * nll;
    if (p.smoothing != 0) {
      below = group_reduce(below, p.members, sums, Plus());
      weights = group_reduce(weights, p.members, sums, Plus());
      loss = (1 - p.smoothing) * w * nll + p.share * (weights * log_sum - below);
    }
    return {loss, static_cast<V>(top + log_sum), of_target};
  }

  // r times the loss's gradient; zeros where the row does not count. The target's own term is added before rounding. All threads of
  // the block call.
  SINTER_DEVICE void gradient(const RowShare<T, kKept>& x, V lse, V of_target, double r, double* sums) const {
    const double share = p.share;
    double weights = static_cast<double>(p.classes);
    if (p.smoothing != 0 && p.weight) {
      weights = 0;
      for (int64_t j = member; j < n; j += p.members) weights += weight_of(j);
      weights = group_reduce(weights, p.members, sums, Plus());
    }
    const double own_weight = counts ? weight_of(target) : V(1), w = (1 - p.smoothing) * own_weight;
    const V slope = static_cast<V>(r * (w + share * weights)), smooth = static_cast<V>(r * share);
    const double probability = exp_of(static_cast<double>(of_target) - static_cast<double>(lse));
    const V own = static_cast<V>(probability * slope - r * w - (p.smoothing == 0 ? 0. : r * share * own_weight));
    T* gx = static_cast<T*>(p.gradient) + first;
    x.each([&](int64_t i, const Elements& pack) {
      Elements result;
#pragma unroll
      for (int e = 0; e < kPack; e++) {
        V v = exp_of(widen(pack.at[e]) - lse) * slope;
        if (p.smoothing != 0 && i + e < n) v -= weight_of(i + e) * smooth;
        v = i + e == target ? own : v;
        result.at[e] = narrow<T>(counts ? v : V(0));
      }
      store_pack_ragged(gx, i, n, result);
    });
  }
};

template <class T>
SINTER_DEVICE void cross_entropy(const CrossEntropy& p) {
  using V = Compute<T>;
  __shared__ V maxima[kLossThreads / kWarp];
  __shared__ double sums[kLossThreads / kWarp];
  const LossRow<T, kLossPacks> row(p);
  const RowShare<T, kLossPacks> x(static_cast<const T*>(p.logits) + row.first, row.n, row.member, p.members,
                                  narrow<T>(static_cast<V>(-__builtin_huge_val())));
  const typename LossRow<T, kLossPacks>::Loss loss = row.loss(x, maxima, sums);
  if (!row.present || row.member != 0) return;
  static_cast<V*>(p.lse)[row.row] = row.counts ? loss.lse : V(0);
  const double own = row.counts ? loss.loss : 0;
  p.losses[row.row] = own;
  p.counted[row.row] = row.counts ? static_cast<double>(row.weight_of(row.target)) : 0;
  // crossEntropy's losses are of the logits' type, crossEntropyInto's of the computing one.
  using Losses = std::conditional_t<kSame<T, Compute<T>>, Types<T>, Types<T, Compute<T>>>;
  if (p.reduction == kLossNone) store_number(Losses{}, p.loss, p.loss_dtype, row.row, own);
}
template <class T>
SINTER_DEVICE void cross_entropy_backward(const CrossEntropy& p) {
  using V = Compute<T>;
  __shared__ double sums[kLossThreads / kWarp];
  const LossRow<T, kLossPacks> row(p);
  const T* logits = static_cast<const T*>(p.logits) + row.first;
  const RowShare<T, kLossPacks> x(logits, row.n, row.member, p.members, narrow<T>(V(0)));
  double r = row.present ? number_at(p.g, p.g_dtype, p.reduction == kLossNone ? row.row : 0) : 0;
  if (p.reduction == kLossMean) r /= static_cast<double>(*static_cast<const V*>(p.total));
  const V lse = row.counts ? static_cast<const V*>(p.lse)[row.row] : V(0);
  row.gradient(x, lse, row.counts ? widen(logits[row.target]) : V(0), r, sums);
}
template <class T>
SINTER_DEVICE void cross_entropy_into(const CrossEntropy& p) {
  using V = Compute<T>;
  constexpr int kPacks = kLossIntoPacks<sizeof(T)>;
  __shared__ V maxima[kLossThreads / kWarp];
  __shared__ double sums[kLossThreads / kWarp];
  const LossRow<T, kPacks> row(p);
  const RowShare<T, kPacks> x(static_cast<const T*>(p.gradient) + row.first, row.n, row.member, p.members,
                              narrow<T>(static_cast<V>(-__builtin_huge_val())));
  const typename LossRow<T, kPacks>::Loss loss = row.loss(x, maxima, sums);
  const V* scale = static_cast<const V*>(p.g);
  const double r = scale && row.present ? static_cast<double>(scale[p.one ? 0 : row.row]) : 1;
  row.gradient(x, loss.lse, loss.of_target, r, sums);
  if (row.present && row.member == 0) static_cast<V*>(p.loss)[row.row] = row.counts ? static_cast<V>(loss.loss) : V(0);
}

// One block: sums over the rows.
template <class V>
SINTER_DEVICE void cross_entropy_total(const CrossEntropy& p) {
  __shared__ double sums[kLossThreads / kWarp], counts[kLossThreads / kWarp];
  double sum = 0, counted = 0;
#pragma unroll 4
  for (int64_t i = threadIdx.x; i < p.rows; i += kLossThreads) {
    sum += p.losses[i];
    counted += p.counted[i];
  }
  sum = group_reduce(sum, kLossThreads, sums, Plus());
  counted = group_reduce(counted, kLossThreads, counts, Plus());
  if (threadIdx.x != 0) return;
  *static_cast<V*>(p.total) = static_cast<V>(counted);
  if (p.reduction != kLossNone)
    store_number(typename ElementsIn<V>::Type{}, p.loss, p.loss_dtype, 0,
                 p.reduction == kLossMean ? sum / counted : sum);
}

#define SINTER_LOSS_KERNEL(name, T)                                                                               \
  extern "C" __global__ void __launch_bounds__(kLossThreads) name##_##T(const __grid_constant__ CrossEntropy p) { \
    name<T>(p);                                                                                                   \
  }
#define SINTER_LOSS(T)                          \
  SINTER_LOSS_KERNEL(cross_entropy, T)          \
  SINTER_LOSS_KERNEL(cross_entropy_backward, T) \
  SINTER_LOSS_KERNEL(cross_entropy_into, T)
SINTER_LOSS(f32)
SINTER_LOSS(f64)
SINTER_LOSS(bf16)
SINTER_LOSS(f16)
SINTER_LOSS_KERNEL(cross_entropy_total, f32)
SINTER_LOSS_KERNEL(cross_entropy_total, f64)

}  // namespace sinter::cuda
