// The Schur form of a general matrix. Place in the whole: the first half of eig.cpp, which finds the vectors.
//
//   A (n, n) = Q T Q^H: T upper triangular; of a real matrix with blocks of order 2 on its diagonal, one for each pair of
//   complex eigenvalues, so that everything stays real.
//
// Householder reduction to Hessenberg form, then QR steps with shifts: one complex shift for complex matrices, two at once,
// conjugate or real, for real ones (Francis 1961; Golub and Van Loan, Matrix Computations, sections 7.4 and 7.5). Q is kept as
// its transpose, so that its columns are rows in memory; null: only the eigenvalues are wanted, and only the active block of T
// is kept up to date.
#pragma once
#include "cpu/linalg/complex.h"

namespace sinter::cpu::SINTER_ISA {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr int kStepsAnEigenvalue = 90;  // beyond which it is given up; every tenth step takes a shift out of line

// Number type S: double, or Cx<double>. v (n) and w (n) are memory to work with.
template <class S>
void to_hessenberg(S* a, int64_t n, S* qt, S* v, S* w) {
  for (int64_t k = 0; k + 2 < n; k++) {
    const int64_t first = k + 1, count = n - first;
    double length = 0;
    for (int64_t i = first + 1; i < n; i++) length = std::hypot(length, length_of(a[i * n + k]));
    if (length == 0) continue;
    // H = I - tau v v^H maps the column to (beta, 0, ...).
    const S head = a[first * n + k];
    const double head_length = length_of(head);
    length = std::hypot(length, head_length);
    const S phase = head_length == 0 ? S(1) : head / head_length;
    const double tau = 1 / (1 + head_length / length);
    v[0] = head / length + phase;
    for (int64_t i = 1; i < count; i++) v[i] = a[(first + i) * n + k] / length;
    a[first * n + k] = -length * phase;
    for (int64_t i = first + 1; i < n; i++) a[i * n + k] = S(0);
    const auto from_left = [&](S* rows, int64_t columns, bool conjugate) {
      std::fill(w, w + columns, S(0));
      for (int64_t i = 0; i < count; i++) axpy(conjugate ? conj_of(v[i]) : v[i], rows + i * n, w, columns);
      for (int64_t i = 0; i < count; i++) axpy(-tau * (conjugate ? v[i] : conj_of(v[i])), w, rows + i * n, columns);
    };
    from_left(a + first * n + first, count, true);
    if (qt) from_left(qt + first * n, n, false);
    for (int64_t i = 0; i < count; i++) w[i] = conj_of(v[i]);
    for (int64_t r = 0; r < n; r++) axpy(-tau * dot(a + r * n + first, v, count), w, a + r * n + first, count);
  }
}

// The first row of the block that ends at `last`: what lies left of it counts as zero, and is made so.
template <class S>
int64_t block_start(S* t, int64_t n, int64_t last, double norm) {
  for (int64_t i = last; i > 0; i--) {
    const double beside = size_of(t[(i - 1) * n + i - 1]) + size_of(t[i * n + i]);
    if (size_of(t[i * n + i - 1]) <= kEpsilon * (beside == 0 ? norm : beside)) {
      t[i * n + i - 1] = S(0);
      return i;
    }
  }
  return 0;
}

// I - tau (1, v1, v2) (1, v1, v2)^T on three (or, with `third` null, two) rows.
SINTER_INLINE void reflect_rows(double* first, double* second, double* third, int64_t count, double tau, double v1,
                                double v2) {
  for (int64_t j = 0; j < count; j++) {
    const double s = tau * (first[j] + v1 * second[j] + (third ? v2 * third[j] : 0));
    first[j] -= s;
    second[j] -= s * v1;
    if (third) third[j] -= s * v2;
  }
}

// A double step on rows and columns lo .. hi (three at least).
SINTER_INLINE void francis_step(double* t, int64_t n, int64_t lo, int64_t hi, bool exceptional, double* qt) {
  const auto at = [&](int64_t i, int64_t j) -> double& { return t[i * n + j]; };
  double x = at(hi, hi), y = at(hi - 1, hi - 1), w = at(hi, hi - 1) * at(hi - 1, hi);
  if (exceptional) {
    const double s = std::abs(at(hi, hi - 1)) + std::abs(at(hi - 1, hi - 2));
    x = y = at(hi, hi) + 0.75 * s;
    w = -0.4375 * s * s;
  }
  // The first column of (T - s1)(T - s2), over its third entry's factor; the step may begin below lo where two successive
  // elements beside the diagonal are so small that their product is nothing.
  double column[3];
  int64_t m = hi - 2;
  for (;; m--) {
    const double z = at(m, m), r = x - z, s = y - z;
    column[0] = (r * s - w) / at(m + 1, m) + at(m, m + 1);
    column[1] = at(m + 1, m + 1) - z - r - s;
    column[2] = at(m + 2, m + 1);
    const double scale = std::abs(column[0]) + std::abs(column[1]) + std::abs(column[2]);
    for (double& c : column) c /= scale;
    if (m == lo) break;
    const double beside = std::abs(at(m - 1, m - 1)) + std::abs(z) + std::abs(at(m + 1, m + 1));
    if (std::abs(at(m, m - 1)) * (std::abs(column[1]) + std::abs(column[2])) < kEpsilon * std::abs(column[0]) * beside)
      break;
  }
  const int64_t top = qt ? 0 : lo, right = qt ? n : hi + 1;
  for (int64_t k = m; k < hi; k++) {
    const bool three = k + 2 <= hi;
    if (k > m) {
      column[0] = at(k, k - 1);
      column[1] = at(k + 1, k - 1);
      column[2] = three ? at(k + 2, k - 1) : 0;
    }
    const double tau = reflector(column, column + 1, three ? 2 : 1);
    if (k > m) {
      at(k, k - 1) = column[0];
      at(k + 1, k - 1) = 0;
      if (three) at(k + 2, k - 1) = 0;
    } else if (m > lo) {
      at(k, k - 1) *= 1 - tau;
    }
    if (tau == 0) continue;
    const double v1 = column[1], v2 = three ? column[2] : 0;
    reflect_rows(&at(k, k), &at(k + 1, k), three ? &at(k + 2, k) : nullptr, right - k, tau, v1, v2);
    for (int64_t i = top; i <= std::min(hi, k + 3); i++) {
      double* row = &at(i, k);
      reflect_rows(row, row + 1, three ? row + 2 : nullptr, 1, tau, v1, v2);
    }
    if (qt) reflect_rows(qt + k * n, qt + (k + 1) * n, three ? qt + (k + 2) * n : nullptr, n, tau, v1, v2);
  }
}

// The block of rows lo, lo + 1 by its eigenvalues; a block of real ones becomes triangular.
SINTER_INLINE void split_pair(double* t, int64_t n, int64_t lo, double* qt, Cx<double>* w) {
  double &a = t[lo * n + lo], &b = t[lo * n + lo + 1], &c = t[(lo + 1) * n + lo], &d = t[(lo + 1) * n + lo + 1];
  const double p = (a - d) / 2, q = p * p + b * c;
  if (q < 0) {
    w[lo] = {d + p, std::sqrt(-q)};
    w[lo + 1] = conj_of(w[lo]);
    return;
  }
  const double z = p + std::copysign(std::sqrt(q), p), first = d + z, second = z == 0 ? d : d - b * c / z;
  w[lo] = first;
  w[lo + 1] = second;
  // (z, c) is the first one's vector.
  const double r = std::hypot(z, c), cs = z / r, sn = c / r;
  const int64_t right = qt ? n : lo + 2;
  rotate(t + lo * n + lo, t + (lo + 1) * n + lo, right - lo, cs, sn);
  for (int64_t i = qt ? 0 : lo; i < lo + 2; i++) rotate(t + i * n + lo, t + i * n + lo + 1, 1, cs, sn);
  if (qt) rotate(qt + lo * n, qt + (lo + 1) * n, n, cs, sn);
  a = first;
  c = 0;
  d = second;
}

// False: no convergence.
SINTER_INLINE bool hessenberg_to_schur(double* t, int64_t n, double* qt, double norm, Cx<double>* w) {
  int steps = 0;
  for (int64_t hi = n - 1; hi >= 0;) {
    const int64_t lo = block_start(t, n, hi, norm);
    if (lo >= hi - 1) {
      if (lo == hi)
        w[hi] = t[hi * n + hi];
      else
        split_pair(t, n, lo, qt, w);
      hi = lo - 1;
      steps = 0;
      continue;
    }
    if (++steps > kStepsAnEigenvalue) return false;
    francis_step(t, n, lo, hi, steps % 10 == 0, qt);
  }
  return true;
}

// A single step of rotations on rows and columns lo .. hi with the eigenvalue of the last block of order 2 that is closer to
// its last element as shift.
SINTER_INLINE void rotation_step(Cx<double>* t, int64_t n, int64_t lo, int64_t hi, bool exceptional, Cx<double>* qt) {
  using Z = Cx<double>;
  const auto at = [&](int64_t i, int64_t j) -> Z& { return t[i * n + j]; };
  Z shift = at(hi, hi);
  if (exceptional) {
    shift += Z(size_of(at(hi, hi - 1)) + (hi > lo + 1 ? size_of(at(hi - 1, hi - 2)) : 0));
  } else {
    const Z product = at(hi - 1, hi) * at(hi, hi - 1), half = 0.5 * (at(hi - 1, hi - 1) - shift);
    const Z root = root_of(half * half + product), plus = half + root, minus = half - root;
    const Z larger = size_of(plus) > size_of(minus) ? plus : minus;
    if (size_of(larger) > 0) shift -= product / larger;
  }
  const int64_t top = qt ? 0 : lo, right = qt ? n : hi + 1;
  for (int64_t k = lo; k < hi; k++) {
    // ((c, s), (-conj(s), c)) maps (x, y) to (., 0).
    const Z x = k > lo ? at(k, k - 1) : at(lo, lo) - shift, y = k > lo ? at(k + 1, k - 1) : at(lo + 1, lo);
    const double xl = length_of(x), yl = length_of(y), length = std::hypot(xl, yl);
    if (yl == 0) continue;
    const double c = xl / length;
    const Z s = xl == 0 ? conj_of(y) / yl : (x / xl) * (conj_of(y) / length);
    const auto turn = [&](Z* first, Z* second, int64_t count, Z s) {
      for (int64_t j = 0; j < count; j++) {
        const Z a = first[j], b = second[j];
        first[j] = c * a + s * b;
        second[j] = c * b - conj_of(s) * a;
      }
    };
    const int64_t left = k > lo ? k - 1 : k;
    turn(&at(k, left), &at(k + 1, left), right - left, s);
    if (k > lo) at(k + 1, k - 1) = Z();
    for (int64_t i = top; i <= std::min(hi, k + 2); i++) turn(&at(i, k), &at(i, k + 1), 1, conj_of(s));
    if (qt) turn(qt + k * n, qt + (k + 1) * n, n, conj_of(s));
  }
}

SINTER_INLINE bool hessenberg_to_schur(Cx<double>* t, int64_t n, Cx<double>* qt, double norm, Cx<double>* w) {
  int steps = 0;
  for (int64_t hi = n - 1; hi >= 0;) {
    const int64_t lo = block_start(t, n, hi, norm);
    if (lo == hi) {
      w[hi] = t[hi * n + hi];
      hi--;
      steps = 0;
      continue;
    }
    if (++steps > kStepsAnEigenvalue) return false;
    rotation_step(t, n, lo, hi, steps % 10 == 0, qt);
  }
  return true;
}

}  // namespace sinter::cpu::SINTER_ISA
