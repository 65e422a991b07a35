// Reference backend: eigenvalues and singular values by Jacobi's rotations (Golub and Van Loan, Matrix Computations,
// sections 8.5 and 8.6), the matrix exponential by its series, distances of rows. Signs of vectors are arbitrary.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

constexpr int kSweeps = 60;

// (c, s) that makes ((p, q), (q, r)) diagonal.
void jacobi_angle(double p, double q, double r, double* c, double* s) {
  double t = 0;
  if (q != 0) {
    double theta = (r - p) / (2 * q);
    t = std::copysign(1 / (std::abs(theta) + std::hypot(theta, 1)), theta);
  }
  *c = 1 / std::hypot(t, 1);
  *s = t * *c;
}

void check_finite(const std::vector<double>& v, size_t entry, const char* what) {
  for (double x : v)
    if (!std::isfinite(x))
      fail(ErrorCode::linear_algebra,
           "the %s values of batch entry %lld did not converge: its elements are not finite, or too many are equal",
           what, static_cast<long long>(entry));
}

// Entry e of a batch of matrices with `size` elements.
std::vector<double> entry(const std::vector<double>& all, int64_t e, int64_t size) {
  return std::vector<double>(all.begin() + e * size, all.begin() + (e + 1) * size);
}

// y (n, n) = x (n, n) * z (n, n)
std::vector<double> product(const std::vector<double>& x, const std::vector<double>& z, int64_t n) {
  std::vector<double> y(n * n, 0);
  for (int64_t i = 0; i < n; i++)
    for (int64_t k = 0; k < n; k++)
      for (int64_t j = 0; j < n; j++) y[i * n + j] += x[i * n + k] * z[k * n + j];
  return y;
}

}  // namespace

// x (n, n) -> w, v or absent {upper}
void eigh(const Call& c) {
  int64_t n = c.in[0].dim(-1);
  std::vector<double> x = read(c.in[0]), ws, vs;
  for (int64_t e = 0; e * n < c.out[0].numel; e++) {
    std::vector<double> a = entry(x, e, n * n), v(n * n, 0);
    for (int64_t i = 0; i < n; i++) {
      v[i * n + i] = 1;
      for (int64_t j = 0; j < i; j++) c.attr[0] != 0 ? a[i * n + j] = a[j * n + i] : a[j * n + i] = a[i * n + j];
    }
    std::vector<double> lower;
    for (int64_t i = 0; i < n; i++) lower.insert(lower.end(), a.begin() + i * n, a.begin() + i * n + i + 1);
    check_finite(lower, e, "eigen");
    for (int sweep = 0; sweep < kSweeps; sweep++) {
      for (int64_t p = 0; p < n; p++) {
        for (int64_t q = p + 1; q < n; q++) {
          double cs, sn;
          jacobi_angle(a[p * n + p], a[p * n + q], a[q * n + q], &cs, &sn);
          for (int64_t k = 0; k < n; k++) {
            double f = a[k * n + p], g = a[k * n + q];
            a[k * n + p] = cs * f - sn * g;
            a[k * n + q] = sn * f + cs * g;
          }
          for (int64_t k = 0; k < n; k++) {
            double f = a[p * n + k], g = a[q * n + k];
            a[p * n + k] = cs * f - sn * g;
            a[q * n + k] = sn * f + cs * g;
            f = v[k * n + p], g = v[k * n + q];
            v[k * n + p] = cs * f - sn * g;
            v[k * n + q] = sn * f + cs * g;
          }
          a[p * n + q] = a[q * n + p] = 0;
        }
      }
    }
    std::vector<int64_t> order(n);
    for (int64_t i = 0; i < n; i++) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) { return a[i * n + i] < a[j * n + j]; });
    for (int64_t i : order) ws.push_back(a[i * n + i]);
    for (int64_t k = 0; k < n; k++)
      for (int64_t i : order) vs.push_back(v[k * n + i]);
  }
  write(c.out[0], ws);
  if (c.nout > 1) write(c.out[1], vs);
}

// x (m, n) -> s, u, vh {full}: columns are rotated until they are orthogonal
void svd(const Call& c) {
  int64_t m = c.in[0].dim(-2), n = c.in[0].dim(-1), k = std::min(m, n), rows = std::max(m, n);
  bool wide = m < n, full = c.attr[0] != 0;
  std::vector<double> x = read(c.in[0]), ss, us, vhs;
  int64_t batch = 1;
  for (int i = 0; i < c.in[0].rank - 2; i++) batch *= c.in[0].dims[i];
  for (int64_t e = 0; e < batch; e++) {
    std::vector<double> own = entry(x, e, m * n);
    check_finite(own, e, "singular");
    // Columns of the tall orientation, each a row here, and the rotations' product.
    std::vector<std::vector<double>> a(k, std::vector<double>(rows)), v(k, std::vector<double>(k, 0));
    for (int64_t i = 0; i < k; i++) {
      v[i][i] = 1;
      for (int64_t r = 0; r < rows; r++) a[i][r] = wide ? own[i * n + r] : own[r * n + i];
    }
    auto inner = [](const std::vector<double>& p, const std::vector<double>& q) {
      double sum = 0;
      for (size_t i = 0; i < p.size(); i++) sum += p[i] * q[i];
      return sum;
    };
    for (int sweep = 0; sweep < kSweeps; sweep++) {
      for (int64_t p = 0; p < k; p++) {
        for (int64_t q = p + 1; q < k; q++) {
          double cs, sn;
          jacobi_angle(inner(a[p], a[p]), inner(a[p], a[q]), inner(a[q], a[q]), &cs, &sn);
          for (auto* both : {&a, &v}) {
            std::vector<double>&f = (*both)[p], &g = (*both)[q];
            for (size_t i = 0; i < f.size(); i++) {
              double old = f[i];
              f[i] = cs * old - sn * g[i];
              g[i] = sn * old + cs * g[i];
            }
          }
        }
      }
    }
    std::vector<double> s(k);
    for (int64_t i = 0; i < k; i++) s[i] = std::sqrt(inner(a[i], a[i]));
    std::vector<int64_t> order(k);
    for (int64_t i = 0; i < k; i++) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) { return s[i] > s[j]; });
    double largest = k > 0 ? s[order[0]] : 0;
    // Long vectors: the columns divided by their lengths; where those vanish, and beyond them, any that are orthogonal.
    std::vector<std::vector<double>> lengthened;
    for (int64_t i : order) {
      ss.push_back(s[i]);
      if (s[i] <= largest * rows * 1e-16) break;
      for (double& value : a[i]) value /= s[i];
      lengthened.push_back(a[i]);
    }
    for (size_t i = lengthened.size(); static_cast<int64_t>(i) < k; i++)
      if (ss.size() < static_cast<size_t>((e + 1) * k)) ss.push_back(s[order[ss.size() - e * k]]);
    int64_t wanted = full ? rows : k;
    for (int64_t unit = 0; unit < rows && static_cast<int64_t>(lengthened.size()) < wanted; unit++) {
      std::vector<double> candidate(rows, 0);
      candidate[unit] = 1;
      for (int pass = 0; pass < 2; pass++)
        for (const auto& other : lengthened) {
          double along = inner(candidate, other);
          for (int64_t r = 0; r < rows; r++) candidate[r] -= along * other[r];
        }
      double length = std::sqrt(inner(candidate, candidate));
      if (length < 0.5 / std::sqrt(static_cast<double>(rows))) continue;
      for (double& value : candidate) value /= length;
      lengthened.push_back(candidate);
    }
    int64_t nu = wide ? k : wanted, nv = wide ? wanted : k;
    for (int64_t i = 0; i < m; i++)
      for (int64_t j = 0; j < nu; j++) us.push_back(wide ? v[order[j]][i] : lengthened[j][i]);
    for (int64_t j = 0; j < nv; j++)
      for (int64_t i = 0; i < n; i++) vhs.push_back(wide ? lengthened[j][i] : v[order[j]][i]);
  }
  write(c.out[0], ss);
  if (c.nout == 1) return;
  write(c.out[1], us);
  write(c.out[2], vhs);
}

// x (n, n) -> y: the series of a matrix halved until its norm is below 1/2, then squared back
void matrixExp(const Call& c) {
  int64_t n = c.in[0].dim(-1);
  std::vector<double> x = read(c.in[0]), all;
  for (int64_t e = 0; e * n * n < c.in[0].numel; e++) {
    std::vector<double> a = entry(x, e, n * n), y(n * n, 0), term(n * n, 0);
    double norm = 0;
    for (double value : a) norm += std::abs(value);
    int halvings = 0;
    if (!std::isfinite(norm)) {
      all.insert(all.end(), n * n, kNaN);
      continue;
    }
    for (; norm > 0.5; norm /= 2) halvings++;
    for (double& value : a) value = std::ldexp(value, -halvings);
    for (int64_t i = 0; i < n; i++) y[i * n + i] = term[i * n + i] = 1;
    for (int k = 1; k < 30; k++) {
      term = product(term, a, n);
      for (int64_t i = 0; i < n * n; i++) y[i] += term[i] /= k;
    }
    for (int i = 0; i < halvings; i++) y = product(y, y, n);
    all.insert(all.end(), y.begin(), y.end());
  }
  write(c.out[0], all);
}

// a (m, d), b (n, d) -> y (m, n) {p}
void cdist(const Call& c) {
  int64_t m = c.in[0].dim(-2), n = c.in[1].dim(-2), d = c.in[0].dim(-1);
  double p = c.attr[0];
  std::vector<double> a = read(c.in[0]), b = read(c.in[1]), y;
  for (int64_t k = 0; k < c.out[0].numel; k++) {
    int64_t row = k / n, other = row / m * n + k % n;
    double sum = 0;
    for (int64_t i = 0; i < d; i++) {
      double x = std::abs(a[row * d + i] - b[other * d + i]);
      if (p == 0)
        sum += a[row * d + i] != b[other * d + i];  // equal infinities do not differ
      else if (std::isinf(p))
        sum = std::isnan(x) || x > sum ? x : sum;
      else
        sum += std::pow(x, p);
    }
    y.push_back(p == 0 || std::isinf(p) ? sum : std::pow(sum, 1 / p));
  }
  write(c.out[0], y);
}

}  // namespace sinter::reference
