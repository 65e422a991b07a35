#include <map>
#include <set>

#include "test/cuda/cudnn/compute.h"

namespace cudnnsim {

namespace {

using A = DnnAttribute;

struct Ends {
  std::vector<A> from;
  A to;
};
Ends ends_of(DnnKind kind) {
  switch (kind) {
    case DnnKind::pointwise_op: return {{A::pointwise_op_x, A::pointwise_op_b, A::pointwise_op_t}, A::pointwise_op_y};
    case DnnKind::reduction_op: return {{A::reduction_op_x}, A::reduction_op_y};
    case DnnKind::matmul_op: return {{A::matmul_op_a, A::matmul_op_b}, A::matmul_op_c};
    case DnnKind::reshape_op: return {{A::reshape_op_x}, A::reshape_op_y};
    case DnnKind::conv_forward: return {{A::conv_forward_x, A::conv_forward_w}, A::conv_forward_y};
    case DnnKind::conv_input_grad: return {{A::conv_input_grad_gy, A::conv_input_grad_w}, A::conv_input_grad_gx};
    default: return {{A::conv_weight_grad_gy, A::conv_weight_grad_x}, A::conv_weight_grad_gw};
  }
}

// Each dimension of `x` is that of `y`, or divides it.
bool broadcasts(const Sizes& x, const Sizes& y) {
  for (size_t i = 0; i < y.size(); i++)
    if (x.size() != y.size() || y[i] % x[i] != 0) return false;
  return true;
}

DnnStatus check_shapes(const Descriptor& op) {
  if (op.kind == DnnKind::matmul_op) {
    Sizes a = dims_of(op.at(A::matmul_op_a)), b = dims_of(op.at(A::matmul_op_b)), c = dims_of(op.at(A::matmul_op_c));
    const size_t rank = c.size();
    if (rank < 3 || a.size() != rank || b.size() != rank || a[rank - 1] != b[rank - 2] || a[rank - 2] != c[rank - 2] ||
        b[rank - 1] != c[rank - 1])
      return refused("a product whose shapes do not fit");
    if (type_of(op.at(A::matmul_op_b)) == DnnType::f32) return refused("a product of f32", DnnStatus::not_supported);
  }
  if (op.kind == DnnKind::pointwise_op) {
    const Sizes y = dims_of(op.at(A::pointwise_op_y));
    for (const A name : {A::pointwise_op_x, A::pointwise_op_b, A::pointwise_op_t})
      if (op.has(name) && !broadcasts(dims_of(op.at(name)), y)) return refused("a pointwise operation of two shapes");
  }
  if (op.kind == DnnKind::reduction_op &&
      !broadcasts(dims_of(op.at(A::reduction_op_y)), dims_of(op.at(A::reduction_op_x))))
    return refused("a reduction to another shape");
  if (op.kind == DnnKind::conv_forward || op.kind == DnnKind::conv_input_grad || op.kind == DnnKind::conv_weight_grad) {
    const bool forward = op.kind == DnnKind::conv_forward, weights = op.kind == DnnKind::conv_weight_grad;
    const Descriptor& conv = op.at(forward   ? A::conv_forward_conv
                                   : weights ? A::conv_weight_grad_conv
                                             : A::conv_input_grad_conv);
    const Sizes x = dims_of(op.at(forward   ? A::conv_forward_x
                                  : weights ? A::conv_weight_grad_x
                                            : A::conv_input_grad_gx)),
                w = dims_of(op.at(forward   ? A::conv_forward_w
                                  : weights ? A::conv_weight_grad_gw
                                            : A::conv_input_grad_w)),
                y = dims_of(op.at(forward   ? A::conv_forward_y
                                  : weights ? A::conv_weight_grad_gy
                                            : A::conv_input_grad_gy));
    if (x.size() != w.size() || y.size() != w.size() || x[0] != y[0] || y[1] != w[0] || x[1] % w[1] != 0 ||
        w[0] % (x[1] / w[1]) != 0)
      return refused("a convolution's images, channels and groups do not fit");
    for (size_t i = 0; i + 2 < x.size(); i++) {
      const int64_t reach = x[2 + i] + conv.sizes(A::conv_padding_before)[i] + conv.sizes(A::conv_padding_behind)[i] -
                            conv.sizes(A::conv_dilations)[i] * (w[2 + i] - 1) - 1;
      if (reach < 0 || reach / conv.sizes(A::conv_strides)[i] + 1 != y[2 + i])
        return refused("a convolution's sizes do not follow from its windows");
    }
  }
  return DnnStatus::success;
}

}  // namespace

DnnStatus check_graph(const Descriptor& graph) {
  std::set<int64_t> made;
  std::map<int64_t, const Descriptor*> tensors;
  for (int64_t i = 0; i < graph.count(A::graph_operations); i++) {
    const Descriptor& op = graph.at(A::graph_operations, i);
    const Ends ends = ends_of(op.kind);
    const auto check = [&](const Descriptor& tensor) {
      return tensors.emplace(id_of(tensor), &tensor).first->second == &tensor;
    };
    for (const A name : ends.from) {
      if (!op.has(name)) continue;
      if (!check(op.at(name))) return refused("two tensors of one number");
      if (is_between(op.at(name)) && !made.count(id_of(op.at(name))))
        return refused("a tensor is read that no operation before makes");
    }
    const Descriptor& to = op.at(ends.to);
    if (!check(to) || !made.insert(id_of(to)).second) return refused("a tensor is made twice");
    if (to.has(A::tensor_is_by_value)) return refused("a result by value");
    if (const DnnStatus status = check_shapes(op); status != DnnStatus::success) return status;
  }
  return DnnStatus::success;
}

}  // namespace cudnnsim
