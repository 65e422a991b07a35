// batchNormBackward: with k = weight rstd and N elements a channel,
//   gx = k (g - sum(g) / N - (x - mean) rstd^2 sum(g (x - mean)) / N)   training
//   gx = k g                                                           with constant statistics
//   gweight = rstd sum(g (x - mean)),  gbias = sum(g)
// Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   g, x, y?, gx, gsum? (n, c, ...) contiguous, f32 f64 bf16 f16; mean, rstd (c) in the compute type; weight? (c); gweight,
//   gbias (c). With y, the result of a relu that followed, g counts as 0 where y <= 0; gsum receives that g, which is the
//   gradient of what was added before the relu.
#include "cpu/norm/channels.h"
#include "cpu/norm/columns.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// gx = g scale - ((x - mean) slope + offset)
template <class C>
struct Coefficients {
  C mean, scale, slope, offset;
};

// The gradient as it comes, or past a relu; kKept: what the first pass has read of it is written for the second one.
template <class T, bool kRelu, bool kKept>
struct Incoming {
  const T *g, *y;
  T* sum;

  template <class P>
  SINTER_INLINE Vec<Compute<T>> first(P part, int64_t at) const {
    Vec<Compute<T>> v = get(part, g + at);
    if constexpr (kRelu) v = get(part, y + at) <= Compute<T>(0) ? Vec<Compute<T>>{} : v;
    if constexpr (kKept) put(part, sum + at, v);
    return v;
  }
  template <class P>
  SINTER_INLINE Vec<Compute<T>> second(P part, int64_t at) const {
    if constexpr (kKept) return get(part, sum + at);
    return first(part, at);
  }
};

template <class T, class G>
struct Backward {
  using C = Compute<T>;
  const Call& call;
  Channels ch;
  G g;
  const T* x;
  T* gx;
  const C* weight;
  bool training, stream;

  Backward(const Call& c, G incoming)
      : call(c), ch(c.in[1]), g(incoming), x(c.in[1].as<T>()), gx(c.out[0].as<T>()), weight(as_compute<C>(c, c.opt(4))),
        training(c.attr[0] != 0), stream(streams(c.out[0].as<T>(), c.in[1].numel)) {}

  // Writes gweight[k] and gbias[k]; sum_gd: sum of g (x - mean).
  Coefficients<C> finish(int64_t k, double sum_g, double sum_gd) const {
    const double rstd = read_any(call.in[3], k), scale = weight ? weight[k] * rstd : rstd;
    const double share = training ? scale / static_cast<double>(ch.count()) : 0;
    write_any(call.out[1], k, sum_gd * rstd);
    write_any(call.out[2], k, sum_g);
    return {static_cast<C>(read_any(call.in[2], k)), static_cast<C>(scale),
            static_cast<C>(share * rstd * rstd * sum_gd), static_cast<C>(share * sum_g)};
  }

  void channel(int64_t k) const {
    const C mean = static_cast<C>(read_any(call.in[2], k));
    const int64_t channel_at = k * ch.s;
    double sum_g = 0, sum_gd = 0;
    each_group(ch, [&](int64_t images, int64_t first, int64_t length) {
      Sums<C, 2> sums;
      for (int64_t i = 0; i < images; i++) {
        const int64_t at = channel_at + first + i * ch.columns();
        sums.add(length, [&](int64_t j, auto part, Vec<C>(&v)[2]) {
          v[0] = g.first(part, at + j);
          v[1] = v[0] * (get(part, x + at + j) - mean);
        });
      }
      sum_g += sums.total(0);
      sum_gd += sums.total(1);
    });
    const Coefficients<C> f = finish(k, sum_g, sum_gd);
    for (int64_t i = 0; i < ch.n; i++) {
      const int64_t at = channel_at + i * ch.columns();
      write_row(gx + at, ch.s, stream, [&](int64_t j, auto part) {
        return g.second(part, at + j) * f.scale - ((get(part, x + at + j) - f.mean) * f.slope + f.offset);
      });
    }
  }

  void short_runs() const {
    const int64_t columns = ch.columns();
    double* total = call.scratch_of<double>(2 * columns);
    C *mean = call.scratch_of<C>(4 * columns), *scale = mean + columns, *slope = scale + columns,
      *offset = slope + columns;
    for (int64_t j = 0; j < columns; j++) mean[j] = static_cast<C>(read_any(call.in[2], j / ch.s));
    column_sums<T, 2>(call, ch.n, columns, total, [=, g = g, x = x](int64_t at, int64_t j, auto part, Vec<C>(&v)[2]) {
      v[0] = g.first(part, at);
      v[1] = v[0] * (get(part, x + at) - get(part, mean + j));
    });
    for (int64_t k = 0; k < ch.c; k++) {
      const Coefficients<C> f = finish(k, channel_total(ch, total, k), channel_total(ch, total + columns, k));
      for (int64_t j = k * ch.s; j < (k + 1) * ch.s; j++) scale[j] = f.scale, slope[j] = f.slope, offset[j] = f.offset;
    }
    parallel_for(ch.n, grain_of(columns), [=, this](int64_t begin, int64_t end) {
      for (int64_t at = begin * columns; at < end * columns; at += columns)
        write_row(gx + at, columns, stream, [&](int64_t j, auto part) {
          return g.second(part, at + j) * get(part, scale + j) -
                 ((get(part, x + at + j) - get(part, mean + j)) * get(part, slope + j) + get(part, offset + j));
        });
      end_streaming(stream);
    });
  }

  void run() const {
    if (ch.count() == 0) {
      for (int64_t k = 0; k < ch.c; k++) write_any(call.out[1], k, 0), write_any(call.out[2], k, 0);
    } else if (ch.short_runs()) {
      short_runs();
    } else {
      parallel_for(ch.c, grain_of(ch.count()), [this](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; k++) channel(k);
        end_streaming(stream);
      });
    }
  }
};

}  // namespace

void batchNormBackward(const Call& c) {
  with_floating(c.in[1].dtype, "batchNormBackward", [&](auto t) {
    using T = decltype(t);
    const T* g = c.in[0].as<T>();
    const T* y = c.opt(5).present() ? c.opt(5).as<T>() : nullptr;
    if (c.nout > 3)
      Backward<T, Incoming<T, true, true>>(c, {g, y, c.out[3].as<T>()}).run();
    else if (y)
      Backward<T, Incoming<T, true, false>>(c, {g, y, nullptr}).run();
    else
      Backward<T, Incoming<T, false, false>>(c, {g, nullptr, nullptr}).run();
  });
}

}  // namespace sinter::cpu::SINTER_ISA
