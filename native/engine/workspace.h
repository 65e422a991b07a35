// A command's temporary memory. Place in the whole: behind Call::scratch; given back when the kernel has returned, on a device when
// what it queued has run.
#pragma once
#include <cstring>
#include <vector>

#include "engine/allocator.h"
#include "engine/late.h"
#include "engine/report.h"

namespace sinter {

class Workspace {
 public:
  // Without a queue all memory is the host's.
  explicit Workspace(DeviceQueue* queue = nullptr) : queue_(queue) {}
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
    for (const DeviceBlock& b : blocks_) queue_->memory().free(b);
    for (Report* r : reports_) r->release();
  }
  void* allocate(size_t bytes) {
    if (!queue_) return allocate_host(bytes);
    blocks_.push_back({});
    try {
      blocks_.back() = queue_->allocate(bytes ? bytes : 1);
    } catch (...) {
      blocks_.pop_back();  // there is nothing to give back
      throw;
    }
    return blocks_.back().data;
  }
  void* allocate_host(size_t bytes) {
    const Header h{Allocator::host().allocate(bytes + kHeader), head_};
    head_ = h.block.data;
    std::memcpy(head_, &h, sizeof h);
    return static_cast<char*>(head_) + kHeader;
  }
  // Room for a tensor of x's shape, row-major, of this dtype.
  TensorRef contiguous_like(const TensorRef& x, DType dtype) {
    TensorRef y = x;
    auto* strides = static_cast<int64_t*>(allocate_host(sizeof(int64_t) * kMaxRank));
    int64_t n = 1;
    for (int d = x.rank - 1; d >= 0; d--) {
      strides[d] = n;
      n *= x.dims[d];
    }
    y.dtype = dtype;
    y.data = allocate(static_cast<size_t>(x.numel) * dtype_size(dtype));
    y.strides = strides;
    y.contiguous = true;
    return y;
  }

  // What report() needs to know of the command.
  void expect_reports(Reports* reports, const char* op, uint32_t origin) {
    target_ = reports;
    op_ = op;
    origin_ = origin;
  }
  ReportRecord* report(ErrorCode code, ReportText text) {
    if (!target_) fail(ErrorCode::internal, "a report without a device");
    reports_.push_back(nullptr);
    try {
      return target_->open(code, text, op_, origin_, &reports_.back());
    } catch (...) {
      reports_.pop_back();
      throw;
    }
  }
  const std::vector<Report*>& reports() const { return reports_; }

  // What late_of() tells.
  void set_late(const Late& late) { late_ = late; }
  const Late& late() const { return late_; }

 private:
  // In front of the memory, which under SINTER_DEBUG=guard is aligned to its elements only: hence the copies.
  struct Header {
    Allocator::Block block;
    void* next;
  };
  static constexpr size_t kHeader = 64;  // keeps what follows 64-byte aligned
  static_assert(sizeof(Header) <= kHeader);
  void* head_ = nullptr;
  DeviceQueue* queue_;
  std::vector<DeviceBlock> blocks_;
  Reports* target_ = nullptr;
  const char* op_ = nullptr;
  uint32_t origin_ = 0;
  std::vector<Report*> reports_;
  Late late_;
};

}  // namespace sinter
