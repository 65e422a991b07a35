#include "cuda/kernels/linalg/cusolver.h"

#include <algorithm>
#include <climits>
#include <map>
#include <mutex>
#include <utility>

#include "cuda/kernels/linalg/factors.h"
#include "cuda/kernels/pointwise/move.h"
#include "cuda/runtime/library.h"
#include "cuda/runtime/queue.h"

namespace sinter::cuda {

extern const Image image_factors;

namespace {

constinit Kernel failure_kernel{image_factors, "first_failure"};
constinit Kernel finite_kernels[] = {{image_factors, "not_finite_f32"}, {image_factors, "not_finite_f64"}};

struct SolverLibrary {
  Library library;
  SolverFunctions functions;
};

SolverLibrary open_solver() {
  SolverLibrary solver{open_cusolver(), {}};
  SolverFunctions& f = solver.functions;
  const auto find = [&](auto& member, const char* symbol) {
    member = reinterpret_cast<std::remove_reference_t<decltype(member)>>(find_symbol(solver.library, symbol));
  };
#define SOLVER(member, symbol, parameters) find(f.member, #symbol);
#define SOLVER_REAL(member, name, parameters) \
  find(f.member[0], "cusolverDnS" #name);     \
  find(f.member[1], "cusolverDnD" #name);
#define SOLVER_ALL(member, name, parameters) \
  SOLVER_REAL(member, name, parameters)      \
  find(f.member[2], "cusolverDnC" #name);    \
  find(f.member[3], "cusolverDnZ" #name);
#include "cuda/kernels/linalg/cusolver.def"
#undef SOLVER
#undef SOLVER_REAL
#undef SOLVER_ALL
  return solver;
}

// Opened at most once a process, on first use.
const SolverLibrary& solver_library() {
  static const SolverLibrary* library = new SolverLibrary(open_solver());  // never closed
  return *library;
}

// A queue's handle, made when it is first asked for: that costs milliseconds and device memory. Handles stay, as streams come and go.
SolverHandle handle_of(Queue& queue, const Solver& solver) {
  static std::mutex& mutex = *new std::mutex;
  static auto& handles = *new std::map<std::pair<Device*, CUstream>, SolverHandle>;
  const std::lock_guard lock(mutex);
  SolverHandle& handle = handles[{&queue.device(), queue.stream()}];
  if (!handle) solver.check(solver.functions.create(&handle));
  solver.check(solver.functions.set_stream(handle, queue.stream()));
  return handle;
}

}  // namespace

Solver::Solver(const Call& call, const char* op, DType dtype)
    : functions(solver_library().functions), call_(call), dtype_(dtype) {
  if (const std::string& missing = solver_library().library.missing; !missing.empty())
    fail(ErrorCode::unsupported_on_device, "needs cuSOLVER, which is not here (%s); move its operands to 'cpu' first",
         missing.c_str());
  switch (dtype) {
    case DType::f32: type = 0; break;
    case DType::f64: type = 1; break;
    case DType::c64: type = 2; break;
    case DType::c128: type = 3; break;
    default: fail(ErrorCode::unsupported, "dtype %s is not supported on cuda", dtype_name(dtype));
  }
  Queue& queue = static_cast<Queue&>(*call.queue);
  queue.not_while_recording(op);
  queue.device().make_current();
  handle = handle_of(queue, *this);
}

void Solver::check(SolverStatus status) const {
  if (status == SolverStatus::success) return;
  fail(status == SolverStatus::alloc_failed ? ErrorCode::out_of_memory : ErrorCode::internal,
       "cuSOLVER answered with status %d", static_cast<int>(status));
}

int Solver::size(int64_t n) const {
  if (n > INT_MAX)
    fail(ErrorCode::unsupported, "cuSOLVER takes matrices of up to %d rows and columns, not %lld", INT_MAX,
         static_cast<long long>(n));
  return static_cast<int>(n);
}

void* Solver::room(int64_t elements) const {
  return call_.scratch(static_cast<size_t>(std::max<int64_t>(1, elements)) * dtype_size(dtype_));
}

void transpose_items(const Call& call, DType dtype, const void* from, void* to, int64_t batch, int64_t rows,
                     int64_t columns) {
  const int64_t dims[3] = {batch, columns, rows}, read[3] = {rows * columns, 1, columns},
                written[3] = {rows * columns, rows, 1};
  TensorRef source, target;
  source.data = const_cast<void*>(from), target.data = to;
  source.numel = target.numel = batch * rows * columns;
  source.dims = target.dims = dims;
  source.strides = read, target.strides = written;
  source.rank = target.rank = 3;
  source.dtype = target.dtype = dtype;
  source.contiguous = false;
  if (source.numel > 0) copy_to(call, target, source);
}

void report_info(const Call& call, const int32_t* info, const int32_t* also, int64_t batch,
                 void (*text)(const ReportRecord&, char*, size_t)) {
  if (batch == 0) return;
  launch(call, failure_kernel, Dim(1), Dim(kFactorThreads), 0, info, also, batch,
         call.report(ErrorCode::linear_algebra, text));
}

int32_t* find_not_finite(const Call& call, DType dtype, const void* x, int64_t batch, int64_t rows, int64_t columns,
                         Part part) {
  int32_t* flags = call.scratch_of<int32_t>(std::max<int64_t>(1, batch));
  set_bytes(call, flags, 0, static_cast<size_t>(batch) * sizeof(int32_t));
  const int64_t blocks = (rows * columns + kFactorItems * kFactorThreads - 1) / (kFactorItems * kFactorThreads);
  launch(call, finite_kernels[dtype == DType::f64 ? 1 : 0], Dim(blocks * batch), Dim(kFactorThreads), 0, x, rows,
         columns, blocks, static_cast<int32_t>(part), flags);
  return flags;
}

}  // namespace sinter::cuda
