// linearScan: y[i] = a[i] y[i - 1] + b[i]; in f64. Place in the whole: device code of scan.cpp.
//
// A stretch of the recurrence is y -> factor y + sum. A factor of zero cuts off what came before, an infinite value included.
// sinter: cubins 80 90
#include "cuda/kernels/scan/range.cuh"
#include "cuda/kernels/scan/scan.cuh"

namespace sinter::cuda {

struct Stretch {
  Wide factor;
  double sum;
};

struct Recurrence {
  using C = double;
  using State = Stretch;
  static constexpr int kInputs = 2;
  static constexpr bool kIndexed = false;
  static constexpr Floats kFloats = kAllInF64;
  static SINTER_DEVICE State identity() { return {{1, 0}, 0}; }
  static SINTER_DEVICE State element(C b, C a, uint32_t, const ScanShape&) { return {wide(a), b}; }
  static SINTER_DEVICE State join(const State& earlier, const State& later) {
    const bool cut = later.factor.mantissa == 0;
    State joined;
    joined.factor = cut || earlier.factor.mantissa == 0 ? Wide{0, 0} : product(earlier.factor, later.factor);
    joined.sum = (cut ? 0 : times(earlier.sum, later.factor)) + later.sum;
    return joined;
  }
  static SINTER_DEVICE State up(const State& s, int lanes) {
    return {{__shfl_up_sync(kAllLanes, s.factor.mantissa, lanes), __shfl_up_sync(kAllLanes, s.factor.exponent, lanes)},
            __shfl_up_sync(kAllLanes, s.sum, lanes)};
  }
  static SINTER_DEVICE C result(const State& s, const ScanShape&) { return s.sum; }
};

SINTER_SCAN(scan_linear_f64, Recurrence)

}  // namespace sinter::cuda
