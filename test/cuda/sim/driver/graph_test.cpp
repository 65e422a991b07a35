// Capturing streams, and graphs.
#include <algorithm>
#include <set>
#include <thread>

#include "harness.h"

using namespace sim_test;

namespace {

constexpr int kGlobal = 0, kThreadLocal = 1, kRelaxed = 2;

CUgraph end_capture(CUstream queue) {
  CUgraph graph = nullptr;
  OK(cu.cuStreamEndCapture(queue, &graph));
  CHECK(graph != nullptr);
  return graph;
}

CUgraphExec instantiate(CUgraph graph) {
  CUgraphExec executable = nullptr;
  OK(cu.cuGraphInstantiateWithFlags(&executable, graph, 0));
  return executable;
}

size_t nodes_of(CUgraph graph) {
  size_t count = 0;
  OK(cu.cuGraphGetNodes(graph, nullptr, &count));
  return count;
}

}  // namespace

SIM_TEST(a_captured_stream_does_nothing_until_launched) {
  start();
  const CUfunction add = kernel(load(), "add_to");
  const CUstream queue = stream();
  const CUdeviceptr words = upload({1}), copy = upload({0});
  OK(cu.cuStreamBeginCapture_v2(queue, kGlobal));
  int status = 0;
  OK(cu.cuStreamIsCapturing(queue, &status));
  CHECK(status == 1);
  add_to(add, words, 1, 1, queue);
  OK(cu.cuMemcpyDtoDAsync_v2(copy, words, 4, queue));
  OK(cu.cuMemsetD32Async(words, 10, 1, queue));
  const CUgraph graph = end_capture(queue);
  OK(cu.cuStreamIsCapturing(queue, &status));
  CHECK(status == 0 && nodes_of(graph) == 3);
  OK(cu.cuCtxSynchronize());
  CHECK(download(words, 1)[0] == 1);
  const CUgraphExec executable = instantiate(graph);
  OK(cu.cuGraphDestroy(graph));
  for (int i = 0; i < 2; ++i) OK(cu.cuGraphLaunch(executable, queue));
  OK(cu.cuStreamSynchronize(queue));
  CHECK(download(words, 1)[0] == 10 && download(copy, 1)[0] == 11);
  OK(cu.cuGraphExecDestroy(executable));
  GIVES(cu.cuGraphLaunch(executable, queue), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuGraphDestroy(graph), CUDA_ERROR_INVALID_VALUE);
}

SIM_TEST(parameters_are_those_of_the_capture) {
  start();
  const CUfunction add = kernel(load(), "add_to");
  const CUstream queue = stream();
  const CUdeviceptr words = upload({1});
  OK(cu.cuStreamBeginCapture_v2(queue, kGlobal));
  {
    unsigned by = 5;
    add_to(add, words, by, 1, queue);
    by = 7;
  }
  const CUgraphExec executable = instantiate(end_capture(queue));
  OK(cu.cuGraphLaunch(executable, queue));
  OK(cu.cuStreamSynchronize(queue));
  CHECK(download(words, 1)[0] == 6);
}

// first -> left, right -> last, over two streams.
SIM_TEST(a_fork_joined_by_events_is_captured) {
  start();
  static std::string order;
  const CUstream main = stream(), side = stream();
  const CUevent forked = event(), joined = event();
  const auto say = [](CUstream queue, const char* name) {
    OK(cu.cuLaunchHostFunc(
        queue, [](void* data) { order += static_cast<const char*>(data); }, const_cast<char*>(name)));
  };
  OK(cu.cuStreamBeginCapture_v2(main, kGlobal));
  say(main, "f");
  OK(cu.cuEventRecord(forked, main));
  OK(cu.cuStreamWaitEvent(side, forked, 0));
  say(main, "l");
  say(main, "m");
  say(side, "r");
  OK(cu.cuEventRecord(joined, side));
  OK(cu.cuStreamWaitEvent(main, joined, 0));
  say(main, "z");
  GIVES(cu.cuEventSynchronize(joined), CUDA_ERROR_CAPTURED_EVENT);
  const CUgraph graph = end_capture(main);
  CHECK(nodes_of(graph) == 5);
  std::vector<CUgraphNode> nodes(5);
  size_t count = 5;
  OK(cu.cuGraphGetNodes(graph, nodes.data(), &count));
  int type = -1;
  OK(cu.cuGraphNodeGetType(nodes[0], &type));
  CHECK(type == 3);
  count = 0;
  OK(cu.cuGraphNodeGetDependencies_v2(nodes[4], nullptr, nullptr, &count));
  CHECK(count == 2);
  const CUgraphExec executable = instantiate(graph);
  std::set<std::string> orders;
  for (int seed = 0; seed <= 20; ++seed) {
    CHECK(cu.set("seed", std::to_string(seed).c_str()) == 0);
    order.clear();
    OK(cu.cuGraphLaunch(executable, side));
    OK(cu.cuStreamSynchronize(side));
    CHECK(order.size() == 5 && order.front() == 'f' && order.back() == 'z' && order.find('l') < order.find('m'));
    orders.insert(order);
  }
  CHECK(orders.size() == 3);  // r before l, between l and m, after m
}

SIM_TEST(captures_that_go_wrong) {
  start();
  const CUfunction add = kernel(load(), "add_to");
  const CUstream main = stream(), side = stream(), blocking = stream(0);
  const CUdeviceptr words = upload({1});
  const CUevent forked = event(), outside = event();
  CUgraph graph = nullptr;
  GIVES(cu.cuStreamEndCapture(main, &graph), CUDA_ERROR_ILLEGAL_STATE);
  GIVES(cu.cuStreamBeginCapture_v2(nullptr, kGlobal), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);

  // Not joined.
  OK(cu.cuStreamBeginCapture_v2(main, kGlobal));
  GIVES(cu.cuStreamBeginCapture_v2(main, kGlobal), CUDA_ERROR_ILLEGAL_STATE);
  OK(cu.cuEventRecord(forked, main));
  OK(cu.cuStreamWaitEvent(side, forked, 0));
  add_to(add, words, 1, 1, side);
  GIVES(cu.cuStreamEndCapture(side, &graph), CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
  GIVES(cu.cuStreamEndCapture(main, &graph), CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  CHECK(graph == nullptr);
  int status = -1;
  OK(cu.cuStreamIsCapturing(side, &status));
  CHECK(status == 0);

  // Waiting for what is captured, allocating: the capture is lost.
  OK(cu.cuStreamBeginCapture_v2(main, kGlobal));
  GIVES(cu.cuStreamSynchronize(main), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  GIVES(cu.cuStreamEndCapture(main, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  OK(cu.cuStreamBeginCapture_v2(main, kThreadLocal));
  CUdeviceptr more = 0;
  GIVES(cu.cuMemAlloc_v2(&more, 4), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  GIVES(cu.cuMemsetD32Async(words, 0, 1, main), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  GIVES(cu.cuStreamEndCapture(main, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  OK(cu.cuStreamBeginCapture_v2(main, kRelaxed));
  OK(cu.cuMemAlloc_v2(&more, 4));
  end_capture(main);

  // Work of other streams, recorded before: no part of the graph.
  add_to(add, words, 1, 1, side);
  OK(cu.cuEventRecord(outside, side));
  OK(cu.cuStreamBeginCapture_v2(main, kGlobal));
  GIVES(cu.cuStreamWaitEvent(main, outside, 0), CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  GIVES(cu.cuStreamEndCapture(main, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);

  // Two captures do not meet.
  OK(cu.cuStreamBeginCapture_v2(main, kGlobal));
  OK(cu.cuStreamBeginCapture_v2(side, kGlobal));
  OK(cu.cuEventRecord(forked, main));
  GIVES(cu.cuStreamWaitEvent(side, forked, 0), CUDA_ERROR_STREAM_CAPTURE_MERGE);
  GIVES(cu.cuStreamEndCapture(main, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  GIVES(cu.cuStreamEndCapture(side, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);

  // The legacy stream would make a blocking stream wait.
  OK(cu.cuStreamBeginCapture_v2(blocking, kRelaxed));
  GIVES(cu.cuMemsetD32Async(words, 0, 1, nullptr), CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
  GIVES(cu.cuStreamEndCapture(blocking, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  OK(cu.cuStreamBeginCapture_v2(main, kRelaxed));
  OK(cu.cuMemsetD32Async(words, 0, 1, nullptr));  // this one does not block
  end_capture(main);
}

SIM_TEST(captures_forbid_other_threads_by_their_mode) {
  const CUcontext context = start();
  const CUstream main = stream();
  const auto elsewhere = [&](CUresult wanted) {
    std::thread([&] {
      OK(cu.cuCtxSetCurrent(context));
      CUdeviceptr address = 0;
      GIVES(cu.cuMemAlloc_v2(&address, 4), wanted);
    }).join();
  };
  CUgraph graph = nullptr;
  OK(cu.cuStreamBeginCapture_v2(main, kThreadLocal));
  elsewhere(CUDA_SUCCESS);
  end_capture(main);
  OK(cu.cuStreamBeginCapture_v2(main, kGlobal));
  elsewhere(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  GIVES(cu.cuStreamEndCapture(main, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  OK(cu.cuStreamBeginCapture_v2(main, kGlobal));
  std::thread([&] {
    OK(cu.cuCtxSetCurrent(context));
    GIVES(cu.cuStreamEndCapture(main, &graph), CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
  }).join();
  end_capture(main);
  int mode = kRelaxed;
  OK(cu.cuThreadExchangeStreamCaptureMode(&mode));
  CHECK(mode == kGlobal);
  OK(cu.cuStreamBeginCapture_v2(main, kGlobal));
  CUdeviceptr address = 0;
  OK(cu.cuMemAlloc_v2(&address, 4));
  end_capture(main);
}

SIM_TEST(graphs_are_updated) {
  start();
  const CUmodule module = load();
  const CUfunction add = kernel(module, "add_to"), copy = kernel(module, "copy_words");
  const CUstream queue = stream();
  const CUdeviceptr words = upload({1, 1});
  const auto captured = [&](unsigned by, bool more) {
    OK(cu.cuStreamBeginCapture_v2(queue, kGlobal));
    add_to(add, words, by, 1, queue);
    if (more) copy_words(copy, words + 4, words, 1, queue);
    return end_capture(queue);
  };
  const CUgraphExec executable = instantiate(captured(1, true));
  OK(cu.cuGraphLaunch(executable, queue));
  CUgraphExecUpdateResultInfo result{};
  OK(cu.cuGraphExecUpdate_v2(executable, captured(10, true), &result));  // the launch before keeps its 1
  CHECK(result.result == 0);
  OK(cu.cuGraphLaunch(executable, queue));
  OK(cu.cuStreamSynchronize(queue));
  CHECK(download(words, 2) == std::vector<unsigned>({12, 12}));
  GIVES(cu.cuGraphExecUpdate_v2(executable, captured(1, false), &result), CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  CHECK(result.result == 2);
  OK(cu.cuStreamBeginCapture_v2(queue, kGlobal));
  add_to(add, words, 1, 1, queue);
  OK(cu.cuMemsetD32Async(words, 1, 1, queue));
  GIVES(cu.cuGraphExecUpdate_v2(executable, end_capture(queue), &result), CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  CHECK(result.result == 3);
}

SIM_TEST(one_node_is_updated) {
  start();
  const CUfunction add = kernel(load(), "add_to");
  const CUstream queue = stream();
  CUdeviceptr words = upload({1});
  OK(cu.cuStreamBeginCapture_v2(queue, kGlobal));
  add_to(add, words, 1, 1, queue);
  const CUgraph graph = end_capture(queue);
  const CUgraphExec executable = instantiate(graph);
  CUgraphNode node = nullptr;
  size_t count = 1;
  OK(cu.cuGraphGetNodes(graph, &node, &count));
  CUDA_KERNEL_NODE_PARAMS parameters{};
  OK(cu.cuGraphKernelNodeGetParams_v2(node, &parameters));
  CHECK(parameters.func == add && parameters.blockDimX == 256 &&
        *static_cast<unsigned*>(parameters.kernelParams[1]) == 1);
  unsigned by = 100, n = 1;
  void* pointers[] = {&words, &by, &n};
  parameters.kernelParams = pointers;
  OK(cu.cuGraphExecKernelNodeSetParams_v2(executable, node, &parameters));
  parameters.blockDimX = 2000;
  GIVES(cu.cuGraphExecKernelNodeSetParams_v2(executable, node, &parameters), CUDA_ERROR_INVALID_VALUE);
  OK(cu.cuGraphLaunch(executable, queue));
  OK(cu.cuStreamSynchronize(queue));
  CHECK(download(words, 1)[0] == 101);
}
