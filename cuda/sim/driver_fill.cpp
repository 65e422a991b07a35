// cuMemset. The forms without a stream do not wait either: they are work of the legacy default stream, as with the real driver.
#include <cstring>

#include "device_memory.h"
#include "graph.h"

namespace sinter::sim::driver {

namespace {

void fill(Stream& stream, uint64_t address, unsigned value, unsigned width, size_t count) {
  if (count == 0) return;
  require(address % width == 0);
  const Allocation& found = live_allocation(address, CUDA_ERROR_INVALID_VALUE);
  require(count <= (found.end() - address) / width);
  submit(stream, std::make_shared<FillWork>(address, value, width, count));
}

void fill_now(uint64_t address, unsigned value, unsigned width, size_t count) {
  Stream& stream = *current_context().legacy;
  forbid_while_capturing();
  fill(stream, address, value, width, count);
}

}  // namespace

Outcome FillWork::run(Context& context) {
  Memory& memory = context.device->memory;
  Allocation* found = memory.reach(address, width * count);
  if (!found) return {CUDA_ERROR_ILLEGAL_ADDRESS, "a fill of " + memory.explain(address, width * count)};
  std::byte* data = found->at(address);
  if (width == 1)
    std::memset(data, static_cast<int>(value), count);
  else
    for (uint64_t i = 0; i < count; ++i) std::memcpy(data + i * width, &value, width);  // little-endian: the low bytes
  AddressSpace::mark_written(*found, address, width * count);
  return {};
}

CUresult cuMemsetD8_v2(CUdeviceptr address, unsigned char value, size_t count) {
  return entry([&] { fill_now(address, value, 1, count); });
}

CUresult cuMemsetD16_v2(CUdeviceptr address, unsigned short value, size_t count) {
  return entry([&] { fill_now(address, value, 2, count); });
}

CUresult cuMemsetD32_v2(CUdeviceptr address, unsigned value, size_t count) {
  return entry([&] { fill_now(address, value, 4, count); });
}

CUresult cuMemsetD8Async(CUdeviceptr address, unsigned char value, size_t count, CUstream stream) {
  return entry([&] { fill(stream_of(stream), address, value, 1, count); });
}

CUresult cuMemsetD16Async(CUdeviceptr address, unsigned short value, size_t count, CUstream stream) {
  return entry([&] { fill(stream_of(stream), address, value, 2, count); });
}

CUresult cuMemsetD32Async(CUdeviceptr address, unsigned value, size_t count, CUstream stream) {
  return entry([&] { fill(stream_of(stream), address, value, 4, count); });
}

}  // namespace sinter::sim::driver
