// The singular values of a bidiagonal matrix. Place in the whole: the second half of svd.cpp.
//
// Implicit QR steps with a shift, or without one where it would spoil small singular values (Demmel and Kahan 1990); the
// conventions that decide signs are those of LAPACK's bdsqr. Rows of u and vt take part in every rotation.
#pragma once
#include "cpu/linalg/dense.h"

namespace sinter::cpu::SINTER_ISA {

// The smaller singular value of ((f, g), (0, h)).
template <class T>
T smaller_singular_value(T f, T g, T h) {
  const T fa = std::abs(f), ga = std::abs(g), ha = std::abs(h), least = std::min(fa, ha), most = std::max(fa, ha);
  if (least == 0) return 0;
  const T as = 1 + least / most, at = (most - least) / most;
  if (ga < most) {
    const T au = ga / most * (ga / most);
    return least * (2 / (std::sqrt(as * as + au) + std::sqrt(at * at + au)));
  }
  const T au = most / ga;
  if (au == 0) return least * most / ga;
  const T c = 1 / (std::sqrt(1 + as * au * (as * au)) + std::sqrt(1 + at * au * (at * au)));
  return 2 * (least * c * au);
}

// ((csl, snl), (-snl, csl)) ((f, g), (0, h)) ((csr, -snr), (snr, csr)) = diag(most, least), values with signs.
template <class T>
struct Svd2 {
  T least, most, snr, csr, snl, csl;
};
template <class T>
Svd2<T> triangle_svd(T f, T g, T h) {
  const auto sign = [](T x) { return std::copysign(T(1), x); };
  T ft = f, fa = std::abs(f), ht = h, ha = std::abs(h);
  const bool swap = ha > fa;
  int largest = swap ? 3 : 1;
  if (swap) {
    std::swap(ft, ht);
    std::swap(fa, ha);
  }
  const T ga = std::abs(g);
  T least = ha, most = fa, clt = 1, crt = 1, slt = 0, srt = 0;
  if (ga != 0) {
    bool ordinary = true;
    if (ga > fa) {
      largest = 2;
      if (fa / ga < std::numeric_limits<T>::epsilon() / 2) {
        ordinary = false;
        most = ga;
        least = ha > 1 ? fa / (ga / ha) : fa / ga * ha;
        clt = 1;
        slt = ht / g;
        srt = 1;
        crt = ft / g;
      }
    }
    if (ordinary) {
      const T d = fa - ha, l = d == fa ? T(1) : d / fa, m = g / ft, mm = m * m;
      T t = 2 - l;
      const T s = std::sqrt(t * t + mm), r = l == 0 ? std::abs(m) : std::sqrt(l * l + mm), a = (s + r) / 2;
      least = ha / a;
      most = fa * a;
      if (mm == 0)
        t = l == 0 ? std::copysign(T(2), ft) * sign(g) : g / std::copysign(d, ft) + m / t;
      else
        t = (m / (s + t) + m / (r + l)) * (1 + a);
      const T q = std::sqrt(t * t + 4);
      crt = 2 / q;
      srt = t / q;
      clt = (crt + srt * m) / a;
      slt = ht / ft * srt / a;
    }
  }
  Svd2<T> y;
  y.csl = swap ? srt : clt;
  y.snl = swap ? crt : slt;
  y.csr = swap ? slt : crt;
  y.snr = swap ? clt : srt;
  const T ts = largest == 1   ? sign(y.csr) * sign(y.csl) * sign(f)
               : largest == 2 ? sign(y.snr) * sign(y.csl) * sign(g)
                              : sign(y.snr) * sign(y.snl) * sign(h);
  y.most = std::copysign(most, ts);
  y.least = std::copysign(least, ts * sign(f) * sign(h));
  return y;
}

// The upper bidiagonal matrix (d, and e above it) of order n to its singular values, descending. u and vt hold n rows of
// nu and nv elements, or are null. False: no convergence.
template <class T>
bool bidiagonal_svd(T* d, T* e, int64_t n, T* u, int64_t nu, T* vt, int64_t nv) {
  const T eps = std::numeric_limits<T>::epsilon() / 2, tiny = std::numeric_limits<T>::min();
  const T tol = std::max(T(10), std::min(T(100), std::pow(eps, T(-0.125)))) * eps;
  const auto left = [&](int64_t i, T c, T s) {
    if (u) rotate(u + i * nu, u + (i + 1) * nu, nu, c, s);
  };
  const auto right = [&](int64_t i, T c, T s) {
    if (vt) rotate(vt + i * nv, vt + (i + 1) * nv, nv, c, s);
  };
  T smallest = n > 0 ? std::abs(d[0]) : 0;
  if (smallest != 0) {
    T mu = smallest;
    for (int64_t i = 1; i < n && smallest != 0; i++) {
      mu = std::abs(d[i]) * (mu / (mu + std::abs(e[i - 1])));
      smallest = std::min(smallest, mu);
    }
  }
  const T order = static_cast<T>(n);
  const T threshold = std::max(tol * (smallest / std::sqrt(order)), 6 * (order * (order * tiny)));
  int64_t budget = 6 * n * n, old_first = -1, old_last = -1;
  int direction = 0;
  for (int64_t m = n - 1; m > 0;) {
    // The last block without a zero beside its diagonal: l .. m.
    T largest = std::abs(d[m]);
    int64_t l = m;
    bool split = false;
    for (; l > 0; l--) {
      const T beside = std::abs(e[l - 1]);
      if (beside <= threshold) {
        e[l - 1] = 0;
        split = true;
        break;
      }
      largest = std::max(largest, std::max(std::abs(d[l - 1]), beside));
    }
    if (split && l == m) {
      m--;
      continue;
    }
    if (l == m - 1) {
      const Svd2<T> y = triangle_svd(d[l], e[l], d[m]);
      d[l] = y.most;
      e[l] = 0;
      d[m] = y.least;
      right(l, y.csr, y.snr);
      left(l, y.csl, y.snl);
      m -= 2;
      continue;
    }
    if (l > old_last || m < old_first) direction = std::abs(d[l]) >= std::abs(d[m]) ? 1 : 2;
    // Elements that are small beside what surrounds them.
    T least;
    bool cut = false;
    if (direction == 1) {
      if (std::abs(e[m - 1]) <= tol * std::abs(d[m])) {
        e[m - 1] = 0;
        continue;
      }
      T mu = std::abs(d[l]);
      least = mu;
      for (int64_t i = l; i < m && !cut; i++) {
        if (std::abs(e[i]) <= tol * mu) {
          e[i] = 0;
          cut = true;
        } else {
          mu = std::abs(d[i + 1]) * (mu / (mu + std::abs(e[i])));
          least = std::min(least, mu);
        }
      }
    } else {
      if (std::abs(e[l]) <= tol * std::abs(d[l])) {
        e[l] = 0;
        continue;
      }
      T mu = std::abs(d[m]);
      least = mu;
      for (int64_t i = m - 1; i >= l && !cut; i--) {
        if (std::abs(e[i]) <= tol * mu) {
          e[i] = 0;
          cut = true;
        } else {
          mu = std::abs(d[i]) * (mu / (mu + std::abs(e[i])));
          least = std::min(least, mu);
        }
      }
    }
    if (cut) continue;
    old_first = l;
    old_last = m;
    T shift = 0;
    if (order * tol * (least / largest) > std::max(eps, T(0.01) * tol)) {
      const T end = std::abs(direction == 1 ? d[l] : d[m]);
      shift = direction == 1 ? smaller_singular_value(d[m - 1], e[m - 1], d[m])
                             : smaller_singular_value(d[l], e[l], d[l + 1]);
      if (end > 0 && shift / end * (shift / end) < eps) shift = 0;
    }
    budget -= m - l;
    if (!(budget >= 0)) return false;
    if (shift == 0 && direction == 1) {
      T cs = 1, sn = 0, old_cs = 1, old_sn = 0;
      for (int64_t i = l; i < m; i++) {
        const Givens<T> a = givens(d[i] * cs, e[i]);
        cs = a.c;
        sn = a.s;
        if (i > l) e[i - 1] = old_sn * a.r;
        const Givens<T> b = givens(old_cs * a.r, d[i + 1] * sn);
        old_cs = b.c;
        old_sn = b.s;
        d[i] = b.r;
        right(i, cs, sn);
        left(i, old_cs, old_sn);
      }
      const T h = d[m] * cs;
      d[m] = h * old_cs;
      e[m - 1] = h * old_sn;
      if (std::abs(e[m - 1]) <= threshold) e[m - 1] = 0;
    } else if (shift == 0) {
      T cs = 1, sn = 0, old_cs = 1, old_sn = 0;
      for (int64_t i = m; i > l; i--) {
        const Givens<T> a = givens(d[i] * cs, e[i - 1]);
        cs = a.c;
        sn = a.s;
        if (i < m) e[i] = old_sn * a.r;
        const Givens<T> b = givens(old_cs * a.r, d[i - 1] * sn);
        old_cs = b.c;
        old_sn = b.s;
        d[i] = b.r;
        right(i - 1, old_cs, -old_sn);
        left(i - 1, cs, -sn);
      }
      const T h = d[l] * cs;
      d[l] = h * old_cs;
      e[l] = h * old_sn;
      if (std::abs(e[l]) <= threshold) e[l] = 0;
    } else if (direction == 1) {
      T f = (std::abs(d[l]) - shift) * (std::copysign(T(1), d[l]) + shift / d[l]), g = e[l];
      for (int64_t i = l; i < m; i++) {
        const Givens<T> r = givens(f, g);
        if (i > l) e[i - 1] = r.r;
        f = r.c * d[i] + r.s * e[i];
        e[i] = r.c * e[i] - r.s * d[i];
        g = r.s * d[i + 1];
        d[i + 1] = r.c * d[i + 1];
        const Givens<T> q = givens(f, g);
        d[i] = q.r;
        f = q.c * e[i] + q.s * d[i + 1];
        d[i + 1] = q.c * d[i + 1] - q.s * e[i];
        if (i < m - 1) {
          g = q.s * e[i + 1];
          e[i + 1] = q.c * e[i + 1];
        }
        right(i, r.c, r.s);
        left(i, q.c, q.s);
      }
      e[m - 1] = f;
      if (std::abs(e[m - 1]) <= threshold) e[m - 1] = 0;
    } else {
      T f = (std::abs(d[m]) - shift) * (std::copysign(T(1), d[m]) + shift / d[m]), g = e[m - 1];
      for (int64_t i = m; i > l; i--) {
        const Givens<T> r = givens(f, g);
        if (i < m) e[i] = r.r;
        f = r.c * d[i] + r.s * e[i - 1];
        e[i - 1] = r.c * e[i - 1] - r.s * d[i];
        g = r.s * d[i - 1];
        d[i - 1] = r.c * d[i - 1];
        const Givens<T> q = givens(f, g);
        d[i] = q.r;
        f = q.c * e[i - 1] + q.s * d[i - 1];
        d[i - 1] = q.c * d[i - 1] - q.s * e[i - 1];
        if (i > l + 1) {
          g = q.s * e[i - 2];
          e[i - 2] = q.c * e[i - 2];
        }
        right(i - 1, q.c, -q.s);
        left(i - 1, r.c, -r.s);
      }
      e[l] = f;
      if (std::abs(e[l]) <= threshold) e[l] = 0;
    }
  }
  for (int64_t i = 0; i < n; i++) {
    if (d[i] == 0) d[i] = 0;
    if (d[i] < 0) {
      d[i] = -d[i];
      if (vt) scale(T(-1), vt + i * nv, nv);
    }
  }
  for (int64_t end = n - 1; end > 0; end--) {
    int64_t least = 0;
    for (int64_t j = 1; j <= end; j++)
      if (d[j] <= d[least]) least = j;
    if (least == end) continue;
    std::swap(d[least], d[end]);
    if (u) std::swap_ranges(u + least * nu, u + (least + 1) * nu, u + end * nu);
    if (vt) std::swap_ranges(vt + least * nv, vt + (least + 1) * nv, vt + end * nv);
  }
  return true;
}

}  // namespace sinter::cpu::SINTER_ISA
