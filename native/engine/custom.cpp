#include "engine/custom.h"

#include <dlfcn.h>

#include <deque>
#include <map>
#include <mutex>

#include "engine/error.h"
#include "include/sinter_operator.h"

namespace sinter {

namespace {

struct CustomOp {
  std::string name;
  OpInfo info;
  sinter_kernel kernel;
};

// Entries are never removed: libraries stay loaded, and a deque never moves what it holds.
struct Registry {
  std::mutex mutex;
  std::deque<CustomOp> ops;
  std::map<std::string, std::vector<CustomInfo>> libraries;
};

Registry& registry() {
  static Registry* r = new Registry;  // leaked: environments may close after exit handlers ran
  return *r;
}

const CustomOp* find(int opcode) {
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  const auto i = static_cast<size_t>(opcode - kFirstCustom);
  return opcode >= kFirstCustom && i < r.ops.size() ? &r.ops[i] : nullptr;
}

struct Context {
  const Call* call;
  const Backend* backend;
};

void* scratch(const sinter_call* call, size_t bytes) {
  try {
    return static_cast<Context*>(call->context)->call->scratch(bytes);
  } catch (const Error&) {
    return nullptr;  // C code cannot be thrown through
  }
}

void parallel(const sinter_call* call, int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* state) {
  static_cast<Context*>(call->context)->backend->parallel(n, grain, body, state);
}

sinter_tensor describe(const TensorRef& t) {
  return {t.data, t.numel, t.dims, t.strides, t.rank, static_cast<int32_t>(t.dtype)};
}

}  // namespace

std::vector<CustomInfo> load_operators(const std::string& path) {
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  if (const auto known = r.libraries.find(path); known != r.libraries.end()) return known->second;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) fail(ErrorCode::unsupported, "cannot open the operator library: %s", dlerror());
  auto* entry = reinterpret_cast<const sinter_operator_list* (*)()>(dlsym(library, "sinter_operators"));
  if (!entry)
    fail(ErrorCode::unsupported, "%s has no sinter_operators; see sinter_operator.h, SINTER_EXPORT_OPERATORS",
         path.c_str());
  const sinter_operator_list* list = entry();
  if (!list || list->abi != SINTER_OPERATOR_ABI)
    fail(ErrorCode::unsupported, "%s was made for operator interface %u, this Sinter has %d; compile it again",
         path.c_str(), list ? list->abi : 0, SINTER_OPERATOR_ABI);
  std::vector<CustomInfo> infos;
  for (uint32_t i = 0; i < list->count; i++) {
    const sinter_operator& op = list->operators[i];
    if (!op.name || !op.kernel)
      fail(ErrorCode::unsupported, "%s: operator %u has no name or no kernel", path.c_str(), i);
    CustomOp& entry = r.ops.emplace_back(CustomOp{op.name, {}, op.kernel});
    entry.info = {entry.name.c_str(), 0, 0, (op.flags & SINTER_CONTIGUOUS) != 0};
    infos.push_back({entry.name, kFirstCustom + static_cast<int>(r.ops.size()) - 1});
  }
  r.libraries.emplace(path, infos);
  return infos;
}

const OpInfo* custom_info(int opcode) {
  const CustomOp* op = find(opcode);
  return op ? &op->info : nullptr;
}

void run_custom(int opcode, const Call& call, const Backend& backend) {
  std::vector<sinter_tensor> tensors;
  tensors.reserve(static_cast<size_t>(call.nin + call.nout));
  for (int i = 0; i < call.nin; i++) tensors.push_back(describe(call.in[i]));
  for (int i = 0; i < call.nout; i++) tensors.push_back(describe(call.out[i]));
  Context context{&call, &backend};
  const sinter_call c{
      tensors.data(), tensors.data() + call.nin, call.attr, call.nin, call.nout, call.nattr, scratch, parallel,
      &context};
  const CustomOp* op = find(opcode);
  if (const char* message = op->kernel(&c)) fail(ErrorCode::kernel, "%s: %s", op->name.c_str(), message);
}

}  // namespace sinter
