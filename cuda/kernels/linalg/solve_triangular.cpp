// solveTriangular on CUDA; contracts as in native/cpu/linalg/solve_triangular.cpp. Place in the whole: host side of
// solve_triangular.cu and solve_triangular_complex.cu.
//
// A large triangle is halved until what is left suits the kernel: x1 = a11^-1 b1, then b2 -= a21 x1, a product, then x2 = a22^-1 b2.
// Where a batch has blocks enough for all multiprocessors, and for complex numbers, whose products take no residual, the kernel solves
// items whole.
#include <algorithm>

#include "cuda/kernels/gemm/product.h"
#include "cuda/kernels/linalg/solve.h"
#include "cuda/kernels/linalg/triangle.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_solve_triangular;
extern const Image image_solve_triangular_complex;

namespace {

constinit Kernel single_kernel{image_solve_triangular, "solve_triangular_f32"};
constinit Kernel double_kernel{image_solve_triangular, "solve_triangular_f64"};
constinit Kernel complex_single_kernel{image_solve_triangular_complex, "solve_triangular_c64"};
constinit Kernel complex_double_kernel{image_solve_triangular_complex, "solve_triangular_c128"};

constexpr int64_t kWhole = 4 * kTriangleTile;  // up to this order the kernel takes a triangle whole

const Kernel& kernel_for(DType dtype) {
  switch (dtype) {
    case DType::f32: return single_kernel;
    case DType::f64: return double_kernel;
    case DType::c64: return complex_single_kernel;
    case DType::c128: return complex_double_kernel;
    default: fail(ErrorCode::unsupported, "solveTriangular: dtype %s is not supported on cuda", dtype_name(dtype));
  }
}

// What does not change while a triangle is cut.
struct Solver {
  const Call& call;
  const Triangles& t;
  int64_t columns, size, rs, cs;
  bool backward;  // op(a) is upper: its last row comes first

  const char* a_at(const void* a, int64_t i, int64_t j) const {
    return static_cast<const char*>(a) + (i * rs + j * cs) * size;
  }
  char* row_of(const void* x, int64_t i) const { return static_cast<char*>(const_cast<void*>(x)) + i * columns * size; }

  // Rows and columns first .. first + n - 1 of the triangles of `batch` items.
  void solve_whole(const void* a, const void* b, void* x, int64_t first, int64_t n, int64_t batch) const {
    const int64_t start = backward ? first + n - 1 : first, sign = backward ? -1 : 1;
    TriangleArgs args{};
    args.a = a_at(a, start, start);
    args.b = row_of(b, start);
    args.x = row_of(x, start);
    args.rs = sign * rs, args.cs = sign * cs, args.a_step = t.n * t.n;
    args.ld = sign * columns, args.b_step = t.n * columns;
    args.n = n, args.columns = columns;
    const int64_t strips = (columns + kTriangleTile - 1) / kTriangleTile;
    args.strips = static_cast<uint32_t>(strips);
    args.unit = t.unit;
    launch(call, kernel_for(t.dtype), Dim(strips * batch), Dim(kTriangleThreads), 0, args);
  }

  // One item, x in place.
  void solve_cut(const void* a, void* x, int64_t first, int64_t n) const {
    if (n <= kWhole) return solve_whole(a, x, x, first, n, 1);
    // Halves at multiples of the kernel's order.
    const int64_t half = (n / 2 + kWhole - 1) / kWhole * kWhole, other = n - half;
    const int64_t solved = backward ? first + other : first, next = backward ? first : first + half;
    solve_cut(a, x, solved, half);
    Product p{};
    p.dtype = t.dtype;
    p.m = other, p.n = columns, p.k = half;
    p.a = a_at(a, next, solved), p.rsa = rs, p.csa = cs;
    p.b = row_of(x, solved), p.rsb = columns, p.csb = 1;
    p.y = row_of(x, next);
    p.then.scale = -1;
    p.then.residual = p.y;
    p.ieee = true;
    run_product(call, p);
    solve_cut(a, x, next, other);
  }
};

}  // namespace

void solve_triangles(const Call& call, const Triangles& t, const void* b, void* x, int64_t columns) {
  const int64_t size = static_cast<int64_t>(dtype_size(t.dtype));
  if (t.batch == 0 || t.n == 0 || columns == 0) return;
  const Solver solver{call, t, columns, size, t.transposed ? 1 : t.n, t.transposed ? t.n : 1, t.upper != t.transposed};
  const int64_t blocks = t.batch * ((columns + kTriangleTile - 1) / kTriangleTile);
  const bool enough = t.batch > 1 && blocks >= device_of(call).multiprocessors;
  if (t.n <= kWhole || enough || is_complex(t.dtype)) return solver.solve_whole(t.a, b, x, 0, t.n, t.batch);
  if (x != b) copy_bytes(call, x, b, static_cast<size_t>(t.batch * t.n * columns * size));
  for (int64_t e = 0; e < t.batch; e++)
    solver.solve_cut(static_cast<const char*>(t.a) + e * t.n * t.n * size, solver.row_of(x, e * t.n), 0, t.n);
}

SINTER_CUDA_OP(solveTriangular) {
  const TensorRef& b = call.in[1];
  kernel_for(b.dtype);
  solve_triangles(
      call,
      {b.dtype, call.in[0].data, batch_of(b, 2), b.dim(-2), call.attr[0] != 0, call.attr[1] != 0, call.attr[2] != 0},
      b.data, call.out[0].data, b.dim(-1));
}

}  // namespace sinter::cuda
