// How attention is told to cuDNN: the graphs that its documentation calls fused flash attention, forward and backward, whose scores are
// never in memory. Forward also writes lse. The gradient of the queries is one product, not a sum by several blocks, so that it is the
// same in every run; scores' gradients are then in the library's work memory.
#include "cuda/kernels/attention/by_library.h"

#include <algorithm>
#include <limits>

#include "cuda/kernels/attention/operands.h"
#include "cuda/vendor/cudnn.h"
#include "cuda/vendor/dnn_graph.h"

namespace sinter::cuda {

namespace {

constexpr size_t kMostWorkspace = size_t{1} << 30;

// Tensors in the order of their pointers, and what a graph depends on besides the task's name.
class Operands {
 public:
  Operands(const AttentionArgs& args, DType dtype) : args_(args), type_(dnn_type(dtype)) {}

  // (b, h, rows, width) at `at`; `turned`: as (b, h, width, rows).
  int rows(DnnGraph& graph, const HeadRows& at, int64_t h, int64_t rows, int64_t width, bool turned = false) const {
    std::vector<int64_t> dims{args_.b, h, rows, width};
    std::vector<int64_t> strides{at.batch, at.head, at.row, 1};
    // Steps that are never taken: the library wants them positive.
    const int64_t usual[] = {h * rows * width, rows * width, width};
    for (size_t i = 0; i < 3; i++)
      if (dims[i] == 1) strides[i] = usual[i];
    if (turned) {
      std::swap(dims[2], dims[3]);
      std::swap(strides[2], strides[3]);
    }
    return graph.stored(type_, dims, strides, at.data);
  }
  // A number for each query, f32.
  int factors(DnnGraph& graph, const void* at) const {
    const int64_t h = args_.h, t = args_.t;
    return graph.stored(DnnType::f32, {args_.b, h, t, 1}, {h * t, t, 1, 1}, at);
  }
  // Scores (b, h, t, s) = scale q k, less `lse` if there is one; where a query does not see a key, so low that its weight is 0.
  int scores(DnnGraph& graph, int q, int k, int scale, int lse, int low) const {
    int scores = graph.between(DnnType::f32, {args_.b, args_.h, args_.t, args_.s});
    graph.matmul(q, k, scores);
    scores = graph.pointwise(DnnPointwise::multiply, scores, scale);
    if (lse >= 0) scores = graph.pointwise(DnnPointwise::subtract, scores, lse);
    if (low < 0) return scores;
    return graph.select(scores, low, graph.at_least(graph.index(scores, 2), graph.index(scores, 3)));
  }

  DnnType type() const { return type_; }

 private:
  const AttentionArgs& args_;
  DnnType type_;
};

bool is_causal(const AttentionArgs& args) { return args.right == 0; }

// Several batches, heads or rows of one memory are no tensor of the library.
bool is_spread(const HeadRows& x, int64_t b, int64_t h, int64_t rows) {
  return (b == 1 || x.batch > 0) && (h == 1 || x.head > 0) && (rows == 1 || x.row > 0);
}

DnnTask task_of(const Call& call, const AttentionArgs& args, VendorKind kind, DType dtype) {
  DnnTask task;
  task.name = {device_of(call).ordinal,
               kind,
               {static_cast<int64_t>(dtype), args.b, args.h, args.h / args.group, args.t, args.s, args.d, args.e,
                is_causal(args)}};
  task.most_workspace = kMostWorkspace;
  task.words = [&args, kind, dtype] {
    return std::string(kind == VendorKind::attention ? "attention of " : "the gradient of attention of ") +
           dtype_name(dtype) + ", queries " + sizes_text({args.b, args.h, args.t, args.d}) + ", keys " +
           sizes_text({args.b, args.h / args.group, args.s, args.d});
  };
  return task;
}

void lay(DnnTask* task, std::initializer_list<HeadRows> operands, bool by_rows,
         std::initializer_list<const void*> results) {
  size_t at = 0;
  for (const HeadRows& x : operands)
    for (const int64_t word : {x.batch, x.head, x.row, dnn_alignment(x.data)}) task->layout[at++] = word;
  int64_t least = 16;
  for (const void* result : results) least = std::min(least, dnn_alignment(result));
  task->layout[at++] = least;
  task->layout[at] = by_rows;
}

// Weights so low that they are 0, without the infinities whose differences are none.
constexpr float kLow = std::numeric_limits<float>::lowest();

bool run_forward_by_library(const Call& call, const AttentionArgs& args, const DnnTask& named, int engine,
                            int* engines) {
  const TensorRef &y = call.out[0], &lse = call.out[1];
  const bool by_rows = call.attr[9] != 0;
  const HeadRows to = result_rows(y.data, args.h, args.t, args.e, by_rows);
  const auto scale = static_cast<float>(args.scale);
  std::vector<const void*> pointers{args.q.data, args.k.data, args.v.data, to.data, lse.data, &scale};
  if (is_causal(args)) pointers.push_back(&kLow);
  DnnTask task = named;
  lay(&task, {args.q, args.k, args.v}, by_rows, {to.data, lse.data});
  task.describe = [&](DnnGraph& graph) {
    const Operands operands(args, y.dtype);
    const int64_t keys = args.h / args.group;
    const int q = operands.rows(graph, args.q, args.h, args.t, args.d);
    const int k = operands.rows(graph, args.k, keys, args.s, args.d, true);
    const int v = operands.rows(graph, args.v, keys, args.s, args.e);
    const int result = operands.rows(graph, to, args.h, args.t, args.e);
    const int sums = operands.factors(graph, lse.data);
    const int factor = graph.value(4), low = is_causal(args) ? graph.value(4) : -1;
    const int scores = operands.scores(graph, q, k, factor, -1, low);
    const int most = graph.reduce(DnnReduction::maximum, scores);
    const int weights =
        graph.pointwise(DnnPointwise::exponential, graph.pointwise(DnnPointwise::subtract, scores, most));
    const int total = graph.reduce(DnnReduction::add, weights);
    graph.pointwise(DnnPointwise::add, most, graph.pointwise(DnnPointwise::logarithm, total), sums);
    graph.matmul(graph.pointwise(DnnPointwise::divide, weights, total, -1, operands.type()), v, result);
  };
  return dnn_run(call, task, pointers.data(), static_cast<int>(pointers.size()), engine, engines);
}

bool run_backward_by_library(const Call& call, const AttentionArgs& args, const DnnTask& named, int engine,
                             int* engines) {
  const TensorRef &gq = call.out[0], &gk = call.out[1], &gv = call.out[2];
  const HeadRows g = head_rows(call.in[0]), y = head_rows(call.in[1]);
  const void* lse = call.in[2].data;
  const bool by_rows = call.attr[9] != 0;
  const int64_t keys = args.h / args.group;
  const HeadRows to_q = result_rows(gq.data, args.h, args.t, args.d, by_rows),
                 to_k = result_rows(gk.data, keys, args.s, args.d, by_rows),
                 to_v = result_rows(gv.data, keys, args.s, args.e, by_rows);
  const auto scale = static_cast<float>(args.scale);
  const float one = 1;
  void* delta = call.scratch(static_cast<size_t>(int64_t{args.b} * args.h * args.t) * sizeof(float));
  std::vector<const void*> pointers{args.q.data, args.k.data, args.v.data, y.data, g.data, lse,
                                    to_q.data,   to_k.data,   to_v.data,   delta,  &scale, &one};
  if (is_causal(args)) pointers.push_back(&kLow);
  DnnTask task = named;
  lay(&task, {args.q, args.k, args.v, y, g}, by_rows, {to_q.data, to_k.data, to_v.data, lse});
  task.describe = [&](DnnGraph& graph) {
    const Operands operands(args, gq.dtype);
    const int q = operands.rows(graph, args.q, args.h, args.t, args.d);
    const int k = operands.rows(graph, args.k, keys, args.s, args.d, true);
    const int v = operands.rows(graph, args.v, keys, args.s, args.e, true);
    const int result = operands.rows(graph, y, args.h, args.t, args.e);
    const int grad = operands.rows(graph, g, args.h, args.t, args.e);
    const int sums = operands.factors(graph, lse);
    const int q_grad = operands.rows(graph, to_q, args.h, args.t, args.d);
    const int k_grad = operands.rows(graph, to_k, keys, args.s, args.d);
    const int v_grad = operands.rows(graph, to_v, keys, args.s, args.e);
    const int deltas = operands.factors(graph, delta);
    const int factor = graph.value(4), unit = graph.value(4), low = is_causal(args) ? graph.value(4) : -1;
    // Of heads that share keys: of each query's head, then added up.
    const auto to_keys = [&](int weights, int from, int64_t width, int to) {
      const int turned = graph.transpose(weights, operands.type());
      if (args.group == 1) return graph.matmul(turned, from, to);
      const int whole = graph.between(operands.type(), {args.b, args.h, args.s, width});
      graph.matmul(turned, from, whole);
      graph.reduce(DnnReduction::add, whole, to);
    };

    const int products = graph.pointwise(DnnPointwise::multiply, grad, result);
    graph.pointwise(DnnPointwise::multiply, graph.reduce(DnnReduction::add, products), unit, deltas);
    const int weights = graph.pointwise(DnnPointwise::exponential, operands.scores(graph, q, k, factor, sums, low));
    to_keys(weights, grad, args.e, v_grad);
    int scores = graph.between(DnnType::f32, {args.b, args.h, args.t, args.s});
    graph.matmul(grad, v, scores);
    scores = graph.pointwise(DnnPointwise::subtract, scores, deltas);
    scores = graph.pointwise(DnnPointwise::multiply, scores, weights);
    scores = graph.pointwise(DnnPointwise::multiply, scores, factor);
    to_keys(scores, q, args.d, k_grad);
    graph.matmul(scores, graph.transpose(k, operands.type()), q_grad);
  };
  return dnn_run(call, task, pointers.data(), static_cast<int>(pointers.size()), engine, engines);
}

}  // namespace

bool is_for_library(const Call& call, const AttentionArgs& args, bool backward) {
  if (!vendor_active()) return false;
  const DType dtype = call.in[backward ? 3 : 0].dtype;
  const bool some = std::min({args.b, args.h, args.t, args.s, args.d, args.e}) > 0;
  const bool plain = !args.adjusted && args.cap == 0 && !args.threshold && args.sequences < 0 && !args.table.data;
  const bool seen = args.left < 0 && (args.right < 0 || (args.right == 0 && (args.first_place || args.t == args.s)));
  const int64_t keys = args.group ? args.h / args.group : 0;
  bool spread = is_spread(args.q, args.b, args.h, args.t) && is_spread(args.k, args.b, keys, args.s) &&
                is_spread(args.v, args.b, keys, args.s);
  for (int i = 0; backward && i < 2; i++) spread = spread && is_spread(head_rows(call.in[i]), args.b, args.h, args.t);
  return (dtype == DType::bf16 || dtype == DType::f16) && some && plain && seen && spread;
}

void forward_by_choice(const Call& call, const AttentionArgs& args, const std::function<void()>& own) {
  const DnnTask task = task_of(call, args, VendorKind::attention, call.in[0].dtype);
  by_choice(
      call, task.name,
      [&](int engine, int* engines) { return run_forward_by_library(call, args, task, engine, engines); }, own);
}

void backward_by_choice(const Call& call, const AttentionArgs& args, const std::function<void()>& own) {
  const DnnTask task = task_of(call, args, VendorKind::attention_backward, call.in[3].dtype);
  by_choice(
      call, task.name,
      [&](int engine, int* engines) { return run_backward_by_library(call, args, task, engine, engines); }, own);
}

}  // namespace sinter::cuda
