// Copies between ordinary host memory and the device. Place in the whole: a queue's uploads and downloads. The driver may read ordinary
// memory after its copy call has returned, out of the stream's order (docs/gpu-facts.md), so bytes go through page-locked chunks on the
// stream itself; large copies fill one chunk while the device reads another.
#pragma once
#include "cuda/runtime/pinned.h"

namespace sinter::cuda {

class Staging {
 public:
  Staging(Device& device, CUstream stream) : device_(device), stream_(stream) {}
  ~Staging();  // the stream has been waited for
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // The context is current in all of them. `from` may change once upload returns; download waits for the stream.
  void upload(CUdeviceptr to, const char* from, size_t bytes);
  void download(char* to, CUdeviceptr from, size_t bytes);
  // The stream has been waited for: every chunk is free.
  void idle();

 private:
  static constexpr size_t kChunk = 2 << 20;
  static constexpr size_t kChunks = 4;
  static constexpr size_t kAlignment = 256;

  struct Chunk {
    Pinned memory;
    CUevent event = nullptr;  // recorded behind the chunk's last copy
    bool pending = false;     // that event has not been waited for
  };

  char* room(size_t bytes);
  void leave_chunk();
  void settle(Chunk& chunk);

  Device& device_;
  const CUstream stream_;
  Chunk chunks_[kChunks];
  size_t current_ = 0, used_ = 0;  // the chunk that is being filled, and its bytes taken
};

}  // namespace sinter::cuda
