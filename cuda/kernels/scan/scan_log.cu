// logcumsumexp: f32 and halves in f32, f64 in f64. Place in the whole: device code of scan.cpp.
//
// The state is the largest element and the sum of exp(element - largest). Equal ones, infinite too, need no factor.
// sinter: cubins 80 90
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/scan/scan.cuh"

namespace sinter::cuda {

template <class T>
struct Exponentials {
  T top, sum;
};

template <class T>
struct RunningLog {
  using C = T;
  using State = Exponentials<T>;
  static constexpr int kInputs = 1;
  static constexpr bool kIndexed = false;
  static constexpr Floats kFloats = kF32InF32;
  static SINTER_DEVICE T infinity() { return static_cast<T>(__int_as_float(0x7f800000)); }
  static SINTER_DEVICE State identity() { return {-infinity(), T(0)}; }
  static SINTER_DEVICE State element(C x, C, uint32_t, const ScanShape&) { return {x, T(1)}; }
  static SINTER_DEVICE State join(const State& earlier, const State& later) {
    if (earlier.top == later.top) return {earlier.top, earlier.sum + later.sum};
    const bool first = earlier.top > later.top;
    const T top = first ? earlier.top : later.top, low = first ? later.top : earlier.top;
    // NaN where either is.
    const T factor = exp_of(low - top);
    return {top + (low != low ? low : T(0)),
            first ? earlier.sum + later.sum * factor : later.sum + earlier.sum * factor};
  }
  static SINTER_DEVICE State up(const State& s, int lanes) {
    return {__shfl_up_sync(kAllLanes, s.top, lanes), __shfl_up_sync(kAllLanes, s.sum, lanes)};
  }
  static SINTER_DEVICE C result(const State& s, const ScanShape&) { return s.top + log_of(s.sum); }
};

SINTER_SCAN(scan_log_f32, RunningLog<float>)
SINTER_SCAN(scan_log_f64, RunningLog<double>)

}  // namespace sinter::cuda
