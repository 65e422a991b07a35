// convWeightGrad's way for all but thin groups, in the computing type. Place in the whole: weight_grad_gemm.h says how.
#include "cpu/conv/weight_grad_gemm.h"
#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class Stored>
struct Computed {
  using S = Stored;
  using X = Compute<S>;
  using G = X;
  static constexpr bool kInPlace = std::is_same_v<S, X>;
  static constexpr int64_t kPositions = 1;

  static SINTER_INLINE void stage(const Problem& p, const Window& w, int64_t image, int64_t g, int64_t channel,
                                  int64_t y, int64_t ny, int64_t x, X* to) {
    stage_channel<S>(p, w, image, g, channel, y, ny, x, to);
  }

  static SINTER_INLINE G* transpose(const S* from, int64_t channel_stride, int64_t channels, int64_t length, G* to,
                                    int64_t ld, Vec<X>* sum) {
    constexpr int kL = kLanes<X>;
    for (int64_t i = 0; i < length; i += kL) {
      int count = static_cast<int>(std::min<int64_t>(kL, length - i));
      Vec<X> block[kL];
      for (int j = 0; j < kL; j++)
        block[j] = j < channels ? load_widened(from + j * channel_stride + i, count) : Vec<X>{};
      cpu::SINTER_ISA::transpose(block);
      for (int j = 0; j < count; j++, to += ld) store(to, block[j]);
      if (!sum) continue;
#pragma GCC unroll 4
      for (int h = kL / 2; h > 0; h /= 2)
#pragma GCC unroll 8
        for (int j = 0; j < h; j++) block[j] += block[j + h];
      *sum += block[0];
    }
    return to;
  }

  static SINTER_INLINE WeightTile<X> tile(int rows, int vectors) { return weight_tile_of<X>(rows, vectors); }

 private:
  static SINTER_INLINE Vec<X> load_widened(const S* from, int count) {
    if constexpr (std::is_same_v<S, X>) {
      return count == kLanes<X> ? load(from) : load_n(from, count);
    } else {
      if (count == kLanes<X>) return load_f32(from);
      S lanes[kLanes<X>] = {};
      for (int i = 0; i < count; i++) lanes[i] = from[i];
      return load_f32(lanes);
    }
  }
};

}  // namespace

void gemm_weight_grad(const Call& c, DType dtype, const Problem& p, const WeightGrad& out) {
  with_float_type(dtype, [&](auto zero) { GemmWeightGrad<Computed<decltype(zero)>>(c, p, out).run(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
