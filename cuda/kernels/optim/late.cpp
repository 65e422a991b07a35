// What a step leaves to the device (engine/late.h). Place in the whole: under the host sides of the optimizers' kernels.
#include "cuda/kernels/optim/launch.h"

namespace sinter::cuda {

LateStep late_step(const Call& call, const Kernel* count) {
  const Late& late = late_of(call);
  LateStep result{late.unless, nullptr};
  if (!late.less) return result;
  StepAttributes attributes{};
  if (!count || call.nattr > StepAttributes::kMost || late.attribute >= call.nattr)
    fail(ErrorCode::internal, "attribute %d of %d is no number of a step", late.attribute, call.nattr);
  for (int i = 0; i < call.nattr; i++) attributes.at[i] = call.attr[i];
  attributes.count = late.attribute;
  Counted* counted = call.scratch_of<Counted>(1);
  launch(call, *count, Dim(1), Dim(1), 0, attributes, late.less, counted);
  result.counted = counted;
  return result;
}

}  // namespace sinter::cuda
