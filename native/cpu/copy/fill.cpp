// fill, fillInto, empty, arange, linspace, eye, tril. Place in the whole: entry points that make tensors from numbers or keep a
// triangle. All dtypes; results are contiguous, fillInto's dst is any view.
#include <algorithm>

#include "cpu/copy/runs.h"
#include "cpu/copy/strided.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kGrain = 32768;

void fill_dense(const TensorRef& y, const Scalar& value) {
  const size_t size = dtype_size(y.dtype);
  if (y.numel <= kGrain) return fill_run(size, value.bytes, y.data, y.numel);
  const bool stream = y.numel * static_cast<int64_t>(size) >= kStreamBytes;
  alignas(64) char pattern[4096];
  const int64_t step = static_cast<int64_t>(sizeof pattern / size);
  fill_run(size, value.bytes, pattern, step);
  parallel_for(y.numel, streaming_grain(y.numel, kGrain), [&](int64_t begin, int64_t end) {
    char* at = y.as<char>();
    if (!stream) return fill_run(size, value.bytes, at + begin * static_cast<int64_t>(size), end - begin);
    for (int64_t i = begin; i < end; i += step)
      stream_copy(at + i * static_cast<int64_t>(size), pattern, std::min(step, end - i) * static_cast<int64_t>(size));
    stream_fence();
  });
}

// {value, imaginary?}
Scalar value_of(const Call& c, DType dtype) {
  if (c.nattr < 2) return scalar_of(dtype, c.attr[0]);
  const c128 value{c.attr[0], c.attr[1]};
  Scalar s;
  convert_run(DType::c128, &value, dtype, s.bytes, 1);
  return s;
}

// Block by block in f64 (i64 for i64, which f64 cannot hold), then cast.
template <class T>
void arange_as(const TensorRef& y, DType dtype, T start, T step) {
  parallel_for(y.numel, kGrain, [&](int64_t begin, int64_t end) {
    constexpr int64_t block = 256;
    T values[block];
    for (int64_t i = begin; i < end; i += block) {
      int64_t count = std::min(block, end - i);
      for (int64_t j = 0; j < count; j++) values[j] = start + static_cast<T>(i + j) * step;
      convert_run(dtype, values, y.dtype, y.as<char>() + i * static_cast<int64_t>(dtype_size(y.dtype)), count);
    }
  });
}

}  // namespace

void fill(const Call& c) { fill_dense(c.out[0], value_of(c, c.out[0].dtype)); }

void fillInto(const Call& c) {
  const TensorRef& dst = c.in[0];
  Scalar value = value_of(c, dst.dtype);
  if (dst.contiguous) return fill_dense(dst, value);
  Nest<2> nest;
  nest.rank = dst.rank;
  for (int d = 0; d < dst.rank; d++) {
    nest.dims[d] = dst.dims[d];
    nest.strides[0][d] = dst.strides[d];
    nest.strides[1][d] = 0;
  }
  strided_copy(nest, dst.dtype, dst.data, dst.dtype, value.bytes);
}

void arange(const Call& c) {
  const TensorRef& y = c.out[0];
  const double start = c.attr[0], step = c.attr[1];
  const bool whole = start == static_cast<double>(c.int_attr(0)) && step == static_cast<double>(c.int_attr(1));
  if (y.dtype == DType::i64 && whole)
    arange_as<int64_t>(y, DType::i64, c.int_attr(0), c.int_attr(1));
  else
    arange_as<double>(y, DType::f64, start, step);
}

// The engine has allocated it.
void empty(const Call&) {}

// From both ends towards the middle, so that both are exact and the values are symmetric.
void linspace(const Call& c) {
  const TensorRef& y = c.out[0];
  const int64_t n = y.numel, half = n / 2;
  const double start = c.attr[0], end = c.attr[1], step = n > 1 ? (end - start) / static_cast<double>(n - 1) : 0;
  parallel_for(n, kGrain, [&](int64_t begin, int64_t stop) {
    constexpr int64_t block = 256;
    double values[block];
    for (int64_t i = begin; i < stop; i += block) {
      const int64_t count = std::min(block, stop - i), low = std::clamp<int64_t>(half - i, 0, count);
      for (int64_t j = 0; j < low; j++) values[j] = start + static_cast<double>(i + j) * step;
      for (int64_t j = low; j < count; j++) values[j] = end - static_cast<double>(n - 1 - i - j) * step;
      if (n == 1) values[0] = start;
      convert_run(DType::f64, values, y.dtype, y.as<char>() + i * static_cast<int64_t>(dtype_size(y.dtype)), count);
    }
  });
}

// Index i as often as repeats[i] says. Every thread fills its part of the indices.
void repeatInterleave(const Call& c) {
  const TensorRef &repeats = c.in[0], &y = c.out[0];
  if (repeats.dtype != DType::i64 && repeats.dtype != DType::i32)
    fail(ErrorCode::unsupported, "repeatInterleave: repeats must be i64 or i32, not %s", dtype_name(repeats.dtype));
  const int64_t k = repeats.numel;
  auto* counts = c.scratch_of<int64_t>(k + 1);
  convert_run(repeats.dtype, repeats.data, DType::i64, counts + 1, k);
  counts[0] = 0;
  for (int64_t i = 1; i <= k; i++) {
    if (counts[i] < 0 || counts[i] > y.numel - counts[i - 1])
      fail(ErrorCode::index_out_of_range, "repeatInterleave: repeats are negative or add to more than %lld",
           static_cast<long long>(y.numel));
    counts[i] += counts[i - 1];
  }
  if (counts[k] != y.numel)
    fail(ErrorCode::index_out_of_range, "repeatInterleave: repeats add to %lld, not %lld",
         static_cast<long long>(counts[k]), static_cast<long long>(y.numel));
  parallel_for(k, 1024, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      fill_run(sizeof i, &i, y.as<int64_t>() + counts[i], counts[i + 1] - counts[i]);
  });
}

void eye(const Call& c) {
  const TensorRef& y = c.out[0];  // (n, m)
  if (y.numel == 0) return;
  fill_dense(y, Scalar{});
  const int64_t size = static_cast<int64_t>(dtype_size(y.dtype));
  Scalar one = scalar_of(y.dtype, 1);
  for (int64_t i = 0; i < std::min(y.dims[0], y.dims[1]); i++)
    std::memcpy(y.as<char>() + i * (y.dims[1] + 1) * size, one.bytes, static_cast<size_t>(size));
}

void tril(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];  // (..., n, m)
  if (y.numel == 0) return;
  const int64_t diagonal = c.int_attr(0), n = y.dim(-2), m = y.dim(-1);
  const bool upper = c.attr[1] != 0;
  const int64_t size = static_cast<int64_t>(dtype_size(y.dtype));
  parallel_for(y.numel / m, std::max<int64_t>(1, kGrain / m), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      // Columns up to and including row + diagonal are the lower triangle.
      int64_t edge = std::clamp<int64_t>(row % n + diagonal + (upper ? 0 : 1), 0, m);
      const char* src = x.as<char>() + row * m * size;
      char* dst = y.as<char>() + row * m * size;
      int64_t first = upper ? edge : 0, last = upper ? m : edge;
      std::memset(dst, 0, static_cast<size_t>(first * size));
      std::memcpy(dst + first * size, src + first * size, static_cast<size_t>((last - first) * size));
      std::memset(dst + last * size, 0, static_cast<size_t>((m - last) * size));
    }
  });
}

}  // namespace sinter::cpu::SINTER_ISA
