#include "engine/stream.h"

#include <chrono>

namespace sinter {

namespace {

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Spins until ready() for a few tens of microseconds: longer would take the core from whoever it waits for.
template <class F>
bool spin_until(F&& ready) {
  using clock = std::chrono::steady_clock;
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

void Stream::submit(const double* words, size_t n, double cost_ns, uint32_t commands, double bytes) {
  if (mode_ == StreamMode::inline_only || (mode_ == StreamMode::automatic && cost_ns <= kInlineNs && idle())) {
    decoder_.execute(words, n);
    return;
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
}

bool Stream::after(std::function<void(Decoder&)> task, bool cheap) {
  if (idle() && (mode_ == StreamMode::inline_only || (mode_ == StreamMode::automatic && cheap))) {
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
  done_.wait(lock, [this] { return queued_commands_ < kMaxCommands && queued_bytes_ < kMaxBytes; });
  queued_commands_ += batch.commands;
  queued_bytes_ += batch.bytes;
  queue_.push_back(std::move(batch));
  submitted_.fetch_add(1, std::memory_order_release);
  const bool wake = sleeping_;
  lock.unlock();
  if (wake) work_.notify_one();
}

void Stream::executor() {
  std::vector<double> finished;
  for (;;) {
    spin_until([this] { return !idle(); });
    std::unique_lock lock(mutex_);
    if (queue_.empty()) {
      if (stop_) return;
      sleeping_ = true;
      work_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      sleeping_ = false;
      if (queue_.empty()) return;
    }
    Batch batch = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();

    if (stop_.load(std::memory_order_relaxed))
      decoder_.discard(batch.words.data(), batch.words.size());
    else
      decoder_.execute(batch.words.data(), batch.words.size());
    if (batch.task) batch.task(decoder_);
    batch.task = nullptr;

    lock.lock();
    queued_commands_ -= batch.commands;
    queued_bytes_ -= batch.bytes;
    if (spare_.size() < 64) spare_.push_back(std::move(batch.words));
    completed_.fetch_add(1, std::memory_order_release);
    lock.unlock();
    done_.notify_all();
  }
}

void Stream::wait_idle() {
  if (spin_until([this] { return idle(); })) return;
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return idle(); });
}

}  // namespace sinter
