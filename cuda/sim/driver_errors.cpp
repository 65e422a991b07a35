// Names and sentences of errors, the table of exported functions, and the profiler's switches.
#include <cstring>
#include <string_view>

#include "state.h"

namespace sinter::sim::driver {

namespace {

struct Named {
  int code;
  const char* name;
};
constexpr Named kNames[] = {
#define SIM_ERROR(name, value) {value, #name},
#include "errors.def"
#undef SIM_ERROR
};

// Sentences for what programs come to see; the name says it for the rest.
struct Said {
  int code;
  const char* text;
};
constexpr Said kSentences[] = {
    {0, "no error"},
    {1, "invalid argument"},
    {2, "out of memory"},
    {3, "initialization error"},
    {100, "no CUDA-capable device is detected"},
    {101, "invalid device ordinal"},
    {200, "device kernel image is invalid"},
    {201, "invalid device context"},
    {209, "no kernel image is available for execution on the device"},
    {214, "uncorrectable ECC error encountered"},
    {218, "a PTX JIT compilation failed"},
    {222, "the provided PTX was compiled with an unsupported toolchain"},
    {400, "invalid resource handle"},
    {500, "named symbol not found"},
    {600, "device not ready"},
    {700, "an illegal memory access was encountered"},
    {701, "too many resources requested for launch"},
    {702, "the launch timed out and was terminated"},
    {704, "peer access is already enabled"},
    {710, "device-side assert triggered"},
    {715, "an illegal instruction was encountered"},
    {716, "misaligned address"},
    {719, "unspecified launch failure"},
    {720, "too many blocks in cooperative launch"},
    {800, "operation not permitted"},
    {801, "operation not supported"},
    {900, "operation not permitted when stream is capturing"},
    {901, "operation failed due to a previous error during capture"},
    {910, "the graph update was not performed because it included changes which violated constraints"},
    {999, "unknown error"},
};

struct Exported {
  const char* name;
  void* address;
};
const Exported kExported[] = {
#define SIM_EXPORT(name, parameters) {#name, reinterpret_cast<void*>(&name)},
#include "exports.def"
#undef SIM_EXPORT
};

// "cuMemAlloc" asks for the newest of cuMemAlloc, cuMemAlloc_v2, ... that there is.
void* find_exported(std::string_view symbol) {
  void* found = nullptr;
  int newest = 0;
  for (const auto& [text, address] : kExported) {
    const std::string_view name = text;
    if (!name.starts_with(symbol)) continue;
    const std::string_view rest = name.substr(symbol.size());
    const int version = rest.empty() ? 1 : rest.size() == 3 && rest.starts_with("_v") ? rest[2] - '0' : 0;
    if (version > newest) newest = version, found = address;
  }
  return found;
}

}  // namespace

CUresult cuGetErrorName(CUresult error, const char** text) {
  return entry(Needs::kNothing, [&] {
    require(text != nullptr);
    *text = nullptr;
    for (const auto& [code, name] : kNames)
      if (code == error) *text = name;
    require(*text != nullptr);
  });
}

CUresult cuGetErrorString(CUresult error, const char** text) {
  return entry(Needs::kNothing, [&] {
    require(text != nullptr);
    *text = nullptr;
    for (const auto& [code, name] : kNames)
      if (code == error) *text = name;
    for (const auto& [code, sentence] : kSentences)
      if (code == error) *text = sentence;
    require(*text != nullptr);
  });
}

CUresult cuGetProcAddress(const char* symbol, void** address, int version, cuuint64_t flags) {
  return cuGetProcAddress_v2(symbol, address, version, flags, nullptr);
}

CUresult cuGetProcAddress_v2(const char* symbol, void** address, int, cuuint64_t flags,
                             CUdriverProcAddressQueryResult* found) {
  return entry(Needs::kNothing, [&] {
    require(symbol && address && flags <= 2);
    // Flag 2 asks for the forms with a default stream per thread, which are not exported.
    *address = flags == 2 ? nullptr : find_exported(symbol);
    if (found) *found = *address ? 0 : 1;
    require(*address || found, CUDA_ERROR_NOT_FOUND);
  });
}

CUresult cuProfilerStart() {
  return entry([] {});
}

CUresult cuProfilerStop() {
  return entry([] {});
}

}  // namespace sinter::sim::driver
