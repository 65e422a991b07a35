// Transforms of a block of lines, a line in each lane. Place in the whole: the computing part of the Fourier family; lines.h
// brings lines into blocks and back.
//
// A block is two planes of rows, real and imaginary: row j holds element j of kLanes<T> lines.
#pragma once
#include "cpu/complex/pairs.h"
#include "cpu/fft_plan.h"

namespace sinter::cpu::SINTER_ISA {

// Tables in use for a block of code.
template <class T>
class Tables {
 public:
  SINTER_INLINE Tables(FftKind kind, int64_t n)
      : tables_(acquire_fft(kind, n, kLanes<T>, static_cast<const T*>(nullptr))) {}
  SINTER_INLINE ~Tables() { release_fft(tables_); }
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;
  SINTER_INLINE const FftTables<T>& operator*() const { return *tables_; }
  SINTER_INLINE const FftTables<T>* operator->() const { return tables_; }

 private:
  const FftTables<T>* tables_;
};

// Two planes and two more to work in, FftTables::rows() rows each; `re` and `im` hold the block.
template <class T>
struct Block {
  T *re, *im, *spare_re, *spare_im;

  // Exchanging the parts makes a forward transform an inverse one.
  SINTER_INLINE void swap_parts() {
    std::swap(re, im);
    std::swap(spare_re, spare_im);
  }
  SINTER_INLINE void swap_planes() {
    std::swap(re, spare_re);
    std::swap(im, spare_im);
  }
  // From memory for 4 planes of `rows` rows.
  SINTER_INLINE Block(void* memory, int64_t rows) {
    const int64_t plane = rows * kLanes<T>;
    re = static_cast<T*>(memory);
    im = re + plane;
    spare_re = im + plane;
    spare_im = spare_re + plane;
  }
  static SINTER_INLINE int64_t bytes(int64_t rows) { return 4 * rows * kVecBytes; }
};

// The block's transform: sum over j of x_j exp(-2 pi i j k / n), unscaled. Rows beyond n are lost.
template <class T>
void fft_block(const FftTables<T>& tables, Block<T>& block);

}  // namespace sinter::cpu::SINTER_ISA
