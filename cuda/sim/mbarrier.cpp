// The mbarrier object as 64 bits. Place in the whole: one of async.h's models.
//
// Bit 0: made by init. Bits 1 to 20: arrivals expected of a phase. Bits 21 to 41: bytes that have come less bytes expected, two's
// complement. Bit 42: 0. Bits 43 to 62: arrivals still pending, negated. Bit 63: the phase's parity. From bit 32 on, a state that
// an H200 gave looks the same (test/golden/ptx: mbarrier_states). Neither zeros nor fresh memory, all ones, is a valid object.
#include <string>

#include "async.h"
#include "model_error.h"

namespace sinter::sim::mbarrier {
namespace {

constexpr uint64_t kPhase = uint64_t{1} << 63;

uint32_t expected_of(uint64_t word) { return static_cast<uint32_t>(word >> 1) & kMaxCount; }
uint32_t pending_of(uint64_t word) { return -static_cast<uint32_t>(word >> 43) & kMaxCount; }
int32_t bytes_of(uint64_t word) { return static_cast<int32_t>(static_cast<uint32_t>(word >> 21) << 11) >> 11; }

uint64_t packed(bool phase, uint32_t expected, uint32_t pending, int32_t bytes) {
  return (phase ? kPhase : 0) | uint64_t{-pending & kMaxCount} << 43 |
         uint64_t{static_cast<uint32_t>(bytes) & 0x1FFFFF} << 21 | uint64_t{expected} << 1 | 1;
}

[[noreturn]] void undefined(uint64_t word, const std::string& what) {
  throw ModelError(ModelError::Kind::kUndefined, what + " (" + describe(word) + ")");
}

void check(uint64_t word) {
  if (!valid(word)) throw ModelError(ModelError::Kind::kUndefined, "no mbarrier is here: mbarrier.init has not run");
}

void check_count(uint64_t word, uint32_t count) {
  if (count == 0 || count > kMaxCount)
    undefined(word,
              "an arrival counts " + std::to_string(count) + "; 1 to " + std::to_string(kMaxCount) + " are possible");
}

// The word with these changes; a phase without pending arrivals and bytes is complete.
void update(uint64_t& word, uint32_t expected, uint32_t pending, int32_t bytes) {
  const bool phase = (word & kPhase) != 0;
  const bool complete = pending == 0 && bytes == 0;
  word = complete ? packed(!phase, expected, expected, 0) : packed(phase, expected, pending, bytes);
}

void add_bytes(uint64_t& word, int64_t change) {
  check(word);
  const int64_t bytes = bytes_of(word) + change;
  if (bytes > int64_t{kMaxCount} || bytes < -int64_t{kMaxCount})
    undefined(word,
              "the transaction count leaves its range by " + std::to_string(change < 0 ? -change : change) + " bytes");
  update(word, expected_of(word), pending_of(word), static_cast<int32_t>(bytes));
}

uint64_t arrive_and_drop(uint64_t& word, uint32_t count, uint32_t dropped, bool no_complete) {
  check(word);
  check_count(word, count);
  const uint64_t state = word;
  const uint32_t pending = pending_of(word), expected = expected_of(word);
  if (count > pending) undefined(word, std::to_string(count) + " arrivals more than the phase expects");
  if (no_complete && count == pending && bytes_of(word) == 0)
    undefined(word, "an arrival with .noComplete completes the phase");
  update(word, expected - dropped, pending - count, bytes_of(word));
  return state;
}

}  // namespace

uint64_t init(uint32_t count) {
  if (count == 0 || count > kMaxCount)
    throw ModelError(ModelError::Kind::kUndefined, "mbarrier.init with a count of " + std::to_string(count) +
                                                       "; 1 to " + std::to_string(kMaxCount) + " are possible");
  return packed(false, count, count, 0);
}

bool valid(uint64_t word) { return (word & 1) != 0 && (word >> 42 & 1) == 0; }

uint64_t arrive(uint64_t& word, uint32_t count, bool no_complete) {
  return arrive_and_drop(word, count, 0, no_complete);
}

uint64_t arrive_drop(uint64_t& word, uint32_t count, bool no_complete) {
  return arrive_and_drop(word, count, count, no_complete);
}

uint64_t arrive_expect_tx(uint64_t& word, uint32_t bytes, bool drop) {
  const uint64_t state = word;
  expect_tx(word, bytes);
  drop ? arrive_drop(word) : arrive(word);
  return state;
}

void expect_tx(uint64_t& word, uint32_t bytes) { add_bytes(word, -int64_t{bytes}); }
void complete_tx(uint64_t& word, uint32_t bytes) { add_bytes(word, bytes); }

void increment(uint64_t& word) {
  check(word);
  if (pending_of(word) == kMaxCount) undefined(word, "more arrivals are pending than an mbarrier counts");
  update(word, expected_of(word), pending_of(word) + 1, bytes_of(word));
}

bool test(uint64_t word, uint64_t state) {
  check(word);
  return ((word ^ state) & kPhase) != 0;
}

bool test_parity(uint64_t word, uint32_t parity) {
  check(word);
  return (word >> 63) != (parity & 1);
}

uint32_t pending_count(uint64_t state) { return pending_of(state); }

std::string describe(uint64_t word) {
  if (!valid(word)) return "not initialised";
  return "parity " + std::to_string(word >> 63) + ", " + std::to_string(pending_of(word)) + " of " +
         std::to_string(expected_of(word)) + " arrivals pending, " + std::to_string(-bytes_of(word)) +
         " bytes expected";
}

}  // namespace sinter::sim::mbarrier
