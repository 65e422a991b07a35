// Reference backend: eigenvalues of general matrices by the QR algorithm on the whole matrix, one shift a step, in complex long
// double; eigenvectors by inverse iteration. Not for repeated eigenvalues, whose vectors it does not tell apart.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

using Wide = std::complex<long double>;

struct Square {
  int64_t n;
  std::vector<Wide> v;
  Wide& operator()(int64_t i, int64_t j) { return v[i * n + j]; }
};

// The leading m rows and columns of a become R Q + shift, with Q R = a - shift by Householder's reflections: Q is unitary to
// rounding however many columns depend on each other.
void qr_step(Square& a, int64_t m, Wide shift) {
  Square q{m, std::vector<Wide>(m * m)}, r{m, std::vector<Wide>(m * m)};
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < m; j++) {
      r(i, j) = a(i, j) - (i == j ? shift : Wide());
      q(i, j) = i == j ? 1 : 0;
    }
  for (int64_t k = 0; k + 1 < m; k++) {
    std::vector<Wide> v(m);
    long double length = 0;
    for (int64_t i = k; i < m; i++) length += std::norm(v[i] = r(i, k));
    if (length == 0) continue;
    const long double first = std::abs(v[k]);
    v[k] += std::sqrt(length) * (first > 0 ? v[k] / first : Wide(1));
    long double square = 0;
    for (int64_t i = k; i < m; i++) square += std::norm(v[i]);
    for (int64_t j = 0; j < m; j++) {
      Wide along = 0, across = 0;
      for (int64_t i = k; i < m; i++) {
        along += std::conj(v[i]) * r(i, j);
        across += q(j, i) * v[i];
      }
      for (int64_t i = k; i < m; i++) {
        r(i, j) -= 2.0L * along / square * v[i];
        q(j, i) -= 2.0L * across / square * std::conj(v[i]);
      }
    }
  }
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < m; j++) {
      Wide sum = i == j ? shift : Wide();
      for (int64_t k = 0; k < m; k++) sum += r(i, k) * q(k, j);
      a(i, j) = sum;
    }
}

std::vector<Wide> eigenvalues(Square a, long double norm) {
  std::vector<Wide> w(a.n);
  int steps = 0;
  for (int64_t m = a.n; m > 0;) {
    long double beside = 0;
    for (int64_t j = 0; j + 1 < m; j++) beside += std::abs(a(m - 1, j));
    if (beside <= norm * std::numeric_limits<long double>::epsilon() || steps > 2000) {
      w[m - 1] = a(m - 1, m - 1);
      m--;
      steps = 0;
      continue;
    }
    Wide d = a(m - 1, m - 1), half = (a(m - 2, m - 2) - d) / 2.0L;
    Wide root = std::sqrt(half * half + a(m - 2, m - 1) * a(m - 1, m - 2));
    Wide near = std::abs(half + root) < std::abs(half - root) ? half + root : half - root;
    steps++;
    // Where the shifts of a real matrix stay real, they never come near a complex pair: every so often one is complex.
    qr_step(a, m, steps % 20 == 0 ? d + Wide(0.75L, 0.5L) * beside : d + near);
  }
  return w;
}

// (a - w) x = b by Gaussian elimination; a pivot that vanishes is replaced by a rounding error.
std::vector<Wide> solve_near(Square a, Wide w, long double small, std::vector<Wide> b) {
  int64_t n = a.n;
  for (int64_t i = 0; i < n; i++) a(i, i) -= w;
  for (int64_t k = 0; k < n; k++) {
    int64_t best = k;
    for (int64_t i = k + 1; i < n; i++)
      if (std::abs(a(i, k)) > std::abs(a(best, k))) best = i;
    for (int64_t j = 0; j < n; j++) std::swap(a(k, j), a(best, j));
    std::swap(b[k], b[best]);
    if (std::abs(a(k, k)) < small) a(k, k) = small;
    for (int64_t i = k + 1; i < n; i++) {
      Wide f = a(i, k) / a(k, k);
      for (int64_t j = k; j < n; j++) a(i, j) -= f * a(k, j);
      b[i] -= f * b[k];
    }
  }
  for (int64_t i = n - 1; i >= 0; i--) {
    for (int64_t j = i + 1; j < n; j++) b[i] -= a(i, j) * b[j];
    b[i] /= a(i, i);
  }
  return b;
}

}  // namespace

// x (n, n) -> w, v or absent
void eig(const Call& c) {
  int64_t n = c.in[0].dim(-1), batch = 1;
  for (int i = 0; i < c.in[0].rank - 2; i++) batch *= c.in[0].dims[i];
  std::vector<Complex> x = read<Complex>(c.in[0]), ws, vs;
  for (int64_t e = 0; e < batch; e++) {
    Square a{n, std::vector<Wide>(x.begin() + e * n * n, x.begin() + (e + 1) * n * n)};
    long double norm = 0;
    for (Wide z : a.v) norm += std::abs(z);
    if (!std::isfinite(norm))
      fail(ErrorCode::linear_algebra,
           "the eigenvalues of batch entry %lld did not converge: its elements are not finite, or too many are equal",
           static_cast<long long>(e));
    std::vector<Wide> w = eigenvalues(a, norm);
    Square v{n, std::vector<Wide>(n * n)};
    for (int64_t k = 0; k < n; k++) {
      ws.push_back(Complex(w[k]));
      std::vector<Wide> u(n, 1);
      for (int pass = 0; pass < 3; pass++) {
        u = solve_near(a, w[k], norm * std::numeric_limits<long double>::epsilon(), u);
        long double length = 0;
        Wide largest = 0;
        for (Wide z : u) {
          length += std::norm(z);
          if (std::abs(z) > std::abs(largest)) largest = z;
        }
        for (Wide& z : u) z *= std::conj(largest) / std::abs(largest) / std::sqrt(length);
      }
      for (int64_t i = 0; i < n; i++) v(i, k) = u[i];
    }
    for (Wide z : v.v) vs.push_back(Complex(z));
  }
  write(c.out[0], ws);
  if (c.nout > 1) write(c.out[1], vs);
}

// x (n, n) complex -> y (n)
void gaugeReal(const Call& c) {
  int64_t n = c.in[0].dim(-1);
  std::vector<Complex> x = read<Complex>(c.in[0]);
  std::vector<double> y;
  for (int64_t i = 0; i < c.out[0].numel; i++) {
    Complex z = x[i / n * n * n + i % n * (n + 1)];
    if (std::abs(z.imag()) > 0.01)
      fail(ErrorCode::linear_algebra,
           "the gradient depends on the phase of eigenvector %lld of batch entry %lld, which is arbitrary: only "
           "functions "
           "that stay the same when a vector is multiplied by a number of length 1 have one",
           static_cast<long long>(i % n), static_cast<long long>(i / n));
    y.push_back(z.real());
  }
  write(c.out[0], y);
}

}  // namespace sinter::reference
