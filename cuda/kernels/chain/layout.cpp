#include "cuda/kernels/chain/layout.h"

#include <algorithm>

namespace sinter::cuda {

namespace {

constexpr int64_t kMostElements = int64_t{1} << 30;
constexpr int kMostAtOnce = 8;

struct Operand {
  bool dense = true, single = true, steps = true;  // steps: rows begin at multiples of a pack
  int64_t stride = 0;
};

Operand look_at(const Walk& walk, int k, int elements) {
  Operand x;
  int64_t expected = 1;
  for (int d = walk.rank - 1; d >= 0; d--) {
    x.dense &= walk.strides[k][d] == expected;
    x.single &= walk.strides[k][d] == 0;
    if (d < walk.rank - 1) x.steps &= walk.strides[k][d] % elements == 0;
    expected *= walk.dims[d];
  }
  x.stride = walk.rank ? walk.strides[k][walk.rank - 1] : 0;
  return x;
}

// Whether operand k is read and written by whole packs.
bool in_packs(const Walk& walk, int k, int elements) {
  const Operand x = look_at(walk, k, elements);
  const bool aligned =
      reinterpret_cast<uintptr_t>(walk.data[k]) % static_cast<uintptr_t>(elements * walk.sizes[k]) == 0;
  const bool rows = walk.rank > 0 && walk.dims[walk.rank - 1] % elements == 0;
  return x.single || (x.dense && aligned) || (rows && (x.stride == 0 || (x.stride == 1 && x.steps && aligned)));
}

void set_ways(ChainLayout& layout) {
  for (int k = 0; k < layout.operands(); k++) {
    const Operand x = look_at(layout.walk, k, layout.elements);
    layout.ways[k] = x.single && layout.walk.rank > 0 ? Way::single
                     : x.dense                        ? Way::flat
                     : x.stride == 0                  ? Way::constant
                                                      : Way::rows;
  }
}

}  // namespace

bool layout_of(const Call& call, ChainLayout& layout) {
  if (call.nout + call.nin > kChainOperands || call.out[0].numel > kMostElements) return false;
  int widest = 1;
  const auto add = [&](const TensorRef& x) {
    if (is_complex(x.dtype)) return false;
    layout.dtypes[layout.walk.operands] = x.dtype;
    layout.walk.add(x);
    widest = std::max(widest, static_cast<int>(dtype_size(x.dtype)));
    return true;
  };
  layout.walk = Walk(call.out[0]);
  for (int r = 0; r < call.nout; r++)
    if (!add(call.out[r])) return false;
  for (int k = 0; k < call.nin; k++)
    if (!add(call.in[k])) return false;
  layout.walk.collapse();
  if (layout.walk.rank > kChainRank) return false;
  layout.elements = std::min(16 / widest, kMostAtOnce);
  for (int k = 0; k < layout.operands(); k++)
    if (!in_packs(layout.walk, k, layout.elements)) layout.elements = 1;
  set_ways(layout);
  return true;
}

ChainLayout one_by_one(const ChainLayout& layout) {
  ChainLayout result = layout;
  result.elements = 1;
  return result;
}

int word_of(const ChainLayout& layout, int operand) {
  int word = 1 + 2 * layout.walk.rank;
  for (int k = 0; k < operand; k++) word += has_strides(layout.ways[k]) ? 1 + layout.walk.rank : 1;
  return word;
}

ChainWords words_of(const ChainLayout& layout, int64_t begin, int64_t count) {
  const Walk& walk = layout.walk;
  ChainWords words{};
  words.at[0] = static_cast<uint64_t>(count);
  for (int d = 0; d < walk.rank; d++) {
    const Divisor divisor = divisor_of(static_cast<uint32_t>(walk.dims[walk.rank - 1 - d]));
    words.at[1 + 2 * d] = divisor.value | uint64_t{divisor.factor} << 32;
    words.at[2 + 2 * d] = divisor.shift;
  }
  for (int k = 0; k < layout.operands(); k++) {
    const int word = word_of(layout, k);
    // Only what lies at the index is begun later.
    const int64_t skipped = layout.ways[k] == Way::flat ? begin * walk.sizes[k] : 0;
    words.at[word] = reinterpret_cast<uint64_t>(walk.data[k] + skipped);
    for (int d = 0; d < walk.rank && has_strides(layout.ways[k]); d++)
      words.at[word + 1 + d] = static_cast<uint64_t>(walk.strides[k][walk.rank - 1 - d] * walk.sizes[k]);
  }
  return words;
}

}  // namespace sinter::cuda
