// Which operators CUDA has. Place in the whole: the host side of each kernel family (cuda/kernels/*/X.cpp) registers what it
// implements; cuda/backend.cpp hands the table to the engine. An operator that nobody registered is one that is not implemented there.
//
//   namespace sinter::cuda {
//   SINTER_CUDA_OP(add) { launch(call, ...); }
//   }
//
// `add` is a name of native/ops.def. Two definitions of one operator do not link. SINTER_CUDA_LATE_OP defines one that heeds
// late_of(call): what it queues writes nothing where the condition says so.
#pragma once
#include "engine/backend.h"
#include "engine/late.h"

namespace sinter::cuda {

enum class Opcode : int {
#define OP(name, code, group, mutates, contiguous) name = code,
#include "ops.def"
#undef OP
};

struct Registration {
  Registration(Opcode opcode, sinter::Kernel kernel, bool late) noexcept;
};

// By opcode, kMaxOpcode entries; complete once the library is loaded.
const sinter::Kernel* registered_kernels();
// Which of them heed late_of(call), likewise.
const bool* late_kernels();
// Whether there are any: none in a build without a CUDA compiler.
bool any_registered();

}  // namespace sinter::cuda

#define SINTER_CUDA_REGISTERED(name, late)                                                                         \
  void op_##name(const ::sinter::Call& call);                                                                      \
  static const ::sinter::cuda::Registration registration_of_##name{::sinter::cuda::Opcode::name, op_##name, late}; \
  void op_##name([[maybe_unused]] const ::sinter::Call& call)
#define SINTER_CUDA_OP(name) SINTER_CUDA_REGISTERED(name, false)
#define SINTER_CUDA_LATE_OP(name) SINTER_CUDA_REGISTERED(name, true)
