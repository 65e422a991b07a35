#include "cpu/fft_plan.h"

#include <cmath>
#include <complex>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "engine/call.h"

namespace sinter {

namespace {

using Pair = std::complex<double>;

constexpr int kPrimes[] = {2, 3, 5, 7, 11, 13};
constexpr size_t kMostTables = 64;
constexpr size_t kMostBytes = size_t{64} << 20;

// exp(-2 pi i k / n), 0 <= k < n: the angle is reduced to an eighth of the circle in integers, so that it carries one rounding.
Pair root(int64_t k, int64_t n) {
  const int64_t eighths = 8 * (k % n);  // n stays far below 2^60
  const int64_t octant = eighths / n, rest = eighths % n;
  const bool mirrored = octant & 1;
  const double angle = M_PI / 4 * (static_cast<double>(mirrored ? n - rest : rest) / static_cast<double>(n));
  double c = std::cos(angle), s = std::sin(angle);
  switch (octant) {
    case 0: break;
    case 1: std::swap(c, s); break;
    case 2: std::swap(c, s), c = -c; break;
    case 3: c = -c; break;
    case 4: c = -c, s = -s; break;
    case 5: std::swap(c, s), c = -c, s = -s; break;
    case 6: std::swap(c, s), s = -s; break;
    default: s = -s; break;
  }
  return {c, -s};
}

std::vector<int> radices(int64_t n) {
  std::vector<int> list;
  for (int r : {4, 2, 3, 5, 7, 11, 13})
    for (; n % r == 0; n /= r) list.push_back(r);
  return list;
}

// A transform in double by recursion: for tables, which are made once. `roots` holds those of the whole length, `stride` n.
void transform(const Pair* x, int64_t stride, int64_t n, const Pair* roots, Pair* y) {
  if (n == 1) {
    *y = *x;
    return;
  }
  const int r = radices(n).front();
  const int64_t m = n / r;
  std::vector<Pair> parts(static_cast<size_t>(n));
  for (int k = 0; k < r; k++) transform(x + k * stride, stride * r, m, roots, parts.data() + k * m);
  for (int64_t j = 0; j < n; j++) {
    Pair sum = 0;
    for (int k = 0; k < r; k++) sum += parts[static_cast<size_t>(k * m + j % m)] * roots[j * k % n * stride];
    y[j] = sum;
  }
}

template <class T>
struct Entry : FftTables<T> {
  int lanes = 0, users = 0;
  std::vector<T> memory[18];
  std::vector<double> doubles[2];
  size_t bytes() const {
    size_t total = 0;
    for (const auto& v : memory) total += v.size() * sizeof(T);
    for (const auto& v : doubles) total += v.size() * sizeof(double);
    return total;
  }
};

template <class V>
void push(V& v, Pair z) {
  v.push_back(static_cast<typename V::value_type>(z.real()));
  v.push_back(static_cast<typename V::value_type>(z.imag()));
}

template <class T>
class Cache {
 public:
  const FftTables<T>* acquire(FftKind kind, int64_t n, int lanes) {
    std::lock_guard<std::mutex> lock(mutex_);
    return find(kind, n, kind == FftKind::split ? lanes : 0);
  }
  void release(const FftTables<T>* tables) {
    std::lock_guard<std::mutex> lock(mutex_);
    const_cast<Entry<T>*>(static_cast<const Entry<T>*>(tables))->users--;
    trim();
  }

 private:
  std::mutex mutex_;
  std::list<std::unique_ptr<Entry<T>>> entries_;  // the one used last in front
  size_t bytes_ = 0;

  Entry<T>* find(FftKind kind, int64_t n, int lanes) {
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
      if ((*at)->kind != kind || (*at)->n != n || (*at)->lanes != lanes) continue;
      entries_.splice(entries_.begin(), entries_, at);
      entries_.front()->users++;
      return entries_.front().get();
    }
    auto entry = std::make_unique<Entry<T>>();
    entry->kind = kind;
    entry->n = n;
    entry->lanes = lanes;
    if (kind == FftKind::transform) is_smooth(n) ? stages(*entry) : chirps(*entry);
    if (kind == FftKind::roots) {
      for (int64_t k = 0; k <= n / 2; k++) push(entry->memory[0], root(k, n));
      entry->roots = entry->memory[0].data();
    }
    if (kind == FftKind::split) split(*entry);
    entry->users = 1;
    bytes_ += entry->bytes();
    entries_.push_front(std::move(entry));
    return entries_.front().get();
  }

  void stages(Entry<T>& e) {
    int64_t length = e.n;
    for (int r : radices(e.n)) {
      e.radix[e.stages++] = r;
      for (int64_t p = 0; p < length / r; p++)
        for (int j = 1; j < r; j++) push(e.memory[0], root(p * j, length));
      length /= r;
      if (r % 2 == 0 || e.circle[r]) continue;
      for (int k = 0; k < r; k++) {
        const Pair z = root(k, r);
        push(e.memory[r], {z.real(), -z.imag()});
      }
      e.circle[r] = e.memory[r].data();
    }
    e.twiddles = e.memory[0].data();
  }

  void chirps(Entry<T>& e) {
    const int64_t m = smooth_length(2 * e.n - 1);
    e.inner = find(FftKind::transform, m, 0);
    std::vector<Pair> conjugate(static_cast<size_t>(m)), spectrum(static_cast<size_t>(m)), roots;
    for (int64_t k = 0; k < m; k++) roots.push_back(root(k, m));
    for (int64_t j = 0; j < e.n; j++) {
      // j^2 modulo 2 n keeps the angle small.
      const int64_t square = static_cast<int64_t>(static_cast<unsigned __int128>(j) * static_cast<uint64_t>(j) %
                                                  static_cast<uint64_t>(2 * e.n));
      const Pair z = root(square, 2 * e.n);
      push(e.memory[0], z);
      conjugate[static_cast<size_t>(j)] = std::conj(z);
      if (j > 0) conjugate[static_cast<size_t>(m - j)] = std::conj(z);
    }
    transform(conjugate.data(), 1, m, roots.data(), spectrum.data());
    for (const Pair& z : spectrum) push(e.memory[1], z / static_cast<double>(m));
    e.chirp = e.memory[0].data();
    e.spectrum = e.memory[1].data();
  }

  void split(Entry<T>& e) {
    e.n1 = static_cast<int64_t>(std::sqrt(static_cast<double>(e.n)));
    while (e.n % e.n1) e.n1--;
    e.n2 = e.n / e.n1;
    for (e.step = 1; e.step * e.step < e.n;) e.step *= 2;
    for (int64_t a = 0; a < e.n; a += e.step) push(e.doubles[0], root(a, e.n));
    for (int64_t a = 0; a < e.step; a++) push(e.doubles[1], root(a % e.n, e.n));
    e.high = e.doubles[0].data();
    e.low = e.doubles[1].data();
    for (int64_t k = 0; k < e.n1; k++) {
      for (int l = 0; l < e.lanes; l++) e.memory[0].push_back(static_cast<T>(root(k * l % e.n, e.n).real()));
      for (int l = 0; l < e.lanes; l++) e.memory[0].push_back(static_cast<T>(root(k * l % e.n, e.n).imag()));
    }
    e.lane_roots = e.memory[0].data();
  }

  void trim() {
    for (auto at = entries_.end(); at != entries_.begin() && (entries_.size() > kMostTables || bytes_ > kMostBytes);) {
      --at;
      if ((*at)->users > 0) continue;
      bytes_ -= (*at)->bytes();
      if ((*at)->inner) const_cast<Entry<T>*>(static_cast<const Entry<T>*>((*at)->inner))->users--;
      at = entries_.erase(at);
    }
  }
};

// Never destroyed: a stream's thread may outlive static objects.
template <class T>
Cache<T>& cache() {
  static Cache<T>* instance = new Cache<T>();
  return *instance;
}

template <class T>
const FftTables<T>* acquire(FftKind kind, int64_t n, int lanes) {
  try {
    return cache<T>().acquire(kind, n, lanes);
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::out_of_memory, "fft: no memory for the tables of length %lld", static_cast<long long>(n));
  }
}

}  // namespace

bool is_smooth(int64_t n) {
  for (int p : kPrimes)
    while (n % p == 0) n /= p;
  return n == 1;
}

int64_t smooth_length(int64_t n) {
  // A power of two times 1, 3, 5, 9 or 15: short steps, quick radices.
  int64_t best = 1;
  while (best < n) best *= 2;
  for (int64_t factor : {3, 5, 9, 15}) {
    int64_t m = factor;
    while (m < n) m *= 2;
    if (m < best) best = m;
  }
  return best;
}

const FftTables<float>* acquire_fft(FftKind kind, int64_t n, int lanes, const float*) {
  return acquire<float>(kind, n, lanes);
}
const FftTables<double>* acquire_fft(FftKind kind, int64_t n, int lanes, const double*) {
  return acquire<double>(kind, n, lanes);
}
void release_fft(const FftTables<float>* tables) { cache<float>().release(tables); }
void release_fft(const FftTables<double>* tables) { cache<double>().release(tables); }

}  // namespace sinter
