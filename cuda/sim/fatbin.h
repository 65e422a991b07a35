// Finding PTX in what a program hands to cuModuleLoadData: PTX text, or a fatbin (what `fatbinary` writes) with a PTX entry.
#pragma once
#include <string>
#include <string_view>

namespace sinter::sim::driver {

// The parts of a PTX text's head that decide whether a device takes it.
struct PtxHead {
  int version = 0;  // 85 for .version 8.5
  int target = 0;   // 90 for sm_90a
  char suffix = 0;  // 'a' (that one device only), 'f' (its family), 0
};
// False where [ptx] does not begin as PTX does.
bool read_head(std::string_view ptx, PtxHead& head);

// May a device of [capability] run it?
bool runs_on(const PtxHead& head, int capability);

enum class Found { kPtx, kNothing, kNoDevice, kCompressed, kBinaryOnly };
// The PTX of [image] that suits the device best; a view into it.
Found find_ptx(const void* image, int capability, std::string_view& ptx);

}  // namespace sinter::sim::driver
