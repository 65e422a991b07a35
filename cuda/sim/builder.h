// Decodes one kernel: its state, shared by decode.cpp (functions, statements), decode_operands.cpp (registers, constants, variables)
// and decode_flow.cpp (labels, calls). Place in the whole: the Decoder that the families of instructions see.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "decoder.h"
#include "registers.h"

namespace sinter::sim {

inline uint32_t align(uint32_t value, uint32_t to) { return (value + to - 1) / to * to; }

// [places]: of the kernel's registers in the file, by their number; without them each gets one of its own.
class Builder final : public Decoder {
 public:
  Builder(const ptx::Module& module, const ptx::Body& entry, std::vector<uint32_t> places = {}, uint32_t file = 0)
      : module_(module), entry_(entry), places_of_registers_(std::move(places)), registers_(file) {}

  // Of a kernel that was built without: where its registers can be, and the bytes of the file.
  std::vector<uint32_t> plan(uint32_t& file);
  Function build();

  // --- Decoder
  Slot source(const ptx::Operand& it, const Type& type) override;
  Slot destination(const ptx::Operand& it, uint32_t bytes) override { return named_register(it, bytes, true); }
  Slot named_register(const ptx::Operand& it, uint32_t bytes, bool written);
  Slot predicate_source(const ptx::Operand& it, bool* negated) override;
  int register_bytes(const ptx::Operand& it) override;
  Address address(const ptx::Operand& it) override;
  Slot constant(uint64_t bits, uint32_t bytes) override;
  Slot temporary(uint32_t bytes) override;
  Slot carry() override;
  void branch_to(const ptx::Operand& label) override { fixups_.push_back({next(), -1, label_index(label.name)}); }
  void branch_table(const ptx::Operand& table) override;
  bool call(std::string_view& name) override;

  Slot return_address() override { return body_ == &entry_ ? kNoSlot : return_slot(*body_); }
  Extra& extra() override;

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
  const ptx::Symbol& find(std::string_view name, uint32_t& element) const;
  uint32_t label_index(std::string_view name) const;

  // The functions that the kernel calls, callees before callers, and the shared variables that they name.
  void collect(const ptx::Body& body);
  void collect(const ptx::Operand& it);
  void place_shared();
  void decode(const ptx::Body& body);
  void emit();
  void emit_alone();

  // Emits [made] in front of the instruction that is being decoded.
  void emit_before(const Instruction& made);
  Slot read_special(int which, uint32_t bytes);
  Slot float_constant(uint64_t bits, uint32_t bytes);
  uint32_t new_register(uint32_t bytes);
  Slot place(uint32_t number);
  Slot reg(const ptx::Symbol& symbol, uint32_t element, bool written);
  Slot return_slot(const ptx::Body& callee);
  bool kernel_parameter(std::string_view name, const ptx::Symbol& symbol) const;

  // The address of a variable in its own space.
  uint64_t place_of(const ptx::Symbol& symbol, std::string_view name);
  uint64_t local_place(uint32_t id, uint32_t bytes, uint32_t alignment);
  Slot address_of(const ptx::Symbol& symbol, const ptx::Operand& it, uint32_t bytes);
  Slot variable_address(const ptx::Symbol& symbol, uint32_t bytes, uint64_t add);

  // Between the caller's .param variables and the callee's, which all lie in local memory.
  void copy_parameters(const ptx::Body& callee, const std::vector<ptx::FormalParameter>& formals,
                       const ptx::Operand* actuals, bool in_to);

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

}  // namespace sinter::sim
