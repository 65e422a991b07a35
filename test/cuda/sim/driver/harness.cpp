// The test program's frame: children, the library's functions, small helpers.
#include "harness.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace sim_test {

Api cu;

namespace {

std::string folder;
const char* running = "";

void open_library(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) fail(__FILE__, __LINE__, dlerror());
  const auto find = [&](const char* name) {
    void* address = dlsym(library, name);
    if (!address) fail(__FILE__, __LINE__, std::string(name) + " is not exported");
    return address;
  };
#define SIM_EXPORT(name, parameters) cu.name = reinterpret_cast<decltype(cu.name)>(find(#name));
#include "../../../../cuda/sim/exports.def"
#undef SIM_EXPORT
  cu.set = reinterpret_cast<decltype(cu.set)>(find("cudasim_set"));
  cu.report = reinterpret_cast<decltype(cu.report)>(find("cudasim_report"));
  cu.profile = reinterpret_cast<decltype(cu.profile)>(find("cudasim_profile"));
}

// Settings of whoever runs the tests are not the tests'.
void clear_settings() {
  std::vector<std::string> names = {"CUDA_VISIBLE_DEVICES"};
  for (char** entry = environ; *entry; ++entry)
    if (const std::string text = *entry; text.starts_with("SINTER_SIM_"))
      names.push_back(text.substr(0, text.find('=')));
  for (const std::string& name : names) unsetenv(name.c_str());
}

int run(const char* library, const Test& test) {
  running = test.name;
  clear_settings();
  for (const char* variable : test.environment) putenv(const_cast<char*>(variable));
  open_library(library);
  test.body();
  return 0;
}

// True where the test passed. A crash is the test's failure, not the program's.
bool run_child(const char* library, const Test& test) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const int status = run(library, test);
    std::fflush(stdout);
    _exit(status);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    std::printf("FAILED %s: signal %d\n", test.name, WTERMSIG(status));
  else if (WEXITSTATUS(status) == 0)
    std::printf("ok %s\n", test.name);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

Registered::Registered(const char* name, std::vector<const char*> environment, void (*body)()) {
  tests().push_back({name, std::move(environment), body});
}

void fail(const char* file, int line, const std::string& what) {
  const char* base = std::strrchr(file, '/');
  std::printf("FAILED %s: %s:%d: %s; %s\n", running, base ? base + 1 : file, line, what.c_str(),
              cu.report ? cu.report() : "");
  std::fflush(stdout);
  _exit(1);
}

void check_result(const char* file, int line, const char* text, int got, int wanted) {
  if (got == wanted) return;
  const char* name = nullptr;
  if (cu.cuGetErrorName) cu.cuGetErrorName(static_cast<CUresult>(got), &name);
  fail(file, line,
       std::string(text) + " gave " + std::to_string(got) + " (" + (name ? name : "?") + "), not " +
           std::to_string(wanted));
}

CUcontext start(int device) {
  OK(cu.cuInit(0));
  CUcontext context = nullptr;
  OK(cu.cuDevicePrimaryCtxRetain(&context, device));
  OK(cu.cuCtxSetCurrent(context));
  return context;
}

CUdeviceptr allocate(size_t words) {
  CUdeviceptr address = 0;
  OK(cu.cuMemAlloc_v2(&address, 4 * words));
  return address;
}

CUdeviceptr upload(const std::vector<unsigned>& words) {
  const CUdeviceptr address = allocate(words.size());
  OK(cu.cuMemcpyHtoD_v2(address, words.data(), 4 * words.size()));
  OK(cu.cuCtxSynchronize());
  return address;
}

std::vector<unsigned> download(CUdeviceptr from, size_t words) {
  std::vector<unsigned> out(words);
  OK(cu.cuMemcpyDtoH_v2(out.data(), from, 4 * words));
  return out;
}

std::string text_of(const char* file) {
  std::ifstream in(folder + "/" + file);
  std::stringstream text;
  text << in.rdbuf();
  CHECK(in && !text.str().empty());
  return text.str();
}

CUmodule load(const char* file) {
  const std::string text = text_of(file);
  char log[1024] = "";
  CUjit_option options[] = {5, 6};
  void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
  CUmodule module = nullptr;
  const CUresult result = cu.cuModuleLoadDataEx(&module, text.c_str(), 2, options, values);
  if (result) fail(__FILE__, __LINE__, std::string(file) + ": " + log);
  return module;
}

CUfunction kernel(CUmodule module, const char* name) {
  CUfunction function = nullptr;
  OK(cu.cuModuleGetFunction(&function, module, name));
  return function;
}

CUstream stream(unsigned flags) {
  CUstream made = nullptr;
  OK(cu.cuStreamCreate(&made, flags));
  return made;
}

CUevent event(unsigned flags) {
  CUevent made = nullptr;
  OK(cu.cuEventCreate(&made, flags));
  return made;
}

void add_to(CUfunction function, CUdeviceptr words, unsigned by, unsigned n, CUstream stream) {
  void* parameters[] = {&words, &by, &n};
  OK(cu.cuLaunchKernel(function, (n + 255) / 256, 1, 1, 256, 1, 1, 0, stream, parameters, nullptr));
}

void copy_words(CUfunction function, CUdeviceptr to, CUdeviceptr from, unsigned n, CUstream stream) {
  void* parameters[] = {&to, &from, &n};
  OK(cu.cuLaunchKernel(function, (n + 255) / 256, 1, 1, 256, 1, 1, 0, stream, parameters, nullptr));
}

bool report_has(const std::string& text) { return std::string(cu.report()).find(text) != std::string::npos; }

}  // namespace sim_test

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "%s LIBRARY FOLDER [test]\n", arguments[0]);
    return 2;
  }
  sim_test::folder = arguments[2];
  bool good = true, found = false;
  for (const auto& test : sim_test::tests()) {
    if (count > 3 && std::strcmp(arguments[3], test.name) != 0) continue;
    found = true;
    good &= sim_test::run_child(arguments[1], test);
  }
  return good && found ? 0 : 1;
}
