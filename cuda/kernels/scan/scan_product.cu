// cumprod: floating-point numbers in f64, integers and bool in i64, wrapping. Place in the whole: device code of scan.cpp.
// sinter: cubins 80 90
#include "cuda/kernels/scan/range.cuh"
#include "cuda/kernels/scan/scan.cuh"

namespace sinter::cuda {

struct RunningProduct {
  using C = double;
  using State = Wide;
  static constexpr int kInputs = 1;
  static constexpr bool kIndexed = false;
  static constexpr Floats kFloats = kAllInF64;
  static SINTER_DEVICE State identity() { return {1, 0}; }
  static SINTER_DEVICE State element(C x, C, uint32_t, const ScanShape&) { return wide(x); }
  static SINTER_DEVICE State join(const State& earlier, const State& later) { return product(earlier, later); }
  static SINTER_DEVICE State up(const State& s, int lanes) {
    return {__shfl_up_sync(kAllLanes, s.mantissa, lanes), __shfl_up_sync(kAllLanes, s.exponent, lanes)};
  }
  static SINTER_DEVICE C result(const State& s, const ScanShape&) { return narrowed(s); }
};

struct IntegerProduct {
  using C = unsigned long long;
  using State = C;
  static constexpr int kInputs = 1;
  static constexpr bool kIndexed = false;
  static constexpr Floats kFloats = kAllInF64;
  static SINTER_DEVICE State identity() { return 1; }
  static SINTER_DEVICE State element(C x, C, uint32_t, const ScanShape&) { return x; }
  static SINTER_DEVICE State join(State earlier, State later) { return earlier * later; }
  static SINTER_DEVICE State up(State s, int lanes) { return __shfl_up_sync(kAllLanes, s, lanes); }
  static SINTER_DEVICE C result(State s, const ScanShape&) { return s; }
};

SINTER_SCAN(scan_product_f64, RunningProduct)
SINTER_SCAN(scan_product_i64, IntegerProduct)

}  // namespace sinter::cuda
