// From syntax to instructions: which functions a kernel needs, where its shared variables are, and the families' decoders one after
// another. Place in the whole: parse() of interpreter.h.
#include <algorithm>

#include "builder.h"
#include "machine.h"

namespace sinter::sim {

namespace {

constexpr Family kFamilies[] = {decode_integer, decode_bits,        decode_compare, decode_float,  decode_half,
                                decode_convert, decode_approximate, decode_move,    decode_memory, decode_atomic,
                                decode_warp,    decode_control,     decode_matrix,  decode_wgmma,  decode_mbarrier,
                                decode_copy,    decode_bulk};

}  // namespace

std::vector<uint32_t> Builder::plan(uint32_t& file) {
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

Function Builder::build() {
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

Extra& Builder::extra() {
  if (!in.extra) {
    code_->extras.push_back(std::make_unique<Extra>());
    in.extra = code_->extras.back().get();
  }
  return *code_->extras.back();
}

void Builder::collect(const ptx::Body& body) {
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

void Builder::collect(const ptx::Operand& it) {
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

void Builder::place_shared() {
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

void Builder::decode(const ptx::Body& body) {
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

void Builder::emit() {
  for (Occurrence& it : pending_) it.at = next();
  auto& occurrences = regions_.back().occurrences;
  occurrences.insert(occurrences.end(), pending_.begin(), pending_.end());
  emit_alone();
}

void Builder::emit_alone() {
  code_->instructions.push_back(in);
  code_->origins.push_back(
      {statement->source.file, statement->source.line, statement->line, std::string(statement->mnemonic)});
}

void Builder::emit_before(const Instruction& made) {
  const Instruction saved = in;
  in = made;
  in.guard = saved.guard;
  in.guard_negated = saved.guard_negated;
  emit_alone();
  in = saved;
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
