// What a command takes from device memory when it runs there, where the host only queues it. Place in the whole: what kCommandSkip and
// kCommandLess (backend.h) become on a device, for kernels that say they take it (Backend::late). Others get copies of what they write,
// and the decoder copies back under the condition: so copyInto has to take it. A count for another kernel is waited for and read.
#pragma once
#include "engine/call.h"
#include "engine/late_stream.h"

namespace sinter {

struct Late {
  const float* unless = nullptr;  // not zero: the command writes nothing
  const float* less = nullptr;    // by what attribute `attribute` is less
  int attribute = 0;
  const LateStream* stream = nullptr;  // where a graph is recorded: of what it draws
};

// The call's; addresses are the device's. All null for a call of the host's, or where nothing was asked for.
const Late& late_of(const Call& call);

}  // namespace sinter
