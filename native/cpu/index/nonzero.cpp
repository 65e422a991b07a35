// nonzero: coordinates of the elements that are not 0, in row-major order. Place in the whole: kernel of native/ops.def,
// compiled once per instruction set.
//   x -> y (k, rank) i64 {fill, exact}: the first k of them, then rows of fill; exact 1: anything but k is an error
// Any element type but complex; NaN is not 0.
#include "cpu/index/selected.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// The element's bits, without a floating-point number's sign.
template <class B>
SINTER_INLINE bool is_set(B bits, B mask) {
  return (bits & mask) != 0;
}

template <class B>
int64_t count_set(const B* x, B mask, int64_t begin, int64_t end) {
  int64_t n = 0;
  for (int64_t i = begin; i < end; i++) n += is_set(x[i], mask);
  return n;
}

// Writes the coordinates of the elements set in [begin, end) as rows `row`, row + 1, ... of y, at most up to `rows`.
template <class B>
void coordinates(const TensorRef& x, B mask, int64_t begin, int64_t end, int64_t* y, int64_t row, int64_t rows) {
  const B* xs = x.as<B>();
  const int rank = x.rank;
  if (rank == 0) return;
  const int64_t width = x.dims[rank - 1];
  int64_t at[kMaxRank], rest = begin / width;
  for (int d = rank - 2; d >= 0; d--) {
    at[d] = rest % x.dims[d];
    rest /= x.dims[d];
  }
  for (int64_t i = begin, line = begin / width * width; i < end && row < rows; line += width) {
    const int64_t stop = std::min(end, line + width);
    for (; i < stop; i++) {
      if (!is_set(xs[i], mask)) continue;
      if (row == rows) return;
      int64_t* to = y + row++ * rank;
      for (int d = 0; d < rank - 1; d++) to[d] = at[d];
      to[rank - 1] = i - line;
    }
    for (int d = rank - 2; d >= 0 && ++at[d] == x.dims[d]; d--) at[d] = 0;
  }
}

template <class B>
void nonzero_bits(const Call& c, B mask) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  const B* xs = x.as<B>();
  const int64_t n = x.numel, rows = y.dims[0], rank = x.rank;
  int64_t* ys = y.as<int64_t>();
  const int64_t* first =
      first_of_blocks(c, n, [=](int64_t begin, int64_t end) { return count_set(xs, mask, begin, end); });
  const int64_t total = first[(n + kSelectBlock - 1) / kSelectBlock];
  if (c.attr[1] != 0 && total != rows)
    fail(ErrorCode::index_out_of_range, "the mask selects %lld elements, where %lld values are given",
         static_cast<long long>(total), static_cast<long long>(rows));
  each_block(n, first, [&](int64_t begin, int64_t end, int64_t row) {
    if (row < rows) coordinates(x, mask, begin, end, ys, row, rows);
  });
  const int64_t fill = c.int_attr(0);
  for (int64_t i = std::min(total, rows) * rank; i < rows * rank; i++) ys[i] = fill;
}

}  // namespace

void nonzero(const Call& c) {
  const DType d = c.in[0].dtype;
  if (is_complex(d)) fail(ErrorCode::unsupported, "nonzero: dtype %s is not supported on cpu", dtype_name(d));
  const bool sign = is_floating(d);
  switch (dtype_size(d)) {
    case 1: return nonzero_bits<uint8_t>(c, 0xff);
    case 2: return nonzero_bits<uint16_t>(c, 0x7fff);
    case 4: return nonzero_bits<uint32_t>(c, sign ? 0x7fffffff : ~uint32_t{});
    default: return nonzero_bits<uint64_t>(c, sign ? ~uint64_t{} >> 1 : ~uint64_t{});
  }
}

}  // namespace sinter::cpu::SINTER_ISA
