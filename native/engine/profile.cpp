#include "engine/profile.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/allocator.h"

namespace sinter {

namespace {

// Multi-tensor operators have hundreds of operands, of which the first tell what they are.
constexpr int kMaxTensors = 8;
constexpr int kMaxAttributes = 16;

double bytes_of(const TensorRef& t) {
  return t.present() ? static_cast<double>(t.numel) * static_cast<double>(dtype_size(t.dtype)) : 0;
}

void describe(std::vector<double>& rows, const TensorRef& t) {
  if (!t.present()) {
    rows.insert(rows.end(), {-1, 0});
    return;
  }
  rows.push_back(static_cast<double>(t.dtype));
  rows.push_back(t.rank);
  for (int i = 0; i < t.rank; i++) rows.push_back(static_cast<double>(t.dims[i]));
}

}  // namespace

double Profile::now() {
  using std::chrono::steady_clock;
  return std::chrono::duration<double, std::nano>(steady_clock::now().time_since_epoch()).count();
}

double Profile::this_thread() {
  static thread_local char here;
  return static_cast<double>(reinterpret_cast<uintptr_t>(&here));
}

void Profile::mark(double kind, double value) {
  rows_.insert(rows_.end(), {kRowMark, kind, value, now(), this_thread()});
}

void Profile::ran(int opcode, double start, const Call& call, bool failed) {
  const double end = now();
  double bytes = 0;
  for (int i = 0; i < call.nin; i++) bytes += bytes_of(call.in[i]);
  for (int i = 0; i < call.nout; i++) bytes += bytes_of(call.out[i]);
  const int nattr = std::min(call.nattr, kMaxAttributes), nout = std::min(call.nout, kMaxTensors),
            nin = std::min(call.nin, kMaxTensors);
  const auto live = static_cast<double>(Allocator::host().stats().live);
  rows_.insert(rows_.end(), {kRowOperator, static_cast<double>(opcode), start, end, this_thread(), bytes, live,
                             failed ? 1.0 : 0.0, static_cast<double>(nattr)});
  rows_.insert(rows_.end(), call.attr, call.attr + nattr);
  rows_.insert(rows_.end(), {static_cast<double>(nout), static_cast<double>(nin)});
  for (int i = 0; i < nout; i++) describe(rows_, call.out[i]);
  for (int i = 0; i < nin; i++) describe(rows_, call.in[i]);
}

std::vector<double> Profile::take() { return std::exchange(rows_, {}); }

}  // namespace sinter
