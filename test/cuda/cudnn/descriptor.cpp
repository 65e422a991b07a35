#include "test/cuda/cudnn/descriptor.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <set>

namespace cudnnsim {

namespace {

using A = DnnAttribute;
using V = DnnValue;

// What a kind of descriptor has.
struct Rule {
  DnnAttribute name;
  DnnValue type;
  bool required = true;
  bool list = false;
};
const std::map<DnnKind, std::vector<Rule>>& rules() {
  static const auto& all = *new std::map<DnnKind, std::vector<Rule>>{
      {DnnKind::tensor,
       {{A::tensor_id, V::i64},
        {A::tensor_type, V::data_type},
        {A::tensor_alignment, V::i64},
        {A::tensor_dimensions, V::i64, true, true},
        {A::tensor_strides, V::i64, true, true},
        {A::tensor_is_virtual, V::boolean, false},
        {A::tensor_is_by_value, V::boolean, false}}},
      {DnnKind::pointwise,
       {{A::pointwise_mode, V::pointwise_mode},
        {A::pointwise_precision, V::data_type},
        {A::pointwise_nan, V::nan_propagation, false},
        {A::pointwise_swish_beta, V::f32, false},
        {A::pointwise_axis, V::i64, false}}},
      {DnnKind::pointwise_op,
       {{A::pointwise_op_mode, V::descriptor},
        {A::pointwise_op_x, V::descriptor},
        {A::pointwise_op_b, V::descriptor, false},
        {A::pointwise_op_t, V::descriptor, false},
        {A::pointwise_op_y, V::descriptor}}},
      {DnnKind::convolution,
       {{A::conv_precision, V::data_type},
        {A::conv_mode, V::convolution_mode},
        {A::conv_dimensions, V::i64},
        {A::conv_strides, V::i64, true, true},
        {A::conv_dilations, V::i64, true, true},
        {A::conv_padding_before, V::i64, true, true},
        {A::conv_padding_behind, V::i64, true, true}}},
      {DnnKind::conv_forward,
       {{A::conv_forward_alpha, V::f32},
        {A::conv_forward_beta, V::f32},
        {A::conv_forward_conv, V::descriptor},
        {A::conv_forward_x, V::descriptor},
        {A::conv_forward_w, V::descriptor},
        {A::conv_forward_y, V::descriptor}}},
      {DnnKind::conv_input_grad,
       {{A::conv_input_grad_alpha, V::f32},
        {A::conv_input_grad_beta, V::f32},
        {A::conv_input_grad_conv, V::descriptor},
        {A::conv_input_grad_gx, V::descriptor},
        {A::conv_input_grad_w, V::descriptor},
        {A::conv_input_grad_gy, V::descriptor}}},
      {DnnKind::conv_weight_grad,
       {{A::conv_weight_grad_alpha, V::f32},
        {A::conv_weight_grad_beta, V::f32},
        {A::conv_weight_grad_conv, V::descriptor},
        {A::conv_weight_grad_x, V::descriptor},
        {A::conv_weight_grad_gw, V::descriptor},
        {A::conv_weight_grad_gy, V::descriptor}}},
      {DnnKind::matmul, {{A::matmul_precision, V::data_type}}},
      {DnnKind::matmul_op,
       {{A::matmul_op_matmul, V::descriptor},
        {A::matmul_op_a, V::descriptor},
        {A::matmul_op_b, V::descriptor},
        {A::matmul_op_c, V::descriptor}}},
      {DnnKind::reduction, {{A::reduction_operator, V::reduction_operator}, {A::reduction_precision, V::data_type}}},
      {DnnKind::reduction_op,
       {{A::reduction_op_reduction, V::descriptor},
        {A::reduction_op_x, V::descriptor},
        {A::reduction_op_y, V::descriptor}}},
      {DnnKind::reshape_op, {{A::reshape_op_x, V::descriptor}, {A::reshape_op_y, V::descriptor}}},
      {DnnKind::graph, {{A::graph_handle, V::handle}, {A::graph_operations, V::descriptor, true, true}}},
      {DnnKind::heuristics, {{A::heuristics_graph, V::descriptor}, {A::heuristics_mode, V::heuristic_mode}}},
      {DnnKind::plan, {{A::plan_handle, V::handle}, {A::plan_config, V::descriptor}}},
      {DnnKind::variant_pack,
       {{A::pack_ids, V::i64, true, true},
        {A::pack_pointers, V::pointer, true, true},
        {A::pack_workspace, V::pointer}}},
      // Filled by the library.
      {DnnKind::engine, {}},
      {DnnKind::engine_config, {}},
  };
  return all;
}

size_t size_of(DnnValue type) {
  switch (type) {
    case V::boolean: return 1;
    case V::i64:
    case V::f64:
    case V::handle:
    case V::pointer:
    case V::descriptor: return 8;
    default: return 4;
  }
}
size_t size_of(DnnType type) {
  switch (type) {
    case DnnType::f16:
    case DnnType::bf16: return 2;
    case DnnType::boolean: return 1;
    default: return 4;
  }
}

std::set<const void*>& living() {
  static auto& all = *new std::set<const void*>;
  return all;
}

DnnStatus finish_tensor(const Descriptor& d) {
  const std::vector<int64_t> dims = d.sizes(A::tensor_dimensions), strides = d.sizes(A::tensor_strides);
  if (dims.empty() || dims.size() > 8 || dims.size() != strides.size()) return refused("a tensor's dimensions");
  for (size_t i = 0; i < dims.size(); i++)
    if (dims[i] < 1 || strides[i] < 1) return refused("a dimension or stride of a tensor is not positive");
  const auto alignment = d.value<int64_t>(A::tensor_alignment);
  if (alignment < 1 || alignment % static_cast<int64_t>(size_of(d.value<DnnType>(A::tensor_type))) != 0)
    return refused("a tensor's alignment is no multiple of its elements' size");
  return DnnStatus::success;
}

DnnStatus finish_convolution(const Descriptor& d) {
  const auto rank = d.value<int64_t>(A::conv_dimensions);
  if (rank < 2 || rank > 3)
    return refused("a convolution of neither two nor three dimensions", DnnStatus::not_supported);
  for (const A name : {A::conv_strides, A::conv_dilations, A::conv_padding_before, A::conv_padding_behind})
    if (d.count(name) != rank) return refused("a convolution's attributes are not as many as its dimensions");
  if (d.value<int32_t>(A::conv_mode) != kDnnCrossCorrelation) return refused("a convolution that turns its weights");
  return DnnStatus::success;
}

}  // namespace

DnnStatus refused(const std::string& what, DnnStatus status) {
  std::fprintf(stderr, "cudnnsim: %s\n", what.c_str());
  return status;
}

Descriptor* known(DnnDescriptor descriptor) {
  return living().count(descriptor) ? static_cast<Descriptor*>(descriptor) : nullptr;
}

DnnStatus create(DnnKind kind, DnnDescriptor* descriptor) {
  if (!descriptor) return DnnStatus::bad_param;
  if (!rules().count(kind)) return refused("a descriptor of a kind that is not known here", DnnStatus::not_supported);
  auto* made = new Descriptor;
  made->kind = kind;
  living().insert(made);
  *descriptor = made;
  return DnnStatus::success;
}

DnnStatus destroy(DnnDescriptor descriptor) {
  Descriptor* d = known(descriptor);
  if (!d) return refused("what is destroyed is no descriptor");
  living().erase(d);
  delete d;
  return DnnStatus::success;
}

DnnStatus set(DnnDescriptor descriptor, DnnAttribute name, DnnValue type, int64_t count, const void* values) {
  Descriptor* d = known(descriptor);
  if (!d || !values || count < 1) return refused("an attribute is set wrongly");
  if (d->finished) return refused("an attribute of a finished descriptor is set");
  const std::vector<Rule>& has = rules().at(d->kind);
  const auto rule = std::find_if(has.begin(), has.end(), [&](const Rule& r) { return r.name == name; });
  const std::string what =
      "attribute " + std::to_string(static_cast<int>(name)) + " of kind " + std::to_string(static_cast<int>(d->kind));
  if (rule == has.end()) return refused(what + " is none");
  if (rule->type != type) return refused(what + " is of another type");
  if (!rule->list && count != 1) return refused(what + " is one value");
  if (type == V::descriptor)
    for (int64_t i = 0; i < count; i++) {
      const Descriptor* other = known(static_cast<const DnnDescriptor*>(values)[i]);
      if (!other || !other->finished) return refused(what + " is no finished descriptor");
    }
  const auto* bytes = static_cast<const std::byte*>(values);
  d->attributes[name] = {type, count, {bytes, bytes + static_cast<size_t>(count) * size_of(type)}};
  return DnnStatus::success;
}

DnnStatus finish(DnnDescriptor descriptor) {
  Descriptor* d = known(descriptor);
  if (!d || d->finished) return refused("what is to be finished is no descriptor, or is finished");
  for (const Rule& rule : rules().at(d->kind))
    if (rule.required && !d->has(rule.name))
      return refused("attribute " + std::to_string(static_cast<int>(rule.name)) + " is missing");
  DnnStatus status = DnnStatus::success;
  if (d->kind == DnnKind::tensor) status = finish_tensor(*d);
  if (d->kind == DnnKind::convolution) status = finish_convolution(*d);
  d->finished = status == DnnStatus::success;
  return status;
}

}  // namespace cudnnsim
