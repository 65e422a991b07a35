// Copies, launches, devices, and what goes wrong with them.
#include "harness.h"

namespace sinter::cuda::test {

// Around the sizes of the staging chunks (2 MB), through several of them, and back. The host memory changes as soon as upload returns.
CASE(copies) {
  Bench b;
  const size_t chunk = 2 << 20;
  for (const size_t bytes :
       {size_t{1}, size_t{3}, size_t{255}, size_t{4097}, chunk - 1, chunk, chunk + 1, 5 * chunk + 77}) {
    std::vector<unsigned char> values(bytes), got(bytes + 1, 0xaa);
    for (size_t i = 0; i < bytes; i++) values[i] = static_cast<unsigned char>(i * 31 + (i >> 9));
    const DeviceBlock block = b.queue.allocate(bytes);
    std::vector<unsigned char> sent = values;
    b.queue.upload(block.data, sent.data(), bytes);
    sent.assign(bytes, 0);
    b.queue.download(got.data(), block.data, bytes);
    EXPECT(got.back() == 0xaa);
    got.pop_back();
    EXPECT(got == values);
    b.queue.memory().free(block);
  }
  b.queue.upload(nullptr, nullptr, 0);
  b.queue.download(nullptr, nullptr, 0);
}

// Many small uploads go round the staging chunks several times before anything has run.
CASE(uploads_in_a_row) {
  Bench b;
  const size_t n = 100'000, count = 60;
  std::vector<uint32_t*> all;
  for (uint32_t i = 0; i < count; i++) all.push_back(b.put(counting(n, i, i + 1)));
  for (uint32_t i = 0; i < count; i++) EXPECT(b.get(all[i], n) == counting(n, i, i + 1));
}

CASE(launches) {
  Bench b;
  for (const size_t n : {size_t{1}, size_t{127}, size_t{1025}}) {
    const std::vector<uint32_t> in = counting(n, 7, 3);
    const uint32_t* x = b.put(in);
    uint32_t *y = b.words(n), *z = b.words(n);
    b.run_affine(y, x, n, 5, 1);
    b.run_affine(z, y, n, 2, 9);
    const std::vector<uint32_t> got = b.get(z, n);
    for (size_t i = 0; i < n; i++) EXPECT(got[i] == (in[i] * 5 + 1) * 2 + 9);
  }
  b.launch(astray, Shape{Dim(0), Dim(128)});  // no blocks: not launched
  b.launch(astray, Shape{Dim(3, 0), Dim(128)});
  b.queue.wait();
  EXPECT(b.queue.resident_blocks(affine, 128, 0) >= 1);
}

CASE(shared_memory) {
  Bench b;
  uint32_t* out = b.words(1);
  const auto most = static_cast<uint32_t>(b.queue.device().info().shared_per_block);
  for (const uint32_t bytes : {uint32_t{16}, uint32_t{48 << 10}, uint32_t{(48 << 10) + 16}, most}) {
    b.launch(through_shared, Shape{Dim(1), Dim(1), bytes}, out, bytes / 4 - 1, bytes);
    EXPECT(b.get(out, 1)[0] == bytes);
  }
  const Error error = error_of([&] { b.launch(through_shared, Shape{Dim(1), Dim(1), most + 4}, out, 0u, 0u); });
  EXPECT(error.code == ErrorCode::unsupported && says(error, "through_shared") &&
         says(error, "dynamic shared memory") && says(error, "cuda:0"));
  EXPECT(b.queue.resident_blocks(through_shared, 1, most + 4) == 0);
}

CASE(launches_that_fail) {
  Bench b;
  uint32_t* p = b.words(8);
  const Error threads = error_of([&] { b.launch(affine, Shape{Dim(2), Dim(4096)}, p, p, 8u, 1u, 1u); });
  EXPECT(threads.code == ErrorCode::internal && says(threads, "launching affine, grid 2x1x1, block 4096x1x1") &&
         says(threads, "cuda:0") && says(threads, "CUDA_ERROR_INVALID_VALUE") && says(threads, "at most 1024 threads"));
  const Error grid = error_of([&] { b.launch(affine, Shape{Dim(1, INT64_C(1) << 40), Dim(1)}, p, p, 8u, 1u, 1u); });
  EXPECT(grid.code == ErrorCode::internal && says(grid, "affine"));
  // The device is as good as before.
  b.queue.fill(p, 0, 32);
  b.run_affine(p, p, 8, 1, 4);
  EXPECT(b.get(p, 8) == std::vector<uint32_t>(8, 4));

  static constinit Kernel absent{image_kernels, "absent"};
  const Error name = error_of([&] { b.launch(absent, Shape{Dim(1), Dim(1)}); });
  EXPECT(says(name, "absent") && says(name, "kernels") && says(name, "CUDA_ERROR_NOT_FOUND"));
}

CASE(parameters_are_compared) {
  static constinit Kernel again[3] = {{image_kernels, "affine"}, {image_kernels, "affine"}, {image_kernels, "affine"}};
  Bench b;
  uint32_t* p = b.words(8);
  const Shape shape{Dim(1), Dim(8)};
  const Error size = error_of([&] { b.launch(again[0], shape, p, p, uint64_t{8}, 1u, 1u); });
  EXPECT(says(size, "affine: parameter 2 has 4 bytes in the kernel and 8 in the launch"));
  const Error few = error_of([&] { b.launch(again[1], shape, p, p, 8u, 1u); });
  EXPECT(says(few, "more parameters than the 4"));
  const Error many = error_of([&] { b.launch(again[2], shape, p, p, 8u, 1u, 1u, 1u); });
  EXPECT(says(many, "fewer parameters than the 6"));
}

CASE(images_that_do_not_load) {
  static const char text[] =
      ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry broken() { frobnicate.u32; }\n";
  static const Image image{"broken_image", text, sizeof text};
  static constinit Kernel broken{image, "broken"};
  Bench b;
  const auto launch = [&] { b.launch(broken, Shape{Dim(1), Dim(1)}); };
  const Error first = error_of(launch), second = error_of(launch);
  EXPECT(first.code == ErrorCode::internal && says(first, "broken_image") && says(first, "frobnicate"));
  EXPECT(second.message == first.message);
  b.queue.wait();
}

CASE(mapped_memory) {
  Bench b;
  const DeviceQueue::Mapped m = b.queue.mapped(64);
  auto* host = static_cast<volatile uint32_t*>(m.host);
  for (int i = 0; i < 16; i++) EXPECT(host[i] == 0);
  b.run_affine(static_cast<uint32_t*>(m.device), b.put(counting(16)), 16, 10, 1);
  b.queue.wait();
  for (uint32_t i = 0; i < 16; i++) EXPECT(host[i] == i * 10 + 1);
}

// SINTER_SIM_DEVICES=2
CASE(two_devices) {
  const size_t n = 20'000;
  Bench a(0), b(1);
  EXPECT(a.queue.device().info().ordinal == 0 && b.queue.device().info().ordinal == 1);
  uint32_t *x = a.words(n), *y = b.words(n);
  a.queue.fill(x, 0, n * 4);
  for (uint32_t round = 1; round < 6; round++) {
    a.run_affine(x, x, n, 1, round);  // not waited for
    b.queue.fetch(y, a.queue.memory(), x, n * 4);
    a.queue.fill(x, 0, n * 4);  // after the copy has read it
    b.run_affine(y, y, n, 2, 0);
    EXPECT(b.get(y, n) == std::vector<uint32_t>(n, 2 * round));
  }
  const Error third = error_of([] { Device::open(2); });
  EXPECT(third.code == ErrorCode::unsupported && says(third, "cuda:2 is not available: devices are cuda:0 to cuda:1"));
}

CASE(a_fault_loses_the_device) {
  Bench b;
  uint32_t* p = b.put(counting(100));
  const DeviceBlock block = b.queue.allocate(1 << 20);
  b.run_affine(p, p, 100, 1, 1);
  b.launch(astray, Shape{Dim(1), Dim(1)});
  const Error first = error_of([&] { b.queue.wait(); });
  EXPECT(first.code == ErrorCode::device_lost && says(first, "cuda:0 is lost") &&
         says(first, "launched last: astray, affine") && says(first, "CUDA_ERROR_ILLEGAL_ADDRESS"));
  uint32_t words[100];
  const std::function<void()> after[] = {
      [&] { b.queue.wait(); },
      [&] { b.queue.download(words, p, sizeof words); },
      [&] { b.queue.upload(p, words, sizeof words); },
      [&] { b.run_affine(p, p, 100, 1, 1); },
      [&] { b.queue.allocate(100 << 20); },
      [&] { b.queue.mapped(64); },
      [&] { Graph(b.queue, [] {}); },
      [] { Queue(Device::open(0)); },
      [] { Device::open(0).memory().empty_cache(); },
  };
  for (const auto& work : after) {
    const Error e = error_of(work);
    EXPECT(e.code == ErrorCode::device_lost && e.message == first.message);
  }
  b.queue.memory().free(block);
}

// SINTER_SIM_LOSE_AFTER=3: the device is gone at some launch, whenever that is noticed.
CASE(a_lost_device) {
  Bench b;
  uint32_t* p = b.put(counting(10));
  const Error error = error_of([&] {
    for (int i = 0; i < 10; i++) b.run_affine(p, p, 10, 1, 1);
    b.queue.wait();
  });
  EXPECT(error.code == ErrorCode::device_lost);
  EXPECT(error_of([&] { b.queue.wait(); }).code == ErrorCode::device_lost);
}

// SINTER_SIM_FAIL_COPY=2
CASE(a_copy_that_fails) {
  Bench b;
  uint32_t* p = b.words(10);
  const std::vector<uint32_t> values = counting(10);
  const Error error = error_of([&] {
    for (int i = 0; i < 3; i++) b.queue.upload(p, values.data(), 40);
    b.queue.wait();
  });
  EXPECT(says(error, "cuda:0"));
}

}  // namespace sinter::cuda::test
