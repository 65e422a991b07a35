// A command's temporary memory. Place in the whole: behind Call::scratch; freed when the kernel has returned.
#pragma once
#include "engine/allocator.h"

namespace sinter {

class Workspace {
 public:
  Workspace() = default;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace() {
    while (head_) {
      const Header h = *head_;  // copied: it lies in the block, and the allocator writes there as it takes it back
      head_ = h.next;
      Allocator::host().free(h.block);
    }
  }
  void* allocate(size_t bytes) {
    const Allocator::Block block = Allocator::host().allocate(bytes + kHeader);
    auto* h = reinterpret_cast<Header*>(block.data);
    h->block = block;
    h->next = head_;
    head_ = h;
    return static_cast<char*>(block.data) + kHeader;
  }

 private:
  struct Header {
    Allocator::Block block;
    Header* next;
  };
  static constexpr size_t kHeader = 64;  // keeps what follows 64-byte aligned
  static_assert(sizeof(Header) <= kHeader);
  Header* head_ = nullptr;
};

}  // namespace sinter
