// mma.sync, mma.sp, ldmatrix, stmatrix, movmatrix: a warp's registers to the models of matrix.h.
#include <stdexcept>

#include "exec_async.h"
#include "matrix.h"

namespace sinter::sim {
namespace {

constexpr size_t kMost = 16;  // registers of an operand

template <class T>
void pointers(Warp& warp, const std::vector<Slot>& slots, const T** out) {
  for (size_t i = 0; i < slots.size(); ++i) out[i] = warp.source<T>(slots[i]);
}

template <class T>
void pointers(Warp& warp, const std::vector<Slot>& slots, T** out) {
  for (size_t i = 0; i < slots.size(); ++i) out[i] = warp.lanes<T>(slots[i]);
}

template <class T, class Run>
void with_registers(Warp& warp, const Extra& extra, Run&& run) {
  T* d[kMost];
  const T *a[kMost], *b[kMost], *c[kMost];
  pointers(warp, extra.d, d);
  pointers(warp, extra.a, a);
  pointers(warp, extra.b, b);
  pointers(warp, extra.c, c);
  run(d, a, b, c);
}

void run_mma(Warp& warp, const Instruction& in, uint32_t mask) {
  if (!warp.aligned(mask)) return;
  const Mma& op = *static_cast<const Mma*>(in.extra->model.get());
  with_registers<uint32_t>(warp, *in.extra, [&](auto* d, auto* a, auto* b, auto* c) {
    if (op.sparse)
      mma_sparse(op, d, a, b, c, warp.source<uint32_t>(in.a), static_cast<uint32_t>(in.immediate));
    else
      mma(op, d, a, b, c);
  });
}

void run_mma_f64(Warp& warp, const Instruction& in, uint32_t mask) {
  if (!warp.aligned(mask)) return;
  const Mma& op = *static_cast<const Mma*>(in.extra->model.get());
  with_registers<uint64_t>(warp, *in.extra, [&](auto* d, auto* a, auto* b, auto* c) { mma_f64(op, d, a, b, c); });
}

// Host addresses of the rows that lanes 0 to 8 * count - 1 name.
void rows_of(Warp& warp, const Instruction& in, Access access, std::byte* (&rows)[32]) {
  const Place& place = *static_cast<const Place*>(in.extra->model.get());
  uint64_t addresses[32];
  for (int lane = 0; lane < 8 * in.option; ++lane) {
    addresses[lane] = in_shared(place.at(warp, lane));
    rows[lane] = at<Where::kShared>(warp, in, addresses[lane], 16, lane, access);
  }
  if (Profile* profile = warp.run->profile)
    profile->access(warp, in, Where::kShared, addresses, kAll >> (32 - 8 * in.option), 16);
}

// option: how many matrices; immediate: transposed
void run_ldmatrix(Warp& warp, const Instruction& in, uint32_t mask) {
  if (!warp.aligned(mask)) return;
  std::byte* rows[32];
  uint32_t* d[4];
  rows_of(warp, in, Access::kLoad, rows);
  pointers(warp, in.extra->d, d);
  ldmatrix(in.option, in.immediate != 0, d, rows);
}

void run_stmatrix(Warp& warp, const Instruction& in, uint32_t mask) {
  if (!warp.aligned(mask)) return;
  std::byte* rows[32];
  const uint32_t* a[4];
  rows_of(warp, in, Access::kStore, rows);
  pointers(warp, in.extra->a, a);
  stmatrix(in.option, in.immediate != 0, rows, a);
}

void run_movmatrix(Warp& warp, const Instruction& in, uint32_t mask) {
  if (!warp.aligned(mask)) return;
  uint32_t d[32];
  movmatrix(d, warp.source<uint32_t>(in.a));
  std::memcpy(warp.lanes<uint32_t>(in.d), d, sizeof d);
}

// --- decoding ------------------------------------------------------------------------------------------------------------

std::vector<const ptx::Operand*> parts_of(const ptx::Operand& operand) {
  if (operand.kind != ptx::Operand::Kind::kVector) return {&operand};
  std::vector<const ptx::Operand*> parts;
  for (const ptx::Operand& part : operand.parts) parts.push_back(&part);
  return parts;
}

std::vector<Slot> sources(Decoder& d, size_t index, int count, uint32_t bytes) {
  std::vector<Slot> slots;
  // The type that the register has: f32 and b32 registers hold the same bits.
  for (const ptx::Operand* part : parts_of(d.operand(index)))
    slots.push_back(d.source(*part, parse_type(bytes == 8 ? "b64" : "b32")));
  if (slots.size() != static_cast<size_t>(count))
    d.fail("operand " + std::to_string(index + 1) + " has " + std::to_string(slots.size()) + " registers, not " +
           std::to_string(count));
  return slots;
}

std::vector<Slot> destinations(Decoder& d, size_t index, int count, uint32_t bytes) {
  std::vector<Slot> slots;
  for (const ptx::Operand* part : parts_of(d.operand(index))) slots.push_back(d.destination(*part, bytes));
  if (slots.size() != static_cast<size_t>(count))
    d.fail("operand " + std::to_string(index + 1) + " has " + std::to_string(slots.size()) + " registers, not " +
           std::to_string(count));
  return slots;
}

bool decode_mma(Decoder& d) {
  auto op = std::make_shared<Mma>();
  try {
    *op = parse_mma(d.mnemonic());
  } catch (const std::invalid_argument& error) {
    d.fail(error.what());
  }
  d.take_rest();
  d.expect_count(op->sparse ? 6 : 4);
  const uint32_t bytes = op->a == Element::kF64 ? 8 : 4;
  Extra& extra = d.extra();
  extra.d = destinations(d, 0, op->registers_sum, bytes);
  extra.a = sources(d, 1, op->registers_a, bytes);
  extra.b = sources(d, 2, op->registers_b, bytes);
  extra.c = sources(d, 3, op->registers_sum, bytes);
  if (op->sparse) {
    d.in.a = d.source(4, parse_type("b32"));
    d.in.immediate = d.immediate(5);
  }
  extra.model = op;
  d.in.run = bytes == 8 ? run_mma_f64 : run_mma;
  return true;
}

void take_shape(Decoder& d) {
  if (!d.take("sync") || !d.take("aligned") || !d.take("m8n8") || !d.take("b16"))
    d.fail("sync, aligned, m8n8 and b16 are expected");
}

bool decode_load_or_store(Decoder& d, bool load) {
  take_shape(d);
  const int count = d.take_any({"x1", "x2", "x4"});
  if (count < 0) d.fail("x1, x2 or x4 is missing");
  d.in.option = static_cast<uint16_t>(1 << count);
  d.in.immediate = d.take("trans");
  d.take_any({"shared", "shared::cta"});
  d.expect_count(2);
  Extra& extra = d.extra();
  if (load)
    extra.d = destinations(d, 0, d.in.option, 4);
  else
    extra.a = sources(d, 1, d.in.option, 4);
  extra.model = std::make_shared<Place>(place_of(d, load ? 1 : 0));
  d.in.run = load ? run_ldmatrix : run_stmatrix;
  return true;
}

}  // namespace

bool decode_matrix(Decoder& d) {
  if (d.operation == "mma") return decode_mma(d);
  if (d.operation == "ldmatrix" || d.operation == "stmatrix") return decode_load_or_store(d, d.operation == "ldmatrix");
  if (d.operation != "movmatrix") return false;
  take_shape(d);
  if (!d.take("trans")) d.fail("trans is missing");
  d.expect_count(2);
  d.in.d = d.destination(0, 4);
  d.in.a = d.source(1, parse_type("b32"));
  d.in.run = run_movmatrix;
  return true;
}

}  // namespace sinter::sim
