// The thread pool behind parallel_for. Place in the whole: compiled once, for the baseline; knows nothing of kernels.
//
// A run's ranges are dealt out in shares, one a thread: the same rows meet the same core from operator to operator, and
// its cache. A share is a ticket, epoch << 32 | unclaimed ranges. Threads claim by compare-and-swap on it, first from
// their own share, then from the others', so a claim holds only while its run is the current one, and whoever reads the
// run's description before a successful claim has read the right one. The caller claims too, then waits for claimed
// ranges only: a helper that the scheduler keeps away costs nothing. Helpers spin a little after each run, then sleep
// on a futex (std::atomic::wait). As many as cores are lent to others (loan.h) sleep whatever there is to do.
//
// The pool is a leaked singleton: no destructor races with a helper at process exit. Node loads the addon with -z
// nodelete.
#include "cpu/threads/pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cpu/threads/loan.h"

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#endif

namespace sinter {
namespace {

constexpr int kMaxThreads = 256;
constexpr int64_t kMaxRanges = int64_t{1} << 30;
constexpr int kMaxShares = 16;  // more threads have one in common: publishing a run writes them all
// A helper spins this long for the next run: more than the gap between two operators, less than anyone's patience.
constexpr auto kHelperSpin = std::chrono::microseconds(80);
// The caller spins this long for the last ranges, then gives its core to whoever computes them.
constexpr auto kCallerSpin = std::chrono::microseconds(100);
constexpr auto kCrowdedSpin = std::chrono::microseconds(4);  // either, when threads outnumber cores

thread_local bool in_task = false;

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Spins until `ready()` or the time is over; true when ready.
template <class F>
bool spin(std::chrono::microseconds time, F&& ready) {
  for (std::chrono::steady_clock::time_point end{};;) {
    for (int i = 0; i < 64; i++) {
      if (ready()) return true;
      pause();
    }
    const auto now = std::chrono::steady_clock::now();
    if (end == std::chrono::steady_clock::time_point{}) end = now + time;
    if (now >= end) return false;
  }
}

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int i = 0; i < CPU_SETSIZE; i++)
      if (CPU_ISSET(i, &set)) cpus.push_back(i);
#endif
  if (cpus.empty())
    for (int i = 0; i < std::max(1, static_cast<int>(std::thread::hardware_concurrency())); i++) cpus.push_back(i);
  return cpus;
}

// "0,2,4-7" restricted to `allowed`; empty when malformed.
std::vector<int> parse_cpu_list(const char* text, const std::vector<int>& allowed) {
  std::vector<int> cpus;
  while (*text) {
    char* end;
    long first = std::strtol(text, &end, 10), last = first;
    if (end == text || first < 0) return {};
    if (*end == '-') {
      text = end + 1;
      last = std::strtol(text, &end, 10);
      if (end == text) return {};
    }
    for (int cpu : allowed)
      if (first <= cpu && cpu <= last) cpus.push_back(cpu);
    if (*end && *end != ',') return {};
    text = *end ? end + 1 : end;
  }
  return cpus;
}

using Clock = std::chrono::steady_clock;

class Pool {
 public:
  static Pool& instance() {
    static Pool* pool = new Pool;
    return *pool;
  }

  int threads() const { return dead_.load(std::memory_order_relaxed) ? 1 : wanted_.load(std::memory_order_relaxed); }
  void set_threads(int n) { wanted_.store(std::clamp(n, 1, kMaxThreads), std::memory_order_relaxed); }

  void run(int64_t n, int64_t grain, RangeFn fn, void* context) {
    if (n <= 0) return;
    grain = std::max<int64_t>(grain, 1);
    if (n <= grain || in_task || threads() == 1 || !owner_.try_lock()) return run_serial(n, grain, fn, context);
    std::lock_guard<std::mutex> hold(owner_, std::adopt_lock);
    resize(threads() - 1);
    if (Clock::now() < alone_until_) return run_serial(n, grain, fn, context);
    in_task = true;
    make_way();
    const int64_t chunk = n / grain >= kMaxRanges ? kMaxRanges * grain : n;
    for (int64_t begin = 0; begin < n; begin += chunk)
      run_parallel(begin, std::min(n, begin + chunk), grain, fn, context);
    in_task = false;
  }

  void lend() { loans_.fetch_add(1, std::memory_order_seq_cst); }
  void take_back() {
    loans_.fetch_sub(1, std::memory_order_seq_cst);
    // The caller wakes the helper: from here it would stop this thread on its way to waiting.
    returned_.store(true, std::memory_order_relaxed);
  }
  int lent() const { return loans_.load(std::memory_order_seq_cst); }

  const char* affinity() {
    static thread_local std::string text;
    text = placement(threads()).why;
    return text.c_str();
  }

 private:
  struct Placement {
    std::vector<int> cpus;  // helper i runs on cpus[i % size]; empty: anywhere
    std::string why;
    bool one_each = false;  // with the caller every core has one thread
  };

  Pool() : cpus_(allowed_cpus()) {
    const char* env = std::getenv("SINTER_NUM_THREADS");
    const int asked = env ? std::atoi(env) : 0;
    set_threads(asked > 0 ? asked : static_cast<int>(cpus_.size()));
#if defined(__linux__)
    // A bare fork leaves the child without the helpers and perhaps with a held lock: it computes serially.
    pthread_atfork(nullptr, nullptr, [] { instance().dead_.store(true, std::memory_order_relaxed); });
#endif
  }

  static void run_serial(int64_t n, int64_t grain, RangeFn fn, void* context) {
    for (int64_t begin = 0; begin < n; begin += grain) fn(context, begin, std::min(n, begin + grain));
  }

  Placement placement(int threads) const {
    const char* mode = std::getenv("SINTER_AFFINITY");
    const std::string counts = std::to_string(threads) + (threads == 1 ? " thread of " : " threads of ") +
                               std::to_string(cpus_.size()) + " cores";
#if defined(__linux__)
    if (!mode || !*mode || !std::strcmp(mode, "auto")) {
      if (threads > 1 && threads == static_cast<int>(cpus_.size()))
        return {cpus_, "auto: helpers pinned, " + counts, true};
      return {{}, "auto: not pinned, " + counts};
    }
    if (!std::strcmp(mode, "none")) return {{}, "none: " + counts};
    std::vector<int> list = parse_cpu_list(mode, cpus_);
    if (list.empty()) return {{}, "none: SINTER_AFFINITY=" + std::string(mode) + " names no core of this process"};
    return {list, "list " + std::string(mode) + ": helpers pinned, " + counts};
#else
    return {{}, "none: pinning needs Linux"};
#endif
  }

  static void pin(std::thread& thread, int cpu) {
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);
#else
    (void)thread, (void)cpu;
#endif
  }

  // The caller runs where the system put it, today on this core and tomorrow on that. A helper that is bound to the same one would
  // share it with the caller while another core idles, and nothing would ever part them: it takes the core that is left over.
  void make_way() {
#if defined(__linux__)
    if (helper_cpus_.empty()) return;
    const int cpu = sched_getcpu();
    if (cpu == spare_cpu_) return;
    const auto at = std::find(helper_cpus_.begin(), helper_cpus_.end(), cpu);
    if (at == helper_cpus_.end()) return;
    *at = spare_cpu_;
    pin(helpers_[static_cast<size_t>(at - helper_cpus_.begin())], spare_cpu_);
    spare_cpu_ = cpu;
#endif
  }

  // Brings the number of helpers to `helpers`. Under owner_, between runs.
  void resize(int helpers) {
    if (helpers == static_cast<int>(helpers_.size())) return;
    stop_.store(true);
    bell_.fetch_add(1);
    bell_.notify_all();
    for (std::thread& t : helpers_) t.join();
    helpers_.clear();
    stop_.store(false);
    const Placement place = placement(helpers + 1);
    crowded_ = helpers + 1 > static_cast<int>(cpus_.size());
    // Signals belong to Node's threads: helpers inherit a full mask.
#if defined(__linux__)
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
#endif
    for (int i = 1; i <= helpers; i++) {
      const int cpu = place.cpus.empty() ? -1 : place.cpus[i % place.cpus.size()];
      try {
        helpers_.emplace_back([this, i] { help(i); });
      } catch (const std::exception&) {  // the system grants no more threads: go on with those it gave
        set_threads(i);
        break;
      }
      if (cpu >= 0) pin(helpers_.back(), cpu);
    }
    count_.store(1 + static_cast<int>(helpers_.size()), std::memory_order_relaxed);
    by_core_.store(place.one_each, std::memory_order_relaxed);
    helper_cpus_.clear();
    if (place.one_each) {
      spare_cpu_ = place.cpus[0];
      helper_cpus_.assign(place.cpus.begin() + 1, place.cpus.begin() + 1 + static_cast<int64_t>(helpers_.size()));
    }
#if defined(__linux__)
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
#endif
  }

  void run_parallel(int64_t begin, int64_t end, int64_t grain, RangeFn fn, void* context) {
    const int64_t ranges = (end - begin + grain - 1) / grain;
    const int shares =
        static_cast<int>(std::min<int64_t>({ranges, count_.load(std::memory_order_relaxed), kMaxShares}));
    fn_.store(fn, std::memory_order_relaxed);
    context_.store(context, std::memory_order_relaxed);
    begin_.store(begin, std::memory_order_relaxed);
    end_.store(end, std::memory_order_relaxed);
    grain_.store(grain, std::memory_order_relaxed);
    unfinished_.store(static_cast<int>(ranges), std::memory_order_relaxed);
    shares_.store(shares, std::memory_order_relaxed);
    const uint64_t epoch = (epoch_.load(std::memory_order_relaxed) + 1) & 0xffffffff;
    for (int s = 0; s < shares; s++) {
      const int64_t first = ranges * s / shares, last = ranges * (s + 1) / shares;
      share_[s].last.store(last, std::memory_order_relaxed);
      share_[s].ticket.store(epoch << 32 | static_cast<uint64_t>(last - first), std::memory_order_release);
    }
    epoch_.store(epoch, std::memory_order_seq_cst);
    // One wake-up only: a woken helper wakes the next while ranges remain, so the caller pays for one system call,
    // and for none where the helpers that are awake suffice.
    call_next();
    const auto start = Clock::now();
    const int64_t own = work(0);
    const auto finished = Clock::now();
    const auto done = [this] { return unfinished_.load(std::memory_order_acquire) == 0; };
    if (!spin(crowded_ ? kCrowdedSpin : kCallerSpin, done))
      for (int left; (left = unfinished_.load(std::memory_order_acquire)) != 0;) {
        caller_waits_.store(true, std::memory_order_seq_cst);
        if (unfinished_.load(std::memory_order_seq_cst) == left) unfinished_.wait(left, std::memory_order_acquire);
        caller_waits_.store(false, std::memory_order_relaxed);
      }
    judge(own, finished - start, Clock::now() - finished);
  }

  // Where another process holds a helper's core, the helper is descheduled with a range in its hands, for milliseconds each
  // time, and every product waits. A wait much longer than a range takes is the sign; then the owner computes alone for a
  // while, longer each time the sign repeats, so that a busy neighbour costs its core and not more.
  void judge(int64_t own, Clock::duration computing, Clock::duration waiting) {
    using std::chrono::microseconds;
    if (own == 0 || waiting < microseconds(300) + 2 * computing / own) {
      if (++clean_ >= kCleanRuns) alone_for_ = kShortestAlone;
      return;
    }
    clean_ = 0;
    alone_until_ = Clock::now() + alone_for_;
    alone_for_ = std::min(alone_for_ * 2, kLongestAlone);
  }

  // A thread's place among those of the pool, by which it has its share: the core's where each has one, since the system moves the
  // caller to and fro and the helper makes way.
  int place(int thread) const {
#if defined(__linux__)
    if (by_core_.load(std::memory_order_relaxed)) {
      const int cpu = sched_getcpu();
      const auto at = std::lower_bound(cpus_.begin(), cpus_.end(), cpu);
      if (at != cpus_.end() && *at == cpu) return static_cast<int>(at - cpus_.begin());
    }
#endif
    return thread;
  }

  // Helpers that sleep for a loan's sake. Where the pool has fewer threads than there are cores, those are lent first.
  int displaced() const {
    const int spare = static_cast<int>(cpus_.size()) - count_.load(std::memory_order_relaxed);
    return std::max(0, loans_.load(std::memory_order_seq_cst) - std::max(0, spare));
  }
  bool in_the_way() const { return sleepers_.load(std::memory_order_seq_cst) < displaced(); }
  int to_wake() const { return sleepers_.load(std::memory_order_seq_cst) - displaced(); }
  int awake() const { return count_.load(std::memory_order_relaxed) - sleepers_.load(std::memory_order_seq_cst); }

  // Claims and computes ranges of the current run until none is left, first those of its own share; returns how many.
  // `thread` is 0 for the caller, else the helper's number.
  int64_t work(int thread) {
    int64_t computed = 0;
    const int shares = shares_.load(std::memory_order_relaxed);
    const int home = place(thread) * shares / count_.load(std::memory_order_relaxed);
    for (int i = 0; i < shares; i++) {
      Share& share = share_[(home + i) % shares];
      for (uint64_t ticket = share.ticket.load(std::memory_order_acquire);;) {
        const int64_t left = static_cast<uint32_t>(ticket);
        if (left == 0) break;
        if (thread > 0 && in_the_way()) return computed;
        const RangeFn fn = fn_.load(std::memory_order_relaxed);
        void* context = context_.load(std::memory_order_relaxed);
        const int64_t grain = grain_.load(std::memory_order_relaxed);
        const int64_t from =
            begin_.load(std::memory_order_relaxed) + (share.last.load(std::memory_order_relaxed) - left) * grain;
        const int64_t to = std::min(end_.load(std::memory_order_relaxed), from + grain);
        if (!share.ticket.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel,
                                                std::memory_order_acquire))
          continue;
        if (thread > 0 && computed == 0) call_next();
        fn(context, from, to);
        computed++;
        if (unfinished_.fetch_sub(1, std::memory_order_seq_cst) == 1 && caller_waits_.load(std::memory_order_seq_cst))
          unfinished_.notify_all();
        if (thread == 0 && returned_.load(std::memory_order_relaxed) && returned_.exchange(false)) call_next();
        ticket = share.ticket.load(std::memory_order_acquire);
      }
    }
    return computed;
  }

  // Where more ranges are left than threads are awake.
  void call_next() {
    if (to_wake() > 0 && unfinished_.load(std::memory_order_relaxed) > awake()) ring();
  }

  // Wakes one sleeping helper.
  void ring() {
    bell_.fetch_add(1, std::memory_order_seq_cst);
    bell_.notify_one();
  }

  void help(int number) {
    in_task = true;
#if defined(__linux__)
    pthread_setname_np(pthread_self(), "sinter-pool");
#endif
    constexpr uint64_t kNoRun = ~uint64_t{0};
    uint64_t seen;  // the last run that had nothing left
    const auto news = [&] { return epoch_.load(std::memory_order_seq_cst) != seen || stop_.load(); };
    while (!stop_.load()) {
      seen = epoch_.load(std::memory_order_seq_cst);
      work(number);
      if (in_the_way())
        seen = kNoRun;  // it may have left ranges behind
      else if (spin(crowded_ ? kCrowdedSpin : kHelperSpin, [&] { return news() || in_the_way(); }))
        continue;
      const int bell = bell_.load(std::memory_order_seq_cst);
      sleepers_.fetch_add(1, std::memory_order_seq_cst);
      if (!stop_.load() && (to_wake() <= 0 || !news())) bell_.wait(bell, std::memory_order_seq_cst);
      sleepers_.fetch_sub(1, std::memory_order_seq_cst);
    }
  }

  static constexpr Clock::duration kShortestAlone = std::chrono::milliseconds(4);
  static constexpr Clock::duration kLongestAlone = std::chrono::milliseconds(100);
  static constexpr int kCleanRuns = 64;

  const std::vector<int> cpus_;
  std::atomic<int> wanted_{1};
  std::atomic<bool> dead_{false};
  std::mutex owner_;  // held by the thread whose run is the current one
  std::vector<std::thread> helpers_;
  std::vector<int> helper_cpus_;     // of each helper, where every core has one thread; else empty
  int spare_cpu_ = -1;               // the one that no helper is bound to
  Clock::time_point alone_until_{};  // this and the next two under owner_
  Clock::duration alone_for_ = kShortestAlone;
  int clean_ = 0;
  std::atomic<bool> stop_{false}, crowded_{false}, caller_waits_{false};

  // The current run. Written by its owner before the ticket; relaxed atomics, as a late helper may read while it is
  // rewritten (its claim then fails).
  std::atomic<RangeFn> fn_{nullptr};
  std::atomic<void*> context_{nullptr};
  std::atomic<int64_t> begin_{0}, end_{0}, grain_{1};
  std::atomic<int> shares_{0};
  struct alignas(64) Share {
    std::atomic<uint64_t> ticket{0};
    std::atomic<int64_t> last{0};  // the range behind its last one
  };
  Share share_[kMaxShares];
  std::atomic<int> count_{1};         // threads of the pool, the caller too
  std::atomic<bool> by_core_{false};  // shares belong to cores

  alignas(64) std::atomic<uint64_t> epoch_{0};  // of the current run, written when its shares are
  alignas(64) std::atomic<int> unfinished_{0};
  alignas(64) std::atomic<int> bell_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<int> loans_{0};          // cores that something else needs now
  std::atomic<bool> returned_{false};  // one of them since the caller last looked
};

}  // namespace

int pool_threads() { return Pool::instance().threads(); }
void pool_lend_core() { Pool::instance().lend(); }
void pool_take_back_core() { Pool::instance().take_back(); }
int pool_lent_cores() { return Pool::instance().lent(); }
void pool_set_threads(int n) { Pool::instance().set_threads(n); }
void pool_run(int64_t n, int64_t grain, RangeFn fn, void* context) { Pool::instance().run(n, grain, fn, context); }
const char* pool_affinity() { return Pool::instance().affinity(); }

}  // namespace sinter
