// wgmma: a warp computes its own rows when the instruction is issued: compilers move accumulators about before the wait, as they
// know that they will be the same registers in the end. What must not change until the wait is shared memory: where launches land
// late, it is looked at again then. A wait that leaves products out, and a warp that ends before them, are faults.
#include <stdexcept>

#include "exec_async.h"
#include "matrix.h"

namespace sinter::sim {
namespace {

struct Model {
  Wgmma op;
  bool a_in_registers = false, negate_a = false, negate_b = false, transpose_a = false, transpose_b = false;
};

const Model& model_of(const Instruction& in) { return *static_cast<const Model*>(in.extra->model.get()); }

// What an instruction takes along when it is issued: descriptors, metadata, scale-d. They are the same in all lanes.
WgmmaOperands operands_of(Warp& warp, const Instruction& in, uint32_t mask) {
  const Model& model = model_of(in);
  WgmmaOperands operands{.selector = static_cast<uint32_t>(in.immediate),
                         .negate_a = model.negate_a,
                         .negate_b = model.negate_b,
                         .transpose_a = model.transpose_a,
                         .transpose_b = model.transpose_b};
  const auto uniform = [&](Slot slot) {
    const auto* value = warp.source<uint64_t>(slot);
    for (int lane = 1; lane < 32; ++lane)
      if (value[lane] != value[0])
        throw ExecutionFault{Fault::kIllegalInstruction, "lanes of a warp have different matrix descriptors", lane};
    return value[0];
  };
  static constexpr const uint32_t* kRegisters[4] = {};  // until compute() has them
  if (model.a_in_registers)
    operands.a = kRegisters;
  else
    operands.descriptor_a = uniform(in.a);
  operands.descriptor_b = uniform(in.b);
  const uint32_t scale = warp.predicate(in.p) & mask;
  if (scale && scale != mask)
    throw ExecutionFault{Fault::kIllegalInstruction, "lanes of a warp differ in scale-d", std::countr_zero(mask)};
  operands.accumulate = (scale != 0) != (in.option != 0);
  return operands;
}

void compute(Warp& warp, const Instruction& in, WgmmaOperands operands, const std::array<uint32_t, 32>& metadata) {
  const Model& model = model_of(in);
  const Extra& extra = *in.extra;
  uint32_t* d[128];
  const uint32_t* a[4];
  for (size_t i = 0; i < extra.d.size(); ++i) d[i] = warp.lanes<uint32_t>(extra.d[i]);
  for (size_t i = 0; i < extra.a.size(); ++i) a[i] = warp.source<uint32_t>(extra.a[i]);
  if (model.a_in_registers) operands.a = a;
  operands.metadata = metadata.data();
  const auto& shared = warp.block->shared;
  wgmma(model.op, static_cast<int>(warp.index % 4), d, operands,
        {shared.data(), kSharedBase, static_cast<uint32_t>(shared.size())});
}

// Of all the shared memory that the instruction reads for this warp.
uint64_t fingerprint(Warp& warp, const Instruction& in, const WgmmaOperands& operands) {
  struct Sum {
    const std::vector<std::byte>& shared;
    uint64_t value = 0;
  } sum{warp.block->shared};
  const auto see = [](void* context, uint32_t address) {
    Sum& all = *static_cast<Sum*>(context);
    uint64_t words[2];
    std::memcpy(words, all.shared.data() + (address - kSharedBase), 16);
    for (const uint64_t word : words) all.value = (std::rotl(all.value, 5) ^ word) * 0x9E3779B97F4A7C15u;
  };
  wgmma_reads(model_of(in).op, static_cast<int>(warp.index % 4), operands, see, &sum);
  return sum.value;
}

void tell_checker(Warp& warp, const Instruction& in, const WgmmaOperands& operands) {
  const auto see = [&](uint32_t address) { warp.run->checker->shared(warp, in, address, 16, 0, Access::kLoad); };
  wgmma_reads(
      model_of(in).op, static_cast<int>(warp.index % 4), operands,
      [](void* context, uint32_t address) { (*static_cast<decltype(see)*>(context))(address); },
      const_cast<void*>(static_cast<const void*>(&see)));
}

// p: scale-d, and option whether it is negated
void run_wgmma(Warp& warp, const Instruction& in, uint32_t mask) {
  if (!warp.aligned(mask)) return;
  const WgmmaOperands operands = operands_of(warp, in, mask);
  std::array<uint32_t, 32> metadata{};
  if (in.c != kNoSlot) std::copy_n(warp.source<uint32_t>(in.c), 32, metadata.begin());
  compute(warp, in, operands, metadata);
  if (warp.run->checker) tell_checker(warp, in, operands);
  if (!lands_late(warp)) return warp.products.add(nullptr);
  warp.products.add([&warp, &in, operands, before = fingerprint(warp, in, operands)] {
    if (fingerprint(warp, in, operands) != before)
      throw ExecutionFault{Fault::kIllegalInstruction,
                           "shared memory was overwritten while a wgmma read it: its wait_group comes too late", -1};
  });
}

// Nothing but the convergence that .aligned asks for.
void run_fence(Warp& warp, const Instruction&, uint32_t mask) { warp.aligned(mask); }

void run_commit(Warp& warp, const Instruction&, uint32_t mask) {
  if (warp.aligned(mask)) warp.products.commit();
}

// Who waits for all groups believes that all products are done, and what no group has is not.
void run_wait(Warp& warp, const Instruction& in, uint32_t mask) {
  if (!warp.aligned(mask)) return;
  if (in.immediate == 0 && warp.products.uncommitted())
    throw ExecutionFault{Fault::kIllegalInstruction,
                         "wait_group 0 does not wait for a wgmma that no commit_group has come after", -1};
  warp.products.wait(static_cast<uint32_t>(in.immediate));
}

// --- decoding ------------------------------------------------------------------------------------------------------------

// +1 or -1
bool negative(Decoder& d, size_t at) {
  const int64_t value = d.immediate(at);
  if (value != 1 && value != -1) d.fail("imm-scale must be 1 or -1");
  return value < 0;
}

bool decode_product(Decoder& d) {
  auto model = std::make_shared<Model>();
  try {
    model->op = parse_wgmma(d.mnemonic());
  } catch (const std::invalid_argument& error) {
    d.fail(error.what());
  }
  d.take_rest();
  const Wgmma& op = model->op;
  Extra& extra = d.extra();
  for (const ptx::Operand& part : d.operand(0).parts) extra.d.push_back(d.destination(part, 4));
  if (extra.d.size() != static_cast<size_t>(op.registers_sum))
    d.fail("d has " + std::to_string(extra.d.size()) + " registers, not " + std::to_string(op.registers_sum));
  size_t at = 1;
  model->a_in_registers = d.operand(at).kind == ptx::Operand::Kind::kVector;
  if (model->a_in_registers) {
    for (const ptx::Operand& part : d.operand(at).parts) extra.a.push_back(d.source(part, parse_type("b32")));
    if (extra.a.size() != 4) d.fail("A has 4 registers");
  } else {
    d.in.a = d.source(at, parse_type("b64"));
  }
  d.in.b = d.source(++at, parse_type("b64"));
  if (op.sparse) {
    d.in.c = d.source(++at, parse_type("b32"));
    d.in.immediate = d.immediate(++at);
  }
  bool negated = false;
  d.in.p = d.predicate_source(d.operand(++at), &negated);
  d.in.option = negated;
  const bool integer = op.sum == Element::kS32;
  if (!integer) {
    model->negate_a = negative(d, ++at);
    model->negate_b = negative(d, ++at);
    if (bits_of(op.a) == 16) {
      if (!model->a_in_registers) model->transpose_a = d.immediate(++at) != 0;
      model->transpose_b = d.immediate(++at) != 0;
    }
  }
  d.expect_count(at + 1);
  d.in.run = run_wgmma;
  extra.model = model;
  return true;
}

}  // namespace

bool decode_wgmma(Decoder& d) {
  if (d.operation == "setmaxnreg") {  // registers change hands between warpgroups; the simulator has enough of them
    if (!d.take("inc") && !d.take("dec")) d.fail("inc or dec is missing");
    if (!d.take("sync") || !d.take("aligned") || !d.take("u32")) d.fail("sync.aligned.u32 is missing");
    d.expect_count(1);
    const int64_t count = d.immediate(0);
    if (count < 24 || count > 256 || count % 8) d.fail("a multiple of 8 from 24 to 256 is expected");
    d.in.run = run_fence;
    return true;
  }
  if (d.operation != "wgmma") return false;
  if (d.mnemonic().starts_with("wgmma.mma_async")) return decode_product(d);
  const int kind = d.take_any({"fence", "commit_group", "wait_group"});
  if (kind < 0) return false;
  if (!d.take("sync") || !d.take("aligned")) d.fail("sync.aligned is missing");
  d.expect_count(kind == 2 ? 1 : 0);
  if (kind == 2) d.in.immediate = d.immediate(0);
  constexpr Handler kRuns[] = {run_fence, run_commit, run_wait};
  d.in.run = kRuns[kind];
  return true;
}

}  // namespace sinter::sim
