// Special registers.
#include <array>
#include <chrono>

#include "machine.h"
#include "special.h"

namespace sinter::sim {

namespace {

enum Which : uint16_t {
  kTid = 0,  // + 0, 1, 2 for x, y, z; the same below
  kNtid = 3,
  kCtaid = 6,
  kNctaid = 9,
  kClusterid = 12,
  kNclusterid = 15,
  kClusterCtaid = 18,
  kClusterNctaid = 21,
  kSingle = 24,
};

constexpr const char* kTriples[] = {"%tid",       "%ntid",       "%ctaid",         "%nctaid",
                                    "%clusterid", "%nclusterid", "%cluster_ctaid", "%cluster_nctaid"};

struct Single {
  const char* name;
  uint32_t bytes;
};
// In the order of the switch in value().
constexpr Single kSingles[] = {{"%laneid", 4},
                               {"%lanemask_eq", 4},
                               {"%lanemask_le", 4},
                               {"%lanemask_lt", 4},
                               {"%lanemask_ge", 4},
                               {"%lanemask_gt", 4},
                               {"%warpid", 4},
                               {"%nwarpid", 4},
                               {"%smid", 4},
                               {"%nsmid", 4},
                               {"%gridid", 8},
                               {"%clock", 4},
                               {"%clock64", 8},
                               {"%globaltimer", 8},
                               {"%globaltimer_lo", 4},
                               {"%dynamic_smem_size", 4},
                               {"%total_smem_size", 4},
                               {"%aggr_smem_size", 4},
                               {"%cluster_ctarank", 4},
                               {"%cluster_nctarank", 4},
                               {"%is_explicit_cluster", 4},
                               {"%reserved_smem_offset_begin", 4},
                               {"%reserved_smem_offset_end", 4},
                               {"%reserved_smem_offset_cap", 4}};

uint32_t axis(const Dim& dim, int which) { return which == 0 ? dim.x : which == 1 ? dim.y : dim.z; }

uint32_t triple(const Warp& warp, int which, int lane) {
  const Launch& launch = warp.run->launch;
  const Block& block = *warp.block;
  const int a = which % 3;
  switch (which - a) {
    case kTid: return warp.tid[a][static_cast<size_t>(lane)];
    case kNtid: return axis(launch.block, a);
    case kCtaid: return axis(block.id, a);
    case kNctaid: return axis(launch.grid, a);
    case kClusterid: return axis(block.id, a) / axis(launch.cluster, a);
    case kNclusterid: return axis(launch.grid, a) / axis(launch.cluster, a);
    case kClusterCtaid: return axis(block.id, a) % axis(launch.cluster, a);
    default: return axis(launch.cluster, a);
  }
}

// Shared memory is handed out in pieces of 128 bytes.
uint32_t whole_pieces(uint32_t bytes) { return (bytes + 127) / 128 * 128; }

uint64_t nanoseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

uint64_t value(Warp& warp, int which, int lane) {
  if (which < kSingle) return triple(warp, which, lane);
  const uint32_t own = 1u << lane;
  const Run& run = *warp.run;
  const uint64_t clustered = run.launch.cluster.count();
  switch (which - kSingle) {
    case 0: return static_cast<uint32_t>(lane);
    case 1: return own;
    case 2: return own | (own - 1);
    case 3: return own - 1;
    case 4: return ~(own - 1);
    case 5: return ~(own - 1) & ~own;
    case 6: return warp.index;
    case 7: return 64;
    case 8: return static_cast<uint32_t>(warp.block->linear % 132);
    case 9: return 132;
    case 10: return run.launch.grid_id;
    case 11:
    case 12: return warp.worker->clock;
    case 13: return nanoseconds();
    case 14: return nanoseconds() & 0xFFFFFFFF;
    case 15: return run.launch.dynamic_shared;
    case 16: return whole_pieces(run.shared_bytes);
    case 17: return whole_pieces(run.shared_bytes) + kSharedBase;
    case 18: return warp.block->rank;
    case 19: return clustered;
    case 20: return run.launch.clustered;
    case 21: return 0;
    case 22: return 0x120;
    default: return kSharedBase;
  }
}

template <class T>
void read(Warp& warp, const Instruction& in, uint32_t mask) {
  each_active(warp.lanes<T>(in.d), mask, [&](int lane) { return static_cast<T>(value(warp, in.option, lane)); });
}

}  // namespace

int special_register(std::string_view name, uint32_t& bytes) {
  bytes = 4;
  if (name.size() > 2 && name[name.size() - 2] == '.' && name.back() >= 'x' && name.back() <= 'z') {
    for (size_t i = 0; i < std::size(kTriples); ++i)
      if (name.substr(0, name.size() - 2) == kTriples[i]) return static_cast<int>(3 * i) + (name.back() - 'x');
    return -1;
  }
  for (size_t i = 0; i < std::size(kSingles); ++i)
    if (name == kSingles[i].name) {
      bytes = kSingles[i].bytes;
      return static_cast<int>(kSingle + i);
    }
  return -1;
}

void run_special(Warp& warp, const Instruction& in, uint32_t mask) { read<uint32_t>(warp, in, mask); }
void run_special_predicate(Warp& warp, const Instruction& in, uint32_t mask) {
  warp.set_predicate(in.d, mask, lanes_where([&](int lane) { return value(warp, in.option, lane) != 0; }));
}
void run_special64(Warp& warp, const Instruction& in, uint32_t mask) { read<uint64_t>(warp, in, mask); }

}  // namespace sinter::sim
