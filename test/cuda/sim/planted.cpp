// Runs a kernel of planted.ptx under the checker: for planted.test.ts.
//
//   sim_planted PTX KERNEL SEED      two blocks of 128 threads, 512 bytes of dynamic shared memory
//
// Parameters: 1024 words that hold their index, as many that nothing was stored to, 1024. Of kernels named ..._use_after_free with
// bug_ in front, the first have been freed. Prints the fault, if any, and then a line each report.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cuda/sim/checker.h"
#include "cuda/sim/interpreter.h"

using namespace sinter::sim;

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    std::stringstream text;
    text << std::ifstream(argv[1]).rdbuf();
    const auto program = parse(text.str());
    const std::string name = argv[2];
    const Function* function = program->find(name);
    if (!function) throw std::runtime_error("there is no kernel " + name);

    AddressSpace space;
    space.track_written(true);
    Memory memory(space, 0);
    constexpr uint32_t kWords = 1024;
    Allocation* in = space.allocate(0, 4 * kWords, Allocation::Kind::kDevice, "in");
    Allocation* out = space.allocate(0, 4 * kWords, Allocation::Kind::kDevice, "out");
    for (uint32_t i = 0; i < kWords; ++i) reinterpret_cast<uint32_t*>(in->data)[i] = i;
    AddressSpace::mark_written(*in, in->address, in->bytes);
    struct {
      uint64_t in, out;
      uint32_t n;
    } parameters{in->address, out->address, kWords};
    if (name == "bug_use_after_free") space.free(*in);

    Launch launch;
    launch.grid.x = 2, launch.block.x = 128;
    launch.dynamic_shared = 512;
    launch.parameters = reinterpret_cast<const std::byte*>(&parameters);
    launch.seed = std::stoull(argv[3]);
    launch.budget = 1'000'000;
    Checker checker;
    const LaunchResult result = execute(*program, *function, launch, memory, &checker);
    if (result.fault != Fault::kNone) std::printf("fault: %s\n", result.message.c_str());
    for (const Checker::Report& it : checker.take())
      std::printf("%s (%llu times)\n", it.text.c_str(), static_cast<unsigned long long>(it.count));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
