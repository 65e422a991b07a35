// Tensors as native code knows them. Place in the whole: TypeScript owns the ids (slot number and generation) and their
// reuse; a slot holds what the last command that named it as a result put there. Only the thread that executes the stream's
// commands touches slots, so there are no locks.
#pragma once
#include <cstring>
#include <memory>
#include <vector>

#include "engine/storage.h"

namespace sinter {

constexpr uint32_t kSlotBits = 22;
constexpr uint32_t kSlotMask = (1u << kSlotBits) - 1;

struct Slot {
  uint32_t generation = 0;  // 0: empty
  DType dtype = DType::f32;
  bool contiguous = true;
  int32_t rank = 0;
  Storage* storage = nullptr;
  int64_t byte_offset = 0;
  int64_t numel = 1;
  int64_t dims[kMaxRank];
  int64_t strides[kMaxRank];  // in elements

  alignas(64) static inline char nothing[64] = {};

  TensorRef ref() const {
    TensorRef r;
    // Empty operands have an address too: copying no bytes from null is undefined.
    r.data = numel && storage->data() ? storage->data() + byte_offset : nothing;
    r.numel = numel;
    r.dims = dims;
    r.strides = strides;
    r.rank = rank;
    r.dtype = dtype;
    r.contiguous = contiguous;
    return r;
  }
  // Row-major strides and the element count from dims.
  void make_contiguous() {
    int64_t n = 1;
    for (int i = rank - 1; i >= 0; i--) {
      strides[i] = n;
      n *= dims[i];
    }
    numel = n;
    contiguous = true;
  }
};

class SlotTable {
 public:
  ~SlotTable() { clear(); }
  // The slot of a live id; null when the id is stale or was never issued.
  Slot* find(uint32_t id) {
    const uint32_t i = id & kSlotMask;
    if (i >= chunks_.size() * kChunk) return nullptr;
    Slot& s = chunks_[i / kChunk][i % kChunk];
    return s.generation && s.generation == id >> kSlotBits ? &s : nullptr;
  }
  // Makes the id live; it takes over the storage reference that the caller sets.
  Slot& open(uint32_t id) {
    const uint32_t i = id & kSlotMask;
    while (i >= chunks_.size() * kChunk) chunks_.emplace_back(new Slot[kChunk]);
    Slot& s = chunks_[i / kChunk][i % kChunk];
    if (s.storage) s.storage->release();
    s.storage = nullptr;
    s.generation = id >> kSlotBits;
    return s;
  }
  void close(uint32_t id) {
    if (Slot* s = find(id)) drop(*s);
  }
  void clear() {
    for (auto& chunk : chunks_)
      for (uint32_t i = 0; i < kChunk; i++) drop(chunk[i]);
  }

 private:
  static constexpr uint32_t kChunk = 512;
  static void drop(Slot& s) {
    if (s.storage) s.storage->release();
    s.storage = nullptr;
    s.generation = 0;
  }
  std::vector<std::unique_ptr<Slot[]>> chunks_;
};

}  // namespace sinter
