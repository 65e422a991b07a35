// What a kernel that finds something wrong writes: engine/report.h's ReportRecord, which device code cannot include. Place in the
// whole: a host side hands call.report(...) to its kernel, whose parameter is a Fault*; fault.cuh fills it in, reports.h writes texts.
#pragma once
#include <cstdint>

namespace sinter::cuda {

struct Fault {
  int32_t found;
  int32_t kind;
  int64_t value[3];
};

}  // namespace sinter::cuda
