// What kernels on a device find wrong (an index out of range, a singular matrix), which the host learns only once the device has
// come to it. Place in the whole: a kernel asks its Call for a record and writes there; the decoder hangs the report on the storages
// that depend on it, as it does with errors it knows; when the queue has been waited for, a report becomes an error or nothing.
#pragma once
#include <vector>

#include "engine/device.h"
#include "engine/error.h"

namespace sinter {

// The first thread that finds something sets `found` from 0 to not 0 and fills in the rest; what the numbers mean is the operator's
// affair.
struct ReportRecord {
  int32_t found;
  int32_t kind;
  int64_t value[3];
};

using ReportText = void (*)(const ReportRecord&, char* message, size_t size);

class Report {
 public:
  Report* retain() {
    refs_++;
    return this;
  }
  void release() {
    if (--refs_ == 0) delete this;
  }
  bool settled() const { return settled_; }
  ErrorInfo* error() const { return error_; }  // once settled; null: nothing was found
  // The command reads what `cause` is about: if that is an error, what is found here follows from it and is the same one.
  void follow(Report* cause) {
    if (cause != this && !cause->settled_) causes_.push_back(cause->retain());
  }

 private:
  friend class Reports;
  Report() = default;
  ~Report() {
    if (error_) error_->release();
    forget_causes();
  }
  void forget_causes() {
    for (Report* cause : causes_) cause->release();
    causes_.clear();
  }
  int refs_ = 1;
  bool settled_ = false;
  ErrorInfo* error_ = nullptr;
  std::vector<Report*> causes_;  // until it is settled
  ErrorCode code_ = ErrorCode::internal;
  ReportText text_ = nullptr;
  const char* op_ = nullptr;
  uint32_t origin_ = 0;
};

// A queue's reports. Only the thread that executes the stream's commands touches them.
class Reports {
 public:
  explicit Reports(DeviceQueue& queue) : queue_(queue) {}
  ~Reports();
  Reports(const Reports&) = delete;
  Reports& operator=(const Reports&) = delete;

  // A new report of the command that runs; returns its record's device address, and a reference. At most kRecords are open: see full().
  ReportRecord* open(ErrorCode code, ReportText text, const char* op, uint32_t origin, Report** report);
  // To be called when the queue has been waited for. Errors that were found are appended, each retained.
  void settle(std::vector<ErrorInfo*>& errors);
  // The same, but what was not found may still be: the commands will run again, with the same records.
  void settle_found(std::vector<ErrorInfo*>& errors);
  bool full() const { return open_.size() == kRecords; }

 private:
  static constexpr size_t kRecords = 512;
  void settle(size_t i, std::vector<ErrorInfo*>& errors);

  DeviceQueue& queue_;
  ReportRecord* host_ = nullptr;
  ReportRecord* device_ = nullptr;
  std::vector<Report*> open_;  // report i has record i
};

}  // namespace sinter
