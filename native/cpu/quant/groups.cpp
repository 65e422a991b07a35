// quantizeGroups, packGroups, unpackGroups, dequantizeGroups: between weights, plain codes and packed ones. Place in the whole:
// kernels of native/ops.def, compiled once per instruction set; groups.h says what lies where.
//
// Done once a weight. Codes and scales are the same bits on every instruction set: they are computed in double from f32 scales.
#include "cpu/quant/groups.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <type_traits>

#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kTaskElements = 32 << 10;

SINTER_INLINE int64_t grain_of(int64_t elements) {
  return std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, elements));
}

SINTER_INLINE double wide(float x) { return x; }
SINTER_INLINE double wide(bf16 x) { return to_f32(x); }
SINTER_INLINE double wide(f16 x) { return to_f32(x); }

template <class S>
SINTER_INLINE void narrow(float x, S* to) {
  if constexpr (std::is_same_v<S, float>)
    *to = x;
  else if constexpr (std::is_same_v<S, bf16>)
    *to = to_bf16(x);
  else
    *to = to_f16(x);
}

template <class F>
void with_scale_type(DType dtype, F f) {
  if (dtype == DType::bf16)
    f(bf16{});
  else
    f(f16{});
}
template <class F>
void with_weight_type(DType dtype, F f) {
  switch (dtype) {
    case DType::f32: return f(0.f);
    case DType::bf16: return f(bf16{});
    case DType::f16: return f(f16{});
    default: fail(ErrorCode::unsupported, "groups of weights: dtype %s is not supported on cpu", dtype_name(dtype));
  }
}

struct Range {
  double low = 0, high = 0;  // they take in zero
  bool finite = true;
};

template <class S>
Range range_of(const S* w, int64_t n) {
  Range r;
  double odd = 0;  // NaN once something is not finite
  for (int64_t i = 0; i < n; i++) {
    const double x = wide(w[i]);
    r.low = x < r.low ? x : r.low;
    r.high = x > r.high ? x : r.high;
    odd += x - x;
  }
  r.finite = odd == 0;
  return r;
}

// code = round(w / scale) + zero, half to even, within low .. high. A scale of zero makes all codes `zero`.
template <class S, class Code>
void encode(const S* w, int64_t n, double scale, int zero, int low, int high, Code* codes) {
  if (!(std::fabs(scale) > 0 && std::fabs(scale) < HUGE_VAL)) {
    std::fill(codes, codes + n, static_cast<Code>(zero));
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    double q = std::rint(wide(w[i]) / scale) + zero;
    q = q < low ? low : q;
    q = q > high ? high : q;
    codes[i] = static_cast<Code>(static_cast<int>(q));
  }
}

template <class S, class Scale>
void quantize(const Call& c) {
  const int64_t out = c.in[0].dims[0], in = c.in[0].dims[1], group = c.int_attr(1), groups = c.out[1].dims[1];
  const int bits = static_cast<int>(c.int_attr(0)), levels = 1 << bits;
  const bool zeros = c.nout == 3;
  const S* w = c.in[0].as<S>();
  Scale* scales = c.out[1].as<Scale>();
  parallel_for(out, grain_of(in), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      for (int64_t g = 0; g < groups; g++) {
        const int64_t at = o * in + g * group, n = std::min(group, in - g * group);
        const Range r = range_of(w + at, n);
        double exact;
        if (zeros)
          exact = (r.high - r.low) / (levels - 1);
        else if (bits == 4)
          exact = (r.high > -r.low ? r.high : r.low) / -8 + 0.;  // what is largest gets the code -8; no negative zero
        else
          exact = std::max(r.high, -r.low) / 127;
        Scale& scale = scales[o * groups + g];
        narrow(static_cast<float>(r.finite ? exact : NAN), &scale);
        const double s = wide(scale);
        if (zeros) {
          const double z = s > 0 && r.finite ? std::rint(-r.low / s) : 0;
          const int zero = static_cast<int>(std::min<double>(levels - 1, z));
          c.out[2].as<uint8_t>()[o * groups + g] = static_cast<uint8_t>(zero);
          encode(w + at, n, s, zero, 0, levels - 1, c.out[0].as<uint8_t>() + at);
        } else {
          encode(w + at, n, s, 0, -levels / 2, levels / 2 - 1, c.out[0].as<int8_t>() + at);
        }
      }
    }
  });
}

}  // namespace

// w (out, in) f32 bf16 f16 -> codes (out, in) i8, or u8 with zero points; scales (out, groups) f16 bf16; zeros (out, groups) u8 or no
// third result {bits, group}
void quantizeGroups(const Call& c) {
  with_weight_type(c.in[0].dtype, [&](auto w) {
    with_scale_type(c.out[1].dtype, [&](auto scale) { quantize<decltype(w), decltype(scale)>(c); });
  });
}

// codes (out, in) i8 or u8 -> packed (panels, words, 32) i32 {bits}
void packGroups(const Call& c) {
  const int64_t out = c.in[0].dims[0], in = c.in[0].dims[1], words = c.out[0].dims[1];
  const int bits = static_cast<int>(c.int_attr(0)), per = 32 / bits, levels = 1 << bits;
  const int offset = c.in[0].dtype == DType::i8 ? levels / 2 : 0;
  const uint8_t* codes = c.in[0].as<uint8_t>();
  uint32_t* packed = c.out[0].as<uint32_t>();
  std::atomic<int64_t> wrong{-1};
  parallel_for(c.out[0].dims[0], grain_of(kPanelOutputs * in), [&](int64_t begin, int64_t end) {
    for (int64_t at = begin * words * kPanelOutputs; at < end * words * kPanelOutputs; at++) {
      const int64_t o = at / (words * kPanelOutputs) * kPanelOutputs + at % kPanelOutputs;
      const int64_t k = at / kPanelOutputs % words * per;
      uint32_t word = 0;
      for (int i = 0; o < out && i < per && k + i < in; i++) {
        const uint8_t byte = codes[o * in + k + i];
        const int code = (offset ? static_cast<int8_t>(byte) : byte) + offset;
        if (code < 0 || code >= levels) wrong.store(o * in + k + i, std::memory_order_relaxed);
        word |= static_cast<uint32_t>(code & (levels - 1)) << (bits * i);
      }
      packed[at] = word;
    }
  });
  const int64_t at = wrong.load();
  if (at < 0) return;
  const int code = offset ? static_cast<int8_t>(codes[at]) : codes[at];
  fail(ErrorCode::index_out_of_range, "packGroups: the code %d of output %lld, input %lld is out of range: %d to %d",
       code, static_cast<long long>(at / in), static_cast<long long>(at % in), -offset, levels - 1 - offset);
}

// packed (panels, words, 32) -> codes (out, in) i8 or u8 {bits}
void unpackGroups(const Call& c) {
  const int64_t out = c.out[0].dims[0], in = c.out[0].dims[1], words = c.in[0].dims[1];
  const int bits = static_cast<int>(c.int_attr(0)), per = 32 / bits, levels = 1 << bits;
  const int offset = c.out[0].dtype == DType::i8 ? levels / 2 : 0;
  const uint32_t* packed = c.in[0].as<uint32_t>();
  uint8_t* codes = c.out[0].as<uint8_t>();
  parallel_for(out, grain_of(in), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      const uint32_t* column = packed + o / kPanelOutputs * words * kPanelOutputs + o % kPanelOutputs;
      for (int64_t k = 0; k < in; k++) {
        const uint32_t word = column[k / per * kPanelOutputs];
        const int code = static_cast<int>(word >> (k % per * bits)) & (levels - 1);
        codes[o * in + k] = static_cast<uint8_t>(code - offset);
      }
    }
  });
}

namespace {

template <int kBits>
void decode(const GroupWeight& w, int64_t panel, int64_t k0, int64_t n, float* to, int64_t pair_stride, int64_t ld) {
  constexpr int per = 32 / kBits, lanes = kLanes<float>;
  for (int v = 0; v < kPanelVectors; v++) {
    float* column = to + v / 2 * pair_stride + v % 2 * lanes;
    const uint32_t* codes = w.codes + (panel * w.words + k0 / per) * kPanelOutputs + v * lanes;
    for (int64_t kk = 0; kk < n;) {
      const int64_t g = (k0 + kk) / w.group, end = std::min(n, (g + 1) * w.group - k0);
      const int64_t at = (panel * w.groups + g) * kPanelOutputs + v * lanes;
      const Vf scale = load_scales(w.scales + at, w.bf16_scales);
      const Vi zero = w.zeros ? load_zeros(w.zeros + at) : Vi{} + (1 << (kBits - 1));
      for (; kk < end; kk += per, codes += kPanelOutputs) {
        const Vu word = load_words(codes);
        const int64_t left = end - kk;
#pragma GCC unroll 8
        for (int i = 0; i < per; i++) {
          if (i >= left) break;
          const Vi code = (Vi)((word >> (kBits * i)) & ((1u << kBits) - 1));
          store(column + (kk + i) * ld, __builtin_convertvector(code - zero, Vf) * scale);
        }
      }
    }
  }
}

}  // namespace

void decode_panel(const GroupWeight& w, int64_t panel, int64_t k0, int64_t n, float* to, int64_t pair_stride,
                  int64_t ld) {
  if (w.bits == 4)
    decode<4>(w, panel, k0, n, to, pair_stride, ld);
  else
    decode<8>(w, panel, k0, n, to, pair_stride, ld);
}

// packed, scales, zeros? -> w (out, in) f32 bf16 f16 {bits, group}
void dequantizeGroups(const Call& c) {
  constexpr int64_t depth = 128;
  const TensorRef& y = c.out[0];
  const GroupWeight w = read_groups(c, 0, y.dims[0], y.dims[1]);
  with_weight_type(y.dtype, [&](auto element) {
    using S = decltype(element);
    parallel_for(w.panels(), grain_of(kPanelOutputs * w.in), [&](int64_t begin, int64_t end) {
      alignas(64) float block[depth * kPanelOutputs];  // (depth, 32)
      for (int64_t p = begin; p < end; p++) {
        const int64_t outputs = std::min<int64_t>(kPanelOutputs, w.out - p * kPanelOutputs);
        for (int64_t k0 = 0; k0 < w.in; k0 += depth) {
          const int64_t n = std::min(depth, w.in - k0);
          decode_panel(w, p, k0, n, block, 2 * kLanes<float>, kPanelOutputs);
          for (int64_t o = 0; o < outputs; o++) {
            S* row = y.as<S>() + (p * kPanelOutputs + o) * w.in + k0;
            for (int64_t kk = 0; kk < n; kk++) narrow(block[kk * kPanelOutputs + o], row + kk);
          }
        }
      }
    });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
