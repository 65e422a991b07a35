// mov, and what changes between kinds of addresses: cvta, isspacep, mapa, getctarank; cache policies, which are only numbers here.
#include "access.h"
#include "decoder.h"

namespace sinter::sim {

namespace {

template <class T>
T same(T a) {
  return a;
}

void run_move_predicate(Warp& warp, const Instruction& in, uint32_t mask) {
  warp.set_predicate(in.d, mask, in.option ? ~warp.predicate(in.a) : warp.predicate(in.a));
}

template <class T>
uint64_t part(const Warp& warp, Slot slot, int lane) {
  return warp.source<T>(slot)[lane];
}

uint64_t read_bytes(const Warp& warp, Slot slot, uint32_t bytes, int lane) {
  return bytes == 2   ? part<uint16_t>(warp, slot, lane)
         : bytes == 4 ? part<uint32_t>(warp, slot, lane)
                      : part<uint64_t>(warp, slot, lane);
}

// option: bytes of a part; bytes: of the whole
void run_join(Warp& warp, const Instruction& in, uint32_t mask) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    uint64_t whole = 0;
    int shift = 0;
    for (const Slot slot : in.extra->a) {
      whole |= read_bytes(warp, slot, in.option, lane) << shift;
      shift += 8 * in.option;
    }
    warp.set_lane(in.d, in.bytes, lane, whole);
  }
}

void run_split(Warp& warp, const Instruction& in, uint32_t mask) {
  uint64_t whole[32];
  for (int lane = 0; lane < 32; ++lane) whole[lane] = read_bytes(warp, in.a, in.bytes, lane);
  int shift = 0;
  for (const Slot slot : in.extra->d) {
    for (uint32_t rest = mask; rest; rest &= rest - 1) {
      const int lane = std::countr_zero(rest);
      warp.set_lane(slot, in.option, lane, whole[lane] >> shift);
    }
    shift += 8 * in.option;
  }
}

// --- addresses: immediate is the window -------------------------------------------------------------------------------------

void run_to_generic(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto window = static_cast<uint64_t>(in.immediate);
  if (in.bytes == 8) {
    const auto* a = warp.source<uint64_t>(in.a);
    each(warp.lanes<uint64_t>(in.d), mask, [&](int i) { return a[i] + window; });
  } else {
    throw ExecutionFault{Fault::kIllegalInstruction, "generic addresses have 64 bits"};
  }
}

void run_from_generic(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto window = static_cast<uint64_t>(in.immediate);
  const auto* a = warp.source<uint64_t>(in.a);
  each(warp.lanes<uint64_t>(in.d), mask, [&](int i) { return a[i] - window; });
}

enum class Space : uint16_t { kGlobal, kShared, kSharedBlock, kSharedCluster, kLocal, kConst, kParameter };

void run_is_space(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto* a = warp.source<uint64_t>(in.a);
  const auto space = static_cast<Space>(in.option);
  uint32_t result = 0;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    const uint64_t window = a[lane] & ~kWindowMask, offset = a[lane] & kWindowMask;
    bool is = false;
    switch (space) {
      case Space::kGlobal: is = window == 0; break;
      case Space::kShared:
      case Space::kSharedBlock:
        is = window == kSharedWindow && (offset >> kWindowBits == 0 || &block_of(warp, offset, lane) == warp.block);
        break;
      case Space::kSharedCluster: is = window == kSharedWindow; break;
      case Space::kLocal: is = window == kLocalWindow; break;
      case Space::kParameter: is = window == kParameterWindow; break;
      case Space::kConst: {
        const Allocation* found = window ? nullptr : warp.run->memory.reach(a[lane], 1);
        is = found && found->read_only;
      }
    }
    if (is) result |= 1u << lane;
  }
  warp.set_predicate(in.d, mask, result);
}

// option: 1 where the address is generic
void run_map(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto* rank = warp.source<uint32_t>(in.b);
  const auto size = warp.block->cluster->blocks.size();
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    if (rank[lane] >= size)
      throw ExecutionFault{Fault::kIllegalInstruction,
                           "rank " + std::to_string(rank[lane]) + " in a cluster of " + std::to_string(size), lane};
    const uint64_t address = read_bytes(warp, in.a, in.bytes, lane);
    constexpr uint64_t kOffset = (1u << kWindowBits) - 1;
    warp.set_lane(in.d, in.bytes, lane,
                  (address & ~kWindowMask) | (address & kOffset) | uint64_t{rank[lane] + 1} << kWindowBits);
  }
}

void run_rank(Warp& warp, const Instruction& in, uint32_t mask) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    const uint64_t address = read_bytes(warp, in.a, in.bytes, lane) & kWindowMask;
    warp.lanes<uint32_t>(in.d)[lane] = block_of(warp, address, lane).rank;
  }
}

// --- decoding ------------------------------------------------------------------------------------------------------------

Type bits_type(uint32_t bytes) { return {Type::Kind::kBits, static_cast<uint8_t>(8 * bytes), 1, "b"}; }

Handler copy_of(Decoder& d, uint32_t bytes) {
  switch (bytes) {
    case 2: return lanewise1<same<uint16_t>, uint16_t, uint16_t>;
    case 4: return lanewise1<same<uint32_t>, uint32_t, uint32_t>;
    case 8: return lanewise1<same<uint64_t>, uint64_t, uint64_t>;
    default: d.fail("registers of this size are not supported");
  }
}

bool decode_mov(Decoder& d) {
  const Type type = d.take_type();
  d.expect_count(2);
  using Kind = ptx::Operand::Kind;
  if (type.kind == Type::Kind::kPredicate) {
    d.in.d = d.destination(0, 0);
    bool negated = false;
    d.in.a = d.predicate_source(d.operand(1), &negated);
    d.in.option = negated;
    d.in.run = run_move_predicate;
    return true;
  }
  const ptx::Operand &to = d.operand(0), &from = d.operand(1);
  d.in.bytes = static_cast<uint8_t>(type.bytes());
  const auto part_bytes = [&](const ptx::Operand& parts) {
    if (parts.parts.empty() || type.bytes() % parts.parts.size()) d.fail("parts that do not make up the whole");
    const size_t bytes = type.bytes() / parts.parts.size();
    if (bytes < 2) d.fail("parts of 8 bits are not supported");
    d.in.option = static_cast<uint16_t>(bytes);
    return static_cast<uint32_t>(bytes);
  };
  if (to.kind == Kind::kVector) {
    const uint32_t bytes = part_bytes(to);
    d.in.a = d.source(1, type);
    for (const ptx::Operand& it : to.parts) {
      const Slot slot = d.destination(it, bytes);
      d.extra().d.push_back(slot);
    }
    d.in.run = run_split;
  } else if (from.kind == Kind::kVector) {
    const uint32_t bytes = part_bytes(from);
    d.in.d = d.destination(0, type.bytes());
    for (const ptx::Operand& it : from.parts) {
      const Slot slot = d.source(it, bits_type(bytes));
      d.extra().a.push_back(slot);
    }
    d.in.run = run_join;
  } else {
    d.in.d = d.destination(0, type.bytes());
    d.in.a = d.source(1, type);
    d.in.run = copy_of(d, type.bytes());
  }
  return true;
}

bool decode_cvta(Decoder& d) {
  const bool to = d.take("to");
  const int space =
      d.take_any({"global", "const", "shared", "shared::cta", "shared::cluster", "local", "param", "param::entry"});
  if (space < 0) d.fail("a state space is missing");
  const Type type = d.take_type();
  if (type.bytes() != 8) d.fail("addresses have 64 bits");
  d.expect_count(2);
  d.in.d = d.destination(0, 8);
  d.in.a = d.source(1, type);
  d.in.bytes = 8;
  constexpr uint64_t kWindows[] = {
      0, 0, kSharedWindow, kSharedWindow, kSharedWindow, kLocalWindow, kParameterWindow, kParameterWindow};
  d.in.immediate = static_cast<int64_t>(kWindows[space]);
  d.in.run = space < 2 ? copy_of(d, 8) : to ? run_from_generic : run_to_generic;
  return true;
}

bool decode_is_space(Decoder& d) {
  const int space =
      d.take_any({"global", "shared", "shared::cta", "shared::cluster", "local", "const", "param", "param::entry"});
  if (space < 0) d.fail("a state space is missing");
  d.in.option = static_cast<uint16_t>(std::min(space, static_cast<int>(Space::kParameter)));
  d.expect_count(2);
  d.in.d = d.destination(0, 0);
  d.in.a = d.source(1, bits_type(8));
  d.in.run = run_is_space;
  return true;
}

bool decode_cluster_address(Decoder& d) {
  const bool map = d.operation == "mapa";
  d.take("shared::cluster");
  const Type type = d.take_type();
  d.expect_count(map ? 3 : 2);
  if (map) {
    d.in.bytes = static_cast<uint8_t>(type.bytes());
    d.in.d = d.destination(0, type.bytes());
    d.in.a = d.source(1, type);
    d.in.b = d.source(2, bits_type(4));
    d.in.run = run_map;
  } else {
    const int bytes = d.register_bytes(d.operand(1));
    d.in.bytes = static_cast<uint8_t>(bytes > 0 ? bytes : 4);
    d.in.d = d.destination(0, 4);
    d.in.a = d.source(1, bits_type(d.in.bytes));
    d.in.run = run_rank;
  }
  return true;
}

}  // namespace

bool decode_move(Decoder& d) {
  const std::string_view op = d.operation;
  if (op == "mov") return decode_mov(d);
  if (op == "cvta") return decode_cvta(d);
  if (op == "isspacep") return decode_is_space(d);
  if (op == "mapa" || op == "getctarank") return decode_cluster_address(d);
  if (op == "createpolicy") {
    d.take_rest();
    d.in.d = d.destination(0, 8);
    d.in.a = d.constant(0, 8);
    d.in.run = copy_of(d, 8);
    return true;
  }
  return false;
}

}  // namespace sinter::sim
