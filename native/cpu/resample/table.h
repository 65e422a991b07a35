// What one axis of a resampling does: output j is a weighted sum of `count[j]` neighbouring inputs from `start[j]` on.
// Place in the whole: shared by resample.cpp's axes; rule.h says where windows lie and what they weigh.
#pragma once
#include "cpu/norm/row.h"
#include "cpu/resample/rule.h"

namespace sinter::cpu::SINTER_ISA {

// Windows and weights of `outputs` results, in the caller's scratch memory.
template <class C>
struct AxisTable {
  int64_t outputs = 1, taps = 1;  // taps: the longest window
  int32_t *start = nullptr, *count = nullptr;
  C* weights = nullptr;  // (taps, outputs), zero beyond a window
};

// The table of an axis, or the transposed one: then `rule` goes from y's size to x's.
template <class C>
AxisTable<C> make_table(const Call& c, const AxisRule& rule, int64_t in, int64_t out, bool transposed) {
  AxisTable<C> t;
  t.outputs = out;
  t.start = c.scratch_of<int32_t>(2 * out);
  t.count = t.start + out;
  const int64_t most = rule.most(), rows = transposed ? in : out;
  double* w = c.scratch_of<double>(most);
  int64_t start = 0, count = 0;
  t.taps = most;
  if (transposed) {
    for (int64_t i = 0; i < out; i++) t.start[i] = t.count[i] = 0;
    for (int64_t j = 0; j < rows; j++) {
      rule.window(j, start, count, w);
      for (int64_t i = start; i < start + count; i++) {
        if (t.count[i] == 0) t.start[i] = static_cast<int32_t>(j);
        t.count[i] = static_cast<int32_t>(j - t.start[i] + 1);
      }
    }
    t.taps = 1;
    for (int64_t i = 0; i < out; i++) t.taps = std::max<int64_t>(t.taps, t.count[i]);
  }
  t.weights = c.scratch_of<C>(t.taps * out);
  std::memset(t.weights, 0, static_cast<size_t>(t.taps * out) * sizeof(C));
  for (int64_t j = 0; j < rows; j++) {
    rule.window(j, start, count, w);
    if (!transposed) {
      t.start[j] = static_cast<int32_t>(start);
      t.count[j] = static_cast<int32_t>(count);
    }
    for (int64_t k = 0; k < count; k++) {
      const int64_t i = start + k;
      t.weights[transposed ? (j - t.start[i]) * out + i : k * out + j] = static_cast<C>(w[k]);
    }
  }
  return t;
}

}  // namespace sinter::cpu::SINTER_ISA
