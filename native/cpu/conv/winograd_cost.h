// Where Winograd's algorithms pay. Place in the whole: conv, convInputGrad and their counterparts by pairs choose by it, and so do weight gradients.
#pragma once
#include "cpu/conv/few_pixels.h"
#include "cpu/conv/weight_grad.h"
#include "cpu/conv/winograd_tiles.h"
#include "cpu/gemm/gemm.h"

namespace sinter::cpu::SINTER_ISA {

// The time of a way, in multiply-adds of the register tile. What other steps take was measured on Zen 3 with 8 to 512 channels and
// images of 7 x 7 to 56 x 56. Break-even on that machine: some 12 channels on both sides with many images; a single 7 x 7 image
// from 256 channels on, where transforming the kernels takes as long as the products do.
template <int kM>
SINTER_INLINE double winograd_cost(const Problem& p, const Target& target) {
  constexpr int kMatrices = (kM + 2) * (kM + 2);
  constexpr double kPatch = kM == 4 ? 1250 : 480, kResult = kM == 4 ? 650 : 245, kKernel = kM == 4 ? 300 : 150;
  double c = static_cast<double>(p.source_channels), o = static_cast<double>(target.channels);
  double tiles = static_cast<double>(Tiling<kM>(p).tiles());
  double columns = static_cast<double>(round_up(Tiling<kM>(p).tiles(), kLanes<float>));
  return c * o * (kMatrices * columns + kKernel) + tiles * (c * kPatch + o * kResult);
}
SINTER_INLINE double direct_cost(const Problem& p, const Target& target) {
  const bool few = has_few_pixels(p, target);
  const double kPack = few ? 3 : 6;  // to pack an element of the patches
  const int64_t pixels = p.images * p.pixels(), rest = few ? rest_of_line<float>(pixels) : 0;
  const double columns = static_cast<double>(round_up(pixels - rest, kLanes<float>) + rest);
  return columns * static_cast<double>(p.depth()) * (static_cast<double>(target.channels) + kPack);
}

// The tile side m of the F(m x m, 3 x 3) that is the fastest way of a problem whose direct sum takes `direct` of what it takes in f32;
// 0: that sum is.
SINTER_INLINE int winograd_tile(const Problem& p, const Target& target, double direct = 1) {
  if (!dilation_3x3(p) || target.column != 1) return 0;
  const double four = winograd_cost<4>(p, target), two = winograd_cost<2>(p, target);
  if (std::min(four, two) > 0.9 * direct * direct_cost(p, target)) return 0;
  return four <= two ? 4 : 2;
}

// The same of a weight gradient by F(3 x 3, 4 x 4), in multiply-adds of the register tile; measured as the others.
SINTER_INLINE bool winograd_weight_grad_pays(const Problem& p, const WeightGrad& out, double direct = 1) {
  if (!dilation_3x3(p)) return false;
  constexpr double kPatch = 2600, kGradient = 1600, kWeight = 500;
  double o = static_cast<double>(out.channels);
  double tiles = static_cast<double>(Tiling<4>(p).tiles());
  double padded = static_cast<double>(round_up(p.source_channels, kNR<float>));
  double winograd = o * padded * (36 * tiles + kWeight) + tiles * (padded * kPatch + o * kGradient);
  double sums = static_cast<double>(p.images * p.pixels()) * static_cast<double>(p.depth()) * (o + 6);
  return winograd < 0.8 * direct * sums;
}

}  // namespace sinter::cpu::SINTER_ISA
