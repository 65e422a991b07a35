// Transforms of one line on all threads. Place in the whole: for lines too few to fill the lanes of blocks, or too long for the
// caches.
#pragma once
#include "cpu/conv/workplaces.h"
#include "cpu/fft/block.h"

namespace sinter::cpu::SINTER_ISA {

// A length's tables and working memory; holds for any number of lines, one at a time.
template <class T>
class LongLine {
 public:
  LongLine(const Call& c, int64_t n);
  // y = scale * the transform of x, n interleaved pairs each; y may be x.
  void run(const T* x, T* y, bool inverse, T scale) const;

 private:
  void steps(const T* x, T* y, bool inverse, T scale) const;

  int64_t n_, m_;  // m: n, or the length of the convolution
  Tables<T> chirps_, split_, first_, second_;
  int64_t rows_;
  Workplaces places_;
  T *between_, *left_ = nullptr, *right_ = nullptr;
};

}  // namespace sinter::cpu::SINTER_ISA
