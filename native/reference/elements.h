// Elements of the reference backend. Place in the whole: `reference` is the second backend, built for tests only: the
// oracle that every operator of every other backend is held against. It prefers the obvious to the fast: operands are
// read whole into row-major vectors of double (or of 64-bit integers, which double cannot hold exactly), operators are
// plain loops over those, and results are rounded once, when written. It shares no code with native/cpu.
#pragma once
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "engine/call.h"

namespace sinter::reference {

using Shape = std::vector<int64_t>;
using Complex = std::complex<double>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

inline bool is_integer(DType d) { return !is_floating(d) && !is_complex(d); }

inline Shape shape_of(const TensorRef& t) { return Shape(t.dims, t.dims + t.rank); }

// What a command draws: its result, or the operand that it fills.
inline const TensorRef& drawn(const Call& c) { return c.nout > 0 ? c.out[0] : c.in[0]; }

inline int64_t numel_of(const Shape& shape) {
  int64_t n = 1;
  for (int64_t dim : shape) n *= dim;
  return n;
}

// ---- bf16 and f16: a sign, `exponent_bits`, `mantissa_bits`; a value is mantissa * 2^exponent as in IEEE 754

inline double decode_narrow(uint32_t bits, int exponent_bits, int mantissa_bits) {
  int bias = (1 << (exponent_bits - 1)) - 1;
  int exponent = (bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
  int mantissa = bits & ((1 << mantissa_bits) - 1);
  double magnitude;
  if (exponent == (1 << exponent_bits) - 1) {
    magnitude = mantissa ? kNaN : kInfinity;
  } else if (exponent == 0) {
    magnitude = std::ldexp(mantissa, 1 - bias - mantissa_bits);
  } else {
    magnitude = std::ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
  }
  return (bits >> (exponent_bits + mantissa_bits)) & 1 ? -magnitude : magnitude;
}

// Rounds to nearest, ties to even. long double, so that neither a double nor a 64-bit integer was rounded before.
inline uint32_t encode_narrow(long double value, int exponent_bits, int mantissa_bits) {
  int bias = (1 << (exponent_bits - 1)) - 1;
  uint32_t sign = static_cast<uint32_t>(std::signbit(value)) << (exponent_bits + mantissa_bits);
  uint32_t infinity = ((1u << exponent_bits) - 1) << mantissa_bits;
  if (std::isnan(value)) return sign | infinity | 1u << (mantissa_bits - 1);
  value = std::fabs(value);
  if (std::isinf(value)) return sign | infinity;
  // Subnormal numbers share the exponent of the smallest normal ones.
  int exponent = value == 0 ? 1 - bias : std::max(std::ilogb(value), 1 - bias);
  if (exponent > bias) return sign | infinity;
  // In units of the last place; the sum lets a mantissa that rounded up to the next power of two carry into the
  // exponent, and the largest finite one into infinity.
  uint32_t units = static_cast<uint32_t>(std::nearbyint(std::ldexp(value, mantissa_bits - exponent)));
  return sign | ((static_cast<uint32_t>(exponent + bias - 1) << mantissa_bits) + units);
}

// ---- conversions: integer to integer wraps, float to integer truncates and saturates (NaN gives 0), anything to bool
//      is "not zero", complex to real drops the imaginary part

template <class To, class From>
To to_integer(From value) {
  if constexpr (std::is_integral_v<From>) {
    return static_cast<To>(value);
  } else {
    if (std::isnan(value)) return 0;
    double whole = std::trunc(value);
    // 2^bits is a double, the largest value of the type may not be.
    double limit = std::ldexp(1.0, std::numeric_limits<To>::digits);
    if (whole >= limit) return std::numeric_limits<To>::max();
    if (whole < static_cast<double>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    return static_cast<To>(whole);
  }
}

template <class To, class From>
To convert(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (std::is_same_v<To, Complex>) {
    return Complex(static_cast<double>(value), 0);
  } else if constexpr (std::is_same_v<From, Complex>) {
    return convert<To>(value.real());
  } else if constexpr (std::is_integral_v<To>) {
    return to_integer<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

// Element `i` of `data`. T is double, int64_t or Complex.
template <class T>
T load(const void* data, DType dtype, int64_t i) {
  switch (dtype) {
    case DType::f32: return convert<T>(static_cast<double>(static_cast<const float*>(data)[i]));
    case DType::f64: return convert<T>(static_cast<const double*>(data)[i]);
    case DType::bf16: return convert<T>(decode_narrow(static_cast<const bf16*>(data)[i].bits, 8, 7));
    case DType::f16: return convert<T>(decode_narrow(static_cast<const f16*>(data)[i].bits, 5, 10));
    case DType::i32: return convert<T>(static_cast<int64_t>(static_cast<const int32_t*>(data)[i]));
    case DType::i64: return convert<T>(static_cast<const int64_t*>(data)[i]);
    case DType::u8: return convert<T>(static_cast<int64_t>(static_cast<const uint8_t*>(data)[i]));
    case DType::i8: return convert<T>(static_cast<int64_t>(static_cast<const int8_t*>(data)[i]));
    case DType::boolean: return convert<T>(static_cast<int64_t>(static_cast<const uint8_t*>(data)[i] != 0));
    case DType::c64: {
      c64 z = static_cast<const c64*>(data)[i];
      return convert<T>(Complex(z.re, z.im));
    }
    case DType::c128: {
      c128 z = static_cast<const c128*>(data)[i];
      return convert<T>(Complex(z.re, z.im));
    }
  }
  fail(ErrorCode::internal, "reference: unknown dtype %d", static_cast<int>(dtype));
}

template <class T>
void store(void* data, DType dtype, int64_t i, T value) {
  auto narrow = [&](int exponent_bits, int mantissa_bits) {
    return static_cast<uint16_t>(encode_narrow(convert<long double>(value), exponent_bits, mantissa_bits));
  };
  switch (dtype) {
    case DType::f32: static_cast<float*>(data)[i] = convert<float>(value); return;
    case DType::f64: static_cast<double*>(data)[i] = convert<double>(value); return;
    case DType::bf16: static_cast<bf16*>(data)[i].bits = narrow(8, 7); return;
    case DType::f16: static_cast<f16*>(data)[i].bits = narrow(5, 10); return;
    case DType::i32: static_cast<int32_t*>(data)[i] = convert<int32_t>(value); return;
    case DType::i64: static_cast<int64_t*>(data)[i] = convert<int64_t>(value); return;
    case DType::u8: static_cast<uint8_t*>(data)[i] = convert<uint8_t>(value); return;
    case DType::i8: static_cast<int8_t*>(data)[i] = convert<int8_t>(value); return;
    case DType::boolean: static_cast<uint8_t*>(data)[i] = value != T(0); return;
    case DType::c64: {
      Complex z = convert<Complex>(value);
      static_cast<c64*>(data)[i] = {static_cast<float>(z.real()), static_cast<float>(z.imag())};
      return;
    }
    case DType::c128: {
      Complex z = convert<Complex>(value);
      static_cast<c128*>(data)[i] = {z.real(), z.imag()};
      return;
    }
  }
}

// ---- whole tensors

// visit(offset) for every element of `shape` in row-major order; `offset` is that of the element of t, broadcast to it.
template <class Visit>
void for_each_offset(const TensorRef& t, const Shape& shape, Visit visit) {
  size_t rank = shape.size();
  Shape strides(rank, 0), index(rank, 0);
  for (int i = 0; i < t.rank; i++) strides[rank - t.rank + i] = t.dims[i] == 1 ? 0 : t.strides[i];
  int64_t offset = 0;
  for (int64_t n = numel_of(shape); n > 0; n--) {
    visit(offset);
    for (size_t d = rank; d-- > 0;) {
      offset += strides[d];
      if (++index[d] < shape[d]) break;
      offset -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

// The elements of t, broadcast to `shape`, in row-major order.
template <class T = double>
std::vector<T> read(const TensorRef& t, const Shape& shape) {
  if (is_complex(t.dtype) && !std::is_same_v<T, Complex>) {
    fail(ErrorCode::unsupported, "dtype %s is not supported on reference", dtype_name(t.dtype));
  }
  std::vector<T> values;
  values.reserve(numel_of(shape));
  for_each_offset(t, shape, [&](int64_t offset) { values.push_back(load<T>(t.data, t.dtype, offset)); });
  return values;
}

template <class T = double>
std::vector<T> read(const TensorRef& t) {
  return read<T>(t, shape_of(t));
}

// An optional operand: n times `otherwise` where it is absent.
inline std::vector<double> read_or(const TensorRef& t, int64_t n, double otherwise) {
  return t.present() ? read(t) : std::vector<double>(n, otherwise);
}

// Writes `values` (row-major) to t, which may be strided.
template <class T>
void write(const TensorRef& t, const std::vector<T>& values) {
  size_t i = 0;
  for_each_offset(t, shape_of(t), [&](int64_t offset) { store<T>(t.data, t.dtype, offset, values[i++]); });
}

// A real number as t's dtype holds it.
inline double rounded_to(DType dtype, double value) {
  c128 element;
  store<double>(&element, dtype, 0, value);
  return load<double>(&element, dtype, 0);
}

// body(T{}) with the T in which elements of this dtype are exact: int64_t, double, and Complex where it is asked for.
template <class Body>
void with_element_type(DType dtype, Body body) {
  if (is_integer(dtype)) {
    body(int64_t{});
  } else {
    body(double{});
  }
}

template <class Body>
void with_any_element_type(DType dtype, Body body) {
  if (is_complex(dtype)) {
    body(Complex{});
  } else {
    with_element_type(dtype, body);
  }
}

// ---- arithmetic in which integers wrap around

inline int64_t wrapped(uint64_t value) { return static_cast<int64_t>(value); }
inline int64_t plus(int64_t a, int64_t b) { return wrapped(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }
inline int64_t minus(int64_t a, int64_t b) { return wrapped(static_cast<uint64_t>(a) - static_cast<uint64_t>(b)); }
inline int64_t times(int64_t a, int64_t b) { return wrapped(static_cast<uint64_t>(a) * static_cast<uint64_t>(b)); }
inline double plus(double a, double b) { return a + b; }
inline double minus(double a, double b) { return a - b; }
inline double times(double a, double b) { return a * b; }

inline Complex plus(Complex a, Complex b) { return a + b; }
inline Complex minus(Complex a, Complex b) { return a - b; }
inline Complex times(Complex a, Complex b) { return a * b; }

// Long sums of doubles are kept in long double, so that the oracle of f64 kernels is better than they are.
inline long double plus(long double a, long double b) { return a + b; }
inline long double times(long double a, long double b) { return a * b; }
template <class T>
using Accumulator = std::conditional_t<std::is_same_v<T, double>, long double, T>;

// ---- axes and indices

// A shape seen from one axis: element (o, j, i) of (outer, length, inner) lies at (o * length + j) * inner + i.
struct AxisView {
  int64_t outer = 1, length = 1, inner = 1;

  // A tensor of rank 0 counts as a vector of one element.
  AxisView(const TensorRef& t, int64_t axis) {
    if (t.rank == 0) return;
    if (axis < 0) axis += t.rank;
    for (int64_t i = 0; i < t.rank; i++) (i < axis ? outer : i == axis ? length : inner) *= t.dims[i];
  }
  int64_t at(int64_t o, int64_t j, int64_t i) const { return (o * length + j) * inner + i; }
};

inline void check_index(const char* op, int64_t index, int64_t size) {
  if (index >= 0 && index < size) return;
  fail(ErrorCode::index_out_of_range, "%s: index %lld is out of range: 0 to %lld", op, static_cast<long long>(index),
       static_cast<long long>(size - 1));
}

}  // namespace sinter::reference
