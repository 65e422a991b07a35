// A stand-in for cuSOLVER, for tests of the code that calls it. Place in the whole: build/cuda/libcusolversim.so; exports what
// cuda/kernels/linalg/cusolver.def names, with the signatures of NVIDIA's documentation, over whatever driver SINTER_CUDA_DRIVER names.
//
// Arguments, handles and sizes of work memory are checked, and work memory is written all over: what the library was not given, or has
// to be given back, shows. Matrices are computed on the host, when the stream has come to them.
#include <cstdio>
#include <cstdlib>
#include <set>

#include "cuda/runtime/abi.h"
#include "dense.h"
#include "test/cuda/library/device_work.h"

namespace {

using namespace cusolversim;
using sinter::cuda::CUstream;

enum Status : int { kSuccess = 0, kNotInitialized = 1, kInvalidValue = 3, kExecutionFailed = 6 };

struct Handle {
  CUstream stream = nullptr;
};
std::set<Handle*>& handles() {
  static auto& all = *new std::set<Handle*>;
  return all;
}

// Says what was wrong: a test shows the status alone.
int refused(const char* what) {
  std::fprintf(stderr, "cusolversim: %s\n", what);
  return kInvalidValue;
}

template <class T>
struct PartOf {
  using type = T;
};
template <class T>
struct PartOf<std::complex<T>> {
  using type = T;
};

// A call: what it reads and writes on the device, in the order of the handle's stream.
class Work {
 public:
  explicit Work(void* handle) : device_(stream_of(handle)) {
    if (!standin::driver().complete || handles().count(static_cast<Handle*>(handle)) == 0) status_ = kNotInitialized;
  }
  int status() const { return status_ == kSuccess && !device_.good() ? kExecutionFailed : status_; }
  bool good() const { return status() == kSuccess; }
  void require(bool holds, const char* what) {
    if (good() && !holds) status_ = refused(what);
  }

  template <class T>
  std::vector<T> read(const void* from, size_t count) {
    std::vector<T> data(count);
    if (!good()) return data;
    const std::vector<std::byte> bytes = device_.read(from, count * sizeof(T));
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::byte*>(data.data()));
    return data;
  }
  template <class T>
  void write(void* to, const std::vector<T>& data) {
    const auto* bytes = reinterpret_cast<const std::byte*>(data.data());
    if (good()) device_.write(to, {bytes, bytes + data.size() * sizeof(T)});
  }
  void info(int* to, int value) { write(to, std::vector<int>{value}); }
  // Work memory of so many elements: nothing that is in it stays.
  template <class T>
  void scribble(void* work, int elements) {
    if (good() && elements > 0) device_.scribble(work, static_cast<size_t>(elements) * sizeof(T));
  }

  template <class T>
  Matrix matrix(const void* a, int rows, int columns, int lda) {
    const std::vector<T> data = read<T>(a, static_cast<size_t>(lda) * (columns - 1) + rows);
    Matrix m(rows, columns);
    for (int j = 0; good() && j < columns; j++)
      for (int i = 0; i < rows; i++) m(i, j) = Number(data[static_cast<size_t>(j) * lda + i]);
    return m;
  }
  // Elements (i, j) with keep(i, j) are written, the others stay.
  template <class T, class Keep>
  void put(void* a, Matrix& m, int lda, Keep keep) {
    std::vector<T> data = read<T>(a, static_cast<size_t>(lda) * (m.columns - 1) + m.rows);
    for (int j = 0; j < m.columns; j++)
      for (int i = 0; i < m.rows; i++)
        if (keep(i, j)) data[static_cast<size_t>(j) * lda + i] = element<T>(m(i, j));
    write(a, data);
  }
  template <class T>
  void put(void* a, Matrix& m, int lda) {
    put<T>(a, m, lda, [](int, int) { return true; });
  }
  template <class T>
  void numbers(void* to, const double* from, int count) {
    write(to, std::vector<T>(from, from + count));
  }

 private:
  static CUstream stream_of(void* handle) {
    return handles().count(static_cast<Handle*>(handle)) ? static_cast<Handle*>(handle)->stream : nullptr;
  }
  template <class T>
  static T element(Number z) {
    if constexpr (std::is_same_v<T, typename PartOf<T>::type>)
      return static_cast<T>(z.real());
    else
      return T(static_cast<typename T::value_type>(z.real()), static_cast<typename T::value_type>(z.imag()));
  }

  standin::DeviceWork device_;
  int status_ = kSuccess;
};

// What the library makes of numbers that are not finite is not documented: here they pass unnoticed.
bool is_finite(const Matrix& m) {
  return std::all_of(m.v.begin(), m.v.end(), [](Number z) { return std::isfinite(std::norm(z)); });
}

// Sizes that the library could ask for: a few elements more than nothing, so that a buffer without any is found.
int work_of(int m, int n) { return 3 * std::max(m, n) + 7; }

int size_of_work(void* handle, bool valid, int m, int n, int* elements) {
  Work work(handle);
  work.require(valid && elements, "a size was asked for with invalid arguments");
  if (work.good()) *elements = work_of(m, n);
  return work.status();
}

template <class T>
int lu(void* handle, int m, int n, void* a, int lda, void* space, int* pivots, int* info) {
  Work work(handle);
  work.require(m > 0 && n > 0 && a && lda >= m && space && info, "getrf: invalid arguments");
  work.scribble<T>(space, work_of(m, n));
  Matrix x = work.matrix<T>(a, m, n, lda);
  if (!work.good()) return work.status();
  std::vector<int> found(std::min(m, n));
  const int bad = factor_lu(x, pivots ? found.data() : nullptr);
  work.put<T>(a, x, lda);
  if (pivots) work.write(pivots, found);
  work.info(info, bad);
  return work.status();
}

template <class T>
int cholesky(void* handle, int fill, int n, void* a, int lda, void* space, int elements, int* info) {
  Work work(handle);
  work.require(n > 0 && a && lda >= n && space && info, "potrf: invalid arguments");
  work.require(fill == 1, "potrf: this stand-in has the upper triangle only");
  work.require(elements >= work_of(n, n), "potrf: too little work memory");
  work.scribble<T>(space, elements);
  Matrix x = work.matrix<T>(a, n, n, lda);
  if (!work.good()) return work.status();
  const int bad = factor_cholesky(x);
  work.put<T>(a, x, lda, [](int i, int j) { return i <= j; });
  work.info(info, bad);
  return work.status();
}

template <class T>
int qr(void* handle, int m, int n, void* a, int lda, void* tau, void* space, int elements, int* info) {
  Work work(handle);
  work.require(m > 0 && n > 0 && a && lda >= m && tau && space && info, "geqrf: invalid arguments");
  work.require(elements >= work_of(m, n), "geqrf: too little work memory");
  work.scribble<T>(space, elements);
  Matrix x = work.matrix<T>(a, m, n, lda);
  if (!work.good()) return work.status();
  std::vector<double> factors(std::min(m, n));
  factor_qr(x, factors.data());
  work.put<T>(a, x, lda);
  work.numbers<T>(tau, factors.data(), std::min(m, n));
  work.info(info, 0);
  return work.status();
}

template <class T>
int eigen(void* handle, int mode, int fill, int n, void* a, int lda, void* values, void* space, int elements,
          int* info) {
  Work work(handle);
  work.require(
      n > 0 && a && lda >= n && values && space && info && (mode == 0 || mode == 1) && (fill == 0 || fill == 1),
      "syevd: invalid arguments");
  work.require(elements >= work_of(n, n), "syevd: too little work memory");
  work.scribble<T>(space, elements);
  Matrix x = work.matrix<T>(a, n, n, lda);
  if (!work.good()) return work.status();
  for (int j = 0; j < n; j++)
    for (int i = 0; i < j; i++) (fill == 0 ? x(i, j) : x(j, i)) = fill == 0 ? x(j, i) : x(i, j);
  std::vector<double> w(n, std::nan(""));
  const bool converged = !is_finite(x) || factor_symmetric(x, w);
  // Without vectors the matrix is used up all the same.
  work.put<T>(a, x, lda);
  if (converged) work.numbers<T>(values, w.data(), n);
  work.info(info, converged ? 0 : n);
  return work.status();
}

template <class T>
int singular(void* handle, signed char left, signed char right, int m, int n, void* a, int lda, void* s, void* u,
             int ldu, void* vt, int ldvt, void* space, int elements, int* info) {
  Work work(handle);
  const auto job = [](signed char c) { return c == 'A' || c == 'S' || c == 'N'; };
  work.require(m >= n, "gesvd: m < n is not supported, as in the library");
  work.require(n > 0 && a && lda >= m && s && space && info && job(left) && job(right), "gesvd: invalid arguments");
  work.require(left == 'N' || (u && ldu >= m), "gesvd: no room for left vectors");
  work.require(right == 'N' || (vt && ldvt >= n), "gesvd: no room for right vectors");
  work.require(elements >= work_of(m, n), "gesvd: too little work memory");
  work.scribble<T>(space, elements);
  Matrix x = work.matrix<T>(a, m, n, lda);
  if (!work.good()) return work.status();
  std::vector<double> values(n, std::nan(""));
  Matrix us(m, m), vts(n, n);
  const bool converged = !is_finite(x) || factor_svd(x, values, us, vts);
  work.scribble<T>(a, lda * n);  // its contents are destroyed
  if (converged) {
    work.numbers<T>(s, values.data(), n);
    Matrix thin(m, left == 'A' ? m : n);
    std::copy_n(us.v.begin(), thin.v.size(), thin.v.begin());
    if (left != 'N') work.put<T>(u, thin, ldu);
    if (right != 'N') work.put<T>(vt, vts, ldvt);
  }
  work.info(info, converged ? 0 : n);
  return work.status();
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int cusolverDnCreate(void** handle) {
  if (!handle || !standin::driver().complete) return kNotInitialized;
  Handle* made = new Handle;
  handles().insert(made);
  *handle = made;
  return kSuccess;
}

int cusolverDnSetStream(void* handle, CUstream stream) {
  if (handles().count(static_cast<Handle*>(handle)) == 0) return kNotInitialized;
  static_cast<Handle*>(handle)->stream = stream;
  return kSuccess;
}

#define EXPORT_ALL(letter, T)                                                                                       \
  int cusolverDn##letter##getrf_bufferSize(void* handle, int m, int n, void*, int lda, int* elements) {             \
    return size_of_work(handle, m > 0 && n > 0 && lda >= m, m, n, elements);                                        \
  }                                                                                                                 \
  int cusolverDn##letter##getrf(void* handle, int m, int n, void* a, int lda, void* work, int* pivots, int* info) { \
    return lu<T>(handle, m, n, a, lda, work, pivots, info);                                                         \
  }                                                                                                                 \
  int cusolverDn##letter##potrf_bufferSize(void* handle, int, int n, void*, int lda, int* elements) {               \
    return size_of_work(handle, n > 0 && lda >= n, n, n, elements);                                                 \
  }                                                                                                                 \
  int cusolverDn##letter##potrf(void* handle, int fill, int n, void* a, int lda, void* work, int elements,          \
                                int* info) {                                                                        \
    return cholesky<T>(handle, fill, n, a, lda, work, elements, info);                                              \
  }
EXPORT_ALL(S, float)
EXPORT_ALL(D, double)
EXPORT_ALL(C, std::complex<float>)
EXPORT_ALL(Z, std::complex<double>)
#undef EXPORT_ALL

#define EXPORT_REAL(letter, T)                                                                                       \
  int cusolverDn##letter##geqrf_bufferSize(void* handle, int m, int n, void*, int lda, int* elements) {              \
    return size_of_work(handle, m > 0 && n > 0 && lda >= m, m, n, elements);                                         \
  }                                                                                                                  \
  int cusolverDn##letter##geqrf(void* handle, int m, int n, void* a, int lda, void* tau, void* work, int elements,   \
                                int* info) {                                                                         \
    return qr<T>(handle, m, n, a, lda, tau, work, elements, info);                                                   \
  }                                                                                                                  \
  int cusolverDn##letter##syevd_bufferSize(void* handle, int, int, int n, const void*, int lda, const void*,         \
                                           int* elements) {                                                          \
    return size_of_work(handle, n > 0 && lda >= n, n, n, elements);                                                  \
  }                                                                                                                  \
  int cusolverDn##letter##syevd(void* handle, int mode, int fill, int n, void* a, int lda, void* values, void* work, \
                                int elements, int* info) {                                                           \
    return eigen<T>(handle, mode, fill, n, a, lda, values, work, elements, info);                                    \
  }                                                                                                                  \
  int cusolverDn##letter##gesvd_bufferSize(void* handle, int m, int n, int* elements) {                              \
    return size_of_work(handle, n > 0 && m >= n, m, n, elements);                                                    \
  }                                                                                                                  \
  int cusolverDn##letter##gesvd(void* handle, signed char left, signed char right, int m, int n, void* a, int lda,   \
                                void* s, void* u, int ldu, void* vt, int ldvt, void* work, int elements, void*,      \
                                int* info) {                                                                         \
    return singular<T>(handle, left, right, m, n, a, lda, s, u, ldu, vt, ldvt, work, elements, info);                \
  }
EXPORT_REAL(S, float)
EXPORT_REAL(D, double)
#undef EXPORT_REAL

}  // extern "C"
#pragma GCC visibility pop
