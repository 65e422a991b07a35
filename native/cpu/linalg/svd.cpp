// svd: x (..., m, n) -> s (..., k) descending with k = min(m, n), and where vectors are wanted u (..., m, k), vh (..., k, n)
// or, full, u (..., m, m), vh (..., n, n) {full}: x = u diag(s) vh. Place in the whole: kernel of native/ops.def, compiled
// once per instruction set.
//
// Long matrices first become triangular (Chan 1982); then Householder bidiagonalisation (Golub and Kahan 1965) and the QR
// steps of bidiagonal.h. Singular vectors are kept as rows, so that rotations and reflections run along memory. Batch
// entries in parallel.
#include <cstring>

#include "cpu/linalg/bidiagonal.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kSmall = 25;  // wide matrices of up to so many rows are not made triangular first

// Reflectors as rows of `v`, `ld` apart: number i acts on elements i + shift .. length - 1 and has its one stored.
template <class T>
struct Reflectors {
  T *v, *tau;
  int64_t count, length, shift;

  // row := H_0 H_1 ... row
  void apply(T* row) const {
    for (int64_t i = count - 1; i >= 0; i--) {
      if (tau[i] == 0) continue;
      const T* u = v + i * length + i + shift;
      const int64_t k = length - i - shift;
      axpy(-tau[i] * dot(u, row + i + shift, k), u, row + i + shift, k);
    }
  }
};

// Reflector i from column i of a (m, n), applied to the columns right of it. The column's new head is returned.
template <class T>
T reduce_column(T* a, int64_t m, int64_t n, int64_t i, const Reflectors<T>& left, T* work) {
  T* u = left.v + i * m + i;
  for (int64_t r = i; r < m; r++) u[r - i] = a[r * n + i];
  left.tau[i] = reflector(u, u + 1, m - i - 1);
  const T head = u[0];
  u[0] = 1;
  const int64_t beside = n - i - 1;
  if (left.tau[i] == 0 || beside == 0) return head;
  std::fill(work, work + beside, T(0));
  for (int64_t r = i; r < m; r++) axpy(u[r - i], a + r * n + i + 1, work, beside);
  for (int64_t r = i; r < m; r++) axpy(-left.tau[i] * u[r - i], work, a + r * n + i + 1, beside);
  return head;
}

// a (m, n), m >= n: a = L B R^T with B upper bidiagonal.
template <class T>
void bidiagonalise(T* a, int64_t m, int64_t n, T* d, T* e, const Reflectors<T>& left, const Reflectors<T>& right,
                   T* work) {
  for (int64_t i = 0; i < n; i++) {
    d[i] = reduce_column(a, m, n, i, left, work);
    if (i + 1 >= n) break;
    T* u = right.v + i * n + i + 1;
    const int64_t k = n - i - 1;
    std::memcpy(u, a + i * n + i + 1, static_cast<size_t>(k) * sizeof(T));
    right.tau[i] = reflector(u, u + 1, k - 1);
    e[i] = u[0];
    u[0] = 1;
    if (right.tau[i] == 0) continue;
    for (int64_t r = i + 1; r < m; r++) {
      T* row = a + r * n + i + 1;
      axpy(-right.tau[i] * dot(row, u, k), u, row, k);
    }
  }
}

int64_t work_of(int64_t m, int64_t n, bool full) {
  const int64_t most = std::max(m, n), k = std::min(m, n);
  return 3 * most * k + 4 * k * k + 8 * most + (full ? m : k) * m;
}

// u, vh null: values only.
template <class T>
bool decompose(const T* x, int64_t m, int64_t n, bool full, T* u, T* s, T* vh, T* work) {
  const bool wide = m < n;
  const int64_t most = std::max(m, n), k = std::min(m, n);
  const auto take = [&](int64_t count) { return (work += count) - count; };
  T *tall = take(most * k), *square = take(k * k), *e = take(k), *extra = take(most);
  const Reflectors<T> first{take(k * most), take(k), k, most, 0};
  T largest = 0;
  for (int64_t i = 0; i < m * n; i++) {
    if (!(std::abs(x[i]) <= std::numeric_limits<T>::max())) return false;
    largest = std::max(largest, std::abs(x[i]));
  }
  if (wide)
    transpose_to(x, m, n, tall);
  else
    std::memcpy(tall, x, static_cast<size_t>(m * n) * sizeof(T));
  const T low = std::sqrt(std::numeric_limits<T>::min()) / std::numeric_limits<T>::epsilon(), high = 1 / low;
  const T factor = largest > 0 && largest < low ? low / largest : largest > high ? high / largest : T(1);
  if (factor != 1) scale(factor, tall, m * n);

  // The matrix to bidiagonalise: (rows, k).
  T* core = tall;
  int64_t rows = most;
  const bool triangular = most > k && most >= 11 * k / 6 && (!wide || k > kSmall);
  if (triangular) {
    for (int64_t i = 0; i < k; i++) tall[i * k + i] = reduce_column(tall, most, k, i, first, extra);
    for (int64_t i = 0; i < k; i++)
      for (int64_t j = 0; j < k; j++) square[wide ? j * k + i : i * k + j] = j < i ? T(0) : tall[i * k + j];
    core = square;
    rows = k;
  }
  const bool lower = wide && !triangular;  // core is the transpose of x, so the bidiagonal of x is lower
  const Reflectors<T> left{take(k * rows), take(k), k, rows, 0};
  const Reflectors<T> right{take(k * k), take(k), k - 1, k, 1};
  bidiagonalise(core, rows, k, s, e, left, right, extra);

  T *ub = nullptr, *vb = nullptr, *turns = nullptr;
  if (u) {
    ub = take(k * k);
    vb = take(k * k);
    turns = take(2 * k);
    std::fill(ub, ub + k * k, T(0));
    for (int64_t i = 0; i < k; i++) ub[i * k + i] = 1;
    std::memcpy(vb, ub, static_cast<size_t>(k * k) * sizeof(T));
  }
  if (lower)
    for (int64_t i = 0; i < k - 1; i++) {
      const Givens<T> r = givens(s[i], e[i]);
      s[i] = r.r;
      e[i] = r.s * s[i + 1];
      s[i + 1] *= r.c;
      if (u) {
        turns[2 * i] = r.c;
        turns[2 * i + 1] = r.s;
      }
    }
  if (k == 1) {
    if (u && std::signbit(s[0])) ub[0] = -1;
    s[0] = std::abs(s[0]);
  } else if (!bidiagonal_svd(s, e, k, ub, k, vb, k)) {
    return false;
  }
  for (int64_t i = 0; i < k; i++) s[i] /= factor;
  if (!u) return true;
  if (lower)
    for (int64_t r = 0; r < k; r++)
      for (int64_t i = k - 2; i >= 0; i--) {
        T* pair = ub + r * k + i;
        const T c = turns[2 * i], q = turns[2 * i + 1], next = pair[1];
        pair[1] = c * next + q * pair[0];
        pair[0] = c * pair[0] - q * next;
      }

  // Rows of all singular vectors: those of the bidiagonal, and beyond them unit vectors, reflected back.
  const auto expand = [&](const T* small, int64_t count, int64_t length, T* out, bool is_left) {
    for (int64_t r = 0; r < count; r++) {
      T* row = out + r * length;
      std::fill(row, row + length, T(0));
      if (r < k)
        std::memcpy(row, small + r * k, static_cast<size_t>(k) * sizeof(T));
      else
        row[r] = 1;
      if (r < k || !triangular) (is_left != lower ? left : right).apply(row);
      if (triangular && is_left != wide) first.apply(row);
    }
  };
  T* columns = take((full ? m : k) * m);
  expand(ub, full ? m : k, m, columns, true);
  transpose_to(columns, full ? m : k, m, u);
  expand(vb, full ? n : k, n, vh, false);
  return true;
}

template <class T>
void run(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t m = x.dim(-2), n = x.dim(-1), k = std::min(m, n), batch = batch_of(x, 2);
  const bool full = c.attr[0] != 0, vectors = c.nout > 1;
  T *s = c.out[0].as<T>(), *u = vectors ? c.out[1].as<T>() : nullptr, *vh = vectors ? c.out[2].as<T>() : nullptr;
  const int64_t nu = full ? m : k, nv = full ? n : k, each = work_of(m, n, full);
  if (k == 0) {
    // Of a matrix without elements the full vectors are those of the identity.
    const auto identity = [&](T* to, int64_t order) {
      for (int64_t i = 0; i < batch * order * order; i++) to[i] = i % (order * order) % (order + 1) == 0;
    };
    if (vectors && nu == m) identity(u, m);
    if (vectors && nv == n) identity(vh, n);
    return;
  }
  if (batch == 0) return;
  T* work = c.scratch_of<T>(batch * each);
  bool* good = c.scratch_of<bool>(batch);
  parallel_for(batch, entries_at_once(12 * m * n * k), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++)
      good[b] = decompose(x.as<T>() + b * m * n, m, n, full, u ? u + b * m * nu : nullptr, s + b * k,
                          vh ? vh + b * nv * n : nullptr, work + b * each);
  });
  for (int64_t b = 0; b < batch; b++)
    if (!good[b])
      fail(ErrorCode::linear_algebra,
           "the singular values of batch entry %lld did not converge: its elements are not finite, or too many are "
           "equal",
           static_cast<long long>(b));
}

}  // namespace

void svd(const Call& c) {
  with_real(c.in[0].dtype, "svd", [&](auto t) { run<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
