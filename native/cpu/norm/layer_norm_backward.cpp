// layerNormBackward: with h = (x - mean) rstd and u = g weight,
//   gx = rstd (u - mean(u) - h mean(u h)) [+ gsum],  gweight = sum over rows of g h,  gbias = sum over rows of g;
// gsum is the gradient that reaches x beside the normalization, where x was the sum with a residual.
// Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   g, x, gsum?, gx (rows, n), mean, rstd (rows) in the compute type, weight? (n), gweight, gbias (n); f32 f64 bf16 f16.
// One pass over memory: each block of rows adds to a (2, n) partial of its own; the partials are added in order.
#include "cpu/norm/partials.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kMaxBlocks = 128;

// One row; gw and gb are its block's partials.
template <class T, bool kWeight, bool kSum>
void backward_row(const T* g, const T* x, const T* gsum, const Compute<T>* weight, Compute<T> mean, Compute<T> rstd,
                  T* gx, Compute<T>* gw, Compute<T>* gb, int64_t n, bool stream) {
  using C = Compute<T>;
  double total[2];
  row_sums<T, 2>(n, total, [&](int64_t i, auto part, Vec<C>(&v)[2]) {
    v[0] = get(part, g + i);
    if constexpr (kWeight) v[0] *= get(part, weight + i);
    v[1] = v[0] * (get(part, x + i) - mean);
  });
  // gx = rstd (u - offset) - (x - mean) slope: what nearly cancels does so before it is scaled
  const double r = rstd, count = static_cast<double>(n);
  const C slope = static_cast<C>(r * r * r * total[1] / count), offset = static_cast<C>(total[0] / count);
  write_row(gx, n, stream, [&](int64_t i, auto part) {
    Vec<C> gv = get(part, g + i), d = get(part, x + i) - mean;
    put(part, gw + i, get(part, gw + i) + gv * (d * rstd));
    put(part, gb + i, get(part, gb + i) + gv);
    if constexpr (kWeight) gv *= get(part, weight + i);
    const Vec<C> own = (gv - offset) * rstd - d * slope;
    if constexpr (kSum) return own + get(part, gsum + i);
    return own;
  });
}

template <class T>
void layer_norm_backward(const Call& c) {
  using C = Compute<T>;
  const T *g = c.in[0].as<T>(), *x = c.in[1].as<T>();
  const C *mean = c.in[2].as<C>(), *rstd = c.in[3].as<C>(), *weight = as_compute<C>(c, c.opt(4));
  const T* gsum = c.opt(5).present() ? c.opt(5).as<T>() : nullptr;
  T* gx = c.out[0].as<T>();
  const int64_t rows = c.in[2].numel, n = c.int_attr(0);
  if (n == 0) return;
  const int64_t block = std::max((rows + kMaxBlocks - 1) / kMaxBlocks, grain_of(n)),
                blocks = (rows + block - 1) / block;
  C* partial = c.scratch_of<C>(blocks * 2 * n);
  const bool stream = streams(gx, rows * n);
  parallel_for(blocks, 1, [=](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; b++) {
      C *gw = partial + b * 2 * n, *gb = gw + n;
      std::memset(gw, 0, static_cast<size_t>(2 * n) * sizeof(C));
      for (int64_t r = b * block, end = std::min(rows, r + block); r < end; r++) {
        auto row = weight ? (gsum ? backward_row<T, true, true> : backward_row<T, true, false>)
                          : (gsum ? backward_row<T, false, true> : backward_row<T, false, false>);
        row(g + r * n, x + r * n, gsum ? gsum + r * n : nullptr, weight, mean[r], rstd[r], gx + r * n, gw, gb, n,
            stream);
      }
    }
    end_streaming(stream);
  });
  const TensorRef &gweight = c.out[1], &gbias = c.out[2];
  parallel_for(n, std::max(kPartialColumns, grain_of(2 * blocks)), [=, &gweight, &gbias](int64_t begin, int64_t end) {
    add_partials(partial, blocks, 2 * n, begin, end, [&](int64_t i, double w) { write_any(gweight, i, w); });
    add_partials(partial + n, blocks, 2 * n, begin, end, [&](int64_t i, double b) { write_any(gbias, i, b); });
  });
}

}  // namespace

void layerNormBackward(const Call& c) {
  with_floating(c.in[0].dtype, "layerNormBackward", [&](auto t) { layer_norm_backward<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
