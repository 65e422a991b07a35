#include "cuda/vendor/libraries.h"

#include "cuda/runtime/library.h"
#include "cuda/vendor/cublaslt.h"
#include "cuda/vendor/cudnn.h"

namespace sinter::cuda {

namespace {

// Of major * `step` + minor * 100 + patch.
std::string version_text(size_t version, size_t step) {
  return std::to_string(version / step) + "." + std::to_string(version % step / 100) + "." +
         std::to_string(version % 100);
}

VendorLibrary cusolver() {
  Library library = open_cusolver();
  VendorLibrary found{"cuSOLVER", {}, library.missing};
  using GetVersion = int (*)(int*);
  const auto get = reinterpret_cast<GetVersion>(find_symbol(library, "cusolverGetVersion"));
  int version = 0;
  if (found.missing.empty())
    found.version = get && get(&version) == 0 ? version_text(static_cast<size_t>(version), 1000) : "of unknown version";
  return found;
}

}  // namespace

VendorLibrary vendor_library(int which) {
  if (which == 1) return cusolver();
  if (which == 2) {
    const DnnLibrary& dnn = dnn_library();
    return {"cuDNN", dnn.missing.empty() ? version_text(dnn.version, 10000) : "", dnn.missing};
  }
  const LtLibrary& lt = lt_library();
  return {"cuBLASLt", lt.missing.empty() ? version_text(lt.version, 10000) : "", lt.missing};
}

}  // namespace sinter::cuda
