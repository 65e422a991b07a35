// Which instruction set runs, and why. Place in the whole: chosen once, when the first stream opens.
#pragma once
#include <string>

#include "engine/call.h"

namespace sinter::cpu {

struct IsaChoice {
  const char* name;       // baseline | avx2 | avx512 | avx512vnni | avx512bf16 | amx | neon
  std::string reason;     // one sentence for `sinter info`
  std::string kernels;    // what its kernels look like
  std::string supported;  // what this machine and this build can run, comma-separated
};

// For test builds: a set that SINTER_ISA may name and nothing else chooses, kernels in front of another set's. Before the choice.
void add_test_isa(const char* name, const char* base, void (*override_table)(Kernel*));

// Whether the processor has Intel's AMX for bytes and bf16, and the system lets this process use it: Linux from 5.16 on gives its
// registers to processes that ask (Documentation/arch/x86/xstate.rst), which this does.
bool matrix_unit_granted();

// Throws Error when SINTER_ISA names a set that is unknown or that this machine cannot run.
const IsaChoice& isa_choice();

}  // namespace sinter::cpu
