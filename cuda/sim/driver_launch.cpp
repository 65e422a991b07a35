// Launches: checked as the real driver checks them, and queued.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "checker.h"
#include "coverage.h"
#include "device_facts.h"
#include "launch.h"
#include "profile.h"
#include "schedule.h"

namespace sinter::sim::driver {

namespace {

// What CUlaunchAttribute.id may say (enumeration CUlaunchAttributeID).
enum Attribute {
  kIgnore = 0,
  kAccessPolicy = 1,
  kCooperative = 2,
  kSynchronization = 3,
  kCluster = 4,
  kClusterScheduling = 5,
  kProgrammatic = 6,
  kPriority = 8,
  kMemoryDomainMap = 9,
  kMemoryDomain = 10,
  kCarveout = 14,
};

void read_attributes(const CUlaunchConfig& config, LaunchShape& shape) {
  require(config.numAttrs == 0 || config.attrs);
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const CUlaunchAttribute& attribute = config.attrs[i];
    switch (attribute.id) {
      case kCooperative: shape.cooperative = attribute.value.cooperative != 0; break;
      case kCluster:
        shape.cluster = {attribute.value.clusterDim.x, attribute.value.clusterDim.y, attribute.value.clusterDim.z};
        require(shape.cluster.count() > 0);
        break;
      case kProgrammatic:
        // A launch may begin early; beginning late is always right, so that is all that happens here.
        require(facts().capability >= 90 || !attribute.value.programmaticStreamSerializationAllowed,
                CUDA_ERROR_NOT_SUPPORTED);
        break;
      case kIgnore:
      case kAccessPolicy:
      case kSynchronization:
      case kClusterScheduling:
      case kPriority:
      case kMemoryDomainMap:
      case kMemoryDomain:
      case kCarveout: break;  // speed only
      default: refuse(attribute.id > 0 && attribute.id <= 16 ? CUDA_ERROR_NOT_SUPPORTED : CUDA_ERROR_INVALID_VALUE);
    }
  }
}

bool same(const Dim& a, const Dim& b) { return a.x == b.x && a.y == b.y && a.z == b.z; }

void check_cluster(const Function& function, LaunchShape& shape) {
  const sim::Function& code = *function.code;
  const bool given = shape.cluster.count() > 0;
  shape.clustered = shape.clustered || given || code.clustered;
  if (code.clustered && code.required_cluster.count() > 1) {
    require(!given || same(shape.cluster, code.required_cluster), CUDA_ERROR_INVALID_CLUSTER_SIZE);
    shape.cluster = code.required_cluster;
  } else if (!given) {
    require(!code.clustered, CUDA_ERROR_INVALID_CLUSTER_SIZE);  // .explicitcluster
    shape.cluster = {};
  }
  const Dim &grid = shape.grid, &cluster = shape.cluster;
  require(grid.x % cluster.x == 0 && grid.y % cluster.y == 0 && grid.z % cluster.z == 0);
  if (cluster.count() == 1) return;
  require(facts().capability >= 90, CUDA_ERROR_NOT_SUPPORTED);
  require(cluster.count() <= static_cast<unsigned>(function.nonportable_cluster ? kLargestCluster : kPortableCluster),
          CUDA_ERROR_INVALID_CLUSTER_SIZE);
}

void check_shape(const Function& function, LaunchShape& shape) {
  const sim::Function& code = *function.code;
  const auto within = [](uint32_t n, uint32_t most) { require(n >= 1 && n <= most); };
  within(shape.grid.x, 0x7fffffff);
  within(shape.grid.y, 65535);
  within(shape.grid.z, 65535);
  within(shape.block.x, 1024);
  within(shape.block.y, 1024);
  within(shape.block.z, 64);
  const uint64_t threads = shape.block.count();
  require(threads <= static_cast<unsigned>(most_threads(code)));
  require(shape.dynamic_shared <= static_cast<unsigned>(function.max_dynamic_shared));
  check_cluster(function, shape);
  const int resident = resident_blocks(code, static_cast<int>(threads), shape.dynamic_shared);
  require(resident > 0, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  if (shape.cooperative)
    require(shape.grid.count() <= static_cast<uint64_t>(resident * facts().multiprocessors),
            CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
}

// The parameters' bytes, from pointers to each or from one buffer (extra: 1, buffer, 2, pointer to its size, 0).
std::vector<std::byte> pack(const sim::Function& info, void** parameters, void** extra) {
  std::vector<std::byte> bytes(info.parameter_bytes);
  if (extra) {
    require(!parameters);
    const void* buffer = nullptr;
    size_t size = 0;
    for (; *extra; extra += 2) {
      const auto what = reinterpret_cast<uintptr_t>(*extra);
      require(what == 1 || what == 2);
      if (what == 1)
        buffer = extra[1];
      else
        size = *static_cast<const size_t*>(extra[1]);
    }
    require(size >= info.parameter_bytes && (buffer || size == 0));
    if (!bytes.empty()) std::memcpy(bytes.data(), buffer, bytes.size());
    return bytes;
  }
  require(info.parameters.empty() || parameters);
  for (size_t i = 0; i < info.parameters.size(); ++i) {
    require(parameters[i] != nullptr);
    std::memcpy(bytes.data() + info.parameters[i].offset, parameters[i], info.parameters[i].bytes);
  }
  return bytes;
}

std::shared_ptr<KernelWork> prepare(CUfunction handle, LaunchShape shape, void** parameters, void** extra) {
  Function& function = state().functions.get(handle);
  check_shape(function, shape);
  return std::make_shared<KernelWork>(function, shape, pack(*function.code, parameters, extra));
}

void launch(CUfunction function, const LaunchShape& shape, CUstream handle, void** parameters, void** extra) {
  Stream& stream = stream_of(handle);
  auto work = prepare(function, shape, parameters, extra);
  require(work->context() == stream.context, CUDA_ERROR_INVALID_HANDLE);
  submit(stream, std::move(work));
}

std::string described(const LaunchShape& shape) {
  const auto triple = [](const Dim& n) {
    return std::to_string(n.x) + "x" + std::to_string(n.y) + "x" + std::to_string(n.z);
  };
  return "grid " + triple(shape.grid) + ", block " + triple(shape.block);
}

CUresult code_of(Fault fault) {
  switch (fault) {
    case Fault::kNone: return CUDA_SUCCESS;
    case Fault::kIllegalAddress: return CUDA_ERROR_ILLEGAL_ADDRESS;
    case Fault::kMisalignedAddress: return CUDA_ERROR_MISALIGNED_ADDRESS;
    case Fault::kIllegalInstruction: return CUDA_ERROR_ILLEGAL_INSTRUCTION;
    case Fault::kInvalidAddressSpace: return CUDA_ERROR_INVALID_ADDRESS_SPACE;
    case Fault::kAssert: return CUDA_ERROR_ASSERT;
    case Fault::kTrap: return CUDA_ERROR_LAUNCH_FAILED;
    case Fault::kDeadlock:
    case Fault::kEndless: return CUDA_ERROR_LAUNCH_TIMEOUT;
  }
  return CUDA_ERROR_LAUNCH_FAILED;
}

// What the checker has found, a line each, which also go to standard error: who runs a test wants to see them.
std::string reported(Checker& checker) {
  std::string lines;
  for (const Checker::Report& it : checker.take()) {
    const std::string line = it.text + " (" + std::to_string(it.count) + " times)";
    std::fprintf(stderr, "cudasim: %s\n", line.c_str());
    lines += "\n  " + line;
  }
  return lines;
}

// SINTER_SIM_PROFILE: written when the process ends, unless it is only to be read.
struct ProfileFile {
  Profile profile;
  std::string path;
  ~ProfileFile() {
    if (!path.empty() && !profile.empty()) std::ofstream(path) << profile.json();
  }
};

ProfileFile& profile_file() {
  static ProfileFile file;
  return file;
}

Profile* profile() {
  const std::string& setting = state().settings.profile;
  if (setting.empty()) return nullptr;
  if (setting != "on") profile_file().path = setting;
  return &profile_file().profile;
}

// SINTER_SIM_COVERAGE
Coverage* coverage() {
  static std::unique_ptr<Coverage> made;
  static std::string folder;
  const std::string& setting = state().settings.coverage;
  if (setting != folder) {
    folder = setting;
    made = folder.empty() ? nullptr : std::make_unique<Coverage>(folder);
  }
  return made.get();
}

unsigned workers() {
  const int wanted = state().settings.workers;
  return wanted ? static_cast<unsigned>(wanted) : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

std::string take_profile(bool reset) {
  Profile& it = profile_file().profile;
  std::string text = it.json();
  if (reset) it.reset();
  return text;
}

KernelWork::KernelWork(Function& function, const LaunchShape& shape, std::vector<std::byte> parameters)
    : Work(WorkKind::kKernel), shape(shape), function_(function.shared_from_this()), program_(function.module->program),
      context_(function.module->context), parameters_(std::move(parameters)) {
  for (const Allocation* variable : function.module->variables) variables_.push_back(variable->address);
}

Outcome KernelWork::run(Context& context) {
  State& all = state();
  Device& device = *context.device;
  const std::string& name = function_->code->name;
  ++all.launches;
  ++all.launched[name];
  if (State::due(all.settings.lose_after)) {
    device.lost = true;
    return {CUDA_ERROR_UNKNOWN, "the device was set to be lost with this launch, of " + name};
  }
  Launch launch;
  launch.grid = shape.grid;
  launch.block = shape.block;
  launch.cluster = shape.cluster;
  launch.clustered = shape.clustered;
  launch.dynamic_shared = shape.dynamic_shared;
  launch.parameters = parameters_.data();
  launch.variables = variables_;
  launch.seed = all.random_seed();
  launch.workers = workers();
  launch.cooperative = shape.cooperative;
  launch.grid_id = all.launches;
  launch.budget = all.settings.budget;
  Coverage* const covered = coverage();
  launch.counted = covered != nullptr;
  static Checker checker;
  const bool checked = all.settings.check;
  const LaunchResult result =
      execute(*program_, *function_->code, launch, device.memory, checked ? &checker : nullptr, profile());
  if (covered && result.fault == Fault::kNone) covered->add(*program_, *function_->code, result.counts);
  const std::string reports = reported(checker);
  if (result.fault != Fault::kNone)
    return {code_of(result.fault), name + " (" + described(shape) + "): " + result.message + reports};
  // A device would have gone on; a test must not.
  if (!reports.empty()) return {CUDA_ERROR_LAUNCH_FAILED, name + " (" + described(shape) + "):" + reports};
  return {};
}

void KernelWork::describe(CUDA_KERNEL_NODE_PARAMS& out) {
  out = {};
  out.func = function_.get();
  out.gridDimX = shape.grid.x, out.gridDimY = shape.grid.y, out.gridDimZ = shape.grid.z;
  out.blockDimX = shape.block.x, out.blockDimY = shape.block.y, out.blockDimZ = shape.block.z;
  out.sharedMemBytes = shape.dynamic_shared;
  pointers_.clear();
  for (const auto& parameter : function_->code->parameters) pointers_.push_back(parameters_.data() + parameter.offset);
  out.kernelParams = pointers_.data();
  out.ctx = const_cast<Context*>(context_);
}

std::shared_ptr<KernelWork> make_kernel_work(const CUDA_KERNEL_NODE_PARAMS& it, const LaunchShape& like) {
  const LaunchShape shape{{it.gridDimX, it.gridDimY, it.gridDimZ},
                          {it.blockDimX, it.blockDimY, it.blockDimZ},
                          like.cluster,
                          it.sharedMemBytes,
                          like.cooperative,
                          like.clustered};
  return prepare(it.func, shape, it.kernelParams, it.extra);
}

CUresult cuLaunchKernel(CUfunction function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                        unsigned bz, unsigned dynamic, CUstream stream, void** parameters, void** extra) {
  return entry([&] {
    const LaunchShape shape{{gx, gy, gz}, {bx, by, bz}, {0, 0, 0}, dynamic, false};
    launch(function, shape, stream, parameters, extra);
  });
}

CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** parameters, void** extra) {
  return entry([&] {
    require(config != nullptr);
    LaunchShape shape{{config->gridDimX, config->gridDimY, config->gridDimZ},
                      {config->blockDimX, config->blockDimY, config->blockDimZ},
                      {0, 0, 0},
                      config->sharedMemBytes,
                      false};
    read_attributes(*config, shape);
    launch(function, shape, config->hStream, parameters, extra);
  });
}

CUresult cuLaunchCooperativeKernel(CUfunction function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                                   unsigned bz, unsigned dynamic, CUstream stream, void** parameters) {
  return entry([&] {
    const LaunchShape shape{{gx, gy, gz}, {bx, by, bz}, {0, 0, 0}, dynamic, true};
    launch(function, shape, stream, parameters, nullptr);
  });
}

}  // namespace sinter::sim::driver
