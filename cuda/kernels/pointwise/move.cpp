// Copies, fills and choices. Place in the whole: entry points copy, copyInto, concat, fill, fillInto, empty, where and maskedFill of the
// operator table on CUDA.
//
// copy        x (broadcast to y's shape) -> y contiguous, any dtypes
// copyInto    dst (any view without overlap) = src (broadcast, any dtype); late
// concat      x0, x1, ... (equal but for `axis`) -> y contiguous; the inputs may be any view and dtype
// where       condition (bool), a, b (one dtype), all broadcast -> y
// maskedFill  x, mask (bool, broadcast) -> y {value}
#include "cuda/kernels/pointwise/move.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "cuda/kernels/pointwise/cast.h"
#include "cuda/kernels/pointwise/launch.h"
#include "engine/workspace.h"

namespace sinter::cuda {

extern const Image image_move;
extern const Image image_cast;
extern const Image image_select;

namespace {

constinit Kernel moves[] = {{image_move, "move_1"},
                            {image_move, "move_2"},
                            {image_move, "move_4"},
                            {image_move, "move_8"},
                            {image_move, "move_16"}};
constinit Kernel selects[] = {{image_select, "select_1"},
                              {image_select, "select_2"},
                              {image_select, "select_4"},
                              {image_select, "select_8"},
                              {image_select, "select_16"}};
#define SINTER_CAST(from, to) {image_cast, "cast_" #from "_" #to},
constinit Kernel casts[] = {SINTER_CASTS(SINTER_CAST)};
#undef SINTER_CAST
static_assert(std::size(casts) == size_t{kDTypes} * (kDTypes - 1));
// Between two dtypes that differ.
const Kernel& cast_between(DType from, DType to) {
  const int row = static_cast<int>(from), column = static_cast<int>(to);
  return casts[row * (kDTypes - 1) + column - (column > row)];
}

// Of a table by the size of elements.
const Kernel& of_size(const Kernel* table, DType dtype) { return table[std::countr_zero(dtype_size(dtype))]; }

// The element that kernels find where a number would be.
Numbers raw_number(DType dtype, double value, double imaginary) {
  Numbers numbers{};
  element_of(dtype, value, imaginary, &numbers.f64[kNumbers - 2]);
  return numbers;
}

template <class T>
T saturated(double x) {
  constexpr double above =
      std::numeric_limits<T>::digits == 63 ? 0x1p63 : static_cast<double>(std::numeric_limits<T>::max()) + 1;
  if (std::isnan(x)) return 0;
  if (x >= above) return std::numeric_limits<T>::max();
  if (x <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  return static_cast<T>(x);
}
// To nearest, ties to even; NaN stays one.
uint16_t to_bf16(float x) {
  const uint32_t u = std::bit_cast<uint32_t>(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((u >> 16) | 0x40u);
  return static_cast<uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}
uint16_t to_f16(float x) {
  const uint32_t u = std::bit_cast<uint32_t>(x), sign = (u >> 16) & 0x8000u, a = u & 0x7fffffffu;
  if (a > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);
  if (a >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // 65520 and above round to infinity
  if (a < 0x38800000u) {  // subnormal: in units of 2^-24, rounded by the addition
    const uint32_t units = std::bit_cast<uint32_t>(std::bit_cast<float>(a) + 0.5f) - 0x3f000000u;
    return static_cast<uint16_t>(sign | units);
  }
  return static_cast<uint16_t>(sign | ((a + 0xc8000fffu + ((a >> 13) & 1u)) >> 13));
}
template <class T>
void put(void* bytes, T value) {
  std::memcpy(bytes, &value, sizeof value);
}

// Of src's shape, in another dtype.
TensorRef cast_to(const Call& call, const TensorRef& src, DType dtype) {
  const TensorRef y = call.workspace->contiguous_like(src, dtype);
  copy_to(call, y, src);
  return y;
}

// dst becomes itself where the flag is not zero.
void copy_unless(const Call& call, const TensorRef& dst, const TensorRef& src, const float* unless) {
  TensorRef flag;
  flag.data = const_cast<float*>(unless);
  flag.numel = 1;
  flag.rank = 0;
  const TensorRef operands[3] = {cast_to(call, flag, DType::boolean), dst,
                                 src.dtype == dst.dtype ? src : cast_to(call, src, dst.dtype)};
  run(call, of_size(selects, dst.dtype), false, dst, operands, 3, Numbers{});
}

}  // namespace

void element_of(DType dtype, double value, double imaginary, void* bytes) {
  const float single = static_cast<float>(value);
  switch (dtype) {
    case DType::f32: return put(bytes, single);
    case DType::f64: return put(bytes, value);
    case DType::bf16: return put(bytes, to_bf16(single));
    case DType::f16: return put(bytes, to_f16(single));
    case DType::i32: return put(bytes, saturated<int32_t>(value));
    case DType::i64: return put(bytes, saturated<int64_t>(value));
    case DType::u8: return put(bytes, saturated<uint8_t>(value));
    case DType::i8: return put(bytes, saturated<int8_t>(value));
    case DType::boolean: return put(bytes, static_cast<uint8_t>(value != 0 || imaginary != 0));
    case DType::c64: return put(bytes, c64{single, static_cast<float>(imaginary)});
    case DType::c128: return put(bytes, c128{value, imaginary});
  }
}

void copy_to(const Call& call, const TensorRef& dst, const TensorRef& src) {
  if (dst.dtype == src.dtype && dst.contiguous && src.contiguous && dst.numel == src.numel) {
    const size_t bytes = static_cast<size_t>(dst.numel) * dtype_size(dst.dtype);
    if (bytes > 0 && dst.data != src.data) copy_bytes(call, dst.data, src.data, bytes);
    return;
  }
  const Kernel& kernel = dst.dtype == src.dtype ? of_size(moves, dst.dtype) : cast_between(src.dtype, dst.dtype);
  run(call, kernel, false, dst, &src, 1, Numbers{});
}

void fill_with(const Call& call, const TensorRef& dst, double value, double imaginary) {
  const TensorRef number;
  run(call, of_size(moves, dst.dtype), false, dst, &number, 1, raw_number(dst.dtype, value, imaginary));
}

SINTER_CUDA_OP(copy) { copy_to(call, call.out[0], call.in[0]); }
SINTER_CUDA_LATE_OP(copyInto) {
  if (const float* unless = late_of(call).unless)
    copy_unless(call, call.in[0], call.in[1], unless);
  else
    copy_to(call, call.in[0], call.in[1]);
}
SINTER_CUDA_OP(fill) { fill_with(call, call.out[0], call.attr[0], call.nattr > 1 ? call.attr[1] : 0); }
SINTER_CUDA_OP(fillInto) { fill_with(call, call.in[0], call.attr[0], call.nattr > 1 ? call.attr[1] : 0); }
SINTER_CUDA_OP(empty) {}

SINTER_CUDA_OP(concat) {
  const TensorRef& y = call.out[0];
  const int axis = static_cast<int>(call.int_attr(0));
  int64_t strides[kMaxRank], stride = 1;
  for (int d = y.rank - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= y.dims[d];
  }
  char* at = y.as<char>();
  for (int i = 0; i < call.nin; i++) {
    const TensorRef& x = call.in[i];
    if (x.numel == 0) continue;
    // A single row of y's other dimensions is contiguous, which a plain copy takes.
    bool whole = true;
    for (int d = 0; d < axis; d++) whole &= y.dims[d] == 1;
    TensorRef part = y;
    part.data = at;
    part.dims = x.dims;
    part.strides = strides;
    part.numel = x.numel;
    part.contiguous = whole;
    copy_to(call, part, x);
    at += x.dims[axis] * strides[axis] * static_cast<int64_t>(dtype_size(y.dtype));
  }
}

SINTER_CUDA_OP(where) { run(call, of_size(selects, call.out[0].dtype), false, call.out[0], call.in, 3, Numbers{}); }
SINTER_CUDA_OP(maskedFill) {
  const DType dtype = call.in[0].dtype;
  const TensorRef number;
  const TensorRef operands[3] = {call.in[1], number, call.in[0]};
  run(call, of_size(selects, dtype), false, call.out[0], operands, 3, raw_number(dtype, call.attr[0], 0));
}

}  // namespace sinter::cuda
