// What functions say of themselves, and how many blocks of them fit.
#include <algorithm>

#include "device_facts.h"

namespace sinter::sim::driver {

namespace {

Function& function_of(CUfunction handle) { return state().functions.get(handle); }

// A side of the cluster that the code asks for; 0 where it asks for none.
int required(const sim::Function& code, uint32_t side) {
  return code.clustered && code.required_cluster.count() > 1 ? static_cast<int>(side) : 0;
}

void occupancy(int* blocks, CUfunction handle, int threads, size_t dynamic, unsigned flags) {
  const Function& function = function_of(handle);
  require(blocks && threads > 0 && flags <= 1);
  const bool fits = threads <= most_threads(*function.code) &&
                    function.code->static_shared + dynamic <= static_cast<size_t>(facts().shared_opt_in);
  *blocks = fits ? resident_blocks(*function.code, threads, dynamic) : 0;
}

}  // namespace

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction handle) {
  return entry([&] {
    const Function& function = function_of(handle);
    const sim::Function& info = *function.code;
    require(value != nullptr);
    switch (attribute) {
      case 0: *value = most_threads(info); return;
      case 1: *value = static_cast<int>(info.static_shared); return;
      case 2: *value = 0; return;  // constant memory of its own
      case 3: *value = static_cast<int>(info.local); return;
      case 4: *value = assumed_registers(info); return;
      case 5:
      case 6: *value = state().settings.capability; return;  // PTX and binary version
      case 7: *value = 0; return;                            // cache mode
      case 8: *value = function.max_dynamic_shared; return;
      case 9: *value = function.carveout; return;
      case 10: *value = info.clustered; return;
      case 11: *value = required(info, info.required_cluster.x); return;
      case 12: *value = required(info, info.required_cluster.y); return;
      case 13: *value = required(info, info.required_cluster.z); return;
      case 14: *value = function.nonportable_cluster; return;
      case 15: *value = 0; return;
      default: refuse(CUDA_ERROR_INVALID_VALUE);
    }
  });
}

CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
  return entry([&] {
    Function& function = function_of(handle);
    switch (attribute) {
      case 8:
        require(value >= 0 && static_cast<int>(function.code->static_shared) + value <= facts().shared_opt_in);
        function.max_dynamic_shared = value;
        return;
      case 9:
        require(value >= -1 && value <= 100);
        function.carveout = value;
        return;
      case 14:
        require(value == 0 || value == 1);
        require(facts().capability >= 90, CUDA_ERROR_NOT_SUPPORTED);
        function.nonportable_cluster = value;
        return;
      default: refuse(CUDA_ERROR_INVALID_VALUE);
    }
  });
}

CUresult cuFuncSetCacheConfig(CUfunction handle, CUfunc_cache config) {
  return entry([&] {
    function_of(handle);
    require(config >= 0 && config <= 3);
  });
}

CUresult cuFuncGetModule(CUmodule* module, CUfunction handle) {
  return entry([&] {
    const Function& function = function_of(handle);
    require(module != nullptr);
    *module = function.module;
  });
}

CUresult cuFuncGetName(const char** name, CUfunction handle) {
  return entry([&] {
    const Function& function = function_of(handle);
    require(name != nullptr);
    *name = function.code->name.c_str();
  });
}

CUresult cuFuncGetParamInfo(CUfunction handle, size_t index, size_t* offset, size_t* bytes) {
  return entry([&] {
    const Function& function = function_of(handle);
    require(offset && index < function.code->parameters.size());
    *offset = function.code->parameters[index].offset;
    if (bytes) *bytes = function.code->parameters[index].bytes;
  });
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int threads, size_t dynamic) {
  return entry([&] { occupancy(blocks, function, threads, dynamic, 0); });
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction function, int threads,
                                                              size_t dynamic, unsigned flags) {
  return entry([&] { occupancy(blocks, function, threads, dynamic, flags); });
}

CUresult cuOccupancyMaxPotentialBlockSize(int* grid, int* threads, CUfunction handle, CUoccupancyB2DSize size,
                                          size_t dynamic, int limit) {
  return entry([&] {
    const sim::Function& info = *function_of(handle).code;
    require(grid && threads && limit >= 0);
    const int most = limit ? std::min(limit, most_threads(info)) : most_threads(info);
    int best = 0, best_blocks = 0;
    for (int count = most / 32 * 32; count > 0; count -= 32) {
      const int blocks = resident_blocks(info, count, size ? size(count) : dynamic);
      if (blocks * count > best * best_blocks) best = count, best_blocks = blocks;
    }
    *threads = best;
    *grid = best_blocks * facts().multiprocessors;
  });
}

CUresult cuOccupancyAvailableDynamicSMemPerBlock(size_t* bytes, CUfunction handle, int blocks, int threads) {
  return entry([&] {
    const sim::Function& info = *function_of(handle).code;
    require(bytes && blocks > 0 && threads > 0 && threads <= most_threads(info));
    require(blocks <= resident_blocks(info, threads, 0));
    const size_t share = static_cast<size_t>(facts().shared_per_multiprocessor / blocks) / 128 * 128;
    const size_t room = share - kReservedShared - info.static_shared;
    *bytes = std::min(room, static_cast<size_t>(facts().shared_opt_in) - info.static_shared);
  });
}

CUresult cuOccupancyMaxActiveClusters(int* clusters, CUfunction handle, const CUlaunchConfig* config) {
  return entry([&] {
    const Function& function = function_of(handle);
    require(clusters && config);
    require(facts().capability >= 90, CUDA_ERROR_NOT_SUPPORTED);
    unsigned size = 1;
    for (unsigned i = 0; i < config->numAttrs; ++i)
      if (config->attrs[i].id == 4) {
        const auto& cluster = config->attrs[i].value.clusterDim;
        size = cluster.x * cluster.y * cluster.z;
      }
    require(
        size > 0 && size <= static_cast<unsigned>(function.nonportable_cluster ? kLargestCluster : kPortableCluster),
        CUDA_ERROR_INVALID_CLUSTER_SIZE);
    const int threads = static_cast<int>(config->blockDimX * config->blockDimY * config->blockDimZ);
    require(threads > 0 && threads <= most_threads(*function.code));
    const int blocks = resident_blocks(*function.code, threads, config->sharedMemBytes);
    // Clusters do not cross groups of multiprocessors, of about 16 each.
    *clusters = facts().multiprocessors / 16 * (blocks * 16 / static_cast<int>(size));
  });
}

}  // namespace sinter::sim::driver
