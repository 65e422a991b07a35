// The input gradient as convolutions. Place in the whole: input_grad.cpp and conv_bf16.cpp compute what this states.
//
// Along each axis, input position i meets output (i + padding - k * dilation) / stride through kernel element
// k where that is whole. So the positions of one residue class modulo the strides meet one subset of the kernel's elements,
// each at a fixed distance: a stride-1 convolution of g by these elements, with the roles of the channels exchanged. A
// class that no element meets is the bias, or zero.
#pragma once
#include <algorithm>

#include "cpu/conv/problem.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

inline int64_t modulo(int64_t a, int64_t b) { return (a % b + b) % b; }

// The kernel's elements along one axis that positions r, r + stride, ... meet: element i sees output position k at k +
// d.
struct Axis {
  int64_t n;
  int64_t* elements;
  int64_t* distances;
  Axis(const Call& c, int64_t r, int64_t kernel, const AxisAttributes& a)
      : n(0), elements(c.scratch_of<int64_t>(kernel)), distances(c.scratch_of<int64_t>(kernel)) {
    for (int64_t i = 0; i < kernel; i++) {
      int64_t at = r + a.padding - i * a.dilation;
      if (modulo(at, a.stride) != 0) continue;
      elements[n] = i;
      distances[n++] = at / a.stride;
    }
  }
};

// One residue class of input positions: tap t at depth tap z is through the kernel's element elements[z * p.ntaps + t].
struct ResidueClass {
  Problem p;
  Target target;
  const int64_t* elements;
  int64_t taps;  // of all depths
};

// (rz, ry, rx): modulo the strides.
inline ResidueClass residue_class(const Call& c, const ConvAttributes& a, const Axis& zs, const Axis& ys,
                                  const Axis& xs, int64_t rz, int64_t ry, int64_t rx) {
  const TensorRef &g = c.in[0], &w = c.in[1], &bias = c.opt(2), &gx = c.out[0];
  Volume kernel(w), in(gx), out(g);
  int64_t og = w.dim(0) / a.groups, cg = w.dim(1), ntaps = ys.n * xs.n, all = zs.n * ntaps;
  Tap* taps = c.scratch_of<Tap>(ntaps);
  int64_t* elements = c.scratch_of<int64_t>(all);
  for (int64_t i = 0; i < ntaps; i++) taps[i] = {ys.distances[i / xs.n], xs.distances[i % xs.n]};
  for (int64_t i = 0; i < all; i++) {
    int64_t k = i % ntaps;
    elements[i] = (zs.elements[i / ntaps] * kernel.h + ys.elements[k / xs.n]) * kernel.w + xs.elements[k % xs.n];
  }
  Problem p{
      g.dim(0), a.groups, g.data, og,   out.h, out.w, ceil_div(in.h - ry, a.y.stride), ceil_div(in.w - rx, a.x.stride),
      1,        1,        taps,   ntaps};
  Target target{gx.data,
                cg,
                in.size(),
                (rz * in.h + ry) * in.w + rx,
                a.y.stride * in.w,
                a.x.stride,
                bias.present() ? bias.data : nullptr,
                a.z.stride * in.h * in.w};
  if (gx.rank > 4) {
    p.dz = zs.distances, p.taps_z = zs.n, p.source_d = out.d, p.grid_d = ceil_div(in.d - rz, a.z.stride);
    p.images *= p.grid_d, p.source_channels *= zs.n;
  }
  if (kernel.size() == 1 && a.plain() && in.size() == out.size()) {
    if (p.dz) p.images = g.dim(0), p.grid_h *= p.grid_d, p.dz = nullptr;
    flatten_rows(p, target);
  }
  return {p, target, elements, all};
}

// What positions hold that no kernel element meets.
template <class S>
void fill_planes(const TensorRef& bias, const TensorRef& gx) {
  int64_t size = Volume(gx).size(), channels = gx.dim(1);
  parallel_for(gx.dim(0) * channels, ceil_div(1 << 15, size + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      S value = bias.present() ? bias.as<S>()[i % channels] : S{};
      for (int64_t j = i * size; j < (i + 1) * size; j++) gx.as<S>()[j] = value;
    }
  });
}

// f(ResidueClass) for each class of the call that elements meet; the other positions of gx, of type S, are filled.
template <class S, class F>
void each_residue_class(const Call& c, const ConvAttributes& a, F f) {
  const TensorRef &g = c.in[0], &w = c.in[1], &gx = c.out[0];
  Volume in(gx), kernel(w);
  auto axis_z = [&](int64_t r) { return Axis(c, r, kernel.d, a.z); };
  auto axis_y = [&](int64_t r) { return Axis(c, r, kernel.h, a.y); };
  auto axis_x = [&](int64_t r) { return Axis(c, r, kernel.w, a.x); };
  int64_t classes_z = std::min(a.z.stride, in.d), classes_y = std::min(a.y.stride, in.h),
          classes_x = std::min(a.x.stride, in.w);
  bool all_met = g.numel > 0 && w.numel > 0;
  for (int64_t r = 0; r < classes_z; r++) all_met = all_met && axis_z(r).n > 0;
  for (int64_t r = 0; r < classes_y; r++) all_met = all_met && axis_y(r).n > 0;
  for (int64_t r = 0; r < classes_x; r++) all_met = all_met && axis_x(r).n > 0;
  if (!all_met) fill_planes<S>(c.opt(2), gx);
  if (g.numel == 0 || w.numel == 0) return;
  for (int64_t rz = 0; rz < classes_z; rz++)
    for (int64_t ry = 0; ry < classes_y; ry++)
      for (int64_t rx = 0; rx < classes_x; rx++) {
        Axis zs = axis_z(rz), ys = axis_y(ry), xs = axis_x(rx);
        if (zs.n > 0 && ys.n > 0 && xs.n > 0) f(residue_class(c, a, zs, ys, xs, rz, ry, rx));
      }
}

}  // namespace

}  // namespace sinter::cpu::SINTER_ISA
