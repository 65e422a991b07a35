#include "test/cuda/cudnn/compute.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "test/cuda/library/numbers.h"

namespace cudnnsim {

namespace {

using A = DnnAttribute;

int64_t product(const Sizes& sizes) {
  int64_t n = 1;
  for (const int64_t size : sizes) n *= size;
  return n;
}
int64_t offset_of(const Sizes& index, const Sizes& strides) {
  int64_t offset = 0;
  for (size_t i = 0; i < index.size(); i++) offset += index[i] * strides[i];
  return offset;
}
// All places of a tensor, the last dimension fastest.
void each(const Sizes& dims, const std::function<void(const Sizes&)>& visit) {
  Sizes index(dims.size());
  for (int64_t left = product(dims); left > 0; left--) {
    visit(index);
    for (size_t i = dims.size(); i-- > 0;) {
      if (++index[i] < dims[i]) break;
      index[i] = 0;
    }
  }
}
// Elements from the first to the last that a tensor has.
int64_t extent(const Descriptor& tensor) {
  const Sizes dims = dims_of(tensor), strides = strides_of(tensor);
  int64_t last = 0;
  for (size_t i = 0; i < dims.size(); i++) last += (dims[i] - 1) * strides[i];
  return last + 1;
}

standin::Number number_of(DnnType type) {
  return type == DnnType::f16    ? standin::Number::f16
         : type == DnnType::bf16 ? standin::Number::bf16
                                 : standin::Number::f32;
}
double rounded(double value, DnnType type) {
  return type == DnnType::i32 || type == DnnType::boolean ? value : standin::rounded(value, number_of(type));
}

// A tensor's values, contiguous.
struct Values {
  Sizes dims;
  std::vector<double> data;

  explicit Values(const Sizes& dims) : dims(dims), data(static_cast<size_t>(product(dims))) {}
  int64_t place(const Sizes& index) const {
    int64_t at = 0;
    for (size_t i = 0; i < dims.size(); i++) at = at * dims[i] + index[i];
    return at;
  }
  double& at(const Sizes& index) { return data[static_cast<size_t>(place(index))]; }
  double at(const Sizes& index) const { return data[static_cast<size_t>(place(index))]; }
  // Where a dimension is 1, its one element; where it divides, as many neighbours share one.
  double shared(Sizes index, const Sizes& whole) const {
    for (size_t i = 0; i < dims.size(); i++) index[i] = index[i] * dims[i] / whole[i];
    return at(index);
  }
};

double apply(DnnPointwise mode, double x, double b, double t) {
  switch (mode) {
    case DnnPointwise::add: return x + b;
    case DnnPointwise::multiply: return x * b;
    case DnnPointwise::divide: return x / b;
    case DnnPointwise::subtract: return x - b;
    case DnnPointwise::exponential: return std::exp(x);
    case DnnPointwise::logarithm: return std::log(x);
    case DnnPointwise::identity: return x;
    case DnnPointwise::relu: return x > 0 ? x : 0;
    case DnnPointwise::gelu: return 0.5 * x * (1 + std::erf(x / std::sqrt(2.)));
    case DnnPointwise::gelu_tanh: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case DnnPointwise::swish: return x / (1 + std::exp(-x));
    case DnnPointwise::at_least: return x >= b;
    case DnnPointwise::select: return t != 0 ? x : b;
    case DnnPointwise::index: break;
  }
  return NAN;
}

class Run {
 public:
  Run(const std::map<int64_t, void*>& pointers, standin::DeviceWork& work) : pointers_(pointers), work_(work) {}

  void operation(const Descriptor& op) {
    switch (op.kind) {
      case DnnKind::pointwise_op: return pointwise(op);
      case DnnKind::reduction_op: return reduction(op);
      case DnnKind::matmul_op: return matmul(op);
      case DnnKind::reshape_op: return reshape(op);
      case DnnKind::conv_forward: return conv_forward(op);
      case DnnKind::conv_input_grad: return conv_input_grad(op);
      default: return conv_weight_grad(op);
    }
  }

 private:
  // What a tensor holds: read from memory where no operation has made it.
  const Values& read(const Descriptor& tensor) {
    const auto found = values_.find(id_of(tensor));
    if (found != values_.end()) return found->second;
    Values values(dims_of(tensor));
    const void* from = pointers_.at(id_of(tensor));
    if (tensor.has(A::tensor_is_by_value)) {
      values.data[0] = *static_cast<const float*>(from);
    } else {
      const standin::Number type = number_of(type_of(tensor));
      const auto bytes = work_.read(from, static_cast<size_t>(extent(tensor)) * size_of(type));
      const Sizes strides = strides_of(tensor);
      each(values.dims, [&](const Sizes& index) {
        const auto at = static_cast<size_t>(offset_of(index, strides)) * size_of(type);
        values.at(index) = work_.good() ? standin::decoded(bytes.data() + at, type) : 0;
      });
    }
    return values_.emplace(id_of(tensor), values).first->second;
  }
  void make(const Descriptor& tensor, Values values) {
    for (double& value : values.data) value = rounded(value, type_of(tensor));
    if (!is_between(tensor)) {
      const standin::Number type = number_of(type_of(tensor));
      void* to = pointers_.at(id_of(tensor));
      auto bytes = work_.read(to, static_cast<size_t>(extent(tensor)) * size_of(type));
      const Sizes strides = strides_of(tensor);
      each(values.dims, [&](const Sizes& index) {
        standin::encode(values.at(index), bytes.data() + static_cast<size_t>(offset_of(index, strides)) * size_of(type),
                        type);
      });
      work_.write(to, bytes);
    }
    values_.insert_or_assign(id_of(tensor), std::move(values));
  }

  void pointwise(const Descriptor& op) {
    const Descriptor& function = op.at(A::pointwise_op_mode);
    const auto mode = function.value<DnnPointwise>(A::pointwise_mode);
    const Descriptor& to = op.at(A::pointwise_op_y);
    const bool keeps_nan = function.has(A::pointwise_nan);
    Values y(dims_of(to));
    if (mode == DnnPointwise::index) {
      const auto axis = static_cast<size_t>(function.value<int64_t>(A::pointwise_axis));
      each(y.dims, [&](const Sizes& index) { y.at(index) = static_cast<double>(index[axis]); });
    } else {
      const Values& x = read(op.at(A::pointwise_op_x));
      const Values* b = op.has(A::pointwise_op_b) ? &read(op.at(A::pointwise_op_b)) : nullptr;
      const Values* t = op.has(A::pointwise_op_t) ? &read(op.at(A::pointwise_op_t)) : nullptr;
      each(y.dims, [&](const Sizes& index) {
        const double value = x.shared(index, y.dims);
        y.at(index) = keeps_nan && std::isnan(value)
                          ? value
                          : apply(mode, value, b ? b->shared(index, y.dims) : 0, t ? t->shared(index, y.dims) : 0);
      });
    }
    make(to, std::move(y));
  }

  void reduction(const Descriptor& op) {
    const auto mode = op.at(A::reduction_op_reduction).value<DnnReduction>(A::reduction_operator);
    const Values& x = read(op.at(A::reduction_op_x));
    Values y(dims_of(op.at(A::reduction_op_y)));
    std::fill(y.data.begin(), y.data.end(), mode == DnnReduction::add ? 0 : -INFINITY);
    each(x.dims, [&](const Sizes& index) {
      Sizes to = index;
      for (size_t i = 0; i < to.size(); i++) to[i] = to[i] * y.dims[i] / x.dims[i];
      double& sum = y.at(to);
      sum = mode == DnnReduction::add ? sum + x.at(index) : std::max(sum, x.at(index));
    });
    make(op.at(A::reduction_op_y), std::move(y));
  }

  void matmul(const Descriptor& op) {
    const Values &a = read(op.at(A::matmul_op_a)), &b = read(op.at(A::matmul_op_b));
    Values c(dims_of(op.at(A::matmul_op_c)));
    const size_t rank = c.dims.size();
    const int64_t depth = a.dims[rank - 1];
    Sizes whole_a = c.dims, whole_b = c.dims;
    whole_a[rank - 1] = whole_b[rank - 2] = depth;
    each(c.dims, [&](const Sizes& index) {
      Sizes i = index, j = index;
      double sum = 0;
      for (int64_t k = 0; k < depth; k++) {
        i[rank - 1] = j[rank - 2] = k;
        sum += a.shared(i, whole_a) * b.shared(j, whole_b);
      }
      c.at(index) = sum;
    });
    make(op.at(A::matmul_op_c), std::move(c));
  }

  // The same memory under other dimensions and strides.
  void reshape(const Descriptor& op) {
    const Descriptor &from = op.at(A::reshape_op_x), &to = op.at(A::reshape_op_y);
    const Values& x = read(from);
    const Sizes from_strides = strides_of(from), to_strides = strides_of(to);
    std::map<int64_t, double> memory;
    each(x.dims, [&](const Sizes& index) { memory[offset_of(index, from_strides)] = x.at(index); });
    Values y(dims_of(to));
    each(y.dims, [&](const Sizes& index) {
      const auto found = memory.find(offset_of(index, to_strides));
      y.at(index) = found == memory.end() ? NAN : found->second;
    });
    make(to, std::move(y));
  }

  // Each pair of an element of x and one of w that meet in an element of y.
  struct Meeting {
    Sizes x, w, y;
  };
  static void meetings(const Descriptor& conv, const Sizes& x, const Sizes& w, const Sizes& y,
                       const std::function<void(const Meeting&)>& visit) {
    const Sizes strides = conv.sizes(A::conv_strides), dilations = conv.sizes(A::conv_dilations),
                before = conv.sizes(A::conv_padding_before);
    const int64_t groups = x[1] / w[1], outputs = w[0] / groups;
    each(y, [&](const Sizes& to) {
      Sizes taps = w;
      taps[0] = 1;
      each(taps, [&](const Sizes& tap) {
        Meeting m{{to[0], to[1] / outputs * w[1] + tap[1]}, tap, to};
        m.w[0] = to[1];
        for (size_t i = 2; i < x.size(); i++) {
          const int64_t place = to[i] * strides[i - 2] - before[i - 2] + tap[i] * dilations[i - 2];
          if (place < 0 || place >= x[i]) return;
          m.x.push_back(place);
        }
        visit(m);
      });
    });
  }
  void conv_forward(const Descriptor& op) {
    const Values &x = read(op.at(A::conv_forward_x)), &w = read(op.at(A::conv_forward_w));
    Values y(dims_of(op.at(A::conv_forward_y)));
    meetings(op.at(A::conv_forward_conv), x.dims, w.dims, y.dims,
             [&](const Meeting& m) { y.at(m.y) += x.at(m.x) * w.at(m.w); });
    make(op.at(A::conv_forward_y), std::move(y));
  }
  void conv_input_grad(const Descriptor& op) {
    const Values &y = read(op.at(A::conv_input_grad_gy)), &w = read(op.at(A::conv_input_grad_w));
    Values x(dims_of(op.at(A::conv_input_grad_gx)));
    meetings(op.at(A::conv_input_grad_conv), x.dims, w.dims, y.dims,
             [&](const Meeting& m) { x.at(m.x) += y.at(m.y) * w.at(m.w); });
    make(op.at(A::conv_input_grad_gx), std::move(x));
  }
  void conv_weight_grad(const Descriptor& op) {
    const Values &y = read(op.at(A::conv_weight_grad_gy)), &x = read(op.at(A::conv_weight_grad_x));
    Values w(dims_of(op.at(A::conv_weight_grad_gw)));
    meetings(op.at(A::conv_weight_grad_conv), x.dims, w.dims, y.dims,
             [&](const Meeting& m) { w.at(m.w) += y.at(m.y) * x.at(m.x); });
    make(op.at(A::conv_weight_grad_gw), std::move(w));
  }

  const std::map<int64_t, void*>& pointers_;
  standin::DeviceWork& work_;
  std::map<int64_t, Values> values_;
};

}  // namespace

DnnStatus compute(const Descriptor& graph, const std::map<int64_t, void*>& pointers, standin::DeviceWork& work) {
  Run run(pointers, work);
  for (int64_t i = 0; i < graph.count(A::graph_operations) && work.good(); i++)
    run.operation(graph.at(A::graph_operations, i));
  return work.good() ? DnnStatus::success : DnnStatus::execution_failed;
}

}  // namespace cudnnsim
