// cp.async.bulk, cp.reduce.async.bulk and their .tensor forms, st.async, red.async: operations of the cluster's AsyncQueue. A lane
// gives addresses, which are checked at once; the bytes are read and written when the operation gets that far.
#include <cstring>

#include "bulk.h"
#include "tensor_map.h"

namespace sinter::sim::bulk {

namespace {

const Bulk& bulk_of(const Instruction& in) { return *static_cast<const Bulk*>(in.extra->model.get()); }

template <class Act>
void for_lanes(uint32_t mask, Act&& act) {
  for (; mask; mask &= mask - 1) act(std::countr_zero(mask));
}

void require_sixteens(uint64_t what, const char* name, int lane) {
  if (what % 16)
    throw ExecutionFault{Fault::kMisalignedAddress,
                         std::string(name) + " of a bulk operation is no multiple of 16: " + std::to_string(what),
                         lane};
}

std::byte* bytes_at(Warp& warp, const Instruction& in, Space space, uint64_t address, uint32_t bytes, int lane,
                    bool write) {
  if (space == Space::kShared) return shared_bytes(warp, in_shared(address), bytes, lane);
  return global_bytes(warp, in, address, bytes, lane, write);
}

void tell(const Watch& watch, Space space, uint64_t address, size_t bytes, Access access) {
  if (space == Space::kShared)
    watch.shared(in_shared(address), static_cast<uint32_t>(bytes), access);
  else
    watch.global(address, static_cast<uint32_t>(bytes), access);
}

void put(const Bulk& it, std::byte* to, const std::byte* bytes, size_t count) {
  if (it.reduces)
    reduce(it.reduction, to, bytes, count);
  else
    std::memcpy(to, bytes, count);
}

// The blocks that get the bytes: this address, or the same one of each block of the mask.
std::vector<uint64_t> in_blocks(uint64_t address, uint32_t blocks, bool multicast) {
  if (!multicast) return {address};
  std::vector<uint64_t> all;
  for (; blocks; blocks &= blocks - 1)
    all.push_back((address & ((1u << kWindowBits) - 1)) | (static_cast<uint64_t>(std::countr_zero(blocks)) + 1)
                                                              << kWindowBits);
  return all;
}

}  // namespace

// --- bytes in a row ------------------------------------------------------------------------------------------------------

void run_rows(Warp& warp, const Instruction& in, uint32_t mask) {
  const Bulk& it = bulk_of(in);
  for_lanes(mask, [&](int lane) {
    const uint64_t source = it.source.at(warp, lane);
    const uint32_t bytes = warp.source<uint32_t>(it.bytes)[lane];
    require_sixteens(source, "the source", lane);
    require_sixteens(bytes, "the size", lane);
    const std::byte* from = bytes_at(warp, in, it.from, source, bytes, lane, false);
    if (it.prefetch) return;
    const bool multicast = it.blocks != kNoSlot;
    const uint32_t blocks = multicast ? warp.source<uint16_t>(it.blocks)[lane] : 0;
    const uint64_t target = it.target.at(warp, lane);
    require_sixteens(target, "the target", lane);
    std::vector<std::byte*> to;
    std::vector<uint64_t*> bars;
    const std::vector<uint64_t> targets = in_blocks(target, blocks, multicast);
    std::vector<uint64_t> bar_addresses;
    if (it.has_bar) bar_addresses = in_blocks(in_shared(it.bar.at(warp, lane)), blocks, multicast);
    for (const uint64_t address : targets) to.push_back(bytes_at(warp, in, it.to, address, bytes, lane, true));
    for (const uint64_t address : bar_addresses) bars.push_back(&mbarrier_at(warp, in, address, lane));
    if (it.to == Space::kShared && lands_late(warp))
      for (std::byte* at : to) std::memset(at, kFresh, bytes);
    auto held = std::make_shared<std::vector<std::byte>>();
    const Watch watch(warp, in);
    start_operation(warp, {.thread = warp.thread(lane),
                           .grouped = !it.has_bar,
                           .read =
                               [held, from, bytes, watch, source, &it] {
                                 tell(watch, it.from, source, bytes, Access::kLoad);
                                 held->assign(from, from + bytes);
                               },
                           .write =
                               [held, to, targets, bars, bar_addresses, watch, &it] {
                                 const Access access = it.reduces ? Access::kAtomic : Access::kStore;
                                 for (const uint64_t at : targets) tell(watch, it.to, at, held->size(), access);
                                 for (const uint64_t at : bar_addresses) watch.shared(at, 8, Access::kAtomic);
                                 for (std::byte* at : to) put(it, at, held->data(), held->size());
                                 for (uint64_t* bar : bars)
                                   mbarrier::complete_tx(*bar, static_cast<uint32_t>(held->size()));
                               }});
  });
}

// --- tiles of tensors ----------------------------------------------------------------------------------------------------

namespace {

struct Piece {
  std::byte *global, *shared;  // global: null outside
  uint32_t bytes;
  uint64_t global_address, shared_address;
};

struct Tile {
  TensorMap map;
  std::vector<Piece> pieces;
  std::vector<std::byte> held;
  uint32_t moved = 0;
};

Tile tile_of(Warp& warp, const Instruction& in, const Bulk& it, uint64_t shared, int lane) {
  Tile tile;
  const uint64_t address = it.map.at(warp, lane);
  std::byte encoded[128];
  for (size_t half = 0; half < sizeof encoded; half += 64)
    std::memcpy(encoded + half, at<Where::kGeneric>(warp, in, address + half, 64, lane, Access::kLoad), 64);
  tile.map = decode_tensor_map(encoded);
  const TensorMap& map = tile.map;
  if (map.rank != it.rank || map.im2col != !it.offsets.empty())
    throw ExecutionFault{
        Fault::kIllegalInstruction,
        "a tensor map of " + std::to_string(map.rank) + " dimensions" + (map.im2col ? ", for im2col" : ""), lane};
  int32_t coordinates[5];
  uint16_t offsets[3];
  for (size_t i = 0; i < it.coordinates.size(); ++i) coordinates[i] = warp.source<int32_t>(it.coordinates[i])[lane];
  for (size_t i = 0; i < it.offsets.size(); ++i) offsets[i] = warp.source<uint16_t>(it.offsets[i])[lane];
  const bool load = it.to == Space::kShared;
  const auto access = load ? TileAccess::kLoad : it.reduces ? TileAccess::kReduce : TileAccess::kStore;
  tile.moved = for_each_piece(map, access, coordinates, offsets, static_cast<uint32_t>(in_shared(shared)),
                              [&](const TilePiece& piece) {
                                Piece own{nullptr, nullptr, piece.bytes, piece.global, piece.shared};
                                if (!it.prefetch) own.shared = shared_bytes(warp, piece.shared, piece.bytes, lane);
                                if (piece.inside)
                                  own.global = global_bytes(warp, in, piece.global, piece.bytes, lane, !load);
                                tile.pieces.push_back(own);
                              });
  return tile;
}

void read_tile(Tile& tile, bool load) {
  for (const Piece& piece : tile.pieces) {
    const size_t at = tile.held.size();
    tile.held.resize(at + piece.bytes);
    const std::byte* from = load ? piece.global : piece.shared;
    if (from)
      std::memcpy(&tile.held[at], from, piece.bytes);
    else
      fill_outside(tile.map, &tile.held[at], piece.bytes);
  }
}

// [shift]: from the addresses of one block's shared memory to another's.
void tell_of_tile(const Tile& tile, const Bulk& it, const Watch& watch, bool reading, uint64_t shift) {
  const Access writing = it.reduces ? Access::kAtomic : Access::kStore;
  for (const Piece& piece : tile.pieces) {
    if ((it.from == Space::kShared) == reading)
      watch.shared(piece.shared_address + shift, piece.bytes, reading ? Access::kLoad : writing);
    else if (piece.global)
      watch.global(piece.global_address, piece.bytes, reading ? Access::kLoad : writing);
  }
}

// [shift]: from the block whose addresses the pieces have to another one of the cluster.
void write_tile(const Tile& tile, const Bulk& it, Reduction reduction, std::ptrdiff_t shift) {
  size_t at = 0;
  for (const Piece& piece : tile.pieces) {
    if (it.to == Space::kShared)
      std::memcpy(piece.shared + shift, &tile.held[at], piece.bytes);
    else if (piece.global && it.reduces)
      reduce(reduction, piece.global, &tile.held[at], piece.bytes);
    else if (piece.global)
      std::memcpy(piece.global, &tile.held[at], piece.bytes);
    at += piece.bytes;
  }
}

}  // namespace

void run_tensor(Warp& warp, const Instruction& in, uint32_t mask) {
  const Bulk& it = bulk_of(in);
  for_lanes(mask, [&](int lane) {
    const bool load = it.to == Space::kShared;
    const uint64_t shared = it.prefetch ? kSharedBase : in_shared((load ? it.target : it.source).at(warp, lane));
    auto tile = std::make_shared<Tile>(tile_of(warp, in, it, shared, lane));
    if (it.prefetch) return;
    Reduction reduction{};
    if (it.reduces) reduction = reduction_of_map(it.operation, tile->map.type);
    const bool multicast = it.blocks != kNoSlot;
    const uint32_t blocks = multicast ? warp.source<uint16_t>(it.blocks)[lane] : 0;
    std::vector<std::ptrdiff_t> shifts;
    std::vector<uint64_t*> bars;
    std::vector<uint64_t> targets{shared}, bar_addresses;
    if (load) {
      const std::byte* own = shared_bytes(warp, shared, 16, lane);
      targets = in_blocks(shared, blocks, multicast);
      bar_addresses = in_blocks(in_shared(it.bar.at(warp, lane)), blocks, multicast);
      for (const uint64_t address : targets) shifts.push_back(shared_bytes(warp, address, 16, lane) - own);
      for (const uint64_t address : bar_addresses) bars.push_back(&mbarrier_at(warp, in, address, lane));
      if (lands_late(warp))
        for (const std::ptrdiff_t shift : shifts)
          for (const Piece& piece : tile->pieces) std::memset(piece.shared + shift, kFresh, piece.bytes);
    } else {
      shifts.push_back(0);
    }
    const Watch watch(warp, in);
    start_operation(warp, {.thread = warp.thread(lane),
                           .grouped = !load,
                           .read =
                               [tile, load, watch, &it] {
                                 tell_of_tile(*tile, it, watch, true, 0);
                                 read_tile(*tile, load);
                               },
                           .write =
                               [tile, shared, targets, shifts, bars, bar_addresses, reduction, watch, &it] {
                                 for (const uint64_t at : targets) tell_of_tile(*tile, it, watch, false, at - shared);
                                 for (const uint64_t at : bar_addresses) watch.shared(at, 8, Access::kAtomic);
                                 for (const std::ptrdiff_t shift : shifts) write_tile(*tile, it, reduction, shift);
                                 for (uint64_t* bar : bars) mbarrier::complete_tx(*bar, tile->moved);
                               }});
  });
}

// --- st.async, red.async -------------------------------------------------------------------------------------------------

void run_store(Warp& warp, const Instruction& in, uint32_t mask) {
  const Store& it = *static_cast<const Store*>(in.extra->model.get());
  for_lanes(mask, [&](int lane) {
    std::vector<std::byte> bytes;
    for (const Slot slot : it.values) {
      const std::byte* from = warp.source<std::byte>(slot) + static_cast<size_t>(lane) * it.bytes;
      bytes.insert(bytes.end(), from, from + it.bytes);
    }
    const uint64_t target = in_shared(it.target.at(warp, lane));
    require_aligned(target, static_cast<uint32_t>(bytes.size()), lane);
    std::byte* to = shared_bytes(warp, target, static_cast<uint32_t>(bytes.size()), lane);
    uint64_t* bar = &mbarrier_at(warp, in, it.bar.at(warp, lane), lane);
    start_operation(
        warp,
        {.thread = warp.thread(lane),
         .read = {},
         .write = [to, bar, bytes, target, address = in_shared(it.bar.at(warp, lane)), watch = Watch(warp, in), &it] {
           watch.shared(target, static_cast<uint32_t>(bytes.size()), it.reduces ? Access::kAtomic : Access::kStore);
           watch.shared(address, 8, Access::kAtomic);
           if (it.reduces)
             reduce(it.reduction, to, bytes.data(), bytes.size());
           else
             std::memcpy(to, bytes.data(), bytes.size());
           mbarrier::complete_tx(*bar, static_cast<uint32_t>(bytes.size()));
         }});
  });
}

void run_commit(Warp& warp, const Instruction&, uint32_t mask) {
  for_lanes(mask, [&](int lane) { warp.block->cluster->async.commit(warp.thread(lane)); });
}

// option: .read
void run_wait(Warp& warp, const Instruction& in, uint32_t mask) {
  for_lanes(mask, [&](int lane) {
    warp.block->cluster->async.wait_group(warp.thread(lane), static_cast<uint32_t>(in.immediate), in.option != 0);
    if (warp.run->checker) warp.run->checker->waited(warp);
  });
}

}  // namespace sinter::sim::bulk
