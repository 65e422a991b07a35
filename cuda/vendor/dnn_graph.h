// A computation as cuDNN takes it: a graph of tensors and operations. Place in the whole: cuda/kernels/conv and attention describe theirs
// with it, cudnn.cpp makes plans of it.
//
// Tensors are named by the numbers that calls here return. Sums and what lies between operations are f32, rounded where a stored tensor
// says so.
#pragma once
#include <string>
#include <vector>

#include "cuda/runtime/alignment.h"
#include "cuda/vendor/cudnn_abi.h"
#include "engine/dtype.h"

namespace sinter::cuda {

struct DnnLibrary;

enum class DnnConv { forward, input_grad, weight_grad };

// Of a convolution, outermost dimension first.
struct DnnWindows {
  std::vector<int64_t> strides, dilations, before, behind;  // before, behind: padding
};

class DnnGraph {
 public:
  explicit DnnGraph(const DnnLibrary& dnn) : dnn_(dnn) {}
  ~DnnGraph();
  DnnGraph(const DnnGraph&) = delete;
  DnnGraph& operator=(const DnnGraph&) = delete;

  // In the device's memory; the n-th tensor that is stored, or by value, lies at the n-th pointer of a run.
  // As aligned as `data` is.
  int stored(DnnType type, const std::vector<int64_t>& dims, const std::vector<int64_t>& strides, const void* data);
  // One f32 in the host's memory, for a graph of `rank` dimensions.
  int value(int rank);
  // Of no memory; `strides` say in which order dimensions are thought to lie, which engines may want to be that of stored tensors.
  int between(DnnType type, const std::vector<int64_t>& dims, const std::vector<int64_t>& strides);
  int between(DnnType type, const std::vector<int64_t>& dims);  // contiguous

  // y of x's shape if it is not given, of type `type`.
  int pointwise(DnnPointwise mode, int x, int b = -1, int y = -1, DnnType type = DnnType::f32);
  int select(int x, int b, int condition);           // condition ? x : b
  int index(int x, int axis);                        // i32: places along an axis
  int at_least(int x, int b);                        // boolean: x >= b
  int reduce(DnnReduction mode, int x, int y = -1);  // along the last dimension, which stays as 1
  void matmul(int a, int b, int y);                  // of the last two dimensions
  int transpose(int x, DnnType type);                // the last two dimensions
  // forward: y = x * w; input_grad: x = y * w; weight_grad: w from x and y.
  void conv(DnnConv form, int x, int w, int y, const DnnWindows& windows);

  DnnStatus status() const { return status_; }
  const std::string& what() const { return what_; }  // failed, in words
  const std::vector<DnnDescriptor>& operations() const { return operations_; }
  const std::vector<int64_t>& dims(int tensor) const { return tensors_[static_cast<size_t>(tensor)].dims; }

 private:
  struct Tensor {
    DnnDescriptor descriptor;
    std::vector<int64_t> dims, strides;
  };
  enum class Lies { stored, by_value, between };

  void note(DnnStatus status, const char* what);
  DnnDescriptor make(DnnKind kind, const char* what);
  void finish(DnnDescriptor descriptor, const char* what);
  void set(DnnDescriptor descriptor, DnnAttribute attribute, DnnValue type, int64_t count, const void* values,
           const char* what);
  template <class T>
  void set(DnnDescriptor descriptor, DnnAttribute attribute, DnnValue type, T value, const char* what) {
    set(descriptor, attribute, type, 1, &value, what);
  }
  void set(DnnDescriptor descriptor, DnnAttribute attribute, int tensor, const char* what);
  void set(DnnDescriptor descriptor, DnnAttribute attribute, const std::vector<int64_t>& sizes, const char* what);
  int tensor(Lies lies, DnnType type, const std::vector<int64_t>& dims, const std::vector<int64_t>& strides,
             int64_t alignment);
  DnnDescriptor pointwise_mode(DnnPointwise mode, int axis);
  int apply(DnnPointwise mode, int x, int b, int t, int y, DnnType type, int axis = -1);

  const DnnLibrary& dnn_;
  DnnStatus status_ = DnnStatus::success;
  std::string what_;
  int64_t stored_ = 0;
  std::vector<Tensor> tensors_;
  std::vector<DnnDescriptor> all_, operations_;
};

DnnType dnn_type(DType dtype);  // f32, bf16, f16
inline int64_t dnn_alignment(const void* data) { return alignment_of(data, 16); }
std::string sizes_text(const std::vector<int64_t>& sizes);  // "2x3x4"

}  // namespace sinter::cuda
