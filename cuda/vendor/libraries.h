// The vendor's libraries that are here, or why they are not. Place in the whole: what `cuda.libraries()` and `sinter info` say.
#pragma once
#include <string>

namespace sinter::cuda {

struct VendorLibrary {
  std::string name;
  std::string version;  // "12.6.4"; empty: not here
  std::string missing;  // why
};
constexpr int kVendorLibraries = 3;  // cuBLASLt, cuSOLVER, cuDNN
// Opens it.
VendorLibrary vendor_library(int which);

}  // namespace sinter::cuda
