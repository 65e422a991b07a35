// cp.async, its groups, and its arrival at an mbarrier.
#include "exec_async.h"

namespace sinter::sim {
namespace {

struct Copy {
  Place to, from;
  Slot source_bytes = kNoSlot;
  Slot ignore = kNoSlot;
  bool ignore_negated = false;
};

// The bytes of one lane come: what the source does not give is zero.
void land(Warp& warp, const AsyncCopy& copy, int lane) {
  const auto i = static_cast<size_t>(lane);
  const Instruction& issued = warp.run->code.instructions[copy.where];
  std::byte* to = shared_bytes(warp, copy.to[i], copy.bytes, lane);
  const uint32_t bytes = copy.source_bytes[i];
  if (bytes) std::memcpy(to, global_bytes(warp, issued, copy.from[i], bytes, lane, false), bytes);
  std::memset(to + bytes, 0, copy.bytes - bytes);
}

// A lane's copy is complete as its waits see it; it has landed before where copies land at once. To the checker a copy is a store
// both when it is issued and now, and nothing is there in between.
struct Complete {
  Warp& warp;
  void operator()(const AsyncCopy& copy, int lane) const {
    if (lands_late(warp)) land(warp, copy, lane);
    if (Checker* checker = warp.run->checker) {
      const uint32_t to = copy.to[static_cast<size_t>(lane)];
      checker->shared(warp, warp.run->code.instructions[copy.where], to, copy.bytes, lane, Access::kStore);
      checker->in_flight(warp, to, copy.bytes, lane, true);
    }
  }
};

void run_copy(Warp& warp, const Instruction& in, uint32_t mask) {
  const Copy& it = *static_cast<const Copy*>(in.extra->model.get());
  AsyncCopy copy;
  copy.lanes = mask;
  copy.bytes = in.bytes;
  copy.where = static_cast<uint32_t>(&in - warp.run->code.instructions.data());
  uint32_t ignored = 0;
  if (it.ignore != kNoSlot) ignored = it.ignore_negated ? ~warp.predicate(it.ignore) : warp.predicate(it.ignore);
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    const auto i = static_cast<size_t>(lane);
    const uint64_t to = in_shared(it.to.at(warp, lane));
    copy.to[i] = static_cast<uint32_t>(to);
    copy.from[i] = it.from.at(warp, lane);
    require_aligned(copy.from[i], copy.bytes, lane);
    uint32_t bytes = it.source_bytes == kNoSlot ? copy.bytes : warp.source<uint32_t>(it.source_bytes)[lane];
    if (bytes > copy.bytes)
      throw ExecutionFault{
          Fault::kIllegalInstruction,
          "cp.async of " + std::to_string(copy.bytes) + " bytes with a source of " + std::to_string(bytes), lane};
    if (ignored >> lane & 1) bytes = 0;
    copy.source_bytes[i] = static_cast<uint8_t>(bytes);
    // Addresses are checked here, where the program gave them.
    std::byte* target = at<Where::kShared>(warp, in, to, copy.bytes, lane, Access::kStore);
    if (bytes) global_bytes(warp, in, copy.from[i], bytes, lane, false);
    if (Checker* checker = warp.run->checker) {
      if (bytes) checker->global(warp, in, copy.from[i], bytes, lane, Access::kLoad);
      checker->in_flight(warp, to, copy.bytes, lane, false);
    }
    if (lands_late(warp))
      std::memset(target, kFresh, copy.bytes);
    else
      land(warp, copy, lane);
  }
  warp.copies.issue(copy);
}

void run_commit(Warp& warp, const Instruction&, uint32_t mask) { warp.copies.commit(mask); }

void run_wait_group(Warp& warp, const Instruction& in, uint32_t mask) {
  warp.copies.wait_group(mask, static_cast<uint32_t>(in.immediate), Complete{warp});
}

void run_wait_all(Warp& warp, const Instruction&, uint32_t mask) { warp.copies.wait_all(mask, Complete{warp}); }

// option: .noinc
void run_arrive(Warp& warp, const Instruction& in, uint32_t mask) {
  const Place& bar = *static_cast<const Place*>(in.extra->model.get());
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    uint64_t* word = &mbarrier_at(warp, in, bar.at(warp, lane), lane);
    if (!in.option) mbarrier::increment(*word);
    const uint64_t address = in_shared(bar.at(warp, lane));
    start_operation(warp,
                    {.thread = warp.thread(lane),
                     .read = {},
                     .write = [&warp, word, address, lane, number = warp.copies.issued(), watch = Watch(warp, in)] {
                       warp.copies.complete_issued(1u << lane, number, [&](const AsyncCopy& copy, int i) {
                         if (lands_late(warp)) land(warp, copy, i);
                         watch.shared(copy.to[static_cast<size_t>(i)], copy.bytes, Access::kStore);
                         watch.arrives(copy.to[static_cast<size_t>(i)], copy.bytes);
                       });
                       watch.shared(address, 8, Access::kAtomic);
                       mbarrier::arrive(*word);
                     }});
  }
}

bool decode_copy_itself(Decoder& d) {
  const bool all_caches = d.take("ca");
  if (!all_caches && !d.take("cg")) d.fail("ca or cg is missing");
  if (!d.take("shared") && !d.take("shared::cta")) d.fail("the target must be shared memory");
  if (!d.take("global")) d.fail("the source must be global memory");
  const bool hint = d.take("L2::cache_hint");
  d.take_any({"L2::64B", "L2::128B", "L2::256B"});
  d.expect_count(hint ? 4 : 3, hint ? 5 : 4);
  auto it = std::make_shared<Copy>();
  it->to = place_of(d, 0);
  it->from = place_of(d, 1);
  const int64_t bytes = d.immediate(2);
  if (bytes != 16 && (!all_caches || (bytes != 4 && bytes != 8))) d.fail("16 bytes, with .ca also 4 or 8, are copied");
  d.in.bytes = static_cast<uint8_t>(bytes);
  if (d.count() == (hint ? 5u : 4u)) {
    if (d.register_bytes(d.operand(3)) == 0)
      it->ignore = d.predicate_source(d.operand(3), &it->ignore_negated);
    else
      it->source_bytes = d.source(3, parse_type("u32"));
  }
  d.in.run = run_copy;
  d.extra().model = it;
  return true;
}

}  // namespace

bool decode_copy(Decoder& d) {
  if (!d.mnemonic().starts_with("cp.async.") || d.mnemonic().starts_with("cp.async.bulk.")) return false;
  d.take("async");
  if (d.take("commit_group")) {
    d.expect_count(0);
    d.in.run = run_commit;
    return true;
  }
  if (d.take("wait_group")) {
    d.expect_count(1);
    d.in.immediate = d.immediate(0);
    d.in.run = run_wait_group;
    return true;
  }
  if (d.take("wait_all")) {
    d.expect_count(0);
    d.in.run = run_wait_all;
    return true;
  }
  if (d.take("mbarrier")) {
    if (!d.take("arrive")) d.fail("arrive is missing");
    d.in.option = d.take("noinc");
    d.take_any({"shared", "shared::cta"});
    if (!d.take("b64")) d.fail(".b64 is missing");
    d.expect_count(1);
    d.extra().model = std::make_shared<Place>(place_of(d, 0));
    d.in.run = run_arrive;
    return true;
  }
  return decode_copy_itself(d);
}

}  // namespace sinter::sim
