// Where operands are: registers in the file, constants, special registers, variables and their addresses. Place in the whole: the
// part of Builder that families ask for each operand.
#include <algorithm>
#include <cstring>

#include "builder.h"
#include "machine.h"
#include "special.h"

namespace sinter::sim {

Slot Builder::source(const ptx::Operand& it, const Type& type) {
  const uint32_t bytes = type.bytes();
  using Kind = ptx::Operand::Kind;
  switch (it.kind) {
    case Kind::kInteger:
      if (type.kind == Type::Kind::kFloat && bytes > 2)
        fail("an integer where a number of type ." + std::string(type.name) + " is expected");
      return constant(it.value, bytes);
    case Kind::kFloat32:
      if (bytes != 4) fail("a 32-bit float where " + std::to_string(bytes) + " bytes are expected");
      return constant(it.value, bytes);
    case Kind::kFloat64: return float_constant(it.value, bytes);
    case Kind::kName: break;
    default: fail("a register or constant is expected");
  }
  if (it.negated) fail("'!' before what is not a predicate");
  uint32_t special_bytes = 0;
  const int special = special_register(it.name, special_bytes);
  if (special >= 0) {
    if (special_bytes != bytes)
      fail("%" + std::string(it.name.substr(1)) + " has " + std::to_string(special_bytes) + " bytes");
    return read_special(special, bytes);
  }
  uint32_t element = 0;
  const ptx::Symbol& symbol = find(it.name, element);
  if (symbol.space == ptx::Space::kRegister) {
    if (it.value) fail("an offset to a register");
    const uint32_t has = size_of(symbol);
    if (has != bytes)
      fail("register '" + std::string(it.name) + "' has " + std::to_string(has) + " bytes, not " +
           std::to_string(bytes));
    return reg(symbol, element, false);
  }
  return address_of(symbol, it, bytes);
}

Slot Builder::named_register(const ptx::Operand& it, uint32_t bytes, bool written) {
  if (it.kind == ptx::Operand::Kind::kSink) return temporary(bytes);
  if (it.kind != ptx::Operand::Kind::kName) fail("a register is expected");
  uint32_t element = 0;
  const ptx::Symbol& symbol = find(it.name, element);
  if (symbol.space != ptx::Space::kRegister || it.value) fail("'" + std::string(it.name) + "' is no register");
  const uint32_t has = size_of(symbol);
  if (has != bytes)
    fail("register '" + std::string(it.name) + "' has " + std::to_string(has) + " bytes, not " + std::to_string(bytes));
  return reg(symbol, element, written);
}

Slot Builder::predicate_source(const ptx::Operand& it, bool* negated) {
  if (it.kind == ptx::Operand::Kind::kInteger) {
    if (negated) *negated = false;
    return constant(it.value ? kAll : 0, 0);
  }
  if (it.negated && !negated) fail("'!' is not allowed here");
  uint32_t bytes = 0;
  if (const int special = special_register(it.name, bytes); special >= 0) {
    if (negated) *negated = it.negated;
    return read_special(special, 0);
  }
  if (negated) *negated = it.negated;
  return named_register(it, 0, false);
}

int Builder::register_bytes(const ptx::Operand& it) {
  if (it.kind != ptx::Operand::Kind::kName) return -1;
  uint32_t element = 0;
  const ptx::Symbol* symbol = module_.find(statement->scope, it.name, element);
  if (!symbol || symbol->space != ptx::Space::kRegister) return -1;
  return static_cast<int>(size_of(*symbol));
}

Address Builder::address(const ptx::Operand& it) {
  if (it.kind != ptx::Operand::Kind::kAddress || it.parts.empty()) fail("an address is expected");
  const ptx::Operand& base = it.parts[0];
  Address result;
  result.offset = static_cast<int64_t>(it.value);
  if (base.kind == ptx::Operand::Kind::kInteger) {
    result.base_bytes = 8;
    result.base = constant(0, 8);
    return result;
  }
  if (base.kind != ptx::Operand::Kind::kName) fail("an address is expected");
  uint32_t element = 0;
  const ptx::Symbol& symbol = find(base.name, element);
  if (symbol.space == ptx::Space::kRegister) {
    const uint32_t bytes = ptx::bytes_of_type(symbol.type);
    if (bytes != 4 && bytes != 8) fail("an address has 32 or 64 bits");
    result.base_bytes = bytes;
    result.base = reg(symbol, element, false);
    return result;
  }
  result.base_bytes = 8;
  if (symbol.space == ptx::Space::kGlobal || symbol.space == ptx::Space::kConst) {
    result.base = variable_address(symbol, 8, 0);
    return result;
  }
  result.base = constant(0, 8);
  result.frame = symbol.space == ptx::Space::kParameter && !kernel_parameter(base.name, symbol);
  result.offset += static_cast<int64_t>(place_of(symbol, base.name));
  return result;
}

Slot Builder::constant(uint64_t bits, uint32_t bytes) {
  if (bytes == 1) bits &= 0xFF;
  if (bytes == 2) bits &= 0xFFFF;
  if (bytes == 4) bits &= 0xFFFFFFFF;
  const auto [at, fresh] = constants_.try_emplace({bits, bytes}, 0);
  if (!fresh) return at->second;
  auto& pool = code_->constants;
  const size_t offset = pool.size();
  const uint32_t width = bytes ? bytes : 4;
  pool.resize(offset + (bytes ? align(32 * bytes, 64) : 64));
  for (int lane = 0; lane < (bytes ? 32 : 1); ++lane) std::memcpy(&pool[offset + lane * width], &bits, width);
  return at->second = ~static_cast<Slot>(offset);
}

Slot Builder::temporary(uint32_t bytes) {
  const uint32_t number = new_register(bytes);
  pending_.push_back({0, number, false, false});
  return place(number);
}

Slot Builder::carry() {
  if (carry_ == kNoSlot) carry_ = place(new_register(0));
  return carry_;
}

const ptx::Symbol& Builder::find(std::string_view name, uint32_t& element) const {
  const ptx::Symbol* symbol = module_.find(statement->scope, name, element);
  if (!symbol) fail("'" + std::string(name) + "' is not declared");
  return *symbol;
}

Slot Builder::read_special(int which, uint32_t bytes) {
  Instruction made;
  made.run = bytes == 8 ? run_special64 : bytes == 0 ? run_special_predicate : run_special;
  made.option = static_cast<uint16_t>(which);
  const uint32_t number = new_register(bytes);
  made.d = place(number);
  regions_.back().occurrences.push_back({next(), number, false, false});
  pending_.push_back({0, number, true, false});
  emit_before(made);
  return made.d;
}

Slot Builder::float_constant(uint64_t bits, uint32_t bytes) {
  if (bytes == 8) return constant(bits, 8);
  if (bytes != 4) fail("a float where " + std::to_string(bytes) + " bytes are expected");
  double wide;
  std::memcpy(&wide, &bits, 8);
  const float narrow = static_cast<float>(wide);
  uint32_t word;
  std::memcpy(&word, &narrow, 4);
  return constant(word, 4);
}

uint32_t Builder::new_register(uint32_t bytes) {
  bytes_of_registers_.push_back(bytes);
  return static_cast<uint32_t>(bytes_of_registers_.size()) - 1;
}

Slot Builder::place(uint32_t number) {
  if (number < places_of_registers_.size()) return static_cast<Slot>(places_of_registers_[number]);
  const uint32_t bytes = bytes_of_registers_[number];
  if (bytes) registers_ = align(registers_, 64);
  places_of_registers_.push_back(registers_);
  registers_ += file_bytes(bytes);
  return static_cast<Slot>(places_of_registers_[number]);
}

Slot Builder::reg(const ptx::Symbol& symbol, uint32_t element, bool written) {
  const uint32_t bytes = size_of(symbol);
  if (bytes == 16) fail("registers of type " + std::string(symbol.type) + " are not supported");
  const auto [at, fresh] = register_numbers_.try_emplace({symbol.id, element}, 0);
  if (fresh) at->second = new_register(bytes);
  // Accumulators are read where they are written; a guarded instruction leaves some lanes as they were.
  const bool whole = written && statement->guard.empty() && statement->mnemonic.find("mma") == std::string_view::npos;
  pending_.push_back({0, at->second, !whole, whole});
  return place(at->second);
}

bool Builder::kernel_parameter(std::string_view name, const ptx::Symbol& symbol) const {
  uint32_t element = 0;
  return module_.find(entry_.scope, name, element) == &symbol;
}

uint64_t Builder::place_of(const ptx::Symbol& symbol, std::string_view name) {
  switch (symbol.space) {
    case ptx::Space::kShared: return places_.at(symbol.id);
    case ptx::Space::kParameter:
      if (kernel_parameter(name, symbol)) {
        for (const Parameter& it : *parameters_)
          if (it.name == name) return it.offset;
      }
      return local_place(symbol.id, static_cast<uint32_t>(symbol.bytes), symbol.alignment);
    case ptx::Space::kLocal: return local_place(symbol.id, static_cast<uint32_t>(symbol.bytes), symbol.alignment);
    default: fail("'" + std::string(name) + "' has no address");
  }
}

uint64_t Builder::local_place(uint32_t id, uint32_t bytes, uint32_t alignment) {
  const auto [at, fresh] = places_.try_emplace(id, 0);
  if (fresh) {
    local_ = align(local_, std::max(alignment, 8u));
    at->second = local_;
    local_ += bytes;
  }
  return at->second;
}

Slot Builder::address_of(const ptx::Symbol& symbol, const ptx::Operand& it, uint32_t bytes) {
  if (bytes != 4 && bytes != 8) fail("the address of '" + std::string(it.name) + "' needs 32 or 64 bits");
  if (symbol.space == ptx::Space::kGlobal || symbol.space == ptx::Space::kConst)
    return variable_address(symbol, bytes, it.value);
  return constant(place_of(symbol, it.name) + it.value, bytes);
}

Slot Builder::variable_address(const ptx::Symbol& symbol, uint32_t bytes, uint64_t add) {
  const auto offset = static_cast<uint32_t>(code_->constants.size());
  code_->constants.resize(offset + align(32 * bytes, 64));
  code_->addresses.push_back({offset, bytes, symbol.index, add});
  return ~static_cast<Slot>(offset);
}

}  // namespace sinter::sim
