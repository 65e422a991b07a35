// Products of integers and complex numbers. Place in the whole: what matmul does with dtypes that have no tiles of their own; its
// kernels are gemm_plain.cu's.
#include "cuda/kernels/gemm/plain.h"

#include "cuda/kernels/gemm/product.h"

namespace sinter::cuda {

extern const Image image_gemm_plain;

namespace {

constinit Kernel bytes{image_gemm_plain, "gemm_plain_u8"};
constinit Kernel words{image_gemm_plain, "gemm_plain_i32"};
constinit Kernel long_words{image_gemm_plain, "gemm_plain_i64"};
constinit Kernel complex_single{image_gemm_plain, "gemm_plain_c64"};
constinit Kernel complex_double{image_gemm_plain, "gemm_plain_c128"};

const Kernel& kernel_for(DType dtype) {
  switch (dtype) {
    case DType::u8:
    case DType::i8: return bytes;  // wraps alike
    case DType::i32: return words;
    case DType::i64: return long_words;
    case DType::c64: return complex_single;
    case DType::c128: return complex_double;
    default: fail(ErrorCode::unsupported, "matmul: dtype %s is not supported on cuda", dtype_name(dtype));
  }
}

}  // namespace

void run_plain(const Call& call, const Product& p) {
  const Kernel& kernel = kernel_for(p.dtype);
  const TensorRef& bias = call.opt(2);
  if (bias.present() && is_complex(p.dtype)) fail(ErrorCode::unsupported, "matmul: a complex product takes no bias");
  PlainArgs args{};
  args.a = p.a, args.b = p.b, args.y = p.y;
  if (bias.present()) {
    args.bias = bias.data;
    args.bias_stride = bias.strides[0];
  }
  args.m = p.m, args.n = p.n, args.k = p.k;
  args.rsa = p.rsa, args.csa = p.csa, args.rsb = p.rsb, args.csb = p.csb;
  const int64_t across = (p.n + kPlainTile - 1) / kPlainTile, tiles = (p.m + kPlainTile - 1) / kPlainTile * across;
  args.tiles = static_cast<uint32_t>(tiles);
  args.tiles_across = static_cast<uint32_t>(across);
  args.batch_rank = p.batch.rank;
  for (int i = 0; i < p.batch.rank; i++) {
    const int from = p.batch.rank - 1 - i;
    args.batch_dims[i] = static_cast<uint32_t>(p.batch.dims[from]);
    args.a_strides[i] = p.batch.a_strides[from];
    args.b_strides[i] = p.batch.b_strides[from];
  }
  launch(call, kernel, Dim(tiles * p.batch.count()), Dim(kPlainThreads), 0, args);
}

}  // namespace sinter::cuda
