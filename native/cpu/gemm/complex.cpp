// Complex matrix products: see complex.h.
//
// With A (m, k) as m rows of 2k interleaved real numbers, and every row b of B (k, n) followed by i b, interleaved too,
// A B is the real product (m, 2k) x (2k, 2n), and its rows are the interleaved result: no part is split off or joined.
#include "cpu/gemm/complex.h"

#include <algorithm>

#include "cpu/copy/strided.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// A matrix operand in the orientation of the product, its dtype real.
struct RealOperand {
  int64_t dims[kMaxRank], strides[kMaxRank];
  TensorRef ref;

  void set(const TensorRef& like, DType dtype, void* data) {
    ref.dtype = dtype;
    ref.data = data;
    ref.rank = like.rank;
    ref.dims = dims;
    ref.strides = strides;
    ref.numel = 1;
    ref.contiguous = true;
    for (int d = like.rank - 1; d >= 0; d--) {
      ref.contiguous = ref.contiguous && (dims[d] == 1 || strides[d] == ref.numel);
      ref.numel *= dims[d];
    }
  }
};

// x with its last two dimensions in the product's order: where it is stored transposed, exchanged.
void orient(const TensorRef& x, bool transposed, int64_t* dims, int64_t* strides) {
  for (int d = 0; d < x.rank; d++) {
    const int from = d < x.rank - 2 || !transposed ? d : 2 * x.rank - 3 - d;
    dims[d] = x.dims[from];
    strides[d] = x.strides[from];
  }
}

void* dense(const Call& c, const TensorRef& x, const int64_t* dims, const int64_t* strides) {
  void* copy = c.scratch(std::max<size_t>(1, static_cast<size_t>(x.numel)) * dtype_size(x.dtype));
  Nest<2> nest;
  nest.rank = x.rank;
  int64_t stride = 1;
  for (int d = x.rank - 1; d >= 0; d--) {
    nest.dims[d] = dims[d];
    nest.strides[0][d] = stride;
    nest.strides[1][d] = strides[d];
    stride *= dims[d];
  }
  if (x.numel > 0) strided_copy(nest, x.dtype, copy, x.dtype, x.data);
  return copy;
}

void dense_strides(int rank, const int64_t* dims, int64_t* strides) {
  int64_t stride = 1;
  for (int d = rank - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= dims[d];
  }
}

// (..., m, k) as real (..., m, 2k): a view where rows lie together.
void left(const Call& c, const TensorRef& a, bool transposed, DType dtype, RealOperand& out) {
  orient(a, transposed, out.dims, out.strides);
  void* data = a.data;
  const int last = a.rank - 1;
  if (out.strides[last] != 1) {
    data = dense(c, a, out.dims, out.strides);
    dense_strides(a.rank, out.dims, out.strides);
  }
  for (int d = 0; d < last; d++) out.strides[d] *= 2;
  out.dims[last] *= 2;
  out.strides[last] = 1;
  out.set(a, dtype, data);
}

// (..., k, n) as real (..., 2k, 2n): every row b, then i b.
template <class T>
void right(const Call& c, const TensorRef& b, bool transposed, DType dtype, RealOperand& out) {
  orient(b, transposed, out.dims, out.strides);
  const int last = b.rank - 1;
  const int64_t n = out.dims[last], rows = n ? b.numel / n : 0;
  const T* from = static_cast<const T*>(dense(c, b, out.dims, out.strides));
  T* to = c.scratch_of<T>(std::max<int64_t>(1, 4 * b.numel));
  parallel_for(rows, std::max<int64_t>(1, 8192 / std::max<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const T* __restrict x = from + r * 2 * n;
      T* __restrict same = to + r * 4 * n;
      T* __restrict turned = same + 2 * n;
      for (int64_t j = 0; j < n; j++) {
        same[2 * j] = x[2 * j];
        same[2 * j + 1] = x[2 * j + 1];
        turned[2 * j] = -x[2 * j + 1];
        turned[2 * j + 1] = x[2 * j];
      }
    }
  });
  out.dims[last] *= 2;
  out.dims[last - 1] *= 2;
  dense_strides(b.rank, out.dims, out.strides);
  out.set(b, dtype, to);
}

}  // namespace

void complex_matmul(const Call& c, Kernel real) {
  const int flags = c.nattr ? static_cast<int>(c.attr[0]) : 0;
  const bool narrow = c.out[0].dtype == DType::c64;
  const DType dtype = narrow ? DType::f32 : DType::f64;
  if (c.opt(2).present()) fail(ErrorCode::unsupported, "matmul: a complex product takes no bias");
  RealOperand a, b, y;
  left(c, c.in[0], flags & 1, dtype, a);
  if (narrow)
    right<float>(c, c.in[1], flags & 2, dtype, b);
  else
    right<double>(c, c.in[1], flags & 2, dtype, b);
  const TensorRef& z = c.out[0];
  for (int d = 0; d < z.rank; d++) y.dims[d] = z.dims[d];
  y.dims[z.rank - 1] *= 2;
  dense_strides(z.rank, y.dims, y.strides);
  y.set(z, dtype, z.data);
  const TensorRef operands[2] = {a.ref, b.ref};
  const double no_flags = 0;
  Call call = c;
  call.in = operands;
  call.nin = 2;
  call.out = &y.ref;
  call.attr = &no_flags;
  call.nattr = 1;
  real(call);
}

}  // namespace sinter::cpu::SINTER_ISA
