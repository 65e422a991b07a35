// A stand-in for cuDNN, for tests of the code that calls it. Place in the whole: build/cuda/libcudnnsim.so; exports what
// cuda/vendor/cudnn.def names over whatever driver SINTER_CUDA_DRIVER names.
//
// Descriptors are checked as descriptor.cpp says, graphs as compute.cpp does; a plan is executed on the host, in double, when the stream
// has come to it. Each graph has five engines: one that is not deterministic, one on tensor cores, one that sums in less than f32, one on
// tensor cores that wants 64 KiB of work memory, which it writes all over, one without any of that. An engine fails where an operand is
// less aligned than its tensor says.
//
// CUDNNSIM_REFUSE=graph, heuristics, plan or execute: fails there. CUDNNSIM_SAY=1: says on standard error which engine computed what.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

#include "test/cuda/cudnn/compute.h"

namespace {

using namespace cudnnsim;
using A = DnnAttribute;

struct Handle {
  CUstream stream = nullptr;
};
std::set<const void*>& handles() {
  static auto& all = *new std::set<const void*>;
  return all;
}
Handle* known_handle(DnnHandle handle) { return handles().count(handle) ? reinterpret_cast<Handle*>(handle) : nullptr; }

std::string& last_error() {
  static auto& text = *new std::string;
  return text;
}
DnnStatus noted(const char* function, DnnStatus status) {
  if (status != DnnStatus::success) last_error() = function;
  return status;
}

bool planted(const char* stage) {
  const char* wish = std::getenv("CUDNNSIM_REFUSE");
  return wish && std::strcmp(wish, stage) == 0;
}

struct Engine {
  std::vector<DnnNote> notes;
  int64_t workspace;
};
const std::vector<Engine>& engines() {
  static const auto& all = *new std::vector<Engine>{{{DnnNote::not_deterministic}, 0},
                                                    {{DnnNote::tensor_core}, 0},
                                                    {{DnnNote::tensor_core, DnnNote::narrows_sums}, 0},
                                                    {{DnnNote::tensor_core, DnnNote::strict_nan}, int64_t{64} << 10},
                                                    {{}, 0}};
  return all;
}

// What the library fills in stands under numbers that callers cannot set.
constexpr auto kEngineNumber = static_cast<A>(-1), kEngineGraph = static_cast<A>(-2);
void fill(Descriptor* d, int64_t engine, const Descriptor* graph) {
  const auto put = [&](A name, const void* value) {
    const auto* bytes = static_cast<const std::byte*>(value);
    d->attributes[name] = {DnnValue::i64, 1, {bytes, bytes + 8}};
  };
  put(kEngineNumber, &engine);
  put(kEngineGraph, &graph);
  d->finished = true;
}

DnnStatus finish_kind(Descriptor* d) {
  if (d->kind == DnnKind::graph) {
    if (!known_handle(d->value<DnnHandle>(A::graph_handle))) return refused("a graph without a handle");
    if (planted("graph")) return DnnStatus::not_supported;
    return check_graph(*d);
  }
  if (d->kind == DnnKind::heuristics && planted("heuristics")) return DnnStatus::not_supported;
  if (d->kind == DnnKind::plan) {
    if (!known_handle(d->value<DnnHandle>(A::plan_handle))) return refused("a plan without a handle");
    if (planted("plan")) return DnnStatus::not_supported;
  }
  if (d->kind == DnnKind::variant_pack && d->count(A::pack_ids) != d->count(A::pack_pointers))
    return refused("a variant pack with more numbers than pointers, or fewer");
  return DnnStatus::success;
}

DnnStatus results(const Descriptor& heuristics, int64_t asked, int64_t* count, DnnDescriptor* configs) {
  *count = 0;
  if (heuristics.value<DnnHeuristic>(A::heuristics_mode) != DnnHeuristic::best) return DnnStatus::success;
  for (size_t i = 0; i < engines().size() && *count < asked; i++) {
    Descriptor* config = known(configs[*count]);
    if (!config || config->kind != DnnKind::engine_config) return refused("results are asked for in what is none");
    fill(config, static_cast<int64_t>(i), &heuristics.at(A::heuristics_graph));
    ++*count;
  }
  return DnnStatus::success;
}

// What the operations' tensors lie at, by their numbers, is there and as aligned as they say.
bool is_aligned(const Descriptor& graph, const std::map<int64_t, void*>& pointers) {
  for (int64_t i = 0; i < graph.count(A::graph_operations); i++)
    for (const auto& [name, attribute] : graph.at(A::graph_operations, i).attributes) {
      if (attribute.type != DnnValue::descriptor) continue;
      const Descriptor& tensor = graph.at(A::graph_operations, i).at(name);
      if (tensor.kind != DnnKind::tensor || tensor.has(A::tensor_is_virtual)) continue;
      const auto found = pointers.find(tensor.value<int64_t>(A::tensor_id));
      if (found == pointers.end() || !found->second) return false;
      if (reinterpret_cast<uintptr_t>(found->second) % tensor.value<uint64_t>(A::tensor_alignment)) return false;
    }
  return true;
}

DnnStatus execute(DnnHandle handle, const Descriptor& plan, const Descriptor& pack) {
  const Descriptor& config = plan.at(A::plan_config);
  const Descriptor& graph = config.at(kEngineGraph);
  const auto number = config.value<int64_t>(kEngineNumber);
  const Engine& engine = engines()[static_cast<size_t>(number)];
  standin::DeviceWork work(known_handle(handle)->stream);
  if (work.recorded())
    return refused("this stand-in computes on the host, so it cannot be recorded", DnnStatus::not_supported);
  std::map<int64_t, void*> pointers;
  for (int64_t i = 0; i < pack.count(A::pack_ids); i++)
    pointers[pack.values<int64_t>(A::pack_ids)[i]] = pack.values<void*>(A::pack_pointers)[i];
  if (!is_aligned(graph, pointers)) return refused("an operand is not there, or less aligned than was promised");
  auto* workspace = pack.value<void*>(A::pack_workspace);
  if (engine.workspace && !workspace) return refused("no work memory");
  if (planted("execute")) return DnnStatus::execution_failed;
  work.scribble(workspace, static_cast<size_t>(engine.workspace));
  if (std::getenv("CUDNNSIM_SAY"))
    std::fprintf(stderr, "cudnnsim: engine %lld computed %lld operations\n", static_cast<long long>(number),
                 static_cast<long long>(graph.count(A::graph_operations)));
  return compute(graph, pointers, work);
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT size_t cudnnGetVersion() { return 92400; }
EXPORT void cudnnGetLastErrorString(char* message, size_t size) {
  if (size) std::snprintf(message, size, "%s", last_error().c_str());
}

EXPORT DnnStatus cudnnCreate(DnnHandle* handle) {
  if (!handle) return DnnStatus::bad_param;
  auto* made = new Handle;
  handles().insert(made);
  *handle = reinterpret_cast<DnnHandle>(made);
  return DnnStatus::success;
}
EXPORT DnnStatus cudnnSetStream(DnnHandle handle, CUstream stream) {
  Handle* h = known_handle(handle);
  if (!h) return DnnStatus::bad_param;
  h->stream = stream;
  return DnnStatus::success;
}

EXPORT DnnStatus cudnnBackendCreateDescriptor(DnnKind kind, DnnDescriptor* descriptor) {
  return noted("cudnnBackendCreateDescriptor", create(kind, descriptor));
}
EXPORT DnnStatus cudnnBackendDestroyDescriptor(DnnDescriptor descriptor) {
  return noted("cudnnBackendDestroyDescriptor", destroy(descriptor));
}
EXPORT DnnStatus cudnnBackendSetAttribute(DnnDescriptor descriptor, DnnAttribute name, DnnValue type, int64_t count,
                                          const void* values) {
  return noted("cudnnBackendSetAttribute", set(descriptor, name, type, count, values));
}
EXPORT DnnStatus cudnnBackendFinalize(DnnDescriptor descriptor) {
  DnnStatus status = finish(descriptor);
  if (status == DnnStatus::success) status = finish_kind(known(descriptor));
  if (status != DnnStatus::success && known(descriptor)) known(descriptor)->finished = false;
  return noted("cudnnBackendFinalize", status);
}
EXPORT DnnStatus cudnnBackendGetAttribute(DnnDescriptor descriptor, DnnAttribute name, DnnValue type, int64_t asked,
                                          int64_t* count, void* values) {
  const Descriptor* d = known(descriptor);
  if (!d || !d->finished || !count || !values) return refused("an attribute is asked for of what is not finished");
  if (d->kind == DnnKind::heuristics && name == A::heuristics_results && type == DnnValue::descriptor)
    return results(*d, asked, count, static_cast<DnnDescriptor*>(values));
  if (d->kind == DnnKind::engine_config && name == A::config_engine && type == DnnValue::descriptor) {
    Descriptor* engine = known(*static_cast<DnnDescriptor*>(values));
    if (!engine || engine->kind != DnnKind::engine) return refused("an engine is asked for in what is none");
    fill(engine, d->value<int64_t>(kEngineNumber), &d->at(kEngineGraph));
    *count = 1;
    return DnnStatus::success;
  }
  if (d->kind == DnnKind::engine && name == A::engine_notes && type == DnnValue::numerical_note) {
    const std::vector<DnnNote>& notes = engines()[static_cast<size_t>(d->value<int64_t>(kEngineNumber))].notes;
    *count = static_cast<int64_t>(notes.size());
    if (!notes.empty())
      std::memcpy(values, notes.data(), static_cast<size_t>(std::min(asked, *count)) * sizeof(DnnNote));
    return DnnStatus::success;
  }
  if (d->kind == DnnKind::plan && name == A::plan_workspace && type == DnnValue::i64) {
    const auto engine = d->at(A::plan_config).value<int64_t>(kEngineNumber);
    *static_cast<int64_t*>(values) = engines()[static_cast<size_t>(engine)].workspace;
    *count = 1;
    return DnnStatus::success;
  }
  return noted("cudnnBackendGetAttribute", refused("an attribute is asked for that is not known here"));
}
EXPORT DnnStatus cudnnBackendExecute(DnnHandle handle, DnnDescriptor plan, DnnDescriptor pack) {
  const Descriptor *p = known(plan), *v = known(pack);
  if (!known_handle(handle) || !p || !v || !p->finished || !v->finished || p->kind != DnnKind::plan ||
      v->kind != DnnKind::variant_pack)
    return noted("cudnnBackendExecute", refused("a plan is executed that is none"));
  return noted("cudnnBackendExecute", execute(handle, *p, *v));
}
