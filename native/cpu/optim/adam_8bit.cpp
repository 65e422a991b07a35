// adam8bitStep: Adam and AdamW with moments in one byte and a scale for each 256 of them (dynamic_map.h). Place in the
// whole: kernel of native/ops.def, compiled once per instruction set. Operands:
// (p, g, low?, m u8, v u8, mScale f32, vScale f32)*, see multi_tensor.h; scales (ceil(numel / 256)); p f32, bf16 or f16.
// The step is adamwStep's, computed from the decoded moments before they are encoded again.
#include "cpu/optim/adam.h"
#include "cpu/optim/dynamic_map.h"
#include "cpu/optim/pieces.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int kOperands = kState + 4;

// The larger of two, or a NaN.
SINTER_INLINE Vf larger(Vf a, Vf b) { return (a >= b) | (a != a) ? a : b; }

struct Maps {
  DynamicMap<true> first;
  DynamicMap<false> second;

  static const Maps& get() {
    static const Maps maps;
    return maps;
  }
};

template <class T, class G, class Rounding>
struct Step {
  AdamMoments<float> adam;
  const Maps& maps;
  float lr, keep, decay, sign;
  Rounding rounding;

  // n <= kCodeBlock elements that share a scale; `element`: the first one's place in the command.
  void block(int64_t element, T* p, const G* g, G* low, uint8_t* m, uint8_t* v, float& m_scale, float& v_scale,
             int64_t n) const {
    // A whole block, so that encoding reads whole vectors.
    alignas(64) float moment[kCodeBlock] = {}, square[kCodeBlock] = {};
    maps.first.decode(m, n, m_scale, moment);
    maps.second.decode(v, n, v_scale, square);
    Vf largest{}, largest_square{};
    each_rounded<T>(rounding, element, n, [&](int64_t i, auto part, auto round) {
      Vf pv = get(part, p + i), mv = get(part, moment + i), vv = get(part, square + i);
      adam.update(sign * get(part, g + i) + decay * pv, mv, vv);
      put(part, moment + i, mv);
      put(part, square + i, vv);
      // A NaN must reach the scale, else it would be forgotten.
      largest = larger(largest, only<float>(part, vabs(mv)));
      largest_square = larger(largest_square, only<float>(part, vv));
      pv = keep * pv - lr * adam.direction(mv, vv);
      put(part, p + i, round(pv));
      if (low) put(part, low + i, pv);
    });
    m_scale = fold_lanes<float>(largest, larger);
    v_scale = fold_lanes<float>(largest_square, larger);
    maps.first.encode(moment, n, m_scale > 0 ? 1 / m_scale : 0, m);
    maps.second.encode(square, n, v_scale > 0 ? 1 / v_scale : 0, v);
  }
};

template <class T, class G, class Rounding>
void adam_8bit(const Call& c, const Rounding& rounding) {
  const double* a = c.attr;
  const bool decoupled = a[6] != 0;
  const Step<T, G, Rounding> step{AdamMoments<float>(a[1], a[2], a[3], a[5]),
                                  Maps::get(),
                                  static_cast<float>(a[0]),
                                  static_cast<float>(decoupled ? 1 - a[0] * a[4] : 1),
                                  static_cast<float>(decoupled ? 0 : a[4]),
                                  a[7] != 0 ? -1.0f : 1.0f,
                                  rounding};
  const Pieces pieces = even_pieces(c, kOperands);
  const TensorRef* in = c.in;
  each_piece(pieces, [=, &step](int64_t piece, int64_t tensor, int64_t place) {
    const TensorRef* t = in + tensor * kOperands;
    const int64_t end = std::min(t[kParameter].numel, (place + 1) * kPiece);
    for (int64_t at = place * kPiece; at < end; at += kCodeBlock)
      step.block(piece * kPiece + at % kPiece, t[kParameter].as<T>() + at, t[kGradient].as<G>() + at,
                 at_or_null<G>(t[kLow], at), t[kState].as<uint8_t>() + at, t[kState + 1].as<uint8_t>() + at,
                 t[kState + 2].as<float>()[at / kCodeBlock], t[kState + 3].as<float>()[at / kCodeBlock],
                 std::min(kCodeBlock, end - at));
  });
}

}  // namespace

void adam8bitStep(const Call& c) {
  with_parameters(c, "adam8bitStep", kOperands, 0, [&](auto t, auto g) {
    if constexpr (sizeof(Compute<decltype(t)>) == 4)
      with_rounding<decltype(t)>(c, [&](auto rounding) { adam_8bit<decltype(t), decltype(g)>(c, rounding); });
    else
      fail(ErrorCode::unsupported, "adam8bitStep: dtype f64 is not supported on cpu");
  });
}

}  // namespace sinter::cpu::SINTER_ISA
