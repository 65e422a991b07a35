// resample: interpolation along the last three dimensions, or its transpose, which is its gradient. Place in the whole:
// kernel of native/ops.def, compiled once per instruction set.
//   x (outer, d, h, w) -> y (outer, od, oh, ow), contiguous, f32 f64 bf16 f16
//   {filter, alignCorners, transposed, factorD, factorH, factorW}
// All filters are separable: a row of y gathers the rows of x that it needs into one row of the compute type (vectors
// along w), which is then resampled along w (vectors of outputs). A weight of zero takes nothing, so that what a window
// only touches may be infinite.
#include "cpu/conv/workplaces.h"
#include "cpu/resample/table.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
struct Resample {
  using C = Compute<T>;
  const T* x;
  T* y;
  int64_t d, h, w, od, oh, ow;
  AxisTable<C> deep, high, wide;

  // (w) of the compute type: the weighted sum of the rows of x behind row (o, a, b) of y.
  void gather_rows(int64_t o, int64_t a, int64_t b, C* row) const {
    bool first = true;
    for (int64_t k = 0; k < deep.count[a]; k++)
      for (int64_t l = 0; l < high.count[b]; l++) {
        const C weight = deep.weights[k * od + a] * high.weights[l * oh + b];
        if (weight == C(0)) continue;
        const T* from = x + ((o * d + deep.start[a] + k) * h + high.start[b] + l) * w;
        each_step<T>(w, [&](int64_t i, auto part) {
          const Vec<C> v = get(part, from + i) * weight;
          put(part, row + i, first ? v : v + get(part, row + i));
        });
        first = false;
      }
    if (first) std::memset(row, 0, static_cast<size_t>(w) * sizeof(C));
  }

  template <int Taps>
  SINTER_INLINE void along_row(const C* __restrict row, C* __restrict out) const {
    const int64_t taps = Taps ? Taps : wide.taps, n = ow;
    const int32_t* __restrict start = wide.start;
    const C* __restrict weights = wide.weights;
    for (int64_t j = 0; j < n; j++) out[j] = weights[j] == C(0) ? C(0) : weights[j] * row[start[j]];
    for (int64_t k = 1; k < taps; k++)
      for (int64_t j = 0; j < n; j++) {
        const C weight = weights[k * n + j];
        // The row is padded by the longest window.
        const C v = weight * row[start[j] + k];
        out[j] += weight == C(0) ? C(0) : v;
      }
  }

  void run(const Call& c, int64_t outer) const {
    const int64_t rows = outer * od * oh, cost = w * deep.taps * high.taps + ow * wide.taps, grain = grain_of(cost);
    const int64_t padded = w + wide.taps, bytes = (padded + ow) * static_cast<int64_t>(sizeof(C));
    const Workplaces places(c, bytes, (rows + grain - 1) / grain);
    parallel_for(rows, grain, [&, this](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      C *row = reinterpret_cast<C*>(places.memory(place)), *line = row + padded;
      std::memset(row + w, 0, static_cast<size_t>(wide.taps) * sizeof(C));
      for (int64_t r = begin; r < end; r++) {
        gather_rows(r / (od * oh), r / oh % od, r % oh, row);
        C* out = line;
        if constexpr (sizeof(T) == sizeof(C)) out = y + r * ow;
        if (wide.taps == 1)
          along_row<1>(row, out);
        else if (wide.taps == 2)
          along_row<2>(row, out);
        else if (wide.taps == 4)
          along_row<4>(row, out);
        else
          along_row<0>(row, out);
        if constexpr (sizeof(T) != sizeof(C))
          each_step<T>(ow, [&](int64_t i, auto part) { put(part, y + r * ow + i, get(part, line + i)); });
      }
      places.release(place);
    });
  }
};

template <class T>
void resample_of(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  if (y.numel == 0) return;
  if (x.numel == 0) {
    std::memset(y.data, 0, static_cast<size_t>(y.numel) * sizeof(T));
    return;
  }
  const Filter filter = static_cast<Filter>(c.int_attr(0));
  const bool align = c.attr[1] != 0, transposed = c.attr[2] != 0;
  AxisTable<Compute<T>> tables[3];
  for (int i = 0; i < 3; i++) {
    const int64_t in = x.dims[1 + i], out = y.dims[1 + i];
    const AxisRule rule(filter, align, c.attr[3 + i], sizeof(Compute<T>) == 4, transposed ? out : in,
                        transposed ? in : out);
    tables[i] = make_table<Compute<T>>(c, rule, in, out, transposed);
  }
  const Resample<T> r{x.as<T>(), y.as<T>(), x.dims[1], x.dims[2], x.dims[3], y.dims[1],
                      y.dims[2], y.dims[3], tables[0], tables[1], tables[2]};
  r.run(c, x.dims[0]);
}

}  // namespace

void resample(const Call& c) {
  with_floating(c.in[0].dtype, "resample", [&](auto t) { resample_of<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
