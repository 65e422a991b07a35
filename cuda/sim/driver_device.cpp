// Devices: how many, what they are called and what they say of themselves.
#include <cstdio>
#include <cstring>

#include "device_facts.h"

namespace sinter::sim::driver {

namespace {

CUuuid uuid_of(const Device& device) {
  CUuuid uuid{};
  std::memcpy(uuid.bytes, "sinter sim dev ", 15);
  uuid.bytes[15] = static_cast<char>(device.ordinal);
  return uuid;
}

}  // namespace

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return entry(Needs::kDriver, [&] {
    require(device != nullptr);
    *device = device_of(ordinal).ordinal;
  });
}

CUresult cuDeviceGetCount(int* count) {
  return entry(Needs::kDriver, [&] {
    require(count != nullptr);
    *count = static_cast<int>(state().devices.size());
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    device_of(ordinal);
    require(name && length > 0);
    const int capability = state().settings.capability;
    std::snprintf(name, static_cast<size_t>(length), "Sinter simulated GPU (sm_%d)", capability);
  });
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice ordinal) { return cuDeviceGetUuid_v2(uuid, ordinal); }

CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    require(uuid != nullptr);
    *uuid = uuid_of(device_of(ordinal));
  });
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    device_of(ordinal);
    require(bytes != nullptr);
    *bytes = state().settings.memory;
  });
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    const Device& device = device_of(ordinal);
    require(value != nullptr);
    const std::optional<int> found = device_attribute(device, attribute);
    require(found.has_value());
    *value = *found;
  });
}

CUresult cuDeviceGetPCIBusId(char* text, int length, CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    const Device& device = device_of(ordinal);
    require(text && length >= 13);
    std::snprintf(text, static_cast<size_t>(length), "0000:%02X:00.0", device.ordinal + 1);
  });
}

CUresult cuDeviceCanAccessPeer(int* can, CUdevice ordinal, CUdevice peer) {
  return entry(Needs::kDriver, [&] {
    const Device &device = device_of(ordinal), &other = device_of(peer);
    require(can != nullptr);
    *can = &device != &other;
  });
}

CUresult cuDeviceGetP2PAttribute(int* value, CUdevice_P2PAttribute attribute, CUdevice source, CUdevice target) {
  return entry(Needs::kDriver, [&] {
    const Device &device = device_of(source), &other = device_of(target);
    require(&device != &other, CUDA_ERROR_INVALID_DEVICE);
    require(value && attribute >= 1 && attribute <= 4);  // rank, access, native atomics, array access
    *value = attribute == 2 || attribute == 3;
  });
}

}  // namespace sinter::sim::driver
