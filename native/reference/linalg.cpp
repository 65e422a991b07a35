// Reference backend: factorizations by their textbook algorithms (Golub and Van Loan, Matrix Computations), one matrix of
// the batch after the other, in double.
#include <cstdlib>

#include "reference/elements.h"

namespace sinter::reference {
namespace {

// A row-major matrix of its own, of double or Complex.
template <class T>
struct MatrixOf {
  int64_t rows, columns;
  std::vector<T> v;
  MatrixOf(int64_t rows, int64_t columns) : rows(rows), columns(columns), v(rows * columns, 0) {}
  T& operator()(int64_t i, int64_t j) { return v[i * columns + j]; }
};
using Matrix = MatrixOf<double>;

// The matrices of a tensor (..., m, n).
template <class T = double>
std::vector<MatrixOf<T>> matrices(const TensorRef& t) {
  std::vector<T> all = read<T>(t);
  int64_t m = t.dim(-2), n = t.dim(-1), batch = 1;
  for (int i = 0; i < t.rank - 2; i++) batch *= t.dims[i];
  std::vector<MatrixOf<T>> list;
  for (int64_t b = 0; b < batch; b++) {
    MatrixOf<T> a(m, n);
    std::copy_n(all.begin() + b * m * n, m * n, a.v.begin());
    list.push_back(a);
  }
  return list;
}

template <class T>
void append(std::vector<T>& all, const MatrixOf<T>& a) {
  all.insert(all.end(), a.v.begin(), a.v.end());
}

// What pivots are compared by: |re| + |im|, as in LAPACK.
double pivot_size(double x) { return std::abs(x); }
double pivot_size(Complex z) { return std::abs(z.real()) + std::abs(z.imag()); }

double conjugate(double x) { return x; }
Complex conjugate(Complex z) { return std::conj(z); }

// f(double or Complex)
template <class F>
void with_number(DType d, F f) {
  is_complex(d) ? f(Complex()) : f(0.0);
}

// The result with information about failures: `info` per matrix, and the error that the first asks for.
void report(const Call& c, int out, const std::vector<int64_t>& info, bool check, const char* message) {
  write(c.out[out], info);
  if (!check) return;
  for (size_t b = 0; b < info.size(); b++)
    if (info[b] != 0) fail(ErrorCode::linear_algebra, message, static_cast<long long>(b), static_cast<int>(info[b]));
}

template <class T>
void swap_rows(MatrixOf<T>& a, int64_t i, int64_t j) {
  for (int64_t c = 0; c < a.columns; c++) std::swap(a(i, c), a(j, c));
}

template <class T>
void factor_lu(const Call& c) {
  std::vector<T> lu;
  std::vector<int64_t> pivots, info;
  for (MatrixOf<T>& a : matrices<T>(c.in[0])) {
    int64_t bad = 0;
    for (int64_t k = 0; k < std::min(a.rows, a.columns); k++) {
      int64_t best = k;
      if (c.attr[0] != 0)
        for (int64_t i = k + 1; i < a.rows; i++)
          if (pivot_size(a(i, k)) > pivot_size(a(best, k))) best = i;
      pivots.push_back(best + 1);
      swap_rows(a, k, best);
      if (a(k, k) == 0.0) {
        if (bad == 0) bad = k + 1;
        continue;
      }
      for (int64_t i = k + 1; i < a.rows; i++) {
        a(i, k) /= a(k, k);
        for (int64_t j = k + 1; j < a.columns; j++) a(i, j) -= a(i, k) * a(k, j);
      }
    }
    append(lu, a);
    info.push_back(bad);
  }
  write(c.out[0], lu);
  write(c.out[1], pivots);
  report(c, 2, info, c.attr[1] != 0,
         "the matrix of batch entry %lld is singular: pivot %d of its LU factorization is zero");
}

template <class T>
void substitute(const Call& c) {
  bool upper = c.attr[0] != 0, unit = c.attr[1] != 0, transposed = c.attr[2] != 0;
  std::vector<MatrixOf<T>> as = matrices<T>(c.in[0]), bs = matrices<T>(c.in[1]);
  std::vector<T> all;
  for (size_t e = 0; e < bs.size(); e++) {
    MatrixOf<T>&a = as[e], &x = bs[e];
    int64_t n = a.rows;
    bool backward = upper != transposed;
    for (int64_t step = 0; step < n; step++) {
      int64_t i = backward ? n - 1 - step : step;
      for (int64_t col = 0; col < x.columns; col++) {
        for (int64_t j = backward ? i + 1 : 0; j < (backward ? n : i); j++)
          x(i, col) -= (transposed ? a(j, i) : a(i, j)) * x(j, col);
        if (!unit) x(i, col) /= a(i, i);
      }
    }
    append(all, x);
  }
  write(c.out[0], all);
}

template <class T>
void factor_cholesky(const Call& c) {
  std::vector<T> all;
  std::vector<int64_t> info;
  for (MatrixOf<T>& a : matrices<T>(c.in[0])) {
    int64_t n = a.rows, bad = 0;
    for (int64_t j = 0; j < n && bad == 0; j++) {
      for (int64_t i = j; i < n; i++)
        for (int64_t k = 0; k < j; k++) a(i, j) -= a(i, k) * conjugate(a(j, k));
      double pivot = std::real(a(j, j));
      if (!(pivot > 0)) {
        bad = j + 1;
        break;
      }
      a(j, j) = std::sqrt(pivot);
      for (int64_t i = j + 1; i < n; i++) a(i, j) /= a(j, j);
    }
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = i + 1; j < n; j++) a(i, j) = 0;
    append(all, a);
    info.push_back(bad);
  }
  write(c.out[0], all);
  report(c, 1, info, c.attr[0] != 0,
         "the matrix of batch entry %lld is not positive definite: its leading minor of order %d is not positive");
}

}  // namespace

// x (m, n) -> lu, pivots, info {pivot, check}
void luFactor(const Call& c) {
  with_number(c.in[0].dtype, [&](auto zero) { factor_lu<decltype(zero)>(c); });
}

// pivots (..., k) -> permutation (..., m)
void pivotsToPermutation(const Call& c) {
  std::vector<int64_t> pivots = read<int64_t>(c.in[0]), all;
  int64_t k = c.in[0].dim(-1), m = c.out[0].dim(-1);
  for (int64_t b = 0; b * m < c.out[0].numel; b++) {
    std::vector<int64_t> order(m);
    for (int64_t i = 0; i < m; i++) order[i] = i;
    for (int64_t i = 0; i < k; i++) {
      check_index("pivotsToPermutation", pivots[b * k + i] - 1, m);
      std::swap(order[i], order[pivots[b * k + i] - 1]);
    }
    all.insert(all.end(), order.begin(), order.end());
  }
  write(c.out[0], all);
}

// x (n, n) -> l, info {check}
void choleskyFactor(const Call& c) {
  with_number(c.in[0].dtype, [&](auto zero) { factor_cholesky<decltype(zero)>(c); });
}

// a (n, n), b (n, k) -> x {upper, unit, transposed}
void solveTriangular(const Call& c) {
  with_number(c.in[1].dtype, [&](auto zero) { substitute<decltype(zero)>(c); });
}

// x (m, n) -> a, tau
void geqrf(const Call& c) {
  std::vector<double> all, taus;
  for (Matrix& a : matrices(c.in[0])) {
    for (int64_t j = 0; j < std::min(a.rows, a.columns); j++) {
      double rest = 0;
      for (int64_t i = j + 1; i < a.rows; i++) rest = std::hypot(rest, a(i, j));
      if (rest == 0) {
        taus.push_back(0);
        continue;
      }
      double alpha = a(j, j), beta = -std::copysign(std::hypot(alpha, rest), alpha), tau = (beta - alpha) / beta;
      for (int64_t i = j + 1; i < a.rows; i++) a(i, j) /= alpha - beta;
      for (int64_t col = j + 1; col < a.columns; col++) {
        double sum = a(j, col);
        for (int64_t i = j + 1; i < a.rows; i++) sum += a(i, j) * a(i, col);
        a(j, col) -= tau * sum;
        for (int64_t i = j + 1; i < a.rows; i++) a(i, col) -= tau * sum * a(i, j);
      }
      a(j, j) = beta;
      taus.push_back(tau);
    }
    append(all, a);
  }
  write(c.out[0], all);
  write(c.out[1], taus);
}

// x (n, n) -> ld, pivots, info {check}: Bunch and Kaufman (1977), the matrix kept symmetric
void ldlFactor(const Call& c) {
  std::vector<double> all;
  std::vector<int64_t> pivots, info;
  for (Matrix& a : matrices(c.in[0])) {
    int64_t n = a.rows, bad = 0;
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = i + 1; j < n; j++) a(i, j) = a(j, i);
    std::vector<int64_t> own(n);
    for (int64_t k = 0; k < n;) {
      int64_t r = k;
      double most = 0, beside = 0;
      for (int64_t i = k + 1; i < n; i++)
        if (std::abs(a(i, k)) > most) most = std::abs(a(r = i, k));
      for (int64_t i = k; i < n; i++)
        if (i != r) beside = std::max(beside, std::abs(a(i, r)));
      double alpha = (1 + std::sqrt(17.0)) / 8, diagonal = std::abs(a(k, k));
      if (std::max(most, diagonal) == 0) {
        if (bad == 0) bad = k + 1;
        own[k] = k + 1;
        k++;
        continue;
      }
      int64_t pivot = k, size = 1;
      if (diagonal < alpha * most && diagonal * beside < alpha * most * most) {
        pivot = r;
        if (std::abs(a(r, r)) < alpha * beside) size = 2;
      }
      int64_t target = k + size - 1;
      // Columns before k hold L, whose rows sytrf leaves where they are.
      for (int64_t j = k; j < n; j++) std::swap(a(target, j), a(pivot, j));
      for (int64_t j = k; j < n; j++) std::swap(a(j, target), a(j, pivot));
      if (size == 1) {
        own[k] = pivot + 1;
        for (int64_t i = k + 1; i < n; i++)
          for (int64_t j = k + 1; j < n; j++) a(i, j) -= a(i, k) * a(k, j) / a(k, k);
        for (int64_t i = k + 1; i < n; i++) a(i, k) /= a(k, k);
      } else {
        own[k] = own[k + 1] = -(pivot + 1);
        double p = a(k, k), q = a(k + 1, k), s = a(k + 1, k + 1), det = p * s - q * q;
        Matrix l(n, 2);
        for (int64_t i = k + 2; i < n; i++) {
          l(i, 0) = (a(i, k) * s - a(i, k + 1) * q) / det;
          l(i, 1) = (a(i, k + 1) * p - a(i, k) * q) / det;
        }
        for (int64_t i = k + 2; i < n; i++)
          for (int64_t j = k + 2; j < n; j++) a(i, j) -= l(i, 0) * a(k, j) + l(i, 1) * a(k + 1, j);
        for (int64_t i = k + 2; i < n; i++) {
          a(i, k) = l(i, 0);
          a(i, k + 1) = l(i, 1);
        }
      }
      k += size;
    }
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = i + 1; j < n; j++) a(i, j) = 0;
    append(all, a);
    pivots.insert(pivots.end(), own.begin(), own.end());
    info.push_back(bad);
  }
  write(c.out[0], all);
  write(c.out[1], pivots);
  report(c, 2, info, c.attr[0] != 0,
         "the matrix of batch entry %lld is singular: block %d of its LDL factorization is zero");
}

// ld, pivots, b -> x: the matrix is put together again and the system solved by elimination
void ldlSolve(const Call& c) {
  std::vector<Matrix> lds = matrices(c.in[0]), bs = matrices(c.in[2]);
  std::vector<int64_t> pivots = read<int64_t>(c.in[1]);
  std::vector<double> all;
  for (size_t e = 0; e < bs.size(); e++) {
    Matrix &ld = lds[e], &x = bs[e];
    int64_t n = ld.rows;
    const int64_t* own = pivots.data() + e * n;
    // From the last block to the first: A = P (L D L^T) P with the exchange P of the block in front.
    Matrix a(n, n);
    for (int64_t k = n - 1; k >= 0;) {
      int64_t size = own[k] < 0 && k > 0 ? 2 : 1, top = k - size + 1;
      check_index("ldlSolve", std::abs(own[k]) - 1, n);
      Matrix d(2, 2);
      for (int64_t i = 0; i < size; i++)
        for (int64_t j = 0; j < size; j++) d(i, j) = ld(top + std::max(i, j), top + std::min(i, j));
      auto l = [&](int64_t i, int64_t j) { return i == top + j ? 1.0 : i <= k ? 0.0 : ld(i, top + j); };
      for (int64_t i = top; i < n; i++)
        for (int64_t j = top; j < n; j++)
          for (int64_t p = 0; p < size; p++)
            for (int64_t q = 0; q < size; q++) a(i, j) += l(i, p) * d(p, q) * l(j, q);
      int64_t other = std::abs(own[k]) - 1;
      swap_rows(a, k, other);
      for (int64_t i = 0; i < n; i++) std::swap(a(i, k), a(i, other));
      k = top - 1;
    }
    for (int64_t k = 0; k < n; k++) {
      int64_t best = k;
      for (int64_t i = k + 1; i < n; i++)
        if (std::abs(a(i, k)) > std::abs(a(best, k))) best = i;
      swap_rows(a, k, best);
      swap_rows(x, k, best);
      for (int64_t i = 0; i < n; i++) {
        if (i == k) continue;
        double factor = a(i, k) / a(k, k);
        for (int64_t j = k; j < n; j++) a(i, j) -= factor * a(k, j);
        for (int64_t j = 0; j < x.columns; j++) x(i, j) -= factor * x(k, j);
      }
    }
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < x.columns; j++) x(i, j) /= a(i, i);
    append(all, x);
  }
  write(c.out[0], all);
}

}  // namespace sinter::reference
