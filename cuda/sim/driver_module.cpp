// Modules: PTX is found in the image, parsed once for all modules of the same text, and its variables get memory of their own.
#include <algorithm>
#include <chrono>
#include <cstring>

#include "device_memory.h"
#include "fatbin.h"
#include "graph.h"

namespace sinter::sim::driver {

namespace {

// Options of cuModuleLoadDataEx that the simulator acts upon; the others tune code generation, of which there is none.
struct JitOptions {
  char* info = nullptr;
  char* error = nullptr;
  void** info_size = nullptr;
  void** error_size = nullptr;
  void** wall_time = nullptr;
};

JitOptions jit_options(unsigned count, const CUjit_option* options, void** values) {
  require(count == 0 || (options && values));
  JitOptions found;
  for (unsigned i = 0; i < count; ++i) {
    require(options[i] >= 0 && options[i] <= 34);
    switch (options[i]) {
      case 2: found.wall_time = &values[i]; break;
      case 3: found.info = static_cast<char*>(values[i]); break;
      case 4: found.info_size = &values[i]; break;
      case 5: found.error = static_cast<char*>(values[i]); break;
      case 6: found.error_size = &values[i]; break;
      default: break;
    }
  }
  return found;
}

// Fills a log's buffer as far as it goes, and says how far that was.
void write_log(char* buffer, void** size, const std::string& text) {
  if (!buffer || !size) return;
  const size_t room = reinterpret_cast<uintptr_t>(*size);
  if (room == 0) return;
  const size_t bytes = std::min(text.size(), room - 1);
  std::memcpy(buffer, text.data(), bytes);
  buffer[bytes] = 0;
  *size = reinterpret_cast<void*>(bytes + (text.empty() ? 0 : 1));
}

// .version that a driver of CUDA 13.0 or 12.x takes: PTX ISA, "Release Notes".
int newest_ptx(int driver) {
  constexpr int kTable[][2] = {{13000, 90}, {12090, 88}, {12080, 87}, {12070, 86}, {12050, 85},
                               {12040, 84}, {12030, 83}, {12020, 82}, {12010, 81}, {12000, 80}};
  for (const auto& [from, ptx] : kTable)
    if (driver >= from) return ptx;
  return 78;
}

// Programs are kept, a number of them: tests load the same text for every device, and again in every context.
std::shared_ptr<const Program> parsed(std::string_view ptx, std::string& log) {
  static auto* programs = new std::map<std::string, std::shared_ptr<const Program>, std::less<>>;
  const auto known = programs->find(ptx);
  if (known != programs->end()) return known->second;
  if (programs->size() >= 256) programs->clear();
  try {
    return programs->emplace(ptx, parse(ptx)).first->second;
  } catch (const ParseError& error) {
    log = std::string("PTX, ") + error.what();
    refuse(CUDA_ERROR_INVALID_PTX);
  }
}

std::shared_ptr<const Program> program_of(const void* data, std::string& log) {
  const int capability = state().settings.capability;
  std::string_view ptx;
  const auto refuse_with = [&](CUresult code, std::string why) {
    log = std::move(why);
    refuse(code);
  };
  switch (find_ptx(data, capability, ptx)) {
    case Found::kPtx: break;
    case Found::kNothing: refuse_with(CUDA_ERROR_INVALID_IMAGE, "the image is neither PTX nor a fatbin"); break;
    case Found::kNoDevice:
      refuse_with(CUDA_ERROR_NO_BINARY_FOR_GPU, "no PTX of the image runs on sm_" + std::to_string(capability));
      break;
    case Found::kCompressed:
      refuse_with(CUDA_ERROR_NO_BINARY_FOR_GPU,
                  "the fatbin's PTX is compressed, which the simulator does not read: build it with --no-compress");
      break;
    case Found::kBinaryOnly:
      refuse_with(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image has machine code only; the simulator executes PTX");
      break;
  }
  PtxHead head;
  read_head(ptx, head);
  const int newest = newest_ptx(state().settings.version);
  if (head.version > newest)
    refuse_with(CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                "PTX .version " + std::to_string(head.version / 10) + "." + std::to_string(head.version % 10) +
                    " is newer than this driver's " + std::to_string(newest / 10) + "." + std::to_string(newest % 10));
  return parsed(ptx, log);
}

void release_variables(Module& module) {
  Device& device = *module.context->device;
  for (Allocation* memory : module.variables) {
    device.used -= counted(memory->bytes);
    state().space.free(*memory);
  }
  module.variables.clear();
}

void make_variables(Module& module) {
  Device& device = *module.context->device;
  for (const Variable& variable : module.program->variables) {
    const std::string what = "variable " + variable.name + " of module " + std::to_string(module.id);
    const uint64_t bytes = std::max<uint64_t>(variable.bytes, 1);
    Allocation* memory = take_memory(device, counted(bytes))
                             ? state().space.allocate(device.ordinal, bytes, Allocation::Kind::kModule, what)
                             : nullptr;
    if (!memory) {
      release_variables(module);
      refuse(CUDA_ERROR_OUT_OF_MEMORY);
    }
    std::memset(memory->data, 0, bytes);
    std::copy(variable.initial.begin(), variable.initial.end(), memory->data);
    AddressSpace::mark_written(*memory, memory->address, memory->bytes);
    memory->read_only = variable.constant;
    module.variables.push_back(memory);
  }
}

void make_functions(Module& module) {
  for (const sim::Function& code : module.program->functions) {
    auto function = std::make_shared<Function>();
    function->module = &module;
    function->code = &code;
    function->max_dynamic_shared = std::max(0, 49152 - static_cast<int>(code.static_shared));
    module.functions[code.name] = function;
    state().functions.add(std::move(function));
  }
}

void load(CUmodule* handle, const void* data, std::string& log) {
  Context& context = current_context();
  require(handle && data);
  forbid_while_capturing();  // a real driver allocates and may wait to load
  auto module = std::make_shared<Module>();
  module->context = &context;
  module->id = state().fresh_id();
  module->program = program_of(data, log);
  make_variables(*module);
  make_functions(*module);
  *handle = state().modules.add(std::move(module));
}

}  // namespace

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return entry([&] {
    std::string log;
    load(module, image, log);
  });
}

CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, CUjit_option* options, void** values) {
  std::string log;
  JitOptions wanted;
  const auto start = std::chrono::steady_clock::now();
  const CUresult result = entry([&] {
    wanted = jit_options(count, options, values);
    load(module, image, log);
  });
  write_log(wanted.error, wanted.error_size, result ? log : "");
  write_log(wanted.info, wanted.info_size, result ? "" : log);
  if (wanted.wall_time) {
    const float milliseconds =
        std::chrono::duration<float, std::milli>(std::chrono::steady_clock::now() - start).count();
    std::memcpy(wanted.wall_time, &milliseconds, sizeof milliseconds);
  }
  return result;
}

CUresult cuModuleLoadFatBinary(CUmodule* module, const void* image) { return cuModuleLoadData(module, image); }

CUresult cuModuleUnload(CUmodule handle) {
  return entry(Needs::kDriver, [&] {
    Module& module = state().modules.get(handle);
    Context& context = *module.context;
    finish(context);  // launches in flight are of its functions
    release_variables(module);
    for (const auto& [name, function] : module.functions) state().functions.remove(*function);
    state().modules.remove(module);
    require(!context.error, context.error);
  });
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
  return entry([&] {
    const Module& module = state().modules.get(handle);
    require(function && name);
    const auto found = module.functions.find(name);
    require(found != module.functions.end(), CUDA_ERROR_NOT_FOUND);
    *function = found->second.get();
  });
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr* address, size_t* bytes, CUmodule handle, const char* name) {
  return entry([&] {
    const Module& module = state().modules.get(handle);
    require((address || bytes) && name);
    const auto& known = module.program->variables;
    const auto found = std::find_if(known.begin(), known.end(), [&](const Variable& it) { return it.name == name; });
    require(found != known.end(), CUDA_ERROR_NOT_FOUND);
    if (address) *address = module.variables[static_cast<size_t>(found - known.begin())]->address;
    if (bytes) *bytes = found->bytes;
  });
}

}  // namespace sinter::sim::driver
