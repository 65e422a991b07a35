#include "engine/backend.h"

#include "engine/custom.h"

namespace sinter {

namespace {

struct Table {
  OpInfo info[kMaxOpcode] = {};
  Table() {
#define OP(name, code, group, mutates, contiguous) info[code] = {#name, group, mutates, contiguous};
#include "ops.def"
#undef OP
  }
};

const Backend* reference = nullptr;

}  // namespace

const OpInfo& op_info(int opcode) {
  static const Table table;
  static const OpInfo none{};
  if (opcode >= 0 && opcode < kMaxOpcode) return table.info[opcode];
  const OpInfo* custom = custom_info(opcode);
  return custom ? *custom : none;
}

const Backend* reference_backend() { return reference; }
void set_reference_backend(const Backend* backend) { reference = backend; }

}  // namespace sinter
