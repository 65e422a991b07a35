// Which instructions of kernels were executed, over all processes of a run of tests. Place in the whole: driver_launch.cpp tells it of
// every launch's counts; scripts/cuda-coverage.mjs reads what it writes.
//
// Each process appends to a file of its own in one folder, a line of JSON at a time and whenever it has reached something new, as
// test runners kill their processes:
//   {"kernel": name, "files": [...], "at": [file, line, file, line, ...]}    the first launch: where each instruction is from
//   {"kernel": name, "instructions": n, "reached": [...]}                    those that no earlier launch has reached
#pragma once
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "code.h"
#include "interpreter.h"

namespace sinter::sim {

class Coverage {
 public:
  explicit Coverage(const std::string& folder);
  // [counts]: of a launch, by instruction.
  void add(const Program& program, const Function& function, const std::vector<uint64_t>& counts);

 private:
  std::ofstream file_;
  // By the kernel's name and its number of instructions: another module may have a kernel of the same name.
  std::map<std::pair<std::string, size_t>, std::vector<bool>> reached_;
};

}  // namespace sinter::sim
