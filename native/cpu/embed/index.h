// Index operands: their types, and the check of their range. Place in the whole: shared by the embedding and indexing
// kernels.
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

// f(I{}) with the type of an index operand.
template <class F>
SINTER_INLINE void with_index(DType d, const char* op, F f) {
  if (d == DType::i64) return f(int64_t{});
  if (d == DType::i32) return f(int32_t{});
  fail(ErrorCode::unsupported, "%s: indices must be i64 or i32, not %s", op, dtype_name(d));
}

// f(B{}) with an integer of the element's size: for kernels that only move elements.
struct Bytes16 {
  uint64_t half[2];
};
template <class F>
SINTER_INLINE void with_bytes(DType d, F f) {
  switch (dtype_size(d)) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    case 8: return f(uint64_t{});
    default: return f(Bytes16{});
  }
}

// f(T{}) with the type of elements that can be added, bool excluded.
template <class F>
SINTER_INLINE void with_number(DType d, const char* op, F f) {
  switch (d) {
    case DType::f32: return f(float{});
    case DType::f64: return f(double{});
    case DType::bf16: return f(bf16{});
    case DType::f16: return f(f16{});
    case DType::i32: return f(int32_t{});
    case DType::i64: return f(int64_t{});
    case DType::u8: return f(uint8_t{});
    case DType::i8: return f(int8_t{});
    default: fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", op, dtype_name(d));
  }
}
template <class B>
void copy_elements(const B* from, B* to, int64_t n) {
  parallel_for(n, kRangeElements, [=](int64_t begin, int64_t end) {
    std::memcpy(to + begin, from + begin, static_cast<size_t>(end - begin) * sizeof(B));
  });
}

// The first position whose index is out of range, found by ranges on any thread and reported after them.
class FirstBad {
 public:
  void note(int64_t position) {
    int64_t seen = __atomic_load_n(&position_, __ATOMIC_RELAXED);
    while (position < seen &&
           !__atomic_compare_exchange_n(&position_, &seen, position, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
  }
  // "embedding: index 7 is out of range for 5 rows"
  template <class I>
  void check(const char* op, const I* indices, int64_t rows, const char* unit = "rows") const {
    if (position_ == INT64_MAX) return;
    fail(ErrorCode::index_out_of_range, "%s: index %lld is out of range for %lld %s", op,
         static_cast<long long>(indices[position_]), static_cast<long long>(rows), unit);
  }

 private:
  int64_t position_ = INT64_MAX;
};

SINTER_INLINE bool in_range(int64_t index, int64_t rows) {
  return static_cast<uint64_t>(index) < static_cast<uint64_t>(rows);
}

// Copies a run of elements, past the caches where the whole result is large, and asks for the run at `next` meanwhile: runs that
// indices choose lie anywhere, and each would begin by waiting for memory. The caller ends its range with end_streaming.
template <class B>
SINTER_INLINE void copy_run(const B* from, B* to, int64_t n, bool stream, const B* next) {
  if constexpr (sizeof(B) == 4) {
    if (stream) {
      const float* source = reinterpret_cast<const float*>(from);
      write_row(reinterpret_cast<float*>(to), n, true, [&](int64_t i, auto part) {
        __builtin_prefetch(next + i);
        return get(part, source + i);
      });
      return;
    }
  }
  for (int64_t i = 0; i < n; i += 64 / static_cast<int64_t>(sizeof(B))) __builtin_prefetch(next + i);
  std::memcpy(to, from, static_cast<size_t>(n) * sizeof(B));
}

}  // namespace sinter::cpu::SINTER_ISA
