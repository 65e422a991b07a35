#include "cuda/runtime/memory.h"

#include <algorithm>

#include "cuda/runtime/device.h"
#include "engine/guard.h"

namespace sinter::cuda {

namespace {

constexpr size_t kGranule = 512;
constexpr size_t kSmallLimit = 1 << 20;
constexpr size_t kSmallSegment = 2 << 20;
constexpr size_t kLargeSegment = 32 << 20;
constexpr size_t kLargeGranule = 2 << 20;  // what the driver hands out anyway
constexpr size_t kLargeSplit = 1 << 20;    // a smaller rest stays with its block

size_t round_up(size_t x, size_t to) { return (x + to - 1) / to * to; }

double megabytes(uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

}  // namespace

// A piece of a segment; neighbours in address order are linked so that free ones can be joined. The first piece of a segment stays the
// same object for the segment's life.
struct Memory::Block {
  CUdeviceptr address;
  size_t bytes;
  Block *previous, *next;
  Pool* pool;
  bool small, free, shared;
};

class Memory::Pool {
 public:
  CUstream stream = nullptr;
  bool keeps = false;                   // gives nothing back before it is closed
  std::set<Block*, BySize> free[2];     // [small]
  std::unordered_set<Block*> segments;  // their first pieces
};

bool Memory::BySize::operator()(const Block* a, const Block* b) const {
  return a->bytes != b->bytes ? a->bytes < b->bytes : a->address < b->address;
}

Memory::Memory(Device& device) : device_(device), guard_(guard::wanted()), idle_(new Pool) {}

Memory::Pool* Memory::open_pool(CUstream stream) {
  std::lock_guard lock(mutex_);
  const Driver& f = driver();
  for (; !idle_events_.empty(); idle_events_.pop_back()) {
    device_.check(f.stream_wait_event(stream, idle_events_.back(), 0), "waiting for an event");
    f.event_destroy(idle_events_.back());
  }
  auto* pool = new Pool;
  pool->stream = stream;
  pools_.insert(pool);
  merge(*idle_, *pool);
  return pool;
}

Memory::Pool* Memory::open_keeping_pool(CUstream stream) {
  std::lock_guard lock(mutex_);
  auto* pool = new Pool;
  pool->stream = stream;
  pool->keeps = true;
  pools_.insert(pool);
  return pool;
}

void Memory::close_pool(Pool* pool, Pool* heir) {
  std::lock_guard lock(mutex_);
  try {
    if (guard_) release_from(*pool);
  } catch (const Error&) {
    // Of a lost device nothing comes back.
  }
  merge(*pool, heir ? *heir : *idle_);
  pools_.erase(pool);
  delete pool;
}

void Memory::merge(Pool& from, Pool& into) {
  for (Block* first : from.segments)
    for (Block* b = first; b; b = b->next) b->pool = &into;
  into.segments.merge(from.segments);
  for (int small : {0, 1}) into.free[small].merge(from.free[small]);
}

void Memory::begin_capture(CUstream stream) {
  std::lock_guard lock(mutex_);
  capturing_.push_back(stream);
}

void Memory::end_capture(CUstream stream) {
  std::lock_guard lock(mutex_);
  capturing_.erase(std::find(capturing_.begin(), capturing_.end(), stream));
  if (!capturing_.empty()) return;
  for (Block* b : deferred_) {
    wait_for_others(*b->pool);
    put_back(b);
  }
  deferred_.clear();
}

bool Memory::captures(CUstream stream) const {
  return std::find(capturing_.begin(), capturing_.end(), stream) != capturing_.end();
}

std::vector<CUstream> Memory::streams() const {
  std::vector<CUstream> all;
  for (const Pool* p : pools_)
    if (std::find(all.begin(), all.end(), p->stream) == all.end()) all.push_back(p->stream);
  return all;
}

void Memory::exhausted(size_t bytes, bool at_limit) {
  size_t free = 0, total = 0;
  driver().memory_info(&free, &total);
  fail(ErrorCode::out_of_memory,
       "%s is out of memory: %.1f MB asked, %.1f MB live, %.1f MB cached, %s %.1f MB, free on the device %.1f of %.1f "
       "MB; free tensors (scope, dispose), use smaller batches%s",
       device_name(device_.info().ordinal).c_str(), megabytes(bytes), megabytes(live_), megabytes(cached_),
       at_limit ? "at the limit of" : "limit", megabytes(limit_), megabytes(free), megabytes(total),
       at_limit ? ", or raise the limit" : "");
}

DeviceBlock Memory::allocate(Pool& pool, size_t bytes) {
  std::lock_guard lock(mutex_);
  if (bytes > limit_ || live_ + bytes > limit_) exhausted(bytes, true);
  const size_t size = guard_ ? bytes : round_up(bytes, kGranule);
  const bool small = size <= kSmallLimit;
  Block* block = guard_ ? nullptr : take(pool, small, size);
  if (!block) block = grow(pool, small, size);
  live_ += block->bytes;
  peak_ = std::max(peak_, live_);
  live_blocks_++;
  allocations_++;
  return {reinterpret_cast<void*>(block->address), block->bytes, block};
}

// The smallest free block that is large enough, cut to size; null: there is none.
Memory::Block* Memory::take(Pool& pool, bool small, size_t size) {
  Block key{0, size, nullptr, nullptr, nullptr, small, true, false};
  const auto it = pool.free[small].lower_bound(&key);
  return it == pool.free[small].end() ? nullptr : cut(*it, size);
}

// Takes a free block for `size` of its bytes.
Memory::Block* Memory::cut(Block* block, size_t size) {
  std::set<Block*, BySize>& free = block->pool->free[block->small];
  free.erase(block);
  block->free = false;
  cached_ -= block->bytes;
  const size_t rest = block->bytes - size;
  if (rest >= (block->small ? kGranule : kLargeSplit)) {
    auto* b = new Block{block->address + size, rest, block, block->next, block->pool, block->small, true, false};
    if (b->next) b->next->previous = b;
    block->next = b;
    block->bytes = size;
    cached_ += rest;
    free.insert(b);
  }
  return block;
}

Memory::Block* Memory::grow(Pool& pool, bool small, size_t size) {
  const size_t least = guard_ ? size : small ? kSmallSegment : round_up(size, kLargeGranule);
  const size_t usual = !guard_ && !small && size < kLargeSegment / 2 ? kLargeSegment : least;
  Block* segment = usual == least ? nullptr : add_segment(pool, small, usual);
  if (!segment) segment = add_segment(pool, small, least);
  if (!segment && release_free_segments()) segment = add_segment(pool, small, least);
  if (segment) return cut(segment, size);
  // Rather a piece of a large segment than none.
  if (Block* b = small && !guard_ ? take(pool, false, size) : nullptr) return b;
  exhausted(size, reserved_ + least > limit_);
}

// Null: at the limit, or the device has no more.
Memory::Block* Memory::add_segment(Pool& pool, bool small, size_t bytes) {
  if (bytes > limit_ || reserved_ + bytes > limit_) return nullptr;
  device_.make_current();
  CUdeviceptr address = 0;
  const CUresult status = driver().memory_allocate(&address, bytes);
  if (status == CUresult::out_of_memory) return nullptr;
  device_.check(status, "allocating memory");
  auto* first = new Block{address, bytes, nullptr, nullptr, &pool, small, true, false};
  pool.segments.insert(first);
  pool.free[small].insert(first);
  reserved_ += bytes;
  cached_ += bytes;
  return first;
}

// A free block that is a whole segment goes back to the driver. Its stream has been waited for.
void Memory::release(Block* whole) {
  device_.check(driver().memory_free(whole->address), "giving memory back");
  Pool& pool = *whole->pool;
  pool.segments.erase(whole);
  pool.free[whole->small].erase(whole);
  reserved_ -= whole->bytes;
  cached_ -= whole->bytes;
  delete whole;
}

void Memory::release_from(Pool& pool) {
  std::vector<Block*> whole;
  for (Block* b : pool.segments)
    if (b->free && !b->next) whole.push_back(b);
  for (Block* b : whole) release(b);
}

// Waits for the streams that may still use what was given back. One that records a graph cannot be waited for: its pool stays as it is.
uint64_t Memory::release_free_segments() {
  device_.make_current();
  const Driver& f = driver();
  for (CUstream s : streams())
    if (!captures(s)) device_.check(f.stream_synchronize(s), "waiting for the device");
  for (CUevent e : idle_events_) device_.check(f.event_synchronize(e), "waiting for the device");
  const uint64_t before = reserved_;
  release_from(*idle_);
  for (Pool* p : pools_)
    if (!p->keeps && !captures(p->stream)) release_from(*p);
  return before - reserved_;
}

void Memory::share(const DeviceBlock& block, CUstream stream) {
  auto* b = static_cast<Block*>(block.handle);
  std::lock_guard lock(mutex_);
  if (b->pool->stream != stream) b->shared = true;
}

bool Memory::is_of(const DeviceBlock& block, const Pool* pool) {
  std::lock_guard lock(mutex_);
  return block.handle && static_cast<const Block*>(block.handle)->pool == pool;
}

void Memory::free(const DeviceBlock& block) noexcept {
  auto* b = static_cast<Block*>(block.handle);
  std::lock_guard lock(mutex_);
  live_ -= b->bytes;
  live_blocks_--;
  if (b->shared && !capturing_.empty()) {
    deferred_.push_back(b);
    return;
  }
  if (b->shared) wait_for_others(*b->pool);
  put_back(b);
}

void Memory::release_guarded(Block* b) noexcept {
  if (captures(b->pool->stream)) return;  // it stays until its pool is closed, or the cache emptied
  try {
    device_.make_current();
    const Driver& f = driver();
    if (b->pool->stream) device_.check(f.stream_synchronize(b->pool->stream), "waiting for the device");
    for (CUevent e : idle_events_) device_.check(f.event_synchronize(e), "waiting for the device");
    release(b);
  } catch (const Error&) {
    // Of a lost device nothing comes back.
  }
}

// Everything that other streams have been given comes before what the pool's stream is given next. Of a lost device nothing runs any
// more, so errors leave nothing to wait for.
void Memory::wait_for_others(Pool& pool) noexcept {
  try {
    device_.make_current();
  } catch (const Error&) {
    return;
  }
  const Driver& f = driver();
  for (CUstream s : streams()) {
    if (s == pool.stream) continue;
    CUevent event = nullptr;
    if (f.event_create(&event, kEventDisableTiming) != CUresult::success) continue;
    f.event_record(event, s);
    if (&pool == idle_) {
      idle_events_.push_back(event);
    } else {
      f.stream_wait_event(pool.stream, event, 0);
      f.event_destroy(event);
    }
  }
}

void Memory::put_back(Block* b) noexcept {
  std::set<Block*, BySize>& free = b->pool->free[b->small];
  cached_ += b->bytes;
  b->free = true;
  b->shared = false;
  if (Block* n = b->next; n && n->free) {
    free.erase(n);
    b->bytes += n->bytes;
    b->next = n->next;
    if (b->next) b->next->previous = b;
    delete n;
  }
  if (Block* p = b->previous; p && p->free) {
    free.erase(p);
    p->bytes += b->bytes;
    p->next = b->next;
    if (p->next) p->next->previous = p;
    delete b;
    b = p;
  }
  free.insert(b);
  if (guard_ && !b->pool->keeps) release_guarded(b);
}

void Memory::order(Device& other, CUstream stream, bool they_wait) {
  std::lock_guard lock(mutex_);
  const Driver& f = driver();
  const auto event_on = [&](Device& device, CUstream s) {
    CUevent event = nullptr;
    device.make_current();
    device.check(f.event_create(&event, kEventDisableTiming), "creating an event");
    device.check(f.event_record(event, s), "recording an event");
    return event;
  };
  const auto wait_on = [&](Device& device, CUstream s, CUevent event) {
    device.make_current();
    device.check(f.stream_wait_event(s, event, 0), "waiting for an event");
  };
  if (!capturing_.empty() && !they_wait)
    fail(ErrorCode::unsupported, "%s records a graph: nothing can be copied from it meanwhile",
         device_name(device_.info().ordinal).c_str());
  if (they_wait && !capturing_.empty()) {
    other.make_current();
    other.check(f.stream_synchronize(stream), "waiting for the device");
  } else if (they_wait) {
    CUevent event = event_on(other, stream);
    for (CUstream s : streams()) wait_on(device_, s, event);
    f.event_destroy(event);
  } else {
    for (CUstream s : streams()) {
      CUevent event = event_on(device_, s);
      wait_on(other, stream, event);
      f.event_destroy(event);
    }
  }
}

MemoryStats Memory::stats() {
  std::lock_guard lock(mutex_);
  return {live_, cached_, peak_, reserved_, limit_, allocations_, live_blocks_};
}

void Memory::reset_peak() {
  std::lock_guard lock(mutex_);
  peak_ = live_;
}

void Memory::set_limit(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  limit_ = bytes ? bytes : device_.info().memory_bytes;
  if (reserved_ > limit_) release_free_segments();
}

uint64_t Memory::empty_cache() {
  std::lock_guard lock(mutex_);
  return release_free_segments();
}

}  // namespace sinter::cuda
