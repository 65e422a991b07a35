#include "cuda/vendor/cudnn.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "cuda/runtime/library.h"
#include "cuda/runtime/queue.h"
#include "cuda/vendor/dnn_graph.h"
#include "cuda/vendor/handles.h"
#include "engine/error.h"

namespace sinter::cuda {

namespace {

DnnLibrary open_dnn() {
  Library library = open_library("SINTER_CUDNN", {"libcudnn.so.9"});
  DnnLibrary dnn;
#define DNN(member, symbol, result, parameters) \
  dnn.member = reinterpret_cast<decltype(dnn.member)>(find_symbol(library, #symbol));
#include "cuda/vendor/cudnn.def"
#undef DNN
  dnn.missing = library.missing;
  if (dnn.missing.empty()) dnn.version = dnn.get_version();
  return dnn;
}

SaysOnce say_once;

// A descriptor that is destroyed with its holder.
class Held {
 public:
  Held(const DnnLibrary& dnn, DnnKind kind) : dnn_(&dnn) { status_ = dnn.make(kind, &descriptor_); }
  ~Held() {
    if (descriptor_) dnn_->destroy(descriptor_);
  }
  Held(Held&& other) noexcept : dnn_(other.dnn_), status_(other.status_), descriptor_(other.descriptor_) {
    other.descriptor_ = nullptr;
  }
  Held& operator=(Held&&) = delete;

  DnnDescriptor get() const { return descriptor_; }
  DnnStatus status() const { return status_; }
  void set(DnnAttribute attribute, DnnValue type, int64_t count, const void* values) {
    note([&] { return dnn_->set(descriptor_, attribute, type, count, values); });
  }
  void finish() {
    note([&] { return dnn_->finalize(descriptor_); });
  }

 private:
  template <class F>
  void note(F call) {
    if (status_ == DnnStatus::success) status_ = call();
  }

  const DnnLibrary* dnn_;
  DnnStatus status_;
  DnnDescriptor descriptor_ = nullptr;
};

// An engine for a graph. Its plan is made when it is first wanted, which may compile kernels.
struct Engine {
  Held config;
  std::unique_ptr<Held> plan;
  int64_t workspace = 0;
  bool failed = false;
};

// A task that came before. Graph and heuristics stay, as what is made of them may refer to them.
struct Known {
  std::unique_ptr<DnnGraph> graph;
  std::unique_ptr<Held> operations, heuristics;
  std::vector<Engine> engines;  // none: not asked again
};

// Whether an engine that does this to numbers keeps our promises. Tensor cores have no f32: they round it to tf32.
bool keeps_promises(DnnNote note, bool f32) {
  switch (note) {
    case DnnNote::tensor_core: return !f32;
    case DnnNote::strict_nan: return true;
    default: return false;
  }
}

constexpr int kMostConfigs = 64;  // that are looked at
constexpr int kMostNotes = 16;

bool is_welcome(const DnnLibrary& dnn, const Held& config, bool f32) {
  const Held engine(dnn, DnnKind::engine);
  DnnDescriptor filled = engine.get();
  int64_t count = 0;
  if (engine.status() != DnnStatus::success || dnn.get(config.get(), DnnAttribute::config_engine, DnnValue::descriptor,
                                                       1, &count, &filled) != DnnStatus::success)
    return false;
  DnnNote notes[kMostNotes];
  if (dnn.get(engine.get(), DnnAttribute::engine_notes, DnnValue::numerical_note, kMostNotes, &count, notes) !=
      DnnStatus::success)
    return false;
  return std::all_of(notes, notes + std::min<int64_t>(count, kMostNotes),
                     [&](DnnNote note) { return keeps_promises(note, f32); });
}

// The library's engines for the graph, best first.
void find_engines(const DnnLibrary& dnn, DnnHeuristic mode, bool f32, Known* known) {
  known->heuristics = std::make_unique<Held>(dnn, DnnKind::heuristics);
  Held& heuristics = *known->heuristics;
  DnnDescriptor graph = known->operations->get();
  heuristics.set(DnnAttribute::heuristics_graph, DnnValue::descriptor, 1, &graph);
  heuristics.set(DnnAttribute::heuristics_mode, DnnValue::heuristic_mode, 1, &mode);
  heuristics.finish();
  if (heuristics.status() != DnnStatus::success) return;
  std::vector<Held> configs;
  std::vector<DnnDescriptor> filled;
  for (int i = 0; i < kMostConfigs; i++) {
    configs.emplace_back(dnn, DnnKind::engine_config);
    if (configs.back().status() != DnnStatus::success) return;
    filled.push_back(configs.back().get());
  }
  int64_t count = 0;
  if (dnn.get(heuristics.get(), DnnAttribute::heuristics_results, DnnValue::descriptor, kMostConfigs, &count,
              filled.data()) != DnnStatus::success)
    return;
  for (int64_t i = 0; i < std::min<int64_t>(count, kMostConfigs); i++)
    if (static_cast<int>(known->engines.size()) < kVendorAlgorithms &&
        is_welcome(dnn, configs[static_cast<size_t>(i)], f32))
      known->engines.push_back({std::move(configs[static_cast<size_t>(i)]), nullptr});
}

// `why`: what the library says where it does not take the task.
Known learn(const DnnLibrary& dnn, DnnHandle handle, const DnnTask& task, std::string* why) {
  Known known;
  known.graph = std::make_unique<DnnGraph>(dnn);
  task.describe(*known.graph);
  const auto refused = [&](DnnStatus status, const char* what) {
    char message[200] = "";
    dnn.last_error(message, sizeof message);
    *why =
        std::string(what) + ", status " + std::to_string(static_cast<int>(status)) + (*message ? ", " : "") + message;
  };
  if (known.graph->status() != DnnStatus::success) {
    *why = known.graph->what() + ", status " + std::to_string(static_cast<int>(known.graph->status()));
    return known;
  }
  known.operations = std::make_unique<Held>(dnn, DnnKind::graph);
  Held& operations = *known.operations;
  operations.set(DnnAttribute::graph_handle, DnnValue::handle, 1, &handle);
  const std::vector<DnnDescriptor>& list = known.graph->operations();
  operations.set(DnnAttribute::graph_operations, DnnValue::descriptor, static_cast<int64_t>(list.size()), list.data());
  operations.finish();
  if (operations.status() != DnnStatus::success) {
    refused(operations.status(), "its graph");
    return known;
  }
  for (const DnnHeuristic mode : {DnnHeuristic::best, DnnHeuristic::fallback})
    if (known.engines.empty()) find_engines(dnn, mode, task.f32, &known);
  if (known.engines.empty()) refused(DnnStatus::not_supported, "no engine for it");
  return known;
}

// Makes the engine's plan. False: it does not take the graph after all, or wants too much memory.
bool prepare(const DnnLibrary& dnn, DnnHandle handle, size_t most_workspace, Engine* engine) {
  if (engine->plan || engine->failed) return !engine->failed;
  auto plan = std::make_unique<Held>(dnn, DnnKind::plan);
  DnnDescriptor config = engine->config.get();
  plan->set(DnnAttribute::plan_handle, DnnValue::handle, 1, &handle);
  plan->set(DnnAttribute::plan_config, DnnValue::descriptor, 1, &config);
  plan->finish();
  int64_t count = 0;
  engine->failed = plan->status() != DnnStatus::success ||
                   dnn.get(plan->get(), DnnAttribute::plan_workspace, DnnValue::i64, 1, &count, &engine->workspace) !=
                       DnnStatus::success ||
                   engine->workspace > static_cast<int64_t>(most_workspace);
  if (!engine->failed) engine->plan = std::move(plan);
  return !engine->failed;
}

struct Key {
  VendorTask name;
  std::array<int64_t, 24> layout;
  bool f32;
  bool operator==(const Key&) const = default;
};
struct Hash {
  size_t operator()(const Key& key) const {
    VendorHash hash;
    hash.add(key.name);
    for (const int64_t word : key.layout) hash.add(word);
    hash.add(key.f32);
    return hash.value();
  }
};

// Handles, and the tasks that came before.
struct State {
  std::mutex mutex;
  Handles<DnnHandle, DnnStatus> handles;
  std::unordered_map<Key, Known, Hash> known;
};
State& state() {
  static State& all = *new State;
  return all;
}
// Plans hold kernels that may be running, so none is ever given up: with more tasks than these the others are our kernels'.
constexpr size_t kMostKnown = 4096;

void say_refused(const DnnLibrary& dnn, const DnnTask& task, const std::string& why) {
  say_once("cuDNN " + std::to_string(dnn.version) + " did not take " + task.words() + " (" + why +
           "): kernels of sinter compute it, and what else it refuses (this is said once); cuda.vendorLibraries = "
           "'off' leaves the library alone");
}

DnnStatus execute(const DnnLibrary& dnn, DnnHandle handle, const Engine& engine, const void* const* pointers, int count,
                  void* workspace, CUstream stream) {
  std::vector<int64_t> ids;
  for (int i = 0; i < count; i++) ids.push_back(i + 1);
  Held pack(dnn, DnnKind::variant_pack);
  pack.set(DnnAttribute::pack_ids, DnnValue::i64, count, ids.data());
  pack.set(DnnAttribute::pack_pointers, DnnValue::pointer, count, pointers);
  pack.set(DnnAttribute::pack_workspace, DnnValue::pointer, 1, &workspace);
  pack.finish();
  if (pack.status() != DnnStatus::success) return pack.status();
  const DnnStatus status = dnn.set_stream(handle, stream);
  return status == DnnStatus::success ? dnn.execute(handle, engine.plan->get(), pack.get()) : status;
}

}  // namespace

const DnnLibrary& dnn_library() {
  static const DnnLibrary& library = *new DnnLibrary(open_dnn());  // never closed
  return library;
}

bool dnn_run(const Call& call, const DnnTask& task, const void* const* pointers, int count, int engine, int* engines) {
  *engines = 0;
  const DnnLibrary& dnn = dnn_library();
  if (!dnn.missing.empty()) {
    say_once("cuDNN is not here (" + dnn.missing + "): kernels of sinter compute convolutions and attention");
    return false;
  }
  Queue& queue = static_cast<Queue&>(*call.queue);
  queue.device().make_current();
  State& all = state();
  // Held to the end: a handle has one stream at a time.
  const std::lock_guard lock(all.mutex);
  const Key key{task.name, task.layout, task.f32};
  DnnStatus status = DnnStatus::success;
  DnnHandle handle = all.handles.of(dnn, task.name.device, &status);
  auto found = all.known.find(key);
  if (found == all.known.end()) {
    if (all.known.size() >= kMostKnown) return false;
    std::string why = "no handle, status " + std::to_string(static_cast<int>(status));
    found = all.known.emplace(key, handle ? learn(dnn, handle, task, &why) : Known{}).first;
    if (found->second.engines.empty()) say_refused(dnn, task, why);
  }
  Known& known = found->second;
  if (known.engines.empty()) return false;
  *engines = static_cast<int>(known.engines.size());
  Engine* chosen = &known.engines[static_cast<size_t>(engine < *engines ? engine : 0)];
  if (!prepare(dnn, handle, task.most_workspace, chosen)) {
    // The first that can; an engine that was asked for by its number is not another one in silence.
    if (engine != 0) return false;
    chosen = nullptr;
    for (Engine& other : known.engines)
      if (prepare(dnn, handle, task.most_workspace, &other)) {
        chosen = &other;
        break;
      }
    if (!chosen) {
      known.engines.clear();
      say_refused(dnn, task, "no engine has a plan");
      return false;
    }
  }
  void* workspace = nullptr;
  if (chosen->workspace) {
    try {
      workspace = call.scratch(static_cast<size_t>(chosen->workspace));
    } catch (const Error& error) {
      if (error.code != ErrorCode::out_of_memory) throw;
      return false;  // our kernels take less
    }
  }
  status = execute(dnn, handle, *chosen, pointers, count, workspace, queue.stream());
  if (status == DnnStatus::success) return true;
  chosen->failed = true;
  say_refused(dnn, task, "status " + std::to_string(static_cast<int>(status)) + " when it was to run");
  return false;
}

}  // namespace sinter::cuda
