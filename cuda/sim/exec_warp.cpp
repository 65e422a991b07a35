// What the lanes of a warp do together: shfl, vote, match, redux, elect, activemask.
#include <algorithm>

#include "decoder.h"
#include "machine.h"

namespace sinter::sim {

namespace {

enum class Mode : uint16_t { kUp, kDown, kButterfly, kIndex };

// The lane that [lane] reads, and whether it is within the segment that c describes.
std::pair<int, bool> shuffle_source(Mode mode, int lane, uint32_t b, uint32_t c) {
  const int by = static_cast<int>(b & 31), segment = static_cast<int>(c >> 8 & 31), clamp = static_cast<int>(c & 31);
  const int last = (lane & segment) | (clamp & ~segment), first = lane & segment;
  int from = lane;
  bool inside = false;
  switch (mode) {
    case Mode::kUp: from = lane - by, inside = from >= last; break;
    case Mode::kDown: from = lane + by, inside = from <= last; break;
    case Mode::kButterfly: from = lane ^ by, inside = from <= last; break;
    case Mode::kIndex: from = first | (by & ~segment), inside = from <= last; break;
  }
  return {inside ? from : lane, inside};
}

void run_shuffle(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto *b = warp.source<uint32_t>(in.b), *c = warp.source<uint32_t>(in.c);
  warp.teams(mask, warp.source<uint32_t>(in.extra->more[0]), [&](uint32_t team) {
    const auto* a = warp.source<uint32_t>(in.a);
    uint32_t result[32], within = 0;
    for (uint32_t rest = team; rest; rest &= rest - 1) {
      const int lane = std::countr_zero(rest);
      const auto [from, inside] = shuffle_source(static_cast<Mode>(in.option), lane, b[lane], c[lane]);
      if (!(team >> from & 1))
        warp.undefined("a value from lane " + std::to_string(from) + ", which does not take part", lane);
      result[lane] = a[from];
      within |= (inside ? 1u : 0u) << lane;
    }
    each_active(warp.lanes<uint32_t>(in.d), team, [&](int lane) { return result[lane]; });
    if (in.p != kNoSlot) warp.set_predicate(in.p, team, within);
  });
}

enum class Vote : uint16_t { kAll, kAny, kUniform, kBallot };

void run_vote(Warp& warp, const Instruction& in, uint32_t mask) {
  const uint32_t given = in.immediate ? ~warp.predicate(in.a) : warp.predicate(in.a);
  warp.teams(mask, warp.source<uint32_t>(in.b), [&](uint32_t team) {
    const uint32_t ballot = given & team;
    bool holds = false;
    switch (static_cast<Vote>(in.option)) {
      case Vote::kAll: holds = ballot == team; break;
      case Vote::kAny: holds = ballot != 0; break;
      case Vote::kUniform: holds = ballot == team || ballot == 0; break;
      case Vote::kBallot: each(warp.lanes<uint32_t>(in.d), team, [&](int) { return ballot; }); return;
    }
    warp.set_predicate(in.d, team, holds ? kAll : 0);
  });
}

// option: 1 for all
template <class T>
void run_match(Warp& warp, const Instruction& in, uint32_t mask) {
  const T* a = warp.source<T>(in.a);
  warp.teams(mask, warp.source<uint32_t>(in.b), [&](uint32_t team) {
    uint32_t same[32] = {};
    for (uint32_t rest = team; rest; rest &= rest - 1) {
      const int lane = std::countr_zero(rest);
      for (uint32_t others = team; others; others &= others - 1)
        if (a[std::countr_zero(others)] == a[lane]) same[lane] |= others & -others;
    }
    if (in.option) {
      const bool all = same[std::countr_zero(team)] == team;
      each(warp.lanes<uint32_t>(in.d), team, [&](int) { return all ? team : 0; });
      if (in.p != kNoSlot) warp.set_predicate(in.p, team, all ? kAll : 0);
    } else {
      each_active(warp.lanes<uint32_t>(in.d), team, [&](int lane) { return same[lane]; });
    }
  });
}

enum class Reduce : uint16_t { kAdd, kMin, kMax, kAnd, kOr, kXor };

template <class T>
T reduced(Reduce how, T a, T b) {
  switch (how) {
    case Reduce::kAdd: return static_cast<T>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
    case Reduce::kMin: return std::min(a, b);
    case Reduce::kMax: return std::max(a, b);
    case Reduce::kAnd: return a & b;
    case Reduce::kOr: return a | b;
    case Reduce::kXor: return a ^ b;
  }
  return a;
}

template <class T>
void run_reduce(Warp& warp, const Instruction& in, uint32_t mask) {
  const T* a = warp.source<T>(in.a);
  warp.teams(mask, warp.source<uint32_t>(in.b), [&](uint32_t team) {
    T result = a[std::countr_zero(team)];
    for (uint32_t rest = team & (team - 1); rest; rest &= rest - 1)
      result = reduced(static_cast<Reduce>(in.option), result, a[std::countr_zero(rest)]);
    each(warp.lanes<T>(in.d), team, [&](int) { return result; });
  });
}

void run_elect(Warp& warp, const Instruction& in, uint32_t mask) {
  warp.teams(mask, warp.source<uint32_t>(in.b), [&](uint32_t team) {
    const auto leader = static_cast<uint32_t>(std::countr_zero(team));
    each(warp.lanes<uint32_t>(in.d), team, [&](int) { return leader; });
    warp.set_predicate(in.p, team, 1u << leader);
  });
}

void run_active_mask(Warp& warp, const Instruction& in, uint32_t mask) {
  each(warp.lanes<uint32_t>(in.d), mask, [&](int) { return mask; });
}

constexpr Type kB32{Type::Kind::kBits, 32, 1, "b32"};

// d, or d|p
void take_results(Decoder& d, uint32_t bytes) {
  const ptx::Operand& result = d.operand(0);
  if (result.kind == ptx::Operand::Kind::kPair) {
    d.in.d = d.destination(result.parts[0], bytes);
    d.in.p = d.destination(result.parts[1], 0);
  } else {
    d.in.d = d.destination(result, bytes);
  }
}

void need_sync(Decoder& d) {
  if (!d.take("sync")) d.fail("sync is missing");
}

}  // namespace

bool decode_warp(Decoder& d) {
  const std::string_view op = d.operation;
  if (op == "shfl") {
    need_sync(d);
    const int mode = d.take_any({"up", "down", "bfly", "idx"});
    if (mode < 0) d.fail("up, down, bfly or idx is missing");
    d.take_type();
    d.expect_count(5);
    take_results(d, 4);
    d.in.a = d.source(1, kB32), d.in.b = d.source(2, kB32), d.in.c = d.source(3, kB32);
    const Slot members = d.source(4, kB32);
    d.extra().more.push_back(members);
    d.in.option = static_cast<uint16_t>(mode);
    d.in.run = run_shuffle;
  } else if (op == "vote") {
    need_sync(d);
    const int vote = d.take_any({"all", "any", "uni", "ballot"});
    if (vote < 0) d.fail("all, any, uni or ballot is missing");
    d.take_type();
    d.expect_count(3);
    d.in.d = d.destination(0, vote == 3 ? 4 : 0);
    bool negated = false;
    d.in.a = d.predicate_source(d.operand(1), &negated);
    d.in.immediate = negated;
    d.in.b = d.source(2, kB32);
    d.in.option = static_cast<uint16_t>(vote);
    d.in.run = run_vote;
  } else if (op == "match") {
    const int kind = d.take_any({"any", "all"});
    need_sync(d);
    const Type type = d.take_type();
    d.expect_count(3);
    take_results(d, 4);
    d.in.a = d.source(1, type), d.in.b = d.source(2, kB32);
    d.in.option = kind == 1;
    d.in.run = type.bytes() == 4 ? run_match<uint32_t> : run_match<uint64_t>;
  } else if (op == "redux") {
    need_sync(d);
    const int how = d.take_any({"add", "min", "max", "and", "or", "xor"});
    const Type type = d.take_type();
    if (how < 0 || !type.integer() || type.bytes() != 4) d.fail("no such reduction");
    d.expect_count(3);
    d.in.d = d.destination(0, 4);
    d.in.a = d.source(1, type), d.in.b = d.source(2, kB32);
    d.in.option = static_cast<uint16_t>(how);
    d.in.run = type.is_signed() ? run_reduce<int32_t> : run_reduce<uint32_t>;
  } else if (op == "elect") {
    need_sync(d);
    d.expect_count(2);
    take_results(d, 4);
    if (d.in.p == kNoSlot) d.fail("a predicate is needed");
    d.in.b = d.source(1, kB32);
    d.in.run = run_elect;
  } else if (op == "activemask") {
    d.take_type();
    d.expect_count(1);
    d.in.d = d.destination(0, 4);
    d.in.run = run_active_mask;
  } else {
    return false;
  }
  return true;
}

}  // namespace sinter::sim
