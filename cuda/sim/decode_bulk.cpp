// Reads cp.async.bulk, cp.reduce.async.bulk and their .tensor forms, st.async and red.async.
#include <stdexcept>

#include "bulk.h"

namespace sinter::sim {

namespace bulk {
namespace {

Space take_space(Decoder& d) {
  const int space = d.take_any({"global", "shared::cluster", "shared::cta"});
  if (space < 0) d.fail("global, shared::cta or shared::cluster is missing");
  return space == 0 ? Space::kGlobal : Space::kShared;
}

// The spaces of target and source, in the order in which they are written.
void take_spaces(Decoder& d, Bulk& it) {
  const size_t global = d.mnemonic().find(".global"), shared = d.mnemonic().find(".shared::");
  if (global == std::string_view::npos) {  // between blocks
    if (!d.take("shared::cluster") || !d.take("shared::cta")) d.fail("shared::cluster.shared::cta is expected");
    it.to = it.from = Space::kShared;
    return;
  }
  take_space(d);
  if (!it.prefetch) take_space(d);
  it.to = it.prefetch || shared < global ? Space::kShared : Space::kGlobal;
  it.from = it.to == Space::kShared ? Space::kGlobal : Space::kShared;
}

void take_completion(Decoder& d, Bulk& it) {
  if (it.prefetch) return;
  it.has_bar = d.take("mbarrier::complete_tx::bytes");
  if (!it.has_bar && !d.take("bulk_group")) d.fail("mbarrier::complete_tx::bytes or bulk_group is missing");
  if (!it.has_bar && it.to == Space::kShared) d.fail("what goes to shared memory completes through an mbarrier");
}

void take_operation(Decoder& d, Bulk& it) {
  constexpr std::string_view kOperations[] = {"add", "min", "max", "inc", "dec", "and", "or", "xor"};
  for (const std::string_view operation : kOperations)
    if (d.take(operation)) it.operation = std::string(operation);
  if (it.operation.empty()) d.fail("an operation is missing");
  d.take("noftz");
}

// Slots of {a, b, ...}
std::vector<Slot> vector_of(Decoder& d, const ptx::Operand& operand, const Type& type) {
  std::vector<Slot> slots;
  if (operand.kind != ptx::Operand::Kind::kVector) return {d.source(operand, type)};
  for (const ptx::Operand& part : operand.parts) slots.push_back(d.source(part, type));
  return slots;
}

Reduction reduction_or_fail(Decoder& d, std::string_view operation, std::string_view type) {
  try {
    return parse_reduction(operation, type);
  } catch (const std::invalid_argument& error) {
    d.fail(error.what());
  }
}

bool decode_tensor(Decoder& d, std::shared_ptr<Bulk> it) {
  const int rank = d.take_any({"1d", "2d", "3d", "4d", "5d"});
  if (rank < 0) d.fail("1d to 5d is missing");
  it->rank = rank + 1;
  if (it->prefetch && !d.take("L2")) d.fail(".L2 is missing");
  take_spaces(d, *it);
  const bool im2col = d.take("im2col") || d.take("im2col_no_offs");
  d.take("tile");
  take_completion(d, *it);
  if (it->reduces) take_operation(d, *it);
  const bool multicast = d.take("multicast::cluster"), hint = d.take("L2::cache_hint");
  const bool load = it->to == Space::kShared;
  size_t at = 0;
  if (load && !it->prefetch) it->target = place_of(d, at++);
  const ptx::Operand& tensor = d.operand(at);
  it->map = place_of(d, at++);
  if (tensor.parts.size() != 2) d.fail("[map, {coordinates}] is expected");
  it->coordinates = vector_of(d, tensor.parts[1], parse_type("b32"));
  if (it->coordinates.size() != static_cast<size_t>(it->rank)) d.fail("a coordinate for each dimension is expected");
  if (!load) it->source = place_of(d, at++);
  if (load && !it->prefetch) it->bar = place_of(d, at++);
  if (im2col && load) it->offsets = vector_of(d, d.operand(at++), parse_type("b16"));
  if (im2col && !load) it->offsets.assign(static_cast<size_t>(it->rank - 2), d.constant(0, 2));
  if (multicast) it->blocks = d.source(at++, parse_type("b16"));
  d.expect_count(at + hint);
  d.in.run = run_tensor;
  d.extra().model = it;
  return true;
}

bool decode_rows(Decoder& d, std::shared_ptr<Bulk> it) {
  if (it->prefetch && !d.take("L2")) d.fail(".L2 is missing");
  take_spaces(d, *it);
  take_completion(d, *it);
  if (it->reduces) {
    take_operation(d, *it);
    it->reduction = reduction_or_fail(d, it->operation, d.take_type().name);
  }
  const bool multicast = d.take("multicast::cluster"), hint = d.take("L2::cache_hint");
  size_t at = 0;
  if (!it->prefetch) it->target = place_of(d, at++);
  it->source = place_of(d, at++);
  it->bytes = d.source(at++, parse_type("u32"));
  if (it->has_bar) it->bar = place_of(d, at++);
  if (multicast) it->blocks = d.source(at++, parse_type("b16"));
  d.expect_count(at + hint);
  d.in.run = run_rows;
  d.extra().model = it;
  return true;
}

bool decode_groups(Decoder& d) {
  if (d.take("commit_group")) {
    d.expect_count(0);
    d.in.run = run_commit;
    return true;
  }
  if (!d.take("wait_group")) return false;
  d.expect_count(1);
  d.in.option = d.take("read");
  d.in.immediate = d.immediate(0);
  d.in.run = run_wait;
  return true;
}

bool decode_store(Decoder& d) {
  auto it = std::make_shared<Store>();
  it->reduces = d.operation == "red";
  d.take_any({"weak", "relaxed", "release"});
  d.take("cluster");
  if (!d.take("shared::cluster")) d.fail("the target must be in shared::cluster");
  if (!d.take("mbarrier::complete_tx::bytes")) d.fail("mbarrier::complete_tx::bytes is missing");
  d.take_any({"v2", "v4"});
  Bulk operation;
  if (it->reduces) take_operation(d, operation);
  const Type type = d.take_type();
  it->bytes = type.bytes();
  if (it->reduces) it->reduction = reduction_or_fail(d, operation.operation, type.name);
  d.expect_count(3);
  it->target = place_of(d, 0);
  it->values = vector_of(d, d.operand(1), type);
  it->bar = place_of(d, 2);
  d.in.run = run_store;
  d.extra().model = it;
  return true;
}

}  // namespace
}  // namespace bulk

bool decode_bulk(Decoder& d) {
  const std::string_view all = d.mnemonic();
  if (all.starts_with("st.async.") || all.starts_with("red.async.")) return d.take("async") && bulk::decode_store(d);
  if (!all.starts_with("cp.async.bulk.") && !all.starts_with("cp.reduce.async.bulk.")) return false;
  auto it = std::make_shared<bulk::Bulk>();
  it->reduces = d.take("reduce");
  d.take("async");
  d.take("bulk");
  it->prefetch = d.take("prefetch");
  if (bulk::decode_groups(d)) return true;
  return d.take("tensor") ? bulk::decode_tensor(d, it) : bulk::decode_rows(d, it);
}

}  // namespace sinter::sim
