// A command's temporary memory. Place in the whole: behind Call::scratch; freed when the kernel has returned.
#pragma once
#include <cstring>

#include "engine/allocator.h"

namespace sinter {

class Workspace {
 public:
  Workspace() = default;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace() {
    while (head_) {
      // Copied: it lies in the block, and the allocator writes there as it takes it back.
      Header h;
      std::memcpy(&h, head_, sizeof h);
      head_ = h.next;
      Allocator::host().free(h.block);
    }
  }
  void* allocate(size_t bytes) {
    const Header h{Allocator::host().allocate(bytes + kHeader), head_};
    head_ = h.block.data;
    std::memcpy(head_, &h, sizeof h);
    return static_cast<char*>(head_) + kHeader;
  }

 private:
  // In front of the memory, which under SINTER_DEBUG=guard is aligned to its elements only: hence the copies.
  struct Header {
    Allocator::Block block;
    void* next;
  };
  static constexpr size_t kHeader = 64;  // keeps what follows 64-byte aligned
  static_assert(sizeof(Header) <= kHeader);
  void* head_ = nullptr;
};

}  // namespace sinter
