// LongLine: see long.h.
//
// With n = n1 n2, j = j1 n2 + j2 and k = k1 + n1 k2 (Gentleman and Sande 1966): transforms of length n1 down the columns j2,
// times exp(-2 pi i j2 k1 / n), then transforms of length n2 along the rows k1; both as blocks of lanes side by side. Chirps
// (block.cpp) turn other lengths into convolutions of such ones.
#include "cpu/fft/long.h"

#include <algorithm>

#include "cpu/fft/lines.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kGrain = 16384;

// z = x f, pairs, with x's or z's parts exchanged.
template <class T>
void multiply(const T* x, bool swap_in, const T* factors, T scale, T* z, bool swap_out, int64_t n) {
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; j++) {
      const T re = x[2 * j + swap_in], im = x[2 * j + 1 - swap_in], a = factors[2 * j], b = factors[2 * j + 1];
      const T zr = (re * a - im * b) * scale, zi = (re * b + im * a) * scale;
      z[2 * j + swap_out] = zr;
      z[2 * j + 1 - swap_out] = zi;
    }
  });
}

}  // namespace

template <class T>
LongLine<T>::LongLine(const Call& c, int64_t n)
    : n_(n), m_(is_smooth(n) ? n : smooth_length(2 * n - 1)), chirps_(FftKind::transform, m_ == n ? 1 : n),
      split_(FftKind::split, m_), first_(FftKind::transform, split_->n1), second_(FftKind::transform, split_->n2),
      rows_(std::max(first_->rows(), second_->rows())),
      places_(c, Block<T>::bytes(rows_), std::max(split_->n1, split_->n2) / kLanes<T> + 1),
      between_(c.scratch_of<T>(2 * m_)) {
  if (m_ == n) return;
  left_ = c.scratch_of<T>(2 * m_);
  right_ = c.scratch_of<T>(2 * m_);
}

template <class T>
void LongLine<T>::run(const T* x, T* y, bool inverse, T scale) const {
  if (m_ == n_) return steps(x, y, inverse, scale);
  multiply(x, inverse, chirps_->chirp, T(1), left_, false, n_);
  std::memset(left_ + 2 * n_, 0, static_cast<size_t>(2 * (m_ - n_)) * sizeof(T));
  steps(left_, right_, false, T(1));
  multiply(right_, false, chirps_->spectrum, T(1), right_, false, m_);
  steps(right_, left_, true, T(1));
  multiply(left_, false, chirps_->chirp, scale, y, inverse, n_);
}

template <class T>
void LongLine<T>::steps(const T* x, T* y, bool inverse, T scale) const {
  constexpr int64_t lanes = kLanes<T>;
  const int64_t n1 = split_->n1, n2 = split_->n2;
  // Parts exchanged at the beginning and the end make it the inverse.
  parallel_for((n2 + lanes - 1) / lanes, 1, [&](int64_t begin, int64_t end) {
    const int64_t place = places_.claim();
    for (int64_t block = begin; block < end; block++) {
      Block<T> b(places_.memory(place), rows_);
      const int64_t first = block * lanes;
      Lines<const T> in{x, {}, 2 * n2, static_cast<int>(std::min(lanes, n2 - first)), true};
      Lines<T> out{between_, {}, 2 * n2, in.count, true};
      for (int64_t l = 0; l < lanes; l++) in.offset[l] = out.offset[l] = 2 * (first + l);
      if (inverse)
        load_complex(in, n1, n1, b.im, b.re);
      else
        load_complex(in, n1, n1, b.re, b.im);
      fft_block(*first_, b);
      for (int64_t k = 0; k < n1; k++) {
        const int64_t a = k * first % m_;
        const double *high = split_->high + 2 * (a / split_->step), *low = split_->low + 2 * (a % split_->step);
        const T wr = static_cast<T>(high[0] * low[0] - high[1] * low[1]);
        const T wi = static_cast<T>(high[0] * low[1] + high[1] * low[0]);
        const Vec<T> lr = load(split_->lane_roots + 2 * k * lanes), li = load(split_->lane_roots + (2 * k + 1) * lanes);
        const Vec<T> re = lr * wr - li * wi, im = lr * wi + li * wr, zr = load(b.re + k * lanes),
                     zi = load(b.im + k * lanes);
        store(b.re + k * lanes, Vec<T>(zr * re - zi * im));
        store(b.im + k * lanes, Vec<T>(zr * im + zi * re));
      }
      store_complex(out, n1, n1, b.re, b.im, T(1), T(1));
    }
    places_.release(place);
  });
  parallel_for((n1 + lanes - 1) / lanes, 1, [&](int64_t begin, int64_t end) {
    const int64_t place = places_.claim();
    for (int64_t block = begin; block < end; block++) {
      Block<T> b(places_.memory(place), rows_);
      const int64_t first = block * lanes;
      Lines<const T> in{between_, {}, 2, static_cast<int>(std::min(lanes, n1 - first)), false};
      Lines<T> out{y, {}, 2 * n1, in.count, true};
      for (int64_t l = 0; l < lanes; l++) {
        in.offset[l] = 2 * n2 * (first + l);
        out.offset[l] = 2 * (first + l);
      }
      load_complex(in, n2, n2, b.re, b.im);
      fft_block(*second_, b);
      if (inverse) b.swap_parts();
      store_complex(out, n2, n2, b.re, b.im, scale, scale);
    }
    places_.release(place);
  });
}

template class LongLine<float>;
template class LongLine<double>;

}  // namespace sinter::cpu::SINTER_ISA
