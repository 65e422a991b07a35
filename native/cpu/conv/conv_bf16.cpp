// conv, convInputGrad and convChannelsLast of bf16 with vdpbf16ps or AMX. Place in the whole: the counterpart of conv.cpp, input_grad.cpp and channels_last.cpp where the
// processor has either; thin groups and few outputs, which are not bound by arithmetic, stay with those.
#include "cpu/conv/conv_bf16.h"

#include "cpu/conv/implicit_gemm_bf16.h"
#include "cpu/conv/input_grad.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// The kernels that these are put in front of. Set once, before any call.
Kernel wide_conv, wide_input_grad, wide_channels_last;

bool is_wide(int64_t groups, int64_t channels_in, int64_t channels_out) {
  return channels_in == 0 || is_thin(groups, channels_in, channels_out) || channels_out <= 4;
}

void conv_pairs(const Call& c) {
  const TensorRef &w = c.in[1], &y = c.out[0];
  if (y.dtype != DType::bf16 || y.numel == 0) return wide_conv(c);
  const ForwardConv f(c);
  if (is_wide(f.p.groups, w.dim(1), f.target.channels)) return wide_conv(c);
  const int64_t kernel = f.p.taps_z * f.p.ntaps, row = w.dim(1) * kernel;
  implicit_gemm_pairs(
      c, f.p, {w.as<bf16>(), f.target.channels * row, row, kernel, nullptr, f.p.source_channels, f.p.ntaps, f.p.taps_z},
      f.target);
}

void input_grad_pairs(const Call& c) {
  const TensorRef &w = c.in[1], &gx = c.out[0];
  if (gx.dtype != DType::bf16 || gx.numel == 0) return wide_input_grad(c);
  const ConvAttributes a(c);
  const int64_t og = w.dim(0) / a.groups, cg = w.dim(1), kernel = Volume(w).size();
  if (is_wide(a.groups, og, cg)) return wide_input_grad(c);
  each_residue_class<bf16>(c, a, [&](const ResidueClass& r) {
    implicit_gemm_pairs(c, r.p,
                        {w.as<bf16>(), og * cg * kernel, kernel, cg * kernel, r.taps == kernel ? nullptr : r.elements,
                         r.p.source_channels, r.p.ntaps, r.p.taps_z},
                        r.target);
  });
}

// A matrix unit reads rows of whole steps of pairs, which images do not have.
void channels_last_pairs(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  if (kMatrixUnit || y.dtype != DType::bf16 || y.numel == 0 || x.dim(3) == 0) return wide_channels_last(c);
  conv_channels_last_pairs(c);
}

}  // namespace

void override_conv(Kernel* conv, Kernel* input_grad, Kernel* channels_last) {
  wide_channels_last = *channels_last;
  *channels_last = channels_last_pairs;
  wide_conv = *conv;
  wide_input_grad = *input_grad;
  *conv = conv_pairs;
  *input_grad = input_grad_pairs;
}

}  // namespace sinter::cpu::SINTER_ISA
