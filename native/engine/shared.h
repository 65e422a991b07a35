// Tensors that all Node environments of the process can open by a key. Place in the whole: worker threads exchange keys, not
// bytes; an entry holds a reference of the storage until it is withdrawn.
#pragma once
#include <string>

#include "engine/slots.h"

namespace sinter {

struct SharedTensor {
  Storage* storage;  // a reference of the receiver's
  DType dtype;
  int64_t byte_offset;
  int32_t rank;
  int64_t dims[kMaxRank];
};

// Takes a reference of the slot's storage (contiguous). False when the key is taken.
bool publish_shared(const std::string& key, const Slot& slot);
bool open_shared(const std::string& key, SharedTensor* tensor);
bool withdraw_shared(const std::string& key);

}  // namespace sinter
