// atom and red. Lanes of a warp take effect in their order; between the host's threads, a lock for the piece of memory.
#include <mutex>

#include "access.h"
#include "combine.h"
#include "decoder.h"

namespace sinter::sim {

namespace {

struct AtomicModel {
  Combine combine = nullptr;
  uint32_t element = 0;    // bytes in memory
  uint32_t registers = 0;  // bytes
  bool flush_global = false;
  Combine in_shared = nullptr;  // where the address is generic and turns out to be shared
};

std::mutex& lock_of(const std::byte* data) {
  static std::mutex locks[64];
  return locks[reinterpret_cast<uintptr_t>(data) >> 5 & 63];
}

uint64_t read_register(const Warp& warp, Slot slot, uint32_t bytes, int lane) {
  if (slot == kNoSlot) return 0;
  return bytes == 2   ? warp.source<uint16_t>(slot)[lane]
         : bytes == 4 ? warp.source<uint32_t>(slot)[lane]
                      : warp.source<uint64_t>(slot)[lane];
}

template <Where kWhere>
void run(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto& model = *static_cast<const AtomicModel*>(in.extra->model.get());
  const Extra& extra = *in.extra;
  uint64_t addresses[32] = {};
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    addresses[lane] = static_cast<uint64_t>(in.immediate) +
                      (in.target == 4 ? warp.source<uint32_t>(in.a)[lane] : warp.source<uint64_t>(in.a)[lane]);
  }
  if (Profile* profile = warp.run->profile) profile->access(warp, in, kWhere, addresses, mask, in.bytes);
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    std::byte* data = at<kWhere>(warp, in, addresses[lane], in.bytes, lane, Access::kAtomic);
    const bool shared = kWhere == Where::kGeneric && addresses[lane] >> 48 == kSharedWindow >> 48;
    const Combine combine = shared ? model.in_shared : model.combine;
    const std::lock_guard guard(lock_of(data));
    for (size_t i = 0; i < extra.b.size(); ++i, data += model.element) {
      uint64_t old = 0;
      std::memcpy(&old, data, model.element);
      const uint64_t b = read_register(warp, extra.b[i], model.registers, lane);
      const uint64_t c = read_register(warp, in.c, model.registers, lane);
      const uint64_t result = combine(old, b, c);
      std::memcpy(data, &result, model.element);
      if (!extra.d.empty()) warp.set_lane(extra.d[i], model.registers, lane, old);
    }
  }
}

template <class Take>
void take_parts(Decoder& d, const ptx::Operand& value, uint32_t vector, Take&& take) {
  if (value.kind != ptx::Operand::Kind::kVector) {
    if (vector != 1) d.fail("a vector is expected");
    take(value);
    return;
  }
  if (value.parts.size() != vector) d.fail("a vector of another length");
  for (const ptx::Operand& it : value.parts) take(it);
}

}  // namespace

bool decode_atomic(Decoder& d) {
  const bool atom = d.operation == "atom";
  if (!atom && d.operation != "red") return false;
  for (const std::string_view word : d.rest())
    if (word == "async") return false;
  d.take_any({"relaxed", "acquire", "release", "acq_rel"});
  d.take_any({"cta", "cluster", "gpu", "sys"});
  const int space = d.take_any({"global", "shared", "shared::cta", "shared::cluster"});
  const bool hint = d.take("L2::cache_hint");
  d.take("noftz");
  const int vectors = d.take_any({"v2", "v4", "v8"});
  const uint32_t vector = vectors < 0 ? 1 : 2u << vectors;
  constexpr std::string_view kOperations[] = {"add", "and", "or", "xor", "exch", "cas", "inc", "dec", "min", "max"};
  std::string_view operation;
  for (const std::string_view it : kOperations)
    if (operation.empty() && d.take(it)) operation = it;
  const Type type = d.take_type();
  AtomicModel model;
  const bool shared = space > 0;
  model.combine = find_combine(operation, type, !shared);
  model.in_shared = find_combine(operation, type, false);
  if (!model.combine) d.fail("no such operation on type ." + std::string(type.name));
  model.element = model.registers = type.bytes();
  const bool swap = operation == "cas";
  if (!atom && (swap || operation == "exch")) d.fail("red has no such operation");
  d.expect_count((atom ? 3u : 2u) + swap + hint);
  const Address address = d.address(d.operand(atom ? 1 : 0));
  d.in.a = address.base;
  d.in.target = address.base_bytes;
  d.in.immediate = address.offset;
  d.in.bytes = static_cast<uint8_t>(vector * type.bytes());
  const Type whole{Type::Kind::kBits, static_cast<uint8_t>(8 * type.bytes()), 1, "b"};
  const Type& operand_type = type.bytes() == 2 || type.lanes == 2 ? whole : type;
  if (atom)
    take_parts(d, d.operand(0), vector, [&](const ptx::Operand& it) {
      const Slot slot = d.destination(it, type.bytes());
      d.extra().d.push_back(slot);
    });
  take_parts(d, d.operand(atom ? 2 : 1), vector, [&](const ptx::Operand& it) {
    const Slot slot = d.source(it, operand_type);
    d.extra().b.push_back(slot);
  });
  if (swap) d.in.c = d.source(3, operand_type);
  d.extra().model = std::make_shared<AtomicModel>(model);
  d.in.run = shared ? run<Where::kShared> : space == 0 ? run<Where::kGlobal> : run<Where::kGeneric>;
  return true;
}

}  // namespace sinter::sim
