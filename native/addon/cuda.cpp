// CUDA devices: what they are, and their memory.
#include <cstring>

#include "addon/env.h"
#include "addon/values.h"
#include "cuda/runtime/device.h"
#include "cuda/runtime/precision.h"
#include "cuda/runtime/probe.h"

namespace sinter::addon {

namespace {

// Calls work(device) with the device that argument 0 names; throws its errors in JavaScript.
template <class Work>
napi_value with_device(napi_env env, uint32_t ordinal, Work work) {
  try {
    return work(cuda::Device::open(static_cast<int>(ordinal)));
  } catch (const Error& error) {
    napi_throw(env, make_error(env, error));
    return nullptr;
  }
}

// probeCuda() -> { devices, reason }
napi_value probe_cuda(napi_env env, napi_callback_info) {
  const cuda::Probe& probe = cuda::probe();
  napi_value o;
  napi_create_object(env, &o);
  set_value(env, o, "devices", make_number(env, probe.devices));
  set_value(env, o, "reason", make_string(env, probe.reason));
  return o;
}

// cudaDevice(ordinal) -> what it is
napi_value device(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  return with_device(env, a.u32(0), [env](cuda::Device& d) {
    const cuda::DeviceInfo& about = d.info();
    napi_value o;
    napi_create_object(env, &o);
    set_value(env, o, "name", make_string(env, about.name));
    const std::pair<const char*, double> fields[] = {
        {"major", about.major},
        {"minor", about.minor},
        {"multiprocessors", about.multiprocessors},
        {"memory", static_cast<double>(about.memory_bytes)},
        {"l2", static_cast<double>(about.l2_bytes)},
        {"sharedPerBlock", static_cast<double>(about.shared_per_block)},
        {"driver", about.driver_version},
        {"clock", about.clock_khz * 1e3},
        {"memoryClock", about.memory_clock_khz * 1e3},
        {"memoryBus", about.memory_bus_bits},
    };
    for (const auto& [name, value] : fields) set_value(env, o, name, make_number(env, value));
    return o;
  });
}

// cudaMemory(ordinal) -> MemoryStats
napi_value memory(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  return with_device(env, a.u32(0), [env](cuda::Device& d) { return make_memory(env, d.memory().stats()); });
}

// cudaSetMemoryLimit(ordinal, bytes)
napi_value set_memory_limit(napi_env env, napi_callback_info info) {
  Args<2> a(env, info);
  return with_device(env, a.u32(0), [&a](cuda::Device& d) -> napi_value {
    d.memory().set_limit(static_cast<uint64_t>(a.number(1)));
    return nullptr;
  });
}

// cudaEmptyCache(ordinal) -> bytes
napi_value empty_cache(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  return with_device(env, a.u32(0), [env](cuda::Device& d) {
    return make_number(env, static_cast<double>(d.memory().empty_cache()));
  });
}

// cudaResetPeak(ordinal)
napi_value reset_peak(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  return with_device(env, a.u32(0), [](cuda::Device& d) -> napi_value {
    d.memory().reset_peak();
    return nullptr;
  });
}

// cudaSetTf32(on): of the process
napi_value set_tf32(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  cuda::set_products_in_tf32(a.u32(0) != 0);
  return nullptr;
}

// cudaTf32() -> whether it is set
napi_value tf32(napi_env env, napi_callback_info) {
  napi_value on = nullptr;
  napi_get_boolean(env, cuda::products_in_tf32(), &on);
  return on;
}

// cudaKernelsWanted(ordinal) -> { archive, packed }: what the device's kernels are in; undefined: nothing is missing
napi_value kernels_wanted(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  return with_device(env, a.u32(0), [env](cuda::Device& d) -> napi_value {
    const cuda::Archive* archive = d.modules().wanted();
    if (!archive) return nullptr;
    void* bytes = nullptr;
    napi_value packed, o;
    if (napi_create_arraybuffer(env, archive->bytes, &bytes, &packed) != napi_ok) return nullptr;
    std::memcpy(bytes, archive->data, archive->bytes);
    napi_create_object(env, &o);
    set_value(env, o, "archive", make_number(env, static_cast<double>(archive - cuda::archives().data())));
    set_value(env, o, "packed", packed);
    return o;
  });
}

// cudaGiveKernels(ordinal, archive, unpacked)
napi_value give_kernels(napi_env env, napi_callback_info info) {
  Args<3> a(env, info);
  void* data;
  size_t size;
  const uint32_t archive = a.u32(1);
  if (!a.bytes(2, &data, &size) || archive >= cuda::archives().size()) return nullptr;
  return with_device(env, a.u32(0), [&](cuda::Device& d) -> napi_value {
    d.modules().give(cuda::archives()[archive], {static_cast<const std::byte*>(data), size});
    return nullptr;
  });
}

}  // namespace

void register_cuda(napi_env env, napi_value exports) {
  set_function(env, exports, "probeCuda", probe_cuda);
  set_function(env, exports, "cudaDevice", device);
  set_function(env, exports, "cudaMemory", memory);
  set_function(env, exports, "cudaSetMemoryLimit", set_memory_limit);
  set_function(env, exports, "cudaEmptyCache", empty_cache);
  set_function(env, exports, "cudaResetPeak", reset_peak);
  set_function(env, exports, "cudaSetTf32", set_tf32);
  set_function(env, exports, "cudaTf32", tf32);
  set_function(env, exports, "cudaKernelsWanted", kernels_wanted);
  set_function(env, exports, "cudaGiveKernels", give_kernels);
}

}  // namespace sinter::addon
