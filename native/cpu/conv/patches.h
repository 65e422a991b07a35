// Patches of a convolution as panels of a matrix product. Place in the whole: implicit_gemm.cpp lists the runs of a block and
// multiplies the panels.
#pragma once
#include <algorithm>

#include "cpu/gemm/gemm.h"

namespace sinter::cpu::SINTER_ISA {

template <class T>
constexpr int kLine = 64 / static_cast<int>(sizeof(T));  // elements of a cache line

// Neighbouring pixels of one grid row within one panel.
struct Run {
  int64_t source;     // the first one's element of the window
  int64_t target;     // and of the target, channel 0
  int32_t at, count;  // place in the block
};

// The number of vectors to move is fixed, so that their addresses stay in registers. kAsks: for the next panel's too, as rows are too many
// for the hardware to see where each goes on.
template <class T, int kMoves, bool kAsks>
static void pack_moves(const T* const* source, const int64_t* place, const int64_t* depths, int64_t k, T* panel) {
  const T* from[kMoves];
  int64_t to[kMoves];
  for (int m = 0; m < kMoves; m++) from[m] = source[m], to[m] = place[m];
  for (int64_t i = 0; i < k; i++, panel += kNR<T>) {
    if (kAsks)
      for (int q = 0; q < kNR<T>; q += kLine<T>) __builtin_prefetch(from[kMoves - 1] + depths[i] + kLanes<T> + q);
#pragma GCC unroll 8
    for (int m = 0; m < kMoves; m++) store(panel + to[m], load(from[m] + depths[i]));
  }
}

// Any number of runs, and up to the very end of what can be read.
template <class T>
static void pack_runs(const T* from, const T* end, const int64_t* depths, int64_t k, const Run* runs, int64_t nruns,
                      int64_t at, T* panel) {
  constexpr int kL = kLanes<T>;
  for (int64_t i = 0; i < k; i++, panel += kNR<T>)
    for (int64_t r = 0; r < nruns; r++) {
      const T* s = from + depths[i] + runs[r].source;
      T* d = panel + (runs[r].at - at);
      for (int n = runs[r].count; n > 0; n -= kL, s += kL, d += kL) {
        if (s + kL <= end)
          store(d, load(s));
        else
          std::memcpy(d, s, std::min(n, kL) * sizeof(T));
      }
    }
}

// panel (k, kNR): row i takes the panel's runs, moved by depths[i]. A run is copied in whole vectors; what passes its
// end is overwritten by the next run or row, or is beyond the block's pixels. `asks`: for the next panel, too.
template <class T>
static void pack_panel_of(const T* from, const T* end, const int64_t* depths, int64_t k, int64_t deepest,
                          const Run* runs, int64_t nruns, int64_t at, T* panel, bool asks = true) {
  constexpr int kL = kLanes<T>, kMost = 8;
  const T* source[kMost];
  int64_t place[kMost], moves = 0;
  for (int64_t r = 0; r < nruns; r++)
    for (int64_t i = 0; i < runs[r].count; i += kL, moves++) {
      const T* s = from + runs[r].source + i;
      if (moves == kMost || s + deepest + kL > end) return pack_runs<T>(from, end, depths, k, runs, nruns, at, panel);
      source[moves] = s, place[moves] = runs[r].at - at + i;
    }
  using Pack = void (*)(const T* const*, const int64_t*, const int64_t*, int64_t, T*);
  static constexpr Pack table[kMost][2] = {
      {pack_moves<T, 1, false>, pack_moves<T, 1, true>}, {pack_moves<T, 2, false>, pack_moves<T, 2, true>},
      {pack_moves<T, 3, false>, pack_moves<T, 3, true>}, {pack_moves<T, 4, false>, pack_moves<T, 4, true>},
      {pack_moves<T, 5, false>, pack_moves<T, 5, true>}, {pack_moves<T, 6, false>, pack_moves<T, 6, true>},
      {pack_moves<T, 7, false>, pack_moves<T, 7, true>}, {pack_moves<T, 8, false>, pack_moves<T, 8, true>}};
  table[moves - 1][asks](source, place, depths, k, panel);
}

}  // namespace sinter::cpu::SINTER_ISA
