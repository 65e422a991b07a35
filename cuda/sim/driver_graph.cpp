// Graphs: made executable, launched, updated. Their nodes are what the capture's streams were given.
#include <algorithm>

#include "graph.h"
#include "launch.h"

namespace sinter::sim::driver {

namespace {

std::shared_ptr<const std::vector<GraphRun::Node>> flattened(const Graph& graph) {
  auto nodes = std::make_shared<std::vector<GraphRun::Node>>();
  for (const auto& node : graph.nodes) {
    GraphRun::Node flat{node->work, {}};
    for (const GraphNode* before : node->after) flat.after.push_back(before->index);
    nodes->push_back(std::move(flat));
  }
  return nodes;
}

void remember_sources(GraphExec& executable, const Graph& graph) {
  executable.sources.clear();
  for (const auto& node : graph.nodes) executable.sources.push_back(node.get());
}

Graph& graph_of(CUgraph handle) { return state().graphs.get(handle, CUDA_ERROR_INVALID_VALUE); }
GraphExec& executable_of(CUgraphExec handle) { return state().executables.get(handle, CUDA_ERROR_INVALID_VALUE); }

GraphNode& node_of(CUgraphNode handle) {
  for (const Graph* graph : state().graphs.all())
    for (const auto& node : graph->nodes)
      if (node.get() == handle) return *node;
  refuse(CUDA_ERROR_INVALID_VALUE);
}

// Copies nodes into an array of *count, or only says how many there are.
void list(const std::vector<GraphNode*>& from, CUgraphNode* nodes, size_t* count) {
  require(count != nullptr);
  if (nodes)
    for (size_t i = 0; i < *count; ++i) nodes[i] = i < from.size() ? from[i] : nullptr;
  *count = nodes ? std::min(*count, from.size()) : from.size();
}

// What an executable node may not become (enumeration CUgraphExecUpdateResult).
int update_problem(const Work& old, const Work& now) {
  if (old.kind != now.kind) return 3;  // node type changed
  if (old.kind == WorkKind::kKernel) {
    const auto &a = static_cast<const KernelWork&>(old), &b = static_cast<const KernelWork&>(now);
    if (a.context() != b.context()) return 7;                  // unsupported change of function
    if (a.shape.cooperative != b.shape.cooperative) return 8;  // attributes changed
  }
  if (old.kind == WorkKind::kCopy) {
    const auto &a = static_cast<const CopyWork&>(old), &b = static_cast<const CopyWork&>(now);
    const AddressSpace& space = state().space;
    const auto sort = [&](const CopySide& side) { return space.is_device_address(side.address); };
    if (sort(a.to) != sort(b.to) || sort(a.from) != sort(b.from)) return 5;  // parameters changed
  }
  return 0;
}

}  // namespace

GraphNode* Graph::add(std::shared_ptr<Work> work, std::vector<GraphNode*> after) {
  nodes.push_back(std::make_unique<GraphNode>(GraphNode{nodes.size(), std::move(work), std::move(after)}));
  return nodes.back().get();
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* handle, CUgraph graph_handle, unsigned long long flags) {
  return entry([&] {
    const Graph& graph = graph_of(graph_handle);
    // 1: free memory at launch, 2: upload, 8: node priorities; launches from the device (4) are not simulated.
    require(handle && (flags & ~0xBull) == 0);
    auto executable = std::make_shared<GraphExec>();
    executable->nodes = flattened(graph);
    remember_sources(*executable, graph);
    *handle = state().executables.add(std::move(executable));
  });
}

CUresult cuGraphUpload(CUgraphExec handle, CUstream stream) {
  return entry([&] {
    executable_of(handle);
    stream_of(stream);
  });
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream_handle) {
  return entry([&] {
    GraphExec& executable = executable_of(handle);
    Stream& stream = stream_of(stream_handle);
    require(!stream.capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);  // child graphs are not simulated
    auto run = std::make_unique<GraphRun>();
    run->nodes = executable.nodes;
    run->done.assign(run->nodes->size(), 0);
    run->left = run->nodes->size();
    executable.last = submit(stream, std::move(run), executable.last);
  });
}

CUresult cuGraphExecUpdate_v2(CUgraphExec handle, CUgraph graph_handle, CUgraphExecUpdateResultInfo* result) {
  return entry([&] {
    GraphExec& executable = executable_of(handle);
    const Graph& graph = graph_of(graph_handle);
    require(result != nullptr);
    *result = {};
    const auto nodes = flattened(graph);
    const auto refuse_update = [&](int why, size_t node) {
      result->result = why;
      result->errorNode = node < graph.nodes.size() ? graph.nodes[node].get() : nullptr;
      refuse(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
    };
    if (nodes->size() != executable.nodes->size()) refuse_update(2, nodes->size());  // topology changed
    for (size_t i = 0; i < nodes->size(); ++i) {
      if ((*nodes)[i].after != (*executable.nodes)[i].after) refuse_update(2, i);
      if (const int why = update_problem(*(*executable.nodes)[i].work, *(*nodes)[i].work)) refuse_update(why, i);
    }
    executable.nodes = nodes;  // launches in flight keep the old ones
    remember_sources(executable, graph);
  });
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return entry(Needs::kDriver, [&] { state().executables.remove(executable_of(handle)); });
}

CUresult cuGraphDestroy(CUgraph handle) {
  return entry(Needs::kDriver, [&] { state().graphs.remove(graph_of(handle)); });
}

CUresult cuGraphGetNodes(CUgraph handle, CUgraphNode* nodes, size_t* count) {
  return entry(Needs::kDriver, [&] {
    std::vector<GraphNode*> all;
    for (const auto& node : graph_of(handle).nodes) all.push_back(node.get());
    list(all, nodes, count);
  });
}

CUresult cuGraphNodeGetType(CUgraphNode handle, CUgraphNodeType* type) {
  return entry(Needs::kDriver, [&] {
    require(type != nullptr);
    *type = static_cast<int>(node_of(handle).work->kind);
  });
}

CUresult cuGraphNodeGetDependencies_v2(CUgraphNode handle, CUgraphNode* nodes, CUgraphEdgeData* edges, size_t* count) {
  return entry(Needs::kDriver, [&] {
    list(node_of(handle).after, nodes, count);
    if (edges && nodes)
      for (size_t i = 0; i < *count; ++i) edges[i] = {};
  });
}

CUresult cuGraphKernelNodeGetParams_v2(CUgraphNode handle, CUDA_KERNEL_NODE_PARAMS* parameters) {
  return entry(Needs::kDriver, [&] {
    const GraphNode& node = node_of(handle);
    require(parameters && node.work->kind == WorkKind::kKernel);
    static_cast<KernelWork&>(*node.work).describe(*parameters);
  });
}

CUresult cuGraphExecKernelNodeSetParams_v2(CUgraphExec handle, CUgraphNode node,
                                           const CUDA_KERNEL_NODE_PARAMS* parameters) {
  return entry([&] {
    GraphExec& executable = executable_of(handle);
    require(parameters != nullptr);
    const auto found = std::find(executable.sources.begin(), executable.sources.end(), node);
    require(found != executable.sources.end());
    const auto index = static_cast<size_t>(found - executable.sources.begin());
    const Work& old = *(*executable.nodes)[index].work;
    require(old.kind == WorkKind::kKernel);
    auto work = make_kernel_work(*parameters, static_cast<const KernelWork&>(old).shape);
    require(update_problem(old, *work) == 0);
    auto nodes = std::make_shared<std::vector<GraphRun::Node>>(*executable.nodes);
    (*nodes)[index].work = std::move(work);
    executable.nodes = std::move(nodes);
  });
}

}  // namespace sinter::sim::driver
