// Devices, contexts, memory and copies.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <thread>

#include "harness.h"

using namespace sim_test;

SIM_TEST(nothing_works_before_init) {
  int count = 0;
  CUdeviceptr address = 0;
  GIVES(cu.cuDeviceGetCount(&count), CUDA_ERROR_NOT_INITIALIZED);
  GIVES(cu.cuMemAlloc_v2(&address, 4), CUDA_ERROR_NOT_INITIALIZED);
  GIVES(cu.cuInit(1), CUDA_ERROR_INVALID_VALUE);
  OK(cu.cuInit(0));
  GIVES(cu.cuMemAlloc_v2(&address, 4), CUDA_ERROR_INVALID_CONTEXT);
}

SIM_TEST(no_visible_device, "CUDA_VISIBLE_DEVICES=") { GIVES(cu.cuInit(0), CUDA_ERROR_NO_DEVICE); }

SIM_TEST(some_visible_devices, "CUDA_VISIBLE_DEVICES=1,0", "SINTER_SIM_DEVICES=3") {
  OK(cu.cuInit(0));
  int count = 0;
  OK(cu.cuDeviceGetCount(&count));
  CHECK(count == 2);
}

SIM_TEST(unknown_settings_are_refused, "SINTER_SIM_SPEED=3") { GIVES(cu.cuInit(0), CUDA_ERROR_UNKNOWN); }

SIM_TEST(devices_say_what_they_are, "SINTER_SIM_DEVICES=2", "SINTER_SIM_CAPABILITY=9.0",
         "SINTER_SIM_MEMORY=123456789") {
  OK(cu.cuInit(0));
  CUdevice device = -1;
  OK(cu.cuDeviceGet(&device, 1));
  CHECK(device == 1);
  GIVES(cu.cuDeviceGet(&device, 2), CUDA_ERROR_INVALID_DEVICE);
  int major = 0, minor = -1, shared = 0;
  OK(cu.cuDeviceGetAttribute(&major, 75, 0));
  OK(cu.cuDeviceGetAttribute(&minor, 76, 0));
  OK(cu.cuDeviceGetAttribute(&shared, 97, 0));
  CHECK(major == 9 && minor == 0 && shared == 232448);
  GIVES(cu.cuDeviceGetAttribute(&major, 9999, 0), CUDA_ERROR_INVALID_VALUE);
  size_t bytes = 0;
  OK(cu.cuDeviceTotalMem_v2(&bytes, 0));
  CHECK(bytes == 123456789);
  char name[8] = "xxxxxxx";
  OK(cu.cuDeviceGetName(name, 8, 0));
  CHECK(name[7] == 0);
  CUuuid first, second;
  OK(cu.cuDeviceGetUuid_v2(&first, 0));
  OK(cu.cuDeviceGetUuid_v2(&second, 1));
  CHECK(std::memcmp(&first, &second, sizeof first) != 0);
}

SIM_TEST(functions_are_found_by_name) {
  void* address = nullptr;
  int found = -1;
  OK(cu.cuGetProcAddress_v2("cuMemAlloc", &address, 13000, 0, &found));
  CHECK(found == 0 && address == reinterpret_cast<void*>(cu.cuMemAlloc_v2));
  OK(cu.cuGetProcAddress_v2("cuMemcpyHtoDAsync", &address, 13000, 0, &found));
  CHECK(address == reinterpret_cast<void*>(cu.cuMemcpyHtoDAsync_v2));
  OK(cu.cuGetProcAddress_v2("cuNothingOfTheKind", &address, 13000, 0, &found));
  CHECK(found == 1 && address == nullptr);
}

SIM_TEST(errors_have_names) {
  const char* text = nullptr;
  OK(cu.cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text));
  CHECK(std::strcmp(text, "CUDA_ERROR_ILLEGAL_ADDRESS") == 0);
  OK(cu.cuGetErrorString(CUDA_ERROR_OUT_OF_MEMORY, &text));
  CHECK(std::strcmp(text, "out of memory") == 0);
  GIVES(cu.cuGetErrorName(static_cast<CUresult>(12345), &text), CUDA_ERROR_INVALID_VALUE);
}

SIM_TEST(contexts_are_of_threads, "SINTER_SIM_DEVICES=2") {
  const CUcontext first = start(0);
  CUcontext second = nullptr, current = nullptr;
  OK(cu.cuDevicePrimaryCtxRetain(&second, 1));
  CHECK(first != second);
  std::thread([] {
    CUcontext none = nullptr;
    OK(cu.cuCtxGetCurrent(&none));
    CHECK(none == nullptr);
    CUdeviceptr address = 0;
    GIVES(cu.cuMemAlloc_v2(&address, 4), CUDA_ERROR_INVALID_CONTEXT);
  }).join();
  OK(cu.cuCtxPushCurrent_v2(second));
  CUdevice device = -1;
  OK(cu.cuCtxGetDevice(&device));
  CHECK(device == 1);
  OK(cu.cuCtxPopCurrent_v2(&current));
  CHECK(current == second);
  OK(cu.cuCtxGetCurrent(&current));
  CHECK(current == first);
  // Retained twice, released twice; then its handle is no context any more.
  CUcontext again = nullptr;
  OK(cu.cuDevicePrimaryCtxRetain(&again, 1));
  CHECK(again == second);
  OK(cu.cuDevicePrimaryCtxRelease_v2(1));
  OK(cu.cuDevicePrimaryCtxRelease_v2(1));
  GIVES(cu.cuDevicePrimaryCtxRelease_v2(1), CUDA_ERROR_INVALID_CONTEXT);
  GIVES(cu.cuCtxSetCurrent(second), CUDA_ERROR_INVALID_CONTEXT);
  OK(cu.cuDevicePrimaryCtxRelease_v2(0));
  CUdeviceptr address = 0;
  GIVES(cu.cuMemAlloc_v2(&address, 4), CUDA_ERROR_CONTEXT_IS_DESTROYED);
}

SIM_TEST(a_child_of_fork_has_no_driver) {
  start();
  const pid_t child = fork();
  if (child == 0) {
    int count = 0;
    const bool refused =
        cu.cuDeviceGetCount(&count) == CUDA_ERROR_NOT_INITIALIZED && cu.cuInit(0) == CUDA_ERROR_NOT_INITIALIZED;
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

SIM_TEST(memory_is_limited, "SINTER_SIM_MEMORY=1048576") {
  start();
  size_t free = 0, total = 0;
  CUdeviceptr half = 0, rest = 0;
  GIVES(cu.cuMemAlloc_v2(&half, 0), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuMemAlloc_v2(&half, ~size_t{0}), CUDA_ERROR_OUT_OF_MEMORY);
  OK(cu.cuMemAlloc_v2(&half, 524288));
  OK(cu.cuMemGetInfo_v2(&free, &total));
  CHECK(total == 1048576 && free == 524288);
  GIVES(cu.cuMemAlloc_v2(&rest, 524289), CUDA_ERROR_OUT_OF_MEMORY);
  OK(cu.cuMemAlloc_v2(&rest, 524288));
  OK(cu.cuMemFree_v2(half));
  OK(cu.cuMemFree_v2(rest));
  GIVES(cu.cuMemFree_v2(rest), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuMemFree_v2(rest + 4), CUDA_ERROR_INVALID_VALUE);
  OK(cu.cuMemFree_v2(0));
  OK(cu.cuMemGetInfo_v2(&free, &total));
  CHECK(free == total);
}

SIM_TEST(host_code_cannot_read_device_memory) {
  start();
  const CUdeviceptr words = upload({1, 2, 3});
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);
    _exit(*reinterpret_cast<volatile unsigned*>(words) == 1 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

SIM_TEST(fresh_memory_is_poisoned_and_addresses_are_not_used_again) {
  start();
  const CUdeviceptr first = allocate(4);
  for (const unsigned word : download(first, 4)) CHECK(word == 0xFFFFFFFF);
  OK(cu.cuMemFree_v2(first));
  const CUdeviceptr second = allocate(4);
  CHECK(first != second && second % 256 == 0);
  unsigned word = 0;
  GIVES(cu.cuMemcpyDtoH_v2(&word, first, 4), CUDA_ERROR_INVALID_VALUE);
}

SIM_TEST(addresses_know_their_allocation) {
  start();
  const CUdeviceptr words = allocate(100);
  CUdeviceptr base = 0;
  size_t bytes = 0;
  OK(cu.cuMemGetAddressRange_v2(&base, &bytes, words + 399));
  CHECK(base == words && bytes == 400);
  GIVES(cu.cuMemGetAddressRange_v2(&base, &bytes, words + 400), CUDA_ERROR_NOT_FOUND);
  CUmemorytype type = 0;
  OK(cu.cuPointerGetAttribute(&type, 2, words));
  CHECK(type == 2);
  int local = 0;
  GIVES(cu.cuPointerGetAttribute(&type, 2, reinterpret_cast<CUdeviceptr>(&local)), CUDA_ERROR_INVALID_VALUE);
}

SIM_TEST(copies_check_their_ranges) {
  start();
  const CUdeviceptr words = upload({1, 2, 3, 4});
  unsigned out[5] = {};
  GIVES(cu.cuMemcpyDtoH_v2(out, words, 20), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuMemcpyDtoH_v2(out, words + 8, 12), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuMemcpyHtoD_v2(words, nullptr, 4), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuMemcpyHtoD_v2(reinterpret_cast<CUdeviceptr>(out), out, 4), CUDA_ERROR_INVALID_VALUE);
  OK(cu.cuMemcpyDtoH_v2(out, words + 4, 12));
  CHECK(out[0] == 2 && out[2] == 4);
  OK(cu.cuMemcpyDtoH_v2(out, words, 0));
  const CUdeviceptr other = allocate(4);
  OK(cu.cuMemcpyDtoD_v2(other, words, 16));
  CHECK(download(other, 4)[3] == 4);
  OK(cu.cuMemcpy(other, words + 12, 4));
  CHECK(download(other, 4)[0] == 4);
}

SIM_TEST(copies_in_two_dimensions) {
  start();
  const CUdeviceptr grid = upload({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});  // 3 rows of 4 words
  unsigned out[6] = {};
  CUDA_MEMCPY2D copy{};
  copy.srcMemoryType = 2;
  copy.srcDevice = grid;
  copy.srcPitch = 16;
  copy.srcXInBytes = 8;
  copy.srcY = 1;
  copy.dstMemoryType = 1;
  copy.dstHost = out;
  copy.dstPitch = 12;
  copy.WidthInBytes = 8;
  copy.Height = 2;
  OK(cu.cuMemcpy2D_v2(&copy));
  CHECK(out[0] == 6 && out[1] == 7 && out[2] == 0 && out[3] == 10 && out[4] == 11);
  copy.Height = 3;
  GIVES(cu.cuMemcpy2D_v2(&copy), CUDA_ERROR_INVALID_VALUE);
}

SIM_TEST(fills_of_three_widths) {
  start();
  const CUdeviceptr words = upload({0, 0, 0, 0});
  OK(cu.cuMemsetD8_v2(words + 1, 0xAB, 2));
  OK(cu.cuMemsetD16_v2(words + 4, 0x1234, 2));
  OK(cu.cuMemsetD32_v2(words + 8, 7, 2));
  const auto out = download(words, 4);
  CHECK(out[0] == 0x00ABAB00 && out[1] == 0x12341234 && out[2] == 7 && out[3] == 7);
  GIVES(cu.cuMemsetD32_v2(words + 2, 7, 1), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuMemsetD32_v2(words, 7, 5), CUDA_ERROR_INVALID_VALUE);
}

SIM_TEST(pinned_memory) {
  start();
  void* pinned = nullptr;
  OK(cu.cuMemHostAlloc(&pinned, 64, 2));
  CHECK(static_cast<unsigned*>(pinned)[3] == 0xFFFFFFFF);
  CUdeviceptr address = 0;
  OK(cu.cuMemHostGetDevicePointer_v2(&address, pinned, 0));
  CHECK(address == reinterpret_cast<CUdeviceptr>(pinned));
  unsigned flags = 0, ordinary[16] = {};
  OK(cu.cuMemHostGetFlags(&flags, pinned));
  CHECK(flags & 2);
  GIVES(cu.cuMemHostGetDevicePointer_v2(&address, ordinary, 0), CUDA_ERROR_INVALID_VALUE);
  GIVES(cu.cuMemHostUnregister(ordinary), CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  OK(cu.cuMemHostRegister_v2(ordinary, sizeof ordinary, 0));
  GIVES(cu.cuMemHostRegister_v2(ordinary + 2, 4, 0), CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
  OK(cu.cuMemHostGetDevicePointer_v2(&address, ordinary + 1, 0));
  OK(cu.cuMemHostUnregister(ordinary));
  GIVES(cu.cuMemFreeHost(ordinary), CUDA_ERROR_INVALID_VALUE);
  OK(cu.cuMemFreeHost(pinned));
  OK(cu.cuMemFreeHost(nullptr));
}

SIM_TEST(managed_memory_is_refused) {
  start();
  CUdeviceptr address = 0;
  int managed = 1;
  OK(cu.cuDeviceGetAttribute(&managed, 83, 0));
  CHECK(managed == 0);
  GIVES(cu.cuMemAllocManaged(&address, 16, 1), CUDA_ERROR_NOT_SUPPORTED);
}

SIM_TEST(pools_allocate_in_stream_order, "SINTER_SIM_MEMORY=8388608") {
  start();
  const CUstream queue = stream();
  CUmemoryPool pool = nullptr;
  OK(cu.cuDeviceGetDefaultMemPool(&pool, 0));
  cuuint64_t keep = ~cuuint64_t{0}, used = 0, reserved = 0;
  OK(cu.cuMemPoolSetAttribute(pool, 4, &keep));
  CUdeviceptr words = 0;
  OK(cu.cuMemAllocAsync(&words, 4 << 20, queue));
  OK(cu.cuMemsetD32Async(words, 5, 1 << 20, queue));
  OK(cu.cuStreamSynchronize(queue));
  CHECK(download(words, 1 << 20)[1 << 19] == 5);
  OK(cu.cuMemFreeAsync(words, queue));
  GIVES(cu.cuMemFreeAsync(words, queue), CUDA_ERROR_INVALID_VALUE);
  OK(cu.cuStreamSynchronize(queue));
  OK(cu.cuMemPoolGetAttribute(pool, 7, &used));
  OK(cu.cuMemPoolGetAttribute(pool, 5, &reserved));
  CHECK(used == 0 && reserved == 4 << 20);
  // Freed in stream order and not waited for: the next allocation may have the memory all the same.
  for (int i = 0; i < 10; ++i) {
    OK(cu.cuMemAllocAsync(&words, 6 << 20, queue));
    OK(cu.cuMemFreeAsync(words, queue));
  }
  OK(cu.cuStreamSynchronize(queue));
  OK(cu.cuMemPoolTrimTo(pool, 0));
  OK(cu.cuMemPoolGetAttribute(pool, 5, &reserved));
  CHECK(reserved == 0);
  GIVES(cu.cuMemAllocAsync(&words, 9 << 20, queue), CUDA_ERROR_OUT_OF_MEMORY);
}

SIM_TEST(pooled_memory_is_not_there_for_other_streams) {
  start();
  const CUstream first = stream(), second = stream();
  CUdeviceptr words = 0;
  OK(cu.cuMemAllocAsync(&words, 16, first));
  OK(cu.cuMemsetD32Async(words, 5, 4, second));  // without an event between them
  GIVES(cu.cuStreamSynchronize(second), CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(report_has("has not allocated yet"));
}

SIM_TEST(two_devices_and_peers, "SINTER_SIM_DEVICES=2") {
  const CUcontext first = start(0);
  CUcontext second = nullptr;
  OK(cu.cuDevicePrimaryCtxRetain(&second, 1));
  const CUdeviceptr here = upload({1, 2, 3, 4});
  OK(cu.cuCtxSetCurrent(second));
  const CUdeviceptr there = allocate(4);
  OK(cu.cuMemcpyPeer(there, second, here, first, 16));
  CHECK(download(there, 4)[3] == 4);
  int can = 0;
  OK(cu.cuDeviceCanAccessPeer(&can, 0, 1));
  CHECK(can == 1);
  OK(cu.cuDeviceCanAccessPeer(&can, 0, 0));
  CHECK(can == 0);
  OK(cu.cuCtxEnablePeerAccess(first, 0));
  GIVES(cu.cuCtxEnablePeerAccess(first, 0), CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
  GIVES(cu.cuCtxEnablePeerAccess(second, 0), CUDA_ERROR_INVALID_DEVICE);
  OK(cu.cuMemsetD32_v2(here, 9, 4));  // by the second device, which may now
  OK(cu.cuCtxSynchronize());
  OK(cu.cuCtxDisablePeerAccess(first));
  GIVES(cu.cuCtxDisablePeerAccess(first), CUDA_ERROR_PEER_ACCESS_NOT_ENABLED);
  OK(cu.cuMemsetD32_v2(here, 10, 4));
  GIVES(cu.cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(report_has("peer access is not enabled"));
  // The other device's context goes on.
  OK(cu.cuCtxSetCurrent(first));
  CHECK(download(here, 4)[0] == 9);
}

SIM_TEST(allocations_can_be_made_to_fail, "SINTER_SIM_FAIL_ALLOC=2") {
  start();
  CUdeviceptr address = 0;
  OK(cu.cuMemAlloc_v2(&address, 16));
  GIVES(cu.cuMemAlloc_v2(&address, 16), CUDA_ERROR_OUT_OF_MEMORY);
  OK(cu.cuMemAlloc_v2(&address, 16));
  CHECK(cu.set("fail_alloc", "1") == 0);
  GIVES(cu.cuMemAlloc_v2(&address, 16), CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(cu.set("fail_host_alloc", "1") == 0);
  void* pinned = nullptr;
  GIVES(cu.cuMemHostAlloc(&pinned, 16, 0), CUDA_ERROR_OUT_OF_MEMORY);
  OK(cu.cuMemHostAlloc(&pinned, 16, 0));
  CHECK(cu.set("no_such_key", "1") != 0 && cu.set("fail_alloc", "many") != 0 && cu.set("devices", "2") != 0);
}

SIM_TEST(copies_can_be_made_to_fail) {
  start();
  const CUdeviceptr words = upload({1, 2});
  CHECK(cu.set("fail_copy", "2") == 0);
  CHECK(download(words, 2)[1] == 2);
  unsigned out = 0;
  GIVES(cu.cuMemcpyDtoH_v2(&out, words, 4), CUDA_ERROR_ECC_UNCORRECTABLE);
  GIVES(cu.cuMemcpyDtoH_v2(&out, words, 4), CUDA_ERROR_ECC_UNCORRECTABLE);  // and stays
}

SIM_TEST(the_report_tells_what_is_left) {
  start();
  const CUdeviceptr words = upload({1, 2, 3});
  stream();
  event();
  CHECK(report_has("\"allocations\": 1, \"bytes\": 12,") && report_has("\"streams\": 1, \"events\": 1"));
  CHECK(report_has("\"bytes\": 12}]"));
  OK(cu.cuMemFree_v2(words));
  CHECK(report_has("\"allocations\": 0, \"bytes\": 0,") && report_has("\"allocations\": []"));
}

SIM_TEST(tensor_maps_are_encoded, "SINTER_SIM_CAPABILITY=9.0") {
  start();
  alignas(64) CUtensorMap maps[2];
  const CUdeviceptr here = allocate(64 * 64), there = allocate(64 * 64);
  const cuuint64_t dims[] = {64, 64}, strides[] = {256}, bad_strides[] = {258};
  const cuuint32_t box[] = {32, 8}, large[] = {32, 257}, steps[] = {1, 1};
  const auto encode = [&](CUtensorMap* map, CUdeviceptr address, const cuuint64_t* stride, const cuuint32_t* sides) {
    return cu.cuTensorMapEncodeTiled(map, 7, 2, reinterpret_cast<void*>(address), dims, stride, sides, steps, 0, 0, 0,
                                     0);
  };
  OK(encode(&maps[0], here, strides, box));
  OK(encode(&maps[1], there, strides, box));
  CHECK(std::memcmp(&maps[0], &maps[1], sizeof maps[0]) != 0);
  OK(cu.cuTensorMapReplaceAddress(&maps[0], reinterpret_cast<void*>(there)));
  CHECK(std::memcmp(&maps[0], &maps[1], sizeof maps[0]) == 0);
  GIVES(encode(&maps[0], here, bad_strides, box), CUDA_ERROR_INVALID_VALUE);
  GIVES(encode(&maps[0], here, strides, large), CUDA_ERROR_INVALID_VALUE);
  GIVES(encode(&maps[0], here + 4, strides, box), CUDA_ERROR_INVALID_VALUE);
  GIVES(encode(nullptr, here, strides, box), CUDA_ERROR_INVALID_VALUE);
}
