#include "cuda/runtime/staging.h"

#include <algorithm>
#include <cstring>

namespace sinter::cuda {

Staging::~Staging() {
  for (Chunk& c : chunks_)
    if (c.event) driver().event_destroy(c.event);
}

void Staging::idle() {
  for (Chunk& c : chunks_) c.pending = false;
  used_ = 0;
}

void Staging::settle(Chunk& c) {
  if (c.pending) device_.check(driver().event_synchronize(c.event), "waiting for a copy");
  c.pending = false;
}

// Marks the end of the copies of the chunk that is being filled, and goes on to the next.
void Staging::leave_chunk() {
  Chunk& c = chunks_[current_];
  if (!c.event) device_.check(driver().event_create(&c.event, kEventDisableTiming), "creating an event");
  device_.check(driver().event_record(c.event, stream_), "recording an event");
  c.pending = true;
  current_ = (current_ + 1) % kChunks;
  used_ = 0;
}

// `bytes` (a chunk's at most) that no copy in flight uses.
char* Staging::room(size_t bytes) {
  if (used_ + bytes > kChunk) leave_chunk();
  Chunk& c = chunks_[current_];
  settle(c);
  if (!c.memory) c.memory = Pinned(device_, kChunk);
  char* data = c.memory.data() + used_;
  used_ = std::min(kChunk, (used_ + bytes + kAlignment - 1) / kAlignment * kAlignment);
  return data;
}

void Staging::upload(CUdeviceptr to, const char* from, size_t bytes) {
  while (bytes) {
    const size_t piece = std::min(bytes, kChunk);
    char* data = room(piece);
    std::memcpy(data, from, piece);
    device_.check(driver().copy_to_device(to, data, piece, stream_), "copying to the device");
    to += piece;
    from += piece;
    bytes -= piece;
  }
}

void Staging::download(char* to, CUdeviceptr from, size_t bytes) {
  const Driver& f = driver();
  if (bytes <= kChunk) {
    char* data = room(bytes);
    device_.check(f.copy_to_host(data, from, bytes, stream_), "copying from the device");
    device_.check(f.stream_synchronize(stream_), "waiting for the device");
    std::memcpy(to, data, bytes);
    return idle();
  }
  // Whole chunks: while the device fills some, the oldest is copied out.
  struct Piece {
    size_t chunk, bytes;
  };
  Piece flying[kChunks];
  size_t first = 0, count = 0;
  const auto land = [&] {
    const Piece p = flying[first];
    first = (first + 1) % kChunks;
    count--;
    settle(chunks_[p.chunk]);
    std::memcpy(to, chunks_[p.chunk].memory.data(), p.bytes);
    to += p.bytes;
  };
  if (used_) leave_chunk();
  while (bytes) {
    if (count == kChunks) land();
    const size_t piece = std::min(bytes, kChunk);
    char* data = room(piece);
    device_.check(f.copy_to_host(data, from, piece, stream_), "copying from the device");
    flying[(first + count++) % kChunks] = {current_, piece};
    leave_chunk();
    from += piece;
    bytes -= piece;
  }
  while (count) land();
  idle();
}

}  // namespace sinter::cuda
