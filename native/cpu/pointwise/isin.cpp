// Membership. Place in the whole: entry point isin of the operator table.
//
// x, test (contiguous, one dtype: f32, f64, i32, i64) -> y bool, x's shape {invert}. The values of `test` are sorted once
// (heap sort: no memory of its own), then every element is looked up by bisection. NaN is in no set.
#include "cpu/threads/pool.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kGrain = 4096;

// Moves the value at `root` down to its place among its children in the heap of n values.
template <class T>
SINTER_INLINE void sift_down(T* v, int64_t root, int64_t n) {
  const T value = v[root];
  for (int64_t child = 2 * root + 1; child < n; child = 2 * root + 1) {
    if (child + 1 < n && v[child] < v[child + 1]) child++;
    if (!(value < v[child])) break;
    v[root] = v[child];
    root = child;
  }
  v[root] = value;
}
template <class T>
void sort(T* v, int64_t n) {
  for (int64_t i = n / 2 - 1; i >= 0; i--) sift_down(v, i, n);
  for (int64_t i = n - 1; i > 0; i--) {
    const T largest = v[0];
    v[0] = v[i];
    v[i] = largest;
    sift_down(v, 0, i);
  }
}

template <class T>
void look_up(const Call& c) {
  const TensorRef &x = c.in[0], &test = c.in[1];
  const T* values = test.as<T>();
  T* sorted = c.scratch_of<T>(test.numel + 1);
  int64_t n = 0;
  for (int64_t i = 0; i < test.numel; i++)
    if (values[i] == values[i]) sorted[n++] = values[i];
  sort(sorted, n);
  const T* elements = x.as<T>();
  uint8_t* y = c.out[0].as<uint8_t>();
  const bool invert = c.attr[0] != 0;
  parallel_for(x.numel, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      int64_t low = 0, high = n;  // the first value that is not below is in [low, high]
      while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (sorted[middle] < elements[i])
          low = middle + 1;
        else
          high = middle;
      }
      y[i] = (low < n && sorted[low] == elements[i]) != invert;
    }
  });
}

}  // namespace

void isin(const Call& c) {
  switch (c.in[0].dtype) {
    case DType::f32: return look_up<float>(c);
    case DType::f64: return look_up<double>(c);
    case DType::i32: return look_up<int32_t>(c);
    case DType::i64: return look_up<int64_t>(c);
    default: fail(ErrorCode::unsupported, "isin: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
