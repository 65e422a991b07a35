// Choices between elements, by the size of an element. Place in the whole: device code of move.cpp. The mask is bool.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/pointwise.cuh"

namespace sinter::cuda {

struct Select {
  static constexpr bool kCostly = false;
  static constexpr uint32_t kNumberOperands = 2;
  template <class V>
  static SINTER_DEVICE V apply(const Numbers&, i32 condition, V a, V b) {
    return condition ? a : b;
  }
};

SINTER_POINTWISE(select_1, Select, raw1, boolean, raw1, raw1)
SINTER_POINTWISE(select_2, Select, raw2, boolean, raw2, raw2)
SINTER_POINTWISE(select_4, Select, raw4, boolean, raw4, raw4)
SINTER_POINTWISE(select_8, Select, raw8, boolean, raw8, raw8)
SINTER_POINTWISE(select_16, Select, raw16, boolean, raw16, raw16)

}  // namespace sinter::cuda
