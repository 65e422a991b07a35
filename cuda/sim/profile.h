// The profile: what kernels executed, and how well they access memory. Place in the whole: the scheduler counts instructions and
// handlers tell of accesses, each worker in counters of its own (Worker::counts, Worker::traffic); here they come together.
//
// The figures do not depend on time or on the order of things, so tests can hold them: sectors of 32 bytes that a warp's request
// to global memory touches, and wavefronts of shared memory (passes over its 32 banks), each against the fewest possible.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "machine.h"

namespace sinter::sim {

enum class Where : uint8_t;

class Profile {
 public:
  void launched(const Run& run);
  void add_counts(const Run& run, const Worker& worker);
  // A warp's request, of [bytes] for each lane of [mask].
  static void access(Warp& warp, const Instruction& in, Where where, const uint64_t* addresses, uint32_t mask,
                     uint32_t bytes);

  bool empty() const { return kernels_.empty(); }
  void reset();
  // {"kernels": {name: {launches, warpInstructions, coverage, mma, ldmatrix, cpAsync, global, shared, lines: [...]}}}
  std::string json() const;

 private:
  struct Kernel {
    uint64_t launches = 0;
    std::vector<std::string> files;
    std::vector<Origin> origins;
    std::vector<uint64_t> counts;
    std::vector<Traffic> traffic;
  };
  Kernel& kernel_of(const Run& run);

  mutable std::mutex lock_;
  std::map<std::string, Kernel> kernels_;
};

}  // namespace sinter::sim
