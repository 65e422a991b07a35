// Runs kernels of one PTX file over the interpreter, with no driver between: for golden.test.ts, which holds what they write
// against what a GPU wrote.
//
//   sim_golden PTX WORDS OUTPUT [PROFILE [check]]
//
// WORDS: all kernels' inputs; OUTPUT: gets all kernels' outputs, one after another; PROFILE: gets the profile, unless
// it is empty; check: under the checker.
//
// Standard input has a line a launch:
//   name  offset words (of the input; -1 n: the numbers 0 to n - 1)  words of output  initial  n  grid (3)  block (3)  shared
//   cluster (3)  launches  seed  [what the tensor map, the fourth parameter, points to: in or out; its arguments, read_map()]
// Standard output a line each: "ok", the fault's number and message, or "reported" and the checker's first report.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cuda/sim/checker.h"
#include "cuda/sim/interpreter.h"
#include "cuda/sim/profile.h"
#include "cuda/sim/tensor_map.h"

using namespace sinter::sim;

namespace {

std::string contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream all;
  all << file.rdbuf();
  return all.str();
}

Dim triple(std::istream& in) {
  Dim dim;
  in >> dim.x >> dim.y >> dim.z;
  return dim;
}

Allocation& filled(AddressSpace& space, const std::vector<uint32_t>& words) {
  Allocation* made = space.allocate(0, std::max<size_t>(words.size() * 4, 16), Allocation::Kind::kDevice, "buffer");
  std::copy(words.begin(), words.end(), reinterpret_cast<uint32_t*>(made->data));
  return *made;
}

TensorMap read_map(std::istream& in) {
  TensorMap map;
  in >> map.type >> map.rank >> map.im2col >> map.interleave >> map.swizzle >> map.promotion >> map.fill;
  for (uint64_t& it : map.dims) in >> it;
  for (uint64_t& it : map.strides) in >> it;
  for (uint32_t& it : map.box) in >> it;
  for (uint32_t& it : map.steps) in >> it;
  for (int& it : map.lower) in >> it;
  for (int& it : map.upper) in >> it;
  in >> map.channels >> map.pixels;
  return map;
}

void run(const Program& program, const std::string& words, std::ofstream& output, Checker* checker, Profile* profile,
         std::istringstream line) {
  std::string name;
  int64_t offset = 0, count = 0, out_words = 0;
  uint32_t initial = 0, n = 0;
  int launches = 1;
  Launch launch;
  line >> name >> offset >> count >> out_words >> initial >> n;
  launch.grid = triple(line), launch.block = triple(line);
  line >> launch.dynamic_shared;
  launch.cluster = triple(line);
  line >> launches >> launch.seed;
  launch.clustered = launch.cluster.count() > 1;

  std::vector<uint32_t> input(static_cast<size_t>(count));
  for (size_t i = 0; i < input.size(); ++i)
    input[i] = offset < 0 ? static_cast<uint32_t>(i)
                          : reinterpret_cast<const uint32_t*>(words.data())[static_cast<size_t>(offset) + i];
  AddressSpace space;
  space.track_written(checker != nullptr);
  Memory memory(space, 0);
  Allocation& source = filled(space, input);
  Allocation& target = filled(space, std::vector<uint32_t>(static_cast<size_t>(out_words), initial));
  struct {
    uint64_t source, target;
    uint32_t n;
    alignas(64) uint32_t map[32];
  } parameters{source.address, target.address, n, {}};
  if (std::string base; line >> base) {
    TensorMap map = read_map(line);
    map.address = base == "in" ? source.address : target.address;
    if (const std::string why = encode_tensor_map(map, parameters.map); !why.empty()) throw std::invalid_argument(why);
  }
  launch.parameters = reinterpret_cast<const std::byte*>(&parameters);

  for (Allocation* it : {&source, &target}) AddressSpace::mark_written(*it, it->address, it->bytes);

  const Function* function = program.find(name);
  LaunchResult result;
  if (!function) result = {Fault::kTrap, "there is no such kernel"};
  for (int i = 0; function && i < launches && result.fault == Fault::kNone; ++i)
    result = execute(program, *function, launch, memory, checker, profile);
  output.write(reinterpret_cast<const char*>(target.data), out_words * 4);
  const std::vector<Checker::Report> reports = checker ? checker->take() : std::vector<Checker::Report>{};
  if (result.fault == Fault::kNone)
    std::puts(reports.empty() ? "ok" : ("reported " + reports[0].text).c_str());
  else
    std::printf("%d %s\n", static_cast<int>(result.fault), result.message.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 6) return 2;
  const std::string profile_path = argc > 4 ? argv[4] : "";
  try {
    const auto program = parse(contents(argv[1]));
    const std::string words = contents(argv[2]);
    std::ofstream output(argv[3], std::ios::binary);
    Profile profile;
    Checker checker;
    for (std::string line; std::getline(std::cin, line);)
      run(*program, words, output, argc == 6 ? &checker : nullptr, profile_path.empty() ? nullptr : &profile,
          std::istringstream(line));
    if (!profile_path.empty()) std::ofstream(profile_path) << profile.json();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
