// The CPU backend's dispatch table: one row an instruction set, best last; SINTER_ISA overrides the choice.
#include "cpu/dispatch.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "cpu/threads/pool.h"
#include "engine/backend.h"
#include "engine/error.h"

namespace sinter::cpu {

// override_table replaces single kernels of avx512; the build defines SINTER_HAS_... for what it compiled.
#if defined(SINTER_HAS_AMXINT8) && defined(SINTER_HAS_AMXBF16)
#define SINTER_HAS_AMX
#endif
#if defined(__x86_64__)
namespace baseline {
void fill_table(Kernel*);
void describe(char*, size_t);
}  // namespace baseline
namespace avx2 {
void fill_table(Kernel*);
void describe(char*, size_t);
}  // namespace avx2
namespace avx512 {
void fill_table(Kernel*);
void describe(char*, size_t);
}  // namespace avx512
#ifdef SINTER_HAS_AVX512VNNI
namespace avx512vnni {
void override_table(Kernel*);
}
#endif
#ifdef SINTER_HAS_AVX512BF16
namespace avx512bf16 {
void override_table(Kernel*);
}
#endif
#ifdef SINTER_HAS_AMX
namespace amxint8 {
void override_table(Kernel*);
}
namespace amxbf16 {
void override_table(Kernel*);
}
#endif
#else
namespace neon {
void fill_table(Kernel*);
void describe(char*, size_t);
}  // namespace neon
#endif

namespace {

struct Isa {
  const char* name;
  bool (*runs)();
  void (*fill)(Kernel*);
  void (*describe)(char*, size_t);
  bool (*better)() = nullptr;  // than those before it, where it runs; null: always
};

#if defined(__x86_64__)
#ifdef SINTER_HAS_AVX512
void fill_avx512vnni(Kernel* table) {
  avx512::fill_table(table);
#ifdef SINTER_HAS_AVX512VNNI
  avx512vnni::override_table(table);
#endif
}

// Processors with a matrix unit have vdpbf16ps at half the arithmetic of f32's multiply-add (measured on Emerald Rapids: 73 against
// 147 GFLOP/s), so it is taken there by name only.
bool fast_bf16_dot() { return !__builtin_cpu_supports("amx-bf16"); }
#endif

// __builtin_cpu_supports asks cpuid and, for the AVX families, that the operating system saves the registers (XCR0).
const Isa kIsas[] = {
#ifdef SINTER_HAS_BASELINE
    {"baseline", [] { return bool(__builtin_cpu_supports("sse4.2")); }, baseline::fill_table, baseline::describe},
#endif
#ifdef SINTER_HAS_AVX2
    {"avx2",
     [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"); },
     avx2::fill_table, avx2::describe},
#endif
#ifdef SINTER_HAS_AVX512
    {"avx512",
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
     },
     avx512::fill_table, avx512::describe},
    {"avx512vnni", [] { return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"); },
     fill_avx512vnni, avx512::describe},
    {"avx512bf16", [] { return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16"); },
     [](Kernel* table) {
       fill_avx512vnni(table);
#ifdef SINTER_HAS_AVX512BF16
       avx512bf16::override_table(table);
#endif
     },
     avx512::describe, fast_bf16_dot},
#endif
#ifdef SINTER_HAS_AMX
    {"amx",
     [] {
       return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16") && matrix_unit_granted();
     },
     [](Kernel* table) {
       fill_avx512vnni(table);
       amxint8::override_table(table);
       amxbf16::override_table(table);
     },
     avx512::describe},
#endif
};
#else
const Isa kIsas[] = {{"neon", [] { return true; }, neon::fill_table, neon::describe}};
#endif

struct TestIsa {
  const char *name, *base;
  void (*override_table)(Kernel*);
};
std::vector<TestIsa> test_isas;

struct Choice {
  IsaChoice choice;
  Kernel table[kMaxOpcode] = {};
  Choice() {
    const Isa* best = nullptr;
    const char* wish = std::getenv("SINTER_ISA");
    const TestIsa* test = nullptr;
    for (const TestIsa& isa : test_isas)
      if (wish && !std::strcmp(wish, isa.name)) test = &isa;
    if (test) wish = test->base;
    const Isa* wished = nullptr;
    std::string known;
    for (const Isa& isa : kIsas) {
      known += known.empty() ? isa.name : std::string(", ") + isa.name;
      if (wish && !std::strcmp(wish, isa.name)) wished = &isa;
      if (!isa.runs()) continue;
      if (!isa.better || isa.better()) best = &isa;
      choice.supported += choice.supported.empty() ? isa.name : std::string(", ") + isa.name;
    }
    if (!best)
      fail(ErrorCode::unsupported, "this processor runs none of the instruction sets built: %s", known.c_str());
    if (wish && *wish) {
      if (!wished) fail(ErrorCode::unsupported, "SINTER_ISA=%s is not one of %s", wish, known.c_str());
      if (!wished->runs())
        fail(ErrorCode::unsupported, "SINTER_ISA=%s: this machine runs %s only", wish, choice.supported.c_str());
      choice.reason = "asked for by SINTER_ISA";
      best = wished;
    } else {
      choice.reason = "the best that this processor and operating system support";
    }
    choice.name = test ? test->name : best->name;
    best->fill(table);
    if (test) test->override_table(table);
    char text[160];
    best->describe(text, sizeof text);
    choice.kernels = text;
#ifdef SINTER_HAS_AMX
    if (!std::strcmp(best->name, "amx")) choice.kernels += "; int8 and bf16 products by AMX";
#endif
#ifdef SINTER_HAS_AVX512VNNI
    if (!std::strcmp(best->name, "avx512vnni") || !std::strcmp(best->name, "avx512bf16"))
      choice.kernels += "; int8 products by vpdpbusd";
#endif
#ifdef SINTER_HAS_AVX512BF16
    if (!std::strcmp(best->name, "avx512bf16")) choice.kernels += "; bf16 products by vdpbf16ps";
#endif
  }
};

const Choice& chosen() {
  static const Choice* choice = new Choice;
  return *choice;
}

}  // namespace

bool matrix_unit_granted() {
#if defined(__x86_64__) && defined(__linux__)
  constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  static const bool granted = __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8") &&
                              __builtin_cpu_supports("amx-bf16") &&
                              syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
  return granted;
#else
  return false;
#endif
}

const IsaChoice& isa_choice() { return chosen().choice; }

void add_test_isa(const char* name, const char* base, void (*override_table)(Kernel*)) {
  test_isas.push_back({name, base, override_table});
}

}  // namespace sinter::cpu

namespace sinter {

const Backend& cpu_backend() {
  static const Backend backend{"cpu", cpu::chosen().table, pool_run};
  return backend;
}

}  // namespace sinter
