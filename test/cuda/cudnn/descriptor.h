// Descriptors of the stand-in for cuDNN: attributes by name, checked when they are set and when the descriptor is finished. Place in the
// whole: cudnnsim.cpp exports functions over them, compute.cpp reads those of graphs.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "cuda/vendor/cudnn_abi.h"

namespace cudnnsim {

using namespace sinter::cuda;

// Says what was wrong: a test shows the status alone.
DnnStatus refused(const std::string& what, DnnStatus status = DnnStatus::bad_param);

struct Attribute {
  DnnValue type;
  int64_t count;
  std::vector<std::byte> data;
};

struct Descriptor {
  DnnKind kind;
  bool finished = false;
  std::map<DnnAttribute, Attribute> attributes;

  bool has(DnnAttribute name) const { return attributes.count(name) != 0; }
  template <class T>
  const T* values(DnnAttribute name) const {
    return reinterpret_cast<const T*>(attributes.at(name).data.data());
  }
  template <class T>
  T value(DnnAttribute name) const {
    return *values<T>(name);
  }
  int64_t count(DnnAttribute name) const { return has(name) ? attributes.at(name).count : 0; }
  std::vector<int64_t> sizes(DnnAttribute name) const {
    return {values<int64_t>(name), values<int64_t>(name) + count(name)};
  }
  // The descriptor that an attribute names.
  const Descriptor& at(DnnAttribute name, int64_t i = 0) const { return *values<const Descriptor*>(name)[i]; }
};

// ---- of tensors
using Sizes = std::vector<int64_t>;
inline int64_t id_of(const Descriptor& tensor) { return tensor.value<int64_t>(DnnAttribute::tensor_id); }
inline bool is_between(const Descriptor& tensor) { return tensor.has(DnnAttribute::tensor_is_virtual); }
inline DnnType type_of(const Descriptor& tensor) { return tensor.value<DnnType>(DnnAttribute::tensor_type); }
inline Sizes dims_of(const Descriptor& tensor) { return tensor.sizes(DnnAttribute::tensor_dimensions); }
inline Sizes strides_of(const Descriptor& tensor) { return tensor.sizes(DnnAttribute::tensor_strides); }

// null: there is none of that address.
Descriptor* known(DnnDescriptor descriptor);
DnnStatus create(DnnKind kind, DnnDescriptor* descriptor);
DnnStatus destroy(DnnDescriptor descriptor);
DnnStatus set(DnnDescriptor descriptor, DnnAttribute name, DnnValue type, int64_t count, const void* values);
DnnStatus finish(DnnDescriptor descriptor);

}  // namespace cudnnsim
