// rmsNorm: y = x rstd weight with rstd = 1 / sqrt(mean(x^2) + eps) of each row (Zhang and Sennrich 2019), of x or of the
// sum of x and a residual, which is then a result too;
// rmsNormBackward: with u = g weight,
//   gx = rstd (u - x rstd^2 mean(u x)) [+ gsum],  gweight = sum over rows of g x rstd.
// gsum is the gradient that reaches x beside the normalization, where x was the sum with a residual.
// Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   x, residual?, g, gsum?, y, sum?, gx (rows, n), weight?, gweight (n), rstd (rows) in the compute type; f32 f64 bf16 f16.
// The backward pass reads memory once: each block of rows adds to a partial sum of its own, added up in order.
#include "cpu/norm/partials.h"
#include "cpu/norm/residual.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kMaxBlocks = 128;

template <class T>
void rms_norm(const Call& c) {
  using C = Compute<T>;
  const Residual<T> in(c.in[0], c.opt(2), c.nout > 2 ? c.out[2].as<T>() : nullptr);
  const C* weight = as_compute<C>(c, c.opt(1));
  T* y = c.out[0].as<T>();
  C* rstd = c.out[1].as<C>();
  const int64_t rows = c.out[1].numel, n = c.int_attr(1);
  const double eps = c.attr[0];
  const bool stream = streams(y, rows * n);
  parallel_for(rows, grain_of(n), [=](int64_t begin, int64_t end) {
    RowBuffer<T> buffer;
    for (int64_t r = begin; r < end; r++) {
      const T* row = in.row(r, n, stream, buffer);
      const double squares = row_sum<T>(n, [&](int64_t i, auto part) {
        const Vec<C> v = get(part, row + i);
        return v * v;
      });
      const C s = static_cast<C>(1 / std::sqrt(squares / static_cast<double>(n) + eps));
      rstd[r] = s;
      write_row(y + r * n, n, stream, [&](int64_t i, auto part) {
        const Vec<C> v = get(part, row + i) * s;
        return weight ? v * get(part, weight + i) : v;
      });
    }
    end_streaming(stream);
  });
}

template <class T>
void rms_norm_backward(const Call& c) {
  using C = Compute<T>;
  const T *g = c.in[0].as<T>(), *x = c.in[1].as<T>();
  const C *rstd = c.in[2].as<C>(), *weight = as_compute<C>(c, c.opt(3));
  const T* gsum = c.opt(4).present() ? c.opt(4).as<T>() : nullptr;
  T* gx = c.out[0].as<T>();
  const int64_t rows = c.in[2].numel, n = c.int_attr(0);
  if (n == 0) return;
  const int64_t block = std::max((rows + kMaxBlocks - 1) / kMaxBlocks, grain_of(n)),
                blocks = (rows + block - 1) / block;
  C* partial = c.scratch_of<C>(blocks * n);
  const bool stream = streams(gx, rows * n);
  parallel_for(blocks, 1, [=](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; b++) {
      C* gw = partial + b * n;
      std::memset(gw, 0, static_cast<size_t>(n) * sizeof(C));
      for (int64_t r = b * block, end = std::min(rows, r + block); r < end; r++) {
        const T *gr = g + r * n, *xr = x + r * n;
        const C s = rstd[r];
        const double product = row_sum<T>(n, [&](int64_t i, auto part) {
          const Vec<C> v = get(part, gr + i) * get(part, xr + i);
          return weight ? v * get(part, weight + i) : v;
        });
        const double rs = s;
        const C slope = static_cast<C>(rs * rs * rs * product / static_cast<double>(n));
        write_row(gx + r * n, n, stream, [&](int64_t i, auto part) {
          Vec<C> gv = get(part, gr + i);
          const Vec<C> v = get(part, xr + i);
          put(part, gw + i, get(part, gw + i) + gv * (v * s));
          if (weight) gv *= get(part, weight + i);
          const Vec<C> own = gv * s - v * slope;
          return gsum ? own + get(part, gsum + r * n + i) : own;
        });
      }
    }
    end_streaming(stream);
  });
  const TensorRef& gweight = c.out[1];
  parallel_for(n, std::max(kPartialColumns, grain_of(blocks)), [=, &gweight](int64_t begin, int64_t end) {
    add_partials(partial, blocks, n, begin, end, [&](int64_t i, double w) { write_any(gweight, i, w); });
  });
}

}  // namespace

void rmsNorm(const Call& c) {
  with_floating(c.in[0].dtype, "rmsNorm", [&](auto t) { rms_norm<decltype(t)>(c); });
}

void rmsNormBackward(const Call& c) {
  with_floating(c.in[0].dtype, "rmsNormBackward", [&](auto t) { rms_norm_backward<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
