// convWeightGrad's ways. Place in the whole: conv_weight_grad.cpp picks one.
#pragma once
#include "cpu/conv/problem.h"

namespace sinter::cpu::SINTER_ISA {

// `p` is the forward problem, g its target's gradient (images, groups * channels, grid) -> gw (groups * channels,
// depth), gb (groups * channels); all of the tensors' dtype. The way the sums are cut depends on the shapes alone.
struct WeightGrad {
  const void* g;
  int64_t channels;  // of one group
  void* gw;
  void* gb;

  // Which plane of g belongs to an image of the grid and a channel.
  SINTER_INLINE int64_t plane(const Problem& p, int64_t image, int64_t g, int64_t channel) const {
    if (!p.dz) return (image * p.groups + g) * channels + channel;
    return ((image / p.grid_d * p.groups + g) * channels + channel) * p.grid_d + image % p.grid_d;
  }
};

void gemm_weight_grad(const Call& c, DType dtype, const Problem& p, const WeightGrad& out);
void thin_weight_grad(const Call& c, DType dtype, const Problem& p, const WeightGrad& out);

// winograd_weight_grad.cpp: not f64.
void winograd_weight_grad(const Call& c, DType dtype, const Problem& p, const WeightGrad& out);

}  // namespace sinter::cpu::SINTER_ISA
