// What families of instructions decode with. Place in the whole: decode.cpp walks a kernel's statements and offers each to the
// families (exec_*.cpp); a family that knows the operation takes its modifiers and operands from here and sets a handler. A
// modifier that nobody took is an error.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "code.h"
#include "ptx.h"

namespace sinter::sim {

// .u32 and so on; of vectors of two, the whole register.
struct Type {
  enum class Kind : uint8_t { kBits, kUnsigned, kSigned, kFloat, kBFloat, kTF32, kPredicate, kOther };
  Kind kind = Kind::kBits;
  uint8_t bits = 0;  // of an element
  uint8_t lanes = 1;
  std::string_view name;

  uint32_t bytes() const { return bits * lanes / 8u; }
  bool is(std::string_view what) const { return name == what; }
  bool integer() const { return kind == Kind::kUnsigned || kind == Kind::kSigned || kind == Kind::kBits; }
  bool is_signed() const { return kind == Kind::kSigned; }
};

// An address operand: a register, or 0 and the offset alone.
struct Address {
  Slot base = kNoSlot;
  uint32_t base_bytes = 0;
  int64_t offset = 0;
  bool frame = false;  // of ld.param and st.param: of a call, which lies in local memory, not of the kernel
};

class Decoder {
 public:
  virtual ~Decoder() = default;

  // --- the statement
  const ptx::Statement* statement = nullptr;
  std::string_view operation;  // "add"
  Instruction in;

  [[noreturn]] void fail(const std::string& what) const;
  size_t count() const { return statement->operands.size(); }
  const ptx::Operand& operand(size_t index) const;
  void expect_count(size_t least, size_t most) const;
  void expect_count(size_t exactly) const { expect_count(exactly, exactly); }

  // --- modifiers, in any order
  bool take(std::string_view modifier);
  // The first of [choices] that is there, or -1.
  int take_any(std::initializer_list<std::string_view> choices);
  // The next modifier that is a type; fails where there is none.
  Type take_type();
  bool has_type() const;
  // What nobody has taken, in order.
  std::vector<std::string_view> rest() const;
  void take_rest() { words_.clear(); }

  // --- operands. [bytes] of the register; 0 is a predicate.
  Slot source(size_t index, const Type& type) { return source(operand(index), type); }
  Slot destination(size_t index, uint32_t bytes) { return destination(operand(index), bytes); }
  virtual Slot source(const ptx::Operand& operand, const Type& type) = 0;
  virtual Slot destination(const ptx::Operand& operand, uint32_t bytes) = 0;
  // A predicate as a source; [negated] where it is !p, or null where that is not allowed.
  virtual Slot predicate_source(const ptx::Operand& operand, bool* negated) = 0;
  // The bytes of the register that is the operand, 0: a predicate, -1: no register.
  virtual int register_bytes(const ptx::Operand& operand) = 0;
  virtual Address address(const ptx::Operand& operand) = 0;
  virtual Slot constant(uint64_t bits, uint32_t bytes) = 0;
  virtual Slot temporary(uint32_t bytes) = 0;
  virtual Slot carry() = 0;  // the condition code of add.cc and so on, as a predicate
  // Labels are resolved when the whole function has been decoded: in.target, or one more of extra().targets.
  virtual void branch_to(const ptx::Operand& label) = 0;
  virtual void branch_table(const ptx::Operand& table) = 0;
  // For `call`: copies arguments, calls, copies results. False: the function has no body; [name] is set.
  virtual bool call(std::string_view& name) = 0;
  virtual Slot return_address() = 0;  // kNoSlot in a kernel
  virtual Extra& extra() = 0;         // made on first use
  // The integer that the operand is; fails for a register.
  int64_t immediate(size_t index) const;
  bool is_immediate(size_t index) const { return operand(index).kind == ptx::Operand::Kind::kInteger; }

  // "mma.sync..." for families that read it as a whole
  std::string_view mnemonic() const { return statement->mnemonic; }

 protected:
  void begin(const ptx::Statement& it);
  void finish() const;  // fails where modifiers are left

 private:
  std::vector<std::string_view> words_;
};

Type parse_type(std::string_view name);  // lanes 0 where it is no type

// Handler of [make]<T>() for the integer type, of 16 bits or more.
template <class Make>
Handler for_integer(Decoder& d, const Type& type, Make&& make) {
  if (type.lanes == 1 && type.integer()) switch (type.bits) {
      case 16: return type.is_signed() ? make.template operator()<int16_t>() : make.template operator()<uint16_t>();
      case 32: return type.is_signed() ? make.template operator()<int32_t>() : make.template operator()<uint32_t>();
      case 64: return type.is_signed() ? make.template operator()<int64_t>() : make.template operator()<uint64_t>();
      default: break;
    }
  d.fail("type ." + std::string(type.name) + " is not possible");
}

// Each knows some operations: sets in.run and gives true, or false for what it does not know.
using Family = bool (*)(Decoder&);
bool decode_integer(Decoder& d);
bool decode_bits(Decoder& d);
bool decode_compare(Decoder& d);
bool decode_float(Decoder& d);
bool decode_half(Decoder& d);
bool decode_convert(Decoder& d);
bool decode_approximate(Decoder& d);
bool decode_move(Decoder& d);
bool decode_memory(Decoder& d);
bool decode_atomic(Decoder& d);
bool decode_warp(Decoder& d);
bool decode_control(Decoder& d);
bool decode_matrix(Decoder& d);
bool decode_wgmma(Decoder& d);
bool decode_mbarrier(Decoder& d);
bool decode_copy(Decoder& d);
bool decode_bulk(Decoder& d);

}  // namespace sinter::sim
