// Loops of the reference backend's pointwise operators. Place in the whole: what its pointwise files share.
#pragma once
#include "reference/elements.h"

namespace sinter::reference {

// ---- one operand

// y = f(x) in double.
template <class F>
void map_real(const Call& c, F f) {
  std::vector<double> x = read(c.in[0], shape_of(c.out[0]));
  for (double& value : x) value = f(value);
  write(c.out[0], x);
}

// y = f(x), integers as int64_t.
template <class F>
void map_number(const Call& c, F f) {
  with_element_type(c.in[0].dtype, [&](auto zero) {
    auto x = read<decltype(zero)>(c.in[0], shape_of(c.out[0]));
    for (auto& value : x) value = f(value);
    write(c.out[0], x);
  });
}

template <class F>
void map_complex(const Call& c, F f) {
  std::vector<Complex> z = read<Complex>(c.in[0]);
  std::vector<decltype(f(Complex()))> y;
  for (Complex value : z) y.push_back(f(value));
  write(c.out[0], y);
}

// y = f(x) where f gives whole numbers: integers stay as they are, double does not even hold every i64.
template <class F>
void map_to_whole(const Call& c, F f) {
  map_number(c, [&](auto x) {
    if constexpr (std::is_same_v<decltype(x), double>) return f(x);
    return x;
  });
}

// gx = f(g, s)
template <class F>
void map_gradient(const Call& c, F f) {
  Shape shape = shape_of(c.out[0]);
  std::vector<double> g = read(c.in[0], shape), s = read(c.in[1], shape);
  for (size_t i = 0; i < g.size(); i++) g[i] = f(g[i], s[i]);
  write(c.out[0], g);
}

// ---- two operands

inline bool is_whole(double value) { return std::trunc(value) == value && std::fabs(value) < 0x1p63; }

// The scalar among {mode, scalar}; where both operands are tensors there is none.
inline double scalar_of(const Call& c) { return c.int_attr(0) == 0 ? 0 : c.attr[1]; }

// A scalar takes part in arithmetic in the type the tensor is computed in: f32 for f32, bf16 and f16.
inline double scalar_operand(DType dtype, double scalar) {
  return is_floating(dtype) && dtype != DType::f64 ? rounded_to(DType::f32, scalar) : scalar;
}

// y = f(a, b) with the operands as T; {mode, scalar}.
template <class T, class F>
void map_pair(const Call& c, T scalar, F f) {
  Shape shape = shape_of(c.out[0]);
  int mode = static_cast<int>(c.int_attr(0));
  std::vector<T> a, b;
  if (mode == 2) {
    a.assign(numel_of(shape), scalar);
    b = read<T>(c.in[0], shape);
  } else {
    a = read<T>(c.in[0], shape);
    b = mode == 1 ? std::vector<T>(numel_of(shape), scalar) : read<T>(c.in[1], shape);
  }
  std::vector<decltype(f(T{}, T{}))> y(a.size());
  for (size_t i = 0; i < y.size(); i++) y[i] = f(a[i], b[i]);
  write(c.out[0], y);
}

// Integer tensors with a fractional scalar are computed in double.
template <class F>
void map_numbers(const Call& c, F f) {
  DType dtype = c.in[0].dtype;
  double scalar = scalar_of(c);
  if (is_integer(dtype) && is_whole(scalar)) {
    map_pair<int64_t>(c, static_cast<int64_t>(scalar), f);
  } else {
    map_pair<double>(c, scalar_operand(dtype, scalar), f);
  }
}

// Complex numbers too.
template <class F>
void map_all_numbers(const Call& c, F f) {
  if (is_complex(c.in[0].dtype)) return map_pair<Complex>(c, scalar_of(c), f);
  map_numbers(c, f);
}

// A scalar is compared as an element of the tensor: x == 0.1 holds where the f32 tensor x holds 0.1 rounded to f32.
template <class F>
void compare(const Call& c, F f) {
  DType dtype = c.in[0].dtype;
  double scalar = scalar_of(c);
  auto test = [&](auto a, auto b) { return static_cast<int64_t>(f(a, b)); };
  if (is_integer(dtype) && is_whole(scalar)) {
    map_pair<int64_t>(c, static_cast<int64_t>(scalar), test);
  } else {
    map_pair<double>(c, is_integer(dtype) ? scalar : rounded_to(dtype, scalar), test);
  }
}

}  // namespace sinter::reference
