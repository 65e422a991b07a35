// Texts of what kernels report. Place in the whole: the host side of fault.h; the texts are those of the CPU's errors.
#pragma once
#include <cstddef>
#include <cstdio>

#include "cuda/kernels/fault.h"
#include "engine/report.h"

namespace sinter::cuda {

static_assert(sizeof(Fault) == sizeof(ReportRecord) && offsetof(Fault, found) == offsetof(ReportRecord, found) &&
              offsetof(Fault, kind) == offsetof(ReportRecord, kind) &&
              offsetof(Fault, value) == offsetof(ReportRecord, value));

// A string as a template argument.
template <size_t N>
struct Text {
  char chars[N];
  constexpr Text(const char (&text)[N]) {
    for (size_t i = 0; i < N; i++) chars[i] = text[i];
  }
};

// "embedding: index 7 is out of range for 5 rows", of {index, size}.
template <Text kOp, Text kUnit>
ReportRecord* report_index(const Call& call) {
  return call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
    std::snprintf(message, size, "%s: index %lld is out of range for %lld %s", kOp.chars,
                  static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]), kUnit.chars);
  });
}

}  // namespace sinter::cuda
