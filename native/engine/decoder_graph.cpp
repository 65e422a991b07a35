// Commands that record graphs and launch them (recorded.h). Place in the whole: a part of the decoder.
#include <utility>

#include "engine/decoder.h"

namespace sinter {

void Decoder::graph(const double* w) {
  const auto kind = static_cast<Recorded::Kind>(static_cast<int>(w[0]));
  const uint32_t id = word_id(w[1]);
  try {
    if (kind == Recorded::kRecord) {
      if (!queue_) fail(ErrorCode::unsupported_on_device, "%s has no graphs", backend_.name);
      if (recording_) fail(ErrorCode::unsupported, "a graph within a graph");
      std::unique_ptr<Reports> reports;
      if (spare_reports_.empty()) {
        reports = std::make_unique<Reports>(*queue_);
      } else {
        reports = std::move(spare_reports_.back());
        spare_reports_.pop_back();
      }
      recording_ = (graphs_[id] = std::make_unique<Recorded>(*queue_, std::move(reports))).get();
      return;
    }
    const auto it = graphs_.find(id);
    if (it == graphs_.end()) return;  // it did not begin, and said so
    Recorded& recorded = *it->second;
    if (kind == Recorded::kEnd) end_graph(recorded);
    if (kind == Recorded::kDrop) drop_graph(id);
    if (kind != Recorded::kLaunch || recorded.failed) return;
    const LateStream stream{static_cast<uint32_t>(w[2]), static_cast<uint32_t>(w[3]),
                            static_cast<uint64_t>(static_cast<int64_t>(w[4]))};
    queue_->upload(recorded.stream(), &stream, sizeof stream);
    recorded.graph().launch();
    recorded.launched = true;
  } catch (const Error& error) {
    if (kind == Recorded::kRecord) graphs_.erase(id);
    new_error(error, "graph", 0)->release();
  }
}

void Decoder::end_graph(Recorded& recorded) {
  if (recording_ != &recorded) return;
  recording_ = nullptr;
  drop_condition();
  try {
    recorded.graph().end();
  } catch (const Error&) {
    recorded.failed = true;
    throw;
  }
}

void Decoder::drop_graph(uint32_t id) {
  const auto it = graphs_.find(id);
  if (recording_ == it->second.get()) recording_ = nullptr;
  std::unique_ptr<Recorded> recorded = std::move(it->second);
  graphs_.erase(it);
  std::unique_ptr<Reports> reports = recorded->take_reports();
  recorded.reset();  // waits for the device
  std::lock_guard lock(errors_mutex_);
  reports->settle(errors_);
  spare_reports_.push_back(std::move(reports));
}

// What a command that runs now reports to.
Reports* Decoder::reports() { return recording_ ? &recording_->reports() : reports_.get(); }

// The queue has been waited for.
void Decoder::settle_reports() {
  std::lock_guard lock(errors_mutex_);
  reports_->settle(errors_);
  for (const auto& [id, recorded] : graphs_)
    if (std::exchange(recorded->launched, false)) recorded->reports().settle_found(errors_);
}

}  // namespace sinter
