// What the runtime's tests share. Place in the whole: harness.cpp runs the case that the command line names; each case is a function that
// throws when something is not as it should be. Drivers are chosen by SINTER_CUDA_DRIVER, as everywhere.
#pragma once
#include <cstdio>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "cuda/runtime/graph.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/queue.h"

namespace sinter::cuda::test {

struct Failure {
  std::string text;
};

#define EXPECT(condition)                                                                                            \
  do {                                                                                                               \
    if (!(condition))                                                                                                \
      throw ::sinter::cuda::test::Failure{std::string(__FILE__) + ":" + std::to_string(__LINE__) + ": " #condition}; \
  } while (false)

// The Error that `work` throws; a Failure when it throws none.
inline Error error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& e) {
    return e;
  }
  throw Failure{"no error where one was due"};
}
inline bool says(const Error& error, const char* text) {
  if (error.message.find(text) != std::string::npos) return true;
  std::fprintf(stderr, "the message is: %s\n", error.message.c_str());
  return false;
}

struct Case {
  Case(const char* name, void (*run)());
};
#define CASE(name)                          \
  static void name();                       \
  static const Case name##_is(#name, name); \
  static void name()

extern const Image image_kernels;
extern Kernel affine;          // (out, in, n, scale, add)
extern Kernel through_shared;  // (out, word, value)
extern Kernel astray;          // ()

// A queue, and launches on it without an engine.
struct Bench {
  explicit Bench(int ordinal = 0) : queue(Device::open(ordinal)) {}
  Queue queue;
  std::vector<DeviceBlock> blocks;  // given back in the end

  ~Bench() {
    for (const DeviceBlock& b : blocks) queue.memory().free(b);
  }
  uint32_t* words(size_t n) {
    blocks.push_back(queue.allocate(n * 4));
    return static_cast<uint32_t*>(blocks.back().data);
  }
  uint32_t* put(const std::vector<uint32_t>& values) {
    uint32_t* p = words(values.size());
    queue.upload(p, values.data(), values.size() * 4);
    return p;
  }
  std::vector<uint32_t> get(const uint32_t* p, size_t n) {
    std::vector<uint32_t> values(n, 0xdeadbeef);
    queue.download(values.data(), p, n * 4);
    return values;
  }
  template <class... Args>
  void launch(const Kernel& kernel, const Shape& shape, Args... args) {
    Call call{};
    call.queue = &queue;
    sinter::cuda::launch(call, kernel, shape, args...);
  }
  void run_affine(uint32_t* out, const uint32_t* in, size_t n, uint32_t scale, uint32_t add) {
    launch(affine, Shape{Dim(static_cast<int64_t>((n + 127) / 128)), Dim(128)}, out, in, static_cast<uint32_t>(n),
           scale, add);
  }
};

inline std::vector<uint32_t> counting(size_t n, uint32_t from = 0, uint32_t step = 1) {
  std::vector<uint32_t> v(n);
  for (size_t i = 0; i < n; i++) v[i] = from + static_cast<uint32_t>(i) * step;
  return v;
}

}  // namespace sinter::cuda::test
