// Device code as the build embeds it. Place in the whole: one for each .cu file of cuda/kernels, defined by the build
// (cmake/SinterCuda.cmake) as `extern const Image image_<stem>` in this namespace; kernels (launch.h) name theirs.
#pragma once
#include <cstddef>

namespace sinter::cuda {

struct Image {
  const char* name;  // the file's stem
  const void* data;  // PTX text that ends in a zero byte; null: in the archives (archive.h)
  size_t bytes;
};

}  // namespace sinter::cuda
