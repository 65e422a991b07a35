// exponential, cauchy, geometric, logNormal. Place in the whole: entry points; engine/philox.h defines the streams.
//
// Results contiguous, computed in f64. exponential, cauchy, logNormal: floating; geometric: any real dtype.
#include "cpu/random/normal.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// y[i] = f(u), u in (0, 1).
template <class F>
void from_unit(const Call& c, F f) {
  generate<double>(c, drawn(c), DType::f64, 2, [=](uint32_t* words, int64_t, int64_t n, double* y) {
    constexpr int64_t lanes = kLanes<double>;
    const int64_t whole = (n + lanes - 1) / lanes * lanes;
    clear_beyond(words, 2 * n);
    for (int64_t i = 0; i < whole; i += lanes) store(y + i, f(open_unit(words + 2 * i)));
  });
}

}  // namespace

void exponential(const Call& c) {
  require_floating(drawn(c).dtype, "exponential");
  const double scale = -1 / c.attr[3];
  from_unit(c, [=](Vd u) { return vlog(u) * scale; });
}

void cauchy(const Call& c) {
  require_floating(drawn(c).dtype, "cauchy");
  const double median = c.attr[3], scale = c.attr[4];
  from_unit(c, [=](Vd u) {
    Vd sine, cosine;
    sincos_turns(u * 0.5, sine, cosine);
    return median - scale * (cosine / sine);
  });
}

void geometric(const Call& c) {
  const double scale = 1 / ::log1p(-c.attr[3]);
  generate<double>(c, drawn(c), DType::f64, 2, [=](uint32_t* words, int64_t, int64_t n, double* y) {
    constexpr int64_t lanes = kLanes<double>;
    const int64_t whole = (n + lanes - 1) / lanes * lanes;
    clear_beyond(words, 2 * n);
    for (int64_t i = 0; i < whole; i += lanes) store(y + i, vlog(open_unit(words + 2 * i)) * scale);
    for (int64_t i = 0; i < whole; i++) y[i] = __builtin_ceil(y[i] < 1 ? 1 : y[i]);
  });
}

void logNormal(const Call& c) {
  require_floating(drawn(c).dtype, "logNormal");
  const double mean = c.attr[3], deviation = c.attr[4];
  generate<double>(c, drawn(c), DType::f64, 1, [=](uint32_t* words, int64_t, int64_t n, double* y) {
    constexpr int64_t lanes = kLanes<double>;
    normals(words, n, mean, deviation, y);
    for (int64_t i = (n + 1) / 2 * 2; i < (n + lanes - 1) / lanes * lanes; i++) y[i] = 0;
    for (int64_t i = 0; i < n; i += lanes) store(y + i, vexp(load(y + i)));
  });
}

}  // namespace sinter::cpu::SINTER_ISA
