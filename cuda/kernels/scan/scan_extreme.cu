// cummax, cummin: values and where they are found; of equals the last; a NaN wins, the last of several. f32 and halves in f32, f64 in
// f64, integers and bool in i64. Place in the whole: device code of scan.cpp.
// sinter: cubins 80 90
#include "cuda/kernels/scan/scan.cuh"

namespace sinter::cuda {

template <class T>
struct Extreme {
  T value;
  uint32_t place;
};

// The smallest are the largest with the order turned: numbers by their sign, integers by their complement.
template <class T>
struct RunningExtreme {
  using C = T;
  using State = Extreme<T>;
  static constexpr int kInputs = 1;
  static constexpr bool kIndexed = true;
  static constexpr Floats kFloats = kF32InF32;
  static SINTER_DEVICE C turned(C x, const ScanShape& shape) {
    if constexpr (kSame<T, i64>)
      return shape.smallest ? ~x : x;
    else
      return shape.smallest ? -x : x;
  }
  static SINTER_DEVICE State identity() {
    if constexpr (kSame<T, i64>)
      return {INT64_MIN, 0};
    else
      return {static_cast<T>(__int_as_float(0xff800000)), 0};
  }
  static SINTER_DEVICE State element(C x, C, uint32_t place, const ScanShape& shape) {
    return {turned(x, shape), place};
  }
  static SINTER_DEVICE State join(const State& earlier, const State& later) {
    const bool take = later.value != later.value || (earlier.value == earlier.value && later.value >= earlier.value);
    return take ? later : earlier;
  }
  static SINTER_DEVICE State up(const State& s, int lanes) {
    return {__shfl_up_sync(kAllLanes, s.value, lanes), __shfl_up_sync(kAllLanes, s.place, lanes)};
  }
  static SINTER_DEVICE C result(const State& s, const ScanShape& shape) { return turned(s.value, shape); }
  static SINTER_DEVICE uint32_t place(const State& s) { return s.place; }
};

SINTER_SCAN(scan_extreme_f32, RunningExtreme<float>)
SINTER_SCAN(scan_extreme_f64, RunningExtreme<double>)
SINTER_SCAN(scan_extreme_i64, RunningExtreme<i64>)

}  // namespace sinter::cuda
