#include "engine/report.h"

namespace sinter {

Reports::~Reports() {
  for (Report* r : open_) r->release();
}

ReportRecord* Reports::open(ErrorCode code, ReportText text, const char* op, uint32_t origin, Report** report) {
  if (full()) fail(ErrorCode::internal, "more than %zu reports are open", kRecords);
  if (!host_) {
    const DeviceQueue::Mapped records = queue_.mapped(kRecords * sizeof(ReportRecord));
    host_ = static_cast<ReportRecord*>(records.host);
    device_ = static_cast<ReportRecord*>(records.device);
  }
  auto* r = new Report;  // with one reference, the caller's
  r->code_ = code;
  r->text_ = text;
  r->op_ = op;
  r->origin_ = origin;
  open_.push_back(r->retain());
  *report = r;
  return device_ + (open_.size() - 1);
}

void Reports::settle(size_t i, std::vector<ErrorInfo*>& errors) {
  Report* r = open_[i];
  if (host_[i].found && !r->settled_) {
    // Causes were opened, and are settled, before.
    for (const Report* cause : r->causes_)
      if (!r->error_ && cause->error_) r->error_ = cause->error_->retain();
    if (!r->error_) {
      char message[512] = "";
      r->text_(host_[i], message, sizeof message);
      r->error_ = new ErrorInfo(r->code_, message, r->op_, r->origin_);
      errors.push_back(r->error_->retain());
    }
  }
  host_[i] = {};
  r->settled_ = true;
  r->forget_causes();
}

void Reports::settle(std::vector<ErrorInfo*>& errors) {
  for (size_t i = 0; i < open_.size(); i++) {
    settle(i, errors);
    open_[i]->release();
  }
  open_.clear();
}

void Reports::settle_found(std::vector<ErrorInfo*>& errors) {
  for (size_t i = 0; i < open_.size(); i++)
    if (host_[i].found) settle(i, errors);
}

}  // namespace sinter
