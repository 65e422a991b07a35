#include "test/cuda/runtime/replaced_image.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace sinter::cuda {

Image replaced(Image image) {
  const char* folder = std::getenv("SINTER_CUDA_IMAGES");
  if (!folder) return image;
  std::ifstream file(std::string(folder) + "/" + image.name + ".ptx", std::ios::binary);
  if (!file) return image;
  // Kept for the life of the process, as the embedded text is.
  const auto* text = new std::string(std::istreambuf_iterator<char>(file), {});
  return {image.name, text->c_str(), text->size()};
}

}  // namespace sinter::cuda
