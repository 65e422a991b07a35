// What one stream did while it was profiled. Place in the whole: the decoder fills it between two marks of JavaScript's, in stream order;
// lib/profile reads the rows.
//
// Rows of doubles, one after the other:
//   kRowOperator, opcode, start, end, thread, bytes, live, failed, nAttr, attr..., nOut, nIn, (dtype, rank, dims...) a result or operand
//   kRowMark, kind, value, time, thread
// Times are nanoseconds of the steady clock (process.hrtime's); bytes are those of operands and results, each once; live is what the
// host allocator had handed out afterwards. An absent operand has dtype -1 and rank 0.
#pragma once
#include <vector>

#include "engine/call.h"

namespace sinter {

class Profile {
 public:
  static constexpr double kRowOperator = 0, kRowMark = 1;
  // Kinds of marks; the others (names, ranges) are JavaScript's own.
  static constexpr int kStop = 0, kStart = 1;

  static double now();
  // Tells threads apart; the address of something that each has.
  static double this_thread();

  void mark(double kind, double value);
  void ran(int opcode, double start, const Call& call, bool failed);
  std::vector<double> take();

 private:
  std::vector<double> rows_;
};

}  // namespace sinter
