// conv, its gradients and convChannelsLast of bf16 with vdpbf16ps or AMX. Place in the whole: the counterpart of conv.cpp, input_grad.cpp
// and channels_last.cpp where the processor has either. Thin groups and few outputs, which are not bound by arithmetic, stay with those,
// and so does what Winograd's algorithms do faster in f32.
#include "cpu/conv/conv_bf16.h"

#include "cpu/conv/implicit_gemm_bf16.h"
#include "cpu/conv/input_grad.h"
#include "cpu/conv/winograd_cost.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// The kernels that these are put in front of. Set once, before any call.
Kernel wide_conv, wide_input_grad, wide_weight_grad, wide_channels_last;

bool is_wide(int64_t groups, int64_t channels_in, int64_t channels_out) {
  return channels_in == 0 || is_thin(groups, channels_in, channels_out) || channels_out <= 4;
}

// Of the time that f32's direct sums take (measured on Zen 5); a matrix unit is not measured beside Winograd's algorithms.
constexpr double kPairTime = kMatrixUnit ? 0 : 0.45;

void conv_pairs(const Call& c) {
  const TensorRef &w = c.in[1], &y = c.out[0];
  if (y.dtype != DType::bf16 || y.numel == 0) return wide_conv(c);
  const ForwardConv f(c);
  if (is_wide(f.p.groups, w.dim(1), f.target.channels)) return wide_conv(c);
  if (f.attributes.fast && winograd_tile(f.p, f.target, kPairTime)) return wide_conv(c);
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
  // Only strides make more classes than one.
  const bool one = a.z.stride == 1 && a.y.stride == 1 && a.x.stride == 1;
  each_residue_class<bf16>(c, a, [&](const ResidueClass& r) {
    if (one && a.fast && winograd_tile(r.p, r.target, kPairTime)) return wide_input_grad(c);
    implicit_gemm_pairs(c, r.p,
                        {w.as<bf16>(), og * cg * kernel, kernel, cg * kernel, r.taps == kernel ? nullptr : r.elements,
                         r.p.source_channels, r.p.ntaps, r.p.taps_z},
                        r.target);
  });
}

void weight_grad_pairs(const Call& c) {
  const TensorRef &g = c.in[0], &x = c.in[1], &gw = c.out[0];
  // A matrix unit's panels are pairs of another operand.
  if (kMatrixUnit || gw.dtype != DType::bf16 || g.numel == 0 || gw.numel == 0) return wide_weight_grad(c);
  const ConvAttributes a(c);
  const WeightGrad out{g.data, gw.dim(0) / a.groups, gw.data, c.out[1].data};
  if (is_thin(a.groups, gw.dim(1), out.channels)) return wide_weight_grad(c);
  const Problem p = forward_problem(c, a, x, Volume(gw), Volume(g));
  if (a.fast && winograd_weight_grad_pays(p, out, kPairTime)) return wide_weight_grad(c);
  gemm_weight_grad_pairs(c, p, out);
}

// A matrix unit reads rows of whole steps of pairs, which images do not have.
void channels_last_pairs(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  if (kMatrixUnit || y.dtype != DType::bf16 || y.numel == 0 || x.dim(3) == 0) return wide_channels_last(c);
  conv_channels_last_pairs(c);
}

}  // namespace

void override_conv(Kernel* conv, Kernel* input_grad, Kernel* weight_grad, Kernel* channels_last) {
  wide_weight_grad = *weight_grad;
  *weight_grad = weight_grad_pairs;
  wide_channels_last = *channels_last;
  *channels_last = channels_last_pairs;
  wide_conv = *conv;
  wide_input_grad = *input_grad;
  *conv = conv_pairs;
  *input_grad = input_grad_pairs;
}

}  // namespace sinter::cpu::SINTER_ISA
