// Loads and stores, of one to eight elements a lane. Modifiers of caching and order are known and change nothing: the simulated
// memory is in order.
#include "access.h"
#include "decoder.h"
#include "memory_operand.h"

namespace sinter::sim {

namespace {

uint64_t element(const std::byte* from, uint32_t bytes, bool sign) {
  uint64_t value = 0;
  std::memcpy(&value, from, bytes);
  if (!sign || bytes == 8) return value;
  const int shift = 64 - 8 * static_cast<int>(bytes);
  return static_cast<uint64_t>(static_cast<int64_t>(value << shift) >> shift);
}

struct Addresses {
  uint64_t of[32];
};

template <bool kWide>
Addresses addresses_of(const Warp& warp, const Instruction& in) {
  Addresses result;
  const auto add = static_cast<uint64_t>(in.immediate);
  if constexpr (kWide) {
    const auto* base = warp.source<uint64_t>(in.a);
    for (int i = 0; i < 32; ++i) result.of[i] = base[i] + add;
  } else {
    const auto* base = warp.source<uint32_t>(in.a);
    for (int i = 0; i < 32; ++i) result.of[i] = static_cast<uint32_t>(base[i] + static_cast<uint32_t>(add));
  }
  return result;
}

Addresses addresses(const Warp& warp, const Instruction& in) {
  return in.target == 4 ? addresses_of<false>(warp, in) : addresses_of<true>(warp, in);
}

// One element that fills its register.
template <Where kWhere, class T>
void run_load1(Warp& warp, const Instruction& in, uint32_t mask) {
  const Addresses address = addresses(warp, in);
  if (Profile* profile = warp.run->profile) profile->access(warp, in, kWhere, address.of, mask, sizeof(T));
  T* d = warp.lanes<T>(in.d);
  if (kWhere == Where::kGlobal && mask == kAll && !warp.run->checker) {
    uint64_t apart = 0;
    for (uint64_t i = 1; i < 32; ++i) apart |= address.of[i] ^ (address.of[0] + i * sizeof(T));
    const Allocation* hint = warp.worker->hints[static_cast<size_t>(&in - warp.run->code.instructions.data())];
    if (!apart && hint && address.of[0] % sizeof(T) == 0 && hint->bytes >= 32 * sizeof(T) &&
        address.of[0] - hint->address <= hint->bytes - 32 * sizeof(T)) {
      std::memcpy(d, hint->at(address.of[0]), 32 * sizeof(T));
      return;
    }
  }
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    std::memcpy(d + lane, at<kWhere>(warp, in, address.of[lane], sizeof(T), lane, Access::kLoad), sizeof(T));
  }
}

template <Where kWhere, class T>
void run_store1(Warp& warp, const Instruction& in, uint32_t mask) {
  const Addresses address = addresses(warp, in);
  if (Profile* profile = warp.run->profile) profile->access(warp, in, kWhere, address.of, mask, sizeof(T));
  const T* value = warp.source<T>(in.b);
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    std::memcpy(at<kWhere>(warp, in, address.of[lane], sizeof(T), lane, Access::kStore), value + lane, sizeof(T));
  }
}

// Vectors, and elements that are narrower than their registers.
template <Where kWhere>
void run_load(Warp& warp, const Instruction& in, uint32_t mask) {
  const MemoryModel& model = memory_model(in);
  const Addresses address = addresses(warp, in);
  if (Profile* profile = warp.run->profile) profile->access(warp, in, kWhere, address.of, mask, in.bytes);
  const auto& targets = in.extra->d;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    const std::byte* from = at<kWhere>(warp, in, address.of[lane], in.bytes, lane, Access::kLoad);
    if (model.element == 4 && model.registers == 4) {
      for (const Slot slot : targets) {
        std::memcpy(warp.lanes<uint32_t>(slot) + lane, from, 4);
        from += 4;
      }
      continue;
    }
    for (const Slot slot : targets) {
      warp.set_lane(slot, model.registers, lane, element(from, model.element, model.sign));
      from += model.element;
    }
  }
}

template <Where kWhere>
void run_store(Warp& warp, const Instruction& in, uint32_t mask) {
  const MemoryModel& model = memory_model(in);
  const Addresses address = addresses(warp, in);
  if (Profile* profile = warp.run->profile) profile->access(warp, in, kWhere, address.of, mask, in.bytes);
  const auto& values = in.extra->b;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    std::byte* to = at<kWhere>(warp, in, address.of[lane], in.bytes, lane, Access::kStore);
    for (const Slot slot : values) {
      const std::byte* value = reinterpret_cast<const std::byte*>(warp.source<std::byte>(slot)) +
                               static_cast<size_t>(lane) * model.registers;
      std::memcpy(to, value, model.element);
      to += model.element;
    }
  }
}

// The kernel's parameters: mostly the same for all lanes, which are served together; an index that lanes compute may tell them apart.
void run_load_parameter(Warp& warp, const Instruction& in, uint32_t mask) {
  const MemoryModel& model = memory_model(in);
  const Addresses address = addresses(warp, in);
  const uint64_t size = warp.run->function.parameter_bytes;
  for (uint32_t rest = mask; rest != 0;) {
    const int lane = std::countr_zero(rest);
    const uint64_t offset = address.of[lane];
    uint32_t same = 0;
    for (int i = 0; i < 32; ++i) same |= static_cast<uint32_t>(address.of[i] == offset) << i;
    same &= rest;
    rest &= ~same;
    if (offset & (in.bytes - 1)) require_aligned(offset, in.bytes, lane);
    if (offset > size || size - offset < in.bytes)
      throw ExecutionFault{Fault::kIllegalAddress, "outside of the kernel's parameters", lane};
    const std::byte* from = warp.run->launch.parameters + offset;
    for (const Slot slot : in.extra->d) {
      const uint64_t value = element(from, model.element, model.sign);
      from += model.element;
      if (model.registers == 2)
        each(warp.lanes<uint16_t>(slot), same, [&](int) { return static_cast<uint16_t>(value); });
      else if (model.registers == 4)
        each(warp.lanes<uint32_t>(slot), same, [&](int) { return static_cast<uint32_t>(value); });
      else
        each(warp.lanes<uint64_t>(slot), same, [&](int) { return value; });
    }
  }
}

void run_nothing(Warp&, const Instruction&, uint32_t) {}

template <class T>
Handler one_element(bool load, Where where) {
  switch (where) {
    case Where::kGlobal: return load ? run_load1<Where::kGlobal, T> : run_store1<Where::kGlobal, T>;
    case Where::kShared: return load ? run_load1<Where::kShared, T> : run_store1<Where::kShared, T>;
    case Where::kLocal: return load ? run_load1<Where::kLocal, T> : run_store1<Where::kLocal, T>;
    default: return load ? run_load1<Where::kGeneric, T> : run_store1<Where::kGeneric, T>;
  }
}

Handler any_elements(bool load, Where where) {
  switch (where) {
    case Where::kGlobal: return load ? run_load<Where::kGlobal> : run_store<Where::kGlobal>;
    case Where::kShared: return load ? run_load<Where::kShared> : run_store<Where::kShared>;
    case Where::kLocal: return load ? run_load<Where::kLocal> : run_store<Where::kLocal>;
    default: return load ? run_load<Where::kGeneric> : run_store<Where::kGeneric>;
  }
}

Type bits_type(uint32_t bytes) { return {Type::Kind::kBits, static_cast<uint8_t>(8 * bytes), 1, "b"}; }

// The registers of the value: one, or those of a vector; all of one size, at least that of the type.
void take_registers(Decoder& d, const ptx::Operand& value, bool load, uint32_t vector, const Type& type,
                    MemoryModel& model) {
  std::vector<const ptx::Operand*> parts;
  if (value.kind == ptx::Operand::Kind::kVector)
    for (const ptx::Operand& it : value.parts) parts.push_back(&it);
  else
    parts.push_back(&value);
  if (parts.size() != vector)
    d.fail(std::to_string(parts.size()) + " registers for " + std::to_string(vector) + " elements");
  model.registers = std::max(type.bytes(), 2u);
  for (const ptx::Operand* it : parts)
    if (d.register_bytes(*it) > 0) model.registers = static_cast<uint32_t>(d.register_bytes(*it));
  if (model.registers < type.bytes()) d.fail("a register too small for ." + std::string(type.name));
  for (const ptx::Operand* it : parts) {
    const Type whole = it->kind == ptx::Operand::Kind::kName ? bits_type(model.registers)
                       : model.registers == type.bytes()     ? type
                                                             : bits_type(model.registers);
    const Slot slot = load ? d.destination(*it, model.registers) : d.source(*it, whole);
    (load ? d.extra().d : d.extra().b).push_back(slot);
  }
}

void take_caching(Decoder& d) {
  d.take_any({"weak", "volatile", "relaxed", "acquire", "release"});
  d.take("mmio");
  if (d.take("relaxed")) {
  }
  d.take_any({"cta", "cluster", "gpu", "sys"});
  d.take_any({"ca", "cg", "cs", "lu", "cv", "wb", "wt"});
  d.take("nc");
  d.take_any({"L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last", "L1::no_allocate"});
  d.take_any({"L2::64B", "L2::128B", "L2::256B"});
  d.take_any({"L2::evict_last", "L2::evict_normal", "L2::evict_first"});
}

bool decode_access(Decoder& d, bool load) {
  const int space = d.take_any(
      {"global", "const", "shared", "shared::cta", "shared::cluster", "local", "param", "param::entry", "param::func"});
  constexpr Where kWheres[] = {Where::kGlobal, Where::kGlobal, Where::kShared, Where::kShared, Where::kShared,
                               Where::kLocal,  Where::kLocal,  Where::kLocal,  Where::kLocal};
  Where where = space < 0 ? Where::kGeneric : kWheres[space];
  take_caching(d);
  const bool hint = d.take("L2::cache_hint");
  const int vectors = d.take_any({"v2", "v4", "v8"});
  const uint32_t vector = vectors < 0 ? 1 : 2u << vectors;
  const Type type = d.take_type();
  if (type.lanes != 1 && type.bytes() != 4) d.fail("type ." + std::string(type.name) + " is not possible");
  if (vector * type.bytes() > 32) d.fail("more than 32 bytes");
  d.expect_count(hint ? 3 : 2);
  MemoryModel model;
  model.element = type.bytes();
  model.sign = type.is_signed();
  d.in.bytes = static_cast<uint8_t>(vector * type.bytes());
  const Address address = d.address(d.operand(load ? 1 : 0));
  take_registers(d, d.operand(load ? 0 : 1), load, vector, type, model);
  d.in.a = address.base;
  d.in.target = address.base_bytes;
  d.in.immediate = address.offset;
  d.extra().model = std::make_shared<MemoryModel>(model);
  if (space >= 6 && !address.frame) {
    if (!load) d.fail("a store to the kernel's parameters");
    d.in.run = run_load_parameter;
    return true;
  }
  d.in.run = any_elements(load, where);
  if (vector == 1 && model.element == model.registers) {
    d.in.d = load ? d.extra().d[0] : kNoSlot;
    d.in.b = load ? kNoSlot : d.extra().b[0];
    d.in.run = model.element == 2   ? one_element<uint16_t>(load, where)
               : model.element == 4 ? one_element<uint32_t>(load, where)
                                    : one_element<uint64_t>(load, where);
  }
  return true;
}

}  // namespace

bool decode_memory(Decoder& d) {
  const std::string_view op = d.operation;
  if (op == "ld" || op == "ldu" || op == "st") {
    for (const std::string_view word : d.rest())
      if (word == "async" || word == "bulk") return false;
    return decode_access(d, op != "st");
  }
  if (op == "prefetch" || op == "prefetchu" || op == "applypriority" || op == "discard") {
    d.take_rest();
    d.in.run = run_nothing;
    return true;
  }
  return false;
}

}  // namespace sinter::sim
