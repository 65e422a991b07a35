// The command stream. Place in the whole: one for a Node environment and device. JavaScript submits batches of command words;
// they execute in order, either at once on the submitting thread or on the stream's executor thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "cpu/threads/loan.h"
#include "engine/decoder.h"

namespace sinter {

enum class StreamMode { automatic, inline_only, async };

class Stream {
 public:
  Stream(const Backend& backend, StreamMode mode) : decoder_(backend), mode_(mode) {}
  ~Stream();  // finishes the running batch and drops what is queued behind it

  // Submits commands; true when they are left to the executor. `cost_ns` is the caller's estimate of their run time,
  // `commands` their number, `bytes` the size of their results, and `new_turn` is true for the first commands of a
  // JavaScript job. Runs them at once when the mode says so, or when the stream is idle, they are cheap and the turn has
  // not yet spent what it may on the calling thread; else queues them, and blocks while the queue holds more than the
  // run-ahead bound.
  bool submit(const double* words, size_t n, double cost_ns, uint32_t commands, double bytes, bool new_turn);

  // Runs `task` after everything submitted so far: at once when the stream is idle and the mode allows it (returns true), else
  // on the executor.
  bool after(std::function<void(Decoder&)> task, bool cheap);

  // The submitting thread has nothing more to do for now, and needs no core.
  void turn_over() { loan_.end(); }

  // Returns when everything submitted has run. The caller has nothing else to do, so it runs what is queued itself.
  void wait_idle();
  bool idle() const { return submitted_.load(std::memory_order_relaxed) == completed_.load(std::memory_order_acquire); }
  Decoder& decoder() { return decoder_; }  // only while idle, by the submitting thread
  StreamMode mode() const { return mode_; }

 private:
  struct Batch {
    std::vector<double> words;
    std::function<void(Decoder&)> task;
    uint32_t commands = 0;
    double bytes = 0;
  };

  void enqueue(Batch&& batch);
  void executor();
  // Takes the oldest batch off the queue and runs it; `lock` is released meanwhile.
  void run_next(std::unique_lock<std::mutex>& lock);

  // A hand-over to a sleeping executor takes some 40 us until it computes, so commands up to a few times that are run where they
  // are submitted, as long as the event loop is not held up by more than kTurnNs.
  static constexpr double kInlineNs = 150'000;
  static constexpr double kTurnNs = 1'000'000;
  static constexpr uint32_t kMaxCommands = 65'536;
  static constexpr double kMaxBytes = 1 << 30;

  Decoder decoder_;
  const StreamMode mode_;
  // Of a core of the pool's to the submitting thread: from commands that it leaves to the executor, or a task that wakes it, until
  // it waits, computes itself or its turn is over. A device computes without the pool.
  CoreLoan loan_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable work_, done_;
  std::deque<Batch> queue_;
  std::vector<std::vector<double>> spare_;
  uint32_t queued_commands_ = 0;
  double queued_bytes_ = 0;
  bool sleeping_ = false;
  bool running_ = false;  // a batch of the queue, on either thread
  double turn_ns_ = 0;    // run on the submitting thread in this turn
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> submitted_{0}, completed_{0};
};

}  // namespace sinter
