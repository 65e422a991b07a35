#include "cuda/vendor/dnn_graph.h"

#include <algorithm>
#include <cstdio>

#include "cuda/vendor/cudnn.h"

namespace sinter::cuda {

namespace {

// Numbers of tensors that are between operations begin here.
constexpr int64_t kBetween = 1000;

std::vector<int64_t> contiguous(const std::vector<int64_t>& dims) {
  std::vector<int64_t> strides(dims.size());
  int64_t step = 1;
  for (size_t i = dims.size(); i-- > 0;) {
    strides[i] = step;
    step *= dims[i];
  }
  return strides;
}

}  // namespace

DnnType dnn_type(DType dtype) {
  switch (dtype) {
    case DType::bf16: return DnnType::bf16;
    case DType::f16: return DnnType::f16;
    default: return DnnType::f32;
  }
}

std::string sizes_text(const std::vector<int64_t>& sizes) {
  std::string text;
  for (const int64_t size : sizes) {
    if (!text.empty()) text += 'x';
    text += std::to_string(size);
  }
  return text;
}

DnnGraph::~DnnGraph() {
  for (size_t i = all_.size(); i-- > 0;) dnn_.destroy(all_[i]);
}

void DnnGraph::note(DnnStatus status, const char* what) {
  if (status == DnnStatus::success || status_ != DnnStatus::success) return;
  status_ = status;
  char message[200] = "";
  dnn_.last_error(message, sizeof message);
  what_ = std::string(what) + (*message ? ": " : "") + message;
}

DnnDescriptor DnnGraph::make(DnnKind kind, const char* what) {
  DnnDescriptor made = nullptr;
  if (status_ == DnnStatus::success) note(dnn_.make(kind, &made), what);
  if (made) all_.push_back(made);
  return made;
}
void DnnGraph::finish(DnnDescriptor descriptor, const char* what) {
  if (status_ == DnnStatus::success) note(dnn_.finalize(descriptor), what);
}
void DnnGraph::set(DnnDescriptor descriptor, DnnAttribute attribute, DnnValue type, int64_t count, const void* values,
                   const char* what) {
  if (status_ == DnnStatus::success) note(dnn_.set(descriptor, attribute, type, count, values), what);
}
void DnnGraph::set(DnnDescriptor descriptor, DnnAttribute attribute, int tensor, const char* what) {
  set(descriptor, attribute, DnnValue::descriptor, 1, &tensors_[static_cast<size_t>(tensor)].descriptor, what);
}
void DnnGraph::set(DnnDescriptor descriptor, DnnAttribute attribute, const std::vector<int64_t>& sizes,
                   const char* what) {
  set(descriptor, attribute, DnnValue::i64, static_cast<int64_t>(sizes.size()), sizes.data(), what);
}

int DnnGraph::tensor(Lies lies, DnnType type, const std::vector<int64_t>& dims, const std::vector<int64_t>& strides,
                     int64_t alignment) {
  const char* what = "a tensor";
  const auto number = static_cast<int64_t>(tensors_.size());
  DnnDescriptor made = make(DnnKind::tensor, what);
  set(made, DnnAttribute::tensor_id, DnnValue::i64, lies == Lies::between ? kBetween + number : ++stored_, what);
  set(made, DnnAttribute::tensor_type, DnnValue::data_type, type, what);
  set(made, DnnAttribute::tensor_alignment, DnnValue::i64, alignment, what);
  set(made, DnnAttribute::tensor_dimensions, dims, what);
  set(made, DnnAttribute::tensor_strides, strides, what);
  if (lies == Lies::between) set(made, DnnAttribute::tensor_is_virtual, DnnValue::boolean, true, what);
  if (lies == Lies::by_value) set(made, DnnAttribute::tensor_is_by_value, DnnValue::boolean, true, what);
  finish(made, what);
  tensors_.push_back({made, dims, strides});
  return static_cast<int>(number);
}

int DnnGraph::stored(DnnType type, const std::vector<int64_t>& dims, const std::vector<int64_t>& strides,
                     const void* data) {
  return tensor(Lies::stored, type, dims, strides, dnn_alignment(data));
}
int DnnGraph::value(int rank) {
  const std::vector<int64_t> ones(static_cast<size_t>(rank), 1);
  return tensor(Lies::by_value, DnnType::f32, ones, ones, 4);
}
int DnnGraph::between(DnnType type, const std::vector<int64_t>& dims, const std::vector<int64_t>& strides) {
  return tensor(Lies::between, type, dims, strides, 16);
}
int DnnGraph::between(DnnType type, const std::vector<int64_t>& dims) { return between(type, dims, contiguous(dims)); }

DnnDescriptor DnnGraph::pointwise_mode(DnnPointwise mode, int axis) {
  const char* what = "a pointwise function";
  DnnDescriptor made = make(DnnKind::pointwise, what);
  const DnnType precision = mode == DnnPointwise::index      ? DnnType::i32
                            : mode == DnnPointwise::at_least ? DnnType::boolean
                                                             : DnnType::f32;
  set(made, DnnAttribute::pointwise_mode, DnnValue::pointwise_mode, mode, what);
  set(made, DnnAttribute::pointwise_precision, DnnValue::data_type, precision, what);
  // Else what is no number would become 0.
  if (mode == DnnPointwise::relu)
    set(made, DnnAttribute::pointwise_nan, DnnValue::nan_propagation, kDnnPropagateNan, what);
  if (mode == DnnPointwise::swish) set(made, DnnAttribute::pointwise_swish_beta, DnnValue::f32, 1.f, what);
  if (mode == DnnPointwise::index) set(made, DnnAttribute::pointwise_axis, DnnValue::i64, int64_t{axis}, what);
  finish(made, what);
  return made;
}

int DnnGraph::apply(DnnPointwise mode, int x, int b, int t, int y, DnnType type, int axis) {
  const char* what = "a pointwise operation";
  DnnDescriptor function = pointwise_mode(mode, axis);
  if (y < 0) {
    std::vector<int64_t> shape = dims(x);
    for (size_t i = 0; b >= 0 && i < shape.size(); i++) shape[i] = std::max(shape[i], dims(b)[i]);
    y = between(type, shape);
  }
  DnnDescriptor made = make(DnnKind::pointwise_op, what);
  set(made, DnnAttribute::pointwise_op_mode, DnnValue::descriptor, function, what);
  set(made, DnnAttribute::pointwise_op_x, x, what);
  if (b >= 0) set(made, DnnAttribute::pointwise_op_b, b, what);
  if (t >= 0) set(made, DnnAttribute::pointwise_op_t, t, what);
  set(made, DnnAttribute::pointwise_op_y, y, what);
  finish(made, what);
  operations_.push_back(made);
  return y;
}
int DnnGraph::pointwise(DnnPointwise mode, int x, int b, int y, DnnType type) { return apply(mode, x, b, -1, y, type); }
int DnnGraph::select(int x, int b, int condition) {
  return apply(DnnPointwise::select, x, b, condition, -1, DnnType::f32);
}
int DnnGraph::index(int x, int axis) { return apply(DnnPointwise::index, x, -1, -1, -1, DnnType::i32, axis); }
int DnnGraph::at_least(int x, int b) { return apply(DnnPointwise::at_least, x, b, -1, -1, DnnType::boolean); }

int DnnGraph::reduce(DnnReduction mode, int x, int y) {
  const char* what = "a reduction";
  if (y < 0) {
    std::vector<int64_t> shape = dims(x);
    shape.back() = 1;
    y = between(DnnType::f32, shape);
  }
  DnnDescriptor reduction = make(DnnKind::reduction, what);
  set(reduction, DnnAttribute::reduction_operator, DnnValue::reduction_operator, mode, what);
  set(reduction, DnnAttribute::reduction_precision, DnnValue::data_type, DnnType::f32, what);
  finish(reduction, what);
  DnnDescriptor made = make(DnnKind::reduction_op, what);
  set(made, DnnAttribute::reduction_op_reduction, DnnValue::descriptor, reduction, what);
  set(made, DnnAttribute::reduction_op_x, x, what);
  set(made, DnnAttribute::reduction_op_y, y, what);
  finish(made, what);
  operations_.push_back(made);
  return y;
}

void DnnGraph::matmul(int a, int b, int y) {
  const char* what = "a product";
  DnnDescriptor matmul = make(DnnKind::matmul, what);
  set(matmul, DnnAttribute::matmul_precision, DnnValue::data_type, DnnType::f32, what);
  finish(matmul, what);
  DnnDescriptor made = make(DnnKind::matmul_op, what);
  set(made, DnnAttribute::matmul_op_matmul, DnnValue::descriptor, matmul, what);
  set(made, DnnAttribute::matmul_op_a, a, what);
  set(made, DnnAttribute::matmul_op_b, b, what);
  set(made, DnnAttribute::matmul_op_c, y, what);
  finish(made, what);
  operations_.push_back(made);
}

int DnnGraph::transpose(int x, DnnType type) {
  const char* what = "a transposition";
  std::vector<int64_t> shape = dims(x), strides = tensors_[static_cast<size_t>(x)].strides;
  const size_t rank = shape.size();
  std::swap(shape[rank - 1], shape[rank - 2]);
  std::swap(strides[rank - 1], strides[rank - 2]);
  const int y = tensor(Lies::between, type, shape, strides, 16);
  DnnDescriptor made = make(DnnKind::reshape_op, what);
  set(made, DnnAttribute::reshape_op_x, x, what);
  set(made, DnnAttribute::reshape_op_y, y, what);
  finish(made, what);
  operations_.push_back(made);
  return y;
}

void DnnGraph::conv(DnnConv form, int x, int w, int y, const DnnWindows& windows) {
  const char* what = "a convolution";
  DnnDescriptor conv = make(DnnKind::convolution, what);
  set(conv, DnnAttribute::conv_precision, DnnValue::data_type, DnnType::f32, what);
  set(conv, DnnAttribute::conv_mode, DnnValue::convolution_mode, kDnnCrossCorrelation, what);
  set(conv, DnnAttribute::conv_dimensions, DnnValue::i64, static_cast<int64_t>(windows.strides.size()), what);
  set(conv, DnnAttribute::conv_strides, windows.strides, what);
  set(conv, DnnAttribute::conv_dilations, windows.dilations, what);
  set(conv, DnnAttribute::conv_padding_before, windows.before, what);
  set(conv, DnnAttribute::conv_padding_behind, windows.behind, what);
  finish(conv, what);

  struct Names {
    DnnKind kind;
    DnnAttribute alpha, beta, conv, x, w, y;
  };
  using A = DnnAttribute;
  static constexpr Names kNames[] = {
      {DnnKind::conv_forward, A::conv_forward_alpha, A::conv_forward_beta, A::conv_forward_conv, A::conv_forward_x,
       A::conv_forward_w, A::conv_forward_y},
      {DnnKind::conv_input_grad, A::conv_input_grad_alpha, A::conv_input_grad_beta, A::conv_input_grad_conv,
       A::conv_input_grad_gx, A::conv_input_grad_w, A::conv_input_grad_gy},
      {DnnKind::conv_weight_grad, A::conv_weight_grad_alpha, A::conv_weight_grad_beta, A::conv_weight_grad_conv,
       A::conv_weight_grad_x, A::conv_weight_grad_gw, A::conv_weight_grad_gy}};
  const Names& names = kNames[static_cast<int>(form)];
  DnnDescriptor made = make(names.kind, what);
  set(made, names.alpha, DnnValue::f32, 1.f, what);
  set(made, names.beta, DnnValue::f32, 0.f, what);
  set(made, names.conv, DnnValue::descriptor, conv, what);
  set(made, names.x, x, what);
  set(made, names.w, w, what);
  set(made, names.y, y, what);
  finish(made, what);
  operations_.push_back(made);
}

}  // namespace sinter::cuda
