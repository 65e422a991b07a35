// NVIDIA's cuSOLVER, where it is installed. Place in the whole: what the factorisations of this folder are computed by; kernels of our
// own surround it (factors.cu). Without it their operators are errors that say so, and what to do.
#pragma once
#include "cuda/kernels/linalg/solve.h"
#include "cuda/runtime/abi.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// cusolver_common.h's and cublas_api.h's
using SolverHandle = struct SolverContext*;
enum class SolverStatus : int { success = 0, alloc_failed = 2 };
enum class FillMode : int { lower = 0, upper = 1 };
enum class EigenMode : int { values = 0, vectors = 1 };

struct SolverFunctions {
#define SOLVER(member, symbol, parameters) SolverStatus(*member) parameters = nullptr;
#define SOLVER_REAL(member, name, parameters) SolverStatus(*member[2]) parameters = {};
#define SOLVER_ALL(member, name, parameters) SolverStatus(*member[4]) parameters = {};
#include "cuda/kernels/linalg/cusolver.def"
#undef SOLVER
#undef SOLVER_REAL
#undef SOLVER_ALL
};

// The library on a call's queue. A queue keeps its handle.
class Solver {
 public:
  // Throws Error: unsupported_on_device where the library is not here; unsupported while a graph is recorded, as the library may wait.
  Solver(const Call& call, const char* op, DType dtype);

  const SolverFunctions& functions;
  SolverHandle handle = nullptr;
  int type = 0;  // of the operands, as SolverFunctions counts

  // Throws Error, which names the operator.
  void check(SolverStatus status) const;
  // A size as the library takes it; throws Error where it is too large.
  int size(int64_t n) const;
  // Scratch memory of the operands' dtype.
  void* room(int64_t elements) const;

 private:
  const Call& call_;
  DType dtype_;
};

// Element b of a batch whose items have `step` elements of a dtype.
inline void* item_of(const void* data, DType dtype, int64_t b, int64_t step) {
  return static_cast<char*>(const_cast<void*>(data)) + b * step * static_cast<int64_t>(dtype_size(dtype));
}

// to (batch, columns, rows) = from (batch, rows, columns), transposed: row-major to column-major.
void transpose_items(const Call& call, DType dtype, const void* from, void* to, int64_t batch, int64_t rows,
                     int64_t columns);

// The first item whose info is not 0, here or in `also`, is an error: `text` writes it, of {item, info}.
void report_info(const Call& call, const int32_t* info, const int32_t* also, int64_t batch,
                 void (*text)(const ReportRecord&, char*, size_t));

// flags (batch) i32 = whether an item (n elements of f32 or f64) has some that are not finite; of the triangle that is read, where
// `rows` is not 0: its order.
enum class Part : int32_t { all, lower, upper };
int32_t* find_not_finite(const Call& call, DType dtype, const void* x, int64_t batch, int64_t rows, int64_t columns,
                         Part part);

}  // namespace sinter::cuda
