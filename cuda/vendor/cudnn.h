// NVIDIA's cuDNN, where it is installed. Place in the whole: a second way to compute a convolution (cuda/kernels/conv/by_library.cpp) or
// attention (cuda/kernels/attention/by_library.cpp); without it everything is computed by kernels of our own. choices.h says which calls
// it gets, dnn_graph.h how they are told to it.
#pragma once
#include <functional>
#include <string>

#include "cuda/runtime/launch.h"
#include "cuda/vendor/choices.h"
#include "cuda/vendor/cudnn_abi.h"

namespace sinter::cuda {

class DnnGraph;

// Opened on first use, at most once a process: libcudnn.so.9, or what SINTER_CUDNN names.
struct DnnLibrary {
#define DNN(member, symbol, result, parameters) result(*member) parameters = nullptr;
#include "cuda/vendor/cudnn.def"
#undef DNN
  std::string missing;  // why it is not there; empty: it is
  size_t version = 0;   // 92400: 9.24.0; 0: not there
};
const DnnLibrary& dnn_library();

// What is asked of the library.
struct DnnTask {
  VendorTask name;  // what the call is, and with `layout` all that its graph depends on
  std::array<int64_t, 24> layout{};
  bool f32 = false;           // operands are f32, and computed as that
  size_t most_workspace = 0;  // bytes
  // Describes the computation; called where the task is new.
  std::function<void(DnnGraph&)> describe;
  std::function<std::string()> words;  // the task for people
};

// Queues the task on the call's queue, by the library's engine of that number, or its first where it names fewer; `pointers` are what the
// graph's stored tensors lie at, by their numbers (memory of the device, or, of tensors by value, of the host). False: nothing was
// queued, as the library is not there, does not take the task (which is said once a process), or memory is short.
// `engines`: how many it named that keep our promises: the same result in every run, sums no narrower than f32, f32 as it is.
bool dnn_run(const Call& call, const DnnTask& task, const void* const* pointers, int count, int engine, int* engines);

}  // namespace sinter::cuda
