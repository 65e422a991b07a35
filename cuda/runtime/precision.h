// How products of f32 are computed. Place in the whole: lib/engine/cuda.ts sets it for the process (native/addon/cuda.cpp), product.cpp asks
// as it launches a kernel.
#pragma once
#include <atomic>

namespace sinter::cuda {

namespace detail {
inline std::atomic<bool> tf32_products{false};
}  // namespace detail

// Whether f32 may be rounded to tf32's 10 digits after the first for tensor cores; else f32 is computed as f32.
inline bool products_in_tf32() { return detail::tf32_products.load(std::memory_order_relaxed); }
inline void set_products_in_tf32(bool on) { detail::tf32_products.store(on, std::memory_order_relaxed); }

}  // namespace sinter::cuda
