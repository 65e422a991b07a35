// Copies within a type and fills, by the size of an element. Place in the whole: device code of move.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/pointwise.cuh"

namespace sinter::cuda {

struct Same {
  static constexpr bool kCostly = false;
  static constexpr uint32_t kNumberOperands = 1;
  template <class V>
  static SINTER_DEVICE V apply(const Numbers&, V x) {
    return x;
  }
};

SINTER_POINTWISE(move_1, Same, raw1, raw1)
SINTER_POINTWISE(move_2, Same, raw2, raw2)
SINTER_POINTWISE(move_4, Same, raw4, raw4)
SINTER_POINTWISE(move_8, Same, raw8, raw8)
SINTER_POINTWISE(move_16, Same, raw16, raw16)

}  // namespace sinter::cuda
