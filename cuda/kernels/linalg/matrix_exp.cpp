// matrixExp on CUDA; contract as in native/cpu/linalg/matrix_exp.cpp. Place in the whole: host side of matrix_exp.cu.
//
// Scaling and squaring like the CPU's, but with Taylor polynomials: they are made of products alone, where Pade approximants end in a
// system to solve. Of degree 12 for f32 and 20 for f64, by Paterson and Stockmeyer (1973): 3 products for the powers up to the fourth,
// then degree / 4 - 1 of Horner's rule in it. A matrix is halved until its 1-norm is where the polynomial is the exponential of a matrix
// that differs by less than a rounding (the series of log(exp(-x) T(x)) with absolute values; Al-Mohy and Higham 2009).
//
// How often each matrix is halved is known when its norm is: the host reads the norms, which waits for the device. Items are squared
// together, and taken out when they are done.
#include "cuda/kernels/linalg/matrix_exp.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "cuda/kernels/gemm/product.h"
#include "cuda/kernels/linalg/solve.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_matrix_exp;

namespace {

// By dtype: f32, f64.
constinit Kernel norms[] = {{image_matrix_exp, "exp_norm_f32"}, {image_matrix_exp, "exp_norm_f64"}};
constinit Kernel halves[] = {{image_matrix_exp, "exp_halve_f32"}, {image_matrix_exp, "exp_halve_f64"}};
constinit Kernel polynomials[] = {{image_matrix_exp, "exp_polynomial_f32"}, {image_matrix_exp, "exp_polynomial_f64"}};
constinit Kernel takers[] = {{image_matrix_exp, "exp_take_out_f32"}, {image_matrix_exp, "exp_take_out_f64"}};

struct Taylor {
  int degree;
  double radius;
};
constexpr Taylor kTaylor[] = {{12, 1.4616615072090335}, {20, 1.4382525968043367}};

struct Exponential {
  const Call& call;
  DType dtype;
  int type;
  int64_t batch, n, size, blocks;

  Exponential(const Call& call, const TensorRef& x)
      : call(call), dtype(x.dtype), type(x.dtype == DType::f64 ? 1 : 0), batch(batch_of(x, 2)), n(x.dim(-1)),
        size(n * n), blocks((size + kExpItems * kExpThreads - 1) / (kExpItems * kExpThreads)) {}

  char* room() const { return static_cast<char*>(call.scratch(static_cast<size_t>(batch * size) * dtype_size(dtype))); }

  // y = a b + c of items first .. last; c may be null, or y.
  void multiply(const char* a, const char* b, char* y, const char* c, int64_t first, int64_t last) const {
    const int64_t offset = first * size * static_cast<int64_t>(dtype_size(dtype));
    Product p{};
    p.dtype = dtype;
    p.m = p.n = p.k = n;
    p.a = a + offset, p.b = b + offset, p.y = y + offset;
    p.rsa = p.rsb = n, p.csa = p.csb = 1;
    if (c) p.then.residual = c + offset;
    p.batch.rank = 1;
    p.batch.dims[0] = last - first + 1;
    p.batch.a_strides[0] = p.batch.b_strides[0] = size;
    p.ieee = true;
    run_product(call, p);
  }
  void multiply(const char* a, const char* b, char* y, const char* c = nullptr) const {
    multiply(a, b, y, c, 0, batch - 1);
  }

  std::vector<ExpItem> plan(const void* x) const {
    const size_t bytes = static_cast<size_t>(batch) * sizeof(double);
    double* found = call.scratch_of<double>(batch);
    set_bytes(call, found, 0, bytes);
    const int64_t across = (n + kExpColumns - 1) / kExpColumns;
    launch(call, norms[type], Dim(across * batch), Dim(kExpThreads), 0, x, n, across, found);
    std::vector<double> norm(static_cast<size_t>(batch));
    call.queue->download(norm.data(), found, bytes);
    std::vector<ExpItem> items;
    for (const double value : norm) {
      const double ratio = value / kTaylor[type].radius;
      const bool finite = value <= std::numeric_limits<double>::max();
      const int halvings = !finite ? -1 : ratio > 1 ? std::max(0, std::ilogb(ratio) + 1) : 0;
      items.push_back({finite ? std::ldexp(1.0, -halvings) : 0.0, halvings});
    }
    return items;
  }

  // c[4 chunk] + c[4 chunk + 1] a + ..., with coefficients 1 / k!; the highest chunk ends with the fourth power.
  void add_chunk(int chunk, const char* const* powers, char* out) const {
    PolynomialArgs args{};
    const bool highest = 4 * (chunk + 1) == kTaylor[type].degree;
    for (int k = 0; k < (highest ? 4 : 3); k++) args.powers[k] = powers[k];
    for (int k = 0; k < (highest ? 5 : 4); k++) args.c[k] = 1 / std::tgamma(4 * chunk + k + 1);
    args.out = out, args.n = n, args.total = batch * size;
    const int64_t a_block = kExpThreads * 16 / static_cast<int64_t>(dtype_size(dtype));
    launch(call, polynomials[type], Dim((args.total + a_block - 1) / a_block), Dim(kExpThreads), 0, args);
  }
};

}  // namespace

SINTER_CUDA_OP(matrixExp) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  if (x.dtype != DType::f32 && x.dtype != DType::f64)
    fail(ErrorCode::unsupported, "matrixExp: dtype %s is not supported on cuda", dtype_name(x.dtype));
  if (x.numel == 0) return;
  const Exponential e(call, x);
  const std::vector<ExpItem> plan = e.plan(x.data);
  ExpItem* items = call.scratch_of<ExpItem>(e.batch);
  call.queue->upload(items, plan.data(), plan.size() * sizeof(ExpItem));

  char* powers[4];
  for (char*& power : powers) power = e.room();
  launch(call, halves[e.type], Dim(e.blocks * e.batch), Dim(kExpThreads), 0, static_cast<const void*>(x.data),
         powers[0], items, e.size, e.blocks);
  e.multiply(powers[0], powers[0], powers[1]);
  e.multiply(powers[0], powers[1], powers[2]);
  e.multiply(powers[1], powers[1], powers[3]);
  char *value = e.room(), *next = e.room();
  const int chunks = kTaylor[e.type].degree / 4;
  e.add_chunk(chunks - 1, powers, value);
  for (int chunk = chunks - 2; chunk >= 0; chunk--) {
    e.add_chunk(chunk, powers, next);
    e.multiply(powers[3], value, next, next);
    std::swap(value, next);
  }

  for (int64_t done = 0;; done++) {
    int64_t first = e.batch, last = -1;
    bool some = false;
    for (int64_t b = 0; b < e.batch; b++) {
      const int64_t halvings = plan[static_cast<size_t>(b)].halvings;
      some |= halvings == done || (halvings < 0 && done == 0);
      if (halvings <= done) continue;
      first = std::min(first, b);
      last = b;
    }
    if (some)
      launch(call, takers[e.type], Dim(e.blocks * e.batch), Dim(kExpThreads), 0, static_cast<const void*>(value),
             y.data, items, e.size, e.blocks, done);
    if (last < 0) return;
    e.multiply(value, value, next, nullptr, first, last);
    std::swap(value, next);
  }
}

}  // namespace sinter::cuda
