// What Fourier transforms of one length share: radices, roots of unity, chirps. Place in the whole: computed once, in double,
// compiled once; the kernels of native/cpu/fft read it, whatever their instruction set.
//
// Tables live in a cache of the process, bounded in number and bytes; those in use stay.
#pragma once
#include <cstdint>

namespace sinter {

constexpr int kFftStages = 64;

enum class FftKind : int { transform, roots, split };

template <class T>
struct FftTables {
  FftKind kind;
  int64_t n;

  // transform: n is the product of `radix`, or, where a prime beyond 13 divides it, Bluestein's algorithm turns it into
  // convolutions of length `inner->n`.
  int stages = 0;
  int radix[kFftStages];
  const T* twiddles = nullptr;  // stage by stage: for every p the radix - 1 powers of the root, (re, im)
  const T* circle[14] = {};     // for odd radices r: (cos, sin) of 2 pi k / r
  const FftTables* inner = nullptr;
  const T* chirp = nullptr;     // n pairs: exp(-i pi j^2 / n)
  const T* spectrum = nullptr;  // inner->n pairs: the transform of the conjugate chirp, divided by inner->n

  // roots: exp(-2 pi i k / n) for k up to n / 2.
  const T* roots = nullptr;

  // split: n = n1 n2, neither far from the square root; exp(-2 pi i a / n) = high[a / step] low[a % step], in double; and for
  // k < n1 the pairs of exp(-2 pi i k l / n), as `lanes` real and then `lanes` imaginary parts, l < lanes.
  int64_t n1 = 0, n2 = 0, step = 0;
  const double *high = nullptr, *low = nullptr;
  const T* lane_roots = nullptr;

  // Rows that a transform's buffers hold.
  int64_t rows() const { return inner && inner->n > n ? inner->n : n + 1; }
};

// The tables, in use until released. `lanes` matters to splits only. Throws out_of_memory.
const FftTables<float>* acquire_fft(FftKind kind, int64_t n, int lanes, const float* type);
const FftTables<double>* acquire_fft(FftKind kind, int64_t n, int lanes, const double* type);
void release_fft(const FftTables<float>* tables);
void release_fft(const FftTables<double>* tables);

// The smallest length of small primes that is at least n.
int64_t smooth_length(int64_t n);
// Whether no prime beyond 13 divides n.
bool is_smooth(int64_t n);

}  // namespace sinter
