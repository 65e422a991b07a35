// Reference backend: elements and slices replaced or combined at indices. Modes as in native/ops.def: 0 replace, 1 sum,
// 2 product, 3 mean, 4 maximum, 5 minimum.
#include "reference/indexed.h"

namespace sinter::reference {
namespace {

// The sources that each element of x gets, in order.
template <class T>
using Sources = std::vector<std::vector<T>>;

template <class T>
T better(T a, T b, bool larger) {
  if (a != a || b != b) return a != a ? a : b;
  return (larger ? b > a : b < a) ? b : a;
}

// One element of the result; `self` says whether x takes part.
template <class T>
T combined(int64_t mode, bool self, T x, const std::vector<T>& sources) {
  if (sources.empty()) return x;
  if constexpr (std::is_same_v<T, Complex>) {
    return sources.back();
  } else {
    if (mode == 0) return sources.back();
    std::vector<T> terms = sources;
    if (self) terms.insert(terms.begin(), x);
    Accumulator<T> y = terms[0];
    for (size_t i = 1; i < terms.size(); i++) {
      if (mode == 1 || mode == 3) y = plus(y, static_cast<Accumulator<T>>(terms[i]));
      if (mode == 2) y = times(y, static_cast<Accumulator<T>>(terms[i]));
      if (mode >= 4) y = better<Accumulator<T>>(y, terms[i], mode == 4);
    }
    if (mode != 3) return static_cast<T>(y);
    Accumulator<T> n = static_cast<Accumulator<T>>(terms.size());
    if constexpr (std::is_integral_v<T>)
      return y / n - (y % n < 0 ? 1 : 0);
    else
      return static_cast<T>(y / n);
  }
}

// visit_all(visit) calls visit(element of x, element of src) for every pair, in order; a src of one element serves all.
template <class VisitAll>
void scatter(const TensorRef& x, const TensorRef& src, const TensorRef& out, int64_t mode, bool self, double alpha,
             VisitAll visit_all) {
  with_any_element_type(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> y = read<T>(x), given = read<T>(src);
    Sources<T> sources(y.size());
    visit_all([&](int64_t to, int64_t from) {
      T value = given[src.rank == 0 ? 0 : from];
      if constexpr (!std::is_same_v<T, Complex>)
        if (alpha != 1) value = times(value, static_cast<T>(alpha));
      sources[to].push_back(value);
    });
    for (size_t i = 0; i < y.size(); i++) y[i] = combined<T>(mode, self, y[i], sources[i]);
    write(out, y);
  });
}

void elements(const char* op, const Call& c, int64_t mode, bool self) {
  scatter(c.in[0], c.in[2], c.out[0], mode, self, 1,
          [&](auto visit) { for_each_indexed(op, c.in[0], c.in[1], c.int_attr(0), visit); });
}

void slices(const char* op, const Call& c, const TensorRef& out, int64_t mode, bool self, double alpha) {
  AxisView to(c.in[0], c.int_attr(0)), from = to;
  std::vector<int64_t> indices = read<int64_t>(c.in[1]);
  from.length = static_cast<int64_t>(indices.size());
  scatter(c.in[0], c.in[2], out, mode, self, alpha, [&](auto visit) {
    for (int64_t j = 0; j < from.length; j++) {
      check_index(op, indices[j], to.length);
      for (int64_t o = 0; o < to.outer; o++) {
        for (int64_t i = 0; i < to.inner; i++) visit(to.at(o, indices[j], i), from.at(o, j, i));
      }
    }
  });
}

}  // namespace

// x, indices, src -> y {axis}
void scatterAdd(const Call& c) { elements("scatterAdd", c, 1, true); }

// x, indices, src -> y {axis, mode, includeSelf}
void scatterReduce(const Call& c) { elements("scatterReduce", c, c.int_attr(1), c.attr[2] != 0); }

// x, indices (k), src (k along the axis) -> y {axis, alpha}
void indexAdd(const Call& c) { slices("indexAdd", c, c.out[0], 1, true, c.attr[1]); }

// x, indices (k), src (k along the axis) -> y {axis, mode, includeSelf}
void indexReduce(const Call& c) { slices("indexReduce", c, c.out[0], c.int_attr(1), c.attr[2] != 0, 1); }

// dst, indices (k), src {axis}
void indexCopyInto(const Call& c) { slices("indexCopyInto", c, c.in[0], 0, true, 1); }

}  // namespace sinter::reference
