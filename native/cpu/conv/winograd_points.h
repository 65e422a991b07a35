// Winograd's minimal algorithms F(m, 3) for m = 4 and 2, along one axis. Place in the whole: winograd.cpp nests each with itself,
// once down the columns and once along the rows, into F(m x m, 3 x 3).
//
// A tile of m outputs y = A^T ((G g) * (B^T d)) of m + 2 inputs d and 3 weights g takes m + 2 products where the sum itself takes 3m.
// The matrices evaluate and interpolate polynomials at m + 1 points and at infinity (Lavin and Gray, "Fast algorithms for
// convolutional neural networks", 2015). F(4, 3) takes 0, +-sqrt(1/2), +-sqrt(2): the usual 0, +-1, +-2 round twice as coarsely
// (2.2 against 0.95 units in the root mean square, 17 against 5 at worst, of sums of 576 normal products), and as the two
// squares' product is 1 and their sum 5/2, no transform takes more operations. F(2, 3) takes 0, +-1.
#pragma once
#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

template <int kM>
struct WinogradPoints;

template <>
struct WinogradPoints<4> {
  static constexpr float a = 0.70710678118654752f, b = 1.41421356237309505f;

  // v = B^T d
  static SINTER_INLINE void input(const Vf (&d)[6], Vf (&v)[6]) {
    v[0] = d[0] - 2.5f * d[2] + d[4];
    Vf even = d[4] - 2.f * d[2], odd = d[3] - 2.f * d[1];
    v[1] = even + a * odd, v[2] = even - a * odd;
    even = d[4] - 0.5f * d[2], odd = d[3] - 0.5f * d[1];
    v[3] = even + b * odd, v[4] = even - b * odd;
    v[5] = d[1] - 2.5f * d[3] + d[5];
  }
  // u = G g
  static SINTER_INLINE void kernel(const Vf (&g)[3], Vf (&u)[6]) {
    constexpr float third = 1.f / 3, sixth = 1.f / 6;
    u[0] = g[0];
    Vf even = -2 * third * g[0] - third * g[2], odd = -2 * third * a * g[1];
    u[1] = even + odd, u[2] = even - odd;
    even = sixth * g[0] + third * g[2], odd = sixth * b * g[1];
    u[3] = even + odd, u[4] = even - odd;
    u[5] = g[2];
  }
  // y = A^T m
  static SINTER_INLINE void output(const Vf (&m)[6], Vf (&y)[4]) {
    Vf sum1 = m[1] + m[2], sum2 = m[3] + m[4], odd1 = a * (m[1] - m[2]), odd2 = b * (m[3] - m[4]);
    y[0] = m[0] + sum1 + sum2;
    y[1] = odd1 + odd2;
    y[2] = 0.5f * sum1 + 2.f * sum2;
    y[3] = 0.5f * odd1 + 2.f * odd2 + m[5];
  }
};

template <>
struct WinogradPoints<2> {
  static SINTER_INLINE void input(const Vf (&d)[4], Vf (&v)[4]) {
    v[0] = d[0] - d[2];
    v[1] = d[2] + d[1], v[2] = d[2] - d[1];
    v[3] = d[3] - d[1];
  }
  static SINTER_INLINE void kernel(const Vf (&g)[3], Vf (&u)[4]) {
    u[0] = g[0];
    Vf even = 0.5f * (g[0] + g[2]), odd = 0.5f * g[1];
    u[1] = even + odd, u[2] = even - odd;
    u[3] = g[2];
  }
  static SINTER_INLINE void output(const Vf (&m)[4], Vf (&y)[2]) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] + m[3];
  }
};

// What TileReader does along each axis of a tile of patches.
template <int kM>
struct PatchTransform {
  static constexpr int kStep = kM, kIn = kM + 2, kOut = kM + 2;
  static SINTER_INLINE void transform(const Vf (&d)[kIn], Vf (&v)[kOut]) { WinogradPoints<kM>::input(d, v); }
};

// F(3, 4), at the points of F(4, 3): 3 weights' gradients w = A^T ((G g) * (B^T d)) of 6 inputs and 4 results' gradients g; B^T is that
// of F(4, 3).
struct WeightGradPoints {
  static constexpr int kStep = 4, kIn = 4, kOut = 6;
  static constexpr float a = WinogradPoints<4>::a, b = WinogradPoints<4>::b;

  // u = G g
  static SINTER_INLINE void transform(const Vf (&g)[4], Vf (&u)[6]) {
    constexpr float third = 1.f / 3, sixth = 1.f / 6;
    u[0] = g[0];
    Vf even = -2 * third * g[0] - third * g[2], odd = -2 * third * a * g[1] - third * a * g[3];
    u[1] = even + odd, u[2] = even - odd;
    even = sixth * g[0] + third * g[2], odd = sixth * b * g[1] + third * b * g[3];
    u[3] = even + odd, u[4] = even - odd;
    u[5] = g[3];
  }
  // w = A^T m
  static SINTER_INLINE void weights(const Vf (&m)[6], Vf (&w)[3]) {
    Vf sum1 = m[1] + m[2], sum2 = m[3] + m[4];
    w[0] = m[0] + sum1 + sum2;
    w[1] = a * (m[1] - m[2]) + b * (m[3] - m[4]);
    w[2] = 0.5f * sum1 + 2.f * sum2 + m[5];
  }
};

}  // namespace sinter::cpu::SINTER_ISA
