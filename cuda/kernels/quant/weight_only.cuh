// Operands of weightOnlyLinear's products as mma takes them: codes decoded in registers, rows of x as bf16 numbers. Place in the whole:
// weight_only.cu has the kernels, and says which lane has what.
#pragma once
#include "cuda/kernels/ptx.cuh"
#include "cuda/kernels/quant/groups.cuh"
#include "cuda/kernels/quant/weight_only.h"
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

constexpr int kStepInputs = 32;
template <class S>
constexpr int kParts = kSame<S, f32> ? 3 : 1;  // bf16 numbers that a number of x is

// ---- codes

// What a lane reads of 32 inputs.
template <int kBits>
struct Words {
  uint4 row[kBits / 4];
};
// Its word rows from `row` on, of which `words` exist.
template <int kBits>
SINTER_DEVICE Words<kBits> load_words(const uint32_t* lane_codes, int64_t row, int64_t words) {
  Words<kBits> w;
#pragma unroll
  for (int i = 0; i < kBits / 4; i++)
    w.row[i] = row + i < words ? __ldg(reinterpret_cast<const uint4*>(lane_codes + (row + i) * kGroupPanel))
                               : make_uint4(0, 0, 0, 0);
  return w;
}
SINTER_DEVICE uint32_t component(const uint4& v, int i) { return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w; }

SINTER_DEVICE uint32_t bits_of(__nv_bfloat162 v) {
  return static_cast<uint32_t>(__bfloat16_as_ushort(v.x)) | static_cast<uint32_t>(__bfloat16_as_ushort(v.y)) << 16;
}
SINTER_DEVICE __nv_bfloat162 halves_of(uint32_t bits) {
  return {__ushort_as_bfloat16(static_cast<uint16_t>(bits)), __ushort_as_bfloat16(static_cast<uint16_t>(bits >> 16))};
}

// How codes become numbers times kUnit: a code in the low bits of a number whose last bit counts 1 is added to it; one multiply-add
// takes that and the zero point away. Four bits in bf16, which has eight digits: a zero point beyond 128 (beyond the codes, which is
// allowed) takes a second step.
template <int kBits>
struct Decoder;
template <>
struct Decoder<4> {
  static constexpr float kUnit = 0x1p-4f;
  uint32_t shift, more;  // -(128 + zero) kUnit, twice, in two parts
  SINTER_DEVICE void set(int zero) {
    const int near = min(zero, 128);
    const bf16 s = __float2bfloat16_rn(static_cast<float>(128 + near) * -kUnit),
               rest = __float2bfloat16_rn(static_cast<float>(zero - near) * -kUnit);
    shift = bits_of({s, s});
    more = bits_of({rest, rest});
  }
  SINTER_DEVICE bool is_far() const { return (more & 0x7fff) != 0; }
  // Inputs p and p + 4 of component `at`; without `more`.
  SINTER_DEVICE uint32_t pair(const Words<4>& w, int at, int p) const {
    const uint32_t raised = (component(w.row[0], at) >> (4 * p) & 0x000f000fu) | 0x43004300u;
    return bits_of(__hfma2(halves_of(raised), halves_of(0x3d803d80u), halves_of(shift)));
  }
  SINTER_DEVICE uint32_t finished(uint32_t pair) const {
    return bits_of(__hfma2(halves_of(pair), halves_of(0x3f803f80u), halves_of(more)));
  }
};
template <>
struct Decoder<8> {
  static constexpr float kUnit = 0x1p-8f;
  float shift;  // -(2^23 + zero) kUnit
  SINTER_DEVICE void set(int zero) { shift = static_cast<float>((1 << 23) + zero) * -kUnit; }
  SINTER_DEVICE bool is_far() const { return false; }
  SINTER_DEVICE uint32_t finished(uint32_t pair) const { return pair; }
  SINTER_DEVICE uint32_t pair(const Words<8>& w, int at, int p) const {
    const float low = __fmaf_rn(raised(component(w.row[0], at), p), kUnit, shift);
    const float high = __fmaf_rn(raised(component(w.row[1], at), p), kUnit, shift);
    return __byte_perm(__float_as_uint(low), __float_as_uint(high), 0x7632);  // the lower halves are zero
  }

 private:
  static SINTER_DEVICE float raised(uint32_t word, int p) {
    return __uint_as_float(__byte_perm(word, 0x4b000000u, 0x7650 | p));
  }
};

// Four outputs' zero points and scales in a group, of the lane's outputs.
template <int kBits>
struct LaneGroup {
  Decoder<kBits> decoder[4];
  float scale[4];
  bool far;  // some lane's decoder takes its second step

  SINTER_DEVICE void load(const GroupedWeight& w, int64_t at) {
    const uint2 scales = __ldg(reinterpret_cast<const uint2*>(w.scales + at));
    const uint32_t zeros = w.zeros ? __ldg(reinterpret_cast<const uint32_t*>(w.zeros + at)) : 0;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const uint32_t two = i < 2 ? scales.x : scales.y;
      scale[i] = scale_of(w, static_cast<uint16_t>(i % 2 ? two >> 16 : two)) * (1 / Decoder<kBits>::kUnit);
      decoder[i].set(w.zeros ? static_cast<int>(zeros >> (8 * i) & 0xff) : 1 << (kBits - 1));
    }
    far = kBits == 4 && __any_sync(kAllLanes, decoder[0].is_far() || decoder[1].is_far() || decoder[2].is_far() ||
                                                  decoder[3].is_far());
  }
};

// mma's left operands of 32 inputs: [product][half of the inputs].
struct Left {
  uint32_t a[2][2][4];
};
template <int kBits>
SINTER_DEVICE Left decode(const Words<kBits>& w, const LaneGroup<kBits>& group) {
  Left left;
#pragma unroll
  for (int u = 0; u < 2; u++)
#pragma unroll
    for (int h = 0; h < 2; h++)
#pragma unroll
      for (int e = 0; e < 4; e++) left.a[u][h][e] = group.decoder[2 * u + e % 2].pair(w, 2 * u + e % 2, 2 * h + e / 2);
  if (group.far) {
#pragma unroll
    for (int u = 0; u < 2; u++)
#pragma unroll
      for (int h = 0; h < 2; h++)
#pragma unroll
        for (int e = 0; e < 4; e++) left.a[u][h][e] = group.decoder[2 * u + e % 2].finished(left.a[u][h][e]);
  }
  return left;
}

// ---- x

// Eight neighbours as pairs (i, i + 4) of bf16 numbers: one number or three.
template <class S>
struct Eight {
  uint4 part[kParts<S>];
};
SINTER_DEVICE uint4 paired(const uint4& v) {
  return make_uint4(__byte_perm(v.x, v.z, 0x5410), __byte_perm(v.x, v.z, 0x7632), __byte_perm(v.y, v.w, 0x5410),
                    __byte_perm(v.y, v.w, 0x7632));
}
// One after the other: rows at odd addresses, and the end of a row.
template <class S>
SINTER_DEVICE S next_of(const S* row, int64_t k, int64_t n) {
  return k < n ? __ldg(row + k) : narrow<S>(0.f);
}
// Elements k .. k + 7 of a row of n; what is beyond is zero.
SINTER_DEVICE Eight<bf16> load_eight(const bf16* row, int64_t k, int64_t n, bool aligned) {
  Pack<bf16, 8> pack;
  pack.word = make_uint4(0, 0, 0, 0);
  if (aligned && k + 8 <= n) {
    pack = load_pack_constant<8>(row + k);
  } else {
#pragma unroll 1
    for (int e = 0; e < 8; e += 2) {
      const uint32_t two = bits_of({next_of(row, k + e, n), next_of(row, k + e + 1, n)});
      pack.word = make_uint4(pack.word.y, pack.word.z, pack.word.w, two);
    }
  }
  return {{paired(pack.word)}};
}
// The upper half of a number's bits is a bf16 number, and so are those of what that leaves over, twice: 8 digits each. Infinities and
// NaNs are in the first alone.
SINTER_DEVICE float without_upper(float x) {
  const float upper = __uint_as_float(__float_as_uint(x) & 0xffff0000u);
  return fabsf(x) < __int_as_float(0x7f800000) ? x - upper : 0.f;
}
SINTER_DEVICE Eight<f32> load_eight(const f32* row, int64_t k, int64_t n, bool aligned) {
  Pack<f32, 4> pack[2];
  if (aligned && k + 8 <= n) {
    pack[0] = load_pack_constant<4>(row + k);
    pack[1] = load_pack_constant<4>(row + k + 4);
  } else {
    pack[0].word = pack[1].word = make_uint4(0, 0, 0, 0);
#pragma unroll 1
    for (int e = 0; e < 8; e++) {
      const uint4 &a = pack[0].word, &b = pack[1].word;
      pack[0].word = make_uint4(a.y, a.z, a.w, b.x);
      pack[1].word = make_uint4(b.y, b.z, b.w, __float_as_uint(next_of(row, k + e, n)));
    }
  }
  Eight<f32> eight;
#pragma unroll
  for (int part = 0; part < 3; part++) {
    uint32_t pair[4];
#pragma unroll
    for (int e = 0; e < 4; e++) {
      pair[e] = __byte_perm(__float_as_uint(pack[0].at[e]), __float_as_uint(pack[1].at[e]), 0x7632);
      pack[0].at[e] = without_upper(pack[0].at[e]);
      pack[1].at[e] = without_upper(pack[1].at[e]);
    }
    eight.part[part] = make_uint4(pair[0], pair[1], pair[2], pair[3]);
  }
  return eight;
}

// sums[product] of 16 outputs and 8 rows of x += 32 inputs
template <class S>
SINTER_DEVICE void multiply(const Left& left, const Eight<S>& x, float (&sums)[2][4]) {
#pragma unroll
  for (int p = 0; p < kParts<S>; p++)
#pragma unroll
    for (int u = 0; u < 2; u++) {
      multiply_16x8<bf16>(sums[u], left.a[u][0], x.part[p].x, x.part[p].y);
      multiply_16x8<bf16>(sums[u], left.a[u][1], x.part[p].z, x.part[p].w);
    }
}
// total += sums * scale; sums = 0
template <int kBits>
SINTER_DEVICE void scale_sums(const LaneGroup<kBits>& group, float (&sums)[2][4], float (&total)[2][4]) {
#pragma unroll
  for (int u = 0; u < 2; u++)
#pragma unroll
    for (int e = 0; e < 4; e++) {
      total[u][e] = __fmaf_rn(sums[u][e], group.scale[2 * u + e / 2], total[u][e]);
      sums[u][e] = 0;
    }
}

}  // namespace sinter::cuda
