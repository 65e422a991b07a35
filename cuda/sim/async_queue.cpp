// Copies and other operations in flight. Place in the whole: async.h's CopyQueue and AsyncQueue.
#include <algorithm>

#include "async.h"

namespace sinter::sim {

uint64_t CopyQueue::issue(const AsyncCopy& copy) {
  entries_.push_back({copy, group_, ++issued_});
  return issued_;
}

void CopyQueue::commit(uint32_t lanes) {
  for (; lanes; lanes &= lanes - 1) ++group_[static_cast<size_t>(__builtin_ctz(lanes))];
}

uint64_t& AsyncQueue::committed(uint64_t thread) {
  for (auto& [who, groups] : groups_)
    if (who == thread) return groups;
  return groups_.emplace_back(thread, 0).second;
}

void AsyncQueue::start(Operation operation) {
  const uint64_t group = operation.grouped ? committed(operation.thread) : 0;
  pending_.push_back({std::move(operation), group});
}

void AsyncQueue::commit(uint64_t thread) { ++committed(thread); }

void AsyncQueue::wait_group(uint64_t thread, uint32_t pending_groups, bool read_only) {
  const uint64_t groups = committed(thread);
  for (size_t i = 0; i < pending_.size();) {
    const Pending& p = pending_[i];
    if (!p.operation.grouped || p.operation.thread != thread || p.group + pending_groups >= groups)
      ++i;
    else if (read_only)
      take_read(pending_[i++]);
    else
      finish(i);
  }
}

bool AsyncQueue::step(std::mt19937_64& random) {
  if (pending_.empty()) return false;
  const size_t i = random() % pending_.size();
  if (pending_[i].was_read)
    finish(i);
  else
    take_read(pending_[i]);
  return true;
}

void AsyncQueue::finish_all() {
  while (!pending_.empty()) finish(0);
}

void AsyncQueue::take_read(Pending& pending) {
  if (std::exchange(pending.was_read, true)) return;
  if (pending.operation.read) pending.operation.read();
}

void AsyncQueue::finish(size_t i) {
  take_read(pending_[i]);
  const Operation operation = std::move(pending_[i].operation);
  pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
  if (operation.write) operation.write();
}

}  // namespace sinter::sim
