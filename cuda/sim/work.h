// What streams and graphs do. Place in the whole: driver_copy.cpp, driver_launch.cpp and the others make Work and submit it to a
// stream (schedule.h), which does it later or, while it is being captured, puts it into a graph (graph.h).
#pragma once
#include <functional>
#include <memory>

#include "state.h"

namespace sinter::sim::driver {

// Of cuGraphNodeGetType; kRecord and the rest are never nodes.
enum class WorkKind { kKernel = 0, kCopy = 1, kFill = 2, kHost = 3, kEmpty = 5, kRecord, kAllocate, kFree };

// How a piece of work ended.
struct Outcome {
  CUresult error = CUDA_SUCCESS;
  std::string message;
};

class Work {
 public:
  explicit Work(WorkKind kind) : kind(kind) {}
  virtual ~Work() = default;
  // Called once the work in front of it is done. An error makes the context unusable.
  virtual Outcome run(Context& context) = 0;
  // What it is said to take on the device.
  virtual uint64_t nanoseconds() const { return 1000; }

  const WorkKind kind;
};

// Rows of bytes between two addresses, of a device or of the host.
struct CopySide {
  uint64_t address = 0;
  uint64_t pitch = 0;     // from row to row
  bool pageable = false;  // host memory that is not pinned
};

class CopyWork final : public Work {
 public:
  CopyWork(CopySide to, CopySide from, uint64_t bytes, uint64_t rows)
      : Work(WorkKind::kCopy), to(to), from(from), bytes(bytes), rows(rows) {}
  // Takes the source's bytes now, as a driver does that stages pageable memory.
  void take_snapshot();
  Outcome run(Context& context) override;
  uint64_t nanoseconds() const override { return 2000 + bytes * rows / 25; }

  CopySide to, from;
  uint64_t bytes, rows;
  std::vector<std::byte> snapshot;
};

class FillWork final : public Work {
 public:
  FillWork(uint64_t address, unsigned value, unsigned width, uint64_t count)
      : Work(WorkKind::kFill), address(address), value(value), width(width), count(count) {}
  Outcome run(Context& context) override;
  uint64_t nanoseconds() const override { return 1500 + count * width / 2000; }

  uint64_t address;
  unsigned value, width;
  uint64_t count;
};

// A function of the host; [always]: also in a context that an error made unusable, with that error (cuStreamAddCallback).
class HostWork final : public Work {
 public:
  HostWork(std::function<void(CUresult)> function, bool always)
      : Work(WorkKind::kHost), function(std::move(function)), always(always) {}
  Outcome run(Context& context) override;

  std::function<void(CUresult)> function;
  bool always;
};

// Something the simulator does at that point of the stream: an event's time, an allocation that becomes usable.
class InnerWork final : public Work {
 public:
  InnerWork(WorkKind kind, std::function<Outcome(Context&)> action) : Work(kind), action(std::move(action)) {}
  Outcome run(Context& context) override { return action(context); }
  uint64_t nanoseconds() const override { return 0; }

  std::function<Outcome(Context&)> action;
};

class EmptyWork final : public Work {
 public:
  EmptyWork() : Work(WorkKind::kEmpty) {}
  Outcome run(Context&) override { return {}; }
  uint64_t nanoseconds() const override { return 0; }
};

}  // namespace sinter::sim::driver
