// tensorsNorm: one norm over many tensors; clipToNorm and clampEach: gradients scaled and bounded in place. Place in the
// whole: kernels of native/ops.def, compiled once per instruction set: one pass over all tensors each.
//   tensorsNorm  x0, x1, ... f32 f64 bf16 f16 -> y () = (sum |x|^p)^(1/p), f32 or f64 {p, finite}: p may be inf; finite 1:
//                a norm that is not is an error
//   clipToNorm   (g, norm ())* {most}: g *= min(1, most / (norm + 1e-6)), PyTorch's factor; gradients within the bound
//                are not touched
//   clampEach    (g)* {low, high}: a NaN stays
#include "cpu/optim/pieces.h"
#include "cpu/simd/sums.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

enum class Norm { one, two, largest, other };

Norm kind_of(double p) { return p == 1 ? Norm::one : p == 2 ? Norm::two : std::isinf(p) ? Norm::largest : Norm::other; }

// The larger of two, or a NaN.
SINTER_INLINE double larger(double a, double b) { return a >= b || std::isnan(a) ? a : b; }

template <class T>
double largest_magnitude(const T* x, int64_t n) {
  using C = Compute<T>;
  Vec<C> most{};
  each_step<T>(n, [&](int64_t i, auto part) {
    const Vec<C> v = vabs(Vec<C>(get(part, x + i)));
    most = v <= most || most != most ? most : v;
  });
  double y = 0;
  for (int i = 0; i < kLanes<C>; i++) y = larger(y, most[i]);
  return y;
}

// The sum of f(x) in f64: squares of f32 may be beyond it.
template <class T, class F>
double sum_of(const T* x, int64_t n, F f) {
  using C = Compute<T>;
  Vd sum[2][2] = {};
  const auto add = [&](Vd(&lanes)[2], Vec<C> v) SINTER_STEP {
    if constexpr (sizeof(C) == 8) {
      lanes[0] += f(v);
    } else {
      lanes[0] += f(low_half(v));
      lanes[1] += f(high_half(v));
    }
  };
  int64_t i = 0;
  for (; i + 2 * kStep<T> <= n; i += 2 * kStep<T>)
    unrolled<2>([&](auto k) SINTER_STEP { add(sum[k], get(Whole{}, x + i + k * kStep<T>)); });
  each_step<T>(n - i, [&](int64_t j, auto part) SINTER_STEP { add(sum[0], get(part, x + i + j)); });
  return reduce_add<double>((sum[0][0] + sum[1][0]) + (sum[0][1] + sum[1][1]));
}

// What a run of elements adds to the norm before the root.
template <class T>
double run_norm(const T* x, int64_t n, Norm kind, double p) {
  switch (kind) {
    case Norm::two: return sum_of(x, n, [](Vd v) { return v * v; });
    case Norm::one: return sum_of(x, n, [](Vd v) { return vabs(v); });
    case Norm::largest: return largest_magnitude(x, n);
    default: {
      double sum = 0;
      for (int64_t i = 0; i < n; i++) sum += std::pow(std::fabs(static_cast<double>(to_compute(x[i]))), p);
      return sum;
    }
  }
}

// Every `size`-th operand: kernels must not fail once they compute.
void check_floating(const Call& c, int size, const char* op) {
  for (int i = 0; i < c.nin; i += size)
    if (!is_floating(c.in[i].dtype))
      fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", op, dtype_name(c.in[i].dtype));
}

}  // namespace

void tensorsNorm(const Call& c) {
  check_floating(c, 1, "tensorsNorm");
  const double p = c.attr[0];
  const Norm kind = kind_of(p);
  const Pieces pieces = even_pieces(c, 1);
  double* sums = c.scratch_of<double>(pieces.count());
  const TensorRef* in = c.in;
  each_piece(pieces, [=](int64_t piece, int64_t tensor, int64_t place) {
    const TensorRef& t = in[tensor];
    const int64_t at = place * kPiece, n = std::min(kPiece, t.numel - at);
    switch (t.dtype) {
      case DType::f32: sums[piece] = run_norm(t.as<float>() + at, n, kind, p); break;
      case DType::f64: sums[piece] = run_norm(t.as<double>() + at, n, kind, p); break;
      case DType::bf16: sums[piece] = run_norm(t.as<bf16>() + at, n, kind, p); break;
      default: sums[piece] = run_norm(t.as<f16>() + at, n, kind, p); break;
    }
  });
  double total = 0;
  for (int64_t i = 0; i < pieces.count(); i++) total = kind == Norm::largest ? larger(total, sums[i]) : total + sums[i];
  const double norm = kind == Norm::two ? std::sqrt(total) : kind == Norm::other ? std::pow(total, 1 / p) : total;
  if (c.attr[1] != 0 && !std::isfinite(norm))
    fail(ErrorCode::kernel, "the gradients' norm of order %g is %g, so that they cannot be clipped", p, norm);
  write_any(c.out[0], 0, norm);
}

void clipToNorm(const Call& c) {
  if (c.nin == 0) return;
  check_floating(c, 2, "clipToNorm");
  const double factor = c.attr[0] / (read_any(c.in[1], 0) + 1e-6);
  if (factor >= 1) return;
  each_group_piece(c, 2, [factor](const TensorRef* t, int64_t begin, int64_t end) {
    with_floating(t->dtype, "clipToNorm", [&](auto element) {
      using T = decltype(element);
      T* g = t->as<T>() + begin;
      const Compute<T> f = static_cast<Compute<T>>(factor);
      each_step<T>(end - begin, [&](int64_t i, auto part) { put(part, g + i, get(part, g + i) * f); });
    });
  });
}

void clampEach(const Call& c) {
  check_floating(c, 1, "clampEach");
  const double low = c.attr[0], high = c.attr[1];
  each_group_piece(c, 1, [=](const TensorRef* t, int64_t begin, int64_t end) {
    with_floating(t->dtype, "clampEach", [&](auto element) {
      using T = decltype(element);
      using C = Compute<T>;
      T* g = t->as<T>() + begin;
      const Vec<C> least = splat(static_cast<C>(low)), most = splat(static_cast<C>(high));
      each_step<T>(end - begin, [&](int64_t i, auto part) {
        Vec<C> v = get(part, g + i);
        v = v < least ? least : v;
        put(part, g + i, v > most ? most : v);
      });
    });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
