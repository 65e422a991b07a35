// What a source element does to the element that its index names, and the types in which that is computed. Place in the
// whole: shared by scatter.cpp and index_reduce.cpp. Half precision is combined in f32 and 8-bit integers in i32, in
// scratch, so that sums round once and few loops exist; integers wrap.
#pragma once
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {

enum class Mode : int { replace, sum, prod, mean, amax, amin };

template <class T>
using Wide = std::conditional_t<std::is_integral_v<T>, std::conditional_t<(sizeof(T) < 4), int32_t, T>, Compute<T>>;

template <class T>
void widen(const T* x, Wide<T>* y, int64_t n) {
  parallel_for(n, kRangeElements, [=](int64_t begin, int64_t end) {
    if constexpr (std::is_same_v<T, Wide<T>>)
      std::memcpy(y + begin, x + begin, static_cast<size_t>(end - begin) * sizeof(T));
    else if constexpr (std::is_integral_v<T>)
      for (int64_t i = begin; i < end; i++) y[i] = x[i];
    else
      each_step<T>(end - begin, [=](int64_t i, auto part) { put(part, y + begin + i, get(part, x + begin + i)); });
  });
}
template <class T>
void narrow(const Wide<T>* x, T* y, int64_t n) {
  parallel_for(n, kRangeElements, [=](int64_t begin, int64_t end) {
    if constexpr (std::is_integral_v<T>)
      for (int64_t i = begin; i < end; i++) y[i] = static_cast<T>(x[i]);
    else
      each_step<T>(end - begin, [=](int64_t i, auto part) { put(part, y + begin + i, get(part, x + begin + i)); });
  });
}

// f(y, src, T{}) with y holding x in the wide type (the result itself, or scratch that is converted afterwards) and src
// in the wide type.
template <class F>
SINTER_INLINE void in_wide_type(const char* op, const Call& c, F f) {
  const TensorRef &x = c.in[0], &src = c.in[2], &y = c.out[0];
  with_number(x.dtype, op, [&](auto t) {
    using T = decltype(t);
    using W = Wide<T>;
    if constexpr (std::is_same_v<T, W>) {
      widen<T>(x.as<T>(), y.as<T>(), x.numel);
      f(y.as<W>(), src.as<W>());
    } else {
      W *wide = c.scratch_of<W>(x.numel), *source = c.scratch_of<W>(src.numel);
      widen<T>(x.as<T>(), wide, x.numel);
      widen<T>(src.as<T>(), source, src.numel);
      f(wide, static_cast<const W*>(source));
      narrow<T>(wide, y.as<T>(), x.numel);
    }
  });
}

// f(combine, identity) with combine(a, b) for the mode; a NaN wins a maximum and a minimum.
template <class W, class F>
SINTER_INLINE void with_combine(Mode mode, F f) {
  constexpr bool whole = std::is_integral_v<W>;
  switch (mode) {
    case Mode::prod:
      return f(
          [](W a, W b) {
            if constexpr (whole)
              return static_cast<W>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
            else
              return a * b;
          },
          W(1));
    case Mode::amax:
      return f([](W a, W b) { return b > a || b != b ? b : a; },
               whole ? std::numeric_limits<W>::lowest() : -std::numeric_limits<W>::infinity());
    case Mode::amin:
      return f([](W a, W b) { return b < a || b != b ? b : a; },
               whole ? std::numeric_limits<W>::max() : std::numeric_limits<W>::infinity());
    default:
      return f(
          [](W a, W b) {
            if constexpr (whole)
              return static_cast<W>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
            else
              return a + b;
          },
          W(0));
  }
}

// sum / n; integers round down.
template <class W>
SINTER_INLINE W quotient(W sum, int32_t n) {
  if constexpr (std::is_integral_v<W>)
    return static_cast<W>(sum / n - (sum % n < 0 ? 1 : 0));
  else
    return sum / static_cast<W>(n);
}

// Sums become means, where something was added. `counts` has the number of sources of each element.
template <class W>
void divide_by_counts(W* y, const int32_t* counts, int64_t n, bool self) {
  parallel_for(n, kRangeElements, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      if (counts[i] > 0) y[i] = quotient(y[i], counts[i] + self);
  });
}

SINTER_INLINE int32_t* zero_counts(const Call& c, int64_t n) {
  int32_t* counts = c.scratch_of<int32_t>(n);
  std::memset(counts, 0, static_cast<size_t>(n) * sizeof(int32_t));
  return counts;
}

template <class I>
void check_range(const I* indices, int64_t n, int64_t limit, const char* op) {
  FirstBad bad;
  parallel_for(n, kRangeElements, [&](int64_t begin, int64_t end) {
    uint64_t outside = 0;
    for (int64_t i = begin; i < end; i++)
      outside |= static_cast<uint64_t>(static_cast<int64_t>(indices[i])) >= static_cast<uint64_t>(limit);
    for (int64_t i = begin; outside && i < end; i++)
      if (!in_range(indices[i], limit)) {
        bad.note(i);
        break;
      }
  });
  bad.check(op, indices, limit, "entries of the axis");
}
// The indices as i64, all of them in range: the operand itself, or a copy in scratch.
SINTER_INLINE const int64_t* checked_indices(const Call& c, const TensorRef& indices, int64_t limit, const char* op) {
  const int64_t n = indices.numel;
  if (indices.dtype == DType::i64) {
    check_range(indices.as<int64_t>(), n, limit, op);
    return indices.as<int64_t>();
  }
  if (indices.dtype != DType::i32)
    fail(ErrorCode::unsupported, "%s: indices must be i64 or i32, not %s", op, dtype_name(indices.dtype));
  const int32_t* narrow_indices = indices.as<int32_t>();
  check_range(narrow_indices, n, limit, op);
  int64_t* wide = c.scratch_of<int64_t>(n);
  parallel_for(n, kRangeElements, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) wide[i] = narrow_indices[i];
  });
  return wide;
}

template <class T>
SINTER_INLINE void fill_run(T* y, int64_t n, T value) {
  for (int64_t i = 0; i < n; i++) y[i] = value;
}

// Ranges of the axis that different threads own where nothing else divides the work: each reads all the indices and
// acts on its own. What happens to an element, and in which order, does not depend on the division.
SINTER_INLINE int64_t axis_parts(int64_t units, int64_t work) {
  return units >= pool_threads() || work < 4 * kRangeElements ? 1 : pool_threads();
}

}  // namespace sinter::cpu::SINTER_ISA
