// mbarrier.*: the objects are async.h's; lanes act one after another.
#include "exec_async.h"

namespace sinter::sim {
namespace {

enum class Arrival : uint16_t { kPlain, kNoComplete, kExpect, kDrop, kDropNoComplete, kDropExpect };

struct Operands {
  Place bar;
  Slot count = kNoSlot;
};

const Operands& operands_of(const Instruction& in) { return *static_cast<const Operands*>(in.extra->model.get()); }

template <class Act>
void for_lanes(Warp& warp, const Instruction& in, uint32_t mask, Act&& act) {
  const Operands& it = operands_of(in);
  warp.block->cluster->polls = 0;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    const uint32_t count = it.count == kNoSlot ? 1 : warp.source<uint32_t>(it.count)[lane];
    act(mbarrier_at(warp, in, it.bar.at(warp, lane), lane), count, lane);
  }
}

void run_init(Warp& warp, const Instruction& in, uint32_t mask) {
  for_lanes(warp, in, mask, [](uint64_t& word, uint32_t count, int) { word = mbarrier::init(count); });
}

void run_invalidate(Warp& warp, const Instruction& in, uint32_t mask) {
  for_lanes(warp, in, mask, [](uint64_t& word, uint32_t, int) { word = 0; });
}

void run_expect(Warp& warp, const Instruction& in, uint32_t mask) {
  for_lanes(warp, in, mask, [](uint64_t& word, uint32_t count, int) { mbarrier::expect_tx(word, count); });
}

void run_complete(Warp& warp, const Instruction& in, uint32_t mask) {
  for_lanes(warp, in, mask, [](uint64_t& word, uint32_t count, int) { mbarrier::complete_tx(word, count); });
}

void run_arrive(Warp& warp, const Instruction& in, uint32_t mask) {
  for_lanes(warp, in, mask, [&](uint64_t& word, uint32_t count, int lane) {
    uint64_t state = 0;
    switch (static_cast<Arrival>(in.option)) {
      case Arrival::kPlain: state = mbarrier::arrive(word, count); break;
      case Arrival::kNoComplete: state = mbarrier::arrive(word, count, true); break;
      case Arrival::kExpect: state = mbarrier::arrive_expect_tx(word, count); break;
      case Arrival::kDrop: state = mbarrier::arrive_drop(word, count); break;
      case Arrival::kDropNoComplete: state = mbarrier::arrive_drop(word, count, true); break;
      case Arrival::kDropExpect: state = mbarrier::arrive_expect_tx(word, count, true); break;
    }
    if (in.d != kNoSlot) warp.lanes<uint64_t>(in.d)[lane] = state;
  });
}

// Who waits in a loop must not keep others from running: the warp gives its turn away, to other lanes of its own first, and what
// is asynchronous goes on.
void yield(Warp& warp, const char* what, uint64_t word, int lane) {
  constexpr uint64_t kTooMany = 1 << 20;  // turns of all warps in which no mbarrier of the cluster changed
  Cluster& cluster = *warp.block->cluster;
  if (cluster.async.step(warp.worker->random))
    cluster.polls = 0;
  else if (++cluster.polls > kTooMany)
    throw ExecutionFault{Fault::kDeadlock,
                         std::string("a wait for the end of ") + what + " that does not come: the mbarrier is at " +
                             mbarrier::describe(word),
                         lane};
  warp.yield();
}

// option: whether it is a parity
void run_wait(Warp& warp, const Instruction& in, uint32_t mask) {
  const Operands& it = operands_of(in);
  uint32_t done = 0;
  uint64_t pending = 0;
  int waiting = -1;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    const uint64_t word = mbarrier_at(warp, in, it.bar.at(warp, lane), lane);
    const bool complete = in.option ? mbarrier::test_parity(word, warp.source<uint32_t>(it.count)[lane])
                                    : mbarrier::test(word, warp.source<uint64_t>(it.count)[lane]);
    if (complete) {
      done |= 1u << lane;
    } else {
      pending = word;
      waiting = lane;
    }
  }
  warp.set_predicate(in.d, mask, done);
  if (waiting >= 0)
    yield(warp,
          !in.option                                          ? "a state's phase"
          : warp.source<uint32_t>(it.count)[waiting] % 2 == 0 ? "the phase of parity 0"
                                                              : "the phase of parity 1",
          pending, waiting);
  else
    warp.block->cluster->polls = 0;
}

void run_pending_count(Warp& warp, const Instruction& in, uint32_t mask) {
  const auto* state = warp.source<uint64_t>(in.a);
  each_active(warp.lanes<uint32_t>(in.d), mask, [&](int i) { return mbarrier::pending_count(state[i]); });
}

// Where the object is; memory order and scope are what every access here has anyway.
void take_space(Decoder& d) {
  d.take_any({"release", "acquire", "relaxed"});
  d.take_any({"cta", "cluster"});
  d.take_any({"shared", "shared::cta", "shared::cluster"});
  if (!d.take("b64")) d.fail(".b64 is missing");
}

std::shared_ptr<Operands> with_place(Decoder& d, size_t at) {
  auto it = std::make_shared<Operands>();
  it->bar = place_of(d, at);
  return it;
}

bool decode_arrival(Decoder& d, bool drop) {
  const bool expect = d.take("expect_tx"), no_complete = d.take("noComplete");
  take_space(d);
  d.expect_count(2, 3);
  if (expect && no_complete) d.fail("expect_tx and noComplete do not go together");
  d.in.run = run_arrive;
  const Arrival kind = expect        ? (drop ? Arrival::kDropExpect : Arrival::kExpect)
                       : no_complete ? (drop ? Arrival::kDropNoComplete : Arrival::kNoComplete)
                                     : (drop ? Arrival::kDrop : Arrival::kPlain);
  d.in.option = static_cast<uint16_t>(kind);
  if (d.operand(0).kind != ptx::Operand::Kind::kSink) d.in.d = d.destination(0, 8);
  auto it = with_place(d, 1);
  if (d.count() == 3)
    it->count = d.source(2, parse_type("u32"));
  else if (expect)
    d.fail("expect_tx needs a number of bytes");
  d.extra().model = it;
  return true;
}

bool decode_wait(Decoder& d) {
  const bool parity = d.take("parity");
  take_space(d);
  d.expect_count(3, 4);  // the fourth: how long to be suspended at most
  d.in.run = run_wait;
  d.in.option = parity;
  d.in.d = d.destination(0, 0);
  auto it = with_place(d, 1);
  it->count = d.source(2, parse_type(parity ? "u32" : "b64"));
  d.extra().model = it;
  return true;
}

}  // namespace

bool decode_mbarrier(Decoder& d) {
  if (d.operation != "mbarrier") return false;
  if (d.take("arrive")) return decode_arrival(d, false);
  if (d.take("arrive_drop")) return decode_arrival(d, true);
  if (d.take("test_wait") || d.take("try_wait")) return decode_wait(d);
  if (d.take("pending_count")) {
    if (!d.take("b64")) d.fail(".b64 is missing");
    d.expect_count(2);
    d.in.run = run_pending_count;
    d.in.d = d.destination(0, 4);
    d.in.a = d.source(1, parse_type("b64"));
    return true;
  }
  const int kind = d.take_any({"init", "inval", "expect_tx", "complete_tx"});
  if (kind < 0) return false;
  constexpr Handler kRuns[] = {run_init, run_invalidate, run_expect, run_complete};
  d.in.run = kRuns[kind];
  take_space(d);
  d.expect_count(kind == 1 ? 1 : 2);
  auto it = with_place(d, 0);
  if (kind != 1) it->count = d.source(1, parse_type("u32"));
  d.extra().model = it;
  return true;
}

}  // namespace sinter::sim
