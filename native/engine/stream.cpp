#include "engine/stream.h"

#include <chrono>

#if defined(__linux__)
#include <sched.h>
#endif

namespace sinter {

namespace {

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

bool single_processor() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set) == 1;
#endif
  return std::thread::hardware_concurrency() == 1;
}

// Spins until ready() for a few tens of microseconds: longer would take the core from whoever it waits for. On a single one any
// time does.
template <class F>
bool spin_until(F&& ready) {
  using clock = std::chrono::steady_clock;
  static const bool pointless = single_processor();
  if (pointless) return ready();
  const auto end = clock::now() + std::chrono::microseconds(40);
  do {
    for (int i = 0; i < 32; i++) {
      if (ready()) return true;
      relax();
    }
  } while (clock::now() < end);
  return ready();
}

}  // namespace

Stream::~Stream() {
  if (thread_.joinable()) {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    work_.notify_all();
    thread_.join();
  }
}

bool Stream::submit(const double* words, size_t n, double cost_ns, uint32_t commands, double bytes, bool new_turn) {
  if (new_turn) turn_ns_ = 0;
  const bool cheap = cost_ns <= kInlineNs && turn_ns_ + cost_ns <= kTurnNs;
  if (mode_ == StreamMode::inline_only || (mode_ == StreamMode::automatic && cheap && idle())) {
    const auto start = std::chrono::steady_clock::now();
    loan_.end();
    decoder_.execute(words, n);
    turn_ns_ += std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
    return false;
  }
  Batch batch;
  {
    std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      batch.words = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  batch.words.assign(words, words + n);
  batch.commands = commands;
  batch.bytes = bytes;
  enqueue(std::move(batch));
  return true;
}

bool Stream::after(std::function<void(Decoder&)> task, bool cheap) {
  if (idle() && (mode_ == StreamMode::inline_only || (mode_ == StreamMode::automatic && cheap))) {
    loan_.end();
    task(decoder_);
    return true;
  }
  Batch batch;
  batch.task = std::move(task);
  enqueue(std::move(batch));
  return false;
}

void Stream::enqueue(Batch&& batch) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { executor(); });
  const auto room = [this] { return queued_commands_ < kMaxCommands && queued_bytes_ < kMaxBytes; };
  if (!room()) {
    loan_.end();
    done_.wait(lock, room);
  }
  queued_commands_ += batch.commands;
  queued_bytes_ += batch.bytes;
  queue_.push_back(std::move(batch));
  submitted_.fetch_add(1, std::memory_order_release);
  const bool wake = sleeping_;
  lock.unlock();
  if (!decoder_.on_device()) loan_.begin();
  if (wake) work_.notify_one();
}

void Stream::run_next(std::unique_lock<std::mutex>& lock) {
  Batch batch = std::move(queue_.front());
  queue_.pop_front();
  running_ = true;
  lock.unlock();

  if (stop_.load(std::memory_order_relaxed))
    decoder_.discard(batch.words.data(), batch.words.size());
  else
    decoder_.execute(batch.words.data(), batch.words.size());
  if (batch.task) {
    // Its end wakes the submitting thread, on the core that it is lent and not on one where a range is being computed.
    if (!decoder_.on_device()) loan_.begin();
    batch.task(decoder_);
    batch.task = nullptr;
  }

  lock.lock();
  running_ = false;
  queued_commands_ -= batch.commands;
  queued_bytes_ -= batch.bytes;
  if (spare_.size() < 64) spare_.push_back(std::move(batch.words));
  completed_.fetch_add(1, std::memory_order_release);
}

void Stream::executor() {
  for (;;) {
    spin_until([this] { return !idle(); });
    std::unique_lock lock(mutex_);
    if (queue_.empty() || running_) {
      if (queue_.empty() && stop_) return;
      sleeping_ = true;
      work_.wait(lock, [this] { return !running_ && (stop_ || !queue_.empty()); });
      sleeping_ = false;
      if (queue_.empty()) return;
    }
    run_next(lock);
    lock.unlock();
    done_.notify_all();
  }
}

void Stream::wait_idle() {
  turn_ns_ = 0;
  std::unique_lock lock(mutex_);
  for (loan_.end(); !idle(); loan_.end()) {
    if (!running_) {
      run_next(lock);
      continue;
    }
    lock.unlock();
    const bool done = spin_until([this] { return idle(); });
    lock.lock();
    if (!done) done_.wait(lock, [this] { return !running_; });
  }
}

}  // namespace sinter
