// larsStep: layer-wise adaptive rate scaling (You, Gitman and Ginsburg, "Large batch training of convolutional networks",
// 2017): SGD with momentum whose rate is scaled a tensor at a time. Place in the whole: kernel of native/ops.def, compiled
// once per instruction set. Operands: (p, g, low?, buffer?)*, see multi_tensor.h; the buffer is there with momentum.
//   g = -g (maximize);  rate = lr trust |p| / (|g| + wd |p| + eps), lr where either norm is 0
//   d = rate (g + wd p);  buffer = momentum buffer + d;  p -= buffer (d + momentum buffer with Nesterov, d without momentum)
// Two passes over memory: norms, then the step.
#include "cpu/optim/pieces.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int kOperands = kState + 1;

template <class T, class G, class Rounding>
void lars(const Call& c, const Rounding& rounding) {
  using C = Compute<T>;
  const double* a = c.attr;
  const C momentum = static_cast<C>(a[1]), decay = static_cast<C>(a[2]), sign = a[6] != 0 ? C(-1) : C(1);
  const bool nesterov = a[5] != 0;
  const TensorRef* in = c.in;
  const Pieces pieces = even_pieces(c, kOperands);
  double* squares = c.scratch_of<double>(2 * pieces.count());  // of p and g, a piece each
  each_piece(pieces, [=](int64_t piece, int64_t tensor, int64_t place) {
    const TensorRef* t = in + tensor * kOperands;
    const int64_t at = place * kPiece, n = std::min(kPiece, t[kParameter].numel - at);
    const T* p = t[kParameter].as<T>() + at;
    const G* g = t[kGradient].as<G>() + at;
    double sums[2];
    row_sums<T, 2>(n, sums, [&](int64_t i, auto part, Vec<C>(&term)[2]) {
      const Vec<C> pv = get(part, p + i), gv = get(part, g + i);
      term[0] = pv * pv;
      term[1] = gv * gv;
    });
    squares[2 * piece] = sums[0], squares[2 * piece + 1] = sums[1];
  });

  C* rates = c.scratch_of<C>(pieces.tensors);
  for (int64_t i = 0; i < pieces.tensors; i++) {
    double p = 0, g = 0;
    for (int64_t k = pieces.starts[i]; k < pieces.starts[i + 1]; k++) p += squares[2 * k], g += squares[2 * k + 1];
    p = std::sqrt(p), g = std::sqrt(g);
    rates[i] = static_cast<C>(a[0] * (p > 0 && g > 0 ? a[3] * p / (g + a[2] * p + a[4]) : 1));
  }

  each_piece(pieces, [=](int64_t piece, int64_t tensor, int64_t place) {
    const TensorRef* t = in + tensor * kOperands;
    const int64_t at = place * kPiece, n = std::min(kPiece, t[kParameter].numel - at);
    T* p = t[kParameter].as<T>() + at;
    const G* g = t[kGradient].as<G>() + at;
    G* low = at_or_null<G>(t[kLow], at);
    T* buffer = at_or_null<T>(t[kState], at);
    const C rate = rates[tensor];
    each_rounded<T>(rounding, piece * kPiece, n, [&](int64_t i, auto part, auto round) {
      Vec<C> pv = get(part, p + i);
      Vec<C> d = rate * (sign * get(part, g + i) + decay * pv);
      if (buffer) {
        const Vec<C> b = momentum * get(part, buffer + i) + d;
        put(part, buffer + i, b);
        d = nesterov ? d + momentum * b : b;
      }
      pv -= d;
      put(part, p + i, round(pv));
      if (low) put(part, low + i, pv);
    });
  });
}

}  // namespace

void larsStep(const Call& c) {
  with_parameters(c, "larsStep", kOperands, 1, [&](auto t, auto g) {
    with_rounding<decltype(t)>(c, [&](auto rounding) { lars<decltype(t), decltype(g)>(c, rounding); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
