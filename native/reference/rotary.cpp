// Reference backend: rotary position embeddings.
#include "reference/elements.h"

namespace sinter::reference {

// x (b, h, t, d), cosines, sines (places, r / 2), positions? (b or 1, t) -> y {first, interleaved, inverse, byRows}
void rotary(const Call& c) {
  const TensorRef& x = c.in[0];
  const int64_t h = x.dim(1), t = x.dim(2), d = x.dim(3), half = c.in[1].dim(1), places = c.in[1].dim(0);
  const std::vector<double> from = read(x), cosines = read(c.in[1]), sines = read(c.in[2]);
  const bool given = c.nin > 3 && c.in[3].present(), interleaved = c.attr[1] != 0, by_rows = c.attr[3] != 0;
  const std::vector<double> positions = given ? read(c.in[3]) : std::vector<double>();
  const double sign = c.attr[2] != 0 ? -1 : 1;
  std::vector<double> y(from.size());
  for (int64_t row = 0; d > 0 && row < x.numel / d; row++) {
    const int64_t i = row % t, head = row / t % h, batch = row / t / h;
    const auto at =
        given ? static_cast<int64_t>(positions[(c.in[3].dim(0) == 1 ? 0 : batch) * t + i]) : c.int_attr(0) + i;
    if (at < 0 || at >= places)
      fail(ErrorCode::index_out_of_range, "rotary: position %d of a table of %d", static_cast<int>(at),
           static_cast<int>(places));
    const double* in = &from[row * d];
    double* out = &y[by_rows ? ((batch * t + i) * h + head) * d : row * d];
    for (int64_t e = 0; e < d; e++) out[e] = in[e];
    for (int64_t pair = 0; pair < half; pair++) {
      const int64_t a = interleaved ? 2 * pair : pair, b = interleaved ? 2 * pair + 1 : pair + half;
      const double cosine = cosines[at * half + pair], sine = sign * sines[at * half + pair];
      out[a] = in[a] * cosine - in[b] * sine;
      out[b] = in[b] * cosine + in[a] * sine;
    }
  }
  write(c.out[0], y);
}

}  // namespace sinter::reference
