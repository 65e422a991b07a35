// batchNormBackward: with k = weight rstd and N elements a channel,
//   gx = k (g - sum(g) / N - (x - mean) rstd^2 sum(g (x - mean)) / N)   training
//   gx = k g                                                           with constant statistics
//   gweight = rstd sum(g (x - mean)),  gbias = sum(g)
// Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   g, x, gx (n, c, ...) contiguous, f32 f64 bf16 f16; mean, rstd (c) in the compute type; weight? (c); gweight, gbias
//   (c).
#include "cpu/norm/channels.h"
#include "cpu/norm/columns.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// gx = g scale - ((x - mean) slope + offset)
template <class C>
struct Coefficients {
  C mean, scale, slope, offset;
};

template <class T>
struct Backward {
  using C = Compute<T>;
  const Call& call;
  Channels ch;
  const T *g, *x;
  T* gx;
  const C* weight;
  bool training, stream;

  explicit Backward(const Call& c)
      : call(c), ch(c.in[1]), g(c.in[0].as<T>()), x(c.in[1].as<T>()), gx(c.out[0].as<T>()),
        weight(as_compute<C>(c, c.opt(4))), training(c.attr[0] != 0), stream(streams(c.out[0].as<T>(), c.in[1].numel)) {
  }

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
    const T *gk = g + k * ch.s, *xk = x + k * ch.s;
    double sum_g = 0, sum_gd = 0;
    each_group(ch, [&](int64_t images, int64_t first, int64_t length) {
      Sums<C, 2> sums;
      for (int64_t i = 0; i < images; i++) {
        const int64_t at = first + i * ch.columns();
        sums.add(length, [&](int64_t j, auto part, Vec<C>(&v)[2]) {
          v[0] = get(part, gk + at + j);
          v[1] = v[0] * (get(part, xk + at + j) - mean);
        });
      }
      sum_g += sums.total(0);
      sum_gd += sums.total(1);
    });
    const Coefficients<C> f = finish(k, sum_g, sum_gd);
    for (int64_t i = 0; i < ch.n; i++) {
      const int64_t at = i * ch.columns();
      write_row(gx + k * ch.s + at, ch.s, stream, [&](int64_t j, auto part) {
        return get(part, gk + at + j) * f.scale - ((get(part, xk + at + j) - f.mean) * f.slope + f.offset);
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
      v[0] = get(part, g + at);
      v[1] = v[0] * (get(part, x + at) - get(part, mean + j));
    });
    for (int64_t k = 0; k < ch.c; k++) {
      const Coefficients<C> f = finish(k, channel_total(ch, total, k), channel_total(ch, total + columns, k));
      for (int64_t j = k * ch.s; j < (k + 1) * ch.s; j++) scale[j] = f.scale, slope[j] = f.slope, offset[j] = f.offset;
    }
    parallel_for(ch.n, grain_of(columns), [=, this](int64_t begin, int64_t end) {
      for (int64_t at = begin * columns; at < end * columns; at += columns)
        write_row(gx + at, columns, stream, [&](int64_t j, auto part) {
          return get(part, g + at + j) * get(part, scale + j) -
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
  with_floating(c.in[1].dtype, "batchNormBackward", [&](auto t) { Backward<decltype(t)>(c).run(); });
}

}  // namespace sinter::cpu::SINTER_ISA
