// Checks a graph of the stand-in for cuDNN (check.cpp), and computes it on the host, in double, rounded where a tensor says so (compute.cpp).
// Place in the whole: what cudnnsim.cpp does when a graph is finished, and when a plan is executed.
#pragma once
#include <map>

#include "test/cuda/cudnn/descriptor.h"
#include "test/cuda/library/device_work.h"

namespace cudnnsim {

// Whether the graph's operations fit each other: shapes, types, each tensor between operations made once and before it is read, and
// no other tensor of the same number.
DnnStatus check_graph(const Descriptor& graph);
// `pointers`: by tensors' numbers.
DnnStatus compute(const Descriptor& graph, const std::map<int64_t, void*>& pointers, standin::DeviceWork& work);

}  // namespace cudnnsim
