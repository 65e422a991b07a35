// The operations of cp.reduce.async.bulk(.tensor): memory = memory op operand, element by element. Place in the whole: the
// executor applies them when such an operation lands.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sinter::sim {

struct Reduction {
  enum class Op : uint8_t { kAdd, kMin, kMax, kInc, kDec, kAnd, kOr, kXor };
  enum class Type : uint8_t { kU32, kS32, kU64, kS64, kF16, kBF16, kF32, kF64 };
  Op op{};
  Type type{};
};

// "add", "min", ... and "u32", "b64", "bf16", ...; throws std::invalid_argument for what PTX does not have together.
Reduction parse_reduction(std::string_view op, std::string_view type);
// The same for the type of a tensor map (CUtensorMapDataType).
Reduction reduction_of_map(std::string_view op, int map_type);

int element_bytes(Reduction::Type type);
void reduce(Reduction reduction, void* memory, const void* operand, size_t bytes);

}  // namespace sinter::sim
