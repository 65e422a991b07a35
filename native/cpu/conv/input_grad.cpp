// convInputGrad: g (n, o, ...), w (o, c/groups, ...), bias? (c) -> gx (n, c, ...). Place in the whole: also the transposed
// convolution; input_grad.h states it as convolutions, for which this picks the ways.
#include "cpu/conv/input_grad.h"

#include "cpu/conv/winograd.h"
#include "cpu/conv/winograd_cost.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// out (groups * cg, og * taps), of w's type or the computing one, from w (groups * og, cg, kernel), of the taps listed in `elements`.
template <class S, class T>
void exchange_channels(const S* w, int64_t groups, int64_t og, int64_t cg, int64_t kernel, const int64_t* elements,
                       int64_t taps, T* out) {
  constexpr int64_t kRows = 16;  // so that each visit of an output row writes whole cache lines
  int64_t blocks = ceil_div(og, kRows);
  parallel_for(groups * blocks, ceil_div(1 << 14, kRows * cg * taps + 1), [=](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      int64_t g = b / blocks, o0 = b % blocks * kRows, o1 = o0 + kRows < og ? o0 + kRows : og;
      for (int64_t ch = 0; ch < cg; ch++)
        for (int64_t o = o0; o < o1; o++) {
          const S* from = w + ((g * og + o) * cg + ch) * kernel;
          T* to = out + ((g * cg + ch) * og + o) * taps;
          for (int64_t t = 0; t < taps; t++) {
            if constexpr (std::is_same_v<S, T>)
              to[t] = from[elements[t]];
            else
              to[t] = to_compute(from[elements[t]]);
          }
        }
    }
  });
}

template <class S>
void one_class(const Call& c, const ConvAttributes& a, const ResidueClass& r) {
  using T = Compute<S>;
  const TensorRef &w = c.in[1], &gx = c.out[0];
  const Problem& p = r.p;
  const Target& target = r.target;
  const Volume kernel(w);
  const int64_t og = w.dim(0) / a.groups, cg = w.dim(1);
  const int tile = a.fast && std::is_same_v<T, float> && p.ntaps == 9 ? winograd_tile(p, target) : 0;
  if (tile && kernel.d == 1) return winograd(c, gx.dtype, tile, p, {w.data, og * cg * 9, 9, cg * 9, true}, target);
  const int64_t elements = a.groups * cg * og * r.taps;
  if (tile) {
    S* kernels = c.scratch_of<S>(elements);
    exchange_channels(w.as<S>(), a.groups, og, cg, kernel.size(), r.elements, r.taps, kernels);
    return winograd(c, gx.dtype, tile, p, {kernels, cg * p.depth(), p.depth(), 9, true}, target);
  }
  T* weights = c.scratch_of<T>(elements);
  exchange_channels(w.as<S>(), a.groups, og, cg, kernel.size(), r.elements, r.taps, weights);
  if (is_thin(a.groups, og, cg))
    direct_conv(c, gx.dtype, p, weights, target);
  else if (has_few_outputs(p, target))
    few_outputs_conv(c, gx.dtype, p, weights, target);
  else
    implicit_gemm(c, gx.dtype, p, weights, target);
}

}  // namespace

void convInputGrad(const Call& c) {
  const TensorRef& gx = c.out[0];
  if (!is_floating(gx.dtype))
    fail(ErrorCode::unsupported, "convInputGrad: dtype %s is not supported on cpu", dtype_name(gx.dtype));
  if (gx.numel == 0) return;
  const ConvAttributes a(c);
  with_float_type(gx.dtype, [&](auto zero) {
    using S = decltype(zero);
    each_residue_class<S>(c, a, [&](const ResidueClass& r) { one_class<S>(c, a, r); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
