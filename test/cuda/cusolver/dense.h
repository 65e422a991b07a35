// Textbook factorisations of column-major matrices, in complex double. Place in the whole: what the stand-in of cuSOLVER computes with;
// written for clarity, not for speed, and independent of the kernels that they test.
#pragma once
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <vector>

namespace cusolversim {

using Number = std::complex<double>;

struct Matrix {
  int rows, columns;
  std::vector<Number> v;
  Matrix(int rows, int columns) : rows(rows), columns(columns), v(static_cast<size_t>(rows) * columns) {}
  Number& operator()(int i, int j) { return v[static_cast<size_t>(j) * rows + i]; }
};

// What LAPACK compares pivots by.
inline double size_of(Number z) { return std::abs(z.real()) + std::abs(z.imag()); }

// P a = L U in place; the first zero pivot's number, or 0.
inline int factor_lu(Matrix& a, int* pivots) {
  int bad = 0;
  for (int k = 0; k < std::min(a.rows, a.columns); k++) {
    int best = k;
    for (int i = k + 1; pivots && i < a.rows; i++)
      if (size_of(a(i, k)) > size_of(a(best, k))) best = i;
    if (pivots) pivots[k] = best + 1;
    for (int j = 0; best != k && j < a.columns; j++) std::swap(a(k, j), a(best, j));
    if (a(k, k) == 0.0) {
      if (bad == 0) bad = k + 1;
      continue;
    }
    for (int i = k + 1; i < a.rows; i++) {
      a(i, k) /= a(k, k);
      for (int j = k + 1; j < a.columns; j++) a(i, j) -= a(i, k) * a(k, j);
    }
  }
  return bad;
}

// a = U^H U, the upper triangle in place; the order of the first leading minor that is not positive, or 0.
inline int factor_cholesky(Matrix& a) {
  for (int j = 0; j < a.rows; j++) {
    for (int i = 0; i < j; i++) {
      for (int k = 0; k < i; k++) a(i, j) -= std::conj(a(k, i)) * a(k, j);
      a(i, j) /= a(i, i);
    }
    double pivot = a(j, j).real();
    for (int k = 0; k < j; k++) pivot -= std::norm(a(k, j));
    if (!(pivot > 0)) return j + 1;
    a(j, j) = std::sqrt(pivot);
  }
  return 0;
}

// Reflectors below R, of a real matrix.
inline void factor_qr(Matrix& a, double* tau) {
  for (int j = 0; j < std::min(a.rows, a.columns); j++) {
    double rest = 0;
    for (int i = j + 1; i < a.rows; i++) rest = std::hypot(rest, a(i, j).real());
    tau[j] = 0;
    if (rest == 0) continue;
    const double alpha = a(j, j).real(), beta = -std::copysign(std::hypot(alpha, rest), alpha);
    tau[j] = (beta - alpha) / beta;
    for (int i = j + 1; i < a.rows; i++) a(i, j) /= alpha - beta;
    for (int c = j + 1; c < a.columns; c++) {
      Number sum = a(j, c);
      for (int i = j + 1; i < a.rows; i++) sum += a(i, j) * a(i, c);
      a(j, c) -= tau[j] * sum;
      for (int i = j + 1; i < a.rows; i++) a(i, c) -= tau[j] * sum * a(i, j);
    }
    a(j, j) = beta;
  }
}

// The rotation that makes x and y, with squares xx and yy and product xy, orthogonal: c x - s y and s x + c y.
struct Turn {
  double c, s;
  Turn(double xx, double yy, double xy) {
    const double t = (yy - xx) / (2 * xy), tangent = std::copysign(1 / (std::abs(t) + std::hypot(t, 1.0)), t);
    c = 1 / std::hypot(tangent, 1.0);
    s = c * tangent;
  }
  void operator()(Number& x, Number& y) const {
    const Number before = x;
    x = c * before - s * y;
    y = s * before + c * y;
  }
};

// Columns of u are turned in pairs until those of a u are orthogonal (Hestenes 1958); a becomes a u. False: no convergence.
inline bool turn_columns(Matrix& a, Matrix& u) {
  double all = 0;
  for (const Number z : a.v) all += std::norm(z);
  if (!std::isfinite(all)) return false;
  for (int sweep = 0; sweep < 60; sweep++) {
    bool turned = false;
    for (int p = 0; p < a.columns; p++)
      for (int q = p + 1; q < a.columns; q++) {
        double pp = 0, qq = 0, pq = 0;
        for (int i = 0; i < a.rows; i++) {
          pp += std::norm(a(i, p));
          qq += std::norm(a(i, q));
          pq += a(i, p).real() * a(i, q).real();
        }
        // What is left of columns that vanish is rounding errors, in any direction.
        if (std::abs(pq) <= 1e-15 * std::sqrt(pp * qq) + 1e-30 * all) continue;
        turned = true;
        const Turn turn(pp, qq, pq);
        for (int i = 0; i < a.rows; i++) turn(a(i, p), a(i, q));
        for (int i = 0; i < u.rows; i++) turn(u(i, p), u(i, q));
      }
    if (!turned) return true;
  }
  return false;
}

inline Matrix identity(int n) {
  Matrix e(n, n);
  for (int i = 0; i < n; i++) e(i, i) = 1;
  return e;
}

// Columns `from` on become unit vectors at right angles to all before them.
inline void complete(Matrix& u, int from) {
  int next = 0;
  for (int j = from; j < u.columns; j++) {
    for (double length = 0; length < 0.5 / std::sqrt(u.rows);) {
      for (int i = 0; i < u.rows; i++) u(i, j) = i == next ? 1 : 0;
      next++;
      for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < j; k++) {
          Number along = 0;
          for (int i = 0; i < u.rows; i++) along += u(i, k) * u(i, j);
          for (int i = 0; i < u.rows; i++) u(i, j) -= along * u(i, k);
        }
      length = 0;
      for (int i = 0; i < u.rows; i++) length = std::hypot(length, u(i, j).real());
      for (int i = 0; i < u.rows && length > 0; i++) u(i, j) /= length;
    }
  }
}

// a (m, n), m >= n, real: a = u diag(s) vt, u (m, m), s descending. False: no convergence.
inline bool factor_svd(Matrix a, std::vector<double>& s, Matrix& u, Matrix& vt) {
  Matrix v = identity(a.columns);
  if (!turn_columns(a, v)) return false;
  std::vector<double> length(a.columns);
  std::vector<int> order(a.columns);
  for (int j = 0; j < a.columns; j++) {
    order[j] = j;
    for (int i = 0; i < a.rows; i++) length[j] = std::hypot(length[j], a(i, j).real());
  }
  std::stable_sort(order.begin(), order.end(), [&](int i, int j) { return length[i] > length[j]; });
  int rank = 0;
  s.resize(a.columns);
  for (int j = 0; j < a.columns; j++) {
    s[j] = length[order[j]];
    for (int i = 0; i < a.columns; i++) vt(j, i) = v(i, order[j]);
    if (s[j] <= 1e-14 * s[0]) continue;
    for (int i = 0; i < a.rows; i++) u(i, j) = a(i, order[j]) / s[j];
    rank = j + 1;
  }
  complete(u, rank);
  return true;
}

// A symmetric matrix, both triangles: its eigenvalues ascending, its vectors as columns in its place (Jacobi 1846). False: no
// convergence.
inline bool factor_symmetric(Matrix& a, std::vector<double>& w) {
  const int n = a.rows;
  double all = 0;
  for (const Number z : a.v) all += std::norm(z);
  if (!std::isfinite(all)) return false;
  Matrix v = identity(n);
  bool done = false;
  for (int sweep = 0; sweep < 60 && !done; sweep++) {
    done = true;
    for (int p = 0; p < n; p++)
      for (int q = p + 1; q < n; q++) {
        if (std::norm(a(p, q)) <= 1e-34 * all) continue;
        done = false;
        const Turn turn(a(p, p).real(), a(q, q).real(), a(p, q).real());
        for (int i = 0; i < n; i++) turn(a(i, p), a(i, q));
        for (int i = 0; i < n; i++) turn(a(p, i), a(q, i));
        for (int i = 0; i < n; i++) turn(v(i, p), v(i, q));
      }
  }
  if (!done) return false;
  std::vector<int> order(n);
  for (int j = 0; j < n; j++) order[j] = j;
  std::stable_sort(order.begin(), order.end(), [&](int i, int j) { return a(i, i).real() < a(j, j).real(); });
  w.resize(n);
  for (int j = 0; j < n; j++) w[j] = a(order[j], order[j]).real();
  for (int j = 0; j < n; j++)
    for (int i = 0; i < n; i++) a(i, j) = v(i, order[j]);
  return true;
}

}  // namespace cusolversim
