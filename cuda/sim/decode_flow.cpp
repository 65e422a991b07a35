// Labels, and calls with their parameters, which all lie in local memory. Place in the whole: the part of Builder that
// exec_control.cpp uses.
#include "builder.h"
#include "control.h"

namespace sinter::sim {

void Builder::branch_table(const ptx::Operand& table) {
  uint32_t element = 0;
  const ptx::Symbol& symbol = find(table.name, element);
  if (symbol.space != ptx::Space::kTable) fail("'" + std::string(table.name) + "' is no list of branch targets");
  for (const std::string_view name : symbol.labels) {
    fixups_.push_back({next(), static_cast<int>(extra().targets.size()), label_index(name)});
    extra().targets.push_back(0);
  }
}

bool Builder::call(std::string_view& name) {
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
  in.d = return_slot(callee);
  calls_.emplace_back(next(), &callee);
  in.run = run_call;
  emit();
  copy_parameters(callee, callee.results, results, false);
  in = {};
  return true;
}

uint32_t Builder::label_index(std::string_view name) const {
  uint32_t element = 0;
  const ptx::Symbol& symbol = find(name, element);
  if (symbol.space != ptx::Space::kLabel) fail("'" + std::string(name) + "' is no label");
  return symbol.index;
}

Slot Builder::return_slot(const ptx::Body& callee) {
  const auto [at, fresh] = returns_.try_emplace(&callee, 0);
  if (fresh) at->second = place(new_register(4));
  return at->second;
}

void Builder::copy_parameters(const ptx::Body& callee, const std::vector<ptx::FormalParameter>& formals,
                              const ptx::Operand* actuals, bool in_to) {
  if ((actuals ? actuals->parts.size() : 0) != formals.size()) fail("wrong number of parameters or results");
  for (size_t i = 0; i < formals.size(); ++i) {
    uint32_t element = 0;
    const ptx::Symbol& actual = find(actuals->parts[i].name, element);
    if (actual.space != ptx::Space::kParameter || actual.bytes != formals[i].bytes) fail("a parameter of another size");
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

}  // namespace sinter::sim
