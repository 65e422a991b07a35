// where and maskedFill. Place in the whole: operators that choose between elements and never compute, so one loop an
// element size serves all eleven dtypes.
//
// where       condition (bool), a, b (one dtype), all broadcast -> y
// maskedFill  x, mask (bool, broadcast) -> y {value}
#include "cpu/copy/runs.h"
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T, int StepA, int StepB>
SINTER_INLINE void select_loop(const uint8_t* __restrict condition, const T* __restrict a, const T* __restrict b,
                               T* __restrict y, int64_t n) {
  T va = *a, vb = *b;
  for (int64_t i = 0; i < n; i++) {
    if constexpr (StepA) va = a[i];
    if constexpr (StepB) vb = b[i];
    y[i] = condition[i] ? va : vb;
  }
}

template <class T>
void select_run(const Run& r) {
  if (r.n == 0) return;
  const uint8_t* condition = static_cast<const uint8_t*>(r.in[0]);
  const T *a = static_cast<const T*>(r.in[1]), *b = static_cast<const T*>(r.in[2]);
  T* y = static_cast<T*>(r.out);
  if (r.step[1] && r.step[2]) return select_loop<T, 1, 1>(condition, a, b, y, r.n);
  if (r.step[1]) return select_loop<T, 1, 0>(condition, a, b, y, r.n);
  select_loop<T, 0, 1>(condition, a, b, y, r.n);
}

RunFn run_of_size(DType d) {
  switch (dtype_size(d)) {
    case 1: return select_run<uint8_t>;
    case 2: return select_run<uint16_t>;
    case 4: return select_run<uint32_t>;
    case 8: return select_run<uint64_t>;
    default: return select_run<c128>;
  }
}

void select(const Call& c, const char* name, const TensorRef& condition, const TensorRef& a, const TensorRef& b) {
  const TensorRef& y = c.out[0];
  RunFn run = run_of_size(y.dtype);
  bool flat = y.numel <= kCheap && condition.contiguous && condition.numel == y.numel;
  for (const TensorRef* x : {&a, &b}) flat = flat && x->contiguous && (x->numel == y.numel || x->rank == 0);
  if (flat && a.numel + b.numel > y.numel) {
    const int step_a = a.numel == y.numel, step_b = b.numel == y.numel;
    if (step_a || step_b) return run(Run{{condition.data, a.data, b.data}, {1, step_a, step_b}, y.data, y.numel, {}});
  }
  const TensorRef operands[3] = {condition, a, b};
  pointwise_raw(Pointwise{.name = name, .steps = 6}, run, operands, 3, y, c);
}

}  // namespace

void where(const Call& c) { select(c, "where", c.in[0], c.in[1], c.in[2]); }

void maskedFill(const Call& c) {
  const TensorRef& x = c.in[0];
  Scalar value = scalar_of(x.dtype, c.attr[0]);
  TensorRef number;
  number.data = value.bytes;
  number.numel = 1;
  number.rank = 0;
  number.dtype = x.dtype;
  select(c, "maskedFill", c.in[1], number, x);
}

}  // namespace sinter::cpu::SINTER_ISA
