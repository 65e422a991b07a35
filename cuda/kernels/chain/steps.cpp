#include "cuda/kernels/chain/steps.h"

namespace sinter::cuda {

namespace {

// kTable, a name and a text after the other, each with a zero behind it; and kPairs, the two characters that each character from 128 on
// stands for.
#include SINTER_CHAIN_STEPS

void append(std::string& text, std::string_view packed) {
  for (const char c : packed) {
    const int code = static_cast<unsigned char>(c);
    if (code < 128)
      text += c;
    else
      append(text, {kPairs + 2 * (code - 128), 2});
  }
}

}  // namespace

std::string step_function(std::string_view name) {
  std::string text;
  for (const char *at = kTable, *const end = kTable + sizeof kTable - 1; at < end;) {
    const std::string_view entry = at, packed = at + entry.size() + 1;
    if (entry == name) append(text, packed);
    at = packed.data() + packed.size() + 1;
  }
  return text;
}

}  // namespace sinter::cuda
