// cumsum: f32 and f64 in f64, halves in f32, integers and bool in i64, wrapping. Place in the whole: device code of scan.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/scan/scan.cuh"

namespace sinter::cuda {

template <class T>
struct RunningSum {
  using C = T;
  using State = T;
  static constexpr int kInputs = 1;
  static constexpr bool kIndexed = false;
  static constexpr Floats kFloats = kF32InF64;
  static SINTER_DEVICE State identity() { return 0; }
  static SINTER_DEVICE State element(C x, C, uint32_t, const ScanShape&) { return x; }
  static SINTER_DEVICE State join(State earlier, State later) { return earlier + later; }
  static SINTER_DEVICE State up(State s, int lanes) { return __shfl_up_sync(kAllLanes, s, lanes); }
  static SINTER_DEVICE C result(State s, const ScanShape&) { return s; }
};

SINTER_SCAN(scan_sum_f32, RunningSum<float>)
SINTER_SCAN(scan_sum_f64, RunningSum<double>)
SINTER_SCAN(scan_sum_i64, RunningSum<unsigned long long>)

}  // namespace sinter::cuda
