// Rows that are wanted next, called for while others are worked on. Place in the whole: forward.h and backward.h. A head of a short
// sequence is computed in about the time that its rows take from memory, and few short rows are no stream that a processor follows
// by itself.
#pragma once
#include "cpu/attention/problem.h"

namespace sinter::cpu::SINTER_ISA {

class Ahead {
 public:
  // at_once: how many rows of each some() calls for. Few, since more would wait for each other.
  explicit Ahead(int64_t at_once) : at_once_(at_once) {}
  // Rows of a head from r on, n of them, or the first kRows: more are a stream.
  template <class T>
  SINTER_INLINE void add(const HeadRows& x, int64_t b, int64_t h, int64_t r, int64_t n, int64_t width) {
    const auto size = static_cast<int64_t>(sizeof(T));
    list_[count_++] = {reinterpret_cast<const char*>(x.at<T>(b, h, r)), x.row * size, std::min(n, kRows), width * size};
  }
  // Calls for the next rows.
  __attribute__((noinline)) void some() {
    for (int i = 0; i < count_; i++) {
      Rows& x = list_[i];
      for (int64_t r = std::min(at_once_, x.left); r > 0; r--, x.left--, x.at += x.row)
        for (int64_t byte = 0; byte < x.width; byte += 64) __builtin_prefetch(x.at + byte, 0, 2);
    }
  }

 private:
  static constexpr int64_t kRows = 64;
  struct Rows {
    const char* at;
    int64_t row, left, width;
  };
  Rows list_[8];
  int count_ = 0;
  int64_t at_once_;
};

}  // namespace sinter::cpu::SINTER_ISA
