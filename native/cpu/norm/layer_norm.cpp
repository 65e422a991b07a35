// layerNorm: y = (x - mean) rstd weight + bias over the last n elements, of x or of the sum of x and a residual, which
// is then a result too. Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   x, residual?, y, sum? (rows, n), weight?, bias? (n), mean, rstd (rows) in the compute type; f32 f64 bf16 f16; weight
//   and bias may be wider than x. Mean and variance are two passes over a row that stays in the first-level cache.
#include "cpu/norm/residual.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T, bool kWeight, bool kBias>
void normalize(const Residual<T>& in, const Compute<T>* weight, const Compute<T>* bias, T* y, Compute<T>* mean,
               Compute<T>* rstd, int64_t rows, int64_t n, double eps) {
  using C = Compute<T>;
  const bool stream = streams(y, rows * n);
  parallel_for(rows, grain_of(n), [=](int64_t begin, int64_t end) {
    RowBuffer<T> buffer;
    for (int64_t r = begin; r < end; r++) {
      const T* xr = in.row(r, n, stream, buffer);
      const C m = static_cast<C>(row_sum<T>(n, [&](int64_t i, auto part) { return get(part, xr + i); }) /
                                 static_cast<double>(n));
      const double squares = row_sum<T>(n, [&](int64_t i, auto part) {
        Vec<C> d = get(part, xr + i) - m;
        return d * d;
      });
      const C s = static_cast<C>(1 / std::sqrt(squares / static_cast<double>(n) + eps));
      mean[r] = m;
      rstd[r] = s;
      write_row(y + r * n, n, stream, [&](int64_t i, auto part) {
        Vec<C> v = (get(part, xr + i) - m) * s;
        if constexpr (kWeight) v *= get(part, weight + i);
        if constexpr (kBias) v += get(part, bias + i);
        return v;
      });
    }
    end_streaming(stream);
  });
}

template <class T>
void layer_norm(const Call& c) {
  using C = Compute<T>;
  const C *weight = as_compute<C>(c, c.opt(1)), *bias = as_compute<C>(c, c.opt(2));
  T* y = c.out[0].as<T>();
  C *mean = c.out[1].as<C>(), *rstd = c.out[2].as<C>();
  const int64_t rows = c.out[1].numel, n = c.int_attr(1);
  const Residual<T> in(c.in[0], c.opt(3), c.nout > 3 ? c.out[3].as<T>() : nullptr);
  auto run = weight ? (bias ? normalize<T, true, true> : normalize<T, true, false>)
                    : (bias ? normalize<T, false, true> : normalize<T, false, false>);
  run(in, weight, bias, y, mean, rstd, rows, n, c.attr[0]);
}

}  // namespace

void layerNorm(const Call& c) {
  with_floating(c.in[0].dtype, "layerNorm", [&](auto t) { layer_norm<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
