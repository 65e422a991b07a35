// lambStep: LAMB (You et al., "Large batch optimization for deep learning", 2020): Adam's direction with its decay,
// scaled a tensor at a time. Place in the whole: kernel of native/ops.def, compiled once per instruction set. Operands:
// (p, g, low?, m, v)*, see multi_tensor.h.
//   u = direction(m, v) + wd p, as in adam.h;  p -= lr |p| / |u| u,   the quotient 1 where either norm is 0
// Two passes over memory: moments and norms; then u once more from the moments, which costs less than keeping it.
#include "cpu/optim/adam.h"
#include "cpu/optim/pieces.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int kOperands = kState + 2;

template <class T, class G, class Rounding>
void lamb(const Call& c, const Rounding& rounding) {
  using C = Compute<T>;
  const double* a = c.attr;
  const AdamMoments<C> adam(a[1], a[2], a[3], a[5]);
  const C decay = static_cast<C>(a[4]), sign = a[6] != 0 ? C(-1) : C(1);
  const TensorRef* in = c.in;
  const Pieces pieces = even_pieces(c, kOperands);
  double* squares = c.scratch_of<double>(2 * pieces.count());  // of p and u, a piece each
  each_piece(pieces, [=](int64_t piece, int64_t tensor, int64_t place) {
    const TensorRef* t = in + tensor * kOperands;
    const int64_t at = place * kPiece, n = std::min(kPiece, t[kParameter].numel - at);
    const T* p = t[kParameter].as<T>() + at;
    const G* g = t[kGradient].as<G>() + at;
    T *m = t[kState].as<T>() + at, *v = t[kState + 1].as<T>() + at;
    double sums[2];
    row_sums<T, 2>(n, sums, [&](int64_t i, auto part, Vec<C>(&term)[2]) {
      const Vec<C> pv = get(part, p + i);
      Vec<C> mv = get(part, m + i), vv = get(part, v + i);
      adam.update(sign * get(part, g + i), mv, vv);
      put(part, m + i, mv);
      put(part, v + i, vv);
      const Vec<C> u = adam.direction(mv, vv) + decay * pv;
      term[0] = pv * pv;
      term[1] = u * u;
    });
    squares[2 * piece] = sums[0], squares[2 * piece + 1] = sums[1];
  });

  C* rates = c.scratch_of<C>(pieces.tensors);
  for (int64_t i = 0; i < pieces.tensors; i++) {
    double p = 0, u = 0;
    for (int64_t k = pieces.starts[i]; k < pieces.starts[i + 1]; k++) p += squares[2 * k], u += squares[2 * k + 1];
    rates[i] = static_cast<C>(a[0] * (p > 0 && u > 0 ? std::sqrt(p / u) : 1));
  }

  each_piece(pieces, [=](int64_t piece, int64_t tensor, int64_t place) {
    const TensorRef* t = in + tensor * kOperands;
    const int64_t at = place * kPiece, n = std::min(kPiece, t[kParameter].numel - at);
    T* p = t[kParameter].as<T>() + at;
    G* low = at_or_null<G>(t[kLow], at);
    const T *m = t[kState].as<T>() + at, *v = t[kState + 1].as<T>() + at;
    const C rate = rates[tensor];
    each_rounded<T>(rounding, piece * kPiece, n, [&](int64_t i, auto part, auto round) {
      Vec<C> pv = get(part, p + i);
      pv -= rate * (adam.direction(get(part, m + i), get(part, v + i)) + decay * pv);
      put(part, p + i, round(pv));
      if (low) put(part, low + i, pv);
    });
  });
}

}  // namespace

void lambStep(const Call& c) {
  with_parameters(c, "lambStep", kOperands, 2, [&](auto t, auto g) {
    with_rounding<decltype(t)>(c, [&](auto rounding) { lamb<decltype(t), decltype(g)>(c, rounding); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
