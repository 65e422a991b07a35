// From syntax to instructions: which functions a kernel needs, where its registers and variables are, and the families' decoders
// one after another. Place in the whole: parse() of interpreter.h.
#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "control.h"
#include "decoder.h"
#include "machine.h"
#include "registers.h"
#include "special.h"

namespace sinter::sim {

namespace {

constexpr Family kFamilies[] = {decode_integer, decode_bits,        decode_compare, decode_float,  decode_half,
                                decode_convert, decode_approximate, decode_move,    decode_memory, decode_atomic,
                                decode_warp,    decode_control,     decode_matrix,  decode_wgmma,  decode_mbarrier,
                                decode_copy,    decode_bulk};

uint32_t align(uint32_t value, uint32_t to) { return (value + to - 1) / to * to; }

// Decodes a kernel. [places]: of its registers in the file, by their number; without them each gets one of its own.
class Builder final : public Decoder {
 public:
  Builder(const ptx::Module& module, const ptx::Body& entry, std::vector<uint32_t> places = {}, uint32_t file = 0)
      : module_(module), entry_(entry), places_of_registers_(std::move(places)), registers_(file) {}

  // Of a kernel that was built without: where its registers can be, and the bytes of the file.
  std::vector<uint32_t> plan(uint32_t& file) {
    std::vector<uint32_t> places(bytes_of_registers_.size(), UINT32_MAX);
    file = 0;
    for (Region& region : regions_) file = share_registers(region, bytes_of_registers_, file, places);
    for (size_t i = 0; i < places.size(); ++i)
      if (places[i] == UINT32_MAX) {  // return addresses and conditions, which live beyond a function
        file = align(file, 64);
        places[i] = file;
        file += file_bytes(bytes_of_registers_[i]);
      }
    return places;
  }

  Function build() {
    Function result;
    result.name = std::string(entry_.name);
    for (const ptx::FormalParameter& it : entry_.parameters) {
      result.parameter_bytes = align(result.parameter_bytes, it.alignment);
      result.parameters.push_back({std::string(it.name), result.parameter_bytes, it.bytes, it.alignment});
      result.parameter_bytes += it.bytes;
    }
    parameters_ = &result.parameters;

    collect(entry_);
    place_shared();
    // Lanes that are in a function go first, so that they come back to those that are not.
    for (const ptx::Body* body : order_) {
      begins_[body] = static_cast<uint32_t>(code_->instructions.size());
      decode(*body);
    }
    code_->entry = begins_.at(&entry_);
    for (const auto& [at, body] : calls_) code_->instructions[at].target = begins_.at(body);
    code_->register_bytes = registers_;
    code_->local_bytes = align(local_, 16);
    code_->shared_bytes = shared_;

    result.static_shared = shared_;
    result.local = code_->local_bytes;
    result.max_threads = entry_.max_threads;
    result.min_blocks = entry_.min_blocks;
    result.max_registers = entry_.max_registers;
    result.clustered = entry_.clustered;
    result.required_cluster = entry_.required_cluster;
    result.code = code_;
    return result;
  }

  // --- Decoder
  Slot source(const ptx::Operand& it, const Type& type) override {
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

  Slot destination(const ptx::Operand& it, uint32_t bytes) override { return named_register(it, bytes, true); }

  Slot named_register(const ptx::Operand& it, uint32_t bytes, bool written) {
    if (it.kind == ptx::Operand::Kind::kSink) return temporary(bytes);
    if (it.kind != ptx::Operand::Kind::kName) fail("a register is expected");
    uint32_t element = 0;
    const ptx::Symbol& symbol = find(it.name, element);
    if (symbol.space != ptx::Space::kRegister || it.value) fail("'" + std::string(it.name) + "' is no register");
    const uint32_t has = size_of(symbol);
    if (has != bytes)
      fail("register '" + std::string(it.name) + "' has " + std::to_string(has) + " bytes, not " +
           std::to_string(bytes));
    return reg(symbol, element, written);
  }

  Slot predicate_source(const ptx::Operand& it, bool* negated) override {
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

  int register_bytes(const ptx::Operand& it) override {
    if (it.kind != ptx::Operand::Kind::kName) return -1;
    uint32_t element = 0;
    const ptx::Symbol* symbol = module_.find(statement->scope, it.name, element);
    if (!symbol || symbol->space != ptx::Space::kRegister) return -1;
    return static_cast<int>(size_of(*symbol));
  }

  Address address(const ptx::Operand& it) override {
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

  Slot constant(uint64_t bits, uint32_t bytes) override {
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

  Slot temporary(uint32_t bytes) override {
    const uint32_t number = new_register(bytes);
    pending_.push_back({0, number, false, false});
    return place(number);
  }

  Slot carry() override {
    if (carry_ == kNoSlot) carry_ = place(new_register(0));
    return carry_;
  }

  void branch_to(const ptx::Operand& label) override { fixups_.push_back({next(), -1, label_index(label.name)}); }

  void branch_table(const ptx::Operand& table) override {
    uint32_t element = 0;
    const ptx::Symbol& symbol = find(table.name, element);
    if (symbol.space != ptx::Space::kTable) fail("'" + std::string(table.name) + "' is no list of branch targets");
    for (const std::string_view name : symbol.labels) {
      fixups_.push_back({next(), static_cast<int>(extra().targets.size()), label_index(name)});
      extra().targets.push_back(0);
    }
  }

  bool call(std::string_view& name) override {
    size_t at = 0;
    const ptx::Operand* results = nullptr;
    if (operand(at).kind == ptx::Operand::Kind::kList) results = &operand(at++);
    name = operand(at).name;
    uint32_t element = 0;
    const ptx::Symbol& symbol = find(name, element);
    if (symbol.space != ptx::Space::kFunction) fail("calls through pointers are not supported");
    const ptx::Body& callee = module_.bodies[symbol.index];
    if (!callee.defined) return false;
    const ptx::Operand* arguments = ++at < count() ? &operand(at) : nullptr;
    copy_parameters(callee, callee.parameters, arguments, true);
    const Instruction saved = in;
    in = saved;
    in.d = return_slot(callee);
    calls_.emplace_back(next(), &callee);
    in.run = run_call;
    emit();
    copy_parameters(callee, callee.results, results, false);
    in = {};
    return true;
  }

  Slot return_address() override { return body_ == &entry_ ? kNoSlot : return_slot(*body_); }

  Extra& extra() override {
    if (!in.extra) {
      code_->extras.push_back(std::make_unique<Extra>());
      in.extra = code_->extras.back().get();
    }
    return *code_->extras.back();
  }

 private:
  struct Fixup {
    uint32_t instruction;
    int table;  // index in Extra::targets, or -1: Instruction::target
    uint32_t statement;
  };

  // Of a register in the file; those of 8 bits are kept in 16.
  static uint32_t size_of(const ptx::Symbol& symbol) {
    return symbol.type == ".pred" ? 0 : std::max(ptx::bytes_of_type(symbol.type), 2u);
  }

  uint32_t next() const { return static_cast<uint32_t>(code_->instructions.size()); }

  const ptx::Symbol& find(std::string_view name, uint32_t& element) const {
    const ptx::Symbol* symbol = module_.find(statement->scope, name, element);
    if (!symbol) fail("'" + std::string(name) + "' is not declared");
    return *symbol;
  }

  uint32_t label_index(std::string_view name) const {
    uint32_t element = 0;
    const ptx::Symbol& symbol = find(name, element);
    if (symbol.space != ptx::Space::kLabel) fail("'" + std::string(name) + "' is no label");
    return symbol.index;
  }

  // The functions that the kernel calls, callees before callers, and the shared variables that they name.
  void collect(const ptx::Body& body) {
    if (std::find(order_.begin(), order_.end(), &body) != order_.end()) return;
    if (!active_.insert(&body).second)
      throw ParseError(body.line, "'" + std::string(body.name) + "' calls itself, which is not supported");
    for (const ptx::Statement& it : body.statements) {
      statement = &it;
      for (const ptx::Operand& operand : it.operands) collect(operand);
    }
    active_.erase(&body);
    order_.push_back(&body);
  }

  void collect(const ptx::Operand& it) {
    for (const ptx::Operand& part : it.parts) collect(part);
    if (it.kind != ptx::Operand::Kind::kName) return;
    uint32_t element = 0;
    const ptx::Symbol* symbol = module_.find(statement->scope, it.name, element);
    if (!symbol) return;
    if (symbol->space == ptx::Space::kFunction && module_.bodies[symbol->index].defined) {
      const ptx::Statement* here = statement;
      collect(module_.bodies[symbol->index]);
      statement = here;
    }
    if (symbol->space == ptx::Space::kShared &&
        std::find(shared_symbols_.begin(), shared_symbols_.end(), symbol) == shared_symbols_.end())
      shared_symbols_.push_back(symbol);
  }

  void place_shared() {
    for (const ptx::Symbol* it : shared_symbols_) {
      if (it->external) continue;
      shared_ = align(shared_, it->alignment);
      places_[it->id] = kSharedBase + shared_;
      shared_ += static_cast<uint32_t>(it->bytes);
    }
    for (const ptx::Symbol* it : shared_symbols_) {
      if (!it->external) continue;
      shared_ = align(shared_, it->alignment);
    }
    for (const ptx::Symbol* it : shared_symbols_)
      if (it->external) places_[it->id] = kSharedBase + shared_;
  }

  void decode(const ptx::Body& body) {
    body_ = &body;
    fixups_.clear();
    Region& region = regions_.emplace_back();
    region.begin = next();
    std::vector<uint32_t> begins;
    for (const ptx::Statement& it : body.statements) {
      begins.push_back(next());
      begin(it);
      in = {};
      if (!it.guard.empty()) {
        ptx::Operand guard;
        guard.kind = ptx::Operand::Kind::kName;
        guard.name = it.guard;
        in.guard = named_register(guard, 0, false);
        in.guard_negated = it.guard_negated;
      }
      const bool known =
          std::any_of(std::begin(kFamilies), std::end(kFamilies), [&](Family family) { return family(*this); });
      if (!known) fail("unknown instruction");
      finish();
      if (in.run) {
        const bool jumps = operation == "bra" || operation == "brx";
        if (jumps || operation == "ret" || operation == "exit" || operation == "trap")
          region.jumps[next()].falls = !it.guard.empty();
        emit();
      }
      pending_.clear();
    }
    begins.push_back(next());
    // Falling off the end is a return.
    ptx::Statement end;
    end.line = body.statements.empty() ? body.line : body.statements.back().line;
    end.scope = body.scope;
    end.mnemonic = "ret";
    begin(end);
    in = {};
    decode_control(*this);
    region.jumps[next()] = {};
    emit();
    statement = nullptr;
    region.end = next();
    for (const Fixup& it : fixups_) {
      const uint32_t target = begins[it.statement];
      region.jumps[it.instruction].targets.push_back(target);
      Instruction& instruction = code_->instructions[it.instruction];
      if (it.table < 0)
        instruction.target = target;
      else
        const_cast<Extra*>(instruction.extra)->targets[static_cast<size_t>(it.table)] = target;
    }
  }

  void emit() {
    for (Occurrence& it : pending_) it.at = next();
    auto& occurrences = regions_.back().occurrences;
    occurrences.insert(occurrences.end(), pending_.begin(), pending_.end());
    emit_alone();
  }

  void emit_alone() {
    code_->instructions.push_back(in);
    code_->origins.push_back(
        {statement->source.file, statement->source.line, statement->line, std::string(statement->mnemonic)});
  }

  // Emits [made] in front of the instruction that is being decoded.
  void emit_before(const Instruction& made) {
    const Instruction saved = in;
    in = made;
    in.guard = saved.guard;
    in.guard_negated = saved.guard_negated;
    emit_alone();
    in = saved;
  }

  Slot read_special(int which, uint32_t bytes) {
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

  Slot float_constant(uint64_t bits, uint32_t bytes) {
    if (bytes == 8) return constant(bits, 8);
    if (bytes != 4) fail("a float where " + std::to_string(bytes) + " bytes are expected");
    double wide;
    std::memcpy(&wide, &bits, 8);
    const float narrow = static_cast<float>(wide);
    uint32_t word;
    std::memcpy(&word, &narrow, 4);
    return constant(word, 4);
  }

  uint32_t new_register(uint32_t bytes) {
    bytes_of_registers_.push_back(bytes);
    return static_cast<uint32_t>(bytes_of_registers_.size()) - 1;
  }

  Slot place(uint32_t number) {
    if (number < places_of_registers_.size()) return static_cast<Slot>(places_of_registers_[number]);
    const uint32_t bytes = bytes_of_registers_[number];
    if (bytes) registers_ = align(registers_, 64);
    places_of_registers_.push_back(registers_);
    registers_ += file_bytes(bytes);
    return static_cast<Slot>(places_of_registers_[number]);
  }

  Slot reg(const ptx::Symbol& symbol, uint32_t element, bool written) {
    const uint32_t bytes = size_of(symbol);
    if (bytes == 16) fail("registers of type " + std::string(symbol.type) + " are not supported");
    const auto [at, fresh] = register_numbers_.try_emplace({symbol.id, element}, 0);
    if (fresh) at->second = new_register(bytes);
    // Accumulators are read where they are written; a guarded instruction leaves some lanes as they were.
    const bool whole = written && statement->guard.empty() && statement->mnemonic.find("mma") == std::string_view::npos;
    pending_.push_back({0, at->second, !whole, whole});
    return place(at->second);
  }

  Slot return_slot(const ptx::Body& callee) {
    const auto [at, fresh] = returns_.try_emplace(&callee, 0);
    if (fresh) at->second = place(new_register(4));
    return at->second;
  }

  bool kernel_parameter(std::string_view name, const ptx::Symbol& symbol) const {
    uint32_t element = 0;
    return module_.find(entry_.scope, name, element) == &symbol;
  }

  // The address of a variable in its own space.
  uint64_t place_of(const ptx::Symbol& symbol, std::string_view name) {
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

  uint64_t local_place(uint32_t id, uint32_t bytes, uint32_t alignment) {
    const auto [at, fresh] = places_.try_emplace(id, 0);
    if (fresh) {
      local_ = align(local_, std::max(alignment, 8u));
      at->second = local_;
      local_ += bytes;
    }
    return at->second;
  }

  Slot address_of(const ptx::Symbol& symbol, const ptx::Operand& it, uint32_t bytes) {
    if (bytes != 4 && bytes != 8) fail("the address of '" + std::string(it.name) + "' needs 32 or 64 bits");
    if (symbol.space == ptx::Space::kGlobal || symbol.space == ptx::Space::kConst)
      return variable_address(symbol, bytes, it.value);
    return constant(place_of(symbol, it.name) + it.value, bytes);
  }

  Slot variable_address(const ptx::Symbol& symbol, uint32_t bytes, uint64_t add) {
    const auto offset = static_cast<uint32_t>(code_->constants.size());
    code_->constants.resize(offset + align(32 * bytes, 64));
    code_->addresses.push_back({offset, bytes, symbol.index, add});
    return ~static_cast<Slot>(offset);
  }

  // Between the caller's .param variables and the callee's, which all lie in local memory.
  void copy_parameters(const ptx::Body& callee, const std::vector<ptx::FormalParameter>& formals,
                       const ptx::Operand* actuals, bool in_to) {
    if ((actuals ? actuals->parts.size() : 0) != formals.size()) fail("wrong number of parameters or results");
    for (size_t i = 0; i < formals.size(); ++i) {
      uint32_t element = 0;
      const ptx::Symbol& actual = find(actuals->parts[i].name, element);
      if (actual.space != ptx::Space::kParameter || actual.bytes != formals[i].bytes)
        fail("a parameter of another size");
      const ptx::Symbol& formal = *module_.find(callee.scope, formals[i].name, element);
      const uint64_t outside = place_of(actual, actuals->parts[i].name);
      const uint64_t inside = local_place(formal.id, formals[i].bytes, formals[i].alignment);
      Instruction made;
      made.run = run_copy_local;
      made.immediate = static_cast<int64_t>(in_to ? inside : outside);
      made.target = static_cast<uint32_t>(in_to ? outside : inside);
      made.option = static_cast<uint16_t>(formals[i].bytes);
      emit_before(made);
    }
  }

  const ptx::Module& module_;
  const ptx::Body& entry_;
  const ptx::Body* body_ = nullptr;
  std::shared_ptr<Code> code_ = std::make_shared<Code>();
  const std::vector<Parameter>* parameters_ = nullptr;
  std::vector<const ptx::Body*> order_;
  std::set<const ptx::Body*> active_;
  std::vector<const ptx::Symbol*> shared_symbols_;
  std::map<uint32_t, uint64_t> places_;  // of shared and local variables, by Symbol::id
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> register_numbers_;
  std::vector<uint32_t> bytes_of_registers_, places_of_registers_;
  std::vector<Region> regions_;
  std::vector<Occurrence> pending_;  // of the statement that is being decoded
  std::map<std::pair<uint64_t, uint32_t>, Slot> constants_;
  std::map<const ptx::Body*, Slot> returns_;
  std::map<const ptx::Body*, uint32_t> begins_;
  std::vector<std::pair<uint32_t, const ptx::Body*>> calls_;
  std::vector<Fixup> fixups_;
  Slot carry_ = kNoSlot;
  uint32_t registers_, local_ = 0, shared_ = 0;
};

}  // namespace

// --- Decoder's own part ----------------------------------------------------------------------------------------------------

void Decoder::fail(const std::string& what) const {
  throw ParseError(statement->line, what + ": " + std::string(statement->mnemonic));
}

const ptx::Operand& Decoder::operand(size_t index) const {
  if (index >= statement->operands.size()) fail("an operand is missing");
  return statement->operands[index];
}

void Decoder::expect_count(size_t least, size_t most) const {
  if (count() < least || count() > most) fail("wrong number of operands, " + std::to_string(count()));
}

bool Decoder::take(std::string_view modifier) {
  const auto at = std::find(words_.begin(), words_.end(), modifier);
  if (at == words_.end()) return false;
  words_.erase(at);
  return true;
}

int Decoder::take_any(std::initializer_list<std::string_view> choices) {
  int index = 0;
  for (const std::string_view choice : choices) {
    if (take(choice)) return index;
    ++index;
  }
  return -1;
}

bool Decoder::has_type() const {
  return std::any_of(words_.begin(), words_.end(), [](std::string_view word) { return parse_type(word).lanes; });
}

Type Decoder::take_type() {
  for (size_t i = 0; i < words_.size(); ++i) {
    const Type type = parse_type(words_[i]);
    if (!type.lanes) continue;
    words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(i));
    return type;
  }
  fail("a type is missing");
}

std::vector<std::string_view> Decoder::rest() const { return words_; }

int64_t Decoder::immediate(size_t index) const {
  if (!is_immediate(index)) fail("operand " + std::to_string(index + 1) + " must be an integer constant");
  return static_cast<int64_t>(operand(index).value);
}

void Decoder::begin(const ptx::Statement& it) {
  statement = &it;
  words_.clear();
  const std::string_view all = it.mnemonic;
  for (size_t at = 0; at < all.size();) {
    const size_t end = std::min(all.find('.', at), all.size());
    words_.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  operation = words_[0];
  words_.erase(words_.begin());
}

void Decoder::finish() const {
  if (!words_.empty()) fail("unknown modifier ." + std::string(words_[0]));
}

Type parse_type(std::string_view name) {
  static const std::map<std::string_view, Type> known = [] {
    using Kind = Type::Kind;
    std::map<std::string_view, Type> types;
    const auto add = [&](std::string_view name, Kind kind, int bits, int lanes) {
      types[name] = {kind, static_cast<uint8_t>(bits), static_cast<uint8_t>(lanes), name};
    };
    add("b8", Kind::kBits, 8, 1), add("b16", Kind::kBits, 16, 1), add("b32", Kind::kBits, 32, 1),
        add("b64", Kind::kBits, 64, 1);
    add("u8", Kind::kUnsigned, 8, 1), add("u16", Kind::kUnsigned, 16, 1), add("u32", Kind::kUnsigned, 32, 1),
        add("u64", Kind::kUnsigned, 64, 1);
    add("s8", Kind::kSigned, 8, 1), add("s16", Kind::kSigned, 16, 1), add("s32", Kind::kSigned, 32, 1),
        add("s64", Kind::kSigned, 64, 1);
    add("u16x2", Kind::kUnsigned, 16, 2), add("s16x2", Kind::kSigned, 16, 2);
    add("f16", Kind::kFloat, 16, 1), add("f32", Kind::kFloat, 32, 1), add("f64", Kind::kFloat, 64, 1),
        add("f16x2", Kind::kFloat, 16, 2);
    add("bf16", Kind::kBFloat, 16, 1), add("bf16x2", Kind::kBFloat, 16, 2), add("tf32", Kind::kTF32, 32, 1);
    add("e4m3x2", Kind::kOther, 8, 2), add("e5m2x2", Kind::kOther, 8, 2);
    add("pred", Kind::kPredicate, 0, 1);
    return types;
  }();
  const auto found = known.find(name);
  return found == known.end() ? Type{Type::Kind::kOther, 0, 0, name} : found->second;
}

// --- interpreter.h ---------------------------------------------------------------------------------------------------------

std::shared_ptr<const Program> parse(std::string_view text) {
  const ptx::Module module = ptx::read(text);
  auto program = std::make_shared<Program>();
  for (const ptx::Body& body : module.bodies)
    if (body.entry && body.defined) {
      Builder first(module, body);
      first.build();
      uint32_t file = 0;
      std::vector<uint32_t> places = first.plan(file);
      program->functions.push_back(Builder(module, body, std::move(places), file).build());
    }
  program->variables = module.variables;
  program->files = module.files;
  program->target = module.target;
  return program;
}

const Function* Program::find(std::string_view name) const {
  for (const Function& it : functions)
    if (it.name == name) return &it;
  return nullptr;
}

}  // namespace sinter::sim
