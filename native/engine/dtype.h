// Element types. Place in the whole: known to every room of native/; the codes are those of lib/tensor/dtype.ts.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sinter {

enum class DType : uint8_t { f32 = 0, f64, bf16, f16, i32, i64, u8, i8, boolean, c64, c128 };
constexpr int kDTypes = 11;

// Storage-only element types: arithmetic on them is done in f32.
struct bf16 {
  uint16_t bits;
};
struct f16 {
  uint16_t bits;
};
struct c64 {
  float re, im;
};
struct c128 {
  double re, im;
};

inline __attribute__((always_inline)) constexpr size_t dtype_size(DType d) {
  constexpr size_t sizes[kDTypes] = {4, 8, 2, 2, 4, 8, 1, 1, 1, 8, 16};
  return sizes[static_cast<int>(d)];
}

inline __attribute__((always_inline)) constexpr const char* dtype_name(DType d) {
  constexpr const char* names[kDTypes] = {"f32", "f64", "bf16", "f16", "i32", "i64", "u8", "i8", "bool", "c64", "c128"};
  return names[static_cast<int>(d)];
}

inline __attribute__((always_inline)) constexpr bool is_floating(DType d) { return d <= DType::f16; }
inline __attribute__((always_inline)) constexpr bool is_complex(DType d) { return d >= DType::c64; }

}  // namespace sinter
