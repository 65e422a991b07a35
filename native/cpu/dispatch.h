// Which instruction set runs, and why. Place in the whole: chosen once, when the first stream opens.
#pragma once
#include <string>

namespace sinter::cpu {

struct IsaChoice {
  const char* name;       // baseline | avx2 | avx512 | avx512vnni | avx512bf16 | neon
  std::string reason;     // one sentence for `sinter info`
  std::string kernels;    // what its kernels look like
  std::string supported;  // what this machine and this build can run, comma-separated
};

// Throws Error when SINTER_ISA names a set that is unknown or that this machine cannot run.
const IsaChoice& isa_choice();

}  // namespace sinter::cpu
