// Reference backend: weights of 4 or 8 bits with a scale a group of inputs, and products with them.
#include "reference/activation.h"
#include "reference/elements.h"

namespace sinter::reference {

namespace {

constexpr int64_t kPanel = 32;

struct Weight {
  int64_t out, in;
  std::vector<double> values;
};

// codes (panels, words, 32), scales (panels, groups, 32), zeros? {bits, group}
Weight decoded(const Call& c, int first, int64_t out, int64_t in) {
  int64_t bits = c.int_attr(0), group = c.int_attr(1), per = 32 / bits;
  int64_t words = c.in[first].dim(1), groups = c.in[first + 1].dim(1);
  std::vector<int64_t> codes = read<int64_t>(c.in[first]);
  std::vector<double> scales = read(c.in[first + 1]);
  std::vector<double> zeros = read_or(c.opt(first + 2), scales.size(), std::ldexp(1.0, static_cast<int>(bits - 1)));
  Weight w{out, in, std::vector<double>(out * in)};
  for (int64_t o = 0; o < out; o++) {
    for (int64_t k = 0; k < in; k++) {
      int64_t word = codes[((o / kPanel) * words + k / per) * kPanel + o % kPanel];
      int64_t at = ((o / kPanel) * groups + k / group) * kPanel + o % kPanel;
      int64_t code = (word >> (k % per * bits)) & ((int64_t{1} << bits) - 1);
      w.values[o * in + k] = (static_cast<double>(code) - zeros[at]) * scales[at];
    }
  }
  return w;
}

}  // namespace

// w (out, in) -> codes (out, in), scales (out, groups), zeros? {bits, group}
void quantizeGroups(const Call& c) {
  int64_t out = c.in[0].dim(0), in = c.in[0].dim(1), groups = c.out[1].dim(1), group = c.int_attr(1);
  int64_t bits = c.int_attr(0), levels = int64_t{1} << bits;
  bool asymmetric = c.nout == 3;
  std::vector<double> w = read(c.in[0]), scales(out * groups);
  std::vector<int64_t> codes(out * in), zeros(out * groups);
  for (int64_t o = 0; o < out; o++) {
    for (int64_t g = 0; g < groups; g++) {
      double low = 0, high = 0, odd = 0;
      int64_t end = std::min(in, (g + 1) * group);
      for (int64_t k = g * group; k < end; k++) {
        low = std::min(low, w[o * in + k]);
        high = std::max(high, w[o * in + k]);
        odd += w[o * in + k] - w[o * in + k];
      }
      double scale = asymmetric  ? (high - low) / static_cast<double>(levels - 1)
                     : bits == 4 ? (high > -low ? high : low) / -8 + 0.0
                                 : std::max(high, -low) / 127;
      scale = rounded_to(c.out[1].dtype, rounded_to(DType::f32, odd == 0 ? scale : kNaN));
      scales[o * groups + g] = scale;
      bool usable = scale != 0 && std::isfinite(scale);
      int64_t zero = 0;
      if (asymmetric && scale > 0 && odd == 0) {
        zero = std::min(levels - 1, static_cast<int64_t>(std::nearbyint(-low / scale)));
      }
      zeros[o * groups + g] = zero;
      double least = asymmetric ? 0 : static_cast<double>(-levels / 2), most = least + static_cast<double>(levels - 1);
      for (int64_t k = g * group; k < end; k++) {
        double q =
            usable ? std::nearbyint(w[o * in + k] / scale) + static_cast<double>(zero) : static_cast<double>(zero);
        codes[o * in + k] = static_cast<int64_t>(std::max(least, std::min(most, q)));
      }
    }
  }
  write(c.out[0], codes);
  write(c.out[1], scales);
  if (asymmetric) write(c.out[2], zeros);
}

// codes (out, in) -> packed (panels, words, 32) {bits}
void packGroups(const Call& c) {
  int64_t out = c.in[0].dim(0), in = c.in[0].dim(1), words = c.out[0].dim(1);
  int64_t bits = c.int_attr(0), per = 32 / bits, levels = int64_t{1} << bits;
  int64_t offset = c.in[0].dtype == DType::i8 ? levels / 2 : 0;
  std::vector<int64_t> codes = read<int64_t>(c.in[0]), packed(c.out[0].numel, 0);
  for (int64_t o = 0; o < out; o++) {
    for (int64_t k = 0; k < in; k++) {
      int64_t code = codes[o * in + k] + offset;
      if (code < 0 || code >= levels) {
        fail(ErrorCode::index_out_of_range,
             "packGroups: the code %lld of output %lld, input %lld is out of range: %lld to %lld",
             static_cast<long long>(code - offset), static_cast<long long>(o), static_cast<long long>(k),
             static_cast<long long>(-offset), static_cast<long long>(levels - 1 - offset));
      }
      packed[((o / kPanel) * words + k / per) * kPanel + o % kPanel] |= code << (k % per * bits);
    }
  }
  write(c.out[0], packed);
}

// packed (panels, words, 32) -> codes (out, in) {bits}
void unpackGroups(const Call& c) {
  int64_t out = c.out[0].dim(0), in = c.out[0].dim(1), words = c.in[0].dim(1);
  int64_t bits = c.int_attr(0), per = 32 / bits, levels = int64_t{1} << bits;
  int64_t offset = c.out[0].dtype == DType::i8 ? levels / 2 : 0;
  std::vector<int64_t> packed = read<int64_t>(c.in[0]), codes(out * in);
  for (int64_t o = 0; o < out; o++) {
    for (int64_t k = 0; k < in; k++) {
      int64_t word = packed[((o / kPanel) * words + k / per) * kPanel + o % kPanel];
      codes[o * in + k] = ((word >> (k % per * bits)) & (levels - 1)) - offset;
    }
  }
  write(c.out[0], codes);
}

// packed, scales, zeros? -> w (out, in) {bits, group}
void dequantizeGroups(const Call& c) { write(c.out[0], decoded(c, 0, c.out[0].dim(0), c.out[0].dim(1)).values); }

// x (m, in), packed, scales, zeros?, bias? -> y (m, out) {bits, group, activation}
void weightOnlyLinear(const Call& c) {
  int64_t m = c.out[0].dim(0), out = c.out[0].dim(1), in = c.in[0].dim(1);
  Weight w = decoded(c, 1, out, in);
  std::vector<double> x = read(c.in[0]), bias = read_or(c.opt(4), out, 0), y(m * out);
  for (int64_t i = 0; i < m; i++) {
    for (int64_t o = 0; o < out; o++) {
      long double total = bias[o];
      for (int64_t k = 0; k < in; k++) total += static_cast<long double>(x[i * in + k]) * w.values[o * in + k];
      y[i * out + o] = activated(c.int_attr(2), static_cast<double>(total));
    }
  }
  write(c.out[0], y);
}

// g (m, out), packed, scales, zeros? -> gx (m, in) {bits, group}
void weightOnlyLinearBackward(const Call& c) {
  int64_t m = c.in[0].dim(0), out = c.in[0].dim(1), in = c.out[0].dim(1);
  Weight w = decoded(c, 1, out, in);
  std::vector<double> g = read(c.in[0]), gx(m * in);
  for (int64_t i = 0; i < m; i++) {
    for (int64_t k = 0; k < in; k++) {
      long double total = 0;
      for (int64_t o = 0; o < out; o++) total += static_cast<long double>(g[i * out + o]) * w.values[o * in + k];
      gx[i * in + k] = static_cast<double>(total);
    }
  }
  write(c.out[0], gx);
}

}  // namespace sinter::reference
