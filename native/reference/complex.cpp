// Reference backend: complex numbers made and taken apart.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

template <class F>
void map_parts(const Call& c, F f) {
  Shape shape = shape_of(c.out[0]);
  std::vector<double> a = read_or(c.in[0], numel_of(shape), 0), b = read_or(c.opt(1), numel_of(shape), 0);
  std::vector<Complex> z(a.size());
  for (size_t i = 0; i < z.size(); i++) z[i] = f(a[i], b[i]);
  write(c.out[0], z);
}

template <class F>
void map_complex(const Call& c, F f) {
  std::vector<Complex> z = read<Complex>(c.in[0]);
  std::vector<decltype(f(Complex()))> y;
  for (Complex value : z) y.push_back(f(value));
  write(c.out[0], y);
}

}  // namespace

void complex(const Call& c) {
  map_parts(c, [](double re, double im) { return Complex(re, im); });
}
void polar(const Call& c) {
  map_parts(c, [](double length, double angle) { return Complex(length * std::cos(angle), length * std::sin(angle)); });
}
void angle(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::atan2(z.imag(), z.real()); });
  map_complex(c, [](Complex x) { return std::isnan(x.real()) ? kNaN : x.real() < 0 ? std::acos(-1.0) : 0.0; });
}
void conj(const Call& c) {
  map_complex(c, [](Complex z) { return std::conj(z); });
}
void sgn(const Call& c) {
  map_complex(c, [](Complex z) { return z == 0.0 ? Complex() : z / std::abs(z); });
}

}  // namespace sinter::reference
