// Reference backend: random numbers, word for word as engine/philox.h defines the stream.
#include "engine/philox.h"
#include "reference/elements.h"

namespace sinter::reference {
namespace {

// The words that one call draws; attributes 0 to 2 of every random operator are the key and the offset.
struct Stream {
  uint32_t key0, key1;
  uint64_t offset;

  explicit Stream(const Call& c)
      : key0(static_cast<uint32_t>(c.attr[0])), key1(static_cast<uint32_t>(c.attr[1])),
        offset(static_cast<uint64_t>(c.attr[2])) {}

  uint32_t word(int64_t i) const { return philox(key0, key1, offset + static_cast<uint64_t>(i / 4)).w[i % 4]; }
  uint64_t pair(int64_t i) const { return static_cast<uint64_t>(word(2 * i)) << 32 | word(2 * i + 1); }
};

constexpr double kTwo32 = 4294967296.0;

}  // namespace

void uniform(const Call& c) {
  Stream stream(c);
  double low = c.attr[3], high = c.attr[4];
  std::vector<double> y(drawn(c).numel);
  for (size_t i = 0; i < y.size(); i++) {
    if (drawn(c).dtype == DType::f64) {
      double u = ((stream.word(2 * i) >> 5) * 0x1p26 + (stream.word(2 * i + 1) >> 6)) * 0x1p-53;
      y[i] = low + u * (high - low);
    } else {
      // In f32, with a rounding after each of the three operations.
      float u = static_cast<float>(stream.word(i) >> 8) * 0x1p-24f;
      float range = static_cast<float>(high) - static_cast<float>(low);
      volatile float scaled = u * range;  // volatile: not to be contracted into a fused multiply-add
      y[i] = static_cast<float>(low) + scaled;
    }
  }
  write(drawn(c), y);
}

void normal(const Call& c) {
  Stream stream(c);
  double mean = c.attr[3], deviation = c.attr[4];
  std::vector<double> y(drawn(c).numel);
  for (size_t i = 0; i < y.size(); i++) {
    size_t first = i / 2 * 2;
    double u = (stream.word(first) + 1.0) / kTwo32, v = stream.word(first + 1) / kTwo32;
    double radius = std::sqrt(-2 * std::log(u)), angle = 2 * 3.14159265358979323846 * v;
    y[i] = mean + deviation * (i % 2 == 0 ? radius * std::cos(angle) : radius * std::sin(angle));
  }
  write(drawn(c), y);
}

void bernoulli(const Call& c) {
  Stream stream(c);
  std::vector<double> y(drawn(c).numel);
  for (size_t i = 0; i < y.size(); i++) y[i] = stream.word(i) < c.attr[3] * kTwo32;
  write(drawn(c), y);
}

void randint(const Call& c) {
  Stream stream(c);
  int64_t low = c.int_attr(3), high = c.int_attr(4);
  uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  std::vector<int64_t> y(drawn(c).numel);
  for (size_t i = 0; i < y.size(); i++) y[i] = plus(low, static_cast<int64_t>(stream.pair(i) % range));
  write(drawn(c), y);
}

void randperm(const Call& c) {
  Stream stream(c);
  int64_t n = c.out[0].numel;
  std::vector<int64_t> y(n);
  for (int64_t i = 0; i < n; i++) y[i] = i;
  for (int64_t i = n - 1; i >= 1; i--) {
    uint64_t r = stream.pair(n - 1 - i);
    std::swap(y[i], y[r % static_cast<uint64_t>(i + 1)]);
  }
  write(c.out[0], y);
}

void dropout(const Call& c) {
  Stream stream(c);
  double p = c.attr[3];
  std::vector<double> y = read(c.in[0]);
  for (size_t i = 0; i < y.size(); i++) y[i] = stream.word(i) >= p * kTwo32 ? y[i] / (1 - p) : 0;
  write(c.out[0], y);
}

}  // namespace sinter::reference
