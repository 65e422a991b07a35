#include "cuda/kernels/chain/steps.h"

namespace sinter::cuda {

extern const Image image_chain_steps;

Steps::Steps(const char* table) {
  while (*table) {
    const std::string_view name = table, text = table + name.size() + 1;
    texts_.emplace(name, text);
    table = text.data() + text.size() + 1;
  }
}

std::string_view Steps::text(std::string_view name) const {
  const auto found = texts_.find(name);
  return found == texts_.end() ? std::string_view() : found->second;
}

const Steps& steps_of(Device& device) {
  static const Steps& steps = *new Steps(device.modules().text(image_chain_steps));
  return steps;
}

}  // namespace sinter::cuda
