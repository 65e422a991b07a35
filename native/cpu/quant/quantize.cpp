// quantizeLinear: x (f32, f64, bf16, f16), scales? f32 (c), zeros? i32 (c) -> q (i8 or u8) {axis, scale, zero}:
// round(x * (1 / scale)) + zero, ties to even, saturated; a NaN becomes the zero point. dequantizeLinear: the way back,
// (q - zero) * scale. Without tensors the attributes count. Place in the whole: the operators' entries; x is contiguous.
#include "cpu/quant/epilogue.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// Runs of `inner` elements that share the scale of channel (run % channels).
struct Channels {
  int64_t runs = 1, channels = 1, inner = 1;
  const float* scales = nullptr;
  const int32_t* zeros = nullptr;
  float scale;
  int32_t zero;

  explicit Channels(const Call& c) : scale(static_cast<float>(c.attr[1])), zero(static_cast<int32_t>(c.attr[2])) {
    const TensorRef& x = c.in[0];
    const int64_t axis = c.int_attr(0);
    for (int i = 0; i < x.rank; i++) {
      if (i <= axis) runs *= x.dims[i];
      if (i > axis) inner *= x.dims[i];
      if (i == axis) channels = x.dims[i];
    }
    if (c.opt(1).present()) scales = c.in[1].as<float>();
    if (c.opt(2).present()) zeros = c.in[2].as<int32_t>();
  }
  float scale_of(int64_t run) const { return scales ? scales[run % channels] : scale; }
  int32_t zero_of(int64_t run) const { return zeros ? zeros[run % channels] : zero; }

  // body(begin, end, scale, zero): elements of one channel.
  template <class Body>
  void each(Body body) const {
    constexpr int64_t kPiece = 1 << 15;  // of a long run
    const int64_t pieces = ceil_div(inner, kPiece);
    parallel_for(runs * pieces, 1 + kPiece / std::max<int64_t>(1, inner), [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const int64_t run = t / pieces, first = t % pieces * kPiece;
        body(run * inner + first, run * inner + std::min(inner, first + kPiece), scale_of(run), zero_of(run));
      }
    });
  }
};

template <class S>
SINTER_INLINE float narrow(S x) {
  if constexpr (std::is_arithmetic_v<S>)
    return static_cast<float>(x);
  else
    return to_f32(x);
}

template <class S>
SINTER_INLINE Vf load_numbers(const S* x, int64_t n) {
  float lanes[kLanes<float>] = {};
  if constexpr (!std::is_same_v<S, double>)
    if (n >= kLanes<float>) return load_f32(x);
  for (int64_t i = 0; i < std::min<int64_t>(n, kLanes<float>); i++) lanes[i] = narrow(x[i]);
  return load(lanes);
}

template <class S, class Q>
void quantize(const Call& c) {
  const S* x = c.in[0].as<S>();
  uint8_t* q = c.out[0].as<uint8_t>();
  Channels(c).each([&](int64_t begin, int64_t end, float scale, int32_t zero) {
    const Requantized<Q> as_bytes(scale, zero);
    for (int64_t i = begin; i < end; i += kLanes<float>)
      store_some(q + i, as_bytes(load_numbers(x + i, end - i)), end - i);
  });
}
template <class S>
void quantize(const Call& c) {
  c.out[0].dtype == DType::u8 ? quantize<S, uint8_t>(c) : quantize<S, int8_t>(c);
}

template <class Q, class T>
void dequantize(const Call& c) {
  const Q* q = c.in[0].as<Q>();
  T* y = c.out[0].as<T>();
  Channels(c).each([&](int64_t begin, int64_t end, float scale, int32_t zero) {
    constexpr int64_t lanes = kLanes<float>;
    typedef Q Quarter __attribute__((vector_size(kVecBytes / 4)));
    for (int64_t i = begin; i < end; i += lanes) {
      Quarter bytes{};
      std::memcpy(&bytes, q + i, static_cast<size_t>(std::min(lanes, end - i)));
      store_some(y + i, __builtin_convertvector(__builtin_convertvector(bytes, Vi) - zero, Vf) * scale, end - i);
    }
  });
}
template <class T>
void dequantize(const Call& c) {
  c.in[0].dtype == DType::u8 ? dequantize<uint8_t, T>(c) : dequantize<int8_t, T>(c);
}

}  // namespace

void quantizeLinear(const Call& c) {
  switch (c.in[0].dtype) {
    case DType::f64: return quantize<double>(c);
    case DType::bf16: return quantize<bf16>(c);
    case DType::f16: return quantize<f16>(c);
    default: return quantize<float>(c);
  }
}

void dequantizeLinear(const Call& c) {
  switch (c.out[0].dtype) {
    case DType::bf16: return dequantize<bf16>(c);
    case DType::f16: return dequantize<f16>(c);
    default: return dequantize<float>(c);
  }
}

}  // namespace sinter::cpu::SINTER_ISA
