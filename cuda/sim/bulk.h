// What bulk copies and asynchronous stores are decoded to. Place in the whole: decode_bulk.cpp makes them of the text, the handlers in
// exec_bulk.cpp carry them out.
#pragma once
#include <string>
#include <vector>

#include "exec_async.h"
#include "reduction.h"

namespace sinter::sim::bulk {

enum class Space : uint8_t { kGlobal, kShared };

// cp.async.bulk, cp.reduce.async.bulk, and their .tensor forms
struct Bulk {
  Space to{}, from{};
  Place target, source, bar;
  bool has_bar = false, reduces = false, prefetch = false;
  Slot bytes = kNoSlot, blocks = kNoSlot;  // .multicast::cluster: the blocks' mask
  Reduction reduction{};
  // .tensor
  int rank = 0;
  std::string operation;  // of reductions, whose type the map has
  Place map;
  std::vector<Slot> coordinates, offsets;
};

// st.async, red.async
struct Store {
  Place target, bar;
  std::vector<Slot> values;
  uint32_t bytes = 4;  // of each
  bool reduces = false;
  Reduction reduction{};
};

// Handlers. Bulk: of bytes in a row, of tiles of tensors; Store; commit_group, wait_group.
void run_rows(Warp& warp, const Instruction& in, uint32_t mask);
void run_tensor(Warp& warp, const Instruction& in, uint32_t mask);
void run_store(Warp& warp, const Instruction& in, uint32_t mask);
void run_commit(Warp& warp, const Instruction& in, uint32_t mask);
void run_wait(Warp& warp, const Instruction& in, uint32_t mask);

}  // namespace sinter::sim::bulk
