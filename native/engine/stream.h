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

#include "engine/decoder.h"

namespace sinter {

enum class StreamMode { automatic, inline_only, async };

class Stream {
 public:
  Stream(const Backend& backend, StreamMode mode) : decoder_(backend), mode_(mode) {}
  ~Stream();  // finishes the running batch and drops what is queued behind it

  // Submits commands. `cost_ns` is the caller's estimate of their run time, `commands` their number and `bytes` the size of
  // their results. Runs them at once when the mode says so, or when the stream is idle and they are cheap; else queues them,
  // and blocks while the queue holds more than the run-ahead bound.
  void submit(const double* words, size_t n, double cost_ns, uint32_t commands, double bytes);

  // Runs `task` after everything submitted so far: at once when the stream is idle and the mode allows it (returns true), else
  // on the executor.
  bool after(std::function<void(Decoder&)> task, bool cheap);

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

  static constexpr double kInlineNs = 20'000;  // cheaper than waking the executor and being told
  static constexpr uint32_t kMaxCommands = 65'536;
  static constexpr double kMaxBytes = 1 << 30;

  Decoder decoder_;
  const StreamMode mode_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable work_, done_;
  std::deque<Batch> queue_;
  std::vector<std::vector<double>> spare_;
  uint32_t queued_commands_ = 0;
  double queued_bytes_ = 0;
  bool sleeping_ = false;
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> submitted_{0}, completed_{0};
};

}  // namespace sinter
