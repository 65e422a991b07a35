// Modules, functions, launches, and what a fault leaves behind.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "harness.h"

using namespace sim_test;

namespace {

// A fatbin as `fatbinary` of CUDA 13.0 writes it, of PTX texts.
std::string fatbin(const std::vector<std::string>& texts, uint32_t compressed = 0) {
  const auto put = [](std::string& out, auto value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  std::string entries;
  for (std::string text : texts) {
    text.resize((text.size() + 8) / 8 * 8);  // a zero at least, and padding
    put(entries, uint16_t{1});
    put(entries, uint16_t{0x101});
    put(entries, uint32_t{80});
    put(entries, uint64_t{text.size()});
    put(entries, compressed);
    put(entries, uint32_t{0x40});
    entries.append(80 - 24, '\0');
    entries += text;
  }
  std::string out;
  put(out, uint32_t{0xBA55ED50});
  put(out, uint16_t{1});
  put(out, uint16_t{16});
  put(out, uint64_t{entries.size()});
  return out + entries;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const size_t at = text.find(what);
  CHECK(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

CUresult load_result(const std::string& image, std::string* log = nullptr) {
  char buffer[512] = "";
  CUjit_option options[] = {5, 6};
  void* values[] = {buffer, reinterpret_cast<void*>(sizeof buffer)};
  CUmodule module = nullptr;
  const CUresult result = cu.cuModuleLoadDataEx(&module, image.c_str(), 2, options, values);
  if (log) *log = buffer;
  return result;
}

}  // namespace

SIM_TEST(ptx_is_loaded_and_launched) {
  start();
  const CUmodule module = load();
  const CUdeviceptr words = upload(std::vector<unsigned>(1000, 3));
  add_to(kernel(module, "add_to"), words, 4, 999, nullptr);
  const auto out = download(words, 1000);
  CHECK(out[0] == 7 && out[998] == 7 && out[999] == 3);
  CUfunction function = nullptr;
  GIVES(cu.cuModuleGetFunction(&function, module, "add"), CUDA_ERROR_NOT_FOUND);
  CHECK(report_has("\"kernels\": {\"add_to\": 1}"));
  OK(cu.cuModuleUnload(module));
  GIVES(cu.cuModuleUnload(module), CUDA_ERROR_INVALID_HANDLE);
}

SIM_TEST(parameters_lie_where_they_belong) {
  start();
  const CUfunction function = kernel(load(), "sizes");
  size_t offset = 0, bytes = 0;
  const size_t offsets[] = {0, 8, 16, 28}, sizes[] = {1, 8, 12, 2};
  for (size_t i = 0; i < 4; ++i) {
    OK(cu.cuFuncGetParamInfo(function, i, &offset, &bytes));
    CHECK(offset == offsets[i] && bytes == sizes[i]);
  }
  GIVES(cu.cuFuncGetParamInfo(function, 4, &offset, &bytes), CUDA_ERROR_INVALID_VALUE);
  CUdeviceptr out = allocate(3);
  unsigned char small = 200;
  unsigned block[3] = {1, 2, 77};
  unsigned short half = 60000;
  void* parameters[] = {&small, &out, block, &half};
  OK(cu.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
  CHECK(download(out, 3) == std::vector<unsigned>({200, 77, 60000}));
  // The same from one buffer.
  unsigned char buffer[30] = {100};
  std::memcpy(buffer + 8, &out, 8);
  std::memcpy(buffer + 16, block, 12);
  std::memcpy(buffer + 28, &half, 2);
  size_t size = sizeof buffer;
  void* extra[] = {reinterpret_cast<void*>(1), buffer, reinterpret_cast<void*>(2), &size, nullptr};
  OK(cu.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, extra));
  CHECK(download(out, 1)[0] == 100);
  GIVES(cu.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, extra), CUDA_ERROR_INVALID_VALUE);
  size = 29;
  GIVES(cu.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, extra), CUDA_ERROR_INVALID_VALUE);
}

SIM_TEST(variables_are_of_their_module) {
  start();
  const CUmodule first = load(), second = load();
  CUdeviceptr counter = 0, other = 0, out = allocate(2);
  size_t bytes = 0;
  OK(cu.cuModuleGetGlobal_v2(&counter, &bytes, first, "counter"));
  OK(cu.cuModuleGetGlobal_v2(&other, nullptr, second, "counter"));
  CHECK(bytes == 4 && counter != other);
  GIVES(cu.cuModuleGetGlobal_v2(&counter, &bytes, first, "count"), CUDA_ERROR_NOT_FOUND);
  unsigned by = 10;
  void* parameters[] = {&by, &out};
  for (int i = 0; i < 2; ++i)
    OK(cu.cuLaunchKernel(kernel(first, "bump"), 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
  CHECK(download(out, 2) == std::vector<unsigned>({25, 5}));
  CHECK(download(other, 1)[0] == 5);
  const unsigned given = 100;
  OK(cu.cuMemcpyHtoD_v2(counter, &given, 4));
  OK(cu.cuLaunchKernel(kernel(first, "bump"), 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
  CHECK(download(out, 1)[0] == 110);
}

SIM_TEST(images_that_are_refused, "SINTER_SIM_DRIVER_VERSION=12.4") {
  start();
  const std::string text = text_of("driver_test.ptx");
  std::string log;
  GIVES(load_result("nothing of the kind", &log), CUDA_ERROR_INVALID_IMAGE);
  GIVES(load_result(replaced(text, ".version 7.0", ".version 8.5"), &log), CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
  CHECK(log.find("8.5") != std::string::npos);
  GIVES(load_result(replaced(text, "sm_80", "sm_90"), &log), CUDA_ERROR_NO_BINARY_FOR_GPU);
  GIVES(load_result("\x7f"
                    "ELF rest"),
        CUDA_ERROR_NO_BINARY_FOR_GPU);
  GIVES(load_result(replaced(text, "add.u32 %r7, %r7, %r1;", "broken.u32 %r7, %r7, %r1;"), &log),
        CUDA_ERROR_INVALID_PTX);
  CHECK(log.find("broken") != std::string::npos);
  OK(load_result(text));
}

SIM_TEST(fatbins, "SINTER_SIM_CAPABILITY=9.0") {
  start();
  const std::string text = text_of("driver_test.ptx");
  const std::string newer = replaced(replaced(text, "sm_80", "sm_90a"), "counter = 5", "counter = 90");
  const std::string other = replaced(replaced(text, "sm_80", "sm_100"), "counter = 5", "counter = 100");
  CUmodule module = nullptr;
  const std::string image = fatbin({text, other, newer});
  OK(cu.cuModuleLoadData(&module, image.data()));
  CUdeviceptr counter = 0;
  OK(cu.cuModuleGetGlobal_v2(&counter, nullptr, module, "counter"));
  CHECK(download(counter, 1)[0] == 90);
  std::string log;
  GIVES(load_result(fatbin({other}), &log), CUDA_ERROR_NO_BINARY_FOR_GPU);
  const std::string packed = fatbin({text}, 100);
  GIVES(cu.cuModuleLoadData(&module, packed.data()), CUDA_ERROR_NO_BINARY_FOR_GPU);
}

SIM_TEST(functions_say_what_they_need) {
  start();
  const CUmodule module = load();
  const CUfunction add = kernel(module, "add_to"), shares = kernel(module, "shares");
  int value = 0;
  OK(cu.cuFuncGetAttribute(&value, 0, add));
  CHECK(value == 256);
  OK(cu.cuFuncGetAttribute(&value, 1, shares));
  CHECK(value == 1024);
  OK(cu.cuFuncGetAttribute(&value, 8, shares));
  CHECK(value == 48 * 1024 - 1024);
  GIVES(cu.cuFuncSetAttribute(shares, 8, 166912), CUDA_ERROR_INVALID_VALUE);  // with what is static: too much
  OK(cu.cuFuncSetAttribute(shares, 8, 166912 - 1024));
  GIVES(cu.cuFuncSetAttribute(shares, 0, 1), CUDA_ERROR_INVALID_VALUE);
  int blocks = 0;
  OK(cu.cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, add, 256, 0));
  CHECK(blocks == 2);  // 128 registers are assumed
  OK(cu.cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, shares, 32, 80000));
  CHECK(blocks == 2);
  OK(cu.cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, add, 512, 0));
  CHECK(blocks == 0);
}

SIM_TEST(launches_are_checked) {
  start();
  const CUmodule module = load();
  const CUfunction add = kernel(module, "add_to"), shares = kernel(module, "shares");
  CUdeviceptr words = upload({1});
  unsigned by = 1, n = 1;
  void* parameters[] = {&words, &by, &n};
  const auto launch = [&](unsigned gx, unsigned gy, unsigned bx, unsigned bz, unsigned dynamic) {
    return cu.cuLaunchKernel(add, gx, gy, 1, bx, 1, bz, dynamic, nullptr, parameters, nullptr);
  };
  GIVES(launch(0, 1, 1, 1, 0), CUDA_ERROR_INVALID_VALUE);
  GIVES(launch(1, 65536, 1, 1, 0), CUDA_ERROR_INVALID_VALUE);
  GIVES(launch(1u << 31, 1, 1, 1, 0), CUDA_ERROR_INVALID_VALUE);
  GIVES(launch(1, 1, 257, 1, 0), CUDA_ERROR_INVALID_VALUE);
  GIVES(launch(1, 1, 1, 65, 0), CUDA_ERROR_INVALID_VALUE);
  GIVES(launch(1, 1, 1, 1, 49153), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuLaunchKernel(add, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuLaunchKernel(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr), CUDA_ERROR_INVALID_HANDLE);
  GIVES(cu.cuLaunchKernel(add, 1, 1, 1, 1, 1, 1, 0, reinterpret_cast<CUstream>(&words), parameters, nullptr),
        CUDA_ERROR_INVALID_HANDLE);
  OK(launch(2, 2, 256, 1, 49152));
  CUdeviceptr out = allocate(1);
  void* one[] = {&out};
  GIVES(cu.cuLaunchCooperativeKernel(shares, 100000, 1, 1, 32, 1, 1, 0, nullptr, one),
        CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  OK(cu.cuLaunchCooperativeKernel(shares, 8, 1, 1, 32, 1, 1, 0, nullptr, one));
  CUlaunchAttribute cluster{4, {}, {}};
  cluster.value.clusterDim = {2, 1, 1};
  CUlaunchConfig config{2, 1, 1, 32, 1, 1, 0, nullptr, &cluster, 1};
  GIVES(cu.cuLaunchKernelEx(&config, shares, one, nullptr), CUDA_ERROR_NOT_SUPPORTED);  // this is an sm_80
  cluster.value.clusterDim = {1, 1, 1};
  OK(cu.cuLaunchKernelEx(&config, shares, one, nullptr));
  CHECK(download(out, 1)[0] == 7);
}

SIM_TEST(clusters, "SINTER_SIM_CAPABILITY=9.0") {
  start();
  const CUfunction shares = kernel(load(), "shares");
  CUdeviceptr out = allocate(1);
  void* one[] = {&out};
  CUlaunchAttribute attributes[2] = {{4, {}, {}}, {6, {}, {}}};
  attributes[0].value.clusterDim = {2, 1, 1};
  attributes[1].value.programmaticStreamSerializationAllowed = 1;
  CUlaunchConfig config{4, 1, 1, 32, 1, 1, 0, nullptr, attributes, 2};
  OK(cu.cuLaunchKernelEx(&config, shares, one, nullptr));
  attributes[0].value.clusterDim.x = 3;
  GIVES(cu.cuLaunchKernelEx(&config, shares, one, nullptr), CUDA_ERROR_INVALID_VALUE);
  config.gridDimX = 16;
  attributes[0].value.clusterDim.x = 16;
  GIVES(cu.cuLaunchKernelEx(&config, shares, one, nullptr), CUDA_ERROR_INVALID_CLUSTER_SIZE);
  OK(cu.cuFuncSetAttribute(shares, 14, 1));
  OK(cu.cuLaunchKernelEx(&config, shares, one, nullptr));
  attributes[1].id = 77;
  GIVES(cu.cuLaunchKernelEx(&config, shares, one, nullptr), CUDA_ERROR_INVALID_VALUE);
  CHECK(download(out, 1)[0] == 7);
}

SIM_TEST(a_fault_makes_the_context_unusable) {
  start();
  const CUmodule module = load();
  const CUfunction copy = kernel(module, "copy_words");
  const CUstream queue = stream();
  const CUdeviceptr words = upload({1, 2, 3});
  const CUevent end = event();
  copy_words(copy, words + 8, words, 2, queue);  // one word too far
  OK(cu.cuEventRecord(end, queue));
  size_t free = 0, total = 0;
  OK(cu.cuMemGetInfo_v2(&free, &total));  // not known yet
  GIVES(cu.cuEventSynchronize(end), CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(report_has("copy_words (grid 1x1x1, block 256x1x1)"));
  CHECK(report_has("past the end of allocation"));
  CUdeviceptr more = 0;
  GIVES(cu.cuMemAlloc_v2(&more, 4), CUDA_ERROR_ILLEGAL_ADDRESS);
  GIVES(cu.cuStreamSynchronize(queue), CUDA_ERROR_ILLEGAL_ADDRESS);
  GIVES(cu.cuMemFree_v2(words), CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(report_has("\"bytes\": 20"));  // the module's two variables: freed it was, all the same
  GIVES(cu.cuStreamDestroy_v2(queue), CUDA_ERROR_ILLEGAL_ADDRESS);
  GIVES(cu.cuModuleUnload(module), CUDA_ERROR_ILLEGAL_ADDRESS);
  CUcontext context = nullptr;
  OK(cu.cuCtxGetCurrent(&context));
  int count = 0;
  OK(cu.cuDeviceGetCount(&count));
}

SIM_TEST(memory_that_was_freed_is_an_illegal_address) {
  start();
  const CUfunction copy = kernel(load(), "copy_words");
  const CUdeviceptr words = upload({1}), out = allocate(1);
  OK(cu.cuMemFree_v2(words));
  copy_words(copy, out, words, 1, nullptr);
  GIVES(cu.cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(report_has("which was freed"));
}

SIM_TEST(host_memory_that_is_not_pinned_is_an_illegal_address) {
  start();
  const CUfunction copy = kernel(load(), "copy_words");
  const CUdeviceptr words = upload({1});
  unsigned local = 0;
  void* pinned = nullptr;
  OK(cu.cuMemHostAlloc(&pinned, 4, 2));
  copy_words(copy, reinterpret_cast<CUdeviceptr>(pinned), words, 1, nullptr);
  OK(cu.cuCtxSynchronize());
  CHECK(*static_cast<unsigned*>(pinned) == 1);
  copy_words(copy, reinterpret_cast<CUdeviceptr>(&local), words, 1, nullptr);
  GIVES(cu.cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(local == 0);
}

SIM_TEST(a_trap_is_a_failed_launch) {
  start();
  OK(cu.cuLaunchKernel(kernel(load(), "stops"), 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr));
  GIVES(cu.cuCtxSynchronize(), CUDA_ERROR_LAUNCH_FAILED);
}

SIM_TEST(a_device_can_be_lost, "SINTER_SIM_LOSE_AFTER=2", "SINTER_SIM_DEVICES=2") {
  start();
  const CUfunction add = kernel(load(), "add_to");
  const CUdeviceptr words = upload({1});
  add_to(add, words, 1, 1, nullptr);
  OK(cu.cuCtxSynchronize());
  add_to(add, words, 1, 1, nullptr);
  GIVES(cu.cuCtxSynchronize(), CUDA_ERROR_UNKNOWN);
  GIVES(cu.cuMemFree_v2(words), CUDA_ERROR_UNKNOWN);
  CUcontext context = nullptr;
  GIVES(cu.cuDevicePrimaryCtxRetain(&context, 0), CUDA_ERROR_DEVICE_UNAVAILABLE);
  OK(cu.cuDevicePrimaryCtxRetain(&context, 1));
  OK(cu.cuCtxSetCurrent(context));
  upload({1});
}

SIM_TEST(a_launch_without_end_is_stopped) {
  start();
  CHECK(cu.set("budget", "100000") == 0);
  OK(cu.cuLaunchKernel(kernel(load(), "spins"), 3, 1, 1, 64, 1, 1, 0, nullptr, nullptr, nullptr));
  GIVES(cu.cuCtxSynchronize(), CUDA_ERROR_LAUNCH_TIMEOUT);
  CHECK(report_has("spins (grid 3x1x1, block 64x1x1)") && report_has("PTX line") && report_has("warp "));
}

// Blocks that end keep a launch alive, however long it takes.
SIM_TEST(many_blocks_are_not_an_endless_launch, "SINTER_SIM_BUDGET=2000", "SINTER_SIM_WORKERS=1") {
  start();
  const CUdeviceptr words = allocate(256 * 100);
  add_to(kernel(load(), "add_to"), words, 1, 256 * 100, nullptr);
  OK(cu.cuCtxSynchronize());
}

SIM_TEST(a_profile_is_read_while_the_program_runs) {
  start();
  const CUfunction add = kernel(load(), "add_to");
  const CUdeviceptr words = allocate(256);
  const auto has = [](int reset, const char* text) {
    return std::string(cu.profile(reset)).find(text) != std::string::npos;
  };
  add_to(add, words, 1, 256, nullptr);
  OK(cu.cuCtxSynchronize());
  CHECK(!has(0, "add_to"));  // before it was asked for
  CHECK(cu.set("profile", "on") == 0);
  add_to(add, words, 1, 256, nullptr);
  CHECK(!has(0, "add_to"));  // not executed yet
  OK(cu.cuCtxSynchronize());
  // 8 warps, each a load and a store of 4 sectors
  CHECK(has(0, "\"add_to\":{\"launches\":1,") && has(1, "\"globalRequests\":16,") && !has(0, "add_to"));
  add_to(add, words, 1, 256, nullptr);
  OK(cu.cuCtxSynchronize());
  CHECK(cu.set("profile", "") == 0);
  add_to(add, words, 1, 256, nullptr);
  OK(cu.cuCtxSynchronize());
  CHECK(has(0, "\"launches\":1,") && has(0, "\"sectors\":64,"));
}

// What each launch reaches that none before it did; written at once.
SIM_TEST(coverage_is_written_as_it_is_reached) {
  start();
  char folder[] = "/tmp/cudasim-coverage-XXXXXX";
  CHECK(mkdtemp(folder) != nullptr);
  CHECK(cu.set("coverage", folder) == 0);
  const CUfunction add = kernel(load(), "add_to");
  CUdeviceptr words = allocate(256);
  const auto lines = [&] {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) found.push_back(line);
    }
    return found;
  };
  unsigned by = 1, none = 0;
  void* parameters[] = {&words, &by, &none};
  const auto leave_at_once = [&] {
    OK(cu.cuLaunchKernel(add, 1, 1, 1, 256, 1, 1, 0, nullptr, parameters, nullptr));
    OK(cu.cuCtxSynchronize());
  };
  leave_at_once();
  CHECK(lines().size() == 2 && lines()[0].starts_with("{\"kernel\":\"add_to\",\"files\":[],\"at\":[0,0,"));
  CHECK(lines()[1] == "{\"kernel\":\"add_to\",\"instructions\":20,\"reached\":[0,1,2,3,4,5,6,7,8,9,10,11,18]}");
  leave_at_once();
  CHECK(lines().size() == 2);
  add_to(add, words, 1, 256, nullptr);
  OK(cu.cuCtxSynchronize());
  CHECK(lines().size() == 3 &&
        lines()[2] == "{\"kernel\":\"add_to\",\"instructions\":20,\"reached\":[12,13,14,15,16,17]}");
  std::filesystem::remove_all(folder);
}
