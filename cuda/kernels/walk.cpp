#include "cuda/kernels/walk.h"

#include <bit>

namespace sinter::cuda {

static_assert(kMaxViewRank == kMaxRank);

Walk::Walk(const TensorRef& shape) : rank(shape.rank) {
  for (int d = 0; d < rank; d++) dims[d] = shape.dims[d];
}

void Walk::add(const TensorRef& operand) {
  for (int d = 0; d < rank; d++) {
    const int from = d - rank + operand.rank;
    strides[operands][d] = from < 0 || operand.dims[from] == 1 ? 0 : operand.strides[from];
  }
  data[operands] = operand.as<char>();
  sizes[operands] = static_cast<int64_t>(dtype_size(operand.dtype));
  operands++;
}

void Walk::add_number() {
  for (int d = 0; d < rank; d++) strides[operands][d] = 0;
  data[operands] = nullptr;
  sizes[operands] = 0;
  operands++;
}

void Walk::collapse() {
  int kept = 0;
  for (int d = 0; d < rank; d++) {
    if (dims[d] == 1) continue;
    bool merge = kept > 0;
    for (int k = 0; k < operands && merge; k++) merge = strides[k][kept - 1] == strides[k][d] * dims[d];
    if (merge)
      dims[kept - 1] *= dims[d];
    else
      dims[kept++] = dims[d];
    for (int k = 0; k < operands; k++) strides[k][kept - 1] = strides[k][d];
  }
  rank = kept;
}

int64_t Walk::numel() const {
  int64_t n = 1;
  for (int d = 0; d < rank; d++) n *= dims[d];
  return n;
}

Walk Walk::without_outermost() const {
  Walk inner = *this;
  inner.rank--;
  for (int d = 0; d < inner.rank; d++) {
    inner.dims[d] = dims[d + 1];
    for (int k = 0; k < operands; k++) inner.strides[k][d] = strides[k][d + 1];
  }
  return inner;
}

Divisor divisor_of(uint32_t value) {
  const uint32_t shift = value <= 1 ? 0 : 32 - static_cast<uint32_t>(std::countl_zero(value - 1));
  const uint64_t factor = ((uint64_t{1} << 32) * ((uint64_t{1} << shift) - value)) / value + 1;
  return {value, static_cast<uint32_t>(factor), shift};
}

void Walk::fill(int elements, void** to_data, int64_t (*to_strides)[kMaxViewRank], uint32_t& to_numel, int32_t& to_rank,
                uint32_t& flat, uint32_t& packed, uint32_t& constant, Divisor* to_dims) const {
  to_numel = static_cast<uint32_t>(numel());
  to_rank = rank;
  flat = packed = constant = 0;
  for (int d = 0; d < rank; d++) to_dims[d] = divisor_of(static_cast<uint32_t>(dims[rank - 1 - d]));
  const int64_t inner = rank ? dims[rank - 1] : 1;
  for (int k = 0; k < operands; k++) {
    to_data[k] = data[k];
    bool dense = true, single = true, steps = true;  // steps: rows begin at multiples of the pack
    int64_t expected = 1;
    for (int d = rank - 1; d >= 0; d--) {
      to_strides[k][rank - 1 - d] = strides[k][d];
      dense &= strides[k][d] == expected;
      single &= strides[k][d] == 0;
      if (d < rank - 1) steps &= strides[k][d] % elements == 0;
      expected *= dims[d];
    }
    const int64_t stride = rank ? strides[k][rank - 1] : 0;
    const bool aligned =
        reinterpret_cast<uintptr_t>(data[k]) % static_cast<uintptr_t>(elements * (sizes[k] ? sizes[k] : 1)) == 0;
    const bool rows = inner % elements == 0;
    const uint32_t bit = 1u << k;
    if (!data[k] || dense) flat |= bit;
    if (!data[k] || (rank > 0 && stride == 0)) constant |= bit;
    if (!data[k] || (rank > 0 && single) || (dense && aligned) ||
        (rows && (stride == 0 || (stride == 1 && steps && aligned))))
      packed |= bit;
  }
}

}  // namespace sinter::cuda
