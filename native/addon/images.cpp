// Decoded images, where JavaScript would spend more on them than decoding their last block did. Place in the whole: under the readers of
// images (lib/data/readers), on whichever thread they run.
#include <cstring>

#include "addon/env.h"
#include "addon/values.h"

namespace sinter::addon {

namespace {

// The least that kernels are compiled for has it: the loop below needs its byte shuffles to be vectorized well.
#ifdef __x86_64__
#define SINTER_SHUFFLES __attribute__((target("ssse3")))
#else
#define SINTER_SHUFFLES
#endif

// Pixels (n, kChannels) as planes (kChannels, n): 20 us for 375 x 500 pixels of 3, which took 256 in JavaScript.
template <size_t kChannels>
SINTER_SHUFFLES void separate(const uint8_t* __restrict source, size_t n, uint8_t* __restrict target) {
  uint8_t* planes[kChannels];
  for (size_t c = 0; c < kChannels; c++) planes[c] = target + c * n;
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < kChannels; c++) planes[c][i] = source[i * kChannels + c];
}

// toPlanes(source: Uint8Array, channels, target: Uint8Array, offset): into source.length bytes of target from offset on
napi_value to_planes(napi_env env, napi_callback_info info) {
  Args<4> a(env, info);
  void *source = nullptr, *target = nullptr;
  size_t bytes = 0, room = 0;
  if (!a.bytes(0, &source, &bytes) || !a.bytes(2, &target, &room)) return nullptr;
  const uint32_t channels = a.u32(1);
  const auto offset = static_cast<size_t>(a.number(3));
  if (channels < 1 || channels > 4 || bytes % channels != 0 || offset > room || bytes > room - offset) {
    napi_throw_range_error(env, "SINTER_INTERNAL", "native call: planes do not fit");
    return nullptr;
  }
  const auto* from = static_cast<const uint8_t*>(source);
  uint8_t* to = static_cast<uint8_t*>(target) + offset;
  const size_t n = bytes / channels;
  switch (channels) {
    case 1: std::memmove(to, from, n); break;
    case 2: separate<2>(from, n, to); break;
    case 3: separate<3>(from, n, to); break;
    default: separate<4>(from, n, to);
  }
  return nullptr;
}

}  // namespace

void register_images(napi_env env, napi_value exports) { set_function(env, exports, "toPlanes", to_planes); }

}  // namespace sinter::addon
