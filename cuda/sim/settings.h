// What the simulated machine is like, and which faults it has. Place in the whole: read from the environment when cuInit is called,
// changed while a program runs through cudasim_set; README.md lists the keys.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace sinter::sim::driver {

struct Settings {
  int devices = 1;
  int capability = 80;            // 80, 86, 89, 90, 100 or 120
  int multiprocessors = 0;        // 0: those of the capability's card
  int version = 13000;            // of the driver, as cuDriverGetVersion gives it
  uint64_t memory = 8ull << 30;   // bytes of each device
  uint64_t seed = 0;              // 0: as late as can be; otherwise the order in which streams' work is done
  int workers = 0;                // threads that execute blocks; 0: one a core
  bool check = false;             // the executor's checker of accesses
  uint64_t budget = 500'000'000;  // warp instructions in which some block of a launch must end; 0: no limit
  std::string profile;            // file for the executor's profile, "on": it is only counted; empty: it is not
  std::string coverage;           // folder for what kernels' instructions were executed (coverage.h); empty: none
  uint64_t launch_ns = 4000;      // what a launch is said to take
  uint64_t fail_alloc = 0;        // so many more device allocations until one fails, once; 0: none does
  uint64_t fail_host_alloc = 0;   // likewise for pinned memory
  uint64_t fail_copy = 0;         // likewise for executed copies
  uint64_t lose_after = 0;        // so many more executed launches until the device is lost; 0: never
};

// Takes key (in lower case, without the SINTER_SIM_ of the environment) and value. False: there is no such key, or no such value.
bool assign(Settings& settings, std::string_view key, std::string_view value);

// The defaults with the environment's SINTER_SIM_* over them. Throws std::invalid_argument naming a variable that says nothing sensible
// or is unknown: a misspelt setting must not turn a check off.
Settings from_environment();

}  // namespace sinter::sim::driver
