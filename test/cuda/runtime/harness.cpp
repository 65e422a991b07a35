// The program of the runtime's tests: runs one case. Place in the whole: called by runtime.test.ts and probe.test.ts.
#include "harness.h"

#include <cstring>
#include <fstream>
#include <iterator>

#include "cuda/runtime/probe.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

// Without an operator a build has no CUDA, whatever the machine has.
SINTER_CUDA_OP(add) {}

namespace test {

namespace {

struct Named {
  const char* name;
  void (*run)();
};
std::vector<Named>& cases() {
  static std::vector<Named> list;
  return list;
}

}  // namespace

Case::Case(const char* name, void (*run)()) { cases().push_back({name, run}); }

static char text[16384];
const Image image_kernels{"kernels", text, sizeof text};
constinit Kernel affine{image_kernels, "affine"};
constinit Kernel through_shared{image_kernels, "through_shared"};
constinit Kernel astray{image_kernels, "astray"};

CASE(probe_prints) {
  const Probe& p = probe();
  std::printf("%d %d %s\n", p.devices, p.driver_version, p.reason.c_str());
}

static int run(const char* name, const char* kernels) {
  std::ifstream file(kernels);
  const std::string source{std::istreambuf_iterator<char>(file), {}};
  if (source.empty() || source.size() >= sizeof text) return std::fprintf(stderr, "cannot take %s\n", kernels), 2;
  std::memcpy(text, source.c_str(), source.size() + 1);
  for (const Named& c : cases()) {
    if (std::strcmp(c.name, name) != 0) continue;
    try {
      c.run();
      return 0;
    } catch (const Failure& f) {
      std::fprintf(stderr, "%s\n", f.text.c_str());
    } catch (const Error& e) {
      std::fprintf(stderr, "unexpected error: %s\n", e.message.c_str());
    }
    return 1;
  }
  return std::fprintf(stderr, "no case %s\n", name), 2;
}

}  // namespace test

}  // namespace sinter::cuda

// harness CASE kernels.ptx
int main(int argc, char** argv) {
  if (argc == 3) return sinter::cuda::test::run(argv[1], argv[2]);
  for (const auto& c : sinter::cuda::test::cases()) std::puts(c.name);
}
