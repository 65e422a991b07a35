// A test program of a driver library: tests are functions, each run in a child process of its own, as what a driver is like is
// settled when it starts. Place in the whole: the test program of this folder, run by driver.test.ts.
//
//   program LIBRARY FOLDER [test]     FOLDER: where the .ptx files are. Prints a line a test: "ok NAME" or "FAILED NAME: where, what"
#pragma once
#include <cstdio>
#include <string>
#include <vector>

#include "../../../../cuda/sim/abi.h"
#include "../../../../cuda/sim/test_hooks.h"

namespace sim_test {

using namespace sinter::sim::driver;

// The library's functions, looked up by dlsym: what a program gets that opens it.
struct Api {
#define SIM_EXPORT(name, parameters) CUresult(*name) parameters = nullptr;
#include "../../../../cuda/sim/exports.def"
#undef SIM_EXPORT
  decltype(&::cudasim_set) set = nullptr;
  decltype(&::cudasim_report) report = nullptr;
  decltype(&::cudasim_profile) profile = nullptr;
};
extern Api cu;

struct Test {
  const char* name;
  std::vector<const char*> environment;  // "SINTER_SIM_SEED=3"
  void (*body)();
};
std::vector<Test>& tests();
struct Registered {
  Registered(const char* name, std::vector<const char*> environment, void (*body)());
};

#define SIM_TEST(name, ...)                                                        \
  static void name();                                                              \
  static const sim_test::Registered registered_##name(#name, {__VA_ARGS__}, name); \
  static void name()

[[noreturn]] void fail(const char* file, int line, const std::string& what);
void check_result(const char* file, int line, const char* text, int got, int wanted);

#define CHECK(condition) \
  if (!(condition)) sim_test::fail(__FILE__, __LINE__, #condition)
#define GIVES(call, code) sim_test::check_result(__FILE__, __LINE__, #call, call, code)
#define OK(call) GIVES(call, CUDA_SUCCESS)

// ---- what most tests begin with

CUcontext start(int device = 0);  // cuInit, and the primary context made current
CUdeviceptr allocate(size_t words);
CUdeviceptr upload(const std::vector<unsigned>& words);
std::vector<unsigned> download(CUdeviceptr from, size_t words);
std::string text_of(const char* file);  // of FOLDER
CUmodule load(const char* file = "driver_test.ptx");
CUfunction kernel(CUmodule module, const char* name);
CUstream stream(unsigned flags = 1);  // 1: not blocking
CUevent event(unsigned flags = 2);    // 2: without times
// One block of 256 threads for each 256 words.
void add_to(CUfunction function, CUdeviceptr words, unsigned by, unsigned n, CUstream stream);
void copy_words(CUfunction function, CUdeviceptr to, CUdeviceptr from, unsigned n, CUstream stream);
bool report_has(const std::string& text);

}  // namespace sim_test
