// Few queries over many keys, as a decoder's steps are: the keys in parts, so that the device is busy. Place in the whole: used by the
// launches of scalar.cpp and tensor.cpp.
#pragma once
#include "cuda/kernels/attention/operands.h"

namespace sinter::cuda {

// One query: the heads that share keys become rows of one head, whose keys are read once.
void join_heads(AttentionArgs& args);
// After set_blocks: y and lse of `args` are then those of parts, where there are several.
class SplitKeys {
 public:
  SplitKeys(const Call& call, DType dtype, AttentionArgs& args);
  // y and lse of all keys.
  void combine() const;

 private:
  const Call& call_;
  DType dtype_;
  const AttentionArgs& args_;
  HeadRows y_;
  void* lse_;
};

}  // namespace sinter::cuda
