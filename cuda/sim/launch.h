// A launch of a kernel as work of a stream or node of a graph.
#pragma once
#include "work.h"

namespace sinter::sim::driver {

struct LaunchShape {
  Dim grid, block;
  Dim cluster{0, 0, 0};  // zeros: not given
  uint32_t dynamic_shared = 0;
  bool cooperative = false;
  bool clustered = false;  // a cluster was asked for, if only of one block
};

class KernelWork final : public Work {
 public:
  KernelWork(Function& function, const LaunchShape& shape, std::vector<std::byte> parameters);
  Outcome run(Context& context) override;
  uint64_t nanoseconds() const override { return state().settings.launch_ns; }

  const Context* context() const { return context_; }
  // For cuGraphKernelNodeGetParams: pointers into this object.
  void describe(CUDA_KERNEL_NODE_PARAMS& out);

  LaunchShape shape;

 private:
  std::shared_ptr<Function> function_;
  std::shared_ptr<const Program> program_;
  std::vector<uint64_t> variables_;  // addresses
  const Context* context_;
  std::vector<std::byte> parameters_;
  std::vector<void*> pointers_;  // made by describe
};

// The profile so far, as JSON.
std::string take_profile(bool reset);

// Checks and packs as cuLaunchKernel does; cluster and cooperation are taken from [like].
std::shared_ptr<KernelWork> make_kernel_work(const CUDA_KERNEL_NODE_PARAMS& parameters, const LaunchShape& like);

}  // namespace sinter::sim::driver
